/* words.h - Gate's words for spot orders and for its wallets, both ways.
 *
 * Pure. What spot shares with futures is in venue/gateio/words.h. */
#ifndef KEEL_VENUE_GATEIO_SPOT_WORDS_H
#define KEEL_VENUE_GATEIO_SPOT_WORDS_H

#include "keel/command.h"

/* By how it ended where it has, which tells more than the status. */
enum keel_order_status keel_gateio_spot_parse_status(keel_str status, keel_str finish_as,
                                                     bool has_fill);
enum keel_withdrawal_status keel_gateio_spot_parse_withdrawal(keel_str word);

/* What moved an account, as its book says. Gate's list of types and codes is long and grows: one
 * that is not known here may be anything. */
enum keel_gateio_spot_entry {
    KEEL_GATEIO_SPOT_ENTRY_NONE,
    KEEL_GATEIO_SPOT_ENTRY_FUTURES, /* to or from the USDT futures wallet */
    KEEL_GATEIO_SPOT_ENTRY_OTHER,
};

/* By the code, which is newer, where there is one that is known; else by the type. */
enum keel_gateio_spot_entry keel_gateio_spot_parse_entry(keel_str type, keel_str code);

/* "spot", "futures"; empty for a wallet that Gate does not have. */
keel_str keel_gateio_spot_wallet_word(enum keel_wallet wallet);

#endif
