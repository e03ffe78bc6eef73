/* loads.c - what makes the account ready. */
#include "session/backoff.h"
#include "session/session_internal.h"

#include <string.h>

enum {
    LOADS_AT_ONCE = 32,
};

static const char *load_name(enum keel_command_kind kind)
{
    const char *name = keel_command_kind_name(kind);

    return strncmp(name, "load_", 5) == 0 ? name + 5 : name;
}

static bool is_of_one_market(const struct keel_command *command)
{
    return command->kind == KEEL_LOAD_FEES || command->kind == KEEL_LOAD_ORDERS ||
           command->kind == KEEL_LOAD_EXECUTIONS;
}

void keel_session_append_failure(struct keel_session *session, const char *name, const char *symbol,
                                 const struct keel_error *error)
{
    keel_failures_add(&session->failed, name, symbol, error);
    keel_failures_sum(&session->failed, &session->failure);
}

void keel_session_append_load_failure(struct keel_session *session, const struct keel_slot *slot,
                                      const struct keel_error *error)
{
    const struct keel_market *market = NULL;

    if (is_of_one_market(&slot->command))
        market = keel_markets_get(session->markets, slot->command.page.market);
    keel_session_append_failure(session, load_name(slot->command.kind),
                                market != NULL ? market->symbol : "", error);
}

bool keel_session_add_load(struct keel_session *session, const struct keel_command *command)
{
    uint16_t place =
        keel_requests_add(&session->requests, KEEL_FOR_LOAD, KEEL_URGENCY_LOAD, command);

    if (place == KEEL_REQUEST_NONE)
        return false;
    session->requests.slots[place].cycle = session->cycle;
    session->outstanding++;
    return true;
}

/* A load of one market has the market at the head of its parameters, whichever they are. */
static bool add_market_load(struct keel_session *session, enum keel_command_kind kind,
                            keel_market_id market)
{
    struct keel_command command = {.kind = kind};

    if (kind == KEEL_LOAD_ORDERS || kind == KEEL_LOAD_EXECUTIONS || kind == KEEL_LOAD_INCOME)
        command.page.market = market;
    else
        command.market = market;
    return keel_session_add_load(session, &command);
}

static bool is_loadable(const struct keel_session *session, const struct keel_load *load)
{
    return (load->is_public || session->has_credentials) && load->command != KEEL_LOAD_TIME &&
           load->command != KEEL_LOAD_MARKETS;
}

static bool is_end_of_loads(const struct keel_session *session, int32_t index)
{
    return index == KEEL_LOADS_MAX || session->venue->loads[index].command == KEEL_COMMAND_NONE;
}

/* Time, and the markets unless the caller had them: all that needs no signature. */
void keel_session_issue_clock_loads(struct keel_session *session)
{
    for (; !is_end_of_loads(session, session->load_next); session->load_next++) {
        enum keel_command_kind kind = session->venue->loads[session->load_next].command;
        bool due = kind == KEEL_LOAD_TIME ||
                   (kind == KEEL_LOAD_MARKETS && (session->load_markets || session->markets_due));
        if (due && !keel_session_add_load(session, &(struct keel_command){.kind = kind}))
            return;
    }
}

static void issue_account_loads(struct keel_session *session)
{
    for (; !is_end_of_loads(session, session->load_next); session->load_next++) {
        const struct keel_load *load = &session->venue->loads[session->load_next];
        if (session->outstanding >= LOADS_AT_ONCE)
            return;
        if (!load->per_market && is_loadable(session, load) &&
            !keel_session_add_load(session, &(struct keel_command){.kind = load->command}))
            return;
    }
}

static int32_t count_market_loads(const struct keel_session *session)
{
    int32_t count = 0;

    for (int32_t i = 0; !is_end_of_loads(session, i); i++) {
        const struct keel_load *load = &session->venue->loads[i];
        count += load->per_market && is_loadable(session, load) ? 1 : 0;
    }
    return count;
}

/* After the others, which tell of markets that nobody named. A market's loads go out together. */
void keel_session_issue_market_loads(struct keel_session *session)
{
    if (session->market_next == session->active_count)
        return;
    int32_t each = count_market_loads(session);
    for (; session->market_next < session->active_count; session->market_next++) {
        if (session->outstanding + each > LOADS_AT_ONCE)
            return;
        for (int32_t i = 0; !is_end_of_loads(session, i); i++) {
            const struct keel_load *load = &session->venue->loads[i];
            if (load->per_market && is_loadable(session, load) &&
                !add_market_load(session, load->command, session->active[session->market_next]))
                return;
        }
    }
}

void keel_session_issue_loads(struct keel_session *session)
{
    issue_account_loads(session);
    if (is_end_of_loads(session, session->load_next) &&
        (session->outstanding == 0 || session->market_next > 0))
        keel_session_issue_market_loads(session);
}

void keel_session_refuse_load(struct keel_session *session, const struct keel_slot *slot)
{
    keel_session_append_load_failure(session, slot, &session->outcome.error);
    session->failures++;
}

/* The loads of a reload were refused: what the venue says no to now it may grant later. */
void keel_session_pause_cycle(struct keel_session *session)
{
    struct keel_error failure = session->failure;

    keel_session_warn(session, &failure);
    keel_session_begin_cycle(session, KEEL_PHASE_PAUSE);
    session->pause_due_ns =
        session->now_ns + keel_backoff_ns(session->cycle_failures++, &session->random);
}

/* True if all loads of the phase are in; one that failed ends the start or pauses the reload. */
bool keel_session_are_loads_in(struct keel_session *session)
{
    if (session->outstanding > 0)
        return false;
    if (session->failures == 0)
        return true;
    if (session->state == KEEL_SESSION_LOADING) {
        keel_session_fail_start(session);
    } else {
        keel_session_pause_cycle(session);
    }
    return false;
}

static bool is_lacked(const struct keel_session *session, keel_str symbol)
{
    for (int32_t i = 0; i < session->lacked_count && i < KEEL_SESSION_LACKED_MAX; i++) {
        if (keel_str_equals(keel_str_from(session->lacked[i]), symbol))
            return true;
    }
    return false;
}

/* Remembered, so that one the venue does not list is not looked for again; of very many the oldest
 * are forgotten. */
static void note_lacked(struct keel_session *session, keel_str symbol)
{
    int32_t at = session->lacked_count++ % KEEL_SESSION_LACKED_MAX;

    if (!keel_str_copy(symbol, session->lacked[at], KEEL_SYMBOL_SIZE))
        session->lacked[at][0] = '\0';
}

bool keel_session_lacks_market(struct keel_session *session)
{
    for (int32_t i = 0; i < session->events.count; i++) {
        const struct keel_event *event = &session->events.at[i];
        if (event->kind != KEEL_EVENT_UNKNOWN || event->unknown.kind != KEEL_UNKNOWN_MARKET ||
            is_lacked(session, event->unknown.word))
            continue;
        if (!session->markets_fresh)
            return true;
        note_lacked(session, event->unknown.word);
    }
    return false;
}

void keel_session_lack_market(struct keel_session *session)
{
    session->markets_due = true;
    keel_session_reload(session, "a market that is not known was named");
}
