/* command_text.c - commands as people and tools write them: JSON in keel's own words.
 *
 * All members are read first, whatever their order; then the command's row in one table tells which
 * of them it has and which it needs. */
#include "base/json.h"
#include "venue/venue.h"

#include <stdio.h>

enum member {
    MEMBER_COMMAND,
    MEMBER_SYMBOL,
    MEMBER_SIDE,
    MEMBER_POSITION_SIDE,
    MEMBER_TYPE,
    MEMBER_TIME_IN_FORCE,
    MEMBER_TRIGGER_SOURCE,
    MEMBER_PRICE_MATCH,
    MEMBER_REDUCE_ONLY,
    MEMBER_CLOSE_POSITION,
    MEMBER_QUANTITY,
    MEMBER_PRICE,
    MEMBER_TRIGGER_PRICE,
    MEMBER_CALLBACK_PERCENT,
    MEMBER_AMOUNT,
    MEMBER_CLIENT_ORDER_ID,
    MEMBER_ORDER_ID,
    MEMBER_FAMILY,
    MEMBER_LEVERAGE,
    MEMBER_MARGIN_MODE,
    MEMBER_ENABLE,
    MEMBER_FROM_ID,
    MEMBER_START_TIME_MS,
    MEMBER_END_TIME_MS,
    MEMBER_INCOME_TYPE,
    MEMBER_PAGE,
    MEMBER_LIMIT,
    MEMBER_TIMEOUT,
    MEMBER_COUNT,
};

#define BIT(name)  (UINT32_C(1) << MEMBER_##name)
#define ORDER_IDS  (BIT(ORDER_ID) | BIT(CLIENT_ORDER_ID))
#define TIME_RANGE (BIT(START_TIME_MS) | BIT(END_TIME_MS) | BIT(LIMIT))

enum value_kind { VALUE_WORD, VALUE_NUMBER, VALUE_INT, VALUE_BOOL };

/* clang-format off */
static const struct {
    const char *name;
    enum value_kind kind;
} members[MEMBER_COUNT] = {
    [MEMBER_COMMAND]          = {"command", VALUE_WORD},
    [MEMBER_SYMBOL]           = {"symbol", VALUE_WORD},
    [MEMBER_SIDE]             = {"side", VALUE_WORD},
    [MEMBER_POSITION_SIDE]    = {"position_side", VALUE_WORD},
    [MEMBER_TYPE]             = {"type", VALUE_WORD},
    [MEMBER_TIME_IN_FORCE]    = {"time_in_force", VALUE_WORD},
    [MEMBER_TRIGGER_SOURCE]   = {"trigger_source", VALUE_WORD},
    [MEMBER_PRICE_MATCH]      = {"price_match", VALUE_WORD},
    [MEMBER_REDUCE_ONLY]      = {"reduce_only", VALUE_BOOL},
    [MEMBER_CLOSE_POSITION]   = {"close_position", VALUE_BOOL},
    [MEMBER_QUANTITY]         = {"quantity", VALUE_NUMBER},
    [MEMBER_PRICE]            = {"price", VALUE_NUMBER},
    [MEMBER_TRIGGER_PRICE]    = {"trigger_price", VALUE_NUMBER},
    [MEMBER_CALLBACK_PERCENT] = {"callback_percent", VALUE_NUMBER},
    [MEMBER_AMOUNT]           = {"amount", VALUE_NUMBER},
    [MEMBER_CLIENT_ORDER_ID]  = {"client_order_id", VALUE_WORD},
    [MEMBER_ORDER_ID]         = {"order_id", VALUE_WORD},
    [MEMBER_FAMILY]           = {"family", VALUE_WORD},
    [MEMBER_LEVERAGE]         = {"leverage", VALUE_INT},
    [MEMBER_MARGIN_MODE]      = {"margin_mode", VALUE_WORD},
    [MEMBER_ENABLE]           = {"enable", VALUE_BOOL},
    [MEMBER_FROM_ID]          = {"from_id", VALUE_WORD},
    [MEMBER_START_TIME_MS]    = {"start_time_ms", VALUE_INT},
    [MEMBER_END_TIME_MS]      = {"end_time_ms", VALUE_INT},
    [MEMBER_INCOME_TYPE]      = {"income_type", VALUE_WORD},
    [MEMBER_PAGE]             = {"page", VALUE_INT},
    [MEMBER_LIMIT]            = {"limit", VALUE_INT},
    [MEMBER_TIMEOUT]          = {"timeout", VALUE_INT},
};
/* clang-format on */

