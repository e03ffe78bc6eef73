/* fates.c - what became of the writes without a verdict. */
#include "session/backoff.h"
#include "session/session_internal.h"

#include <stdio.h>

#define WALLET_PAUSE_NS (INT64_C(15) * KEEL_SECOND_NS)

static const struct keel_error no_error;

struct keel_doubt keel_session_unsettled(const struct keel_session *session, uint16_t place)
{
    const struct keel_slot *slot = &session->requests.slots[place];

    return (struct keel_doubt){
        .venue = session->venue,
        .write = &slot->command,
        .order_id = slot->order_id,
        .sent_time_ms = slot->sent_time_ms,
        .clock_error_ms = slot->clock_error_ms,
        .overtaken = slot->overtaken,
        .rivals = slot->rivals,
    };
}

/* Ours, as late as the venue may still execute it, by its own clock. */
static bool is_past(const struct keel_session *session, int64_t sent_time_ms, int64_t time_ms)
{
    return time_ms > sent_time_ms + session->receive_window_ms + 2 * session->clock_error_ms;
}

bool keel_session_is_proof(const struct keel_session *session, uint16_t about, int64_t time_ms)
{
    const struct keel_slot *slot = &session->requests.slots[about];
    struct keel_doubt unsettled = keel_session_unsettled(session, about);

    return is_past(session, slot->sent_time_ms, time_ms) && time_ms > slot->expires_ms &&
           !keel_settle_is_outlived(&unsettled, time_ms);
}

/* Rare: only while something is unsettled. */
void keel_session_see_orders(struct keel_session *session)
{
    const int32_t *counts = session->requests.counts;

    if (counts[KEEL_REQUEST_UNSETTLED] + counts[KEEL_REQUEST_ASKING] == 0)
        return;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        struct keel_slot *slot = &session->requests.slots[place];
        bool waits = slot->state == KEEL_REQUEST_UNSETTLED || slot->state == KEEL_REQUEST_ASKING;
        if (!waits || slot->seen || slot->command.kind != KEEL_PLACE_ORDER ||
            !keel_settle_shows(&slot->command, &session->events, slot->order_id))
            continue;
        slot->seen = true;
        session->has_seen = true;
    }
}

void keel_session_leave_unsettled(struct keel_session *session, uint16_t place)
{
    struct keel_slot *slot = &session->requests.slots[place];
    int64_t pause_ns = keel_backoff_ns(slot->attempts++, &session->random);

    /* There are venues that give ten looks at the lists of a wallet a minute, and what a list lacks
     * proves nothing before it has had time. */
    bool lags = keel_settle_lag_ms(session->venue, slot->command.kind) > 0;
    if (lags && slot->attempts > 1 && pause_ns < WALLET_PAUSE_NS)
        pause_ns = WALLET_PAUSE_NS;
    keel_requests_move(&session->requests, place, KEEL_REQUEST_UNSETTLED,
                       session->now_ns + pause_ns);
}

static bool ask(struct keel_session *session, uint16_t about, enum keel_evidence evidence,
                const struct keel_command *question)
{
    uint16_t place =
        keel_requests_add(&session->requests, KEEL_FOR_FATE, KEEL_URGENCY_QUERY, question);

    if (place == KEEL_REQUEST_NONE)
        return false;
    session->requests.slots[place].about = about;
    session->requests.slots[place].evidence = evidence;
    keel_requests_move(&session->requests, about, KEEL_REQUEST_ASKING, INT64_MAX);
    return true;
}

bool keel_session_ask_fate(struct keel_session *session, uint16_t about,
                           enum keel_evidence evidence)
{
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    struct keel_command question;

    keel_settle_ask(&unsettled, evidence, &question);
    if (evidence == KEEL_EVIDENCE_ITSELF)
        session->requests.slots[about].looked = 0;
    return ask(session, about, evidence, &question);
}

/* Says what was looked at: whoever hears that an order failed may want to place it again. */
static void tell_absence(const struct keel_slot *slot, enum keel_fate fate,
                         struct keel_error *error)
{
    static const char *const places[KEEL_EVIDENCES] = {
        [KEEL_EVIDENCE_ITSELF] = "by its id",
        [KEEL_EVIDENCE_OPEN] = "among the open orders",
        [KEEL_EVIDENCE_ORDERS] = "in the order history",
        [KEEL_EVIDENCE_EXECUTIONS] = "in the executions",
        [KEEL_EVIDENCE_CHANGES] = "in the order's amendments",
    };
    char looked[112] = "";
    size_t size = 0;

