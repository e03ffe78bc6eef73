#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void judge_report(struct run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "seed %llu: ", (unsigned long long)run->seed);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    run->failed = true;
}

int judge_legs(const struct run *run, enum keel_position_side legs[2])
{
    legs[0] = run->hedge ? KEEL_LONG : KEEL_NET;
    legs[1] = KEEL_SHORT;
    return run->hedge ? 2 : 1;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    struct judge *judge = user;
    if (judge->fill_count == FILLS_MAX)
        abort();
    struct fill *fill = &judge->fills[judge->fill_count++];
    fill->life = judge->life;
    fill->market = execution->market;
    strcpy(fill->trade_id, execution->trade_id);
    fill->quantity =
        execution->side == KEEL_BUY ? execution->quantity : keel_decimal_neg(execution->quantity);
    fill->price = execution->price;
    fill->fee = execution->fee;
    strcpy(fill->fee_asset, execution->fee_asset);
    fill->realized_pnl = execution->realized_pnl;
}

static void on_funding(void *user, const struct keel_income *income)
{
    struct judge *judge = user;
    judge->funding = keel_decimal_add(judge->funding, income->amount);
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    struct judge *judge = user;
    char ours[KEEL_DECIMAL_TEXT_SIZE], venues[KEEL_DECIMAL_TEXT_SIZE];
    judge->differences++;
    if (judge->faulty && !getenv("KEEL_SIM_LOG"))
        return;
    keel_decimal_format(difference->ours, ours);
    keel_decimal_format(difference->venues, venues);
    fprintf(stderr, "difference: %s %s%s: ours %s, the venue's %s\n",
            keel_difference_kind_name(difference->kind), difference->asset, difference->id, ours,
            venues);
}

static void on_unknown(void *user, keel_str word, keel_str message)
{
    struct judge *judge = user;
    fprintf(stderr, "unknown: %.*s in %.*s\n", KEEL_STR_ARGS(word), KEEL_STR_ARGS(message));
    judge->unknowns++;
}

static void on_log(void *user, enum keel_log_level level, const char *tag, const char *message)
{
    (void)user;
    if (level >= KEEL_LOG_WARNING && getenv("KEEL_SIM_LOG"))
        fprintf(stderr, "%s: %s\n", tag, message);
}

static void on_order(void *user, const struct keel_order *order)
{
    struct judge *judge = user;
    for (int i = 0; i < judge->intent_count; i++) {
        struct intent *intent = &judge->intents[i];
        if (intent->family != order->family || strcmp(intent->client_id, order->client_id) != 0)
            continue;
        keel_decimal filled = keel_decimal_is_valid(order->filled_quantity) ? order->filled_quantity
                                                                            : KEEL_DECIMAL_ZERO;
        judge->backward += keel_decimal_compare(filled, intent->filled) < 0;
        judge->backward += intent->done && keel_order_is_open(order);
        intent->filled = filled;
        intent->done = !keel_order_is_open(order);
    }
}

static void on_risk(void *user, const struct keel_risk_event *event)
{
    struct judge *judge = user;
    bool forced = event->kind == KEEL_RISK_LIQUIDATED || event->kind == KEEL_RISK_DELEVERAGED ||
                  event->kind == KEEL_RISK_TAKEN_OVER;
    if (forced && event->market < MARKETS_MAX)
        judge->told_forced[event->market]++;
}

struct keel_handlers judge_handlers(struct judge *judge)
{
    return (struct keel_handlers){
        .user = judge,
        .on_order = on_order,
        .on_execution = on_execution,
        .on_funding = on_funding,
        .on_risk = on_risk,
        .on_difference = on_difference,
        .on_unknown = on_unknown,
        .on_log = on_log,
    };
}

static void on_record(void *user, int client, const struct keel_record *record)
{
    struct run *run = user;
    deeds_note_record(&run->deeds, client, run->judges[client].life, record);
}

static void before_write(void *user, int client, uint64_t intent)
{
    struct run *run = user;
    deeds_begin(&run->deeds, run->world, client, intent);
}

