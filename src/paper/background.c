#include "paper/background.h"

#include "paper/random.h"

enum {
    FIRST_NOTIONAL = 3000, /* quote, of the best level */
    MORE_NOTIONAL = 1500,  /* of each further one */
    SPACING_PARTS = 20000, /* of the price between two levels: half a basis point */
};

static int index_of(enum keel_side side)
{
    return side == KEEL_BUY ? 0 : 1;
}

static keel_decimal level_price(const struct paper_background *background, enum keel_side side,
                                int index)
{
    keel_decimal tick = background->price_tick;
    keel_decimal part =
        keel_decimal_div(background->centre, keel_decimal_from_int(SPACING_PARTS), KEEL_ROUND_DOWN);
    keel_decimal spacing =
        keel_decimal_max(tick, keel_decimal_round_to_step(part, tick, KEEL_ROUND_UP));
    keel_decimal distance = keel_decimal_add(
        tick, keel_decimal_mul(spacing, keel_decimal_from_int(index), KEEL_ROUND_DOWN));
    return side == KEEL_BUY ? keel_decimal_sub(background->centre, distance)
                            : keel_decimal_add(background->centre, distance);
}

static keel_decimal level_quantity(const struct paper_background *background, enum keel_side side,
                                   int index)
{
    uint64_t where =
        (uint64_t)background->market << 32 | (uint64_t)index_of(side) << 16 | (uint64_t)index;
    uint64_t chance = paper_random_hash(background->seed, (uint64_t)background->book_number, where);
    int64_t percent = 50 + (int64_t)(chance % 101);
    int64_t notional = (FIRST_NOTIONAL + (int64_t)MORE_NOTIONAL * index) * percent / 100;
    keel_decimal quantity =
        keel_decimal_div(keel_decimal_from_int(notional), background->centre, KEEL_ROUND_DOWN);
    quantity = keel_decimal_round_to_step(quantity, background->quantity_step, KEEL_ROUND_DOWN);
    return keel_decimal_max(quantity, background->quantity_min);
}

void paper_background_move(struct paper_background *background, keel_decimal mark)
{
    keel_decimal tick = background->price_tick;
    background->centre =
        keel_decimal_max(tick, keel_decimal_round_to_step(mark, tick, KEEL_ROUND_HALF_EVEN));
    (void)paper_background_refill(background);
    background->book_number++;
}

bool paper_background_refill(struct paper_background *background)
{
    bool consumed = background->level[0] != 0 || background->level[1] != 0 ||
                    !keel_decimal_is_zero(background->consumed[0]) ||
                    !keel_decimal_is_zero(background->consumed[1]);
    background->level[0] = background->level[1] = 0;
    background->consumed[0] = background->consumed[1] = KEEL_DECIMAL_ZERO;
    return consumed;
}

bool paper_background_level(const struct paper_background *background, enum keel_side side,
                            int index, struct paper_level *level)
{
    int at = background->level[index_of(side)] + index;
    if (at >= PAPER_BOOK_LEVELS)
        return false;
    level->price = level_price(background, side, at);
    if (!keel_decimal_is_positive(level->price))
        return false;
    level->quantity = level_quantity(background, side, at);
    if (index == 0)
        level->quantity = keel_decimal_sub(level->quantity, background->consumed[index_of(side)]);
    return true;
}

void paper_background_take(struct paper_background *background, enum keel_side side,
                           keel_decimal quantity)
{
    struct paper_level best;
    int at = index_of(side);
    bool found = paper_background_level(background, side, 0, &best);
    KEEL_ASSERT(found && keel_decimal_compare(quantity, best.quantity) <= 0);
    background->consumed[at] = keel_decimal_add(background->consumed[at], quantity);
    if (keel_decimal_equals(quantity, best.quantity)) {
        background->level[at]++;
        background->consumed[at] = KEEL_DECIMAL_ZERO;
    }
}
