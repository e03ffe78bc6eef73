#include "venue/gateio/encode.h"

#include "base/number.h"
#include "venue/gateio/place.h"
#include "venue/gateio/sign.h"
#include "venue/gateio/words.h"

#define PREFIX "/api/v4/futures/usdt"

enum {
    MS_IN_S = 1000,
    ROWS_MAX = 1000, /* in one list */
};

/* A request in the making: its parts are written where they belong, and signed at the end. */
struct builder {
    struct keel_gateio_encoder encoder; /* into the body */
    struct keel_writer path, query;
    struct keel_request *request;
};

static void write_path(struct builder *builder, keel_str text)
{
    keel_write(&builder->path, text);
}

static void begin_parameter(struct builder *builder, keel_str name)
{
    if (builder->query.size > 0)
        keel_write_char(&builder->query, '&');
    keel_write(&builder->query, name);
    keel_write_char(&builder->query, '=');
}

/* Left out when empty. */
static void write_word(struct builder *builder, keel_str name, keel_str word)
{
    if (word.size == 0)
        return;
    begin_parameter(builder, name);
    keel_write(&builder->query, word);
}

/* Left out when zero. */
static void write_int(struct builder *builder, keel_str name, int64_t value)
{
    if (value == 0)
        return;
    begin_parameter(builder, name);
    keel_write_int(&builder->query, value);
}

static enum keel_status write_contract(struct builder *builder, keel_market_id id)
{
    const struct keel_market *market;
    enum keel_status status = keel_gateio_get_market(&builder->encoder, id, &market);
    if (status == KEEL_OK)
        write_word(builder, KEEL_STR("contract"), keel_str_from(market->venue_symbol));
    return status;
}

static enum keel_status write_contract_if_any(struct builder *builder, keel_market_id id)
{
    return id == KEEL_NO_MARKET ? KEEL_OK : write_contract(builder, id);
}

static void set_method(struct builder *builder, enum keel_http_method method, const char *path)
{
    builder->request->method = method;
    write_path(builder, keel_str_from(path));
}

/* What counts as orders is counted apart from all other requests; cancelling has a limit of its
 * own, twice as high. */
static void count_order(struct builder *builder)
{
    builder->request->weight = 0;
    builder->request->order_count = 1;
}

static enum keel_status encode_place(struct builder *builder,
                                     const struct keel_order_request *place)
{
    builder->request->json = true;
    count_order(builder);
    if (keel_order_type_is_conditional(place->type)) {
        set_method(builder, KEEL_HTTP_POST, PREFIX "/price_orders");
        return keel_gateio_write_trigger(&builder->encoder, place);
    }
    set_method(builder, KEEL_HTTP_POST, PREFIX "/orders");
    return keel_gateio_write_order(&builder->encoder, place);
}

static enum keel_status write_order_path(struct builder *builder, enum keel_http_method method,
                                         const struct keel_order_ref *order)
{
    keel_str id;
    bool conditional = order->family == KEEL_FAMILY_CONDITIONAL;
    enum keel_status status = keel_gateio_find_id(&builder->encoder, order, &id);
    if (status != KEEL_OK)
        return status;
    set_method(builder, method, conditional ? PREFIX "/price_orders/" : PREFIX "/orders/");
    write_path(builder, id);
    return KEEL_OK;
}

static enum keel_status encode_amend(struct builder *builder, const struct keel_amend *amend)
{
    enum keel_status status = write_order_path(builder, KEEL_HTTP_PUT, &amend->order);
    builder->request->json = true;
    count_order(builder);
    return status == KEEL_OK ? keel_gateio_write_amend(&builder->encoder, amend, false) : status;
}

static enum keel_status encode_ref(struct builder *builder, enum keel_http_method method,
                                   const struct keel_order_ref *order)
{
    enum keel_status status = write_order_path(builder, method, order);
    if (method == KEEL_HTTP_DELETE)
        builder->request->weight = 0;
    return status == KEEL_OK ? write_contract_if_any(builder, order->market) : status;
}

