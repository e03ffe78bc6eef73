/* B22: what keel computes of a position agrees with what the venue itself states of it. Recorded
 * answers and documented examples go through the venue's codec into an account; each figure that
 * the row tells is compared with our own, made of the row's quantity, entry and wallet, the mark
 * price and the bracket alone. */
#include "core/account.h"
#include "core/risk.h"
#include "venue/venue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define NOW INT64_C(1000000000000)
#define D   keel_decimal_from_text

enum {
    EVENTS_MAX = 64,
    ARENA_SIZE = 1 << 18,
    CONTRACTS_MAX = 2,
};

/* What the row does not say: from the venue's own rules at that time. Contracts of quantity. */
struct contract {
    const char *symbol, *size, *closing_fee; /* as the venue names it */
    const char *ratio, *amount;              /* of the bracket that the position is in */
    const char *mark;                        /* where the row has none */
    int leverage;
};

struct statement {
    const char *name;
    const struct keel_venue *venue;
    const char *wallet; /* behind cross positions; isolated ones have their own */
    enum keel_margin_mode mode;
    enum keel_switch hedge;
    const char *price_unit; /* to which the venue gives the liquidation price */
    struct contract contracts[CONTRACTS_MAX];
    const char *body;
};

/* Recorded: one-way cross. Its wallet, which was cut at eight decimals, moves the price by up to
 * 0.00000001 / 0.009. */
#define CROSS_LONG                                                                                 \
    "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0.009\","                \
    "\"entryPrice\":\"67445.9\",\"breakEvenPrice\":\"67479.62295\","                               \
    "\"markPrice\":\"67582.20000000\",\"unRealizedProfit\":\"1.22670000\","                        \
    "\"liquidationPrice\":\"64846.78939917\",\"isolatedMargin\":\"0\","                            \
    "\"notional\":\"608.23980000\",\"isolatedWallet\":\"0\",\"initialMargin\":\"7.60299749\","     \
    "\"maintMargin\":\"2.43295920\",\"adl\":\"2\",\"updateTime\":\"1722161166529\"}]"

/* The documentation's answer in hedge mode, both legs isolated; the entry of the short one, which
 * it blanks, follows from its mark and profit. */
#define ISOLATED_LEGS                                                                              \
    "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"LONG\",\"marginType\":\"isolated\","              \
    "\"positionAmt\":\"20.000\",\"entryPrice\":\"6563.66500\",\"markPrice\":\"6679.50671178\","    \
    "\"unRealizedProfit\":\"2316.83423560\",\"liquidationPrice\":\"5930.78\",\"leverage\":\"10\"," \
    "\"isolatedMargin\":\"15517.54150468\",\"updateTime\":1625474304765},"                         \
    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"SHORT\",\"marginType\":\"isolated\","              \
    "\"positionAmt\":\"-10.000\",\"entryPrice\":\"6563.86\",\"markPrice\":\"6679.50671178\","      \
    "\"unRealizedProfit\":\"-1156.46711780\",\"liquidationPrice\":\"7189.95\","                    \
    "\"leverage\":\"10\",\"isolatedMargin\":\"5413.95799991\",\"updateTime\":1625474304765}]"

/* The documented formula's example: both legs of one contract and another contract behind one
 * wallet. */
#define CROSS_LEGS                                                                                 \
    "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"LONG\",\"positionAmt\":\"0.5\","                  \
    "\"entryPrice\":\"60000\",\"markPrice\":\"59000\",\"unRealizedProfit\":\"-500\","              \
    "\"liquidationPrice\":\"30097.577389\",\"notional\":\"29500\",\"isolatedWallet\":\"0\","       \
    "\"maintMargin\":\"118\",\"updateTime\":1722161166529},"                                       \
    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"SHORT\",\"positionAmt\":\"-0.2\","                 \
    "\"entryPrice\":\"61000\",\"markPrice\":\"59000\",\"unRealizedProfit\":\"400\","               \
    "\"liquidationPrice\":\"30097.577389\",\"notional\":\"-11800\",\"isolatedWallet\":\"0\","      \
    "\"maintMargin\":\"47.2\",\"updateTime\":1722161166529},"                                      \
    "{\"symbol\":\"ETHUSDT\",\"positionSide\":\"LONG\",\"positionAmt\":\"10\","                    \
    "\"entryPrice\":\"3000\",\"markPrice\":\"2900\",\"unRealizedProfit\":\"-1000\","               \
    "\"liquidationPrice\":\"0\",\"notional\":\"29000\",\"isolatedWallet\":\"0\","                  \
    "\"maintMargin\":\"145\",\"updateTime\":1722161166529}]"

