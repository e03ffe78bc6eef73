#include "keel/market.h"

#include <stdlib.h>

enum {
    SLOTS_COUNT = 8192, /* a power of two, and never more than half full */
};

/* What a lookup touches before it is sure; id 0 is an empty slot. */
struct slot {
    uint32_t hash;
    keel_market_id id;
    uint8_t name_size;
};

struct keel_markets {
    int32_t count;
    struct slot by_venue_symbol[SLOTS_COUNT];
    struct slot by_symbol[SLOTS_COUNT];
    struct keel_market at[KEEL_MARKETS_MAX + 1]; /* by id; the first stays empty */
};

_Static_assert(SLOTS_COUNT >= 2 * KEEL_MARKETS_MAX, "probing must end at an empty slot");

static uint64_t load_eight(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static uint64_t load_four(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* The name's bytes folded into one word by loads that overlap, so that none goes past its end. */
static uint32_t hash_name(keel_str name)
{
    uint64_t word = name.size;
    size_t at = 0;
    for (; name.size - at > 16; at += 8)
        word = (word ^ load_eight(name.data + at)) * UINT64_C(0x9e3779b97f4a7c15);

    const char *rest = name.data + at;
    size_t size = name.size - at;
    if (size >= 8)
        word ^= load_eight(rest) * UINT64_C(0xff51afd7ed558ccd) ^ load_eight(rest + size - 8);
    else if (size >= 4)
        word ^= load_four(rest) << 32 | load_four(rest + size - 4);
    else
        for (size_t i = 0; i < size; i++)
            word = word << 8 | (unsigned char)rest[i];

    word ^= word >> 29;
    word *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(word >> 32);
}

static const char *name_of(const struct keel_markets *markets, const struct slot *table,
                           keel_market_id id)
{
    const struct keel_market *market = &markets->at[id];
    return table == markets->by_venue_symbol ? market->venue_symbol : market->symbol;
}

/* Where the name is, or where it would go. */
static uint32_t find_slot(const struct keel_markets *markets, const struct slot *table,
                          keel_str name, uint32_t hash)
{
    uint32_t at = hash % SLOTS_COUNT;
    while (table[at].id != KEEL_NO_MARKET) {
        if (table[at].hash == hash && table[at].name_size == name.size &&
            memcmp(name_of(markets, table, table[at].id), name.data, name.size) == 0)
            return at;
        at = (at + 1) % SLOTS_COUNT;
    }
    return at;
}

static keel_market_id find_name(const struct keel_markets *markets, const struct slot *table,
                                keel_str name)
{
    if (name.size == 0 || name.size >= KEEL_SYMBOL_SIZE)
        return KEEL_NO_MARKET;
    return table[find_slot(markets, table, name, hash_name(name))].id;
}

static void insert_name(struct keel_markets *markets, struct slot *table, const char *text,
                        keel_market_id id)
{
    keel_str name = keel_str_from(text);
    uint32_t hash = hash_name(name);
    struct slot *slot = &table[find_slot(markets, table, name, hash)];
    *slot = (struct slot){.hash = hash, .id = id, .name_size = (uint8_t)name.size};
}

/* Our names follow the venue's, so a replaced market seldom changes its own; when it does, the
 * table is built afresh, because a hole would end a probe early. */
static void rebuild_symbols(struct keel_markets *markets)
{
    memset(markets->by_symbol, 0, sizeof(markets->by_symbol));
    for (int32_t id = 1; id <= markets->count; id++)
        insert_name(markets, markets->by_symbol, markets->at[id].symbol, (keel_market_id)id);
}

static bool is_terminated(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static enum keel_status check_market(const struct keel_market *market, struct keel_error *error)
{
    if (!is_terminated(market->symbol, sizeof(market->symbol)) ||
        !is_terminated(market->venue_symbol, sizeof(market->venue_symbol)))
        return keel_fail(error, KEEL_INVALID, "a market's name is longer than %d bytes",
                         KEEL_SYMBOL_SIZE - 1);
    if (market->symbol[0] == '\0' || market->venue_symbol[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "a market's name is empty: \"%s\", \"%s\"",
                         market->symbol, market->venue_symbol);
    if (!keel_decimal_is_positive(market->price_tick) ||
        !keel_decimal_is_positive(market->quantity_step))
        return keel_fail(error, KEEL_INVALID, "%s: price tick and quantity step must be positive",
                         market->symbol);
    return KEEL_OK;
}

struct keel_markets *keel_markets_new(void)
{
    return calloc(1, sizeof(struct keel_markets));
}

void keel_markets_free(struct keel_markets *markets)
{
    free(markets);
}

enum keel_status keel_markets_put(struct keel_markets *markets, const struct keel_market *market,
                                  keel_market_id *id, struct keel_error *error)
{
    enum keel_status status = check_market(market, error);
    if (status != KEEL_OK)
        return status;

    keel_market_id known =
        find_name(markets, markets->by_venue_symbol, keel_str_from(market->venue_symbol));
    if (known == KEEL_NO_MARKET && markets->count == KEEL_MARKETS_MAX)
        return keel_fail(error, KEEL_FULL, "%s: the table holds %d markets", market->symbol,
                         KEEL_MARKETS_MAX);

    bool renamed =
        known != KEEL_NO_MARKET && strcmp(markets->at[known].symbol, market->symbol) != 0;
    keel_market_id place = known != KEEL_NO_MARKET ? known : (keel_market_id)++markets->count;
    struct keel_market *kept = &markets->at[place];
    *kept = *market;
    kept->price_digits = (int8_t)keel_decimal_digits(market->price_tick);
    kept->quantity_digits = (int8_t)keel_decimal_digits(market->quantity_step);

    if (known == KEEL_NO_MARKET) {
        insert_name(markets, markets->by_venue_symbol, kept->venue_symbol, place);
        insert_name(markets, markets->by_symbol, kept->symbol, place);
    } else if (renamed) {
        rebuild_symbols(markets);
    }
    *id = place;
    return KEEL_OK;
}

int32_t keel_markets_count(const struct keel_markets *markets)
{
    return markets->count;
}

const struct keel_market *keel_markets_get(const struct keel_markets *markets, keel_market_id id)
{
    return id != KEEL_NO_MARKET && id <= markets->count ? &markets->at[id] : NULL;
}

keel_market_id keel_markets_find_venue_symbol(const struct keel_markets *markets,
                                              keel_str venue_symbol)
{
    return find_name(markets, markets->by_venue_symbol, venue_symbol);
}

/* "BTC/USDT" names the perpetual of that pair, whatever it settles in. */
static keel_market_id find_pair(const struct keel_markets *markets, keel_str name)
{
    const char *slash = name.size > 0 ? memchr(name.data, '/', name.size) : NULL;
    if (!slash)
        return KEEL_NO_MARKET;
    keel_str base = {name.data, (size_t)(slash - name.data)};
    keel_str quote = {slash + 1, name.size - base.size - 1};
    for (int32_t id = 1; id <= markets->count; id++) {
        const struct keel_market *market = &markets->at[id];
        if (market->perpetual && keel_str_equals(base, keel_str_from(market->base)) &&
            keel_str_equals(quote, keel_str_from(market->quote)))
            return (keel_market_id)id;
    }
    return KEEL_NO_MARKET;
}

keel_market_id keel_markets_find(const struct keel_markets *markets, keel_str name)
{
    keel_market_id id = find_name(markets, markets->by_symbol, name);
    if (id == KEEL_NO_MARKET)
        id = find_name(markets, markets->by_venue_symbol, name);
    return id != KEEL_NO_MARKET ? id : find_pair(markets, name);
}
