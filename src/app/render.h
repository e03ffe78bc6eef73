/* render.h - the library's values as records, by the field names that keel prints.
 *
 * The same names in every command and in `decode`. The record borrows from the value. */
#ifndef APP_RENDER_H
#define APP_RENDER_H

#include "app/table.h"
#include "keel/keel.h"

extern const struct app_columns app_order_columns, app_execution_columns, app_balance_columns,
    app_spot_balance_columns, app_position_columns, app_risk_columns, app_leverage_columns,
    app_modes_columns, app_fees_columns, app_withdrawal_columns, app_deposit_columns,
    app_transfer_columns, app_network_columns;

void app_render_order(struct app_record *record, const struct keel_markets *markets,
                      const struct keel_order *order);
void app_render_execution(struct app_record *record, const struct keel_markets *markets,
                          const struct keel_execution *execution);
/* unrealized_pnl: of the positions that settle in the asset; absent if not known. */
void app_render_balance(struct app_record *record, const struct keel_balance *balance,
                        keel_decimal unrealized_pnl);
/* Who told of what was read last, and how long ago: of an account's values, not of a message's. */
void app_render_reading(struct app_record *record, enum keel_source source, int64_t age_ms);
/* As the venue told it, with the figures of its message if there are any (else NULL). */
void app_render_position(struct app_record *record, const struct keel_markets *markets,
                         const struct keel_position *position,
                         const struct keel_position_told *told);
/* The same with its figures. */
void app_render_modes(struct app_record *record, const struct keel_modes *modes);
void app_render_live_position(struct app_record *record, const struct keel_markets *markets,
                              const struct keel_risk *risk);
void app_render_risk(struct app_record *record, const struct keel_markets *markets,
                     const struct keel_risk *risk);
void app_render_leverage(struct app_record *record, const struct keel_markets *markets,
                         const struct keel_leverage *leverage);
void app_render_risk_event(struct app_record *record, const struct keel_markets *markets,
                           const struct keel_risk_event *event);
void app_render_difference(struct app_record *record, const struct keel_markets *markets,
                           const struct keel_difference *difference);
void app_render_connection(struct app_record *record, const struct keel_connection *connection);
void app_render_mark(struct app_record *record, const struct keel_markets *markets,
                     const struct keel_mark *mark);
void app_render_income(struct app_record *record, const struct keel_markets *markets,
                       const struct keel_income *income);

void app_render_withdrawal(struct app_record *record, const struct keel_withdrawal *withdrawal);
void app_render_deposit(struct app_record *record, const struct keel_deposit *deposit);
void app_render_transfer(struct app_record *record, const struct keel_wallet_transfer *transfer);
void app_render_network(struct app_record *record, const struct keel_network *network);

/* Adds to a record that begins with "event". False for what only frames other events: nothing was
 * added. */
bool app_render_event(struct app_record *record, const struct keel_markets *markets,
                      const struct keel_event *event);

const char *app_connection_state_name(enum keel_connection_state state);
const char *app_symbol(const struct keel_markets *markets, keel_market_id market);

#endif