static void after_write(void *user, int client, uint64_t intent)
{
    struct run *run = user;
    deeds_end(&run->deeds, run->world, client, intent);
}

static void on_stream_wanted(void *user, int client, enum keel_stream_kind kind, int64_t now_ns)
{
    struct run *run = user;
    struct judge *judge = &run->judges[client];
    int count = judge->wanted_count[kind]++;
    int64_t *oldest_ns = &judge->wanted_ns[kind][count % STREAMS_A_MINUTE_MAX];
    if (count >= STREAMS_A_MINUTE_MAX && now_ns - *oldest_ns < INT64_C(60) * 1000000000)
        judge->restless = true;
    *oldest_ns = now_ns;
}

/* What it was told stays told; what it would have been told is not. */
static void on_death(void *user, int client)
{
    struct run *run = user;
    struct judge *judge = &run->judges[client];
    judge->life++;
    memset(judge->wrong_since_ns, 0, sizeof(judge->wrong_since_ns));
    memset(judge->wanted_count, 0, sizeof(judge->wanted_count));
}

struct world_watcher judge_watcher(struct run *run)
{
    return (struct world_watcher){
        .user = run,
        .on_record = on_record,
        .before_write = before_write,
        .after_write = after_write,
        .on_stream_wanted = on_stream_wanted,
        .on_death = on_death,
    };
}

struct intent *judge_add_intent(struct run *run, int client, struct keel_order_request *request)
{
    struct judge *judge = &run->judges[client];
    if (judge->intent_count == INTENTS_MAX)
        abort();
    struct intent *intent = &judge->intents[judge->intent_count];
    *intent = (struct intent){
        .judge = judge,
        .life = judge->life,
        .family = keel_order_type_is_conditional(request->type) ? KEEL_FAMILY_CONDITIONAL
                                                                : KEEL_FAMILY_REGULAR,
        .filled = KEEL_DECIMAL_ZERO,
    };
    snprintf(intent->client_id, sizeof(intent->client_id), "t-sim-%d-%d", client,
             judge->intent_count++);
    strcpy(request->client_id, intent->client_id);
    return intent;
}

void judge_on_fate(void *user, const struct keel_result *result)
{
    struct intent *intent = user;
    intent->fate = result->fate;
    intent->judge->results[result->fate]++;
}

static void expect_decimal(struct run *run, const char *what, keel_decimal ours,
                           keel_decimal venues)
{
    char our_text[KEEL_DECIMAL_TEXT_SIZE], venue_text[KEEL_DECIMAL_TEXT_SIZE];
    if (keel_decimal_equals(ours, venues))
        return;
    keel_decimal_format(ours, our_text);
    keel_decimal_format(venues, venue_text);
    judge_report(run, "%s: ours %s, the venue's %s", what, our_text, venue_text);
}

/* An earlier life was told of it, too. */
static bool is_told_again(const struct judge *judge, int place)
{
    const struct fill *fill = &judge->fills[place];
    for (int i = 0; i < place && fill->life > 0; i++) {
        if (judge->fills[i].market == fill->market &&
            keel_decimal_is_negative(judge->fills[i].quantity) ==
                keel_decimal_is_negative(fill->quantity) &&
            strcmp(judge->fills[i].trade_id, fill->trade_id) == 0)
            return true;
    }
    return false;
}

static keel_decimal judged_position(const struct judge *judge, keel_market_id market)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int i = 0; i < judge->fill_count; i++) {
        if (judge->fills[i].market == market && !is_told_again(judge, i))
            sum = keel_decimal_add(sum, judge->fills[i].quantity);
    }
    return sum;
}

/* Some venues tell it in no message of an execution: then it is theirs. */
static keel_decimal realized_by(struct run *run, int client, const struct fill *fill)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    keel_market_id market =
        house_market(run->world, keel_markets_get(markets, fill->market)->symbol);
    struct house_trade trade = {0};
    if (keel_decimal_is_valid(fill->realized_pnl))
        return fill->realized_pnl;
    while (house_next_trade(run->world, client, &trade)) {
        if (trade.market == market && trade.id == strtoll(fill->trade_id, NULL, 10) &&
            keel_decimal_is_negative(fill->quantity) == (trade.side == KEEL_SELL))
            return trade.realized_pnl;
    }
    return KEEL_DECIMAL_ZERO;
}

