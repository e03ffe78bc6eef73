#include "kept.h"

#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ROWS_MAX = 4096,
};

/* The journal of one client while it is read. */
struct reading {
    struct run *run;
    int client;
    struct keel_journal_row row;
    bool matched[ROWS_MAX]; /* rows of the venue that the journal has */
    keel_decimal wallet;    /* what its rows add up to */
    keel_decimal coins[HOUSE_COINS];
};

static const char *value_of(const struct reading *reading, const char *name)
{
    for (int i = 0; i < reading->row.count; i++) {
        if (strcmp(reading->row.names[i], name) == 0)
            return reading->row.values[i] ? reading->row.values[i] : "";
    }
    abort();
}

static keel_decimal decimal_of(const struct reading *reading, const char *name)
{
    const char *value = value_of(reading, name);
    return value[0] ? keel_decimal_from_text(value) : KEEL_DECIMAL_ABSENT;
}

static void read_list(struct reading *reading, enum keel_journal_list list,
                      void (*take)(struct reading *reading))
{
    struct keel_error error;
    enum keel_status status;
    struct keel_journal_reader *reader =
        keel_journal_read(world_journal(reading->run->world, reading->client), list, 0, &error);
    if (!reader) {
        judge_report(reading->run, "the journal cannot be read: %s", error.message);
        return;
    }
    while ((status = keel_journal_next(reader, &reading->row, &error)) == KEEL_OK)
        take(reading);
    if (status != KEEL_NOT_FOUND)
        judge_report(reading->run, "the journal cannot be read: %s", error.message);
    keel_journal_reader_free(reader);
}

/* --- Writes ------------------------------------------------------------------------------------
 */

/* Where the venue keeps no history of margins, fills and funding hide what came of one, too; and an
 * order that ended without a fill is forgotten. */
static bool may_be_lost(const struct run *run, const struct deed *deed)
{
    const struct keel_venue *venue = world_codec(run->world);
    enum keel_command_kind kind = deed->intent.command.kind;
    bool forgets = kind == KEEL_PLACE_ORDER && venue->unfilled_life_ms > 0 &&
                   world_now_ns(run->world) / 1000000 > venue->unfilled_life_ms;
    bool hidden = kind == KEEL_ADJUST_MARGIN && venue->margin_changes.page_limit == 0;
    return forgets || hidden || deed_is_overtaken(&run->deeds, deed);
}

/* The venue took it, and then gave the money back: whoever asks late hears of the refusal alone. */
static bool was_rejected_later(const struct run *run, const struct deed *deed)
{
    const struct keel_command *command = &deed->intent.command;
    return command->kind == KEEL_WITHDRAW &&
           house_gave_back(run->world, deed->client, command->withdrawal.client_id);
}

/* closed: it is not asked about any more, because others of the client hide what came of it. */
static void judge_state(struct run *run, const struct deed *deed, const char *state, bool closed)
{
    bool done = deed->end == DEED_DONE, undone = deed->end == DEED_UNDONE;
    const char *kind = keel_command_kind_name(deed->intent.command.kind);
    unsigned long long number = deed->intent.number;
    if (closed && strcmp(state, "unknown") == 0 && may_be_lost(run, deed))
        return;
    if (strcmp(state, "open") == 0 || strcmp(state, "unknown") == 0)
        judge_report(run, "%s %llu is %s to the end", kind, number, state);
    else if (strcmp(state, "rejected") == 0 && done && was_rejected_later(run, deed))
        return;
    else if (strcmp(state, "accepted") != 0 && done)
        judge_report(run, "%s %llu is %s in the journal, and happened", kind, number, state);
    else if (strcmp(state, "accepted") == 0 && undone && deed->answered)
        judge_report(run, "%s %llu was answered as accepted, and never happened", kind, number);
    else if (strcmp(state, "accepted") == 0 && undone &&
             !deed_is_fulfilled(&run->deeds, run->world, deed))
        judge_report(run, "%s %llu is accepted in the journal, and never happened", kind, number);
}

/* What a caller was told stands, whatever a later life finds out. */
static void judge_told(struct run *run, const struct deed *deed, const char *state)
{
    const struct judge *judge = &run->judges[deed->client];
    if (deed->intent.command.kind != KEEL_PLACE_ORDER)
        return;
    for (int i = 0; i < judge->intent_count; i++) {
        const struct intent *intent = &judge->intents[i];
        if (strcmp(intent->client_id, deed->intent.command.place.client_id) != 0 ||
            intent->fate == KEEL_FATE_NONE || intent->fate == KEEL_FATE_UNKNOWN)
            continue;
        if ((intent->fate == KEEL_ACCEPTED) != (strcmp(state, "accepted") == 0))
            judge_report(run, "%s was told to be %s, and is %s in the journal", intent->client_id,
                         keel_fate_name(intent->fate), state);
    }
}

