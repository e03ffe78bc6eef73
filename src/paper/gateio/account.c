#include "paper/gateio/render.h"

void gateio_get_account(struct gateio_call *call)
{
    gateio_put_account(call->out, call->gateio, call->account);
}

/* --- The ledger --------------------------------------------------------------------------------
 */

void gateio_list_account_book(struct gateio_call *call)
{
    struct paper_query query = {.account = call->account};
    struct gateio_list list;
    query.market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_span(call, &query.start_ms, &query.end_ms);
    keel_str type = gateio_read_text(call, "type", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        const struct paper_income *row = NULL;
        while ((row = paper_engine_next_income(call->engine, &query, row))) {
            if (type.size == 0 ||
                keel_str_equals(type, keel_str_from(gateio_ledger_type(row->kind))))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--) {
        const struct paper_income *row = list.at[i];
        gateio_put_ledger(call->out, call->gateio, row, row->balance, gateio_form_of(call));
    }
    keel_json_close_array(call->out);
}

/* --- Fees and the account's kind ---------------------------------------------------------------
 */

void gateio_get_fee(struct gateio_call *call)
{
    char name[KEEL_SYMBOL_SIZE];
    keel_market_id only = gateio_read_contract(call, GATEIO_OPTIONAL);
    if (gateio_refused(call))
        return;
    keel_json_open_object(call->out, NULL);
    for (keel_market_id id = 1; id <= (keel_market_id)GATEIO_CONTRACTS; id++) {
        if (only != KEEL_NO_MARKET && only != id)
            continue;
        const struct paper_instrument *instrument = paper_engine_instrument(call->engine, id);
        (void)keel_str_copy(gateio_contract_get(id)->name, name, sizeof(name));
        keel_json_open_object(call->out, name);
        keel_json_put_decimal(call->out, "taker_fee", instrument->taker_fee);
        keel_json_put_decimal(call->out, "maker_fee", instrument->maker_fee);
        keel_json_close_object(call->out);
    }
    keel_json_close_object(call->out);
}

void gateio_get_account_detail(struct gateio_call *call)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_int(call->out, "user_id", gateio_user_id(call->account));
    keel_json_open_array(call->out, "ip_whitelist");
    keel_json_close_array(call->out);
    keel_json_open_array(call->out, "currency_pairs");
    keel_json_close_array(call->out);
    keel_json_open_object(call->out, "key");
    keel_json_put_int(call->out, "mode", 1);
    keel_json_close_object(call->out);
    keel_json_put_int(call->out, "tier", 0);
    keel_json_put_text(call->out, "tier_expire_time", "0001-01-01T00:00:00Z");
    keel_json_put_int(call->out, "copy_trading_role", 0);
    keel_json_close_object(call->out);
}

/* All accounts here are classic. */
void gateio_get_unified_accounts(struct gateio_call *call)
{
    gateio_refuse(call, "USER_NOT_FOUND", "user has no unified account");
}

void gateio_get_unified_mode(struct gateio_call *call)
{
    keel_json_open_object(call->out, NULL);
    keel_json_put_text(call->out, "mode", "classic");
    keel_json_close_object(call->out);
}

/* --- What ended --------------------------------------------------------------------------------
 */

static bool is_within(int64_t time_ms, int64_t from_ms, int64_t to_ms)
{
    return time_ms >= from_ms && (to_ms == 0 || time_ms <= to_ms);
}

void gateio_list_position_closes(struct gateio_call *call)
{
    const struct paper_table *rows = &call->gateio->record.closes;
    struct gateio_list list;
    int64_t from_ms, to_ms;
    keel_market_id market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_span(call, &from_ms, &to_ms);
    keel_str side = gateio_read_text(call, "side", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        for (int64_t i = 0; i < rows->count; i++) {
            const struct gateio_position_close *row = rows->rows[i];
            keel_str word = row->was_long ? KEEL_STR("long") : KEEL_STR("short");
            if (row->account == call->account &&
                (market == KEEL_NO_MARKET || row->market == market) &&
                (side.size == 0 || keel_str_equals(side, word)) &&
                is_within(row->life.close_time_ms, from_ms, to_ms))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        gateio_put_position_close(call->out, call->gateio, list.at[i], gateio_form_of(call));
    keel_json_close_array(call->out);
}

static void list_forced(struct gateio_call *call, enum keel_cause cause,
                        void (*put)(struct keel_writer *json, const struct gateio_forced *forced,
                                    struct gateio_form form))
{
    const struct paper_table *rows = &call->gateio->record.forced;
    struct gateio_list list;
    int64_t from_ms, to_ms;
    keel_market_id market = gateio_read_contract(call, GATEIO_OPTIONAL);
    gateio_read_span(call, &from_ms, &to_ms);
    int64_t at = gateio_read_int(call, "at", GATEIO_OPTIONAL);
    gateio_read_page(call, 100, GATEIO_LIST_MAX);
    if (gateio_refused(call))
        return;
    gateio_list_begin(&list);
    do {
        for (int64_t i = 0; i < rows->count; i++) {
            const struct gateio_forced *row = rows->rows[i];
            if (row->done && row->account == call->account && row->cause == cause &&
                (market == KEEL_NO_MARKET || row->market == market) &&
                (at == 0 || row->time_ms / 1000 == at) && is_within(row->time_ms, from_ms, to_ms))
                gateio_list_visit(&list, row);
        }
    } while (gateio_list_turn(&list, call));
    call->list_total = list.total;
    keel_json_open_array(call->out, NULL);
    for (int i = list.count - 1; i >= 0; i--)
        put(call->out, list.at[i], gateio_form_of(call));
    keel_json_close_array(call->out);
}

void gateio_list_liquidations(struct gateio_call *call)
{
    list_forced(call, KEEL_CAUSE_LIQUIDATION, gateio_put_liquidation);
}

void gateio_list_deleveragings(struct gateio_call *call)
{
    list_forced(call, KEEL_CAUSE_DELEVERAGING, gateio_put_deleveraging);
}
