#include "journal/intent.h"

/* Every command's parameters in one shape, as a row has them. */
struct flat {
    struct keel_order_ref ref;
    struct keel_order_request place; /* of other commands: side, position side, quantity, price */
    bool is_place;
    int32_t leverage;
    enum keel_margin_mode margin_mode;
    keel_decimal amount, quantity_before, wallet_before;
    enum keel_switch enable;
    enum keel_wallet from, to;
    struct keel_withdrawal_request withdrawal; /* its asset stands for a transfer's, too */
};

static void flatten_place(struct flat *flat, const struct keel_order_request *place)
{
    flat->place = *place;
    flat->is_place = true;
    flat->ref.family =
        keel_order_type_is_conditional(place->type) ? KEEL_FAMILY_CONDITIONAL : KEEL_FAMILY_REGULAR;
    memcpy(flat->ref.client_id, place->client_id, sizeof(flat->ref.client_id));
}

static void flatten(struct flat *flat, const struct keel_command *command)
{
    *flat = (struct flat){.place = keel_order_request_init(),
                          .amount = KEEL_DECIMAL_ABSENT,
                          .quantity_before = KEEL_DECIMAL_ABSENT,
                          .wallet_before = KEEL_DECIMAL_ABSENT};
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: flatten_place(flat, &command->place); break;
    case KEEL_AMEND_ORDER:
        flat->ref = command->amend.order;
        flat->place.side = command->amend.side;
        flat->place.quantity = command->amend.quantity;
        flat->place.price = command->amend.price;
        break;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL: flat->ref = command->order; break;
    case KEEL_SET_LEVERAGE: flat->leverage = command->leverage.leverage; break;
    case KEEL_SET_MARGIN_MODE: flat->margin_mode = command->margin_mode.mode; break;
    case KEEL_ADJUST_MARGIN:
        flat->place.position_side = command->margin.side;
        flat->amount = command->margin.amount;
        flat->quantity_before = command->margin.quantity_before;
        flat->wallet_before = command->margin.wallet_before;
        break;
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET: flat->enable = command->enable ? KEEL_ON : KEEL_OFF; break;
    case KEEL_TRANSFER:
        flat->from = command->transfer.from;
        flat->to = command->transfer.to;
        flat->amount = command->transfer.amount;
        break;
    case KEEL_WITHDRAW: flat->amount = command->withdrawal.amount; break;
    }
}

/* Of every enumeration zero is absent. */
static void put_word(struct keel_row *row, int value, const char *word)
{
    keel_row_put_text(row, value != 0 ? word : NULL);
}

static void put_flag(struct keel_row *row, bool shown, bool value)
{
    if (shown)
        keel_row_put_int(row, value ? 1 : 0);
    else
        keel_row_put_nothing(row);
}

static void bind_place(struct keel_row *row, const struct flat *flat)
{
    const struct keel_order_request *place = &flat->place;

    put_word(row, (int)place->side, keel_side_name(place->side));
    put_word(row, (int)place->position_side, keel_position_side_name(place->position_side));
    put_word(row, (int)place->type, keel_order_type_name(place->type));
    put_word(row, (int)place->time_in_force, keel_time_in_force_name(place->time_in_force));
    put_word(row, (int)place->trigger_source, keel_trigger_source_name(place->trigger_source));
    put_word(row, (int)place->price_match, keel_price_match_name(place->price_match));
    put_flag(row, flat->is_place, place->reduce_only);
    put_flag(row, flat->is_place, place->close_position);
    put_flag(row, flat->is_place, place->forced);
    keel_row_put_decimal(row, place->quantity);
    keel_row_put_decimal(row, place->price);
    keel_row_put_decimal(row, place->trigger_price);
    keel_row_put_decimal(row, place->callback_percent);
}