static keel_decimal judged_wallet(struct run *run, int client, keel_decimal deposit)
{
    const struct judge *judge = &run->judges[client];
    keel_decimal sum = keel_decimal_add(deposit, judge->funding);
    sum = keel_decimal_add(sum, house_cleared(run->world, client));
    for (int i = 0; i < judge->fill_count; i++) {
        sum = keel_decimal_add(sum, realized_by(run, client, &judge->fills[i]));
        sum = keel_decimal_sub(sum, judge->fills[i].fee);
    }
    return sum;
}

static keel_decimal compare_leg(struct run *run, int client, keel_market_id id,
                                enum keel_position_side leg)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    const struct keel_market *market = keel_markets_get(markets, id);
    struct paper_position venues;
    struct keel_position ours = {.quantity = KEEL_DECIMAL_ZERO, .entry_price = KEEL_DECIMAL_ZERO};
    paper_engine_get_leg(world_engine(run->world), client + 1,
                         house_market(run->world, market->symbol), leg, &venues);
    enum keel_status status =
        keel_futures_position(world_futures(run->world, client), id, leg, false, &ours, NULL);
    if (status != KEEL_OK && status != KEEL_NO_POSITION)
        judge_report(run, "%s: the position reads as %s", market->symbol, keel_status_name(status));
    expect_decimal(run, market->symbol, ours.quantity, venues.quantity);
    if (!keel_decimal_is_zero(venues.quantity))
        expect_decimal(run, "entry price",
                       keel_decimal_round_to_digits(ours.entry_price, 8, KEEL_ROUND_DOWN),
                       keel_decimal_round_to_digits(venues.entry_price, 8, KEEL_ROUND_DOWN));
    return venues.quantity;
}

static void compare_positions(struct run *run, int client)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    for (int i = 1; i <= keel_markets_count(markets); i++) {
        enum keel_position_side legs[2];
        keel_decimal venues = KEEL_DECIMAL_ZERO;
        int count = judge_legs(run, legs);
        for (int j = 0; j < count; j++)
            venues = keel_decimal_add(venues, compare_leg(run, client, (keel_market_id)i, legs[j]));
        expect_decimal(run, "the judge's position",
                       judged_position(&run->judges[client], (keel_market_id)i), venues);
    }
}

static void compare_wallet(struct run *run, int client)
{
    struct paper_account venues;
    struct keel_balance ours;
    struct keel_books_summary books;
    paper_engine_get_account(world_engine(run->world), client + 1, &venues);
    if (keel_private_balance(world_base(run->world, client), KEEL_STR("USDT"), false, &ours,
                             NULL) != KEEL_OK) {
        judge_report(run, "the balance cannot be read");
        return;
    }
    expect_decimal(run, "wallet", ours.wallet, venues.wallet);
    /* Funding that fell due while a process was dead is in its journal, and told to nobody. */
    if (run->judges[client].life == 0)
        expect_decimal(run, "the judge's wallet",
                       judged_wallet(run, client, keel_decimal_from_int(10000)), venues.wallet);
    keel_futures_books(world_futures(run->world, client), &books);
    expect_decimal(run, "the books' wallet", books.wallet, venues.wallet);
}

/* What the fill brought of a coin, less what it took and its fee. */
static keel_decimal brought_by(const struct fill *fill, const struct keel_market *market,
                               const char *coin)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    if (strcmp(coin, market->base) == 0)
        sum = fill->quantity;
    else if (strcmp(coin, market->quote) == 0)
        sum = keel_decimal_neg(keel_decimal_mul(fill->quantity, fill->price, KEEL_ROUND_DOWN));
    if (strcmp(coin, fill->fee_asset) == 0)
        sum = keel_decimal_sub(sum, fill->fee);
    return sum;
}

