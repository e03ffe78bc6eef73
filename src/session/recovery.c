/* recovery.c - what an earlier life has left. */
#include "session/session_internal.h"

enum {
    /* Questions about a write of an earlier life before the session goes on without its verdict.
     * The pauses between them add up to more than a receive window. */
    QUESTIONS_MIN = 6,
    /* How exactly an earlier life knew the clock is forgotten. */
    CLOCK_ERROR_MS = 1000,
};

uint64_t keel_numbers_take(struct keel_numbers *numbers)
{
    if (numbers->end != 0 && numbers->next == numbers->end) {
        numbers->end += KEEL_NUMBERS_BLOCK;
        numbers->extended = true;
    }
    return numbers->next++;
}

void keel_session_record_intent(struct keel_session *session, uint16_t place,
                                struct keel_effect *effect)
{
    struct keel_slot *slot = &session->requests.slots[place];
    const struct keel_market *market =
        keel_markets_get(session->markets, keel_command_market(&slot->command));
    struct keel_intent *intent = &session->record.intent;

    slot->intent = keel_numbers_take(session->numbers);
    session->record.kind = KEEL_RECORD_INTENT;
    intent->number = slot->intent;
    intent->time_ms = slot->sent_time_ms;
    intent->expires_ms = slot->expires_ms;
    memcpy(intent->symbol, market != NULL ? market->symbol : (char[KEEL_SYMBOL_SIZE]){""},
           sizeof(intent->symbol));
    intent->command = slot->command;
    session->held = *effect;
    effect->kind = KEEL_EFFECT_RECORD;
    effect->record = &session->record;
}

/* A start that failed, and was tried again, has taken it up already. */
static bool is_known(const struct keel_session *session, uint64_t intent)
{
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (slot->state != KEEL_REQUEST_FREE && slot->adopted && slot->intent == intent)
            return true;
    }
    return false;
}

void keel_session_keep_unknown(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];

    slot->adopted = true;
    slot->attempts = 0;
    session->recovers = true;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED, INT64_MAX);
}

enum keel_status keel_session_adopt(struct keel_session *session, const struct keel_intent *intent,
                                    struct keel_error *error)
{
    if (is_known(session, intent->number))
        return KEEL_OK;
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_CALLER, KEEL_URGENCY_WRITE,
                                       &intent->command);
    if (place == KEEL_REQUEST_NONE)
        return keel_fail(error, KEEL_FULL, "more than %d orders are unsettled", KEEL_REQUESTS_MAX);
    struct keel_slot *slot = &session->requests.slots[place];
    slot->intent = intent->number;
    slot->adopted = true;
    slot->sent_time_ms = intent->time_ms;
    slot->clock_error_ms = CLOCK_ERROR_MS;
    slot->expires_ms = intent->expires_ms;
    slot->overtaken =
        intent->overtaken || (intent->crossed && session->venue->sets_mode_with_leverage);
    slot->rivals = intent->rivals;
    /* Nothing is asked before the venue's clock is known. */
    keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED, INT64_MAX);
    return KEEL_OK;
}

static bool is_adopted(const struct keel_slot *slot)
{
    return slot->adopted &&
           (slot->state == KEEL_REQUEST_UNSETTLED || slot->state == KEEL_REQUEST_ASKING);
}

void keel_session_begin_recovery(struct keel_session *session)
{
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (is_adopted(slot) && slot->state == KEEL_REQUEST_UNSETTLED && slot->due_ns == INT64_MAX)
            keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED, session->now_ns);
    }
}

bool keel_session_is_recovering(const struct keel_session *session)
{
    if (!session->recovers)
        return false;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (is_adopted(slot) && slot->attempts < QUESTIONS_MIN)
            return true;
    }
    return false;
}