    for (int at = KEEL_EVIDENCE_ITSELF; at < KEEL_EVIDENCES; at++) {
        if ((slot->looked & 1 << at) != 0 && size < sizeof(looked))
            size += (size_t)snprintf(looked + size, sizeof(looked) - size, "%s%s",
                                     size == 0 ? ": not found " : ", nor ", places[at]);
    }
    keel_fail(error, fate == KEEL_FATE_FAILED ? KEEL_FAILED : KEEL_REJECTED,
              "%s: the venue shows that it did not happen%s",
              keel_command_kind_name(slot->command.kind), looked);
}

static void tell_loss(const struct keel_slot *slot, struct keel_error *error)
{
    bool overtaken = slot->overtaken || slot->rivals > 0;
    const char *why = slot->command.kind == KEEL_PLACE_ORDER
                          ? "it rests nowhere and was never filled, and the venue tells of such "
                            "orders no more"
                      : overtaken ? "overtaken by another change"
                                  : "what it changed has changed for other reasons, too";

    keel_fail(error, KEEL_UNKNOWN, "%s: %s; its effect cannot be told",
              keel_command_kind_name(slot->command.kind), why);
}

static void report_settled(struct keel_session *session, uint16_t place, enum keel_fate fate)
{
    struct keel_slot *slot = &session->requests.slots[place];

    slot->error = no_error;
    if (fate == KEEL_FATE_UNKNOWN)
        tell_loss(slot, &slot->error);
    else if (fate != KEEL_ACCEPTED)
        tell_absence(slot, fate, &slot->error);
    session->reported = place;
    keel_session_report_reply(session, place, KEEL_REPORT_SETTLED, fate, &slot->error);
}

bool keel_session_settle_seen(struct keel_session *session)
{
    if (!session->has_seen)
        return false;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        const struct keel_slot *slot = &session->requests.slots[place];
        if (!slot->seen || slot->state != KEEL_REQUEST_UNSETTLED)
            continue;
        keel_session_clear_events(session);
        session->outcome.not_found = false;
        report_settled(session, place, KEEL_ACCEPTED);
        return true;
    }
    session->has_seen = false;
    return false;
}

/* It is not where it was looked for: on with the rest of that list, or with the next place. NONE
 * while there is one; when it was nowhere, that is the verdict, and UNKNOWN the last word. */
static enum keel_fate look_further(struct keel_session *session, const struct keel_slot *question,
                                   uint16_t about, bool *lost)
{
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    struct keel_command rest;

    if (keel_settle_next_page(&unsettled, &question->command, &session->events, &rest))
        return ask(session, about, question->evidence, &rest) ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
    session->requests.slots[about].looked |= (uint8_t)(1 << question->evidence);
    enum keel_evidence next = keel_settle_next(&unsettled, &question->command, question->evidence,
                                               question->sent_time_ms);
    if (next == KEEL_EVIDENCE_NONE) {
        enum keel_fate fate = keel_settle_absent(&unsettled, question->sent_time_ms);
        *lost = fate == KEEL_FATE_UNKNOWN;
        return fate;
    }
    return keel_session_ask_fate(session, about, next) ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
}

void keel_session_end_question(struct keel_session *session, uint16_t place, bool again)
{
    struct keel_slot question = session->requests.slots[place];
    uint16_t about = question.about;
    const struct keel_slot *slot = &session->requests.slots[about];
    struct keel_doubt unsettled = keel_session_unsettled(session, about);
    bool proof = keel_session_compare(session, about, &unsettled) && question.proof;
    enum keel_fate fate = KEEL_FATE_UNKNOWN;

    if (!again)
        fate = keel_settle_judge(&unsettled, &question.command, &session->outcome, &session->events,
                                 proof);
    /* What was seen is there, whatever one endpoint says of it now. */
    if (slot->seen && fate != KEEL_FATE_REJECTED)
        fate = KEEL_ACCEPTED;
    keel_requests_release(&session->requests, place);
    bool lost = !again && fate != KEEL_FATE_NONE &&
                keel_settle_is_lost(&unsettled, &session->outcome, proof);
    if (fate == KEEL_FATE_NONE)
        fate = look_further(session, &question, about, &lost);
    bool open = fate == KEEL_FATE_NONE || (fate == KEEL_FATE_UNKNOWN && !lost);
    if (!open) {
        report_settled(session, about, fate);
        return;
    }
    if (fate == KEEL_FATE_UNKNOWN)
        keel_session_leave_unsettled(session, about);
    /* A list that lacks this one may show others. */
    if (session->outcome.fate == KEEL_ACCEPTED)
        keel_session_report_reply(session, about, KEEL_REPORT_EVENTS, KEEL_ACCEPTED, &no_error);
}
