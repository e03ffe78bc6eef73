/* Requests and streams over TLS, against a certificate made for the test. */
#include "net/net.h"
#include "raw_server.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* A burst is more than a turn's bytes, and ends in the middle of what TLS has decrypted by then. */
enum { BURST = 93, BURST_SIZE = 400, BURST_FIRST_WRITE = 5000 };

static atomic_bool burst_sent;

static SSL_CTX *tls;
static char ca_file[] = "/tmp/keel-test-ca-XXXXXX";

struct fixture {
    uv_loop_t loop;
    struct keel_net *net;
    int answers;
    struct keel_transport transport;
    char body[256];
    int opened, messages, out_of_order, closed;
    char reason[128];
};

static void on_transport(void *user, uint64_t id, const struct keel_transport *transport)
{
    struct fixture *fixture = user;
    (void)id;
    fixture->answers++;
    fixture->transport = *transport;
    (void)keel_str_copy(transport->reply.body, fixture->body, sizeof(fixture->body));
}

static void on_stream_opened(void *user, uint32_t number)
{
    (void)number;
    ((struct fixture *)user)->opened++;
    while (!burst_sent) /* so that all of it is there when the reading begins */
        usleep(1000);
}

static void on_stream_message(void *user, uint32_t number, keel_str bytes)
{
    struct fixture *fixture = user;
    (void)number;
    char digits[8] = "";
    memcpy(digits, bytes.data, 4);
    fixture->out_of_order += bytes.size != BURST_SIZE || atoi(digits) != fixture->messages;
    fixture->messages++;
}

static void on_stream_alive(void *user, uint32_t number)
{
    (void)user, (void)number;
}

static void on_stream_closed(void *user, uint32_t number, const char *reason)
{
    struct fixture *fixture = user;
    (void)number;
    fixture->closed++;
    snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
}

