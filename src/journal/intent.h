/* intent.h - a write that keel wants, as a row: written before it leaves, read after a crash. */
#ifndef KEEL_JOURNAL_INTENT_H
#define KEEL_JOURNAL_INTENT_H

#include "journal/row.h"
#include "session/effect.h"

/* The columns that both of these go through, in order. */
#define KEEL_INTENT_COLUMNS                                                                        \
    "number, time_ms, expires_ms, command, symbol, family, client_id, order_id, side, "            \
    "position_side, type, time_in_force, trigger_source, price_match, reduce_only, "               \
    "close_position, forced, quantity, price, trigger_price, callback_percent, leverage, "         \
    "margin_mode, amount, enable, quote_quantity, wallet_from, wallet_to, asset, network, "        \
    "address, memo, quantity_before, wallet_before"
#define KEEL_INTENT_PLACES                                                                         \
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "  \
    "?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34"

void keel_intent_bind(struct keel_row *row, const struct keel_intent *intent);

/* False if the row is not one that keel_intent_bind has written. */
KEEL_MUST_USE bool keel_intent_take(struct keel_row_view *view, struct keel_intent *intent);

#endif
