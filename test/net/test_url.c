#include "net/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void a_base_url_is_split_and_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *text, *origin, *authority;
        bool loopback;
    } cases[] = {
        {"https://fapi.binance.com",     "https://fapi.binance.com",     "fapi.binance.com",    false},
        {"wss://fstream.binance.com/",   "https://fstream.binance.com",  "fstream.binance.com", false},
        {"ws://127.0.0.1:43121",         "http://127.0.0.1:43121",       "127.0.0.1:43121",     true },
        {"HTTP://localhost:80/a/b/",     "http://localhost/a/b",         "localhost",           true },
        {"https://venue.example:8443/p", "https://venue.example:8443/p", "venue.example:8443",
         false                                                                                       },
        {"http://[::1]:9000",            "http://[::1]:9000",            "[::1]:9000",          true },
        {"http://[2001:db8::1]",         "http://[2001:db8::1]",         "[2001:db8::1]",       false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_url url;
        char origin[KEEL_URL_ORIGIN_SIZE], authority[KEEL_URL_AUTHORITY_SIZE];
        assert_int_equal(keel_url_parse(keel_str_from(cases[i].text), &url, NULL), KEEL_OK);
        keel_url_format_origin(&url, origin);
        keel_url_format_authority(&url, authority);
        assert_string_equal(origin, cases[i].origin);
        assert_string_equal(authority, cases[i].authority);
        assert_int_equal(keel_url_is_loopback(&url), cases[i].loopback);
    }
}

static void what_cannot_be_a_base_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "fapi.binance.com",
        "ftp://fapi.binance.com",
        "http://",
        "http:///path",
        "http://:80",
        "http://host:",
        "http://host:0",
        "http://host:65536",
        "http://host:8a",
        "http://user@host",
        "http://host?x=1",
        "http://host/#x",
        "http://host/a b",
        "http://host\r\nX: y",
        "http://[::1",
        "http://[::1]x",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct keel_url url = {.port = 77};
        struct keel_error error;
        assert_int_equal(keel_url_parse(keel_str_from(texts[i]), &url, &error), KEEL_CONFIG);
        assert_int_equal(url.port, 77);
        assert_non_null(strstr(error.message, "is not a base URL"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_base_url_is_split_and_put_together),
        cmocka_unit_test(what_cannot_be_a_base_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
