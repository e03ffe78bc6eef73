#include "net/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *prefix;
    bool secure;
} schemes[] = {
    {"http://",  false},
    {"https://", true },
    {"ws://",    false},
    {"wss://",   true },
};

static bool parse_scheme(keel_str *text, bool *secure)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t size = strlen(schemes[i].prefix);
        if (text->size < size || strncasecmp(text->data, schemes[i].prefix, size) != 0)
            continue;
        *text = (keel_str){text->data + size, text->size - size};
        *secure = schemes[i].secure;
        return true;
    }
    return false;
}

/* Neither the host nor the prefix may hold what would end a request line or begin a query. */
static bool has_foreign_characters(keel_str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("@?#\\\"<>^`{|}", c))
            return true;
    }
    return false;
}

static bool parse_port(keel_str text, uint16_t *port)
{
    uint32_t value = 0;
    if (text.size == 0 || text.size > 5)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* Where the host ends: at the colon of a port, which inside brackets is part of the address. */
static size_t host_size(keel_str authority)
{
    const char *begin = authority.data;
    if (authority.size > 0 && begin[0] == '[') {
        const char *end = memchr(begin, ']', authority.size);
        return end ? (size_t)(end - begin) + 1 : 0;
    }
    const char *colon = memchr(begin, ':', authority.size);
    return colon ? (size_t)(colon - begin) : authority.size;
}

static bool parse_authority(keel_str authority, struct keel_url *url)
{
    size_t size = host_size(authority);
    if (size == 0 || !keel_str_copy((keel_str){authority.data, size}, url->host, sizeof(url->host)))
        return false;

    url->port = url->secure ? 443 : 80;
    if (size == authority.size)
        return true;
    keel_str port = {authority.data + size + 1, authority.size - size - 1};
    return authority.data[size] == ':' && parse_port(port, &url->port);
}

static bool parse_parts(keel_str text, struct keel_url *url)
{
    if (!parse_scheme(&text, &url->secure) || has_foreign_characters(text))
        return false;

    const char *slash = memchr(text.data, '/', text.size);
    size_t authority_size = slash ? (size_t)(slash - text.data) : text.size;
    keel_str prefix = {text.data + authority_size, text.size - authority_size};
    while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
        prefix.size--;
    return parse_authority((keel_str){text.data, authority_size}, url) &&
           keel_str_copy(prefix, url->prefix, sizeof(url->prefix));
}

enum keel_status keel_url_parse(keel_str text, struct keel_url *url, struct keel_error *error)
{
    struct keel_url parsed = {0};
    if (!parse_parts(text, &parsed))
        return keel_fail(error, KEEL_CONFIG,
                         "\"%.*s\" is not a base URL: http, https, ws or wss, a host, a port and a "
                         "path at most",
                         (int)(text.size < 100 ? text.size : 100), text.data);
    *url = parsed;
    return KEEL_OK;
}

void keel_url_format_authority(const struct keel_url *url, char buffer[KEEL_URL_AUTHORITY_SIZE])
{
    if (url->port == (url->secure ? 443 : 80))
        snprintf(buffer, KEEL_URL_AUTHORITY_SIZE, "%s", url->host);
    else
        snprintf(buffer, KEEL_URL_AUTHORITY_SIZE, "%s:%u", url->host, url->port);
}

void keel_url_format_origin(const struct keel_url *url, char buffer[KEEL_URL_ORIGIN_SIZE])
{
    char authority[KEEL_URL_AUTHORITY_SIZE];
    keel_url_format_authority(url, authority);
    snprintf(buffer, KEEL_URL_ORIGIN_SIZE, "%s://%s%s", url->secure ? "https" : "http", authority,
             url->prefix);
}

bool keel_url_is_loopback(const struct keel_url *url)
{
    return strcasecmp(url->host, "localhost") == 0 || strcmp(url->host, "[::1]") == 0 ||
           strncmp(url->host, "127.", 4) == 0;
}
