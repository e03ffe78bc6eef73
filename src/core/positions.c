#include "core/positions.h"

#include "base/memory.h"
#include "core/margin.h"

#include <stdlib.h>

bool keel_positions_init(struct keel_positions *positions, int32_t max)
{
    *positions = (struct keel_positions){.max = max};
    positions->at = keel_new_array((size_t)max + 1, sizeof(*positions->at));
    positions->legs = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*positions->legs));
    return positions->at && positions->legs;
}

void keel_positions_deinit(struct keel_positions *positions)
{
    free(positions->at);
    free(positions->legs);
}

struct keel_position_slot *keel_positions_find(const struct keel_positions *positions,
                                               keel_market_id market, enum keel_position_side side)
{
    int32_t slot = keel_positions_leg(positions, market, side)->slot;
    return slot == 0 ? NULL : &positions->at[slot];
}

/* The last slot moves into the hole, so that there is none. */
void keel_positions_remove(struct keel_positions *positions, struct keel_position_slot *slot)
{
    struct keel_position_slot *last = &positions->at[positions->count];
    keel_positions_leg(positions, slot->position.market, slot->position.side)->slot = 0;
    if (slot != last) {
        *slot = *last;
        keel_positions_leg(positions, slot->position.market, slot->position.side)->slot =
            (int32_t)(slot - positions->at);
    }
    positions->count--;
}

void keel_positions_settle(struct keel_leg *leg, int64_t time_ms)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < leg->unsettled_count; i++) {
        if (time_ms != 0 && leg->unsettled[i].time_ms > time_ms)
            leg->unsettled[kept++] = leg->unsettled[i];
    }
    leg->unsettled_count = kept;
}

void keel_positions_add_fill(struct keel_positions *positions, keel_market_id market,
                             enum keel_position_side side, keel_decimal signed_quantity,
                             enum keel_cause cause, int64_t time_ms)
{
    struct keel_leg *leg = keel_positions_leg(positions, market, side);
    leg->cause = cause;
    leg->cause_time_ms = time_ms;
    if (time_ms <= leg->time_ms)
        return;
    if (leg->unsettled_count == KEEL_UNSETTLED_MAX) {
        struct keel_unsettled *newest = &leg->unsettled[KEEL_UNSETTLED_MAX - 1];
        newest->quantity = keel_decimal_add(newest->quantity, signed_quantity);
        newest->time_ms = time_ms;
        return;
    }
    leg->unsettled[leg->unsettled_count++] = (struct keel_unsettled){signed_quantity, time_ms};
}

keel_decimal keel_leg_unsettled(const struct keel_leg *leg)
{
    keel_decimal sum = KEEL_DECIMAL_ZERO;
    for (int32_t i = 0; i < leg->unsettled_count; i++)
        sum = keel_decimal_add(sum, leg->unsettled[i].quantity);
    return sum;
}

static void keep_if_absent(keel_decimal *told, keel_decimal known)
{
    if (!keel_decimal_is_valid(*told))
        *told = known;
}

/* What the update does not tell and what does not go out of date with the quantity. */
static void keep_known(struct keel_position *next, const struct keel_position *known)
{
    if (next->margin_mode == KEEL_MARGIN_MODE_NONE)
        next->margin_mode = known->margin_mode;
    if (next->adl_rank < 0)
        next->adl_rank = known->adl_rank;
    keep_if_absent(&next->entry_price, known->entry_price);
    keep_if_absent(&next->realized_pnl, known->realized_pnl);
    keep_if_absent(&next->isolated_wallet, known->isolated_wallet);
    if (!keel_decimal_equals(next->quantity, known->quantity))
        return;
    keep_if_absent(&next->break_even_price, known->break_even_price);
    if (keel_decimal_equals(next->isolated_wallet, known->isolated_wallet))
        keep_if_absent(&next->venue_liquidation_price, known->venue_liquidation_price);
}

static bool positions_equal(const struct keel_position *a, const struct keel_position *b)
{
    return keel_decimal_equals(a->quantity, b->quantity) &&
           keel_decimal_equals(a->entry_price, b->entry_price) &&
           keel_decimal_equals(a->break_even_price, b->break_even_price) &&
           keel_decimal_equals(a->realized_pnl, b->realized_pnl) &&
           keel_decimal_equals(a->isolated_wallet, b->isolated_wallet) &&
           keel_decimal_equals(a->venue_liquidation_price, b->venue_liquidation_price) &&
           a->margin_mode == b->margin_mode && a->adl_rank == b->adl_rank &&
           a->update_time_ms == b->update_time_ms;
}

static void end(struct keel_positions *positions, struct keel_position_slot *slot,
                const struct keel_position *update, struct keel_position_change *change)
{
    positions->flat = slot->position;
    positions->flat.quantity = KEEL_DECIMAL_ZERO;
    positions->flat.update_time_ms = update->update_time_ms;
    if (keel_decimal_is_valid(update->realized_pnl))
        positions->flat.realized_pnl = update->realized_pnl;
    keel_positions_remove(positions, slot);
    change->position = &positions->flat;
    change->changed = change->ended = true;
}

