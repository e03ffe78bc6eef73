#include "deeds.h"

#include <stdio.h>
#include <stdlib.h>

static const int leverage_at_first = 20;

struct deed *deeds_find(struct deeds *deeds, int client, uint64_t number)
{
    for (int i = deeds->count - 1; i >= 0; i--) {
        if (deeds->at[i].client == client && deeds->at[i].intent.number == number)
            return &deeds->at[i];
    }
    return NULL;
}

static void add(struct deeds *deeds, int client, uint32_t life, const struct keel_intent *intent)
{
    if (deeds->count == DEEDS_MAX)
        abort();
    deeds->at[deeds->count++] = (struct deed){.client = client, .life = life, .intent = *intent};
}

static void note_verdict(struct deeds *deeds, int client, uint32_t life,
                         const struct keel_verdict *verdict)
{
    struct deed *deed = deeds_find(deeds, client, verdict->number);
    if (!deed)
        return;
    deed->unknown = deed->unknown || verdict->fate == KEEL_FATE_UNKNOWN;
    deed->answered = !deed->unknown && deed->life == life;
}

void deeds_note_record(struct deeds *deeds, int client, uint32_t life,
                       const struct keel_record *record)
{
    if (record->kind == KEEL_RECORD_INTENT)
        add(deeds, client, life, &record->intent);
    else if (record->kind == KEEL_RECORD_OUTCOME)
        note_verdict(deeds, client, life, &record->verdict);
}

static void look_at_order(struct world *world, int client, const struct keel_order_ref *ref,
                          struct deed_look *look)
{
    struct house_order order;
    if (!house_find_order(world, client, ref, &order))
        order = (struct house_order){.price = KEEL_DECIMAL_ABSENT, .quantity = KEEL_DECIMAL_ABSENT};
    look->order_id = order.id;
    look->open = order.open;
    look->canceled = order.canceled;
    look->amendments = order.amendments;
    look->price = order.price;
    look->quantity = order.quantity;
}

static int count_open(struct world *world, int client, keel_market_id market,
                      enum keel_order_family family)
{
    struct house_order order = {0};
    int count = 0;
    while (house_next_open_order(world, client, &order))
        count += order.market == market && order.conditional == (family == KEEL_FAMILY_CONDITIONAL);
    return count;
}

static int64_t count_margin_changes(const struct paper_engine *engine, int client,
                                    keel_market_id market)
{
    struct paper_query query = {.account = client + 1, .market = market};
    int64_t count = 0;
    for (const struct paper_margin_change *change = NULL;
         (change = paper_engine_next_margin_change(engine, &query, change));)
        count += change->by_user;
    return count;
}

static void look_at_settings(const struct paper_engine *engine, int client, keel_market_id market,
                             struct deed_look *look)
{
    struct paper_position position;
    paper_engine_get_position(engine, client + 1, market, &position);
    look->leverage = position.leverage;
    look->margin_mode = position.margin_mode;
    look->margin_changes = count_margin_changes(engine, client, market);
}

static struct keel_order_ref name_placed(const struct keel_order_request *place)
{
    struct keel_order_ref ref = {.family = keel_order_type_is_conditional(place->type)
                                               ? KEEL_FAMILY_CONDITIONAL
                                               : KEEL_FAMILY_REGULAR};
    strcpy(ref.client_id, place->client_id);
    return ref;
}

static struct deed_look look_at(struct world *world, const struct deed *deed)
{
    const struct keel_command *command = &deed->intent.command;
    keel_market_id market = house_market(world, deed->intent.symbol);
    struct deed_look look = {0};
    struct keel_order_ref placed;
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER:
        placed = name_placed(&command->place);
        look_at_order(world, deed->client, &placed, &look);
        break;
    case KEEL_AMEND_ORDER: look_at_order(world, deed->client, &command->amend.order, &look); break;
    case KEEL_CANCEL_ORDER: look_at_order(world, deed->client, &command->order, &look); break;
    case KEEL_CANCEL_ALL:
        look.open_orders = count_open(world, deed->client, market, command->order.family);
        break;
    case KEEL_TRANSFER:
        look.movements = house_count_transfers(world, deed->client, &command->transfer);
        break;
    case KEEL_WITHDRAW:
        look.movements =
            house_count_withdrawals(world, deed->client, command->withdrawal.client_id);
        break;
    case KEEL_CANCEL_WITHDRAWAL:
        look.canceled = house_withdrawal_status(world, deed->client, command->withdrawal_id) ==
                        KEEL_WITHDRAWAL_CANCELED;
        break;
    case KEEL_SET_HEDGE_MODE: look.hedge = house_is_hedged(world, deed->client); break;
    case KEEL_SET_LEVERAGE:
    case KEEL_SET_MARGIN_MODE:
    case KEEL_ADJUST_MARGIN:
        look_at_settings(world_engine(world), deed->client, market, &look);
        break;
    }
    return look;
}

static enum deed_end changed(bool is, bool was)
{
    if (was)
        return DEED_UNTOLD;
    return is ? DEED_DONE : DEED_UNDONE;
}

/* The venue cancels what an amendment leaves nothing of, and has nothing to do for one that wants
 * what is. */
static enum deed_end judge_amendment(const struct keel_amend *amend, const struct deed_look *before,
                                     const struct deed_look *after)
{
    bool same = keel_decimal_equals(before->price, amend->price) &&
                keel_decimal_equals(before->quantity, amend->quantity);
    if (same || (before->open && after->canceled))
        return DEED_UNTOLD;
    return after->amendments > before->amendments ? DEED_DONE : DEED_UNDONE;
}

