/* Spot: what is free, what the gate lets pass, and what a fill does to the books. */
#include "scenario.h"

/* One market, BTC/USDT, and an account with 1000 USDT of which 200 are locked, and 2 BTC. */
struct spot {
    struct keel_markets *markets;
    struct keel_account *account;
    keel_market_id btc;
    int64_t time_ms;
    struct keel_error error;
};

static struct keel_market spot_market(void)
{
    struct keel_market market = make_market("BTC");
    snprintf(market.symbol, sizeof(market.symbol), "BTC/USDT");
    market.settle[0] = '\0';
    market.perpetual = false;
    market.product = KEEL_PRODUCT_SPOT;
    market.market_quantity_step = KEEL_DECIMAL_ABSENT;
    return market;
}

static enum keel_status tell(struct spot *s, const struct keel_event *event)
{
    struct keel_applied applied;
    return keel_account_apply(s->account, event, KEEL_SOURCE_STREAM, NOW, &applied, &s->error);
}

static void tell_balance(struct spot *s, const char *asset, const char *available,
                         const char *locked)
{
    struct keel_event event = {.kind = KEEL_EVENT_BALANCE, .time_ms = ++s->time_ms};
    snprintf(event.balance.asset, sizeof(event.balance.asset), "%s", asset);
    event.balance.available = D(available);
    event.balance.locked = D(locked);
    event.balance.wallet = keel_decimal_add(D(available), D(locked));
    event.balance.cross_wallet = KEEL_DECIMAL_ABSENT;
    event.told_pnl = KEEL_DECIMAL_ABSENT;
    assert_int_equal(tell(s, &event), KEEL_OK);
}

static struct spot begin(bool one_family)
{
    struct spot s = {.markets = keel_markets_new(), .time_ms = 1700000000000};
    struct keel_market market = spot_market();
    assert_int_equal(keel_markets_put(s.markets, &market, &s.btc, NULL), KEEL_OK);
    struct keel_account_config config = {
        .markets = s.markets, .product = KEEL_PRODUCT_SPOT, .one_family = one_family};
    s.account = keel_account_new(&config);
    assert_non_null(s.account);
    keel_account_set_fresh(s.account, true, NOW);
    tell_balance(&s, "USDT", "800", "200");
    tell_balance(&s, "BTC", "2", "0");
    return s;
}

static void end(struct spot *s)
{
    assert_int_equal(keel_account_audit(s->account, &s->error), KEEL_OK);
    keel_account_free(s->account);
    keel_markets_free(s->markets);
}

static struct keel_command limit(const struct spot *s, enum keel_side side, const char *quantity,
                                 const char *price, const char *client_id)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = keel_order_request_init()};
    command.place.market = s->btc;
    command.place.side = side;
    command.place.type = KEEL_LIMIT;
    command.place.quantity = D(quantity);
    command.place.price = D(price);
    snprintf(command.place.client_id, sizeof(command.place.client_id), "%s", client_id);
    return command;
}

static struct keel_command market_buy(const struct spot *s, const char *quote)
{
    struct keel_command command = limit(s, KEEL_BUY, "1", "1", "by-quote");
    command.place.type = KEEL_MARKET;
    command.place.price = command.place.quantity = KEEL_DECIMAL_ABSENT;
    command.place.quote_quantity = D(quote);
    return command;
}

static enum keel_status check(struct spot *s, const struct keel_command *command)
{
    return keel_gate_check(s->account, command, NOW, &s->error);
}

static void assert_balance(const struct spot *s, const char *asset, const char *available,
                           const char *locked)
{
    struct keel_balance balance;
    assert_int_equal(
        keel_account_get_balance(s->account, keel_str_from(asset), NOW, false, &balance), KEEL_OK);
    assert_decimal(balance.available, available);
    assert_decimal(balance.locked, locked);
}

/* 200 USDT are locked by an order that the venue told of, at 100 for 2. */
static void tell_open_order(struct spot *s)
{
    struct keel_event event = {.kind = KEEL_EVENT_ORDER, .time_ms = s->time_ms};
    event.order = keel_order_init();
    event.order.market = s->btc;
    event.order.side = KEEL_BUY;
    event.order.type = KEEL_LIMIT;
    event.order.status = KEEL_ORDER_NEW;
    event.order.price = D("100");
    event.order.quantity = D("2");
    event.order.filled_quantity = KEEL_DECIMAL_ZERO;
    snprintf(event.order.order_id, sizeof(event.order.order_id), "7");
    snprintf(event.order.client_id, sizeof(event.order.client_id), "old");
    assert_int_equal(tell(s, &event), KEEL_OK);
}