/* Which members a command may have, and which it must. "command" itself goes without saying. */
/* clang-format off */
static const struct {
    uint32_t taken, needed;
} shapes[KEEL_COMMAND_KINDS] = {
    [KEEL_PLACE_ORDER] = {
        BIT(SYMBOL) | BIT(SIDE) | BIT(POSITION_SIDE) | BIT(TYPE) | BIT(TIME_IN_FORCE) |
            BIT(TRIGGER_SOURCE) | BIT(PRICE_MATCH) | BIT(REDUCE_ONLY) | BIT(CLOSE_POSITION) |
            BIT(QUANTITY) | BIT(PRICE) | BIT(TRIGGER_PRICE) | BIT(CALLBACK_PERCENT) |
            BIT(CLIENT_ORDER_ID),
        BIT(SYMBOL) | BIT(SIDE) | BIT(TYPE)},
    [KEEL_AMEND_ORDER] = {
        BIT(SYMBOL) | ORDER_IDS | BIT(FAMILY) | BIT(SIDE) | BIT(QUANTITY) | BIT(PRICE),
        BIT(SYMBOL) | BIT(SIDE)},
    [KEEL_CANCEL_ORDER]    = {BIT(SYMBOL) | ORDER_IDS | BIT(FAMILY), BIT(SYMBOL)},
    [KEEL_CANCEL_ALL]      = {BIT(SYMBOL) | BIT(FAMILY), BIT(SYMBOL)},
    [KEEL_SET_LEVERAGE]    = {BIT(SYMBOL) | BIT(LEVERAGE) | BIT(MARGIN_MODE),
                              BIT(SYMBOL) | BIT(LEVERAGE)},
    [KEEL_SET_MARGIN_MODE] = {BIT(SYMBOL) | BIT(MARGIN_MODE) | BIT(LEVERAGE),
                              BIT(SYMBOL) | BIT(MARGIN_MODE)},
    [KEEL_ADJUST_MARGIN]   = {BIT(SYMBOL) | BIT(POSITION_SIDE) | BIT(AMOUNT),
                              BIT(SYMBOL) | BIT(AMOUNT)},
    [KEEL_SET_HEDGE_MODE]  = {BIT(ENABLE), BIT(ENABLE)},
    [KEEL_SET_MULTI_ASSET] = {BIT(ENABLE), BIT(ENABLE)},

    [KEEL_QUERY_ORDER]     = {BIT(SYMBOL) | ORDER_IDS | BIT(FAMILY), BIT(SYMBOL)},
    [KEEL_LOAD_POSITIONS]  = {BIT(SYMBOL), 0},
    [KEEL_LOAD_LEVERAGE]   = {BIT(SYMBOL), 0},
    [KEEL_LOAD_BRACKETS]   = {BIT(SYMBOL), 0},
    [KEEL_LOAD_FEES]       = {BIT(SYMBOL), BIT(SYMBOL)},
    [KEEL_LOAD_MARKS]      = {BIT(SYMBOL), 0},
    [KEEL_LOAD_OPEN_ORDERS]        = {BIT(SYMBOL), 0},
    [KEEL_LOAD_CONDITIONAL_ORDERS] = {BIT(SYMBOL), 0},
    [KEEL_LOAD_ORDERS]     = {BIT(SYMBOL) | BIT(FAMILY) | BIT(FROM_ID) | TIME_RANGE, BIT(SYMBOL)},
    [KEEL_LOAD_EXECUTIONS] = {BIT(SYMBOL) | BIT(FROM_ID) | TIME_RANGE, BIT(SYMBOL)},
    [KEEL_LOAD_INCOME]     = {BIT(SYMBOL) | BIT(INCOME_TYPE) | BIT(PAGE) | TIME_RANGE, 0},
    [KEEL_SET_COUNTDOWN]   = {BIT(SYMBOL) | BIT(TIMEOUT), BIT(TIMEOUT)},
};
/* clang-format on */