/* Recorded: isolated, right after opening. */
#define GATE_LONG                                                                                  \
    "[{\"contract\":\"LTC_USDT\",\"size\":1,\"leverage\":\"5\",\"mode\":\"single\","               \
    "\"entry_price\":\"74.35\",\"mark_price\":\"74.43\",\"liq_price\":\"60.07\","                  \
    "\"margin\":\"1.49257625\",\"value\":\"7.443\",\"unrealised_pnl\":\"0.008\","                  \
    "\"adl_ranking\":5,\"cross_leverage_limit\":\"0\",\"update_time\":1684994406}]"

/* Recorded: cross, one position behind all there is. */
#define GATE_SHORT                                                                                 \
    "[{\"contract\":\"BTC_USDT\",\"size\":-22,\"leverage\":\"0\",\"mode\":\"single\","             \
    "\"entry_price\":\"42022.975\",\"mark_price\":\"42022.975\",\"liq_price\":\"245147.73\","      \
    "\"margin\":\"449.975587609984\",\"cross_leverage_limit\":\"20\",\"adl_ranking\":5,"           \
    "\"update_time\":1684994406}]"

/* The documented formula's examples of an isolated hedge. */
#define GATE_LEGS                                                                                  \
    "[{\"contract\":\"BTC_USDT\",\"size\":100,\"leverage\":\"10\",\"mode\":\"dual_long\","         \
    "\"entry_price\":\"50000\",\"mark_price\":\"50000\",\"liq_price\":\"45177.0912\","             \
    "\"margin\":\"50.375\",\"value\":\"500\",\"unrealised_pnl\":\"0\",\"adl_ranking\":5,"          \
    "\"initial_margin\":\"50.375\",\"maintenance_margin\":\"2.375\","                              \
    "\"cross_leverage_limit\":\"0\",\"update_time\":1684994406},"                                  \
    "{\"contract\":\"BTC_USDT\",\"size\":-100,\"leverage\":\"10\",\"mode\":\"dual_short\","        \
    "\"entry_price\":\"50000\",\"mark_price\":\"50000\",\"liq_price\":\"54777.3078\","             \
    "\"margin\":\"50.375\",\"value\":\"500\",\"unrealised_pnl\":\"0\",\"adl_ranking\":5,"          \
    "\"initial_margin\":\"50.375\",\"maintenance_margin\":\"2.375\","                              \
    "\"cross_leverage_limit\":\"0\",\"update_time\":1684994406}]"

static const struct statement statements[] = {
    {"one-way cross, Binance",
     &keel_venue_binance,
     "25.72647982",      KEEL_CROSS,
     KEEL_OFF, "0.000001",
     {{"BTCUSDT", "1", "0", "0.004", "0", "67582.2", 80}},
     CROSS_LONG   },
    {"isolated legs, Binance",
     &keel_venue_binance,
     "10000",            KEEL_ISOLATED,
     KEEL_ON,  "0.01",
     {{"BTCUSDT", "1", "0", "0.005", "50", "6679.50671178", 10}},
     ISOLATED_LEGS},
    {"cross legs and another contract, Binance",
     &keel_venue_binance,
     "10000",            KEEL_CROSS,
     KEEL_ON,  "0.000001",
     {{"BTCUSDT", "1", "0", "0.004", "0", "59000", 20},
      {"ETHUSDT", "1", "0", "0.005", "0", "2900", 20}},
     CROSS_LEGS   },
    {"isolated long, Gate.io",
     &keel_venue_gateio,
     "10000",            KEEL_ISOLATED,
     KEEL_OFF, "0.01",
     {{"LTC_USDT", "0.1", "0.00075", "0.01", "0", "74.43", 5}},
     GATE_LONG    },
    {"cross short, Gate.io",
     &keel_venue_gateio,
     "449.975587609984", KEEL_CROSS,
     KEEL_OFF, "0.01",
     {{"BTC_USDT", "0.0001", "0.00075", "0.005", "0", "42022.975", 20}},
     GATE_SHORT   },
    {"isolated legs, Gate.io",
     &keel_venue_gateio,
     "10000",            KEEL_ISOLATED,
     KEEL_ON,  "0.0001",
     {{"BTC_USDT", "0.0001", "0.00075", "0.004", "0", "50000", 10}},
     GATE_LEGS    },
};