static void an_order_that_was_sent_is_locked_before_the_venue_says_so(void **state)
{
    (void)state;
    struct spot s = begin(false);
    tell_open_order(&s);
    assert_balance(&s, "USDT", "800", "200"); /* the venue counts it already */

    struct keel_command command = limit(&s, KEEL_BUY, "3", "100", "new");
    assert_int_equal(check(&s, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_balance(&s, "USDT", "500", "500");

    struct keel_command more = limit(&s, KEEL_BUY, "5.001", "100", "more");
    assert_int_equal(check(&s, &more), KEEL_BALANCE);
    assert_non_null(strstr(s.error.message, "500.1 USDT are needed, 500 are free"));
    assert_true(keel_account_release(s.account, &command, s.time_ms));
    assert_balance(&s, "USDT", "800", "200");
    end(&s);
}

static void a_confirmed_order_is_locked_once_whichever_message_comes_first(void **state)
{
    (void)state;
    struct spot s = begin(false);
    tell_open_order(&s);
    tell_balance(&s, "USDT", "1000", "0"); /* a statement from before the order */
    assert_balance(&s, "USDT", "800", "200");
    tell_balance(&s, "USDT", "800", "200");
    assert_balance(&s, "USDT", "800", "200");
    end(&s);
}

static void a_sell_takes_base_and_a_buy_by_amount_takes_the_amount(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command sell = limit(&s, KEEL_SELL, "1.5", "120", "sell");
    assert_int_equal(check(&s, &sell), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &sell, NULL), KEEL_OK);
    assert_balance(&s, "BTC", "0.5", "1.5");
    sell = limit(&s, KEEL_SELL, "0.501", "120", "sell-2");
    assert_int_equal(check(&s, &sell), KEEL_BALANCE);
    assert_non_null(strstr(s.error.message, "0.501 BTC are needed, 0.5 are free"));

    struct keel_command buy = market_buy(&s, "800.01");
    assert_int_equal(check(&s, &buy), KEEL_BALANCE);
    buy = market_buy(&s, "300");
    assert_int_equal(check(&s, &buy), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &buy, NULL), KEEL_OK);
    assert_balance(&s, "USDT", "500", "500");
    end(&s);
}

static void a_market_buy_of_base_is_held_at_the_newest_price_or_left_to_the_venue(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command buy = limit(&s, KEEL_BUY, "9", "1", "market");
    buy.place.type = KEEL_MARKET;
    buy.place.price = KEEL_DECIMAL_ABSENT;
    assert_int_equal(check(&s, &buy), KEEL_OK); /* no price is known */

    struct keel_event mark = {.kind = KEEL_EVENT_MARK, .time_ms = s.time_ms};
    mark.mark = (struct keel_mark){.market = s.btc, .mark_price = D("100"), .time_ms = s.time_ms};
    assert_int_equal(tell(&s, &mark), KEEL_OK);
    assert_int_equal(check(&s, &buy), KEEL_BALANCE);
    assert_non_null(strstr(s.error.message, "900.45 USDT are needed, 800 are free"));
    end(&s);
}

static void a_stop_holds_its_money_where_the_venue_has_one_family(void **state)
{
    (void)state;
    struct spot one = begin(true), two = begin(false);
    struct spot *all[] = {&one, &two};
    static const char *const left[] = {"510", "800"};
    for (int i = 0; i < 2; i++) {
        struct keel_command stop = limit(all[i], KEEL_BUY, "2", "145", "stop");
        stop.place.type = KEEL_STOP_LIMIT;
        stop.place.trigger_price = D("140");
        assert_int_equal(check(all[i], &stop), KEEL_OK);
        assert_int_equal(keel_account_hold(all[i]->account, &stop, NULL), KEEL_OK);
        assert_balance(all[i], "USDT", left[i], i == 0 ? "490" : "200");
        end(all[i]);
    }
}

