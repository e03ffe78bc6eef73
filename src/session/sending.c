/* sending.c - what leaves, and in which order. */
#include "session/session_internal.h"

#include <string.h>

static bool is_order(const struct keel_command *command)
{
    return command->kind == KEEL_PLACE_ORDER || command->kind == KEEL_AMEND_ORDER;
}

static enum keel_status encode_frame(struct keel_session *session, uint16_t place, int64_t time_ms)
{
    struct keel_slot *slot = &session->requests.slots[place];

    return session->venue->encode_frame(&slot->command, session->markets, session->modes,
                                        session->keys, time_ms, session->receive_window_ms,
                                        keel_requests_id(&session->requests, place),
                                        &session->entries[place], &slot->error);
}

static enum keel_status encode(struct keel_session *session, struct keel_slot *slot,
                               struct keel_request *request, int64_t time_ms)
{
    const struct keel_venue *venue = session->venue;
    enum keel_status status =
        venue->encode(&slot->command, session->markets, session->modes, session->keys, time_ms,
                      session->receive_window_ms, request, &slot->error);

    if (status != KEEL_UNSUPPORTED || slot->evidence != KEEL_EVIDENCE_ITSELF ||
        slot->command.kind != KEEL_QUERY_ORDER)
        return status;
    /* An order that cannot be asked for by our id is looked for among the open ones. Of anything
     * else no list of orders tells. */
    struct keel_doubt unsettled = keel_session_unsettled(session, slot->about);
    slot->evidence = KEEL_EVIDENCE_OPEN;
    keel_settle_ask(&unsettled, slot->evidence, &slot->command);
    return venue->encode(&slot->command, session->markets, session->modes, session->keys, time_ms,
                         session->receive_window_ms, request, &slot->error);
}

/* It cannot be put into bytes: no one will answer it. */
static void give_up(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];

    if (slot->purpose == KEEL_FOR_FATE) {
        uint16_t about = slot->about;
        keel_requests_release(&session->requests, place);
        keel_session_leave_unsettled(session, about);
        return;
    }
    slot->fate = KEEL_FATE_FAILED;
    session->has_ended = true;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_ENDED, INT64_MAX);
}