/* By address, as above. */
static void bind_wallet(struct keel_row *row, const struct flat *flat,
                        const struct keel_command *command)
{
    const struct keel_withdrawal_request *withdrawal =
        command->kind == KEEL_WITHDRAW ? &command->withdrawal : NULL;

    put_word(row, (int)flat->from, keel_wallet_name(flat->from));
    put_word(row, (int)flat->to, keel_wallet_name(flat->to));
    if (command->kind == KEEL_TRANSFER)
        keel_row_put_text(row, command->transfer.asset);
    else
        keel_row_put_text(row, withdrawal != NULL ? withdrawal->asset : NULL);
    keel_row_put_text(row, withdrawal != NULL ? withdrawal->network : NULL);
    keel_row_put_text(row, withdrawal != NULL ? withdrawal->address : NULL);
    keel_row_put_text(row, withdrawal != NULL ? withdrawal->memo : NULL);
}

void keel_intent_bind(struct keel_row *row, const struct keel_intent *intent)
{
    struct flat flat;

    flatten(&flat, &intent->command);
    keel_row_put_int(row, (int64_t)intent->number);
    keel_row_put_int(row, intent->time_ms);
    keel_row_put_int(row, intent->expires_ms);
    keel_row_put_text(row, keel_command_kind_name(intent->command.kind));
    keel_row_put_text(row, intent->symbol);
    put_word(row, (int)flat.ref.family, keel_order_family_name(flat.ref.family));
    /* These are bound by address: out of the intent, which stays, not out of what is flat. */
    const struct keel_command *command = &intent->command;
    if (command->kind == KEEL_PLACE_ORDER) {
        keel_row_put_text(row, command->place.client_id);
        keel_row_put_nothing(row);
    } else if (command->kind == KEEL_AMEND_ORDER) {
        keel_row_put_text(row, command->amend.order.client_id);
        keel_row_put_text(row, command->amend.order.order_id);
    } else if (command->kind == KEEL_CANCEL_ORDER) {
        keel_row_put_text(row, command->order.client_id);
        keel_row_put_text(row, command->order.order_id);
    } else if (command->kind == KEEL_WITHDRAW) {
        keel_row_put_text(row, command->withdrawal.client_id);
        keel_row_put_nothing(row);
    } else if (command->kind == KEEL_CANCEL_WITHDRAWAL) {
        keel_row_put_nothing(row);
        keel_row_put_text(row, command->withdrawal_id);
    } else {
        keel_row_put_nothing(row);
        keel_row_put_nothing(row);
    }
    bind_place(row, &flat);
    if (flat.leverage != 0)
        keel_row_put_int(row, flat.leverage);
    else
        keel_row_put_nothing(row);
    put_word(row, (int)flat.margin_mode, keel_margin_mode_name(flat.margin_mode));
    keel_row_put_decimal(row, flat.amount);
    put_flag(row, flat.enable != KEEL_SWITCH_NONE, flat.enable == KEEL_ON);
    keel_row_put_decimal(row, flat.is_place ? flat.place.quote_quantity : KEEL_DECIMAL_ABSENT);
    bind_wallet(row, &flat, command);
    keel_row_put_decimal(row, flat.quantity_before);
    keel_row_put_decimal(row, flat.wallet_before);
}

static void take_place(struct keel_row_view *view, struct keel_order_request *place)
{
    place->side = keel_side_parse(keel_row_take(view));
    place->position_side = keel_position_side_parse(keel_row_take(view));
    place->type = keel_order_type_parse(keel_row_take(view));
    place->time_in_force = keel_time_in_force_parse(keel_row_take(view));
    place->trigger_source = keel_trigger_source_parse(keel_row_take(view));
    place->price_match = keel_price_match_parse(keel_row_take(view));
    place->reduce_only = keel_row_take_int(view) != 0;
    place->close_position = keel_row_take_int(view) != 0;
    place->forced = keel_row_take_int(view) != 0;
    place->quantity = keel_row_take_decimal(view);
    place->price = keel_row_take_decimal(view);
    place->trigger_price = keel_row_take_decimal(view);
    place->callback_percent = keel_row_take_decimal(view);
}