static void what_spot_does_not_have_is_refused_with_its_code(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command order = limit(&s, KEEL_SELL, "1", "100", "x");
    order.place.reduce_only = true;
    assert_int_equal(check(&s, &order), KEEL_REDUCE_ONLY);
    order.place.reduce_only = false;
    order.place.close_position = true;
    assert_int_equal(check(&s, &order), KEEL_CLOSE);
    order.place.close_position = false;
    order.place.position_side = KEEL_LONG;
    assert_int_equal(check(&s, &order), KEEL_POSITION_SIDE);
    order.place.position_side = KEEL_NET;
    assert_int_equal(check(&s, &order), KEEL_OK);

    static const struct {
        enum keel_command_kind kind;
        enum keel_status status;
    } cases[] = {
        {KEEL_SET_LEVERAGE,    KEEL_LEVERAGE       },
        {KEEL_SET_MARGIN_MODE, KEEL_MARGIN_MODE    },
        {KEEL_ADJUST_MARGIN,   KEEL_POSITION_MARGIN},
        {KEEL_SET_HEDGE_MODE,  KEEL_POSITION_SIDE  },
        {KEEL_SET_MULTI_ASSET, KEEL_MARGIN_MODE    },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keel_command command = {.kind = cases[i].kind};
        assert_int_equal(check(&s, &command), cases[i].status);
        assert_non_null(strstr(s.error.message, "spot account"));
    }
    end(&s);
}

static void an_order_off_the_grid_is_refused_with_the_two_nearest(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command order = limit(&s, KEEL_BUY, "0.1005", "100", "grid");
    assert_int_equal(check(&s, &order), KEEL_QUANTITY_STEP);
    assert_non_null(strstr(s.error.message, "nearest 0.1 and 0.101"));
    order = limit(&s, KEEL_BUY, "0.1", "100.05", "grid");
    assert_int_equal(check(&s, &order), KEEL_PRICE_TICK);
    order = limit(&s, KEEL_BUY, "0.04", "100", "grid");
    assert_int_equal(check(&s, &order), KEEL_NOTIONAL_MIN);
    order = market_buy(&s, "4.99");
    assert_int_equal(check(&s, &order), KEEL_NOTIONAL_MIN);
    end(&s);
}

static void a_quote_quantity_is_for_market_orders_alone(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command order = limit(&s, KEEL_BUY, "0.1", "100", "q");
    order.place.quote_quantity = D("10");
    assert_int_equal(check(&s, &order), KEEL_ORDER_SHAPE);
    order = market_buy(&s, "10");
    order.place.quantity = D("0.1");
    assert_int_equal(check(&s, &order), KEEL_ORDER_SHAPE);
    order = limit(&s, KEEL_BUY, "1", "100", "post");
    order.place.time_in_force = KEEL_GTX;
    assert_int_equal(check(&s, &order), KEEL_OK);
    order.place.type = KEEL_STOP_LIMIT;
    order.place.trigger_price = D("140");
    assert_int_equal(check(&s, &order), KEEL_ORDER_SHAPE);
    end(&s);
}

/* The open one, of 2 at 100. */
static struct keel_command amendment(const struct spot *s, const char *quantity, const char *price)
{
    struct keel_command command = {.kind = KEEL_AMEND_ORDER};
    command.amend.order.market = s->btc;
    memcpy(command.amend.order.order_id, "7", sizeof("7"));
    command.amend.side = KEEL_BUY;
    command.amend.quantity = D(quantity);
    command.amend.price = D(price);
    return command;
}

static void an_amendment_needs_only_what_it_adds_to_what_is_locked(void **state)
{
    (void)state;
    struct spot s = begin(false);
    tell_open_order(&s);
    struct keel_command amend = amendment(&s, "10", "100"); /* 800 more: all that is free */
    assert_int_equal(check(&s, &amend), KEEL_OK);
    amend = amendment(&s, "10", "100.1");
    assert_int_equal(check(&s, &amend), KEEL_BALANCE);
    assert_string_equal(s.error.message, "BTC/USDT: 801 USDT are needed, 800 are free");
    tell_balance(&s, "USDT", "0", "200");
    assert_int_equal(check(&s, &amend), KEEL_BALANCE);
    amend = amendment(&s, "1", "120"); /* gives back */
    assert_int_equal(check(&s, &amend), KEEL_OK);
    end(&s);
}