static keel_decimal judged_coins(struct run *run, int client, int coin)
{
    const struct judge *judge = &run->judges[client];
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    keel_decimal sum = house_moved(run->world, client, coin);
    for (int i = 0; i < judge->fill_count; i++) {
        const struct fill *fill = &judge->fills[i];
        if (!is_told_again(judge, i))
            sum = keel_decimal_add(
                sum, brought_by(fill, keel_markets_get(markets, fill->market), house_coins[coin]));
    }
    return sum;
}

static keel_decimal booked_coins(struct run *run, int client, int coin)
{
    struct keel_book_balance books[16];
    size_t count = keel_private_books(world_base(run->world, client), books, 16);
    for (size_t i = 0; i < count && i < 16; i++) {
        if (strcmp(books[i].asset, house_coins[coin]) == 0)
            return books[i].wallet;
    }
    return KEEL_DECIMAL_ABSENT;
}

static void compare_coins(struct run *run, int client)
{
    for (int i = 0; i < HOUSE_COINS; i++) {
        struct house_balance venues = house_balance(run->world, client, i);
        keel_decimal wallet = keel_decimal_add(venues.free, venues.locked);
        struct keel_balance ours;
        if (keel_private_balance(world_base(run->world, client), keel_str_from(house_coins[i]),
                                 false, &ours, NULL) != KEEL_OK) {
            judge_report(run, "the balance of %s cannot be read", house_coins[i]);
            continue;
        }
        expect_decimal(run, "free", ours.available, venues.free);
        expect_decimal(run, "locked", ours.locked, venues.locked);
        expect_decimal(run, house_coins[i], ours.wallet, wallet);
        expect_decimal(run, "the books", booked_coins(run, client, i), wallet);
        expect_decimal(run, "the judge's coins", judged_coins(run, client, i), wallet);
    }
}

/* How often it was told; in one life at most once. */
static int count_told(struct run *run, int client, keel_market_id market, const char *trade_id,
                      enum keel_side side)
{
    const struct judge *judge = &run->judges[client];
    int told = 0;
    uint32_t last = 0;
    for (int i = 0; i < judge->fill_count; i++) {
        const struct fill *fill = &judge->fills[i];
        if (fill->market != market || strcmp(fill->trade_id, trade_id) != 0 ||
            keel_decimal_is_negative(fill->quantity) != (side == KEEL_SELL))
            continue;
        if (told++ > 0 && fill->life == last)
            judge_report(run, "trade %s was told twice in one life", trade_id);
        last = fill->life;
    }
    return told;
}

/* Each trade of the venue, and no other. */
static void compare_fills(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    struct house_trade trade = {0};
    int count = 0;
    while (house_next_trade(run->world, client, &trade)) {
        const char *symbol = house_symbol(run->world, trade.market);
        keel_market_id market = keel_markets_find_venue_symbol(
            keel_private_markets(world_base(run->world, client)), keel_str_from(symbol));
        char id[KEEL_ORDER_ID_SIZE];
        snprintf(id, sizeof(id), "%lld", (long long)trade.id);
        int told = count_told(run, client, market, id, trade.side);
        if (told == 0)
            judge_report(run, "%s trade %s was never told", symbol, id);
        count += told;
    }
    if (count != judge->fill_count)
        judge_report(run, "%d fills were told, %d of them the venue has", judge->fill_count, count);
}

static bool is_traded(const struct keel_market *market)
{
    return strncmp(market->symbol, "BTC/", 4) == 0 || strncmp(market->symbol, "ETH/", 4) == 0;
}

static void compare_settings(struct run *run, int client)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    for (int i = 1; i <= keel_markets_count(markets); i++) {
        const struct keel_market *market = keel_markets_get(markets, (keel_market_id)i);
        struct paper_position venues;
        struct keel_leverage ours;
        paper_engine_get_position(world_engine(run->world), client + 1,
                                  house_market(run->world, market->symbol), &venues);
        enum keel_status status = keel_futures_leverage(world_futures(run->world, client),
                                                        (keel_market_id)i, &ours, NULL);
        if (status == KEEL_NOT_LOADED && !is_traded(market))
            continue; /* there are venues that tell it of markets that were touched alone */
        if (status != KEEL_OK)
            judge_report(run, "%s: the leverage cannot be read", market->symbol);
        else if (ours.leverage != venues.leverage || ours.margin_mode != venues.margin_mode)
            judge_report(run, "%s: ours %dx %s, the venue's %dx %s", market->symbol, ours.leverage,
                         keel_margin_mode_name(ours.margin_mode), venues.leverage,
                         keel_margin_mode_name(venues.margin_mode));
    }
}

