#include "core/risk.h"

#include "core/account_state.h"
#include "core/margin.h"

/* One position at its mark price. */
struct measure {
    keel_decimal notional, pnl, maintenance;
};

/* Inline, as the next few are: copying figures from struct to struct costs more than they do. */
static inline struct measure measure_position(const struct keel_position_slot *slot)
{
    return (struct measure){.notional = keel_decimal_abs(slot->value),
                            .pnl = keel_margin_pnl(slot->value, slot->cost),
                            .maintenance = slot->maintenance};
}

/* Exposure and what is available ------------------------------------------------------------- */

static keel_decimal larger(keel_decimal a, keel_decimal b)
{
    if (!keel_decimal_is_valid(a) || !keel_decimal_is_valid(b))
        return KEEL_DECIMAL_ABSENT;
    return keel_decimal_raw(a) >= keel_decimal_raw(b) ? a : b;
}

static keel_decimal worst_of(const struct keel_exposure *exposure, enum keel_position_side leg,
                             keel_decimal buys, keel_decimal sells)
{
    keel_decimal expected = exposure->expected;
    keel_decimal worst;
    if (leg == KEEL_LONG)
        worst = keel_decimal_add(keel_decimal_abs(expected), buys);
    else if (leg == KEEL_SHORT)
        worst = keel_decimal_add(keel_decimal_abs(expected), sells);
    else
        worst = larger(keel_decimal_abs(keel_decimal_add(expected, buys)),
                       keel_decimal_abs(keel_decimal_sub(expected, sells)));
    return larger(worst, exposure->held);
}

keel_decimal keel_exposure_worst_with(const struct keel_exposure *exposure,
                                      enum keel_position_side leg, enum keel_side side,
                                      keel_decimal notional)
{
    if (side == KEEL_BUY)
        return worst_of(exposure, leg, keel_decimal_add(exposure->buys, notional), exposure->sells);
    return worst_of(exposure, leg, exposure->buys, keel_decimal_add(exposure->sells, notional));
}

static keel_decimal value_sells(const struct keel_resting *resting, keel_decimal mark)
{
    if (keel_decimal_is_zero(resting->sells.quantity))
        return KEEL_DECIMAL_ZERO;
    return larger(resting->sells.notional, keel_margin_notional(resting->sells.quantity, mark));
}

static keel_decimal value_of(keel_decimal quantity, keel_decimal mark)
{
    return keel_decimal_is_zero(quantity) ? KEEL_DECIMAL_ZERO : keel_margin_value(quantity, mark);
}

struct keel_exposure keel_account_exposure(const struct keel_account *account,
                                           keel_market_id market, enum keel_position_side leg)
{
    const struct keel_leg *record = keel_positions_leg(&account->positions, market, leg);
    const struct keel_position_slot *slot = &account->positions.at[record->slot];
    const struct keel_resting *resting = &account->orders.markets[market].resting[leg];
    keel_decimal mark = keel_terms_mark_price(&account->terms[market]);
    bool held = record->slot != 0;

    struct keel_exposure exposure = {.expected = held ? slot->value : KEEL_DECIMAL_ZERO,
                                     .buys = resting->buys.notional,
                                     .sells = value_sells(resting, mark)};
    exposure.held = keel_decimal_abs(exposure.expected);
    if (record->unsettled_count != 0) {
        keel_decimal quantity = held ? slot->position.quantity : KEEL_DECIMAL_ZERO;
        exposure.expected = value_of(keel_decimal_add(quantity, keel_leg_unsettled(record)), mark);
    }
    exposure.worst = worst_of(&exposure, leg, exposure.buys, exposure.sells);
    return exposure;
}

/* Is there anything that may yet change the position's size upwards? */
static inline bool leg_may_grow(const struct keel_leg *record, const struct keel_resting *resting)
{
    return record->unsettled_count != 0 || !keel_decimal_is_zero(resting->buys.quantity) ||
           !keel_decimal_is_zero(resting->sells.quantity);
}