static enum keel_status encode_cancel_all(struct builder *builder,
                                          const struct keel_order_ref *order)
{
    bool conditional = order->family == KEEL_FAMILY_CONDITIONAL;
    set_method(builder, KEEL_HTTP_DELETE, conditional ? PREFIX "/price_orders" : PREFIX "/orders");
    builder->request->weight = 0;
    return write_contract(builder, order->market);
}

/* In hedge mode one call sets both legs, below another path. */
static enum keel_status write_position_path(struct builder *builder, keel_market_id id,
                                            const char *setting)
{
    const struct keel_market *market;
    bool hedge = builder->encoder.modes->hedge == KEEL_ON;
    enum keel_status status = keel_gateio_get_market(&builder->encoder, id, &market);
    if (status != KEEL_OK)
        return status;
    set_method(builder, KEEL_HTTP_POST,
               hedge ? PREFIX "/dual_comp/positions/" : PREFIX "/positions/");
    write_path(builder, keel_str_from(market->venue_symbol));
    write_path(builder, keel_str_from(setting));
    return KEEL_OK;
}

/* Leverage 0 is cross, whose own limit is then the leverage (5.2). Of a contract that the account
 * has never touched Gate tells no mode: a leverage is then what it says by itself, isolated. */
static enum keel_status encode_leverage(struct builder *builder, keel_market_id market,
                                        int32_t leverage, enum keel_margin_mode mode)
{
    struct keel_error *error = builder->encoder.error;
    if (leverage < 1)
        return keel_fail(error, KEEL_INVALID,
                         "Gate sets leverage and margin mode at once, and leverage %d is below 1: "
                         "set the leverage first",
                         (int)leverage);
    enum keel_status status = write_position_path(builder, market, "/leverage");
    if (status != KEEL_OK)
        return status;
    begin_parameter(builder, KEEL_STR("leverage"));
    keel_write_int(&builder->query, mode == KEEL_CROSS ? 0 : leverage);
    if (mode == KEEL_CROSS)
        write_int(builder, KEEL_STR("cross_leverage_limit"), leverage);
    return KEEL_OK;
}

static enum keel_status encode_margin(struct builder *builder,
                                      const struct keel_margin_adjustment *margin)
{
    bool leg = margin->side == KEEL_LONG || margin->side == KEEL_SHORT;
    if (!keel_decimal_is_valid(margin->amount) || keel_decimal_is_zero(margin->amount))
        return keel_fail(builder->encoder.error, KEEL_INVALID, "no margin to add or to take");
    if (leg != (builder->encoder.modes->hedge == KEEL_ON))
        return keel_fail(builder->encoder.error, KEEL_INVALID,
                         "the command names %s, and hedge mode is %s",
                         keel_position_side_name(margin->side), leg ? "off" : "on");
    enum keel_status status = write_position_path(builder, margin->market, "/margin");
    if (status != KEEL_OK)
        return status;
    begin_parameter(builder, KEEL_STR("change"));
    keel_write_decimal(&builder->query, margin->amount);
    if (leg)
        write_word(builder, KEEL_STR("dual_side"),
                   margin->side == KEEL_LONG ? KEEL_STR("dual_long") : KEEL_STR("dual_short"));
    return KEEL_OK;
}

static void encode_hedge_mode(struct builder *builder, bool hedge)
{
    set_method(builder, KEEL_HTTP_POST, PREFIX "/set_position_mode");
    write_word(builder, KEEL_STR("position_mode"), hedge ? KEEL_STR("dual") : KEEL_STR("single"));
}

static enum keel_status encode_open_orders(struct builder *builder, const char *path,
                                           keel_market_id market)
{
    set_method(builder, KEEL_HTTP_GET, path);
    enum keel_status status = write_contract_if_any(builder, market);
    write_word(builder, KEEL_STR("status"), KEEL_STR("open"));
    write_int(builder, KEEL_STR("limit"), ROWS_MAX);
    return status;
}