struct desk {
    const struct statement *statement;
    struct keel_markets *markets;
    struct keel_account *account;
    struct keel_events events;
    struct keel_event rows[EVENTS_MAX];
    char memory[ARENA_SIZE];
};

static void apply(struct desk *desk, const struct keel_event *event)
{
    struct keel_applied applied;
    struct keel_error error;
    if (keel_account_apply(desk->account, event, KEEL_SOURCE_SNAPSHOT, NOW, &applied, &error))
        fail_msg("%s: %s", desk->statement->name, error.message);
}

static keel_market_id put_market(struct desk *desk, const struct contract *contract)
{
    struct keel_market market;
    keel_market_id id;
    assert_true(desk->statement->venue->name_market(keel_str_from(contract->symbol), &market));
    market.contract_size = D(contract->size);
    market.closing_fee_ratio = D(contract->closing_fee);
    assert_int_equal(keel_markets_put(desk->markets, &market, &id, NULL), KEEL_OK);
    return id;
}

static void tell_terms(struct desk *desk, const struct contract *contract)
{
    struct keel_brackets table = {
        .at = {{KEEL_DECIMAL_ZERO, D("100000000"), D(contract->ratio), D(contract->amount), 125}},
        .count = 1,
    };
    keel_market_id market = put_market(desk, contract);
    struct keel_event event = {.kind = KEEL_EVENT_BRACKETS};
    event.brackets.market = market;
    event.brackets.table = &table;
    apply(desk, &event);
    event = (struct keel_event){.kind = KEEL_EVENT_LEVERAGE};
    event.leverage = (struct keel_leverage){.market = market,
                                            .leverage = contract->leverage,
                                            .margin_mode = desk->statement->mode,
                                            .notional_max = KEEL_DECIMAL_ABSENT};
    apply(desk, &event);
    event = (struct keel_event){.kind = KEEL_EVENT_MARK};
    event.mark.market = market;
    event.mark.mark_price = D(contract->mark);
    event.mark.index_price = event.mark.funding_rate = KEEL_DECIMAL_ABSENT;
    apply(desk, &event);
}

static void tell_account(struct desk *desk)
{
    struct keel_event event = {.kind = KEEL_EVENT_BALANCE};
    event.balance = (struct keel_balance){.asset = "USDT",
                                          .wallet = D(desk->statement->wallet),
                                          .cross_wallet = D(desk->statement->wallet),
                                          .available = KEEL_DECIMAL_ABSENT,
                                          .locked = KEEL_DECIMAL_ABSENT};
    apply(desk, &event);
    event = (struct keel_event){.kind = KEEL_EVENT_MODES};
    event.modes = (struct keel_modes){desk->statement->hedge, KEEL_OFF, KEEL_ON};
    apply(desk, &event);
}

static void decode(struct desk *desk)
{
    const struct keel_command command = {.kind = KEEL_LOAD_POSITIONS};
    struct keel_reply reply = {.http_status = 200, .headers = KEEL_STR("")};
    struct keel_outcome outcome;
    struct keel_arena arena;
    keel_arena_init(&arena, desk->memory, sizeof(desk->memory));
    reply.body = keel_str_from(desk->statement->body);
    desk->events = (struct keel_events){desk->rows, 0, EVENTS_MAX};
    assert_int_equal(desk->statement->venue->decode_reply(&command, &reply, desk->markets, &arena,
                                                          &desk->events, &outcome),
                     KEEL_OK);
}

static struct desk *open_desk(const struct statement *statement)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    assert_non_null(desk);
    desk->statement = statement;
    desk->markets = keel_markets_new();
    struct keel_account_config config = {.markets = desk->markets};
    desk->account = keel_account_new(&config);
    assert_non_null(desk->account);
    keel_account_set_fresh(desk->account, true, NOW);
    for (int i = 0; i < CONTRACTS_MAX && statement->contracts[i].symbol; i++)
        tell_terms(desk, &statement->contracts[i]);
    tell_account(desk);
    decode(desk);
    for (int32_t i = 0; i < desk->events.count; i++)
        apply(desk, &desk->rows[i]);
    return desk;
}