struct value {
    keel_str word;
    keel_decimal number;
    int64_t whole;
    bool flag;
};

/* What was read; a member that is not there has a zero value, and a number is absent. */
struct text {
    uint32_t present;
    struct value at[MEMBER_COUNT];
};

static bool is_present(const struct text *text, enum member member)
{
    return (text->present & UINT32_C(1) << member) != 0;
}

static enum member find_member(keel_str name)
{
    for (unsigned i = 0; i < MEMBER_COUNT; i++) {
        if (keel_str_equals(name, keel_str_from(members[i].name)))
            return (enum member)i;
    }
    return MEMBER_COUNT;
}

static void read_value(struct keel_json *json, enum value_kind kind, struct value *value)
{
    switch (kind) {
    case VALUE_WORD:
        /* An id is a string, but venues show theirs as numbers. */
        if (keel_json_peek(json) == KEEL_JSON_NUMBER)
            keel_json_raw(json, &value->word);
        else
            keel_json_read_string(json, NULL, &value->word);
        break;
    case VALUE_NUMBER: keel_json_read_decimal(json, &value->number); break;
    case VALUE_INT: keel_json_read_int(json, &value->whole); break;
    case VALUE_BOOL: keel_json_read_bool(json, &value->flag); break;
    }
}

static enum keel_status read_members(struct keel_json *json, struct text *text,
                                     struct keel_error *error)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        enum member member = find_member(key);
        if (member == MEMBER_COUNT)
            return keel_fail(error, KEEL_INVALID, "unknown member '%.*s'", KEEL_STR_ARGS(key));
        if (is_present(text, member))
            return keel_fail(error, KEEL_INVALID, "%s comes twice", members[member].name);
        text->present |= UINT32_C(1) << member;
        read_value(json, members[member].kind, &text->at[member]);
        if (json->inexact)
            return keel_fail(error, KEEL_INVALID, "%s has more than %d decimals",
                             members[member].name, KEEL_DECIMAL_DIGITS);
    }
    return keel_json_finish(json, error);
}

/* The first member in a set, by name. */
static const char *name_first(uint32_t set)
{
    return members[__builtin_ctz(set)].name;
}

static enum keel_status check_shape(const struct text *text, enum keel_command_kind kind,
                                    struct keel_error *error)
{
    uint32_t extra = text->present & ~(shapes[kind].taken | BIT(COMMAND));
    uint32_t missing = shapes[kind].needed & ~text->present;
    if (extra != 0)
        return keel_fail(error, KEEL_INVALID, "%s has no member %s", keel_command_kind_name(kind),
                         name_first(extra));
    if (missing != 0)
        return keel_fail(error, KEEL_INVALID, "%s needs %s", keel_command_kind_name(kind),
                         name_first(missing));
    return KEEL_OK;
}

/* --- markets --- */

/* Is it what was asked for: "BTC/USDT:USDT" is "BTC/USDT", too, and so is "BTCUSDT". */
static bool answers_to(const struct keel_market *market, keel_str name)
{
    keel_str symbol = keel_str_from(market->symbol);
    return keel_str_equals(name, keel_str_from(market->venue_symbol)) ||
           keel_str_equals(name, symbol) ||
           (keel_str_starts_with(symbol, name) && symbol.data[name.size] == ':');
}

/* The venue knows markets by its own names; which of those a unified symbol becomes is tried out
 * and asked back, so that no venue's rule stands here. */
static bool name_market(const struct keel_venue *venue, keel_str name, struct keel_market *market)
{
    static const char *const separators[] = {"", "_", "-"};
    const char *slash = name.size > 0 ? memchr(name.data, '/', name.size) : NULL;
    if (slash == NULL)
        return venue->name_market(name, market) && answers_to(market, name);

    keel_str base = {name.data, (size_t)(slash - name.data)};
    keel_str rest = {slash + 1, name.size - base.size - 1};
    const char *colon = memchr(rest.data, ':', rest.size);
    keel_str quote = {rest.data, colon == NULL ? rest.size : (size_t)(colon - rest.data)};
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
        char guess[2 * KEEL_SYMBOL_SIZE];
        int size = snprintf(guess, sizeof(guess), "%.*s%s%.*s", KEEL_STR_ARGS(base), separators[i],
                            KEEL_STR_ARGS(quote));
        if (size > 0 && (size_t)size < sizeof(guess) &&
            venue->name_market((keel_str){guess, (size_t)size}, market) && answers_to(market, name))
            return true;
    }
    return false;
}