/* A row a contract that the account ever touched, or two: without a limit the venue tells the first
 * hundred, and a position behind them would seem flat. */
static enum keel_status encode_positions(struct builder *builder)
{
    set_method(builder, KEEL_HTTP_GET, PREFIX "/positions");
    write_int(builder, KEEL_STR("limit"), ROWS_MAX);
    return KEEL_OK;
}

/* Whole seconds, outwards: what the range asks for is in it. */
static void write_range(struct builder *builder, const struct keel_page *page)
{
    write_int(builder, KEEL_STR("from"), page->start_time_ms / MS_IN_S);
    write_int(builder, KEEL_STR("to"), (page->end_time_ms + MS_IN_S - 1) / MS_IN_S);
}

static void write_offset(struct builder *builder, const struct keel_page *page)
{
    int64_t limit = page->limit > 0 ? page->limit : ROWS_MAX;
    write_int(builder, KEEL_STR("limit"), page->limit);
    if (page->page > 1)
        write_int(builder, KEEL_STR("offset"), (page->page - 1) * limit);
}

static bool has_range(const struct keel_page *page)
{
    return page->start_time_ms != 0 || page->end_time_ms != 0;
}

/* By time, or the finished ones before an id; conditional orders by page alone. */
static enum keel_status encode_orders(struct builder *builder, const struct keel_page *page)
{
    bool conditional = page->family == KEEL_FAMILY_CONDITIONAL;
    bool by_time = has_range(page) && !conditional;
    set_method(builder, KEEL_HTTP_GET,
               conditional ? PREFIX "/price_orders"
               : by_time   ? PREFIX "/orders_timerange"
                           : PREFIX "/orders");
    enum keel_status status = write_contract_if_any(builder, page->market);
    if (by_time)
        write_range(builder, page);
    else
        write_word(builder, KEEL_STR("status"), KEEL_STR("finished"));
    if (!by_time && !conditional)
        write_word(builder, KEEL_STR("last_id"), keel_str_from(page->from_id));
    write_offset(builder, page);
    return status;
}

/* Those before an id, or by time. */
static enum keel_status encode_executions(struct builder *builder, const struct keel_page *page)
{
    bool by_id = page->from_id[0] != '\0';
    set_method(builder, KEEL_HTTP_GET, by_id ? PREFIX "/my_trades" : PREFIX "/my_trades_timerange");
    enum keel_status status = write_contract_if_any(builder, page->market);
    if (by_id)
        write_word(builder, KEEL_STR("last_id"), keel_str_from(page->from_id));
    else
        write_range(builder, page);
    write_offset(builder, page);
    return status;
}

static enum keel_status encode_income(struct builder *builder, const struct keel_page *page)
{
    set_method(builder, KEEL_HTTP_GET, PREFIX "/account_book");
    enum keel_status status = write_contract_if_any(builder, page->market);
    write_word(builder, KEEL_STR("type"), keel_gateio_income_word(page->income_kind));
    write_range(builder, page);
    write_offset(builder, page);
    return status;
}

static enum keel_status encode_get(struct builder *builder, const char *path)
{
    set_method(builder, KEEL_HTTP_GET, path);
    return KEEL_OK;
}

static enum keel_status encode_get_of(struct builder *builder, const char *path,
                                      keel_market_id market)
{
    set_method(builder, KEEL_HTTP_GET, path);
    return write_contract_if_any(builder, market);
}

