/* auth.h - who is calling, and may he: key, timestamp, signature, in this order.
 *
 * Pure. The signature is checked over the bytes that came, never over something that was decoded
 * and encoded again. Rules: docs of the venue, "SIGNED (TRADE and USER_DATA) Endpoint Security". */
#ifndef PAPER_BINANCE_AUTH_H
#define PAPER_BINANCE_AUTH_H

#include "paper/binance/binance.h"

enum {
    BINANCE_RECV_WINDOW_MS = 5000,
    BINANCE_RECV_WINDOW_MAX_MS = 60000,
    BINANCE_AHEAD_MAX_MS = 1000, /* a timestamp is less than so far ahead of the clock */
};

/* Sets call->account; NULL, and a refusal, if the key is not one of ours. */
const struct paper_key *binance_check_key(struct binance_call *call, keel_str api_key);

/* Of a query and a form body: the payload is the one right after the other. */
void binance_check_signed_form(struct binance_call *call, const struct paper_key *key,
                               keel_str query, keel_str body);

/* Of the parameters of a WebSocket request: sorted by name, joined by '&'. */
void binance_check_signed_params(struct binance_call *call, const struct paper_key *key);

/* The signatures by themselves. A form has its own last, in the query or in the body; what is
 * written while a request is checked goes to the scratch. */
bool binance_form_is_signed(const struct paper_key *key, keel_str query, keel_str body);
bool binance_params_are_signed(const struct paper_key *key, const struct binance_params *params,
                               keel_str signature, char *scratch, size_t scratch_size);

#endif
