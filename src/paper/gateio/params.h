/* params.h - the parameters of one call: of a query, of a JSON object, or of both.
 *
 * Pure. Values are text whatever they were: clients write numbers as strings and the reverse. What
 * stands in the query and in the body counts as the query has it; names that nobody asks for are
 * ignored. */
#ifndef PAPER_GATEIO_PARAMS_H
#define PAPER_GATEIO_PARAMS_H

#include "base/json.h"

enum {
    GATEIO_PARAMS_MAX = 64,
};

struct gateio_param {
    keel_str name;
    keel_str value; /* a string's bytes; a number, true or false as written; an object raw */
};

struct gateio_params {
    struct gateio_param at[GATEIO_PARAMS_MAX];
    int count;
};

/* a=1&b=2, percent-decoded into the arena; '+' stays what it is. False: a bad escape, a name that
 * comes twice, or no room. */
bool gateio_params_add_query(struct gateio_params *params, keel_str query,
                             struct keel_arena *arena);

/* The members of a JSON object; null is absent. False: it is none, a name comes twice, or no
 * room. */
bool gateio_params_add_object(struct gateio_params *params, keel_str json,
                              struct keel_arena *arena);

/* NULL if it is absent. */
const keel_str *gateio_params_find(const struct gateio_params *params, const char *name);

/* Percent-decodes; false: a bad escape, or no memory. */
bool gateio_percent_decode(keel_str text, struct keel_arena *arena, keel_str *decoded);

#endif
