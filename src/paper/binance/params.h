/* params.h - the parameters of one call: of a query, a form body or a JSON object.
 *
 * Pure. Values are decoded into an arena; the raw reader is for what must be known before the
 * signature has been verified, and decodes nothing. */
#ifndef PAPER_BINANCE_PARAMS_H
#define PAPER_BINANCE_PARAMS_H

#include "base/arena.h"
#include "base/json.h"

enum {
    BINANCE_PARAMS_MAX = 64,
};

struct binance_param {
    keel_str name, value;
};

struct binance_params {
    struct binance_param at[BINANCE_PARAMS_MAX];
    int count;
};

enum binance_params_mistake {
    BINANCE_PARAMS_FINE,
    BINANCE_PARAMS_TOO_MANY,
    BINANCE_PARAMS_DUPLICATE,
    BINANCE_PARAMS_MALFORMED, /* not JSON, or an escape that is none */
};

/* Adds the parameters of a query or of a form. A name that is already there from another part keeps
 * its first value (the query wins over the body); twice within one part is a mistake. */
enum binance_params_mistake binance_params_add_form(struct binance_params *params, keel_str text,
                                                    struct keel_arena *arena);

/* Reads a JSON object: strings, numbers and booleans as they are written, arrays and objects as
 * their JSON text; null is left out. */
enum binance_params_mistake binance_params_read_object(struct binance_params *params,
                                                       struct keel_json *json,
                                                       struct keel_arena *arena);

/* NULL if there is none of that name. */
const keel_str *binance_params_find(const struct binance_params *params, const char *name);

/* The value as it stands between '&'s, undecoded. False if there is none. */
bool binance_raw_param(keel_str text, const char *name, keel_str *value);

#endif
