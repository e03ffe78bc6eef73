/* cmd_demo.c - an account lives through the fall and rise of March 2023 on the paper venue.
 *
 * The venue runs on a thread of its own and is reached through real sockets. Market time stands
 * still while the account decides, so that every run tells the same story; in between it moves on a
 * quarter of an hour at a time, at the speed that was asked for. Ctrl-C ends it at any moment: the
 * venue ends with it, so an order without an answer is nothing to be asked about. */
#include "app/account.h"
#include "app/commands.h"
#include "app/data.h"

#include <stdarg.h>
#include <time.h>

#define PRICES_FILE "btcusdt-2023-03.csv"
#define PRICES_SOURCE                                                                              \
    "BTC/USDT, 9 to 14 March 2023, minute by minute, recorded by Binance.US (data/README.md)"

enum {
    HOUR_MS = 3600 * 1000,
    ADVANCE_MS = HOUR_MS / 4,
    SPEED_DEFAULT = 24000,
    SPEED_MAX = 0,
    LINES_MAX = 64,
    LINE_SIZE = 80,
    ACTION_MS = 50,        /* for the streams to tell what an order did */
    SLICE_MS = 150,        /* of waiting for what is still on its way */
    SLICES_QUIET = 3,      /* so many without news: nothing more comes */
    SLICES_MAX = 100,      /* or something is wrong */
    EVENT_WAIT_MS = 15000, /* for what the script knows must come */
};

static const int64_t begin_ms = INT64_C(1678363200000); /* 9 March 2023, 12:00 UTC */

struct demo {
    bool json;
    const char *venue;
    struct keel_paper *paper;
    struct app_account account;
    keel_market_id market;
    keel_decimal price; /* the newest mark */
    int orders, warnings, differences;
    bool warned;
    bool holding; /* what is told waits until the position and the mark of the moment are known */
    char lines[LINES_MAX][LINE_SIZE]; /* in order */
    int line_count;
};

/* --- rows --- */

static void format_money(keel_decimal value, int digits, char text[KEEL_DECIMAL_TEXT_SIZE])
{
    if (keel_decimal_is_valid(value))
        keel_decimal_format_fixed(keel_decimal_round_to_digits(value, digits, KEEL_ROUND_HALF_EVEN),
                                  digits, text);
    else
        text[0] = '\0';
}

static bool read_risk(const struct demo *demo, struct keel_risk *risk)
{
    return demo->account.client != NULL &&
           keel_futures_risk(app_account_futures(&demo->account), demo->market, KEEL_NET, true,
                             risk, NULL) == KEEL_OK;
}

static void print_figures(const struct keel_risk *risk)
{
    char quantity[KEEL_DECIMAL_TEXT_SIZE], pnl[KEEL_DECIMAL_TEXT_SIZE];
    char ratio[KEEL_DECIMAL_TEXT_SIZE];
    format_money(risk->position.quantity, 3, quantity);
    format_money(risk->unrealized_pnl, 2, pnl);
    format_money(risk->margin_ratio, 4, ratio);
    printf("  %8s  %9s  %12s", quantity, pnl, ratio);
}

static void print_row(const char *what, const char *time, keel_decimal price,
                      const struct keel_risk *risk)
{
    char price_text[KEEL_DECIMAL_TEXT_SIZE];
    format_money(price, 2, price_text);
    printf("%-11.11s  %-49s  %9s", time, what, price_text);
    if (risk != NULL)
        print_figures(risk);
    printf("\n");
    fflush(stdout);
}

static void print_row_json(const char *what, int64_t time_ms, keel_decimal price,
                           const struct keel_risk *risk)
{
    struct app_record record;
    app_record_init(&record);
    app_record_put_time(&record, "time_ms", time_ms);
    app_record_put_text(&record, "what", what);
    app_record_put_decimal(&record, "price", price);
    if (risk != NULL) {
        app_record_put_decimal(&record, "position", risk->position.quantity);
        app_record_put_decimal(&record, "unrealized_pnl", risk->unrealized_pnl);
        app_record_put_decimal(&record, "margin_ratio", risk->margin_ratio);
    }
    app_record_print_json(&record, stdout);
}

