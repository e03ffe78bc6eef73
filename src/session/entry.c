/* entry.c - orders on a stream of their own. */
#include "session/session_internal.h"

#include <stdio.h>

bool keel_session_enters(const struct keel_session *session, const struct keel_slot *slot)
{
    return session->enters_by_stream && slot->purpose == KEEL_FOR_CALLER &&
           keel_command_is_write(slot->command.kind) &&
           keel_stream_is_up(&session->streams.at[KEEL_STREAM_ORDERS]);
}

void keel_session_enter(struct keel_session *session, uint16_t place, struct keel_effect *effect)
{
    struct keel_slot *slot = &session->requests.slots[place];

    slot->stream = session->streams.at[KEEL_STREAM_ORDERS].number;
    slot->due_ns = session->now_ns + session->request_timeout_ms * KEEL_MS_NS;
    if (slot->due_ns < session->entry_due_ns)
        session->entry_due_ns = slot->due_ns;
    effect->kind = KEEL_EFFECT_SEND_FRAME;
    effect->frame.id = keel_requests_id(&session->requests, place);
    effect->frame.number = slot->stream;
    effect->frame.frame = &session->entries[place];
}

bool keel_session_read_answer(struct keel_session *session, keel_str bytes)
{
    struct keel_answer answer;

    if (!session->venue->read_answer(bytes, &answer))
        return false;
    keel_governor_observe(&session->governor, answer.usage, answer.usage_count,
                          keel_session_venue_time_ms(session));
    uint16_t place = keel_requests_find(&session->requests, answer.id);
    if (place == KEEL_REQUEST_NONE || session->requests.slots[place].stream == 0) {
        session->unexpected++; /* said twice, or too late */
        return true;
    }
    if (answer.receipt) {
        session->requests.slots[place].received = true;
        return true;
    }
    const struct keel_transport transport = {.kind = KEEL_TRANSPORT_REPLIED, .reply = answer.reply};
    keel_session_end_request(session, place, &transport);
    return true;
}

void keel_session_cut_entries(struct keel_session *session, uint32_t stream, const char *reason)
{
    if (!session->enters_by_stream || stream == 0)
        return;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        struct keel_slot *slot = &session->requests.slots[place];
        if (slot->state != KEEL_REQUEST_IN_FLIGHT || slot->stream != stream)
            continue;
        slot->cut = reason;
        session->has_cut = true;
    }
}

void keel_session_cut_overdue(struct keel_session *session)
{
    if (session->now_ns < session->entry_due_ns)
        return;
    session->entry_due_ns = INT64_MAX;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        struct keel_slot *slot = &session->requests.slots[place];
        if (slot->state != KEEL_REQUEST_IN_FLIGHT || slot->stream == 0)
            continue;
        if (slot->due_ns <= session->now_ns) {
            slot->cut = "timed out";
            session->has_cut = true;
        } else if (slot->due_ns < session->entry_due_ns) {
            session->entry_due_ns = slot->due_ns;
        }
    }
}

bool keel_session_end_cut(struct keel_session *session)
{
    if (!session->has_cut)
        return false;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        struct keel_transport transport = {.kind = KEEL_TRANSPORT_LOST};
        if (slot->state != KEEL_REQUEST_IN_FLIGHT || slot->cut == NULL)
            continue;
        snprintf(transport.reason, sizeof(transport.reason), "%s%s",
                 slot->received ? "the venue has it, and then: " : "", slot->cut);
        keel_session_end_request(session, place, &transport);
        return true;
    }
    session->has_cut = false;
    return false;
}