static enum keel_status encode_countdown(struct builder *builder,
                                         const struct keel_command *command)
{
    const int32_t least_s = 5;
    int32_t timeout_s = command->countdown.timeout_s;
    const struct keel_market *market;
    struct keel_writer *writer = &builder->encoder.writer;
    if (timeout_s != 0 && timeout_s < least_s)
        return keel_fail(builder->encoder.error, KEEL_INVALID,
                         "a countdown of %d s: it is %d at least, or 0 for none", (int)timeout_s,
                         (int)least_s);
    set_method(builder, KEEL_HTTP_POST, PREFIX "/countdown_cancel_all");
    builder->request->json = true;
    keel_json_open_object(writer, NULL);
    keel_json_put_int(writer, "timeout", timeout_s);
    if (command->countdown.market != KEEL_NO_MARKET) {
        enum keel_status status =
            keel_gateio_get_market(&builder->encoder, command->countdown.market, &market);
        if (status != KEEL_OK)
            return status;
        keel_json_put_text(writer, "contract", market->venue_symbol);
    }
    keel_json_close_object(writer);
    return KEEL_OK;
}

static enum keel_status fail_unsupported(struct builder *builder, const char *what)
{
    return keel_fail(builder->encoder.error, KEEL_UNSUPPORTED, "%s", what);
}

static enum keel_status write_request(struct builder *builder, const struct keel_command *command)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER: return encode_place(builder, &command->place);
    case KEEL_AMEND_ORDER: return encode_amend(builder, &command->amend);
    case KEEL_CANCEL_ORDER: return encode_ref(builder, KEEL_HTTP_DELETE, &command->order);
    case KEEL_QUERY_ORDER: return encode_ref(builder, KEEL_HTTP_GET, &command->order);
    case KEEL_CANCEL_ALL: return encode_cancel_all(builder, &command->order);
    case KEEL_SET_LEVERAGE:
        return encode_leverage(builder, command->leverage.market, command->leverage.leverage,
                               command->leverage.mode);
    case KEEL_SET_MARGIN_MODE:
        return encode_leverage(builder, command->margin_mode.market, command->margin_mode.leverage,
                               command->margin_mode.mode);
    case KEEL_ADJUST_MARGIN: return encode_margin(builder, &command->margin);
    case KEEL_SET_HEDGE_MODE: encode_hedge_mode(builder, command->enable); return KEEL_OK;
    case KEEL_SET_MULTI_ASSET:
        return fail_unsupported(builder, "the account's margin mode is set on Gate's own pages");
    case KEEL_LOAD_TIME: return encode_get(builder, "/api/v4/spot/time");
    case KEEL_LOAD_MARKETS: return encode_get(builder, PREFIX "/contracts");
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_OPEN_STREAM_KEY: return encode_get(builder, PREFIX "/accounts");
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE: return encode_positions(builder);
    case KEEL_LOAD_BRACKETS:
        return encode_get_of(builder, PREFIX "/risk_limit_tiers", command->market);
    case KEEL_LOAD_FEES: return encode_get_of(builder, PREFIX "/fee", command->market);
    case KEEL_LOAD_MARKS: return encode_get_of(builder, PREFIX "/tickers", command->market);
    case KEEL_LOAD_OPEN_ORDERS:
        return encode_open_orders(builder, PREFIX "/orders", command->market);
    case KEEL_LOAD_CONDITIONAL_ORDERS:
        return encode_open_orders(builder, PREFIX "/price_orders", command->market);
    case KEEL_LOAD_ORDERS: return encode_orders(builder, &command->page);
    case KEEL_LOAD_EXECUTIONS: return encode_executions(builder, &command->page);
    case KEEL_LOAD_INCOME: return encode_income(builder, &command->page);
    case KEEL_SET_COUNTDOWN: return encode_countdown(builder, command);
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
        return fail_unsupported(builder, "the user stream is opened by the user's id, which lasts");
    case KEEL_LOAD_AMENDMENTS:
    case KEEL_LOAD_MARGIN_CHANGES: return fail_unsupported(builder, "there is no such history");
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
        return fail_unsupported(builder, "a futures account moves no money: transfer to or from "
                                         "the spot wallet with a gateio-spot account");
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: break;
    }
    return keel_fail(builder->encoder.error, KEEL_INVALID, "no such command");
}

