/* gate_check.h - what the checks of the gate share, and which file has which.
 *
 * Pure; no allocation. Each answers KEEL_OK or a refusal with its sentence. */
#ifndef KEEL_CORE_GATE_CHECK_H
#define KEEL_CORE_GATE_CHECK_H

#include "core/account_state.h"
#include "core/gate.h"
#include "core/margin.h"

/* One command in one market. Of a command without a market, rules and terms are NULL. */
struct keel_check {
    const struct keel_account *account;
    const struct keel_market *rules;
    const struct keel_terms *terms;
    keel_market_id market;
    int64_t now_ns;
    struct keel_error *error;
};

/* A number as text, for a message: it lives as long as the call it is written into. */
struct keel_text {
    char at[KEEL_DECIMAL_TEXT_SIZE];
};

static inline struct keel_text keel_text_of(keel_decimal value)
{
    struct keel_text text;
    keel_decimal_format(value, text.at);
    return text;
}

static inline const char *keel_check_symbol(const struct keel_check *check)
{
    return check->rules->symbol;
}

/* Absent if none was told. */
static inline keel_decimal keel_check_mark_price(const struct keel_check *check)
{
    return keel_terms_mark_price(check->terms);
}

/* gate_values.c: grids, ranges, bands, triggers. */
enum keel_status keel_refuse_range(const struct keel_check *check, enum keel_status status,
                                   const char *what, keel_decimal value, keel_decimal min,
                                   keel_decimal max);

/* A limit that the venue does not have, absent or 0, holds nothing. Inline, as every order has its
 * values compared several times. */
static inline enum keel_status keel_check_range(const struct keel_check *check,
                                                enum keel_status status, const char *what,
                                                keel_decimal value, keel_decimal min,
                                                keel_decimal max)
{
    if ((keel_decimal_is_positive(min) && keel_decimal_compare(value, min) < 0) ||
        (keel_decimal_is_positive(max) && keel_decimal_compare(value, max) > 0))
        return keel_refuse_range(check, status, what, value, min, max);
    return KEEL_OK;
}

enum keel_status keel_check_price(const struct keel_check *check, keel_decimal price);
enum keel_status keel_check_quantity(const struct keel_check *check, keel_decimal quantity,
                                     bool as_limit);
enum keel_status keel_check_band(const struct keel_check *check, enum keel_side side,
                                 keel_decimal price, keel_decimal reference);
enum keel_status keel_check_trigger(const struct keel_check *check,
                                    const struct keel_order_request *request);
enum keel_status keel_check_values(const struct keel_check *check,
                                   const struct keel_order_request *request);
keel_decimal keel_check_notional_price(const struct keel_check *check,
                                       const struct keel_order_request *request);
enum keel_status keel_check_notional_min(const struct keel_check *check, keel_decimal quantity,
                                         keel_decimal price, keel_decimal notional);

/* gate_orders.c: what every order is asked, on futures and on spot. */
enum keel_status keel_refuse_shape(const struct keel_check *check, enum keel_order_type type,
                                   const char *why);
enum keel_status keel_check_shape(const struct keel_check *check,
                                  const struct keel_order_request *request);
enum keel_status keel_check_market_status(const struct keel_check *check, bool exit);
enum keel_status keel_check_client_id(const struct keel_check *check, const char *client_id);
enum keel_status keel_check_open_orders(const struct keel_check *check, bool conditional);
enum keel_status keel_refuse_not_fresh(const struct keel_check *check);
const struct keel_order_slot *keel_check_find_order(const struct keel_check *check,
                                                    const struct keel_order_ref *ref);
enum keel_status keel_check_amendable(const struct keel_check *check,
                                      const struct keel_amend *amend,
                                      const struct keel_order_slot *slot);
enum keel_status keel_check_amended_quantity(const struct keel_check *check,
                                             const struct keel_amend *amend,
                                             const struct keel_order *order);
enum keel_status keel_check_ref(const struct keel_order_ref *ref, bool needs_id,
                                struct keel_error *error);

/* gate_futures.c: entries, exits, margin. */
enum keel_status keel_check_futures_place(const struct keel_check *check,
                                          const struct keel_order_request *request);
enum keel_status keel_check_futures_amend(const struct keel_check *check,
                                          const struct keel_amend *amend);
enum keel_status keel_check_available(const struct keel_check *check, keel_decimal needed);

/* gate_settings.c: leverage, margin and modes, of one market or of the account. */
enum keel_status keel_check_setting(const struct keel_check *check,
                                    const struct keel_command *command);
enum keel_status keel_check_modes(const struct keel_account *account,
                                  const struct keel_command *command, struct keel_error *error);

/* gate_spot.c: orders paid from the free balance; no positions, no margin. */
enum keel_status keel_check_spot_place(const struct keel_check *check,
                                       const struct keel_order_request *request);
enum keel_status keel_check_spot_amend(const struct keel_check *check,
                                       const struct keel_amend *amend);

/* The commands that the account's kind does not have. */
enum keel_status keel_refuse_on_spot(const struct keel_command *command, struct keel_error *error);
enum keel_status keel_refuse_on_futures(const struct keel_command *command,
                                        struct keel_error *error);

/* gate_wallet.c: transfers and withdrawals. */
enum keel_status keel_check_wallet(const struct keel_account *account,
                                   const struct keel_command *command, struct keel_error *error);

#endif
