#include "exchange/calls.h"

enum {
    NO_CALL = KEEL_CALLS_MAX,
};

void keel_calls_init(struct keel_calls *calls)
{
    memset(calls, 0, sizeof(*calls));
    calls->free = NO_CALL;
    for (int i = KEEL_CALLS_MAX - 1; i >= 0; i--) {
        calls->at[i].next = calls->free;
        calls->free = (uint16_t)i;
    }
}

struct keel_call *keel_calls_take(struct keel_calls *calls, enum keel_call_kind kind,
                                  keel_on_result on_result, void *user)
{
    if (calls->free == NO_CALL)
        return NULL;

    struct keel_call *call = &calls->at[calls->free];
    calls->free = call->next;
    calls->count++;
    call->kind = kind;
    call->turn++;
    call->local = false;
    call->both = false;
    call->parts = 1;
    call->worst = KEEL_ACCEPTED;
    call->on_result = on_result;
    call->user = user;
    call->error.status = KEEL_OK;
    call->error.venue_code = 0;
    call->error.message[0] = '\0';
    return call;
}

void keel_calls_release(struct keel_calls *calls, struct keel_call *call)
{
    KEEL_ASSERT(call->kind != KEEL_CALL_FREE);
    call->kind = KEEL_CALL_FREE;
    call->next = calls->free;
    calls->free = (uint16_t)(call - calls->at);
    calls->count--;
}

uint64_t keel_calls_token(const struct keel_calls *calls, const struct keel_call *call)
{
    return (uint64_t)call->turn * KEEL_CALLS_MAX + (uint64_t)(call - calls->at);
}

struct keel_call *keel_calls_find(struct keel_calls *calls, uint64_t token)
{
    struct keel_call *call = &calls->at[token % KEEL_CALLS_MAX];

    return call->kind != KEEL_CALL_FREE && call->turn == token / KEEL_CALLS_MAX ? call : NULL;
}

enum keel_fate keel_fate_worse(enum keel_fate a, enum keel_fate b)
{
    /* The order of the words is the order of how much is left to fear. */
    return a > b ? a : b;
}