static keel_decimal order_margin_of_leg(const struct keel_account *account, keel_market_id market,
                                        enum keel_position_side leg)
{
    const struct keel_leg *record = keel_positions_leg(&account->positions, market, leg);
    if (!leg_may_grow(record, &account->orders.markets[market].resting[leg]))
        return KEEL_DECIMAL_ZERO;
    struct keel_exposure exposure = keel_account_exposure(account, market, leg);
    return keel_terms_initial_margin(&account->terms[market],
                                     keel_decimal_sub(exposure.worst, exposure.held));
}

/* What one leg takes from the cross wallet: the margin of its open orders and, if it is cross, of
 * its position, less the position's profit. */
static inline keel_decimal claim_of_leg(const struct keel_account *account, keel_market_id market,
                                        enum keel_position_side leg)
{
    const struct keel_leg *record = keel_positions_leg(&account->positions, market, leg);
    const struct keel_position_slot *slot = &account->positions.at[record->slot];
    bool grows = leg_may_grow(record, &account->orders.markets[market].resting[leg]);
    if (record->slot == 0 || slot->position.margin_mode == KEEL_ISOLATED)
        return order_margin_of_leg(account, market, leg);

    keel_decimal worst = keel_decimal_abs(slot->value);
    if (grows)
        worst = keel_account_exposure(account, market, leg).worst;
    keel_decimal margin = keel_terms_initial_margin(&account->terms[market], worst);
    return keel_decimal_sub(margin, keel_margin_pnl(slot->value, slot->cost));
}

/* Two legs of three are empty in one-way mode, and are passed over first. */
static keel_decimal claim_of_market(const struct keel_account *account, keel_market_id market)
{
    const struct keel_leg *records = account->positions.legs[market];
    const struct keel_resting *resting = account->orders.markets[market].resting;
    keel_decimal claim = KEEL_DECIMAL_ZERO;
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        if (records[leg].slot != 0 || leg_may_grow(&records[leg], &resting[leg]))
            claim = keel_decimal_add(claim, claim_of_leg(account, market, leg));
    }
    return claim;
}

keel_decimal keel_account_cross_wallet(const struct keel_account *account, int32_t asset)
{
    const struct keel_balance_slot *slot = &account->balances.at[asset];
    if (asset == 0 || !slot->told)
        return KEEL_DECIMAL_ABSENT;
    if (keel_decimal_is_valid(slot->balance.cross_wallet))
        return slot->balance.cross_wallet;
    keel_decimal wallet = slot->balance.wallet;
    for (int32_t number = 1; number <= account->positions.count; number++) {
        const struct keel_position *position = &account->positions.at[number].position;
        if (account->terms[position->market].asset == asset &&
            position->margin_mode == KEEL_ISOLATED)
            wallet = keel_decimal_sub(wallet, position->isolated_wallet);
    }
    return wallet;
}

keel_decimal keel_account_available(const struct keel_account *account, int32_t asset,
                                    keel_market_id *missing)
{
    *missing = KEEL_NO_MARKET;
    keel_decimal available = keel_account_cross_wallet(account, asset);
    if (account->modes.multi_asset == KEEL_ON || !keel_decimal_is_valid(available))
        return KEEL_DECIMAL_ABSENT;

    for (int32_t i = 0; i < account->live_count; i++) {
        keel_market_id market = account->live[i];
        if (account->terms[market].asset != asset)
            continue;
        available = keel_decimal_sub(available, claim_of_market(account, market));
        if (!keel_decimal_is_valid(available)) {
            *missing = market;
            return KEEL_DECIMAL_ABSENT;
        }
    }
    return keel_decimal_is_negative(available) ? KEEL_DECIMAL_ZERO : available;
}

/* Cross totals ------------------------------------------------------------------------------- */

