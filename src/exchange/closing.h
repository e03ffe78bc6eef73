/* closing.h - how a closing quantity becomes orders.
 *
 * Pure. A venue takes no more than so much in one order; what is left over must not be so little
 * that the venue refuses it. */
#ifndef KEEL_EXCHANGE_CLOSING_H
#define KEEL_EXCHANGE_CLOSING_H

#include "keel/futures.h"

/* The quantities of the orders that close `quantity`, which they add up to. KEEL_QUANTITY_RANGE if
 * KEEL_CLOSE_ORDERS_MAX orders are not enough. */
KEEL_MUST_USE enum keel_status keel_closing_split(const struct keel_market *market, bool at_market,
                                                  keel_decimal quantity,
                                                  keel_decimal parts[KEEL_CLOSE_ORDERS_MAX],
                                                  int32_t *count, struct keel_error *error);

#endif