static void an_amended_order_keeps_to_the_markets_rules(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command amend = amendment(&s, "1", "100");
    assert_int_equal(check(&s, &amend), KEEL_NOT_FOUND);
    tell_open_order(&s);
    assert_int_equal(check(&s, &amend), KEEL_OK);
    amend = amendment(&s, "1", "100.05");
    assert_int_equal(check(&s, &amend), KEEL_PRICE_TICK);
    amend = amendment(&s, "1.0005", "100");
    assert_int_equal(check(&s, &amend), KEEL_QUANTITY_STEP);
    amend = amendment(&s, "0.04", "100");
    assert_int_equal(check(&s, &amend), KEEL_NOTIONAL_MIN);
    amend = amendment(&s, "1", "100");
    amend.amend.side = KEEL_SELL;
    assert_int_equal(check(&s, &amend), KEEL_ORDER_SHAPE);
    end(&s);
}

static void a_reducing_account_sells_and_does_not_buy(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command buy = limit(&s, KEEL_BUY, "1", "100", "b");
    struct keel_command sell = limit(&s, KEEL_SELL, "1", "100", "s");
    struct keel_command amend = amendment(&s, "1", "100");
    tell_open_order(&s);
    keel_account_set_state(s.account, KEEL_ACCOUNT_STATE_REDUCING);
    assert_int_equal(check(&s, &buy), KEEL_ACCOUNT_REDUCING);
    assert_int_equal(check(&s, &amend), KEEL_ACCOUNT_REDUCING);
    assert_int_equal(check(&s, &sell), KEEL_OK);
    keel_account_set_state(s.account, KEEL_ACCOUNT_ACTIVE);
    assert_int_equal(check(&s, &buy), KEEL_OK);
    keel_account_set_fresh(s.account, false, NOW);
    assert_int_equal(check(&s, &buy), KEEL_STALE);
    assert_int_equal(check(&s, &amend), KEEL_STALE);
    end(&s);
}

static void an_account_that_may_not_trade_takes_no_order(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command sell = limit(&s, KEEL_SELL, "1", "100", "s");
    struct keel_event modes = {.kind = KEEL_EVENT_MODES, .time_ms = ++s.time_ms};
    modes.modes.can_trade = KEEL_OFF;
    assert_int_equal(tell(&s, &modes), KEEL_OK);
    assert_int_equal(check(&s, &sell), KEEL_ACCOUNT_REDUCING);
    assert_non_null(strstr(s.error.message, "may not trade"));
    end(&s);
}

/* Money ------------------------------------------------------------------------------------- */

static struct keel_command transfer(const char *amount)
{
    struct keel_command command = {.kind = KEEL_TRANSFER};
    command.transfer.from = KEEL_WALLET_SPOT;
    command.transfer.to = KEEL_WALLET_FUTURES;
    memcpy(command.transfer.asset, "USDT", sizeof("USDT"));
    command.transfer.amount = D(amount);
    return command;
}

static struct keel_command withdrawal(const char *amount, const char *client_id)
{
    struct keel_command command = {.kind = KEEL_WITHDRAW};
    memcpy(command.withdrawal.asset, "USDT", sizeof("USDT"));
    memcpy(command.withdrawal.network, "TRX", sizeof("TRX"));
    memcpy(command.withdrawal.address, "Tabc", sizeof("Tabc"));
    command.withdrawal.amount = D(amount);
    snprintf(command.withdrawal.client_id, sizeof(command.withdrawal.client_id), "%s", client_id);
    return command;
}

