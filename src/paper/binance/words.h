/* words.h - the venue's words for what the engine's enums say, both ways.
 *
 * Pure. Reading is exact: upper case, no blanks; the zero value for an unknown word. */
#ifndef PAPER_BINANCE_WORDS_H
#define PAPER_BINANCE_WORDS_H

#include "paper/engine.h"

const char *binance_side_word(enum keel_side side);
const char *binance_position_side_word(enum keel_position_side side);
const char *binance_order_type_word(enum keel_order_type type);
const char *binance_time_in_force_word(enum keel_time_in_force time_in_force);
const char *binance_order_status_word(enum paper_order_status status);
const char *binance_execution_word(enum paper_execution_kind kind);
const char *binance_algo_status_word(enum paper_conditional_status status);
const char *binance_working_type_word(enum keel_trigger_source source);
const char *binance_self_trade_word(enum paper_self_trade mode);
const char *binance_price_match_word(enum paper_price_match match);
const char *binance_income_word(enum keel_income_kind kind);
const char *binance_reason_word(enum paper_account_reason reason);

enum keel_side binance_read_side(keel_str word);
enum keel_position_side binance_read_position_side(keel_str word);
enum keel_order_type binance_read_order_type(keel_str word);
enum keel_time_in_force binance_read_time_in_force(keel_str word);
enum keel_trigger_source binance_read_working_type(keel_str word);
enum paper_self_trade binance_read_self_trade(keel_str word);
enum keel_income_kind binance_read_income(keel_str word);

/* "NONE" is a word too: -1 for what is no word. */
int binance_read_price_match(keel_str word);

#endif
