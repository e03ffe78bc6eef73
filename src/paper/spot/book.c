#include "paper/spot/book.h"

static struct paper_spot_order **head_of(struct paper_spot_market *market, enum keel_side side)
{
    return side == KEEL_BUY ? &market->bids : &market->asks;
}

bool paper_spot_price_reaches(enum keel_side side, keel_decimal a, keel_decimal b)
{
    int order = keel_decimal_compare(a, b);
    return side == KEEL_BUY ? order >= 0 : order <= 0;
}

void paper_spot_book_insert(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_market *market = paper_spot_market_at(spot, order->market);
    struct paper_spot_order **head = head_of(market, order->side);
    struct paper_spot_order *previous = NULL, *next = *head;
    while (next != NULL && paper_spot_price_reaches(order->side, next->price, order->price)) {
        previous = next;
        next = next->book_next;
    }
    order->book_previous = previous;
    order->book_next = next;
    order->in_book = true;
    if (previous != NULL)
        previous->book_next = order;
    else
        *head = order;
    if (next != NULL)
        next->book_previous = order;
    market->changed = true;
}

void paper_spot_book_remove(struct paper_spot *spot, struct paper_spot_order *order)
{
    struct paper_spot_market *market = paper_spot_market_at(spot, order->market);
    if (!order->in_book)
        return;
    if (order->book_previous != NULL)
        order->book_previous->book_next = order->book_next;
    else
        *head_of(market, order->side) = order->book_next;
    if (order->book_next != NULL)
        order->book_next->book_previous = order->book_previous;
    order->book_previous = order->book_next = NULL;
    order->in_book = false;
    market->changed = true;
}

struct paper_spot_order *paper_spot_book_first(const struct paper_spot_market *market,
                                               enum keel_side side)
{
    return side == KEEL_BUY ? market->bids : market->asks;
}

bool paper_spot_book_best(const struct paper_spot_market *market, enum keel_side side,
                          struct paper_spot_order **maker, struct paper_level *level)
{
    struct paper_spot_order *first = paper_spot_book_first(market, side);
    bool background = paper_background_level(&market->background, side, 0, level);
    *maker = NULL;
    if (first == NULL)
        return background;
    if (background && !paper_spot_price_reaches(side, first->price, level->price))
        return true;
    *maker = first;
    *level = (struct paper_level){first->price, paper_spot_remaining(first)};
    return true;
}

/* Adds to the last level if it has this price, else begins the next. False when there is no room.
 */
static bool add_level(struct paper_level *levels, int *count, int level_max, keel_decimal price,
                      keel_decimal quantity)
{
    if (*count > 0 && keel_decimal_equals(levels[*count - 1].price, price)) {
        levels[*count - 1].quantity = keel_decimal_add(levels[*count - 1].quantity, quantity);
        return true;
    }
    if (*count == level_max)
        return false;
    levels[(*count)++] = (struct paper_level){price, quantity};
    return true;
}

int paper_spot_book_depth(const struct paper_spot_market *market, enum keel_side side,
                          struct paper_level *levels, int level_max)
{
    const struct paper_spot_order *order = paper_spot_book_first(market, side);
    struct paper_level level;
    int count = 0, index = 0;
    bool background = paper_background_level(&market->background, side, index, &level);
    while (order != NULL || background) {
        bool from_order =
            order != NULL &&
            (!background || paper_spot_price_reaches(side, order->price, level.price));
        keel_decimal price = from_order ? order->price : level.price;
        keel_decimal quantity = from_order ? paper_spot_remaining(order) : level.quantity;
        if (!add_level(levels, &count, level_max, price, quantity))
            return count;
        if (from_order)
            order = order->book_next;
        else
            background = paper_background_level(&market->background, side, ++index, &level);
    }
    return count;
}