static void a_withdrawal_is_locked_from_its_request_until_the_balance_counts_it(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command command = withdrawal("300", "w1");
    assert_int_equal(check(&s, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_balance(&s, "USDT", "500", "500");
    keel_account_note_accepted(s.account, &command);
    assert_balance(&s, "USDT", "500", "500"); /* no balance has come since */
    tell_balance(&s, "USDT", "500", "200");
    assert_balance(&s, "USDT", "500", "200");

    struct keel_command second = withdrawal("500.01", "w2");
    assert_int_equal(check(&s, &second), KEEL_BALANCE);
    second = withdrawal("100", "w2");
    assert_int_equal(keel_account_hold(s.account, &second, NULL), KEEL_OK);
    tell_balance(&s, "USDT", "400", "200"); /* before the answer */
    keel_account_note_accepted(s.account, &second);
    assert_balance(&s, "USDT", "400", "200");
    end(&s);
}

static void a_transfer_that_equals_one_under_way_is_refused(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command command = transfer("100");
    assert_int_equal(check(&s, &command), KEEL_OK);
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    assert_balance(&s, "USDT", "700", "300");
    assert_int_equal(check(&s, &command), KEEL_TRANSFER_ENDS);
    struct keel_command other = transfer("101");
    assert_int_equal(check(&s, &other), KEEL_OK);
    assert_true(keel_account_release(s.account, &command, s.time_ms));
    assert_int_equal(check(&s, &command), KEEL_OK);
    command.transfer.to = KEEL_WALLET_SPOT;
    assert_int_equal(check(&s, &command), KEEL_TRANSFER_ENDS);
    end(&s);
}

static void money_leaves_only_whole_named_and_known(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command command = transfer("100");
    command.transfer.asset[0] = '\0';
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    command = transfer("0");
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    command = transfer("-1");
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    command = transfer("1");
    memcpy(command.transfer.asset, "DOGE", sizeof("DOGE"));
    assert_int_equal(check(&s, &command), KEEL_BALANCE);
    command.transfer.from = KEEL_WALLET_FUTURES; /* what is there, the venue knows */
    command.transfer.to = KEEL_WALLET_SPOT;
    assert_int_equal(check(&s, &command), KEEL_OK);
    command = withdrawal("1", "w");
    command.withdrawal.network[0] = '\0';
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    command = withdrawal("1", "w");
    command.withdrawal.address[0] = '\0';
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    command = (struct keel_command){.kind = KEEL_CANCEL_WITHDRAWAL};
    assert_int_equal(check(&s, &command), KEEL_INVALID);
    memcpy(command.withdrawal_id, "9", sizeof("9"));
    assert_int_equal(check(&s, &command), KEEL_OK);
    keel_account_set_fresh(s.account, false, NOW);
    command = transfer("1");
    assert_int_equal(check(&s, &command), KEEL_STALE);
    command = withdrawal("1", "w");
    assert_int_equal(check(&s, &command), KEEL_STALE);
    end(&s);
}

static void a_withdrawal_with_the_id_of_one_under_way_is_refused(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_command command = withdrawal("10", "w1");
    assert_int_equal(keel_account_hold(s.account, &command, NULL), KEEL_OK);
    command = withdrawal("20", "w1");
    assert_int_equal(check(&s, &command), KEEL_CLIENT_ID);
    command = withdrawal("20", "w2");
    assert_int_equal(check(&s, &command), KEEL_OK);
    end(&s);
}

static void futures_accounts_name_the_transfer_from_the_spot_account(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_account *futures =
        keel_account_new(&(struct keel_account_config){.markets = s.markets});
    struct keel_command command = withdrawal("1", "w");
    assert_int_equal(keel_gate_check(futures, &command, NOW, &s.error), KEEL_UNSUPPORTED);
    assert_non_null(strstr(s.error.message, "transfer"));
    command = transfer("1");
    assert_int_equal(keel_gate_check(futures, &command, NOW, &s.error), KEEL_UNSUPPORTED);
    keel_account_free(futures);
    end(&s);
}

/* Reading ----------------------------------------------------------------------------------- */

static void a_read_says_who_told_it_and_how_long_ago(void **state)
{
    (void)state;
    struct spot s = begin(false);
    struct keel_balance balance;
    struct keel_order order;
    int64_t later = NOW + (int64_t)3 * SECOND;
    tell_open_order(&s);
    assert_int_equal(keel_account_get_balance(s.account, KEEL_STR("BTC"), later, false, &balance),
                     KEEL_OK);
    assert_int_equal(balance.source, KEEL_SOURCE_STREAM);
    assert_int_equal(balance.age_ms, 3000);
    struct keel_order_ref ref = {.market = s.btc, .order_id = "7"};
    assert_int_equal(keel_account_get_order(s.account, &ref, later, false, &order), KEEL_OK);
    assert_int_equal(order.source, KEEL_SOURCE_STREAM);
    assert_int_equal(order.age_ms, 3000);

    struct keel_command sent = limit(&s, KEEL_BUY, "1", "100", "sent");
    assert_int_equal(keel_account_hold(s.account, &sent, NULL), KEEL_OK);
    ref = (struct keel_order_ref){.market = s.btc, .client_id = "sent"};
    assert_int_equal(keel_account_get_order(s.account, &ref, later, false, &order), KEEL_OK);
    assert_int_equal(order.source, KEEL_SOURCE_NONE);
    end(&s);
}

/* Books ------------------------------------------------------------------------------------- */

struct ledger {
    struct spot spot;
    struct keel_books *books;
};

static struct ledger begin_books(void)
{
    struct ledger l = {.spot = begin(false)};
    l.books = keel_books_new(&(struct keel_books_config){.markets = l.spot.markets});
    static const char *const assets[][2] = {
        {"USDT", "1000"},
        {"BTC",  "2"   },
        {"BNB",  "1"   }
    };
    struct keel_event rows[3] = {0};
    for (int i = 0; i < 3; i++) {
        rows[i].kind = KEEL_EVENT_BALANCE;
        snprintf(rows[i].balance.asset, sizeof(rows[i].balance.asset), "%s", assets[i][0]);
        rows[i].balance.wallet = D(assets[i][1]);
    }
    struct keel_events events = {.at = rows, .count = 3, .capacity = 3};
    assert_int_equal(keel_books_start(l.books, &events, l.spot.time_ms, NULL), KEEL_OK);
    return l;
}

static void end_books(struct ledger *l)
{
    assert_int_equal(keel_books_audit(l->books, &l->spot.error), KEEL_OK);
    keel_books_free(l->books);
    end(&l->spot);
}

static struct keel_execution fill(struct ledger *l, enum keel_side side, const char *trade_id,
                                  const char *fee, const char *fee_asset)
{
    struct keel_execution execution = {.market = l->spot.btc, .side = side};
    snprintf(execution.trade_id, sizeof(execution.trade_id), "%s", trade_id);
    snprintf(execution.fee_asset, sizeof(execution.fee_asset), "%s", fee_asset);
    execution.price = D("100.5");
    execution.quantity = D("0.3");
    execution.quote_quantity = KEEL_DECIMAL_ABSENT;
    execution.fee = fee[0] != '\0' ? D(fee) : KEEL_DECIMAL_ABSENT;
    execution.realized_pnl = KEEL_DECIMAL_ABSENT;
    execution.time_ms = ++l->spot.time_ms;
    return execution;
}

static void book(struct ledger *l, const struct keel_execution *execution, bool changes)
{
    struct keel_booked booked;
    assert_int_equal(keel_books_apply_execution(l->books, execution, false, &booked, NULL),
                     KEEL_OK);
    assert_int_equal(booked.changed, changes);
}

static void assert_wallet(const struct ledger *l, const char *asset, const char *wallet)
{
    assert_decimal(keel_books_find_wallet(l->books, keel_str_from(asset))->wallet, wallet);
}

static void a_fill_moves_both_assets_and_the_fee_whichever_it_is_paid_in(void **state)
{
    (void)state;
    struct ledger l = begin_books();
    struct keel_execution buy = fill(&l, KEEL_BUY, "1", "0.0003", "BTC");
    book(&l, &buy, true);
    book(&l, &buy, false); /* twice is once */
    assert_wallet(&l, "USDT", "969.85");
    assert_wallet(&l, "BTC", "2.2997");

    struct keel_execution sell = fill(&l, KEEL_SELL, "2", "0.03015", "USDT");
    book(&l, &sell, true);
    assert_wallet(&l, "USDT", "999.96985");
    assert_wallet(&l, "BTC", "1.9997");

    struct keel_execution third = fill(&l, KEEL_BUY, "3", "0.0001", "BNB");
    third.quote_quantity = D("30.14999999"); /* the venue rounded */
    book(&l, &third, true);
    assert_wallet(&l, "USDT", "969.81985001");
    assert_wallet(&l, "BTC", "2.2997");
    assert_wallet(&l, "BNB", "0.9999");
    end_books(&l);
}

static void what_the_first_statement_has_already_is_not_booked_again(void **state)
{
    (void)state;
    struct ledger l = begin_books();
    struct keel_execution buy = fill(&l, KEEL_BUY, "1", "0.1", "USDT");
    buy.time_ms = l.spot.time_ms - 1; /* the statement's own */
    book(&l, &buy, false);
    assert_wallet(&l, "USDT", "1000");
    assert_wallet(&l, "BTC", "2");
    assert_int_equal(keel_books_counters(l.books).executions, 0);
    end_books(&l);
}

static void a_fee_that_is_told_later_is_booked_then(void **state)
{
    (void)state;
    struct ledger l = begin_books();
    struct keel_execution thin = fill(&l, KEEL_BUY, "1", "", "");
    book(&l, &thin, true);
    assert_wallet(&l, "BTC", "2.3");
    struct keel_execution full = thin;
    full.fee = D("0.0003");
    memcpy(full.fee_asset, "BTC", sizeof("BTC"));
    book(&l, &full, true);
    book(&l, &full, false);
    assert_wallet(&l, "BTC", "2.2997");
    end_books(&l);
}

static void a_wallet_that_differs_is_reported_with_both_figures_and_healed(void **state)
{
    (void)state;
    struct ledger l = begin_books();
    struct keel_differences found;
    struct keel_event rows[5] = {0};
    rows[0].kind = KEEL_EVENT_SNAPSHOT_BEGIN;
    rows[0].snapshot.kind = KEEL_SNAPSHOT_BALANCES;
    rows[0].time_ms = l.spot.time_ms + 10;
    static const char *const assets[][2] = {
        {"USDT", "1000"},
        {"BTC",  "2.5" },
        {"BNB",  "1"   }
    };
    for (int i = 0; i < 3; i++) {
        rows[i + 1].kind = KEEL_EVENT_BALANCE;
        snprintf(rows[i + 1].balance.asset, sizeof(rows[0].balance.asset), "%s", assets[i][0]);
        rows[i + 1].balance.wallet = D(assets[i][1]);
    }
    rows[4].kind = KEEL_EVENT_SNAPSHOT_END;
    rows[4].snapshot.kind = KEEL_SNAPSHOT_BALANCES;
    struct keel_events events = {.at = rows, .count = 5, .capacity = 5};
    keel_books_compare(l.books, &events, &found);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.at[0].asset, "BTC");
    assert_decimal(found.at[0].ours, "2");
    assert_decimal(found.at[0].venues, "2.5");
    assert_int_equal(keel_books_heal(l.books, &found.at[0], KEEL_DECIMAL_ABSENT, NULL), KEEL_OK);
    keel_books_compare(l.books, &events, &found);
    assert_int_equal(found.count, 0);
    end_books(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_that_was_sent_is_locked_before_the_venue_says_so),
        cmocka_unit_test(a_confirmed_order_is_locked_once_whichever_message_comes_first),
        cmocka_unit_test(a_sell_takes_base_and_a_buy_by_amount_takes_the_amount),
        cmocka_unit_test(a_market_buy_of_base_is_held_at_the_newest_price_or_left_to_the_venue),
        cmocka_unit_test(a_stop_holds_its_money_where_the_venue_has_one_family),
        cmocka_unit_test(what_spot_does_not_have_is_refused_with_its_code),
        cmocka_unit_test(an_order_off_the_grid_is_refused_with_the_two_nearest),
        cmocka_unit_test(a_quote_quantity_is_for_market_orders_alone),
        cmocka_unit_test(an_amendment_needs_only_what_it_adds_to_what_is_locked),
        cmocka_unit_test(an_amended_order_keeps_to_the_markets_rules),
        cmocka_unit_test(a_reducing_account_sells_and_does_not_buy),
        cmocka_unit_test(an_account_that_may_not_trade_takes_no_order),
        cmocka_unit_test(a_withdrawal_is_locked_from_its_request_until_the_balance_counts_it),
        cmocka_unit_test(a_transfer_that_equals_one_under_way_is_refused),
        cmocka_unit_test(money_leaves_only_whole_named_and_known),
        cmocka_unit_test(a_withdrawal_with_the_id_of_one_under_way_is_refused),
        cmocka_unit_test(futures_accounts_name_the_transfer_from_the_spot_account),
        cmocka_unit_test(a_read_says_who_told_it_and_how_long_ago),
        cmocka_unit_test(a_fill_moves_both_assets_and_the_fee_whichever_it_is_paid_in),
        cmocka_unit_test(what_the_first_statement_has_already_is_not_booked_again),
        cmocka_unit_test(a_fee_that_is_told_later_is_booked_then),
        cmocka_unit_test(a_wallet_that_differs_is_reported_with_both_figures_and_healed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