void keel_positions_value(struct keel_position_slot *slot, keel_decimal mark_price,
                          const struct keel_brackets *brackets, keel_decimal closing_fee_ratio)
{
    slot->value = keel_margin_value(slot->position.quantity, mark_price);
    keel_decimal notional = keel_decimal_abs(slot->value);
    slot->maintenance = keel_margin_maintenance(notional, brackets);
    if (keel_decimal_is_positive(closing_fee_ratio))
        slot->maintenance = keel_decimal_add(slot->maintenance,
                                             keel_margin_closing_fee(notional, closing_fee_ratio));
}

static enum keel_status open_position(struct keel_positions *positions, struct keel_leg *leg,
                                      const struct keel_position *update, uint32_t generation,
                                      struct keel_position_change *change, struct keel_error *error)
{
    if (positions->count == positions->max)
        return keel_fail(error, KEEL_FULL, "%d positions are open, the bound is %d",
                         positions->count, positions->max);
    KEEL_ASSERT(positions->at);
    leg->slot = ++positions->count;
    positions->at[leg->slot] =
        (struct keel_position_slot){.position = *update,
                                    .cost = keel_margin_cost(update->quantity, update->entry_price),
                                    .value = KEEL_DECIMAL_ABSENT,
                                    .maintenance = KEEL_DECIMAL_ABSENT,
                                    .generation = generation};
    change->position = &positions->at[leg->slot].position;
    change->changed = change->opened = true;
    return KEEL_OK;
}

static void change_position(struct keel_position_slot *slot, const struct keel_position *update,
                            struct keel_position_change *change)
{
    struct keel_position next = *update;
    keep_known(&next, &slot->position);
    change->changed = !positions_equal(&next, &slot->position);
    slot->position = next;
    slot->cost = keel_margin_cost(next.quantity, next.entry_price);
    change->position = &slot->position;
}

bool keel_position_restates(const struct keel_position *known, const struct keel_position *update)
{
    return keel_decimal_equals(update->quantity, known->quantity) &&
           keel_decimal_equals(update->entry_price, known->entry_price) &&
           (update->margin_mode == known->margin_mode ||
            update->margin_mode == KEEL_MARGIN_MODE_NONE) &&
           (keel_decimal_equals(update->isolated_wallet, known->isolated_wallet) ||
            !keel_decimal_is_valid(update->isolated_wallet));
}

/* A venue's list gives a position the time of its last change, which is before that of a message
 * that merely mentioned it. What it says besides was computed when it was asked. */
static void restate(struct keel_position_slot *slot, const struct keel_position *update,
                    struct keel_position_change *change)
{
    struct keel_position again = *update;
    again.update_time_ms = slot->position.update_time_ms;
    change_position(slot, &again, change);
}

enum keel_status keel_positions_merge(struct keel_positions *positions,
                                      const struct keel_position *update, uint32_t generation,
                                      struct keel_position_change *change, struct keel_error *error)
{
    struct keel_leg *leg = keel_positions_leg(positions, update->market, update->side);
    struct keel_position_slot *slot = keel_positions_find(positions, update->market, update->side);
    *change = (struct keel_position_change){.position = slot ? &slot->position : NULL,
                                            .previous_quantity =
                                                slot ? slot->position.quantity : KEEL_DECIMAL_ZERO};
    if (slot)
        slot->generation = generation;
    if (update->update_time_ms < leg->time_ms && update->update_time_ms != 0) {
        change->older = !slot || !keel_position_restates(&slot->position, update);
        if (!change->older)
            restate(slot, update, change);
        return KEEL_OK;
    }

    bool flat = keel_decimal_is_zero(update->quantity);
    if (flat && slot)
        end(positions, slot, update, change);
    else if (slot)
        change_position(slot, update, change);
    else if (!flat) {
        enum keel_status status = open_position(positions, leg, update, generation, change, error);
        if (status != KEEL_OK)
            return status;
    }
    if (update->update_time_ms > leg->time_ms)
        leg->time_ms = update->update_time_ms;
    if (update->update_time_ms != 0)
        keel_positions_settle(leg, update->update_time_ms);
    return KEEL_OK;
}

enum keel_status keel_positions_audit(const struct keel_positions *positions,
                                      struct keel_error *error)
{
    for (int32_t slot = 1; slot <= positions->count; slot++) {
        const struct keel_position *position = &positions->at[slot].position;
        if (keel_decimal_is_zero(position->quantity))
            return keel_fail(error, KEEL_BROKEN, "market %d: a flat position is kept",
                             position->market);
        if (keel_positions_leg(positions, position->market, position->side)->slot != slot)
            return keel_fail(error, KEEL_BROKEN, "market %d: its position is not found",
                             position->market);
    }
    return KEEL_OK;
}
