#include "exchange/records.h"

#include "exchange/private_internal.h"

#include <stdlib.h>

static bool copy_leftover(struct keel_leftover *leftover, const struct keel_recovery *recovery)
{
    size_t intents = (size_t)recovery->unsettled_count, symbols = (size_t)recovery->symbol_count;

    leftover->unsettled = calloc(intents + 1, sizeof(*leftover->unsettled));
    leftover->symbols = calloc(symbols + 1, sizeof(*leftover->symbols));
    leftover->markets = calloc(symbols + 1, sizeof(*leftover->markets));
    if (leftover->unsettled == NULL || leftover->symbols == NULL || leftover->markets == NULL)
        return false;
    if (intents > 0)
        memcpy(leftover->unsettled, recovery->unsettled, intents * sizeof(*leftover->unsettled));
    if (symbols > 0)
        memcpy(leftover->symbols, recovery->symbols, symbols * sizeof(*leftover->symbols));
    leftover->unsettled_count = recovery->unsettled_count;
    leftover->symbol_count = recovery->symbol_count;
    leftover->complete_ms = recovery->complete_ms;
    return true;
}

enum keel_status keel_records_init(struct keel_private *exchange,
                                   const struct keel_exchange_config *config)
{
    exchange->numbers =
        (struct keel_numbers){.next = config->client_id_first, .end = config->recovery.numbers_end};
    if (config->recovery.numbers_end == 0)
        return KEEL_OK;
    exchange->records.at = calloc(KEEL_RECORDS_MAX, sizeof(*exchange->records.at));
    if (exchange->records.at == NULL || !copy_leftover(&exchange->leftover, &config->recovery))
        return KEEL_FULL;
    return KEEL_OK;
}

void keel_records_deinit(struct keel_private *exchange)
{
    free(exchange->records.at);
    free(exchange->leftover.unsettled);
    free(exchange->leftover.symbols);
    free(exchange->leftover.markets);
}

/* How far numbers are reserved comes before anything that bears one of them leaves. */
static bool next_numbers(struct keel_private *exchange, struct keel_effect *effect)
{
    if (!exchange->numbers.extended)
        return false;
    exchange->numbers.extended = false;
    exchange->records.numbers.kind = KEEL_RECORD_NUMBERS;
    exchange->records.numbers.numbers_end = exchange->numbers.end;
    effect->kind = KEEL_EFFECT_RECORD;
    effect->record = &exchange->records.numbers;
    return true;
}

bool keel_records_next(struct keel_private *exchange, struct keel_effect *effect)
{
    struct keel_records *records = &exchange->records;

    if (next_numbers(exchange, effect))
        return true;
    if (records->count == 0)
        return false;
    effect->kind = KEEL_EFFECT_RECORD;
    effect->record = &records->at[records->first];
    records->first = (records->first + 1) % KEEL_RECORDS_MAX;
    records->count--;
    return true;
}

/* The next place in the ring; NULL when nothing is recorded, or no more can be. */
static struct keel_record *add(struct keel_private *exchange, enum keel_record_kind kind,
                               keel_market_id market)
{
    struct keel_records *records = &exchange->records;
    struct keel_error error;

    if (records->at == NULL)
        return NULL;
    if (records->count == KEEL_RECORDS_MAX) {
        keel_fail(&error, KEEL_FULL, "more than %d records at once: the journal has a hole",
                  KEEL_RECORDS_MAX);
        keel_private_halt(exchange, &error);
        return NULL;
    }
    struct keel_record *record =
        &records->at[(records->first + records->count++) % KEEL_RECORDS_MAX];
    record->kind = kind;
    keel_str_copy(keel_str_from(keel_private_symbol(exchange, market)), record->symbol,
                  sizeof(record->symbol));
    return record;
}

void keel_record_execution(struct keel_private *exchange, const struct keel_execution *execution)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_EXECUTION, execution->market);

    if (record != NULL)
        record->execution = *execution;
}

void keel_record_balance(struct keel_private *exchange, const struct keel_balance *balance)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_BALANCE, KEEL_NO_MARKET);

    if (record != NULL)
        record->balance = *balance;
}

void keel_record_income(struct keel_private *exchange, const struct keel_income *income)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_INCOME, income->market);

    if (record != NULL)
        record->income = *income;
}

void keel_record_difference(struct keel_private *exchange, const struct keel_difference *difference)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_DIFFERENCE, difference->market);

    if (record != NULL)
        record->difference = *difference;
}

void keel_record_complete(struct keel_private *exchange, int64_t complete_ms)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_COMPLETE, KEEL_NO_MARKET);

    exchange->complete_told_ns = exchange->now_ns;
    if (record != NULL)
        record->complete_ms = complete_ms;
}

/* Leftovers. */

void keel_leftover_forget(struct keel_leftover *leftover)
{
    leftover->unsettled_count = 0;
    leftover->symbol_count = 0;
    leftover->market_count = 0;
}

bool keel_leftover_is_any(const struct keel_leftover *leftover)
{
    return leftover->unsettled_count > 0 || leftover->complete_ms > 0;
}