static enum keel_status find_market(const struct keel_venue *venue, const struct text *text,
                                    struct keel_markets *markets, keel_market_id *id,
                                    struct keel_error *error)
{
    keel_str name = text->at[MEMBER_SYMBOL].word;
    struct keel_market market;
    *id = KEEL_NO_MARKET;
    if (!is_present(text, MEMBER_SYMBOL))
        return KEEL_OK;
    *id = keel_markets_find(markets, name);
    if (*id != KEEL_NO_MARKET)
        return KEEL_OK;
    if (name.size >= KEEL_SYMBOL_SIZE || !name_market(venue, name, &market))
        return keel_fail(error, KEEL_INVALID, "symbol '%.*s' is not a market of %s",
                         KEEL_STR_ARGS(name), venue->name);
    return keel_markets_put(markets, &market, id, error);
}

/* --- members into the command --- */

static enum keel_status fail_word(const struct text *text, enum member member,
                                  struct keel_error *error)
{
    keel_str word = text->at[member].word;
    return keel_fail(error, KEEL_INVALID, "%s cannot be '%.*s'", members[member].name,
                     KEEL_STR_ARGS(word));
}

static enum keel_status copy_id(const struct text *text, enum member member, char *buffer,
                                size_t buffer_size, struct keel_error *error)
{
    if (!keel_str_copy(text->at[member].word, buffer, buffer_size))
        return keel_fail(error, KEEL_INVALID, "%s is longer than %zu characters",
                         members[member].name, buffer_size - 1);
    return KEEL_OK;
}

/* A word that is there but means nothing is a mistake; zero is right only for one that is absent.
 */
static bool is_wrong(const struct text *text, enum member member, unsigned value)
{
    return is_present(text, member) && value == 0;
}

static enum keel_status fill_order_words(const struct text *text, struct keel_order_request *place,
                                         struct keel_error *error)
{
    const struct value *at = text->at;
    place->side = keel_side_parse(at[MEMBER_SIDE].word);
    place->position_side = keel_position_side_parse(at[MEMBER_POSITION_SIDE].word);
    place->type = keel_order_type_parse(at[MEMBER_TYPE].word);
    place->time_in_force = keel_time_in_force_parse(at[MEMBER_TIME_IN_FORCE].word);
    place->trigger_source = keel_trigger_source_parse(at[MEMBER_TRIGGER_SOURCE].word);
    place->price_match = keel_price_match_parse(at[MEMBER_PRICE_MATCH].word);
    if (is_wrong(text, MEMBER_SIDE, place->side))
        return fail_word(text, MEMBER_SIDE, error);
    if (is_wrong(text, MEMBER_POSITION_SIDE, place->position_side))
        return fail_word(text, MEMBER_POSITION_SIDE, error);
    if (is_wrong(text, MEMBER_TYPE, place->type) || place->type == KEEL_LIQUIDATION)
        return fail_word(text, MEMBER_TYPE, error);
    if (is_wrong(text, MEMBER_TIME_IN_FORCE, place->time_in_force))
        return fail_word(text, MEMBER_TIME_IN_FORCE, error);
    if (is_wrong(text, MEMBER_TRIGGER_SOURCE, place->trigger_source))
        return fail_word(text, MEMBER_TRIGGER_SOURCE, error);
    if (is_wrong(text, MEMBER_PRICE_MATCH, place->price_match))
        return fail_word(text, MEMBER_PRICE_MATCH, error);
    return KEEL_OK;
}