static void compare_orders(struct run *run, int client)
{
    struct keel_order orders[512];
    enum keel_status status;
    size_t count = keel_private_open_orders(world_base(run->world, client), KEEL_NO_MARKET, false,
                                            orders, 512, &status);
    struct house_order venue = {0};
    size_t venues = 0;
    while (house_next_open_order(run->world, client, &venue))
        venues++;
    if (status != KEEL_OK || count != venues)
        judge_report(run, "%zu open orders (%s), the venue has %zu", count,
                     keel_status_name(status), venues);
    for (size_t i = 0; i < count && i < 512; i++) {
        struct house_order theirs;
        struct keel_order_ref ref = {.family = orders[i].family};
        strcpy(ref.client_id, orders[i].client_id);
        if (!house_find_order(run->world, client, &ref, &theirs) || !theirs.open) {
            judge_report(run, "the venue has no open order %s", orders[i].client_id);
            continue;
        }
        if (orders[i].family == KEEL_FAMILY_CONDITIONAL)
            continue;
        expect_decimal(run, "order quantity", orders[i].quantity, theirs.quantity);
        expect_decimal(run, "order price", orders[i].price, theirs.price);
        expect_decimal(run, "filled quantity", orders[i].filled_quantity, theirs.filled_quantity);
    }
}

void judge_compare(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    if (world_spot(run->world)) {
        compare_coins(run, client);
    } else {
        compare_positions(run, client);
        compare_wallet(run, client);
        compare_settings(run, client);
    }
    compare_fills(run, client);
    compare_orders(run, client);
    if (judge->restless)
        judge_report(run, "more than %d streams of a kind within a minute", STREAMS_A_MINUTE_MAX);
    if (run->deeds.unrecorded != 0)
        judge_report(run, "%d writes came without an intent", run->deeds.unrecorded);
    if (judge->unknowns != 0)
        judge_report(run, "%d messages were not understood", judge->unknowns);
    if (judge->backward != 0)
        judge_report(run, "%d orders went backwards", judge->backward);
    struct keel_statistics statistics;
    keel_private_statistics(world_base(run->world, client), &statistics);
    if (statistics.unsettled != 0)
        judge_report(run, "%d commands are not settled", statistics.unsettled);
}

/* --- Fates -------------------------------------------------------------------------------------
 */

static int count_at_venue(struct run *run, int client, const char *client_id)
{
    struct house_order order = {0};
    int count = 0;
    while (house_next_order(run->world, client, &order))
        count += !order.child && strcmp(order.client_id, client_id) == 0;
    return count;
}

static void check_intent(struct run *run, int client, const struct intent *intent)
{
    int count = count_at_venue(run, client, intent->client_id);
    if (count > 1)
        judge_report(run, "%s is %d orders at the venue", intent->client_id, count);
    if (intent->fate == KEEL_FATE_NONE && intent->life == run->judges[client].life)
        judge_report(run, "%s was never answered", intent->client_id);
    if (intent->fate == KEEL_ACCEPTED && count == 0)
        judge_report(run, "%s was told to be accepted, and the venue has none", intent->client_id);
    if ((intent->fate == KEEL_FATE_REJECTED || intent->fate == KEEL_FATE_FAILED) && count != 0)
        judge_report(run, "%s was told to be %s, and the venue has it", intent->client_id,
                     keel_fate_name(intent->fate));
}

/* Orders under ids of keel's own, those of a close, are as unique. */
static void check_names(struct run *run, int client)
{
    struct house_order order = {0};
    while (house_next_order(run->world, client, &order)) {
        if (!order.child && count_at_venue(run, client, order.client_id) != 1)
            judge_report(run, "the venue has %s more than once", order.client_id);
    }
}

