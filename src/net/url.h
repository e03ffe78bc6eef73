/* url.h - the base URL of a venue's host: "https://fapi.binance.com", "ws://127.0.0.1:8080/venue".
 *
 * Pure. One base URL serves requests in its http form and streams in its ws form: http and ws are
 * one scheme here, https and wss another. */
#ifndef KEEL_URL_H
#define KEEL_URL_H

#include "keel/error.h"
#include "keel/str.h"

enum {
    KEEL_URL_HOST_SIZE = 256,
    KEEL_URL_PREFIX_SIZE = 256,
    KEEL_URL_AUTHORITY_SIZE = KEEL_URL_HOST_SIZE + 8,
    KEEL_URL_ORIGIN_SIZE = KEEL_URL_AUTHORITY_SIZE + KEEL_URL_PREFIX_SIZE + 8,
};

struct keel_url {
    bool secure; /* https, wss */
    uint16_t port;
    char host[KEEL_URL_HOST_SIZE];     /* as it stands in a URL: IPv6 in its brackets */
    char prefix[KEEL_URL_PREFIX_SIZE]; /* stands before every path; "" or "/x", no slash at its end
                                        */
};

/* KEEL_CONFIG for what cannot be a base: another scheme, a user, a query, a fragment, a control
 * character, a host or prefix too long. */
KEEL_MUST_USE enum keel_status keel_url_parse(keel_str text, struct keel_url *url,
                                              struct keel_error *error);

/* "host" or "host:port", as the Host header has it: a scheme's own port is left out. */
void keel_url_format_authority(const struct keel_url *url, char buffer[KEEL_URL_AUTHORITY_SIZE]);

/* "https://host:port/prefix": what a path is appended to. */
void keel_url_format_origin(const struct keel_url *url, char buffer[KEEL_URL_ORIGIN_SIZE]);

/* True for this machine itself. Its traffic never goes through a proxy. */
bool keel_url_is_loopback(const struct keel_url *url);

#endif