static void set_up(struct fixture *fixture, const char *host, int port, bool trusting)
{
    static const struct keel_venue venue = {.name = "test"};
    char url[64];
    memset(fixture, 0, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    struct keel_net_config config = {
        .loop = &fixture->loop,
        .ca_file = trusting ? ca_file : NULL,
        .handlers = {.user = fixture,
                     .on_transport = on_transport,
                     .on_stream_opened = on_stream_opened,
                     .on_stream_message = on_stream_message,
                     .on_stream_alive = on_stream_alive,
                     .on_stream_closed = on_stream_closed},
    };
    snprintf(url, sizeof(url), "https://%s:%d", host, port);
    assert_int_equal(keel_net_place(&venue, false, url, &config, NULL), KEEL_OK);
    fixture->net = keel_net_new(&config, NULL);
    assert_non_null(fixture->net);
}

static void tear_down(struct fixture *fixture)
{
    keel_net_free(fixture->net);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void send_order(struct fixture *fixture)
{
    static const struct keel_request order = {.method = KEEL_HTTP_POST,
                                              .path = "/fapi/v1/order",
                                              .body_size = 14,
                                              .body = "symbol=BTCUSDT"};
    struct keel_effect effect = {
        .kind = KEEL_EFFECT_REQUEST, .request = {.id = 1, .request = &order, .timeout_ms = 5000}
    };
    int before = fixture->answers;
    keel_net_perform(fixture->net, &effect);
    while (fixture->answers == before)
        uv_run(&fixture->loop, UV_RUN_ONCE);
}

static void open_stream(struct fixture *fixture)
{
    static const struct keel_stream_request request = {.path = "/private/ws?listenKey=x"};
    struct keel_effect effect = {
        .kind = KEEL_EFFECT_OPEN_STREAM,
        .stream = {.number = 1, .kind = KEEL_STREAM_USER, .request = &request}
    };
    keel_net_perform(fixture->net, &effect);
}

/* The server's side. */

static SSL *accept_tls(struct raw_connection *connection)
{
    SSL *ssl = SSL_new(tls);
    SSL_set_fd(ssl, connection->fd);
    if (SSL_accept(ssl) == 1)
        return ssl;
    SSL_free(ssl);
    return NULL;
}

static bool read_request(struct raw_connection *connection, SSL *ssl, char text[RAW_REQUEST_SIZE])
{
    size_t size = 0;
    while (size < RAW_REQUEST_SIZE - 1 && SSL_read(ssl, text + size, 1) == 1) {
        text[++size] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        bool with_body = strncmp(text, "POST", 4) == 0;
        if (end && strlen(end + 4) == (with_body ? strlen("symbol=BTCUSDT") : 0)) {
            atomic_fetch_add(&connection->server->requests, 1);
            return true;
        }
    }
    return false;
}

static void write_text(SSL *ssl, const char *text)
{
    SSL_write(ssl, text, (int)strlen(text));
}

static void serve_orders(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    SSL *ssl = accept_tls(connection);
    while (ssl && read_request(connection, ssl, text))
        write_text(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"a\":12}");
    SSL_free(ssl);
}

/* Answers the first request and dies over each second one of a connection. */
static void serve_one_order(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE];
    SSL *ssl = accept_tls(connection);
    if (ssl && read_request(connection, ssl, text)) {
        write_text(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"a\":12}");
        read_request(connection, ssl, text);
    }
    SSL_free(ssl);
}

static size_t put_frame(char *at, int number)
{
    at[0] = (char)0x81;
    at[1] = 126;
    at[2] = (char)(BURST_SIZE >> 8);
    at[3] = (char)(BURST_SIZE & 0xff);
    memset(at + 4, 'x', BURST_SIZE);
    snprintf(at + 4, 5, "%04d", number);
    return 4 + BURST_SIZE;
}

static void serve_burst(struct raw_connection *connection)
{
    char text[RAW_REQUEST_SIZE], accept[64];
    static char burst[BURST * (BURST_SIZE + 8)];
    unsigned char digest[SHA_DIGEST_LENGTH];
    SSL *ssl = accept_tls(connection);
    if (!ssl || !read_request(connection, ssl, text))
        return;
    int size = snprintf(burst, sizeof(burst), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                        strstr(text, "Sec-WebSocket-Key: ") + 19);
    SHA1((unsigned char *)burst, (size_t)size, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
    size = snprintf(burst, sizeof(burst),
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                    accept);
    SSL_write(ssl, burst, size);
    size = 0;
    for (int number = 0; number < BURST; number++)
        size += (int)put_frame(burst + size, number);
    SSL_write(ssl, burst, BURST_FIRST_WRITE);
    SSL_write(ssl, burst + BURST_FIRST_WRITE, size - BURST_FIRST_WRITE);
    atomic_store(&burst_sent, true);
    char last;
    SSL_read(ssl, &last, 1);
    SSL_free(ssl);
}

static void a_request_over_tls_is_verified_and_answered(void **state)
{
    (void)state;
    struct raw_server server;
    struct fixture fixture;
    raw_server_start(&server, serve_orders, NULL);
    set_up(&fixture, "127.0.0.1", server.port, true);
    send_order(&fixture);
    send_order(&fixture);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    assert_string_equal(fixture.body, "{\"a\":12}");
    assert_int_equal(server.requests, 2);
    assert_int_equal(server.connection_count, 1);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void a_certificate_that_proves_nothing_gets_no_byte_of_a_request(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool trusting;
    } cases[] = {
        {"127.0.0.1", false}, /* signed by nobody whom we trust */
        {"localhost", true }, /* made for another name */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct raw_server server;
        struct fixture fixture;
        raw_server_start(&server, serve_orders, NULL);
        set_up(&fixture, cases[i].host, server.port, cases[i].trusting);
        send_order(&fixture);
        assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_NOT_SENT);
        assert_non_null(strcasestr(fixture.transport.reason, "certificate"));
        open_stream(&fixture);
        while (fixture.closed == 0)
            uv_run(&fixture.loop, UV_RUN_ONCE);
        assert_int_equal(fixture.opened, 0);
        assert_int_equal(server.requests, 0);
        tear_down(&fixture);
        raw_server_stop(&server);
    }
}

static void a_kept_tls_connection_that_dies_does_not_repeat_an_order(void **state)
{
    (void)state;
    struct raw_server server;
    struct fixture fixture;
    raw_server_start(&server, serve_one_order, NULL);
    set_up(&fixture, "127.0.0.1", server.port, true);
    send_order(&fixture);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_REPLIED);
    send_order(&fixture);
    assert_int_equal(fixture.transport.kind, KEEL_TRANSPORT_LOST);
    assert_int_equal(server.requests, 2);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void what_tls_holds_back_from_the_socket_is_read_too(void **state)
{
    (void)state;
    struct raw_server server;
    struct fixture fixture;
    raw_server_start(&server, serve_burst, NULL);
    set_up(&fixture, "127.0.0.1", server.port, true);
    open_stream(&fixture);
    while (fixture.messages < BURST && fixture.closed == 0)
        uv_run(&fixture.loop, UV_RUN_ONCE);
    assert_int_equal(fixture.messages, BURST);
    assert_int_equal(fixture.out_of_order, 0);
    assert_int_equal(fixture.closed, 0);
    tear_down(&fixture);
    raw_server_stop(&server);
}

static void one_url_stands_for_all_hosts_and_excludes_the_demo(void **state)
{
    (void)state;
    static const struct keel_venue venue = {
        .name = "test",
        .live = {.rest = "https://rest.test",
                 .stream = {"wss://user.test", "wss://market.test", "wss://book.test",
                            "wss://orders.test"}},
        .demo = { .rest = "https://demo.test",
                 .stream = {"wss://demo1.test", "wss://demo2.test", "wss://demo3.test",
                            "wss://demo4.test"},
                 .stream_path = "/demo/ws"},
    };
    struct keel_net_config config = {0};
    struct keel_error error;
    assert_int_equal(keel_net_place(&venue, false, NULL, &config, &error), KEEL_OK);
    assert_string_equal(config.rest.host, "rest.test");
    assert_string_equal(config.stream[KEEL_STREAM_USER].host, "user.test");
    assert_null(config.stream_path);
    assert_int_equal(keel_net_place(&venue, true, NULL, &config, &error), KEEL_OK);
    assert_string_equal(config.rest.host, "demo.test");
    assert_string_equal(config.stream[KEEL_STREAM_MARKET].host, "demo2.test");
    assert_string_equal(config.stream_path, "/demo/ws");
    assert_int_equal(keel_net_place(&venue, false, "ws://here:8/p", &config, &error), KEEL_OK);
    assert_string_equal(config.rest.host, "here");
    assert_string_equal(config.stream[KEEL_STREAM_MARKET].prefix, "/p");
    assert_null(config.stream_path);
    assert_int_equal(keel_net_place(&venue, true, "ws://here", &config, &error), KEEL_CONFIG);
    assert_int_equal(keel_net_place(&venue, false, "here", &config, &error), KEEL_CONFIG);
}

static void make_certificate(X509 *certificate, EVP_PKEY *key)
{
    X509V3_CTX context;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"keel test", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
}

static int make_server_identity(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *certificate = X509_new();
    make_certificate(certificate, key);
    tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(tls, certificate);
    SSL_CTX_use_PrivateKey(tls, key);
    FILE *file = fdopen(mkstemp(ca_file), "w");
    PEM_write_X509(file, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return fclose(file);
}

static int forget_server_identity(void **state)
{
    (void)state;
    SSL_CTX_free(tls);
    return unlink(ca_file);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* the server's writes, which OpenSSL makes without MSG_NOSIGNAL */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_over_tls_is_verified_and_answered),
        cmocka_unit_test(a_certificate_that_proves_nothing_gets_no_byte_of_a_request),
        cmocka_unit_test(a_kept_tls_connection_that_dies_does_not_repeat_an_order),
        cmocka_unit_test(what_tls_holds_back_from_the_socket_is_read_too),
        cmocka_unit_test(one_url_stands_for_all_hosts_and_excludes_the_demo),
    };
    return cmocka_run_group_tests(tests, make_server_identity, forget_server_identity);
}