static void print_line(const struct demo *demo, const char *what)
{
    char time[APP_TIME_SIZE];
    struct keel_risk risk;
    int64_t time_ms = keel_paper_market_time_ms(demo->paper);
    bool has_risk = read_risk(demo, &risk);
    if (demo->json) {
        print_row_json(what, time_ms, demo->price, has_risk ? &risk : NULL);
        return;
    }
    app_format_time(time_ms, time);
    print_row(what, time + 5, demo->price, has_risk ? &risk : NULL); /* without the year */
}

static void print_lines(struct demo *demo)
{
    for (int i = 0; i < demo->line_count; i++)
        print_line(demo, demo->lines[i]);
    demo->line_count = 0;
}

static KEEL_PRINTF(2, 3) void tell(struct demo *demo, const char *format, ...)
{
    va_list arguments;
    if (demo->line_count == LINES_MAX)
        print_lines(demo);
    va_start(arguments, format);
    vsnprintf(demo->lines[demo->line_count++], LINE_SIZE, format, arguments);
    va_end(arguments);
    if (!demo->holding)
        print_lines(demo);
}

static void print_head(const struct demo *demo, const char *url)
{
    if (demo->json)
        return;
    printf("A paper venue that speaks %s's protocol at %s.\nPrices: %s.\n\n", demo->venue, url,
           PRICES_SOURCE);
    printf("%-11s  %-49s  %9s  %8s  %9s  %12s\n", "time (UTC)", "what", "price", "position", "PnL",
           "margin ratio");
}

/* --- what the account is told --- */

static void on_mark(void *user, const struct keel_mark *mark)
{
    struct demo *demo = user;
    if (mark->market == demo->market)
        demo->price = mark->mark_price;
}

static void on_execution(void *user, const struct keel_execution *execution)
{
    char quantity[KEEL_DECIMAL_TEXT_SIZE], price[KEEL_DECIMAL_TEXT_SIZE];
    format_money(execution->quantity, 3, quantity);
    format_money(execution->price, 2, price);
    tell(user, "%s %s at %s%s", execution->side == KEEL_BUY ? "bought" : "sold", quantity, price,
         execution->maker ? " (maker)" : "");
}

static void on_funding(void *user, const struct keel_income *funding)
{
    char amount[KEEL_DECIMAL_TEXT_SIZE];
    format_money(funding->amount, 4, amount);
    tell(user, "funding %s %s", amount, funding->asset);
}

/* Market time runs so fast that funding is always near, and data always about to be old. */
static bool is_of_margin(enum keel_risk_event_kind kind)
{
    return kind == KEEL_RISK_MARGIN_RATIO || kind == KEEL_RISK_LIQUIDATION_DISTANCE ||
           kind == KEEL_RISK_VENUE_MARGIN_CALL || kind == KEEL_RISK_LIQUIDATED;
}

static void on_risk(void *user, const struct keel_risk_event *event)
{
    struct demo *demo = user;
    char price[KEEL_DECIMAL_TEXT_SIZE], distance[KEEL_DECIMAL_TEXT_SIZE];
    format_money(event->liquidation_price, 2, price);
    format_money(keel_decimal_mul(event->liquidation_distance, keel_decimal_from_int(100),
                                  KEEL_ROUND_HALF_EVEN),
                 1, distance);
    if (event->kind == KEEL_RISK_CLEARED && event->cleared == KEEL_RISK_MARGIN_RATIO)
        tell(demo, "margin warning is over");
    if (!is_of_margin(event->kind))
        return;
    demo->warned = true;
    demo->warnings++;
    if (event->kind == KEEL_RISK_LIQUIDATED)
        tell(demo, "LIQUIDATED");
    else
        tell(demo, "MARGIN WARNING: %s%% from liquidation at %s", distance, price);
}