static void take_write(struct reading *reading)
{
    struct run *run = reading->run;
    uint64_t number = strtoull(value_of(reading, "number"), NULL, 10);
    struct deed *deed = deeds_find(&run->deeds, reading->client, number);
    if (!deed) {
        judge_report(run, "the journal has a write %llu that nobody recorded",
                     (unsigned long long)number);
        return;
    }
    deed->kept = true;
    judge_state(run, deed, value_of(reading, "state"), value_of(reading, "settled_ms")[0] != '\0');
    judge_told(run, deed, value_of(reading, "state"));
}

static void compare_writes(struct reading *reading)
{
    struct run *run = reading->run;
    read_list(reading, KEEL_JOURNAL_ORDERS, take_write);
    for (int i = 0; i < run->deeds.count; i++) {
        const struct deed *deed = &run->deeds.at[i];
        if (deed->client != reading->client || deed->arrivals == 0)
            continue;
        if (!deed->kept)
            judge_report(run, "%s %llu came to the venue, and the journal has no intent",
                         keel_command_kind_name(deed->intent.command.kind),
                         (unsigned long long)deed->intent.number);
        if (deed->arrivals > 1)
            judge_report(run, "%s %llu came to the venue %d times",
                         keel_command_kind_name(deed->intent.command.kind),
                         (unsigned long long)deed->intent.number, deed->arrivals);
    }
}

/* --- Executions and money ----------------------------------------------------------------------
 */

static bool is_figure(const struct reading *reading, const char *name, keel_decimal venues)
{
    keel_decimal ours = decimal_of(reading, name);
    return keel_decimal_equals(ours, venues);
}

static bool is_told(const struct reading *reading, const char *name)
{
    return value_of(reading, name)[0] != '\0';
}

static bool is_same_trade(const struct reading *reading, const struct house_trade *trade)
{
    return trade->market == house_market(reading->run->world, value_of(reading, "symbol")) &&
           trade->id == strtoll(value_of(reading, "trade_id"), NULL, 10) &&
           (strcmp(value_of(reading, "side"), "sell") == 0) == (trade->side == KEEL_SELL);
}

static void compare_figures(struct reading *reading, const struct house_trade *trade)
{
    if (!is_figure(reading, "price", trade->price) ||
        !is_figure(reading, "quantity", trade->quantity) ||
        !is_figure(reading, "fee", trade->fee) ||
        (is_told(reading, "realized_pnl") &&
         !is_figure(reading, "realized_pnl", trade->realized_pnl)) ||
        trade->order_id != strtoll(value_of(reading, "order_id"), NULL, 10))
        judge_report(reading->run, "%s trade %s is another in the journal",
                     value_of(reading, "symbol"), value_of(reading, "trade_id"));
}

static void add_coins(struct reading *reading, int coin, const struct house_trade *trade)
{
    const char *symbol = value_of(reading, "symbol"), *name = house_coins[coin];
    size_t base = strcspn(symbol, "/");
    keel_decimal quantity = decimal_of(reading, "quantity"), sum = KEEL_DECIMAL_ZERO;
    if (trade->side == KEEL_SELL)
        quantity = keel_decimal_neg(quantity);
    if (strlen(name) == base && strncmp(name, symbol, base) == 0)
        sum = quantity;
    else if (strcmp(name, "USDT") == 0)
        sum = keel_decimal_neg(
            keel_decimal_mul(quantity, decimal_of(reading, "price"), KEEL_ROUND_DOWN));
    if (strcmp(name, value_of(reading, "fee_asset")) == 0)
        sum = keel_decimal_sub(sum, decimal_of(reading, "fee"));
    reading->coins[coin] = keel_decimal_add(reading->coins[coin], sum);
}

static void add_up(struct reading *reading, const struct house_trade *trade)
{
    reading->wallet = keel_decimal_add(
        reading->wallet, keel_decimal_sub(trade->realized_pnl, decimal_of(reading, "fee")));
    for (int i = 0; i < HOUSE_COINS; i++)
        add_coins(reading, i, trade);
}

