/* words.h - Gate's words for what keel's vocabulary names, both ways.
 *
 * Pure. Parsing answers the zero value for a word that is not known; the caller shows it. */
#ifndef KEEL_VENUE_GATEIO_WORDS_H
#define KEEL_VENUE_GATEIO_WORDS_H

#include "keel/event.h"

enum keel_time_in_force keel_gateio_parse_time_in_force(keel_str word);

/* How a finished order ended; all but "filled" and "cancelled" are the venue's own doing. */
enum keel_order_status keel_gateio_parse_finish(keel_str word);

enum keel_position_side keel_gateio_parse_mode(keel_str word);
enum keel_market_status keel_gateio_parse_market_status(keel_str word);
enum keel_income_kind keel_gateio_parse_income(keel_str word); /* OTHER if none fits */

/* Who made an order, by its text; USER for texts of clients and of the venue's own pages. */
enum keel_cause keel_gateio_find_cause(keel_str text);

/* Empty for values that Gate has no word for. */
keel_str keel_gateio_time_in_force_word(enum keel_time_in_force time_in_force);
keel_str keel_gateio_income_word(enum keel_income_kind kind);

#endif
