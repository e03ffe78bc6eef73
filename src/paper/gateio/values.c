#include "paper/gateio/values.h"

#include <stdio.h>

keel_decimal gateio_or_zero(keel_decimal value)
{
    return keel_decimal_is_valid(value) ? value : KEEL_DECIMAL_ZERO;
}

/* "-0.0000000125" becomes "-1.25e-8". Returns its size. */
static size_t write_exponent(char *text)
{
    char digits[KEEL_DECIMAL_TEXT_SIZE] = "";
    const char *point = strchr(text, '.');
    const char *first = point + 1 + strspn(point + 1, "0");
    int exponent = (int)(first - point);
    (void)keel_str_copy(keel_str_from(first), digits, sizeof(digits));
    return (size_t)snprintf(text, KEEL_DECIMAL_TEXT_SIZE, "%s%c%s%se-%d", text[0] == '-' ? "-" : "",
                            digits[0], digits[1] == '\0' ? "" : ".", digits + 1, exponent);
}

void gateio_put_number(struct keel_writer *json, const char *key, keel_decimal value)
{
    static const char millionth[] = "0.000001";
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal magnitude = keel_decimal_abs(gateio_or_zero(value));
    size_t size = keel_decimal_format(gateio_or_zero(value), text);
    if (keel_decimal_is_positive(magnitude) &&
        keel_decimal_compare(magnitude, keel_decimal_from_text(millionth)) < 0)
        size = write_exponent(text);
    keel_json_put_raw(json, key, (keel_str){text, size});
}

void gateio_put_money(struct keel_writer *json, const char *key, keel_decimal value,
                      struct gateio_form form)
{
    if (form.stream)
        gateio_put_number(json, key, value);
    else
        keel_json_put_decimal(json, key, gateio_or_zero(value));
}

void gateio_put_contracts(struct keel_writer *json, const char *key, keel_decimal contracts,
                          struct gateio_form form)
{
    if (form.decimal_sizes)
        keel_json_put_decimal(json, key, gateio_or_zero(contracts));
    else
        gateio_put_number(
            json, key, keel_decimal_round_to_digits(gateio_or_zero(contracts), 0, KEEL_ROUND_DOWN));
}

void gateio_put_size(struct keel_writer *json, const char *key, keel_market_id market,
                     keel_decimal quantity, struct gateio_form form)
{
    if (form.spot) {
        keel_json_put_decimal(json, key, gateio_or_zero(quantity));
        return;
    }
    gateio_put_contracts(json, key, gateio_contracts_of(market, gateio_or_zero(quantity)), form);
}

void gateio_put_seconds(struct keel_writer *json, const char *key, int64_t time_ms)
{
    keel_decimal seconds = keel_decimal_div(keel_decimal_from_int(time_ms),
                                            keel_decimal_from_int(1000), KEEL_ROUND_DOWN);
    gateio_put_number(json, key, seconds);
}

void gateio_put_int_text(struct keel_writer *json, const char *key, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    keel_json_put_text(json, key, text);
}

void gateio_put_contract_name(struct keel_writer *json, keel_market_id market)
{
    keel_json_put_string(json, "contract", gateio_contract_get(market)->name);
}

void gateio_put_user(struct keel_writer *json, int account, struct gateio_form form)
{
    if (form.stream)
        gateio_put_int_text(json, "user", gateio_user_id(account));
    else
        keel_json_put_int(json, "user", gateio_user_id(account));
}

void gateio_put_time(struct keel_writer *json, int64_t time_ms, struct gateio_form form)
{
    keel_json_put_int(json, "time", time_ms / 1000);
    if (form.stream)
        keel_json_put_int(json, "time_ms", time_ms);
}

keel_decimal gateio_ratio(keel_decimal a, keel_decimal b, int digits)
{
    if (keel_decimal_is_zero(b))
        return KEEL_DECIMAL_ZERO;
    return keel_decimal_round_to_digits(keel_decimal_div(a, b, KEEL_ROUND_HALF_EVEN), digits,
                                        KEEL_ROUND_HALF_EVEN);
}