static enum keel_status fill_place(const struct text *text, keel_market_id market,
                                   struct keel_order_request *place, struct keel_error *error)
{
    *place = keel_order_request_init();
    place->market = market;
    place->reduce_only = text->at[MEMBER_REDUCE_ONLY].flag;
    place->close_position = text->at[MEMBER_CLOSE_POSITION].flag;
    place->quantity = text->at[MEMBER_QUANTITY].number;
    place->price = text->at[MEMBER_PRICE].number;
    place->trigger_price = text->at[MEMBER_TRIGGER_PRICE].number;
    place->callback_percent = text->at[MEMBER_CALLBACK_PERCENT].number;
    enum keel_status status = fill_order_words(text, place, error);
    return status != KEEL_OK ? status
                             : copy_id(text, MEMBER_CLIENT_ORDER_ID, place->client_id,
                                       sizeof(place->client_id), error);
}

static enum keel_status fill_ref(const struct text *text, keel_market_id market,
                                 struct keel_order_ref *ref, struct keel_error *error)
{
    ref->market = market;
    ref->family = keel_order_family_parse(text->at[MEMBER_FAMILY].word);
    if (is_wrong(text, MEMBER_FAMILY, ref->family))
        return fail_word(text, MEMBER_FAMILY, error);
    enum keel_status status =
        copy_id(text, MEMBER_ORDER_ID, ref->order_id, sizeof(ref->order_id), error);
    return status != KEEL_OK ? status
                             : copy_id(text, MEMBER_CLIENT_ORDER_ID, ref->client_id,
                                       sizeof(ref->client_id), error);
}

/* One order, by one of its ids. */
static enum keel_status fill_order(const struct text *text, keel_market_id market,
                                   struct keel_order_ref *ref, struct keel_error *error)
{
    if ((text->present & ORDER_IDS) == 0)
        return keel_fail(error, KEEL_INVALID, "an order is named by order_id or client_order_id");
    return fill_ref(text, market, ref, error);
}

static enum keel_status fill_amend(const struct text *text, keel_market_id market,
                                   struct keel_amend *amend, struct keel_error *error)
{
    amend->side = keel_side_parse(text->at[MEMBER_SIDE].word);
    amend->quantity = text->at[MEMBER_QUANTITY].number;
    amend->price = text->at[MEMBER_PRICE].number;
    if (amend->side == KEEL_SIDE_NONE)
        return fail_word(text, MEMBER_SIDE, error);
    return fill_order(text, market, &amend->order, error);
}

static enum keel_status fill_page(const struct text *text, keel_market_id market,
                                  struct keel_page *page, struct keel_error *error)
{
    const struct value *at = text->at;
    if (at[MEMBER_PAGE].whole < 0 || at[MEMBER_PAGE].whole > INT32_MAX ||
        at[MEMBER_LIMIT].whole < 0 || at[MEMBER_LIMIT].whole > INT32_MAX)
        return keel_fail(error, KEEL_INVALID, "page and limit are whole numbers above 0");
    page->market = market;
    page->start_time_ms = at[MEMBER_START_TIME_MS].whole;
    page->end_time_ms = at[MEMBER_END_TIME_MS].whole;
    page->page = (int32_t)at[MEMBER_PAGE].whole;
    page->limit = (int32_t)at[MEMBER_LIMIT].whole;
    page->family = keel_order_family_parse(at[MEMBER_FAMILY].word);
    page->income_kind = keel_income_kind_parse(at[MEMBER_INCOME_TYPE].word);
    if (is_wrong(text, MEMBER_FAMILY, page->family))
        return fail_word(text, MEMBER_FAMILY, error);
    if (is_wrong(text, MEMBER_INCOME_TYPE, page->income_kind))
        return fail_word(text, MEMBER_INCOME_TYPE, error);
    return copy_id(text, MEMBER_FROM_ID, page->from_id, sizeof(page->from_id), error);
}

static enum keel_status fill_setting(const struct text *text, keel_market_id market,
                                     struct keel_command *command, struct keel_error *error)
{
    int64_t leverage = text->at[MEMBER_LEVERAGE].whole;
    enum keel_margin_mode mode = keel_margin_mode_parse(text->at[MEMBER_MARGIN_MODE].word);
    if (is_present(text, MEMBER_LEVERAGE) && (leverage < 1 || leverage > INT32_MAX))
        return keel_fail(error, KEEL_INVALID, "leverage is a whole number above 0");
    if (is_wrong(text, MEMBER_MARGIN_MODE, mode))
        return fail_word(text, MEMBER_MARGIN_MODE, error);
    if (command->kind == KEEL_SET_MARGIN_MODE) {
        command->margin_mode.market = market;
        command->margin_mode.mode = mode;
        command->margin_mode.leverage = (int32_t)leverage;
        return KEEL_OK;
    }
    /* Where a venue sets both at once, leverage by itself is that of an isolated position. */
    command->leverage.market = market;
    command->leverage.leverage = (int32_t)leverage;
    command->leverage.mode = mode == KEEL_MARGIN_MODE_NONE ? KEEL_ISOLATED : mode;
    return KEEL_OK;
}