/* Is a write of that kind about one market? */
static bool has_market(enum keel_command_kind kind)
{
    return kind != KEEL_SET_HEDGE_MODE && kind != KEEL_SET_MULTI_ASSET && kind != KEEL_TRANSFER &&
           kind != KEEL_WITHDRAW && kind != KEEL_CANCEL_WITHDRAWAL;
}

/* The command as this life knows its market. False: there is no such market any more. */
static bool place_in_market(struct keel_command *command, keel_market_id market)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: command->place.market = market; break;
    case KEEL_AMEND_ORDER: command->amend.order.market = market; break;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL: command->order.market = market; break;
    case KEEL_SET_LEVERAGE: command->leverage.market = market; break;
    case KEEL_SET_MARGIN_MODE: command->margin_mode.market = market; break;
    case KEEL_ADJUST_MARGIN: command->margin.market = market; break;
    }
    return market != KEEL_NO_MARKET || !has_market(command->kind);
}

/* A second start finds what the first one held. */
static bool is_held(const struct keel_private *exchange, const struct keel_command *command)
{
    struct keel_order_ref ref = {.market = command->place.market};

    if (command->kind != KEEL_PLACE_ORDER)
        return false;
    memcpy(ref.client_id, command->place.client_id, sizeof(ref.client_id));
    return keel_account_find_order(exchange->account, &ref) != NULL;
}

static enum keel_status adopt(struct keel_private *exchange, struct keel_intent *intent,
                              struct keel_error *error)
{
    keel_market_id market =
        intent->symbol[0] == '\0'
            ? KEEL_NO_MARKET
            : keel_markets_find(exchange->markets, keel_str_from(intent->symbol));

    if (!place_in_market(&intent->command, market)) {
        keel_private_log(exchange, KEEL_LOG_WARNING,
                         "%s of %s is unsettled, and the venue has no such market any more",
                         keel_command_kind_name(intent->command.kind), intent->symbol);
        return KEEL_OK;
    }
    enum keel_status status = keel_session_adopt(exchange->session, intent, error);
    if (status == KEEL_OK && !is_held(exchange, &intent->command))
        status = keel_account_hold(exchange->account, &intent->command, error);
    return status;
}

/* It has its last verdict: a start that fails and is tried again does not ask once more. */
static void forget(struct keel_leftover *leftover, uint64_t number)
{
    for (int32_t i = 0; i < leftover->unsettled_count; i++) {
        if (leftover->unsettled[i].number != number)
            continue;
        leftover->unsettled[i] = leftover->unsettled[--leftover->unsettled_count];
        return;
    }
}

/* The venue's id of the withdrawal or transfer that the reply tells of; NULL: of none. */
static const char *find_moved_id(const struct keel_report *report)
{
    enum keel_command_kind kind = report->command->kind;

    for (int32_t i = 0; i < report->events->count; i++) {
        const struct keel_event *event = &report->events->at[i];
        if (kind == KEEL_WITHDRAW && event->kind == KEEL_EVENT_WITHDRAWAL)
            return event->withdrawal.id;
        if (kind == KEEL_TRANSFER && event->kind == KEEL_EVENT_TRANSFER)
            return event->transfer.id;
    }
    return NULL;
}

static void record_verdict(struct keel_private *exchange, const struct keel_report *report,
                           const struct keel_order *order)
{
    struct keel_record *record = add(exchange, KEEL_RECORD_OUTCOME, KEEL_NO_MARKET);

    if (record == NULL)
        return;
    record->verdict = (struct keel_verdict){
        .number = report->intent,
        .fate = report->fate,
        .closed = keel_report_is_closed(report),
        .time_ms = keel_session_venue_time_ms(exchange->session),
        .error = *report->error,
    };
    if (order != NULL)
        memcpy(record->verdict.order_id, order->order_id, sizeof(order->order_id));
    else if (find_moved_id(report) != NULL)
        memcpy(record->verdict.order_id, find_moved_id(report), sizeof(record->verdict.order_id));
}

void keel_record_verdict(struct keel_private *exchange, const struct keel_report *report,
                         const struct keel_order *order)
{
    if (report->intent == 0)
        return;
    record_verdict(exchange, report, order);
    if (report->fate != KEEL_FATE_UNKNOWN || keel_report_is_closed(report))
        forget(&exchange->leftover, report->intent);
}

enum keel_status keel_leftover_adopt(struct keel_private *exchange, struct keel_error *error)
{
    struct keel_leftover *leftover = &exchange->leftover;
    enum keel_status status = KEEL_OK;

    for (int32_t i = 0; i < leftover->unsettled_count && status == KEEL_OK; i++)
        status = adopt(exchange, &leftover->unsettled[i], error);
    leftover->market_count = 0;
    for (int32_t i = 0; i < leftover->symbol_count; i++) {
        keel_market_id market =
            keel_markets_find(exchange->markets, keel_str_from(leftover->symbols[i]));
        if (market != KEEL_NO_MARKET)
            leftover->markets[leftover->market_count++] = market;
    }
    return status;
}
