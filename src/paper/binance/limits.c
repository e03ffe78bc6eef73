#include "paper/binance/limits.h"

static const int64_t minute_ms = INT64_C(60) * 1000;
static const int64_t ten_seconds_ms = INT64_C(10) * 1000;
static const int64_t first_ban_ms = INT64_C(2) * 60 * 1000;
static const int64_t longest_ban_ms = INT64_C(3) * 24 * 60 * 60 * 1000;

void binance_limits_init(struct binance_limits *limits, int factor)
{
    *limits = (struct binance_limits){
        .weight_max = BINANCE_WEIGHT_PER_MINUTE * factor,
        .orders_ten_seconds_max = BINANCE_ORDERS_PER_10_S * factor,
        .orders_minute_max = BINANCE_ORDERS_PER_MINUTE * factor,
    };
}

static struct binance_address *quietest(struct binance_limits *limits)
{
    struct binance_address *found = &limits->addresses[0];
    for (int i = 1; i < limits->address_count; i++) {
        if (limits->addresses[i].last_ms < found->last_ms)
            found = &limits->addresses[i];
    }
    return found;
}

static struct binance_address *find_address(struct binance_limits *limits, keel_str name)
{
    for (int i = 0; i < limits->address_count; i++) {
        if (keel_str_equals(name, keel_str_from(limits->addresses[i].name)))
            return &limits->addresses[i];
    }
    struct binance_address *address = limits->address_count < BINANCE_ADDRESSES_MAX
                                          ? &limits->addresses[limits->address_count++]
                                          : quietest(limits);
    *address = (struct binance_address){0};
    if (!keel_str_copy(name, address->name, sizeof(address->name)))
        (void)keel_str_copy(KEEL_STR("?"), address->name, sizeof(address->name));
    return address;
}

static void ban(struct binance_address *address, int64_t now_ms)
{
    int64_t length_ms = first_ban_ms;
    for (int i = 0; i < address->bans && length_ms < longest_ban_ms; i++)
        length_ms *= 2;
    address->bans++;
    address->banned_until_ms = now_ms + (length_ms < longest_ban_ms ? length_ms : longest_ban_ms);
}

enum binance_verdict binance_limits_charge(struct binance_limits *limits, keel_str name, int weight,
                                           int64_t now_ms, int *used)
{
    struct binance_address *address = find_address(limits, name);
    if (address->minute != now_ms / minute_ms) {
        address->minute = now_ms / minute_ms;
        address->weight = 0;
        address->ignored = 0;
    }
    address->last_ms = now_ms;
    address->weight += weight;
    *used = address->weight;
    if (now_ms < address->banned_until_ms)
        return BINANCE_BANNED;
    if (address->weight <= limits->weight_max)
        return BINANCE_WITHIN_LIMITS;
    address->ignored++;
    if (address->ignored <= BINANCE_IGNORED_MAX)
        return BINANCE_LIMITED;
    ban(address, now_ms);
    return BINANCE_BANNED;
}

int64_t binance_limits_retry_ms(struct binance_limits *limits, keel_str name, int64_t now_ms)
{
    const struct binance_address *address = find_address(limits, name);
    if (now_ms < address->banned_until_ms)
        return address->banned_until_ms;
    return (now_ms / minute_ms + 1) * minute_ms;
}

void binance_order_count_roll(struct binance_order_count *count, int64_t now_ms)
{
    if (count->ten_seconds != now_ms / ten_seconds_ms)
        count->in_ten_seconds = 0;
    if (count->minute != now_ms / minute_ms)
        count->in_minute = 0;
    count->ten_seconds = now_ms / ten_seconds_ms;
    count->minute = now_ms / minute_ms;
}

bool binance_order_count_allows(const struct binance_limits *limits,
                                const struct binance_order_count *count, int in_ten_seconds,
                                int in_minute)
{
    return count->in_ten_seconds + in_ten_seconds <= limits->orders_ten_seconds_max &&
           count->in_minute + in_minute <= limits->orders_minute_max;
}
