#include "core/books_state.h"

/* Profit and commission rows repeat what the executions said. */
static bool moves_wallet(enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_REALIZED_PNL:
    case KEEL_INCOME_COMMISSION: return false;
    case KEEL_INCOME_OTHER:
    case KEEL_INCOME_FUNDING:
    case KEEL_INCOME_TRANSFER:
    case KEEL_INCOME_INSURANCE_CLEAR: return true;
    }
    return false;
}

static bool same_payment(const struct keel_book_income *known, const struct keel_book_income *told)
{
    int64_t gap = known->time_ms - told->time_ms;
    return known->kind == told->kind && known->asset == told->asset &&
           keel_decimal_equals(known->amount, told->amount) &&
           (known->market == told->market || known->market == KEEL_NO_MARKET ||
            told->market == KEEL_NO_MARKET) &&
           gap <= KEEL_INCOME_WINDOW_MS && gap >= -KEEL_INCOME_WINDOW_MS;
}

/* The same statement again: by its id or, in the stream, which has none, by all that it says. */
static bool is_repeat(const struct keel_book_income *known, const struct keel_book_income *told)
{
    if (told->id[0] != '\0')
        return known->kind == told->kind && known->asset == told->asset &&
               strcmp(known->id, told->id) == 0;
    return known->streamed && known->time_ms == told->time_ms && known->market == told->market &&
           same_payment(known, told);
}

/* The other statement of the payment, which each has only once. */
static bool is_other_half(const struct keel_book_income *known, const struct keel_book_income *told)
{
    bool free = told->id[0] != '\0' ? known->id[0] == '\0' : !known->streamed;
    return free && same_payment(known, told);
}

static struct keel_book_income *
find_income(const struct keel_books *books, const struct keel_book_income *told,
            bool (*matches)(const struct keel_book_income *, const struct keel_book_income *))
{
    int32_t slot = books->newest_income;
    for (int32_t i = 0; i < books->income_count; i++) {
        if (matches(&books->incomes[slot], told))
            return &books->incomes[slot];
        slot = slot == 1 ? books->incomes_max : slot - 1;
    }
    return NULL;
}

static void add_income(struct keel_books *books, const struct keel_book_income *income)
{
    int32_t slot = books->newest_income == books->incomes_max ? 1 : books->newest_income + 1;
    if (books->income_count < books->incomes_max)
        books->income_count++;
    books->incomes[slot] = *income;
    books->newest_income = slot;
}

static keel_decimal *category_of(struct keel_book_wallet *wallet, enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_FUNDING: return &wallet->funding;
    case KEEL_INCOME_TRANSFER: return &wallet->transfers;
    case KEEL_INCOME_OTHER:
    case KEEL_INCOME_INSURANCE_CLEAR:
    case KEEL_INCOME_REALIZED_PNL:
    case KEEL_INCOME_COMMISSION: break;
    }
    return &wallet->other;
}

/* In hedge mode the row does not say which leg paid, so it is shown with the leg that has one. */
static void show_funding(struct keel_books *books, const struct keel_income *income)
{
    if (income->kind != KEEL_INCOME_FUNDING || !keel_books_know_market(books, income->market))
        return;
    for (int leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        int32_t at = books->position_at[income->market][leg];
        if (at == 0)
            continue;
        keel_add_to(&books->positions[at].shown.funding, income->amount);
        return;
    }
}

static enum keel_status book_income(struct keel_books *books, const struct keel_income *income,
                                    struct keel_book_wallet_slot *wallet,
                                    const struct keel_book_income *entry, struct keel_error *error)
{
    keel_decimal sum = keel_decimal_add(wallet->shown.wallet, income->amount);
    if (!keel_decimal_is_valid(sum))
        return keel_fail(error, KEEL_OVERFLOW, "%s: an income of kind %s does not fit",
                         income->asset, income->name);
    wallet->shown.wallet = sum;
    keel_add_to(category_of(&wallet->shown, income->kind), income->amount);
    wallet->shown.update_time_ms = keel_later_ms(wallet->shown.update_time_ms, income->time_ms);
    show_funding(books, income);
    add_income(books, entry);
    books->counters.incomes++;
    return KEEL_OK;
}

static struct keel_book_income entry_of(const struct keel_books *books,
                                        const struct keel_income *income)
{
    struct keel_book_income entry = {
        .market = income->market,
        .kind = income->kind,
        .asset = keel_balances_find(&books->assets, keel_str_from(income->asset)),
        .amount = income->amount,
        .streamed = income->id[0] == '\0',
        .listed = income->id[0] != '\0',
        .time_ms = income->time_ms};
    memcpy(entry.id, income->id, sizeof(entry.id));
    return entry;
}

enum keel_status keel_books_apply_income(struct keel_books *books, const struct keel_income *income,
                                         struct keel_booked *booked, struct keel_error *error)
{
    *booked = (struct keel_booked){.changed = false};
    if (income->asset[0] == '\0' || !keel_decimal_is_valid(income->amount))
        return keel_fail(error, KEEL_MALFORMED, "an income without an asset or an amount");
    if (!books->started || !moves_wallet(income->kind))
        return KEEL_OK;
    struct keel_book_wallet_slot *wallet = keel_books_take_wallet(books, income->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         income->asset);
    if (income->time_ms <= wallet->start_ms)
        return KEEL_OK;

    struct keel_book_income entry = entry_of(books, income);
    if (find_income(books, &entry, is_repeat)) {
        books->counters.duplicates++;
        return KEEL_OK;
    }
    struct keel_book_income *half = find_income(books, &entry, is_other_half);
    if (half) {
        half->streamed |= entry.streamed;
        half->listed |= entry.listed;
        if (entry.id[0] != '\0')
            memcpy(half->id, entry.id, sizeof(half->id));
        return KEEL_OK;
    }
    enum keel_status status = book_income(books, income, wallet, &entry, error);
    booked->changed = status == KEEL_OK;
    return status;
}

enum keel_status keel_books_list_income(struct keel_books *books, const struct keel_income *income,
                                        struct keel_booked *booked, struct keel_error *error)
{
    enum keel_status status = keel_books_apply_income(books, income, booked, error);
    if (status != KEEL_OK || !booked->changed)
        return status;
    booked->difference = (struct keel_difference){.kind = KEEL_DIFFERENCE_INCOME,
                                                  .market = income->market,
                                                  .ours = KEEL_DECIMAL_ZERO,
                                                  .venues = income->amount,
                                                  .time_ms = income->time_ms};
    memcpy(booked->difference.asset, income->asset, sizeof(booked->difference.asset));
    memcpy(booked->difference.id, income->id, sizeof(booked->difference.id));
    books->counters.differences++;
    return KEEL_OK;
}
