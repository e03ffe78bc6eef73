/* rivals.c - writes of ours that change the same thing. */
#include "session/session_internal.h"

enum {
    CLOCK_ERROR_MS = 1000, /* as the next life will suppose, should this one end */
};

/* It left, and its fate is not known for good. */
static bool is_open(const struct keel_slot *slot)
{
    return keel_command_is_write(slot->command.kind) &&
           (slot->state == KEEL_REQUEST_IN_FLIGHT || slot->state == KEEL_REQUEST_UNSETTLED ||
            slot->state == KEEL_REQUEST_ASKING);
}

/* May the one have changed what the other changes, and after it? */
static bool may_hide(const struct keel_venue *venue, const struct keel_slot *one,
                     const struct keel_slot *other)
{
    return one->expires_ms > other->sent_time_ms &&
           keel_settle_concern_same(venue, &one->command, &other->command);
}

static void note_move(struct keel_session *session, const struct keel_slot *accepted)
{
    session->moves[session->move_count++ % KEEL_SESSION_MOVES_MAX] = (struct keel_session_move){
        .transfer = accepted->command.transfer,
        .time_ms = keel_session_venue_time_ms(session),
    };
}

void keel_session_note_alike(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t from_ms = slot->sent_time_ms - 2 * (slot->clock_error_ms + CLOCK_ERROR_MS);

    if (slot->command.kind != KEEL_TRANSFER)
        return;
    for (int32_t i = 0; i < session->move_count && i < KEEL_SESSION_MOVES_MAX; i++) {
        const struct keel_session_move *move = &session->moves[i];
        struct keel_command other = {.kind = KEEL_TRANSFER, .transfer = move->transfer};
        if (move->time_ms >= from_ms && keel_settle_want_same(&other, &slot->command))
            slot->rivals++;
    }
}

void keel_session_note_accepted(struct keel_session *session, uint16_t place)
{
    const struct keel_slot *accepted = &session->requests.slots[place];

    if (accepted->command.kind == KEEL_TRANSFER)
        note_move(session, accepted);
    if (!keel_command_is_write(accepted->command.kind) || session->requests.writes <= 1)
        return;
    for (uint16_t at = 0; at < (uint16_t)KEEL_REQUESTS_MAX; at++) {
        struct keel_slot *slot = &session->requests.slots[at];
        if (at == place || !is_open(slot) || !may_hide(session->venue, accepted, slot))
            continue;
        if (keel_settle_want_same(&accepted->command, &slot->command))
            slot->rivals++;
        else
            slot->overtaken = true;
    }
}

bool keel_session_compare(const struct keel_session *session, uint16_t about,
                          struct keel_doubt *unsettled)
{
    const struct keel_slot *slot = &session->requests.slots[about];
    bool settled = true;

    for (uint16_t at = 0; at < (uint16_t)KEEL_REQUESTS_MAX; at++) {
        const struct keel_slot *other = &session->requests.slots[at];
        if (at == about || !is_open(other) || !may_hide(session->venue, other, slot))
            continue;
        settled = settled && other->state != KEEL_REQUEST_IN_FLIGHT;
        if (keel_settle_want_same(&other->command, &slot->command))
            unsettled->rivals++;
        else if (keel_settle_is_fulfilled(&other->command, &session->events))
            unsettled->overtaken = true;
    }
    return settled;
}