/* What the cross positions of one asset add up to, and the rows of one contract among them. */
struct cross {
    keel_decimal own_pnl, own_maintenance; /* of that contract */
    keel_decimal other_pnl, other_maintenance;
    struct keel_liquidation_row rows[KEEL_LEGS];
    int32_t row_count;
    keel_market_id missing; /* whose mark price or brackets are unknown; the sums are then absent */
    keel_market_id oldest;  /* whose mark price is the oldest */
    int64_t oldest_ns;
};

static void add_to(keel_decimal *sum, keel_decimal value)
{
    *sum = keel_decimal_add(*sum, value);
}

static void begin_cross(struct cross *cross)
{
    cross->own_pnl = cross->own_maintenance = KEEL_DECIMAL_ZERO;
    cross->other_pnl = cross->other_maintenance = KEEL_DECIMAL_ZERO;
    cross->row_count = 0;
    cross->missing = cross->oldest = KEEL_NO_MARKET;
    cross->oldest_ns = INT64_MAX;
}

static inline void note_inputs(struct cross *cross, const struct keel_terms *terms,
                               keel_market_id market, const struct measure *measure)
{
    if (!keel_decimal_is_valid(measure->maintenance) || !keel_decimal_is_valid(measure->pnl))
        cross->missing = market;
    if (keel_terms_have_mark(terms) && terms->mark_received_ns < cross->oldest_ns) {
        cross->oldest_ns = terms->mark_received_ns;
        cross->oldest = market;
    }
}

static inline struct keel_liquidation_row row_of(const struct keel_position_slot *slot,
                                                 const struct measure *measure)
{
    return (struct keel_liquidation_row){slot->position.quantity, slot->cost, measure->notional};
}

static inline void add_own(struct cross *cross, const struct keel_terms *terms,
                           const struct keel_position_slot *slot, const struct measure *measure)
{
    note_inputs(cross, terms, slot->position.market, measure);
    cross->rows[cross->row_count++] = row_of(slot, measure);
    add_to(&cross->own_pnl, measure->pnl);
    add_to(&cross->own_maintenance, measure->maintenance);
}

static inline void add_other(struct cross *cross, const struct keel_terms *terms,
                             const struct keel_position_slot *slot, const struct measure *measure)
{
    note_inputs(cross, terms, slot->position.market, measure);
    add_to(&cross->other_pnl, measure->pnl);
    add_to(&cross->other_maintenance, measure->maintenance);
}

/* All cross positions of the asset but the one that is counted already (NULL: none). */
static void sum_cross(const struct keel_account *account, int32_t asset, keel_market_id own,
                      const struct keel_position_slot *counted, struct cross *cross)
{
    const struct keel_positions *positions = &account->positions;
    for (int32_t number = 1; number <= positions->count; number++) {
        const struct keel_position_slot *slot = &positions->at[number];
        const struct keel_terms *terms = &account->terms[slot->position.market];
        if (slot == counted || slot->position.margin_mode == KEEL_ISOLATED || terms->asset != asset)
            continue;
        struct measure measure = measure_position(slot);
        if (slot->position.market == own)
            add_own(cross, terms, slot, &measure);
        else
            add_other(cross, terms, slot, &measure);
    }
}

/* Ages --------------------------------------------------------------------------------------- */

static int64_t elapsed_ms(int64_t since_ns, int64_t now_ns)
{
    return since_ns < now_ns ? (now_ns - since_ns) / 1000000 : 0;
}

/* Of what the account itself holds: none while the stream vouches for it. */
static int64_t account_age_ms(const struct keel_account *account, int64_t now_ns)
{
    return account->fresh ? 0 : elapsed_ms(account->stale_since_ns, now_ns);
}