static void close_desk(struct desk *desk)
{
    keel_account_free(desk->account);
    keel_markets_free(desk->markets);
    free(desk);
}

static void compare(const struct desk *desk, const char *what, keel_decimal ours,
                    keel_decimal theirs, keel_decimal unit)
{
    char texts[2][KEEL_DECIMAL_TEXT_SIZE];
    if (!keel_decimal_is_valid(theirs))
        return;
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(ours, theirs));
    if (keel_decimal_is_valid(gap) && keel_decimal_compare(gap, unit) <= 0)
        return;
    keel_decimal_format(ours, texts[0]);
    keel_decimal_format(theirs, texts[1]);
    fail_msg("%s: %s is %s here, %s at the venue", desk->statement->name, what, texts[0], texts[1]);
}

/* The venue cuts amounts at eight decimals, and its notional is signed. */
static int compare_row(struct desk *desk, const struct keel_event *row)
{
    const struct keel_position_told *told = &row->told;
    const keel_decimal unit = D("0.00000001");
    struct keel_risk risk;
    struct keel_error error;
    if (keel_account_read_risk(desk->account, row->position.market, row->position.side, NOW, false,
                               &risk, &error) != KEEL_OK)
        fail_msg("%s: %s", desk->statement->name, error.message);
    compare(desk, "notional", risk.notional, keel_decimal_abs(told->notional), unit);
    compare(desk, "profit", risk.unrealized_pnl, told->unrealized_pnl, unit);
    compare(desk, "initial margin", risk.initial_margin, told->initial_margin, unit);
    compare(desk, "maintenance margin", risk.maintenance_margin, told->maintenance_margin, unit);
    if (desk->statement->mode == KEEL_ISOLATED)
        compare(desk, "margin", risk.margin, told->isolated_margin, unit);
    compare(desk, "liquidation price", risk.liquidation_price,
            row->position.venue_liquidation_price, D(desk->statement->price_unit));
    return keel_decimal_is_valid(row->position.venue_liquidation_price) ? 1 : 0;
}

static void b22_figures_agree_with_what_the_venue_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct desk *desk = open_desk(&statements[i]);
        int prices = 0;
        for (int32_t row = 0; row < desk->events.count; row++) {
            if (desk->rows[row].kind == KEEL_EVENT_POSITION)
                prices += compare_row(desk, &desk->rows[row]);
        }
        assert_int_equal(prices, statements[i].hedge == KEEL_ON ? 2 : 1);
        close_desk(desk);
    }
}

/* "0", or an entry that is not told, is no price: what follows from it is absent, never computed
 * from nothing. */
static void b22_an_entry_that_the_venue_blanks_gives_no_figure(void **state)
{
    (void)state;
    static const struct statement blanked = {
        "a blanked entry",
        &keel_venue_binance,
        "10000",
        KEEL_ISOLATED,
        KEEL_ON,
        "0.01",
        {{"BTCUSDT", "1", "0", "0.005", "50", "6679.50671178", 10}},
        "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"SHORT\",\"marginType\":\"isolated\","
        "\"positionAmt\":\"-10.000\",\"entryPrice\":\"0.00000\",\"markPrice\":\"6679.50671178\","
        "\"unRealizedProfit\":\"-1156.46711780\",\"liquidationPrice\":\"7189.95\","
        "\"leverage\":\"10\",\"isolatedMargin\":\"5413.95799991\",\"updateTime\":1625474304765}]"};
    struct desk *desk = open_desk(&blanked);
    struct keel_risk risk;
    assert_int_equal(keel_account_read_risk(desk->account, 1, KEEL_SHORT, NOW, false, &risk, NULL),
                     KEEL_OK);
    assert_true(keel_decimal_equals(risk.position.quantity, D("-10")));
    assert_false(keel_decimal_is_valid(risk.unrealized_pnl));
    assert_false(keel_decimal_is_valid(risk.liquidation_price));
    assert_false(keel_decimal_is_valid(risk.margin_ratio));
    assert_true(keel_decimal_is_valid(risk.notional));
    close_desk(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(b22_figures_agree_with_what_the_venue_states),
        cmocka_unit_test(b22_an_entry_that_the_venue_blanks_gives_no_figure),
    };
    return cmocka_run_group_tests_name("behaviours/statements", tests, NULL, NULL);
}
