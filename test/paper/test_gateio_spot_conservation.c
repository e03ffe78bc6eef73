/* Gate.io's spot side lived at random through its own requests: no coin is made or lost, and what
 * an account is told of itself is what the engine has. */
#include "gateio_spot_helper.h"

#include "paper/random.h"

enum {
    LIVES = 12,
    STEPS = 400,
};

struct life {
    struct gate *gate;
    struct paper_random random;
    int fills;
};

static int64_t below(struct life *life, uint64_t bound)
{
    return (int64_t)paper_random_below(&life->random, bound);
}

static void place(struct life *life, int account)
{
    static const char *const times[] = {"gtc", "gtc", "ioc", "fok", "poc"};
    char body[256];
    bool buys = below(life, 2) == 0;
    long long price = 19900 + below(life, 200);
    if (below(life, 4) == 0)
        (void)snprintf(body, sizeof(body),
                       "{\"currency_pair\":\"BTC_USDT\",\"type\":\"market\",\"side\":\"%s\","
                       "\"amount\":\"%s%lld\"}",
                       buys ? "buy" : "sell", buys ? "" : "0.0", (long long)(10 + below(life, 90)));
    else
        (void)snprintf(body, sizeof(body),
                       "{\"currency_pair\":\"BTC_USDT\",\"side\":\"%s\",\"amount\":\"0.0%lld\","
                       "\"price\":\"%lld\",\"time_in_force\":\"%s\"}",
                       buys ? "buy" : "sell", (long long)(10 + below(life, 90)), price,
                       times[below(life, 5)]);
    (void)gate_send_as(life->gate, account, "POST", "/spot/orders", "", body);
    life->fills += gate_has(life->gate, "\"status\":\"closed\"");
}

static void wait_for_price(struct life *life, int account)
{
    char body[256];
    bool up = below(life, 2) == 0;
    long long away = 20 + below(life, 100);
    (void)snprintf(body, sizeof(body),
                   "{\"market\":\"BTC_USDT\",\"trigger\":{\"price\":\"%lld\",\"rule\":\"%s\","
                   "\"expiration\":60},\"put\":{\"side\":\"%s\",\"amount\":\"0.02\","
                   "\"price\":\"%lld\"}}",
                   up ? 20000 + away : 20000 - away,
                   up ? ">=" : "<=", below(life, 2) == 0 ? "buy" : "sell", 20000 + away);
    (void)gate_send_as(life->gate, account, "POST", "/spot/price_orders", "", body);
}

static void move_money(struct life *life, int account)
{
    char body[256];
    bool out = below(life, 2) == 0;
    (void)snprintf(body, sizeof(body),
                   "{\"currency\":\"USDT\",\"from\":\"%s\",\"to\":\"%s\",\"amount\":\"%lld.5\","
                   "\"settle\":\"usdt\"}",
                   out ? "spot" : "futures", out ? "futures" : "spot", (long long)below(life, 300));
    (void)gate_send_as(life->gate, account, "POST", "/wallet/transfers", "", body);
    (void)snprintf(body, sizeof(body),
                   "{\"currency\":\"USDT\",\"amount\":\"%lld\",\"address\":\"" TRON
                   "\",\"chain\":\"TRX\"}",
                   (long long)(20 + below(life, 100)));
    if (below(life, 4) == 0)
        (void)gate_send_as(life->gate, account, "POST", "/withdrawals", "", body);
}

static void act(struct life *life)
{
    char price[32];
    int account = 1 + (int)below(life, 3);
    gate_wait(life->gate, 200 + below(life, 2000));
    switch (below(life, 8)) {
    case 0:
        (void)snprintf(price, sizeof(price), "%lld", (long long)(19850 + below(life, 300)));
        spot_set_price(life->gate, "BTC_USDT", price);
        return;
    case 1: wait_for_price(life, account); return;
    case 2: move_money(life, account); return;
    case 3:
        if (below(life, 3) == 0)
            (void)gate_send_as(life->gate, account, "DELETE", "/spot/orders", "", "");
        return;
    default: place(life, account); return;
    }
}

/* A row of accounts is what the engine has, free and held. */
static void check_told(struct gate *gate, int account, const char *currency)
{
    char query[64];
    struct paper_spot_balance balance;
    paper_spot_get_balance(gate->spot, account, paper_asset_find(keel_str_from(currency)),
                           &balance);
    (void)snprintf(query, sizeof(query), "currency=%s", currency);
    assert_status(gate, 200, gate_send_as(gate, account, "GET", "/spot/accounts", query, ""));
    keel_decimal available = keel_decimal_from_text(gate_value(gate, "available"));
    keel_decimal locked = keel_decimal_from_text(gate_value(gate, "locked"));
    assert_true(keel_decimal_equals(available, balance.free));
    assert_true(keel_decimal_equals(locked, keel_decimal_add(balance.locked, balance.withdrawing)));
}

/* The newest row of the account's book has its balance, so nothing moved without a row. */
static void check_book(struct gate *gate, int account, const char *currency)
{
    char query[64];
    struct paper_spot_balance balance;
    paper_spot_get_balance(gate->spot, account, paper_asset_find(keel_str_from(currency)),
                           &balance);
    (void)snprintf(query, sizeof(query), "currency=%s&limit=1", currency);
    assert_status(gate, 200, gate_send_as(gate, account, "GET", "/spot/account_book", query, ""));
    if (!gate_has(gate, "balance"))
        return;
    assert_true(keel_decimal_equals(
        keel_decimal_from_text(gate_value(gate, "balance")),
        keel_decimal_add(balance.free, keel_decimal_add(balance.locked, balance.withdrawing))));
}

static void live(uint64_t seed)
{
    struct life life = {.gate = gate_open_with(NULL), .random = {seed}};
    struct paper_spot_audit audit;
    spot_set_price(life.gate, "BTC_USDT", "20000");
    for (int step = 0; step < STEPS; step++) {
        act(&life);
        paper_spot_audit(life.gate->spot, &audit);
        if (!audit.conserved)
            fail_msg("seed %llu, step %d: %s", (unsigned long long)seed, step, audit.broken);
    }
    for (int account = 1; account <= 3; account++) {
        check_told(life.gate, account, "USDT");
        check_told(life.gate, account, "BTC");
        check_book(life.gate, account, "USDT");
        check_book(life.gate, account, "BTC");
    }
    assert_true(life.fills > 20);
    gate_close(life.gate);
}

static void no_coin_is_made_or_lost_whatever_is_asked(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= LIVES; seed++)
        live(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_coin_is_made_or_lost_whatever_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