void judge_compare_fates(struct run *run, int client)
{
    const struct judge *judge = &run->judges[client];
    for (int i = 0; i < judge->intent_count; i++)
        check_intent(run, client, &judge->intents[i]);
    check_names(run, client);
}

/* Whatever the venue was told of it. */
static bool was_to_reduce(const struct run *run, int client, const struct paper_order *order)
{
    for (int i = 0; i < run->deeds.count; i++) {
        const struct deed *deed = &run->deeds.at[i];
        const struct keel_order_request *place = &deed->intent.command.place;
        if (deed->client == client && deed->intent.command.kind == KEEL_PLACE_ORDER &&
            strcmp(place->client_id, order->client_id) == 0)
            return place->reduce_only;
    }
    return order->reduce_only;
}

/* In hedge mode whatever goes against its leg reduces it, and says no more about it. */
static bool must_reduce(const struct run *run, int client, const struct paper_trade *trade,
                        const struct paper_order *order)
{
    if (trade->position_side == KEEL_NET)
        return order && was_to_reduce(run, client, order);
    return (trade->position_side == KEEL_LONG) == (trade->side == KEEL_SELL);
}

static bool is_reduced(keel_decimal before, keel_decimal after)
{
    return keel_decimal_compare(keel_decimal_abs(after), keel_decimal_abs(before)) < 0 &&
           (keel_decimal_is_zero(after) ||
            keel_decimal_is_negative(after) == keel_decimal_is_negative(before));
}

void judge_check_reduce_only(struct run *run, int client)
{
    struct paper_query query = {.account = client + 1};
    keel_decimal positions[64][KEEL_SHORT + 1];
    for (int i = 0; i < 64 * (KEEL_SHORT + 1); i++)
        positions[i / (KEEL_SHORT + 1)][i % (KEEL_SHORT + 1)] = KEEL_DECIMAL_ZERO;
    for (const struct paper_trade *trade = NULL;
         (trade = paper_engine_next_trade(world_engine(run->world), &query, trade));) {
        const struct paper_order *order = paper_engine_find_order(
            world_engine(run->world), client + 1, trade->market, trade->order_id, (keel_str){0});
        keel_decimal *position = &positions[trade->market][trade->position_side];
        keel_decimal before = *position;
        *position = trade->side == KEEL_BUY ? keel_decimal_add(before, trade->quantity)
                                            : keel_decimal_sub(before, trade->quantity);
        if (must_reduce(run, client, trade, order) && !is_reduced(before, *position))
            judge_report(run, "the order %s did not reduce",
                         order ? order->client_id : "of a trade");
    }
}

/* Where the list of executions does not say who made an order, what the venue did while nobody
 * listened shows by what it cost alone. */
static bool may_be_hidden(struct run *run, int client, keel_market_id market)
{
    const struct paper_query query = {.account = client + 1, .market = market};
    for (const struct paper_income *income = NULL;
         (income = paper_engine_next_income(world_engine(run->world), &query, income));) {
        if (income->kind == KEEL_INCOME_INSURANCE_CLEAR)
            return false;
    }
    return run->faulty && !world_is_gateio(run->world);
}

void judge_check_forced(struct run *run, int client)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    struct paper_query query = {.account = client + 1};
    for (const struct paper_trade *trade = NULL;
         (trade = paper_engine_next_trade(world_engine(run->world), &query, trade));) {
        const char *symbol = house_symbol(run->world, trade->market);
        keel_market_id market = keel_markets_find_venue_symbol(markets, keel_str_from(symbol));
        if (trade->cause != KEEL_CAUSE_USER && market < MARKETS_MAX &&
            run->judges[client].told_forced[market] == 0 &&
            !may_be_hidden(run, client, trade->market)) {
            judge_report(run, "%s was closed by the venue, and that was never told", symbol);
            return;
        }
    }
}

/* --- Reads -------------------------------------------------------------------------------------
 */