static int64_t older_age(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_too_old(const struct keel_account *account, int64_t received_ns, int64_t now_ns)
{
    return elapsed_ms(received_ns, now_ns) > account->config.mark_age_max_ms;
}

static enum keel_status refuse_stale(struct keel_error *error)
{
    return keel_fail(error, KEEL_STALE, "the account is not fresh: it is being reconciled");
}

static enum keel_status refuse_old_mark(const struct keel_account *account, keel_market_id market,
                                        int64_t received_ns, int64_t now_ns,
                                        struct keel_error *error)
{
    return keel_fail(error, KEEL_STALE, "%s: its mark price is %lld ms old, the bound is %lld ms",
                     keel_account_symbol(account, market),
                     (long long)elapsed_ms(received_ns, now_ns),
                     (long long)account->config.mark_age_max_ms);
}

/* Risk --------------------------------------------------------------------------------------- */

static void fill_own(const struct keel_terms *terms, const struct measure *measure,
                     struct keel_risk *risk)
{
    risk->leverage = terms->leverage;
    risk->mark_price = keel_terms_mark_price(terms);
    risk->mark_source = terms->mark_source;
    risk->notional = measure->notional;
    risk->unrealized_pnl = measure->pnl;
    keel_decimal margin = keel_margin_initial(measure->notional, terms->leverage);
    risk->initial_margin = keel_decimal_add(
        margin, keel_margin_closing_fee(measure->notional, terms->closing_fee_ratio));
    risk->maintenance_margin = measure->maintenance;
    risk->roe_percent = keel_margin_roe_percent(measure->pnl, margin);
    risk->margin = risk->margin_ratio = risk->liquidation_price = KEEL_DECIMAL_ABSENT;
}

static void fill_isolated(const struct keel_terms *terms, const struct keel_position_slot *slot,
                          const struct measure *measure, struct keel_risk *risk)
{
    struct keel_liquidation_row row = row_of(slot, measure);
    keel_decimal wallet = slot->position.isolated_wallet;
    risk->margin = keel_decimal_add(wallet, risk->unrealized_pnl);
    risk->margin_ratio = keel_margin_ratio(risk->maintenance_margin, risk->margin);
    risk->liquidation_price = keel_margin_liquidation_price(
        &row, 1, wallet, risk->mark_price, &terms->brackets, terms->closing_fee_ratio);
}

/* In multi-asset mode other assets stand in for this one's, so its wallet alone says nothing. */
static void fill_cross(const struct keel_account *account, const struct keel_terms *terms,
                       const struct cross *cross, struct keel_risk *risk)
{
    risk->margin = risk->initial_margin;
    if (cross->missing != KEEL_NO_MARKET || account->modes.multi_asset == KEEL_ON)
        return;
    keel_decimal wallet = keel_account_cross_wallet(account, terms->asset);
    keel_decimal others = keel_decimal_add(wallet, cross->other_pnl);
    keel_decimal maintenance = keel_decimal_add(cross->own_maintenance, cross->other_maintenance);
    risk->margin_ratio = keel_margin_ratio(maintenance, keel_decimal_add(others, cross->own_pnl));
    risk->liquidation_price = keel_margin_liquidation_price(
        cross->rows, cross->row_count, keel_decimal_sub(others, cross->other_maintenance),
        risk->mark_price, &terms->brackets, terms->closing_fee_ratio);
}

static bool is_high_risk(const struct keel_account *account, keel_decimal ratio)
{
    return keel_decimal_is_valid(ratio) &&
           keel_decimal_compare(ratio, account->config.high_risk_ratio) > 0;
}

enum keel_status keel_account_read_risk(const struct keel_account *account, keel_market_id market,
                                        enum keel_position_side side, int64_t now_ns,
                                        bool stale_too, struct keel_risk *risk,
                                        struct keel_error *error)
{
    if (!keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", market);
    if (!account->fresh && !stale_too)
        return refuse_stale(error);
    const struct keel_position_slot *slot = keel_positions_find(&account->positions, market, side);
    if (!slot)
        return keel_fail(error, KEEL_NO_POSITION, "%s: no %s position",
                         keel_account_symbol(account, market), keel_position_side_name(side));

    const struct keel_terms *terms = &account->terms[market];
    enum keel_margin_mode mode = slot->position.margin_mode;
    struct measure measure = measure_position(slot);
    struct cross cross;
    begin_cross(&cross);
    add_own(&cross, terms, slot, &measure);
    if (mode == KEEL_CROSS)
        sum_cross(account, terms->asset, market, slot, &cross);
    bool old = is_too_old(account, cross.oldest_ns, now_ns);
    if (old && !stale_too)
        return refuse_old_mark(account, cross.oldest, cross.oldest_ns, now_ns, error);

    keel_account_read_position(&slot->position, now_ns, &risk->position);
    risk->stale = old || !account->fresh;
    risk->age_ms = older_age(elapsed_ms(cross.oldest_ns, now_ns), account_age_ms(account, now_ns));
    fill_own(terms, &measure, risk);
    if (mode == KEEL_ISOLATED)
        fill_isolated(terms, slot, &measure, risk);
    else if (mode == KEEL_CROSS)
        fill_cross(account, terms, &cross, risk);
    risk->liquidation_distance = keel_margin_distance(risk->mark_price, risk->liquidation_price);
    risk->high_risk = is_high_risk(account, risk->margin_ratio);
    return KEEL_OK;
}

/* Margin ------------------------------------------------------------------------------------- */

/* Sums over positions and orders of one asset, or of one market of it. */
struct totals {
    keel_decimal initial, maintenance, pnl;
    keel_decimal isolated_wallet, isolated_maintenance, isolated_pnl;
    keel_market_id missing;
    int64_t oldest_ns;
    keel_market_id oldest;
};

static void add_leg(const struct keel_account *account, keel_market_id market,
                    enum keel_position_side leg, struct totals *totals)
{
    const struct keel_terms *terms = &account->terms[market];
    add_to(&totals->initial, order_margin_of_leg(account, market, leg));
    const struct keel_position_slot *slot = keel_positions_find(&account->positions, market, leg);
    if (!slot)
        return;
    struct measure measure = measure_position(slot);
    add_to(&totals->initial, keel_terms_initial_margin(terms, measure.notional));
    add_to(&totals->maintenance, measure.maintenance);
    add_to(&totals->pnl, measure.pnl);
    if (slot->position.margin_mode == KEEL_ISOLATED) {
        add_to(&totals->isolated_wallet, slot->position.isolated_wallet);
        add_to(&totals->isolated_maintenance, measure.maintenance);
        add_to(&totals->isolated_pnl, measure.pnl);
    }
}

static void add_market(const struct keel_account *account, keel_market_id market,
                       struct totals *totals)
{
    const struct keel_terms *terms = &account->terms[market];
    for (enum keel_position_side leg = KEEL_NET; leg <= KEEL_SHORT; leg++)
        add_leg(account, market, leg, totals);
    bool whole = keel_decimal_is_valid(totals->initial) &&
                 keel_decimal_is_valid(totals->maintenance) && keel_decimal_is_valid(totals->pnl);
    if (!whole && totals->missing == KEEL_NO_MARKET)
        totals->missing = market;
    if (keel_terms_have_mark(terms) && terms->mark_received_ns < totals->oldest_ns) {
        totals->oldest_ns = terms->mark_received_ns;
        totals->oldest = market;
    }
}

static struct totals sum_totals(const struct keel_account *account, keel_market_id only,
                                int32_t asset)
{
    struct totals totals = {.initial = KEEL_DECIMAL_ZERO, .oldest_ns = INT64_MAX};
    for (int32_t i = 0; i < account->live_count; i++) {
        keel_market_id market = account->live[i];
        bool wanted =
            only != KEEL_NO_MARKET ? market == only : account->terms[market].asset == asset;
        if (wanted)
            add_market(account, market, &totals);
    }
    return totals;
}

static void name_missing(const struct keel_account *account, keel_market_id market,
                         struct keel_margin_info *info)
{
    if (market == KEEL_NO_MARKET || info->missing_symbol[0] != '\0')
        return;
    memcpy(info->missing_symbol, keel_account_symbol(account, market),
           strlen(keel_account_symbol(account, market)) + 1);
}

/* A cross market's balance and ratio are those of the whole account. */
static void fill_cross_balance(const struct keel_account *account, int32_t asset,
                               struct keel_margin_info *info)
{
    struct cross cross;
    begin_cross(&cross);
    sum_cross(account, asset, KEEL_NO_MARKET, NULL, &cross);
    name_missing(account, cross.missing, info);
    if (account->modes.multi_asset == KEEL_ON)
        return;
    info->margin_balance =
        keel_decimal_add(keel_account_cross_wallet(account, asset), cross.other_pnl);
    info->margin_ratio = keel_margin_ratio(cross.other_maintenance, info->margin_balance);
}

static void fill_info(const struct keel_account *account, keel_market_id market, int32_t asset,
                      const struct totals *totals, struct keel_margin_info *info)
{
    const struct keel_balance_slot *slot = &account->balances.at[asset];
    keel_market_id missing;
    *info = (struct keel_margin_info){
        .wallet = asset != 0 && slot->told ? slot->balance.wallet : KEEL_DECIMAL_ABSENT,
        .available = keel_account_available(account, asset, &missing),
        .initial_margin = totals->initial,
        .maintenance_margin = totals->maintenance,
        .unrealized_pnl = totals->pnl,
        .margin_balance = KEEL_DECIMAL_ABSENT,
        .margin_ratio = KEEL_DECIMAL_ABSENT,
    };
    name_missing(account, totals->missing, info);
    name_missing(account, missing, info);
    if (market == KEEL_NO_MARKET) {
        fill_cross_balance(account, asset, info);
        info->margin_balance = keel_decimal_add(info->wallet, info->unrealized_pnl);
    } else if (account->terms[market].margin_mode == KEEL_ISOLATED) {
        info->margin_balance = keel_decimal_add(totals->isolated_wallet, totals->isolated_pnl);
        info->margin_ratio = keel_margin_ratio(totals->isolated_maintenance, info->margin_balance);
    } else {
        fill_cross_balance(account, asset, info);
    }
}

static int32_t asset_of(const struct keel_account *account, keel_market_id market)
{
    const char *name = account->config.settle_asset;
    if (market != KEEL_NO_MARKET) {
        if (account->terms[market].asset != 0)
            return account->terms[market].asset;
        const struct keel_market *rules = keel_markets_get(account->config.markets, market);
        name = rules->settle[0] != '\0' ? rules->settle : name;
    }
    return keel_balances_find(&account->balances, keel_str_from(name));
}

enum keel_status keel_account_read_margin(const struct keel_account *account, keel_market_id market,
                                          int64_t now_ns, bool stale_too,
                                          struct keel_margin_info *info, struct keel_error *error)
{
    if (market != KEEL_NO_MARKET && !keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", market);
    if (!account->fresh && !stale_too)
        return refuse_stale(error);

    int32_t asset = asset_of(account, market);
    struct totals totals = sum_totals(account, market, asset);
    bool old = is_too_old(account, totals.oldest_ns, now_ns);
    if (old && !stale_too)
        return refuse_old_mark(account, totals.oldest, totals.oldest_ns, now_ns, error);

    fill_info(account, market, asset, &totals, info);
    if (market != KEEL_NO_MARKET)
        info->brackets = keel_account_find_brackets(account, market);
    info->stale = old || !account->fresh;
    info->age_ms = older_age(elapsed_ms(totals.oldest_ns, now_ns), account_age_ms(account, now_ns));
    return KEEL_OK;
}
