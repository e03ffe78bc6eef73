/* calls.h - what callers wait for: a fixed pool of commands and plans without an answer.
 *
 * Pure; no allocation; one owner. A call is answered exactly once. Its token goes with its commands
 * through the session; a token of a call that is over finds nothing. */
#ifndef KEEL_EXCHANGE_CALLS_H
#define KEEL_EXCHANGE_CALLS_H

#include "keel/private.h"

enum {
    KEEL_CALLS_MAX = 512, /* KEEL_FULL */
};

enum keel_call_kind {
    KEEL_CALL_FREE,
    KEEL_CALL_COMMAND,    /* one command, one answer */
    KEEL_CALL_CANCEL_ALL, /* both families: the worse fate of the two */
    KEEL_CALL_GET_ORDER,  /* what is known here, then one family, then the other */
    KEEL_CALL_MISSING,    /* ours: an order that a snapshot did not mention */
    KEEL_CALL_AUDIT,      /* ours: part of a comparison with the books */
    KEEL_CALL_GLANCE,     /* ours: part of a look whether the stream tells all */
    KEEL_CALL_CLOSE,      /* one order of a closing plan */
};

struct keel_call {
    enum keel_call_kind kind;
    uint16_t next;
    uint32_t turn;
    bool local; /* GET_ORDER: nothing was asked yet */
    bool both;  /* GET_ORDER: the other family is still to be asked */
    int32_t parts;
    enum keel_fate worst;
    keel_on_result on_result; /* may be NULL */
    void *user;
    int32_t plan; /* CLOSE: which, and which of its orders */
    int32_t part;
    struct keel_order_ref order; /* GET_ORDER, MISSING */
    struct keel_error error;     /* of the worst part */
};

struct keel_calls {
    struct keel_call at[KEEL_CALLS_MAX];
    uint16_t free;
    int32_t count;
    int32_t local_count; /* to be answered by the next tick */
};

void keel_calls_init(struct keel_calls *calls);

/* NULL when all are taken. */
struct keel_call *keel_calls_take(struct keel_calls *calls, enum keel_call_kind kind,
                                  keel_on_result on_result, void *user);
void keel_calls_release(struct keel_calls *calls, struct keel_call *call);

uint64_t keel_calls_token(const struct keel_calls *calls, const struct keel_call *call);
struct keel_call *keel_calls_find(struct keel_calls *calls, uint64_t token);

/* The worse of two fates: accepted, rejected, failed, unknown. */
enum keel_fate keel_fate_worse(enum keel_fate a, enum keel_fate b);

#endif