/* Whether a read now tells what the venue has; whatever may be read is right while it is stale. */
static enum keel_status read_leg(struct run *run, int client, keel_market_id market,
                                 enum keel_position_side leg, bool *right)
{
    const struct keel_markets *markets = keel_private_markets(world_base(run->world, client));
    const char *symbol = keel_markets_get(markets, market)->symbol;
    struct keel_position ours = {.quantity = KEEL_DECIMAL_ZERO};
    struct paper_position venues;
    enum keel_status status =
        keel_futures_position(world_futures(run->world, client), market, leg, false, &ours, NULL);
    if (status == KEEL_NO_POSITION)
        ours.quantity = KEEL_DECIMAL_ZERO;
    paper_engine_get_leg(world_engine(run->world), client + 1, house_market(run->world, symbol),
                         leg, &venues);
    *right = (status != KEEL_OK && status != KEEL_NO_POSITION) ||
             keel_decimal_equals(ours.quantity, venues.quantity);
    return status;
}

static enum keel_status read_position(struct run *run, int client, keel_market_id market,
                                      bool *right)
{
    enum keel_position_side legs[2];
    int count = judge_legs(run, legs);
    enum keel_status status = read_leg(run, client, market, legs[0], right);
    if (count > 1 && *right)
        status = read_leg(run, client, market, legs[1], right);
    return status;
}

static bool has_unsettled(struct run *run, int client)
{
    struct keel_statistics statistics;
    keel_private_statistics(world_base(run->world, client), &statistics);
    return statistics.unsettled != 0;
}

/* The same coins, and of them more in orders: what an order of unknown fate may need is held until
 * its fate is proven, however long that takes. */
static bool holds_more(const struct keel_balance *ours, const struct house_balance *venues)
{
    return keel_decimal_equals(ours->wallet, keel_decimal_add(venues->free, venues->locked)) &&
           keel_decimal_compare(ours->locked, venues->locked) > 0 &&
           keel_decimal_equals(keel_decimal_add(ours->available, ours->locked), ours->wallet);
}

static enum keel_status read_coins(struct run *run, int client, int coin, bool *right)
{
    struct house_balance venues = house_balance(run->world, client, coin);
    struct keel_balance ours;
    enum keel_status status = keel_private_balance(
        world_base(run->world, client), keel_str_from(house_coins[coin]), false, &ours, NULL);
    *right = status != KEEL_OK ||
             (keel_decimal_equals(ours.available, venues.free) &&
              keel_decimal_equals(ours.locked, venues.locked)) ||
             (has_unsettled(run, client) && holds_more(&ours, &venues));
    return status;
}

static void check_read(struct run *run, int client, int which, bool live, int64_t differ_max_ns)
{
    int64_t *wrong_since_ns = &run->judges[client].wrong_since_ns[which];
    bool right;
    enum keel_status status = world_spot(run->world)
                                  ? read_coins(run, client, which - 1, &right)
                                  : read_position(run, client, (keel_market_id)which, &right);
    if (!live && status != KEEL_STALE)
        judge_report(run, "a read %d while not live is %s", which, keel_status_name(status));
    if (right)
        *wrong_since_ns = 0;
    else if (*wrong_since_ns == 0)
        *wrong_since_ns = world_now_ns(run->world);
    else if (differ_max_ns > 0 && world_now_ns(run->world) - *wrong_since_ns > differ_max_ns)
        judge_report(run, "fresh reads %d have been wrong for %lld ms", which,
                     (long long)((world_now_ns(run->world) - *wrong_since_ns) / 1000000));
}

void judge_check_reads(struct run *run, int client, int64_t differ_max_ns)
{
    struct keel_connection connection;
    int count = keel_markets_count(keel_private_markets(world_base(run->world, client)));
    keel_private_connection(world_base(run->world, client), &connection);
    if (world_spot(run->world) && count > 0)
        count = HOUSE_COINS;
    for (int i = 1; i <= count && i < MARKETS_MAX; i++)
        check_read(run, client, i, connection.state == KEEL_CONNECTION_LIVE, differ_max_ns);
}
