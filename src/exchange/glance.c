#include "exchange/glance.h"

#include "exchange/private_internal.h"
#include "session/backoff.h"

#include <stdlib.h>

#define PAUSE_NS  (INT64_C(5) * 1000 * 1000 * 1000)
#define BUSY_NS   (INT64_C(5) * 1000 * 1000 * 1000) /* something else goes first */
#define ALARM_MAX 4 /* doublings of the rest: a quarter of an hour */

enum keel_status keel_glance_init(struct keel_glance *glance, int64_t period_ms, uint64_t seed)
{
    *glance = (struct keel_glance){.period_ms = period_ms, .random = seed};
    glance->found = calloc(2, sizeof(*glance->found));
    return glance->found != NULL ? KEEL_OK : KEEL_FULL;
}

void keel_glance_deinit(struct keel_glance *glance)
{
    free(glance->found);
    glance->found = NULL;
}

/* Between nine and eleven tenths of the period, so that many clients do not look together. */
static void rest(struct keel_private *exchange)
{
    struct keel_glance *glance = &exchange->audit.glance;
    int64_t period_ms = glance->period_ms << glance->alarms;
    uint64_t spread = (uint64_t)period_ms / 5;
    int64_t jitter_ms =
        spread > 0 ? (int64_t)(keel_random_next(&glance->random) % spread) - (int64_t)spread / 2
                   : 0;

    glance->step = KEEL_GLANCE_RESTING;
    glance->turn++;
    glance->outstanding = 0;
    glance->due_ns = exchange->now_ns + (period_ms + jitter_ms) * INT64_C(1000000);
}

void keel_glance_begin(struct keel_private *exchange, int64_t since_ms)
{
    exchange->audit.glance.agreed_ms = since_ms;
    rest(exchange);
}

void keel_glance_end(struct keel_private *exchange)
{
    rest(exchange);
}

static bool ask(struct keel_private *exchange, enum keel_command_kind kind)
{
    struct keel_call *call = keel_calls_take(&exchange->calls, KEEL_CALL_GLANCE, NULL, NULL);
    const struct keel_command command = {.kind = kind};
    struct keel_error error;

    if (call == NULL)
        return false;
    call->plan = exchange->audit.glance.turn;
    if (keel_session_read(exchange->session, &command, keel_calls_token(&exchange->calls, call),
                          &error) == KEEL_OK)
        return true;
    keel_calls_release(&exchange->calls, call);
    return false;
}

static void look(struct keel_private *exchange, enum keel_glance_step step)
{
    static const enum keel_command_kind kinds[] = {KEEL_LOAD_BALANCES, KEEL_LOAD_POSITIONS,
                                                   KEEL_LOAD_OPEN_ORDERS,
                                                   KEEL_LOAD_CONDITIONAL_ORDERS};
    struct keel_glance *glance = &exchange->audit.glance;

    glance->step = step;
    glance->turn++;
    glance->outstanding = 0;
    glance->refused = false;
    glance->asked_ms = keel_session_venue_time_ms(exchange->session);
    glance->found[step == KEEL_GLANCE_LOOKING ? 0 : 1].count = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!keel_audit_is_loaded(exchange, kinds[i]))
            continue;
        if (ask(exchange, kinds[i]))
            glance->outstanding++;
        else
            glance->refused = true;
    }
    if (glance->outstanding == 0)
        rest(exchange);
}

static void agree(struct keel_private *exchange)
{
    struct keel_glance *glance = &exchange->audit.glance;

    glance->agreed_ms = glance->asked_ms;
    glance->alarms = 0;
    rest(exchange);
}

/* Executions and incomes are listed by the reload and reported there, and what is left of balances
 * and positions by the comparison after it; of orders nothing else tells. */
static void distrust(struct keel_private *exchange)
{
    struct keel_glance *glance = &exchange->audit.glance;
    const struct keel_discrepancies *found = &glance->found[1];

    if (glance->alarms < ALARM_MAX)
        glance->alarms++;
    for (int32_t i = 0; i < found->count; i++) {
        if (found->at[i].difference.kind == KEEL_DIFFERENCE_ORDER)
            keel_private_report_difference(exchange, &found->at[i].difference);
    }
    rest(exchange);
    keel_session_distrust(exchange->session, "the user stream does not tell what the venue states");
}

static void judge(struct keel_private *exchange)
{
    struct keel_glance *glance = &exchange->audit.glance;
    bool again = glance->step == KEEL_GLANCE_LOOKING_AGAIN;
    struct keel_discrepancies *found = &glance->found[again ? 1 : 0];

    if (glance->refused) {
        rest(exchange);
        return;
    }
    if (found->count == 0) {
        agree(exchange);
        return;
    }
    if (!again) {
        glance->step = KEEL_GLANCE_PAUSED;
        glance->due_ns = exchange->now_ns + PAUSE_NS;
        return;
    }
    keel_discrepancies_confirm(found, &glance->found[0]);
    if (found->count > 0)
        distrust(exchange);
    else
        rest(exchange); /* the stream has told of what was missing: it lives */
}

void keel_glance_on_reply(struct keel_private *exchange, const struct keel_report *report,
                          int32_t turn)
{
    struct keel_glance *glance = &exchange->audit.glance;
    bool again = glance->step == KEEL_GLANCE_LOOKING_AGAIN;

    if (turn != glance->turn || glance->outstanding == 0)
        return;
    glance->outstanding--;
    if (report->fate != KEEL_ACCEPTED)
        glance->refused = true;
    else
        keel_statement_compare(exchange->account, report->events, report->asked_ms,
                               &glance->found[again ? 1 : 0]);
    if (glance->outstanding == 0)
        judge(exchange);
}

static bool is_on(const struct keel_private *exchange)
{
    return exchange->audit.glance.period_ms > 0 && exchange->has_credentials &&
           keel_account_is_fresh(exchange->account);
}

int64_t keel_glance_deadline_ns(const struct keel_private *exchange)
{
    const struct keel_glance *glance = &exchange->audit.glance;
    bool waits = glance->step == KEEL_GLANCE_RESTING || glance->step == KEEL_GLANCE_PAUSED;

    return waits && is_on(exchange) ? glance->due_ns : INT64_MAX;
}

void keel_glance_tick(struct keel_private *exchange)
{
    struct keel_glance *glance = &exchange->audit.glance;

    if (exchange->now_ns < keel_glance_deadline_ns(exchange))
        return;
    if (exchange->audit.step != KEEL_AUDIT_IDLE || keel_session_is_silent(exchange->session))
        glance->due_ns = exchange->now_ns + BUSY_NS;
    else
        look(exchange,
             glance->step == KEEL_GLANCE_RESTING ? KEEL_GLANCE_LOOKING : KEEL_GLANCE_LOOKING_AGAIN);
}