static void take_execution(struct reading *reading)
{
    struct house_trade trade = {0};
    for (int place = 0; house_next_trade(reading->run->world, reading->client, &trade); place++) {
        if (!is_same_trade(reading, &trade))
            continue;
        if (reading->matched[place])
            break;
        reading->matched[place] = true;
        compare_figures(reading, &trade);
        add_up(reading, &trade);
        return;
    }
    judge_report(reading->run, "%s trade %s is once too often in the journal",
                 value_of(reading, "symbol"), value_of(reading, "trade_id"));
}

static void compare_executions(struct reading *reading)
{
    struct world *world = reading->run->world;
    struct house_trade trade = {0};
    memset(reading->matched, 0, sizeof(reading->matched));
    read_list(reading, KEEL_JOURNAL_EXECUTIONS, take_execution);
    for (int place = 0; house_next_trade(world, reading->client, &trade); place++) {
        if (!reading->matched[place])
            judge_report(reading->run, "%s trade %lld is not in the journal",
                         house_symbol(world, trade.market), (long long)trade.id);
    }
}

/* The stream names no market; a list does. */
static bool is_same_funding(const struct reading *reading, const struct paper_income *income)
{
    const char *symbol = value_of(reading, "symbol");
    return income->kind == KEEL_INCOME_FUNDING &&
           (symbol[0] == '\0' || income->market == house_market(reading->run->world, symbol)) &&
           income->time_ms == strtoll(value_of(reading, "time_ms"), NULL, 10) &&
           keel_decimal_equals(income->amount, decimal_of(reading, "amount"));
}

static void take_funding(struct reading *reading)
{
    struct paper_query query = {.account = reading->client + 1};
    const struct paper_engine *engine = world_engine(reading->run->world);
    int place = 0;
    for (const struct paper_income *income = NULL;
         (income = paper_engine_next_income(engine, &query, income)); place++) {
        if (reading->matched[place] || !is_same_funding(reading, income))
            continue;
        reading->matched[place] = true;
        reading->wallet = keel_decimal_add(reading->wallet, income->amount);
        return;
    }
    judge_report(reading->run, "a funding of %s at %s is once too often in the journal",
                 value_of(reading, "amount"), value_of(reading, "time_ms"));
}

static void compare_funding(struct reading *reading)
{
    struct paper_query query = {.account = reading->client + 1};
    const struct paper_engine *engine = world_engine(reading->run->world);
    int place = 0;
    memset(reading->matched, 0, sizeof(reading->matched));
    read_list(reading, KEEL_JOURNAL_FUNDING, take_funding);
    for (const struct paper_income *income = NULL;
         (income = paper_engine_next_income(engine, &query, income)); place++) {
        if (income->kind == KEEL_INCOME_FUNDING && !reading->matched[place])
            judge_report(reading->run, "the funding %lld is not in the journal",
                         (long long)income->id);
    }
}

static void compare_wallet(struct reading *reading)
{
    struct paper_account venues;
    char ours[KEEL_DECIMAL_TEXT_SIZE], theirs[KEEL_DECIMAL_TEXT_SIZE];
    paper_engine_get_account(world_engine(reading->run->world), reading->client + 1, &venues);
    reading->wallet =
        keel_decimal_add(reading->wallet, house_cleared(reading->run->world, reading->client));
    if (keel_decimal_equals(reading->wallet, venues.wallet))
        return;
    keel_decimal_format(reading->wallet, ours);
    keel_decimal_format(venues.wallet, theirs);
    judge_report(reading->run, "the journal adds up to %s, the venue's wallet is %s", ours, theirs);
}

static void compare_coins(struct reading *reading)
{
    struct world *world = reading->run->world;
    for (int i = 0; i < HOUSE_COINS; i++) {
        struct house_balance venues = house_balance(world, reading->client, i);
        keel_decimal sum =
            keel_decimal_add(reading->coins[i], house_moved(world, reading->client, i));
        if (!keel_decimal_equals(sum, keel_decimal_add(venues.free, venues.locked)))
            judge_report(reading->run, "the journal's %s do not add up to the venue's",
                         house_coins[i]);
    }
}

void kept_compare(struct run *run, int client)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    if (!reading)
        abort();
    *reading =
        (struct reading){.run = run, .client = client, .wallet = keel_decimal_from_int(10000)};
    world_keep(run->world, client);
    compare_writes(reading);
    compare_executions(reading);
    if (world_spot(run->world)) {
        compare_coins(reading);
    } else {
        compare_funding(reading);
        compare_wallet(reading);
    }
    free(reading);
}