static void take_withdrawal(struct keel_row_view *view, struct keel_withdrawal_request *withdrawal)
{
    keel_row_take_text(view, withdrawal->asset, sizeof(withdrawal->asset));
    keel_row_take_text(view, withdrawal->network, sizeof(withdrawal->network));
    keel_row_take_text(view, withdrawal->address, sizeof(withdrawal->address));
    keel_row_take_text(view, withdrawal->memo, sizeof(withdrawal->memo));
}

static void unflatten(const struct flat *flat, struct keel_command *command)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER:
        command->place = flat->place;
        memcpy(command->place.client_id, flat->ref.client_id, sizeof(flat->ref.client_id));
        break;
    case KEEL_AMEND_ORDER:
        command->amend.order = flat->ref;
        command->amend.side = flat->place.side;
        command->amend.quantity = flat->place.quantity;
        command->amend.price = flat->place.price;
        break;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL: command->order = flat->ref; break;
    case KEEL_SET_LEVERAGE: command->leverage.leverage = flat->leverage; break;
    case KEEL_SET_MARGIN_MODE: command->margin_mode.mode = flat->margin_mode; break;
    case KEEL_ADJUST_MARGIN:
        command->margin.side = flat->place.position_side;
        command->margin.amount = flat->amount;
        command->margin.quantity_before = flat->quantity_before;
        command->margin.wallet_before = flat->wallet_before;
        break;
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET: command->enable = flat->enable == KEEL_ON; break;
    case KEEL_TRANSFER:
        command->transfer = (struct keel_transfer_request){
            .from = flat->from, .to = flat->to, .amount = flat->amount};
        memcpy(command->transfer.asset, flat->withdrawal.asset, sizeof(flat->withdrawal.asset));
        break;
    case KEEL_WITHDRAW:
        command->withdrawal = flat->withdrawal;
        command->withdrawal.amount = flat->amount;
        memcpy(command->withdrawal.client_id, flat->ref.client_id, sizeof(flat->ref.client_id));
        break;
    case KEEL_CANCEL_WITHDRAWAL:
        memcpy(command->withdrawal_id, flat->ref.order_id, sizeof(flat->ref.order_id));
        break;
    }
}

bool keel_intent_take(struct keel_row_view *view, struct keel_intent *intent)
{
    struct flat flat = {.place = keel_order_request_init()};

    *intent = (struct keel_intent){0};
    intent->number = (uint64_t)keel_row_take_int(view);
    intent->time_ms = keel_row_take_int(view);
    intent->expires_ms = keel_row_take_int(view);
    intent->command.kind = keel_command_kind_parse(keel_row_take(view));
    keel_row_take_text(view, intent->symbol, sizeof(intent->symbol));
    flat.ref.family = keel_order_family_parse(keel_row_take(view));
    keel_row_take_text(view, flat.ref.client_id, sizeof(flat.ref.client_id));
    keel_row_take_text(view, flat.ref.order_id, sizeof(flat.ref.order_id));
    take_place(view, &flat.place);
    flat.leverage = (int32_t)keel_row_take_int(view);
    flat.margin_mode = keel_margin_mode_parse(keel_row_take(view));
    flat.amount = keel_row_take_decimal(view);
    flat.enable = keel_row_take_int(view) != 0 ? KEEL_ON : KEEL_OFF;
    flat.place.quote_quantity = keel_row_take_decimal(view);
    flat.from = keel_wallet_parse(keel_row_take(view));
    flat.to = keel_wallet_parse(keel_row_take(view));
    take_withdrawal(view, &flat.withdrawal);
    flat.quantity_before = keel_row_take_decimal(view);
    flat.wallet_before = keel_row_take_decimal(view);
    unflatten(&flat, &intent->command);
    return !view->malformed && keel_command_is_write(intent->command.kind);
}