static bool is_public(enum keel_command_kind kind)
{
    return kind == KEEL_LOAD_TIME || kind == KEEL_LOAD_MARKETS || kind == KEEL_LOAD_BRACKETS ||
           kind == KEEL_LOAD_MARKS;
}

/* Only what a request always has is written; its buffers are large, and stay as they were. */
static void begin_request(struct builder *builder, enum keel_command_kind kind)
{
    struct keel_request *request = builder->request;
    request->idempotent = !keel_command_is_write(kind);
    request->needs_key = !is_public(kind);
    request->json = false;
    request->weight = 1;
    request->order_count = 0;
    keel_writer_init(&builder->path, request->path, sizeof(request->path));
    keel_writer_init(&builder->query, request->query, sizeof(request->query));
    keel_writer_init(&builder->encoder.writer, request->body, sizeof(request->body));
}

static bool is_ascii(keel_str text)
{
    uint64_t bits = 0;
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8)
        bits |= keel_load_word(text.data + i);
    for (; i < text.size; i++)
        bits |= (unsigned char)text.data[i];
    return (bits & UINT64_C(0x8080808080808080)) == 0;
}

/* Names of contracts may have letters beyond ASCII. They are signed as they are, and sent
 * percent-encoded. */
static void encode_percent(struct keel_writer *writer)
{
    char plain[KEEL_REQUEST_TEXT_SIZE];
    size_t size = writer->size;
    if (is_ascii(keel_writer_text(writer)))
        return;
    memcpy(plain, writer->data, size);
    keel_writer_init(writer, writer->data, writer->capacity + 1);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)plain[i] < 0x80)
            keel_write_char(writer, plain[i]);
        else
            keel_write_percent(writer, (keel_str){plain + i, 1});
    }
}

static bool finish_headers(struct builder *builder, const struct keel_keys *keys, int64_t time_ms,
                           int64_t receive_window_ms)
{
    struct keel_request *request = builder->request;
    struct keel_writer headers;
    keel_writer_init(&headers, request->headers, sizeof(request->headers));
    if (request->needs_key)
        keel_gateio_sign_request(keys, request, time_ms, &headers);
    keel_write(&headers, KEEL_STR("X-Gate-Size-Decimal: 1\n"));
    if (!request->idempotent && receive_window_ms > 0) {
        keel_write(&headers, KEEL_STR("x-gate-exptime: "));
        keel_write_int(&headers, time_ms + receive_window_ms);
        keel_write_char(&headers, '\n');
    }
    return !headers.full;
}

enum keel_status keel_gateio_encode(const struct keel_command *command,
                                    const struct keel_markets *markets,
                                    const struct keel_modes *modes, const struct keel_keys *keys,
                                    int64_t time_ms, int64_t receive_window_ms,
                                    struct keel_request *request, struct keel_error *error)
{
    struct builder builder = {
        .encoder = {.markets = markets, .modes = modes, .error = error},
        .request = request,
    };
    begin_request(&builder, command->kind);
    enum keel_status status = write_request(&builder, command);
    if (status != KEEL_OK)
        return status;

    const struct keel_writer *body = &builder.encoder.writer;
    request->body_size = (uint32_t)body->size;
    request->query_size = (uint32_t)builder.query.size;
    request->fresh_connection = !request->idempotent && request->body_size == 0;
    bool fits = !body->full && !builder.query.full && !builder.path.full &&
                finish_headers(&builder, keys, time_ms, receive_window_ms);
    encode_percent(&builder.path);
    encode_percent(&builder.query);
    request->query_size = (uint32_t)builder.query.size;
    fits = fits && !builder.path.full && !builder.query.full;
    return fits ? KEEL_OK : keel_fail(error, KEEL_FULL, "the request's parameters do not fit");
}
