/* words.h - Binance's words for what keel's vocabulary names, both ways.
 *
 * Pure. Parsing answers the zero value for a word that is not known; the caller shows it. */
#ifndef KEEL_VENUE_BINANCE_WORDS_H
#define KEEL_VENUE_BINANCE_WORDS_H

#include "keel/command.h"

/* True when text is this literal: the compiler makes it one or two comparisons. */
#define KEEL_BINANCE_IS(text, literal)                                                             \
    ((text).size == sizeof(literal) - 1 &&                                                         \
     memcmp((text).data, "" literal, sizeof(literal) - 1) == 0)

/* What an ORDER_TRADE_UPDATE tells of ("x"). */
enum keel_binance_execution_type {
    KEEL_BINANCE_EXECUTION_NONE,
    KEEL_BINANCE_NEW,
    KEEL_BINANCE_TRADE,
    KEEL_BINANCE_CANCELED,
    KEEL_BINANCE_EXPIRED,
    KEEL_BINANCE_AMENDMENT,
    KEEL_BINANCE_CALCULATED, /* liquidation and auto-deleveraging */
    KEEL_BINANCE_REJECTED,
};

enum keel_side keel_binance_parse_side(keel_str word);
enum keel_position_side keel_binance_parse_position_side(keel_str word);
enum keel_order_type keel_binance_parse_order_type(keel_str word);
enum keel_time_in_force keel_binance_parse_time_in_force(keel_str word);
enum keel_order_status keel_binance_parse_order_status(keel_str word);
enum keel_binance_execution_type keel_binance_parse_execution_type(keel_str word);
enum keel_trigger_source keel_binance_parse_working_type(keel_str word);
enum keel_margin_mode keel_binance_parse_margin_mode(keel_str word);
enum keel_market_status keel_binance_parse_market_status(keel_str word);
enum keel_income_kind keel_binance_parse_income(keel_str word); /* OTHER if none fits */
enum keel_income_kind keel_binance_parse_reason(keel_str word); /* of an ACCOUNT_UPDATE */

/* Who made an order: by its client id first, because a liquidation may be told as a plain TRADE. */
enum keel_cause keel_binance_find_cause(keel_str client_id, keel_str status, keel_str type,
                                        enum keel_binance_execution_type execution);

/* Empty for values that Binance has no word for. */
keel_str keel_binance_side_word(enum keel_side side);
keel_str keel_binance_position_side_word(enum keel_position_side side);
keel_str keel_binance_order_type_word(enum keel_order_type type);
keel_str keel_binance_time_in_force_word(enum keel_time_in_force time_in_force);
keel_str keel_binance_working_type_word(enum keel_trigger_source source);
keel_str keel_binance_margin_mode_word(enum keel_margin_mode mode);
keel_str keel_binance_price_match_word(enum keel_price_match match);
keel_str keel_binance_income_word(enum keel_income_kind kind);

#endif