static enum keel_status fill_countdown(const struct text *text, keel_market_id market,
                                       struct keel_command *command, struct keel_error *error)
{
    int64_t timeout_s = text->at[MEMBER_TIMEOUT].whole;
    if (timeout_s < 0 || timeout_s > INT32_MAX)
        return keel_fail(error, KEEL_INVALID, "timeout is a whole number of seconds");
    command->countdown.market = market;
    command->countdown.timeout_s = (int32_t)timeout_s;
    return KEEL_OK;
}

static enum keel_status fill_margin(const struct text *text, keel_market_id market,
                                    struct keel_margin_adjustment *margin, struct keel_error *error)
{
    margin->market = market;
    margin->amount = text->at[MEMBER_AMOUNT].number;
    margin->side = keel_position_side_parse(text->at[MEMBER_POSITION_SIDE].word);
    if (is_wrong(text, MEMBER_POSITION_SIDE, margin->side))
        return fail_word(text, MEMBER_POSITION_SIDE, error);
    if (margin->side == KEEL_POSITION_SIDE_NONE)
        margin->side = KEEL_NET;
    return KEEL_OK;
}

static enum keel_status fill_command(const struct text *text, keel_market_id market,
                                     struct keel_command *command, struct keel_error *error)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER: return fill_place(text, market, &command->place, error);
    case KEEL_AMEND_ORDER: return fill_amend(text, market, &command->amend, error);
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: return fill_order(text, market, &command->order, error);
    case KEEL_CANCEL_ALL: return fill_ref(text, market, &command->order, error);
    case KEEL_SET_LEVERAGE:
    case KEEL_SET_MARGIN_MODE: return fill_setting(text, market, command, error);
    case KEEL_ADJUST_MARGIN: return fill_margin(text, market, &command->margin, error);
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET: command->enable = text->at[MEMBER_ENABLE].flag; return KEEL_OK;
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE:
    case KEEL_LOAD_BRACKETS:
    case KEEL_LOAD_FEES:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS:
    case KEEL_LOAD_CONDITIONAL_ORDERS: command->market = market; return KEEL_OK;
    case KEEL_LOAD_ORDERS:
    case KEEL_LOAD_EXECUTIONS:
    case KEEL_LOAD_INCOME: return fill_page(text, market, &command->page, error);
    case KEEL_SET_COUNTDOWN: return fill_countdown(text, market, command, error);
    case KEEL_LOAD_TIME:
    case KEEL_LOAD_MARKETS:
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_OPEN_STREAM_KEY:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_LOAD_AMENDMENTS:
    case KEEL_LOAD_MARGIN_CHANGES:
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: break;
    }
    return KEEL_OK;
}

enum keel_status keel_venue_parse_command(const struct keel_venue *venue, keel_str json,
                                          struct keel_markets *markets,
                                          struct keel_command *command, struct keel_error *error)
{
    struct keel_json reader;
    struct text text = {0};
    keel_market_id market;
    for (int i = 0; i < MEMBER_COUNT; i++)
        text.at[i].number = KEEL_DECIMAL_ABSENT;
    keel_json_init(&reader, json);
    enum keel_status status = read_members(&reader, &text, error);
    if (status != KEEL_OK)
        return status;

    *command = (struct keel_command){0};
    command->kind = keel_command_kind_parse(text.at[MEMBER_COMMAND].word);
    if (command->kind == KEEL_COMMAND_NONE)
        return fail_word(&text, MEMBER_COMMAND, error);
    status = check_shape(&text, command->kind, error);
    if (status == KEEL_OK)
        status = find_market(venue, &text, markets, &market, error);
    return status == KEEL_OK ? fill_command(&text, market, command, error) : status;
}