static void on_difference(void *user, const struct keel_difference *difference)
{
    struct demo *demo = user;
    struct app_record record;
    demo->differences++;
    app_record_init(&record);
    app_render_difference(&record, app_account_markets(&demo->account), difference);
    if (demo->json)
        app_record_print_json(&record, stdout);
    else
        app_record_print_lines(&record, stdout);
}

/* --- what the account does --- */

/* One order of the script. A price without a trigger is a limit order; a trigger is a stop that
 * closes all. */
static enum keel_status place(struct demo *demo, enum keel_side side, const char *quantity,
                              const char *price, const char *trigger, bool reduce_only,
                              struct keel_error *error)
{
    struct keel_order_request request = keel_order_request_init();
    struct app_answer answer = {0};
    request.market = demo->market;
    request.side = side;
    request.type = trigger != NULL ? KEEL_STOP_MARKET : price != NULL ? KEEL_LIMIT : KEEL_MARKET;
    request.reduce_only = reduce_only;
    request.close_position = trigger != NULL;
    if (quantity != NULL)
        request.quantity = keel_decimal_from_text(quantity);
    if (price != NULL)
        request.price = keel_decimal_from_text(price);
    if (trigger != NULL)
        request.trigger_price = keel_decimal_from_text(trigger);
    enum keel_status status = keel_futures_place_order(app_account_futures(&demo->account),
                                                       &request, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(&demo->account, &answer, error);
    demo->orders += status == KEEL_OK;
    return status;
}

/* Leverage first: where a venue sets both at once, its margin mode comes with one. */
static enum keel_status set_leverage(struct demo *demo, struct keel_error *error)
{
    struct keel_futures *futures = app_account_futures(&demo->account);
    struct app_answer answer = {0};
    enum keel_status status =
        keel_futures_set_leverage(futures, demo->market, 10, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(&demo->account, &answer, error);
    if (status != KEEL_OK)
        return status;
    answer = (struct app_answer){0};
    futures = app_account_futures(&demo->account);
    status = keel_futures_set_margin_mode(futures, demo->market, KEEL_ISOLATED, app_on_result,
                                          &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(&demo->account, &answer, error);
    if (status == KEEL_OK)
        tell(demo, "leverage 10, isolated margin");
    return status;
}

static enum keel_status buy_dip(struct demo *demo, struct keel_error *error)
{
    enum keel_status status = place(demo, KEEL_BUY, "1.5", "21000", NULL, false, error);
    if (status == KEEL_OK)
        tell(demo, "limit order: buy 1.500 at 21000");
    return status;
}

static enum keel_status buy_more(struct demo *demo, struct keel_error *error)
{
    tell(demo, "market order: buy 0.500");
    print_lines(demo);
    return place(demo, KEEL_BUY, "0.5", NULL, NULL, false, error);
}

static enum keel_status await_warning(struct demo *demo, struct keel_error *error)
{
    if (!demo->warned &&
        keel_client_run(demo->account.client, &demo->warned, EVENT_WAIT_MS) != KEEL_OK)
        return keel_fail(error, KEEL_STALE, "no margin warning came although the price fell");
    return KEEL_OK;
}

static enum keel_status protect(struct demo *demo, struct keel_error *error)
{
    enum keel_status status = place(demo, KEEL_SELL, NULL, NULL, "19300", false, error);
    if (status == KEEL_OK)
        tell(demo, "stop order: close all below 19300");
    return status;
}

static enum keel_status take_profit(struct demo *demo, struct keel_error *error)
{
    enum keel_status status = place(demo, KEEL_SELL, "0.8", "24000", NULL, true, error);
    if (status == KEEL_OK)
        tell(demo, "reduce-only limit order: sell 0.800 at 24000");
    return status;
}

struct closing {
    struct app_answer answer;
    struct demo *demo;
};

static void on_close(void *user, const struct keel_close_result *result)
{
    struct closing *closing = user;
    closing->answer.done = true;
    closing->answer.fate = result->fate;
    closing->answer.error = result->error;
    closing->demo->orders += (int)result->order_count;
}

static enum keel_status close_all(struct demo *demo, struct keel_error *error)
{
    struct closing closing = {.demo = demo};
    struct keel_close_request request = {
        .market = demo->market,
        .all = true,
        .quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
    };
    tell(demo, "close the position at market");
    print_lines(demo);
    enum keel_status status = keel_futures_close_position(app_account_futures(&demo->account),
                                                          &request, on_close, &closing, error);
    return status == KEEL_OK ? app_account_wait_read(&demo->account, &closing.answer, error)
                             : status;
}

static enum keel_status cancel_all(struct demo *demo, struct keel_error *error)
{
    struct app_answer answer = {0};
    enum keel_status status = keel_private_cancel_all(app_account_base(&demo->account),
                                                      demo->market, app_on_result, &answer, error);
    if (status == KEEL_OK)
        status = app_account_wait_read(&demo->account, &answer, error);
    if (status == KEEL_OK)
        tell(demo, "cancel what still rests");
    return status;
}

typedef enum keel_status (*action)(struct demo *demo, struct keel_error *error);

static const struct {
    int64_t hour; /* after the beginning */
    action run;
} script[] = {
    {0,   set_leverage },
    {0,   buy_dip      },
    {12,  buy_more     }, /* the fall has filled the first order */
    {24,  await_warning}, /* past the low */
    {24,  protect      },
    {82,  take_profit  }, /* the rise has begun */
    {123, close_all    }, /* near the top */
    {123, cancel_all   },
};
enum { SCRIPT_COUNT = sizeof(script) / sizeof(script[0]) };

/* --- time --- */

static int64_t read_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Lets the account hear what comes in, until then. */
static void listen_until(const struct demo *demo, int64_t until_ms)
{
    static const bool never = false;
    int64_t left_ms = until_ms - read_clock_ms();
    /* Time passing is all that is waited for: that it has passed is no news. */
    (void)!keel_client_run(demo->account.client, &never, left_ms > 0 ? left_ms : 0);
}

/* The stream tells the mark once a second of the wall clock, which is hours of market time here: so
 * the account asks for it, too. */
static enum keel_status ask_mark(struct demo *demo, struct keel_error *error)
{
    struct app_answer answer = {0};
    struct keel_command command = {.kind = KEEL_LOAD_MARKS, .market = demo->market};
    enum keel_status status = keel_private_load(app_account_base(&demo->account), &command,
                                                app_on_result, &answer, error);
    return status == KEEL_OK ? app_account_wait_read(&demo->account, &answer, error) : status;
}

static enum keel_status advance(struct demo *demo, struct keel_error *error)
{
    demo->holding = true;
    enum keel_status status = keel_paper_advance(demo->paper, ADVANCE_MS, error);
    if (status == KEEL_OK)
        status = ask_mark(demo, error);
    demo->holding = false;
    print_lines(demo);
    return status;
}

/* Runs an action, and shows it with what the streams say of it. */
static enum keel_status act(struct demo *demo, action run, struct keel_error *error)
{
    demo->holding = true;
    enum keel_status status = run(demo, error);
    if (status == KEEL_OK)
        listen_until(demo, read_clock_ms() + ACTION_MS);
    demo->holding = false;
    print_lines(demo);
    return status;
}

static enum keel_status live(struct demo *demo, int64_t speed, struct keel_error *error)
{
    int64_t wall_ms = read_clock_ms(), elapsed_ms = 0;
    enum keel_status status = ask_mark(demo, error);
    for (size_t i = 0; i < SCRIPT_COUNT && status == KEEL_OK; i++) {
        while (elapsed_ms < script[i].hour * HOUR_MS && status == KEEL_OK) {
            status = advance(demo, error);
            elapsed_ms += ADVANCE_MS;
            listen_until(demo, speed == SPEED_MAX ? 0 : wall_ms + elapsed_ms / speed);
        }
        if (status == KEEL_OK)
            status = act(demo, script[i].run, error);
    }
    return status;
}

/* Waits until the streams have brought all that the venue told: several slices without news. */
static void settle(const struct demo *demo)
{
    struct keel_books_summary books, before = {0};
    int quiet = 0;
    for (int i = 0; i < SLICES_MAX && quiet < SLICES_QUIET; i++) {
        listen_until(demo, read_clock_ms() + SLICE_MS);
        keel_futures_books(app_account_futures(&demo->account), &books);
        bool same = books.executions == before.executions && books.fundings == before.fundings;
        quiet = same ? quiet + 1 : 0;
        before = books;
    }
}

/* --- the end --- */

static enum keel_status reconcile(struct demo *demo, struct keel_error *error)
{
    struct app_answer answer = {0};
    enum keel_status status =
        keel_private_reconcile(app_account_base(&demo->account), app_on_result, &answer, error);
    return status == KEEL_OK ? app_account_wait_read(&demo->account, &answer, error) : status;
}

static void render_summary(struct app_record *record, const struct demo *demo,
                           const struct keel_books_summary *books, bool conserved)
{
    app_record_put_int(record, "orders", demo->orders);
    app_record_put_int(record, "fills", books->executions);
    app_record_put_int(record, "fundings", books->fundings);
    app_record_put_int(record, "warnings", demo->warnings);
    app_record_put_decimal(record, "fees", books->fees);
    app_record_put_decimal(record, "funding", books->funding);
    app_record_put_decimal(record, "realized_pnl", books->realized_pnl);
    app_record_put_decimal(record, "wallet", books->wallet);
    app_record_put_int(record, "differences", demo->differences);
    app_record_put_bool(record, "conserved", conserved);
    app_record_put_text(record, "prices", PRICES_SOURCE);
}

static void print_money(const char *name, keel_decimal value)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    (void)keel_decimal_format(value, text);
    printf("%-14s %16s USDT\n", name, text);
}

static void print_summary(const struct demo *demo, const struct keel_books_summary *books,
                          bool conserved)
{
    printf("\n%-14s %16d\n%-14s %16d\n", "orders", demo->orders, "fills", books->executions);
    print_money("fees", books->fees);
    print_money("funding", books->funding);
    print_money("realized PnL", books->realized_pnl);
    print_money("wallet", books->wallet);
    printf("\nkeel's own books, fed by executions and funding alone, against the venue's: "
           "%d difference%s\nthe venue's audit: money is %s\n",
           demo->differences, demo->differences == 1 ? "" : "s",
           conserved ? "conserved to the last digit" : "NOT CONSERVED");
}

static enum keel_status conclude(struct demo *demo, struct keel_error *error)
{
    struct keel_books_summary books;
    struct app_record record;
    settle(demo);
    enum keel_status status = reconcile(demo, error);
    if (status != KEEL_OK)
        return status;
    bool conserved = keel_paper_is_conserved(demo->paper);
    keel_futures_books(app_account_futures(&demo->account), &books);
    if (demo->json) {
        app_record_init(&record);
        render_summary(&record, demo, &books, conserved);
        app_record_print_json(&record, stdout);
    } else {
        print_summary(demo, &books, conserved);
    }
    if (demo->differences == 0 && conserved)
        return KEEL_OK;
    return keel_fail(error, KEEL_BROKEN, "the books do not agree: %d differences%s",
                     demo->differences,
                     conserved ? "" : ", and the venue's money is not conserved");
}

static enum keel_status open_paper(struct demo *demo, struct keel_error *error)
{
    struct keel_paper_config config = keel_paper_config_init();
    char prices[1200];
    enum keel_status status = app_data_find(PRICES_FILE, prices, sizeof(prices), error);
    if (status != KEEL_OK)
        return status;
    config.listen = "127.0.0.1:0";
    config.prices = prices;
    config.symbol = "BTCUSDT";
    config.start_ms = begin_ms;
    config.speed = KEEL_PAPER_SPEED_MANUAL;
    demo->paper = keel_paper_open(&config, error);
    return demo->paper == NULL ? error->status : KEEL_OK;
}

static enum keel_status open_account(struct demo *demo, struct keel_error *error)
{
    static const char *const symbols[] = {"BTC/USDT"};
    struct keel_config config = keel_config_init();
    config.venue = demo->venue;
    config.url = keel_paper_url(demo->paper);
    config.api_key = keel_paper_api_key(demo->paper, 0);
    config.api_secret = keel_paper_api_secret(demo->paper, 0);
    config.symbols = symbols;
    config.symbol_count = 1;
    config.handlers = (struct keel_handlers){
        .user = demo,
        .on_execution = on_execution,
        .on_risk = on_risk,
        .on_funding = on_funding,
        .on_mark = on_mark,
        .on_difference = on_difference,
    };
    demo->account.client = keel_client_new(&config, error);
    if (demo->account.client == NULL)
        return error->status;
    enum keel_status status = keel_client_start(demo->account.client, error);
    return status == KEEL_OK ? app_account_find(&demo->account, symbols[0], &demo->market, error)
                             : status;
}

static enum keel_status read_options(const struct app_options *options, int64_t *speed,
                                     struct keel_error *error)
{
    const char *name = options->venue == NULL ? "binance" : options->venue;
    const struct keel_venue *venue = keel_venue_find(keel_str_from(name));
    *speed = SPEED_DEFAULT;
    if (venue == NULL)
        return keel_fail(error, KEEL_INVALID, "--venue: keel does not know '%s'", name);
    if (keel_venue_product(venue) != KEEL_PRODUCT_FUTURES)
        return keel_fail(error, KEEL_INVALID, "--venue: the demo is one of futures, and %s is spot",
                         name);
    if (options->speed != NULL && strcmp(options->speed, "max") == 0)
        *speed = SPEED_MAX;
    else if (app_parse_int("--speed", options->speed, 1, 1000000000, speed, NULL) != KEEL_OK)
        return keel_fail(error, KEEL_INVALID,
                         "--speed: '%s' is neither a whole number above 0 nor max", options->speed);
    return KEEL_OK;
}

static enum app_exit run_demo(const struct app_options *options)
{
    struct demo demo = {.json = options->json, .price = KEEL_DECIMAL_ABSENT};
    struct keel_error error;
    int64_t speed;
    demo.account.json = options->json;
    demo.venue = options->venue == NULL ? "binance" : options->venue;
    if (read_options(options, &speed, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    enum keel_status status = open_paper(&demo, &error);
    if (status == KEEL_OK) {
        print_head(&demo, keel_paper_url(demo.paper));
        status = open_account(&demo, &error);
    }
    if (status == KEEL_OK)
        status = live(&demo, speed, &error);
    if (status == KEEL_OK)
        status = conclude(&demo, &error);
    app_account_close(&demo.account);
    if (demo.paper != NULL)
        keel_paper_close(demo.paper);
    return status == KEEL_OK ? APP_DONE : app_fail(options->json, &error);
}

static const char *const demo_options[] = {"speed", "venue", NULL};

static const struct app_wording demo_wording[] = {
    {"speed", "market seconds a second, or max (24000)"},
    {"venue", "binance or gateio (binance)"            },
    {NULL,    NULL                                     },
};

const struct app_command app_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "watch an account live through March 2023 on the paper venue",
    .details = "Needs nothing: no account, no network. Succeeds only if keel's own books and "
               "the venue's\nagree and the venue's money is conserved. Prices:\n" PRICES_SOURCE ".",
    .example = "  keel demo\n  keel demo --venue gateio\n  keel demo --json --speed max",
    .options = demo_options,
    .wording = demo_wording,
    .run = run_demo,
};
