#include "paper/book.h"

#include "paper/background.h"

static struct paper_order **head_of(struct paper_market *market, enum keel_side side)
{
    return side == KEEL_BUY ? &market->bids : &market->asks;
}

void paper_book_insert(struct paper_engine *engine, struct paper_order *order)
{
    struct paper_order **head = head_of(paper_market_of(engine, order->market), order->side);
    struct paper_order *previous = NULL, *next = *head;
    order->priority = engine->next_priority++;
    while (next != NULL && paper_book_price_reaches(order->side, next->price, order->price)) {
        previous = next;
        next = next->book_next;
    }
    order->book_previous = previous;
    order->book_next = next;
    if (previous != NULL)
        previous->book_next = order;
    else
        *head = order;
    if (next != NULL)
        next->book_previous = order;
    paper_market_of(engine, order->market)->changed = true;
}

void paper_book_remove(struct paper_engine *engine, struct paper_order *order)
{
    struct paper_market *market = paper_market_of(engine, order->market);
    struct paper_order **head = head_of(market, order->side);
    if (order->book_previous == NULL && *head != order)
        return;
    if (order->book_previous != NULL)
        order->book_previous->book_next = order->book_next;
    else
        *head = order->book_next;
    if (order->book_next != NULL)
        order->book_next->book_previous = order->book_previous;
    order->book_previous = order->book_next = NULL;
    market->changed = true;
}

struct paper_order *paper_book_first(const struct paper_market *market, enum keel_side side)
{
    return side == KEEL_BUY ? market->bids : market->asks;
}

bool paper_book_price_reaches(enum keel_side side, keel_decimal a, keel_decimal b)
{
    int order = keel_decimal_compare(a, b);
    return side == KEEL_BUY ? order >= 0 : order <= 0;
}

keel_decimal paper_book_best_opposite(const struct paper_market *market, enum keel_side side)
{
    enum keel_side other = paper_opposite(side);
    const struct paper_order *first = paper_book_first(market, other);
    struct paper_level level;
    bool background = paper_background_level(&market->background, other, 0, &level);
    if (first == NULL)
        return background ? level.price : KEEL_DECIMAL_ABSENT;
    if (!background || paper_book_price_reaches(other, first->price, level.price))
        return first->price;
    return level.price;
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

int paper_book_depth(const struct paper_market *market, enum keel_side side,
                     struct paper_level *levels, int level_max)
{
    const struct paper_order *order = paper_book_first(market, side);
    struct paper_level level;
    int count = 0, index = 0;
    bool background = paper_background_level(&market->background, side, index, &level);
    while (order != NULL || background) {
        bool from_order =
            order != NULL &&
            (!background || paper_book_price_reaches(side, order->price, level.price));
        if (!(from_order
                  ? add_level(levels, &count, level_max, order->price, paper_order_remaining(order))
                  : add_level(levels, &count, level_max, level.price, level.quantity)))
            return count;
        if (from_order)
            order = order->book_next;
        else
            background = paper_background_level(&market->background, side, ++index, &level);
    }
    return count;
}