/* Signed in the moment in which it leaves: a timestamp taken when it was queued would age. */
static bool send(struct keel_session *session, uint16_t place, struct keel_effect *effect)
{
    struct keel_slot *slot = &session->requests.slots[place];
    struct keel_request *request = &session->requests.bytes[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    bool enters = keel_session_enters(session, slot);
    enum keel_status status = KEEL_UNSUPPORTED;

    if (enters)
        status = encode_frame(session, place, time_ms);
    enters = status != KEEL_UNSUPPORTED;
    if (!enters)
        status = encode(session, slot, request, time_ms);
    if (status != KEEL_OK) {
        give_up(session, place);
        return false;
    }
    slot->sent_ns = session->now_ns;
    slot->sent_wall_ms = session->wall_ms;
    slot->sent_time_ms = time_ms;
    slot->clock_error_ms = session->clock_error_ms;
    slot->expires_ms = time_ms + session->receive_window_ms + 2 * session->clock_error_ms +
                       keel_settle_lag_ms(session->venue, slot->command.kind);
    if (slot->purpose == KEEL_FOR_FATE)
        slot->proof = keel_session_is_proof(session, slot->about, time_ms);
    keel_session_note_alike(session, place);
    keel_requests_start(&session->requests, place);
    if (enters) {
        const struct keel_frame *frame = &session->entries[place];
        keel_governor_charge(&session->governor, frame->weight, frame->order_count, time_ms);
        keel_session_enter(session, place, effect);
    } else {
        keel_governor_charge(&session->governor, request->weight, request->order_count, time_ms);
        effect->kind = KEEL_EFFECT_REQUEST;
        effect->request.id = keel_requests_id(&session->requests, place);
        effect->request.request = request;
        effect->request.timeout_ms = session->request_timeout_ms;
    }
    if (session->numbers != NULL && keel_command_is_write(slot->command.kind))
        keel_session_record_intent(session, place, effect);
    return true;
}

/* The loads that come first need no signature. */
static bool bears_timestamp(const struct keel_command *command)
{
    return command->kind != KEEL_LOAD_TIME && command->kind != KEEL_LOAD_MARKETS;
}

static bool may_leave(struct keel_session *session, uint16_t place)
{
    const struct keel_slot *slot = &session->requests.slots[place];
    int64_t time_ms = keel_session_venue_time_ms(session);
    int64_t retry_at_ms;

    if (session->requests.counts[KEEL_REQUEST_IN_FLIGHT] >= KEEL_IN_FLIGHT_MAX)
        return false;
    /* Held until the venue's time is known: it would be refused, or worse, be taken late. */
    if (session->clock_jumped && bears_timestamp(&slot->command))
        return false;
    if (keel_governor_allows(&session->governor, slot->urgency, is_order(&slot->command), time_ms,
                             &retry_at_ms))
        return true;
    int64_t retry_ns = session->now_ns + (retry_at_ms - time_ms) * KEEL_MS_NS;
    if (session->blocked_until_ns == 0 || retry_ns < session->blocked_until_ns)
        session->blocked_until_ns = retry_ns;
    return false;
}

/* An order that still waits may not be overtaken by what is about it. */
static bool follows_queued(const struct keel_session *session, const struct keel_slot *slot)
{
    const struct keel_order_ref *ref =
        slot->command.kind == KEEL_AMEND_ORDER ? &slot->command.amend.order : &slot->command.order;

    if (slot->command.kind != KEEL_AMEND_ORDER && slot->command.kind != KEEL_CANCEL_ORDER)
        return false;
    for (int urgency = KEEL_URGENCY_WRITE; urgency <= KEEL_URGENCY_ENTRY; urgency++) {
        uint16_t at = keel_requests_first(&session->requests, (enum keel_urgency)urgency);
        for (; at != KEEL_REQUEST_NONE; at = keel_requests_after(&session->requests, at)) {
            const struct keel_slot *other = &session->requests.slots[at];
            if (other->command.kind == KEEL_PLACE_ORDER && other->sequence < slot->sequence &&
                other->command.place.market == ref->market &&
                strcmp(other->command.place.client_id, ref->client_id) == 0)
                return true;
        }
    }
    return false;
}

/* Of one queue. Orders keep their order; behind one that its limit holds back, cancels go on. */
static uint16_t first_to_leave(struct keel_session *session, enum keel_urgency urgency)
{
    uint16_t place = keel_requests_first(&session->requests, urgency);
    bool held = false;

    for (; place != KEEL_REQUEST_NONE; place = keel_requests_after(&session->requests, place)) {
        const struct keel_slot *slot = &session->requests.slots[place];
        bool order = is_order(&slot->command);
        bool follows = follows_queued(session, slot);
        if (!(held && order) && !follows && may_leave(session, place))
            return place;
        if (!order && !follows)
            break; /* what holds it back holds back all behind it */
        held = held || order;
    }
    return KEEL_REQUEST_NONE;
}

/* Commands leave in the order in which they came, but none waits behind an entry that may not. */
static uint16_t next_to_leave(struct keel_session *session)
{
    const struct keel_slot *slots = session->requests.slots;
    uint16_t write = keel_requests_first(&session->requests, KEEL_URGENCY_WRITE);
    uint16_t entry = keel_requests_first(&session->requests, KEEL_URGENCY_ENTRY);
    bool both = write != KEEL_REQUEST_NONE && entry != KEEL_REQUEST_NONE;

    if (both && slots[entry].sequence < slots[write].sequence && may_leave(session, entry))
        return entry;
    for (int urgency = 0; urgency < KEEL_URGENCIES; urgency++) {
        uint16_t place = first_to_leave(session, (enum keel_urgency)urgency);
        if (place != KEEL_REQUEST_NONE)
            return place;
    }
    return KEEL_REQUEST_NONE;
}

bool keel_session_next_effect(struct keel_session *session, struct keel_effect *effect)
{
    if (session->held.kind != KEEL_EFFECT_NONE) {
        *effect = session->held;
        session->held.kind = KEEL_EFFECT_NONE;
        return true;
    }
    session->blocked_until_ns = 0;
    if (keel_session_next_stream_effect(session, effect))
        return true;
    if (!keel_session_is_running(session))
        return false;
    uint16_t place;
    while ((place = next_to_leave(session)) != KEEL_REQUEST_NONE) {
        if (send(session, place, effect))
            return true;
    }
    return false;
}
