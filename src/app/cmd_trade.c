/* cmd_trade.c - the commands about orders: order, amend, close, cancel, cancel-all.
 *
 * What is wrong with the command line is said before anything connects. Each write goes out at most
 * once; with --dry-run it passes the gate and is shown instead. */
#include "app/account.h"
#include "app/commands.h"

#include <stdlib.h>

enum { OPEN_ORDERS_MAX = 4096 };

/* People write stop-market as readily as stop_market. */
static keel_str normalize(const char *word, char buffer[32])
{
    size_t size = strlen(word);
    if (size >= 32)
        return KEEL_STR("");
    memcpy(buffer, word, size + 1);
    for (char *at = buffer; *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    return (keel_str){buffer, size};
}

static enum keel_status wait_for_order(struct app_account *account, struct app_answer *answer,
                                       struct app_table *table, struct keel_error *error)
{
    struct app_record record;
    enum keel_status status = app_account_wait(account, answer, error);
    if (status != KEEL_OK || !answer->has_order)
        return status;
    app_record_init(&record);
    app_render_order(&record, app_account_markets(account), &answer->order);
    app_table_add(table, &record);
    return KEEL_OK;
}

/* --- order --- */

static enum keel_status read_type(const struct app_options *options,
                                  struct keel_order_request *request, struct keel_error *error)
{
    char buffer[32];
    if (options->type == NULL && options->price != NULL && options->trigger == NULL) {
        request->type = KEEL_LIMIT;
        return KEEL_OK;
    }
    if (options->type == NULL && options->trigger != NULL)
        return keel_fail(error, KEEL_INVALID,
                         "what shall the trigger set off? Say --type stop_market, stop_limit, "
                         "take_profit_market or take_profit_limit");
    /* A forgotten --price must not become an order at any price. */
    if (options->type == NULL)
        return keel_fail(error, KEEL_INVALID,
                         "what kind of order? Say --type market, or give a "
                         "--price for a limit order");
    request->type = keel_order_type_parse(normalize(options->type, buffer));
    if (request->type == KEEL_ORDER_TYPE_NONE || request->type == KEEL_LIQUIDATION)
        return keel_fail(error, KEEL_INVALID, "--type: there is no order type '%s'", options->type);
    return KEEL_OK;
}

static enum keel_status read_words(const struct app_options *options,
                                   struct keel_order_request *request, struct keel_error *error)
{
    if (options->tif != NULL)
        request->time_in_force = keel_time_in_force_parse(keel_str_from(options->tif));
    if (options->tif != NULL && request->time_in_force == KEEL_TIME_IN_FORCE_NONE)
        return keel_fail(error, KEEL_INVALID, "--tif: '%s' is none of gtc, ioc, fok, gtx",
                         options->tif);
    if (options->trigger_source != NULL)
        request->trigger_source = keel_trigger_source_parse(keel_str_from(options->trigger_source));
    if (options->trigger_source != NULL && request->trigger_source == KEEL_TRIGGER_SOURCE_NONE)
        return keel_fail(error, KEEL_INVALID, "--trigger-source: '%s' is neither last nor mark",
                         options->trigger_source);
    if (options->trigger_source != NULL && !keel_order_type_is_conditional(request->type))
        return keel_fail(error, KEEL_INVALID, "--trigger-source: a %s order watches no price",
                         keel_order_type_name(request->type));
    if (options->client_id != NULL &&
        !keel_str_copy(keel_str_from(options->client_id), request->client_id,
                       sizeof(request->client_id)))
        return keel_fail(error, KEEL_INVALID, "--client-id is too long");
    return KEEL_OK;
}

static enum keel_status read_prices(const struct app_options *options,
                                    struct keel_order_request *request, struct keel_error *error)
{
    enum keel_status status = app_parse_decimal("--price", options->price, &request->price, error);
    if (status == KEEL_OK)
        status = app_parse_decimal("--trigger", options->trigger, &request->trigger_price, error);
    if (status == KEEL_OK)
        status =
            app_parse_decimal("--callback", options->callback, &request->callback_percent, error);
    return status;
}

/* SIDE QUANTITY SYMBOL; SIDE SYMBOL with --close-position, which has no quantity. */
static enum keel_status read_order(const struct app_options *options,
                                   struct keel_order_request *request, const char **symbol,
                                   struct keel_error *error)
{
    *request = keel_order_request_init();
    request->reduce_only = options->reduce_only;
    request->close_position = options->close_position;
    request->side = keel_side_parse(keel_str_from(options->arguments[0]));
    if (request->side == KEEL_SIDE_NONE)
        return keel_fail(error, KEEL_INVALID, "'%s' is neither buy nor sell",
                         options->arguments[0]);
    *symbol = options->arguments[options->argument_count - 1];
    if (options->argument_count == 2 && !options->close_position)
        return keel_fail(error, KEEL_INVALID, "how much? Usage: keel order buy 0.01 BTC/USDT");
    if (options->argument_count == 3 && options->close_position)
        return keel_fail(error, KEEL_INVALID,
                         "--close-position closes whatever is there: leave the quantity out");
    const char *quantity = options->argument_count == 3 ? options->arguments[1] : NULL;
    enum keel_status status =
        app_parse_decimal("quantity", quantity,
                          options->quote ? &request->quote_quantity : &request->quantity, error);
    if (status == KEEL_OK)
        status = read_type(options, request, error);
    if (status == KEEL_OK)
        status = read_words(options, request, error);
    if (status == KEEL_OK)
        status = app_parse_position_side(options, &request->position_side, error);
    return status == KEEL_OK ? read_prices(options, request, error) : status;
}

/* What a venue would pass over without a word. */
static enum keel_status check_watched(const struct app_account *account,
                                      const struct keel_order_request *request,
                                      struct keel_error *error)
{
    if (request->trigger_source == KEEL_TRIGGER_MARK)
        return app_account_check_futures(account, "mark price that an order could watch", error);
    return KEEL_OK;
}

static enum app_exit run_order(const struct app_options *options)
{
    struct keel_order_request request;
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    const char *symbol = NULL;
    if (read_order(options, &request, &symbol, &error) != KEEL_OK ||
        app_account_open_market(&account, options, symbol, &request.market, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (check_watched(&account, &request, &error) != KEEL_OK)
        return app_account_finish(&account, NULL, &error, error.status);
    if (options->dry_run) {
        struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = request};
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    }
    app_table_init(&table, options->json, &app_order_columns);
    enum keel_status status = keel_private_place_order(app_account_base(&account), &request,
                                                       app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = wait_for_order(&account, &answer, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

/* --- amend --- */

static enum keel_status read_ref(const struct app_options *options, struct keel_order_ref *ref,
                                 struct keel_error *error)
{
    const char *id = options->argument_count == 2 ? options->arguments[1] : NULL;
    *ref = (struct keel_order_ref){0};
    if ((id == NULL) == (options->client_id == NULL))
        return keel_fail(error, KEEL_INVALID,
                         "which order? Give its id, or --client-id; usage: SYMBOL ID");
    if ((id != NULL && !keel_str_copy(keel_str_from(id), ref->order_id, sizeof(ref->order_id))) ||
        (id == NULL &&
         !keel_str_copy(keel_str_from(options->client_id), ref->client_id, sizeof(ref->client_id))))
        return keel_fail(error, KEEL_INVALID, "the order's id is too long");
    return KEEL_OK;
}

static enum keel_status read_amend(const struct app_options *options, struct keel_order_ref *ref,
                                   keel_decimal *quantity, keel_decimal *price,
                                   struct keel_error *error)
{
    *quantity = *price = KEEL_DECIMAL_ABSENT;
    if (options->quantity == NULL && options->price == NULL)
        return keel_fail(error, KEEL_INVALID,
                         "what shall change? Give --quantity, --price or both");
    enum keel_status status = read_ref(options, ref, error);
    if (status == KEEL_OK)
        status = app_parse_decimal("--quantity", options->quantity, quantity, error);
    return status == KEEL_OK ? app_parse_decimal("--price", options->price, price, error) : status;
}

static enum app_exit run_amend(const struct app_options *options)
{
    struct keel_order_ref ref;
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    keel_decimal quantity, price;
    if (read_amend(options, &ref, &quantity, &price, &error) != KEEL_OK ||
        app_account_open_market(&account, options, options->arguments[0], &ref.market, &error) !=
            KEEL_OK)
        return app_fail(options->json, &error);
    if (options->dry_run) {
        struct keel_command command = {
            .kind = KEEL_AMEND_ORDER,
            .amend = {.order = ref, .quantity = quantity, .price = price},
        };
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    }
    app_table_init(&table, options->json, &app_order_columns);
    enum keel_status status = keel_private_amend_order(app_account_base(&account), &ref, quantity,
                                                       price, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = wait_for_order(&account, &answer, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

/* --- close --- */

struct close_answer {
    struct app_answer answer;
    const struct app_account *account;
    struct app_table *table;
    keel_decimal remaining;
};

static void on_close(void *user, const struct keel_close_result *result)
{
    struct close_answer *close = user;
    struct app_record record;
    close->answer.done = true;
    close->answer.fate = result->fate;
    close->answer.error = result->error;
    /* Its orders were taken, and did not close it. */
    if (result->fate == KEEL_ACCEPTED && result->error.status != KEEL_OK)
        close->answer.fate = KEEL_FATE_FAILED;
    close->remaining = result->remaining;
    for (size_t i = 0; i < result->order_count; i++) {
        app_record_init(&record);
        app_render_order(&record, app_account_markets(close->account), &result->orders[i]);
        app_table_add(close->table, &record);
    }
}

static enum keel_status read_close(const struct app_options *options,
                                   struct keel_close_request *request, struct keel_error *error)
{
    *request = (struct keel_close_request){
        .quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .all = options->all,
    };
    if (options->all == (options->quantity != NULL))
        return keel_fail(error, KEEL_INVALID,
                         "how much? Say either --all or --quantity Q, to the position's last bit");
    enum keel_status status =
        app_parse_decimal("--quantity", options->quantity, &request->quantity, error);
    if (status == KEEL_OK)
        status = app_parse_decimal("--price", options->price, &request->price, error);
    return status == KEEL_OK ? app_parse_position_side(options, &request->side, error) : status;
}

/* The orders that a close is made of: reduce-only, none larger than the market takes. */
static struct keel_command make_close_command(const struct keel_close_request *close,
                                              const struct keel_position *position,
                                              keel_decimal quantity)
{
    struct keel_command command = {.kind = KEEL_PLACE_ORDER, .place = keel_order_request_init()};
    struct keel_order_request *place = &command.place;
    place->market = close->market;
    place->side = keel_decimal_is_negative(position->quantity) ? KEEL_BUY : KEEL_SELL;
    place->position_side = position->side;
    place->type = keel_decimal_is_valid(close->price) ? KEEL_LIMIT : KEEL_MARKET;
    place->price = close->price;
    place->reduce_only = position->side == KEEL_NET;
    place->quantity = quantity;
    return command;
}

static enum keel_status dry_run_close(const struct app_account *account,
                                      const struct keel_close_request *close,
                                      struct keel_error *error)
{
    const struct keel_market *market =
        keel_markets_get(app_account_markets(account), close->market);
    enum keel_position_side side = close->side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : close->side;
    struct keel_position position;
    enum keel_status status = keel_futures_position(app_account_futures(account), close->market,
                                                    side, false, &position, error);
    if (status != KEEL_OK)
        return status;
    keel_decimal left = close->all ? keel_decimal_abs(position.quantity) : close->quantity;
    keel_decimal most =
        keel_decimal_is_valid(close->price) ? market->quantity_max : market->market_quantity_max;
    while (status == KEEL_OK && keel_decimal_is_positive(left)) {
        bool splits = keel_decimal_is_positive(most) && keel_decimal_compare(left, most) > 0;
        keel_decimal part = splits ? most : left;
        struct keel_command command = make_close_command(close, &position, part);
        status = app_account_dry_run(account, &command, error);
        left = keel_decimal_sub(left, part);
    }
    return status;
}

static void print_remaining(const struct app_account *account, const char *symbol,
                            keel_decimal remaining)
{
    struct app_record record;
    char text[KEEL_DECIMAL_TEXT_SIZE];
    app_record_init(&record);
    app_record_put_text(&record, "symbol", symbol);
    app_record_put_decimal(&record, "remaining", remaining);
    (void)keel_decimal_format(remaining, text);
    if (account->json)
        app_record_print_json(&record, stdout);
    else if (!keel_decimal_is_valid(remaining))
        printf("%s: not known yet what remains open\n", symbol);
    else if (keel_decimal_is_zero(remaining))
        printf("%s: flat\n", symbol);
    else
        printf("%s: %s still open\n", symbol, text);
}

static enum app_exit run_close(const struct app_options *options)
{
    struct keel_close_request request;
    struct app_account account;
    struct app_table table;
    struct keel_error error;
    if (read_close(options, &request, &error) != KEEL_OK ||
        app_account_open_market(&account, options, options->arguments[0], &request.market,
                                &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (app_account_check_futures(&account, "position to close", &error) != KEEL_OK)
        return app_account_finish(&account, NULL, &error, error.status);
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  dry_run_close(&account, &request, &error));
    struct close_answer close = {.account = &account, .table = &table};
    app_table_init(&table, options->json, &app_order_columns);
    enum keel_status status = keel_futures_close_position(app_account_futures(&account), &request,
                                                          on_close, &close, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &close.answer, &error);
    app_table_finish(&table, close.answer.done);
    if (close.answer.done)
        print_remaining(&account, app_symbol(app_account_markets(&account), request.market),
                        close.remaining);
    return app_account_finish(&account, NULL, &error, status);
}

/* --- cancel --- */

static bool is_meant(const struct keel_order *order, const struct keel_order_ref *ref)
{
    return ref->order_id[0] != '\0' ? strcmp(order->order_id, ref->order_id) == 0
                                    : strcmp(order->client_id, ref->client_id) == 0;
}

/* Which family owns it: the open orders know; of an order that is not among them the user must. */
static void find_family(const struct app_account *account, const struct app_options *options,
                        struct keel_order_ref *ref)
{
    enum keel_status status;
    struct keel_order *orders = calloc(OPEN_ORDERS_MAX, sizeof(*orders));
    KEEL_ASSERT(orders != NULL);
    ref->family = options->conditional ? KEEL_FAMILY_CONDITIONAL : KEEL_FAMILY_REGULAR;
    size_t count = keel_private_open_orders(app_account_base(account), ref->market, false, orders,
                                            OPEN_ORDERS_MAX, &status);
    for (size_t i = 0; i < count && !options->conditional; i++)
        if (is_meant(&orders[i], ref))
            ref->family = orders[i].family;
    free(orders);
}

static enum app_exit run_cancel(const struct app_options *options)
{
    struct keel_order_ref ref;
    struct app_account account;
    struct app_answer answer = {0};
    struct app_table table;
    struct keel_error error;
    if (read_ref(options, &ref, &error) != KEEL_OK ||
        app_account_open_market(&account, options, options->arguments[0], &ref.market, &error) !=
            KEEL_OK)
        return app_fail(options->json, &error);
    find_family(&account, options, &ref);
    if (options->dry_run) {
        struct keel_command command = {.kind = KEEL_CANCEL_ORDER, .order = ref};
        return app_account_finish(&account, NULL, &error,
                                  app_account_dry_run(&account, &command, &error));
    }
    app_table_init(&table, options->json, &app_order_columns);
    enum keel_status status =
        keel_private_cancel_order(app_account_base(&account), &ref, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = wait_for_order(&account, &answer, &table, &error);
    return app_account_finish(&account, &table, &error, status);
}

static enum keel_status dry_run_cancel_all(const struct app_account *account, keel_market_id market,
                                           struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_CANCEL_ALL, .order = {.market = market}};
    command.order.family = KEEL_FAMILY_REGULAR;
    enum keel_status status = app_account_dry_run(account, &command, error);
    command.order.family = KEEL_FAMILY_CONDITIONAL;
    return status == KEEL_OK ? app_account_dry_run(account, &command, error) : status;
}

static void print_fate(const struct app_account *account, const char *symbol)
{
    struct app_record record;
    app_record_init(&record);
    app_record_put_text(&record, "symbol", symbol);
    app_record_put_text(&record, "fate", keel_fate_name(KEEL_ACCEPTED));
    if (account->json)
        app_record_print_json(&record, stdout);
    else
        printf("%s: all orders cancelled\n", symbol);
}

static enum app_exit run_cancel_all(const struct app_options *options)
{
    struct app_account account;
    struct app_answer answer = {0};
    struct keel_error error;
    keel_market_id market;
    if (app_account_open_market(&account, options, options->arguments[0], &market, &error) !=
        KEEL_OK)
        return app_fail(options->json, &error);
    if (options->dry_run)
        return app_account_finish(&account, NULL, &error,
                                  dry_run_cancel_all(&account, market, &error));
    enum keel_status status =
        keel_private_cancel_all(app_account_base(&account), market, app_on_result, &answer, &error);
    if (status == KEEL_OK)
        status = app_account_wait(&account, &answer, &error);
    if (status == KEEL_OK)
        print_fate(&account, app_symbol(app_account_markets(&account), market));
    return app_account_finish(&account, NULL, &error, status);
}

static const char *const order_options[] = {
    "type",        "price",          "tif",           "trigger",   "trigger-source", "callback",
    "reduce-only", "close-position", "position-side", "client-id", "dry-run",        "quote",
    NULL};
static const char *const amend_options[] = {"quantity",    "price",   "client-id",
                                            "conditional", "dry-run", NULL};
static const char *const close_options[] = {"all",           "quantity", "price",
                                            "position-side", "dry-run",  NULL};
static const char *const cancel_options[] = {"client-id", "conditional", "dry-run", NULL};
static const char *const cancel_all_options[] = {"dry-run", NULL};

static const struct app_wording amend_wording[] = {
    {"quantity",  "the new quantity in base units, what is filled included"},
    {"price",     "the new limit price"                                    },
    {"client-id", "the order's client order id, in the place of ORDER_ID"  },
    {NULL,        NULL                                                     },
};
static const struct app_wording close_wording[] = {
    {"price", "by a limit order at this price; at market without it"},
    {NULL,    NULL                                                  },
};
static const struct app_wording cancel_wording[] = {
    {"client-id", "the order's client order id, in the place of ORDER_ID"},
    {NULL,        NULL                                                   },
};

const struct app_command app_order = {
    .name = "order",
    .arguments = "buy|sell QUANTITY SYMBOL",
    .arguments_min = 2,
    .arguments_max = 3,
    .summary = "place an order",
    .details =
        "QUANTITY is in base units: 0.01 is a hundredth of a bitcoin. With a --price it is a "
        "limit\n"
        "order; a market order must be asked for with --type market. Stops and take-profits need\n"
        "--type and --trigger. With --close-position, which a stop_market or take_profit_market\n"
        "order may have, leave QUANTITY out. On spot, --quote says that QUANTITY is what a market "
        "order\n"
        "spends or brings; at Gate.io a market buy needs it.",
    .example = "  keel order buy 0.01 BTC/USDT --price 20000 --tif gtx\n"
               "  keel order sell 0.01 BTC/USDT --type market --reduce-only\n"
               "  keel order sell BTC/USDT --type stop_market --trigger 19000 --close-position\n"
               "  keel order buy 100 BTC/USDT --type market --quote --venue binance-spot",
    .options = order_options,
    .has_account = true,
    .trades = true,
    .run = run_order,
};

const struct app_command app_amend = {
    .name = "amend",
    .arguments = "SYMBOL [ORDER_ID]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "change the quantity or the price of an order",
    .details = "What a venue cannot change it says: Binance spot changes no price, Binance "
               "and Gate.io\nfutures no stops.",
    .example = "  keel amend BTC/USDT 283194212 --price 19900\n"
               "  keel amend BTC/USDT --client-id my-order-7 --quantity 0.005",
    .options = amend_options,
    .wording = amend_wording,
    .has_account = true,
    .trades = true,
    .run = run_amend,
};

const struct app_command app_close = {
    .name = "close",
    .arguments = "SYMBOL",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "close a position, whole or in part",
    .details =
        "Say --all or --quantity Q: nothing is taken for \"all\". At market, or with --price "
        "by a\nlimit order; always reduce-only.",
    .example = "  keel close BTC/USDT --all\n  keel close BTC/USDT --quantity 0.005 --dry-run",
    .options = close_options,
    .wording = close_wording,
    .has_account = true,
    .trades = true,
    .run = run_close,
};

const struct app_command app_cancel = {
    .name = "cancel",
    .arguments = "SYMBOL [ORDER_ID]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "cancel an order, by the venue's id or by the client order id",
    .details = "Of an open order keel knows whether it is conditional; --conditional says it of "
               "others.",
    .example = "  keel cancel BTC/USDT 283194212\n  keel cancel BTC/USDT --client-id my-order-7",
    .options = cancel_options,
    .wording = cancel_wording,
    .has_account = true,
    .trades = true,
    .run = run_cancel,
};

const struct app_command app_cancel_all = {
    .name = "cancel-all",
    .arguments = "SYMBOL",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "cancel all orders of a market, stops and take-profits too",
    .details = "",
    .example = "  keel cancel-all BTC/USDT",
    .options = cancel_all_options,
    .has_account = true,
    .trades = true,
    .run = run_cancel_all,
};
