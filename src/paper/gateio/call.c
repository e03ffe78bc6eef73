#include "paper/gateio/gateio_internal.h"

/* Times in seconds have ten digits, in milliseconds thirteen. */
static const int64_t seconds_max = INT64_C(100000000000);

static bool find(struct gateio_call *call, const char *name, enum gateio_need need, keel_str *value)
{
    *value = (keel_str){"", 0};
    if (gateio_refused(call))
        return false;
    const keel_str *found = gateio_params_find(call->params, name);
    if (found && found->size > 0) {
        *value = *found;
        return true;
    }
    if (need == GATEIO_MANDATORY)
        gateio_refuse(call, "MISSING_REQUIRED_PARAM", "Missing required parameter: %s", name);
    return false;
}

keel_str gateio_read_text(struct gateio_call *call, const char *name, enum gateio_need need)
{
    keel_str value;
    (void)find(call, name, need, &value);
    return value;
}

keel_decimal gateio_read_decimal(struct gateio_call *call, const char *name, enum gateio_need need)
{
    keel_str text;
    keel_decimal value;
    if (!find(call, name, need, &text))
        return KEEL_DECIMAL_ABSENT;
    if (keel_decimal_parse(text, KEEL_ROUND_DOWN, &value, NULL) == KEEL_OK)
        return value;
    gateio_refuse(call, "INVALID_PARAM_VALUE", "Invalid request parameter `%s` value: %.*s", name,
                  KEEL_STR_ARGS(text));
    return KEEL_DECIMAL_ABSENT;
}

int64_t gateio_read_int(struct gateio_call *call, const char *name, enum gateio_need need)
{
    keel_decimal value = gateio_read_decimal(call, name, need);
    if (!keel_decimal_is_valid(value))
        return 0;
    keel_int128 whole = keel_decimal_raw(value) / keel_decimal_raw(KEEL_DECIMAL_ONE);
    if (keel_decimal_digits(value) == 0 && whole <= INT64_MAX && whole >= -INT64_MAX)
        return (int64_t)whole;
    gateio_refuse(call, "INVALID_PARAM_VALUE", "Invalid request parameter `%s` value", name);
    return 0;
}

bool gateio_read_bool(struct gateio_call *call, const char *name, enum gateio_need need)
{
    keel_str text;
    if (!find(call, name, need, &text))
        return false;
    if (keel_str_equals(text, KEEL_STR("true")) || keel_str_equals(text, KEEL_STR("1")))
        return true;
    if (!keel_str_equals(text, KEEL_STR("false")) && !keel_str_equals(text, KEEL_STR("0")))
        gateio_refuse(call, "INVALID_PARAM_VALUE", "Invalid request parameter `%s` value: %.*s",
                      name, KEEL_STR_ARGS(text));
    return false;
}

static keel_market_id find_contract(struct gateio_call *call, keel_str name)
{
    keel_market_id market = gateio_contract_find(name);
    if (market == KEEL_NO_MARKET)
        gateio_refuse(call, "CONTRACT_NOT_FOUND", "contract %.*s not found", KEEL_STR_ARGS(name));
    return market;
}

keel_market_id gateio_read_contract(struct gateio_call *call, enum gateio_need need)
{
    keel_str name;
    return find(call, "contract", need, &name) ? find_contract(call, name) : KEEL_NO_MARKET;
}

keel_market_id gateio_subject_contract(struct gateio_call *call)
{
    return gateio_refused(call) ? KEEL_NO_MARKET : find_contract(call, call->subject);
}

void gateio_read_page(struct gateio_call *call, int limit_normal, int limit_max)
{
    int64_t limit = gateio_read_int(call, "limit", GATEIO_OPTIONAL);
    int64_t offset = gateio_read_int(call, "offset", GATEIO_OPTIONAL);
    if (limit < 0 || limit > limit_max)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "limit must be between 1 and %d", limit_max);
    if (offset < 0 || offset > INT32_MAX)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid offset");
    if (gateio_refused(call))
        return;
    call->list_limit = limit == 0 ? limit_normal : (int)limit;
    call->list_offset = (int)offset;
}

static int64_t read_time_ms(struct gateio_call *call, const char *name)
{
    int64_t time = gateio_read_int(call, name, GATEIO_OPTIONAL);
    if (time < 0)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "invalid %s", name);
    return time > seconds_max ? time : time * 1000;
}

void gateio_read_span(struct gateio_call *call, int64_t *from_ms, int64_t *to_ms)
{
    *from_ms = read_time_ms(call, "from");
    *to_ms = read_time_ms(call, "to");
    if (*to_ms != 0)
        *to_ms += 999; /* the whole of its second */
    if (*to_ms != 0 && *from_ms > *to_ms)
        gateio_refuse(call, "INVALID_PARAM_VALUE", "from must not be after to");
}

void gateio_charge(struct gateio_call *call, enum gateio_limit_kind kind, int count)
{
    static const int32_t limits[GATEIO_LIMIT_COUNT] = {
        [GATEIO_LIMIT_ORDERS] = GATEIO_ORDERS_PER_S,
        [GATEIO_LIMIT_CANCELS] = GATEIO_CANCELS_PER_S,
        [GATEIO_LIMIT_WS] = GATEIO_WS_ORDERS_PER_S,
        [GATEIO_LIMIT_SPOT_CANCELS] = GATEIO_SPOT_CANCELS_PER_S,
        [GATEIO_LIMIT_SPOT_WS] = GATEIO_SPOT_WS_PER_S,
        [GATEIO_LIMIT_WITHDRAWALS] = 1,
    };
    int64_t window_ms = kind == GATEIO_LIMIT_WITHDRAWALS ? GATEIO_WITHDRAWAL_GAP_MS : 1000;
    struct gateio_account *account = &call->gateio->accounts[call->account];
    call->allowance =
        gateio_limit_charge(&account->limits[kind], limits[kind] * call->gateio->limits.factor,
                            window_ms, count, call->now_ms);
    if (call->allowance.exceeded)
        gateio_refuse(call, "TOO_MANY_REQUESTS", "Request Rate Limit Exceeded (311)");
}

bool gateio_is_dual(const struct gateio_call *call)
{
    struct paper_account view;
    paper_engine_get_account(call->engine, call->account, &view);
    return view.hedge_mode;
}