static enum deed_end judge_end(const struct keel_command *command, const struct deed_look *before,
                               const struct deed_look *after)
{
    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER: return after->order_id != before->order_id ? DEED_DONE : DEED_UNDONE;
    case KEEL_CANCEL_ORDER: return before->open && after->canceled ? DEED_DONE : DEED_UNDONE;
    case KEEL_AMEND_ORDER: return judge_amendment(&command->amend, before, after);
    case KEEL_CANCEL_ALL: return changed(after->open_orders == 0, before->open_orders == 0);
    case KEEL_SET_LEVERAGE:
        return changed(after->leverage == command->leverage.leverage,
                       before->leverage == command->leverage.leverage);
    case KEEL_CANCEL_WITHDRAWAL: return changed(after->canceled, before->canceled);
    case KEEL_SET_HEDGE_MODE:
        return changed(after->hedge == command->enable, before->hedge == command->enable);
    case KEEL_SET_MARGIN_MODE:
        return changed(after->margin_mode == command->margin_mode.mode,
                       before->margin_mode == command->margin_mode.mode);
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW: return after->movements > before->movements ? DEED_DONE : DEED_UNDONE;
    case KEEL_ADJUST_MARGIN:
        return after->margin_changes > before->margin_changes ? DEED_DONE : DEED_UNDONE;
    }
    return DEED_UNDONE;
}

void deeds_begin(struct deeds *deeds, struct world *world, int client, uint64_t number)
{
    const struct deed *deed = deeds_find(deeds, client, number);
    deeds->joint = world_codec(world)->sets_mode_with_leverage;
    if (deed)
        deeds->before = look_at(world, deed);
    else
        deeds->unrecorded++;
}

void deeds_end(struct deeds *deeds, struct world *world, int client, uint64_t number)
{
    struct deed *deed = deeds_find(deeds, client, number);
    if (!deed)
        return;
    struct deed_look after = look_at(world, deed);
    enum deed_end end = judge_end(&deed->intent.command, &deeds->before, &after);
    deed->arrivals++;
    deed->place = ++deeds->arrived;
    if (deed->end != DEED_DONE)
        deed->end = end;
}

/* Does the one set what the other wants? Where mode and leverage go together, each bears the other.
 */
static bool sets_same(const struct deeds *deeds, const struct keel_command *one,
                      const struct keel_command *wanted)
{
    bool is_leverage = wanted->kind == KEEL_SET_LEVERAGE;
    if (one->kind == wanted->kind)
        return is_leverage ? one->leverage.leverage == wanted->leverage.leverage
                           : one->margin_mode.mode == wanted->margin_mode.mode;
    if (!deeds->joint || (one->kind != KEEL_SET_LEVERAGE && one->kind != KEEL_SET_MARGIN_MODE))
        return false;
    return is_leverage ? one->margin_mode.leverage == wanted->leverage.leverage
                       : one->leverage.mode == wanted->margin_mode.mode;
}

/* Another write of the client wanted the same, and got it. */
static bool is_done_by_another(const struct deeds *deeds, const struct deed *deed)
{
    for (int i = 0; i < deeds->count; i++) {
        const struct deed *other = &deeds->at[i];
        if (other != deed && other->client == deed->client && other->end != DEED_UNDONE &&
            strcmp(other->intent.symbol, deed->intent.symbol) == 0 &&
            sets_same(deeds, &other->intent.command, &deed->intent.command))
            return true;
    }
    return false;
}

static bool was_amended_so(struct world *world, const struct deed *deed)
{
    const struct keel_amend *amend = &deed->intent.command.amend;
    struct house_order order;
    return house_find_order(world, deed->client, &amend->order, &order) &&
           house_was_amended(world, deed->client, order.id, amend->price, amend->quantity);
}

bool deed_is_fulfilled(const struct deeds *deeds, struct world *world, const struct deed *deed)
{
    const struct keel_command *command = &deed->intent.command;
    switch ((int)command->kind) {
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_CANCEL_ORDER: return look_at(world, deed).canceled;
    case KEEL_AMEND_ORDER: return was_amended_so(world, deed);
    case KEEL_CANCEL_ALL: return true; /* what was open when it left may have ended by itself */
    case KEEL_SET_LEVERAGE:
        return command->leverage.leverage == leverage_at_first || is_done_by_another(deeds, deed);
    case KEEL_SET_MARGIN_MODE:
        return command->margin_mode.mode == KEEL_CROSS || is_done_by_another(deeds, deed);
    }
    return false;
}

/* Could the one be taken for the other, or hide it, in what the venue shows? */
static bool concerns_same(const struct deeds *deeds, const struct deed *deed,
                          const struct deed *other)
{
    const struct keel_command *command = &deed->intent.command, *after = &other->intent.command;
    bool same = after->kind == command->kind;
    switch ((int)command->kind) {
    case KEEL_AMEND_ORDER:
        return same && strcmp(command->amend.order.client_id, after->amend.order.client_id) == 0;
    case KEEL_CANCEL_ALL: /* a conditional order opens another when its price comes */
        return after->kind == KEEL_PLACE_ORDER;
    case KEEL_ADJUST_MARGIN: return same;
    case KEEL_SET_LEVERAGE: return same || (deeds->joint && after->kind == KEEL_SET_MARGIN_MODE);
    case KEEL_SET_MARGIN_MODE: return same || (deeds->joint && after->kind == KEEL_SET_LEVERAGE);
    }
    return false;
}

bool deed_is_overtaken(const struct deeds *deeds, const struct deed *deed)
{
    for (int i = 0; i < deeds->count; i++) {
        const struct deed *other = &deeds->at[i];
        if (other != deed && other->client == deed->client && other->end != DEED_UNDONE &&
            strcmp(other->intent.symbol, deed->intent.symbol) == 0 &&
            concerns_same(deeds, deed, other))
            return true;
    }
    return false;
}
