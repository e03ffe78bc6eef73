/* fates.h - the fate of a write on any wire: what is said at once, what is asked for then, and how
 * that ends. */
#ifndef KEEL_TEST_FATES_H
#define KEEL_TEST_FATES_H

#include "wire.h"

/* One request that changes something. Paths are patterns; texts as in wire.h. */
struct write {
    const char *method, *path;
    const char *question; /* where the venue is asked what became of it */
    const char *others;   /* where it is never asked; or NULL */
    enum keel_status (*send)(struct scene *scene, struct outcome *outcome,
                             struct keel_error *error);
    void (*prepare)(struct scene *scene);
    const char *done; /* the answer that it was done */
    bool places;      /* with a client id, which the venue takes once */
    bool wallet;      /* its lists lag behind */
};

/* body NULL: that of the write that was done. */
struct reply_case {
    const char *name;
    enum rule_kind kind;
    int status;
    const char *body;
    enum keel_fate fate;
    enum keel_fate of_places; /* where it differs for those with a client id; else NONE */
};

struct end_case {
    int write;
    const char *name;
    int status;
    const char *body;
    enum keel_fate within; /* the time in which the request may still take effect */
    enum keel_fate after;
};

#define DONE    KEEL_ACCEPTED
#define NO      KEEL_FATE_REJECTED
#define FAILED  KEEL_FATE_FAILED
#define UNKNOWN KEEL_FATE_UNKNOWN

static inline struct scene *new_scene_for(const struct wire *wire, const struct write *write)
{
    struct scene *scene = new_scene(wire);
    advance(scene, 1000);
    if (write->prepare != NULL)
        write->prepare(scene);
    return scene;
}

static inline void send_write(struct scene *scene, const struct write *write,
                              struct outcome *outcome)
{
    struct keel_error error = {0};
    if (write->send(scene, outcome, &error) != KEEL_OK)
        fail_msg("%s %s: %s", write->method, write->path, error.message);
    settle(scene);
}

/* The write, answered by a rule that stands for the case alone. */
static inline void try_reply(const struct wire *wire, const struct write *write,
                             const struct reply_case *reply)
{
    struct scene *scene = new_scene_for(wire, write);
    struct outcome outcome = {0};
    bool differs = write->places && reply->of_places != KEEL_FATE_NONE;
    enum keel_fate fate = differs ? reply->of_places : reply->fate;
    bool unknown = fate == KEEL_FATE_UNKNOWN, held = reply->kind == RULE_REPLY;
    int sent = count_seen(scene, write->method, write->path);
    int asked = count_seen(scene, "GET", write->question);

    add_rule(scene, "GET", write->question, RULE_HOLD, 0, NULL);
    add_rule(scene, write->method, write->path, held ? RULE_HOLD : reply->kind, 0, NULL);
    send_write(scene, write, &outcome);
    if (held)
        answer_held(scene, reply->status, reply->body != NULL ? reply->body : write->done);
    settle(scene);
    if (outcome.calls != 1 || outcome.fate != fate)
        fail_msg("%s %s, %s: %d times %s (%s), not %s", write->method, write->path, reply->name,
                 outcome.calls, keel_fate_name(outcome.fate), outcome.error.message,
                 keel_fate_name(fate));
    advance(scene, 3000);
    asked = count_seen(scene, "GET", write->question) - asked;
    if (count_unsettled(scene) != (unknown ? 1 : 0) || asked != (unknown ? 1 : 0))
        fail_msg("%s %s, %s: %d unsettled, %d questions", write->method, write->path, reply->name,
                 (int)count_unsettled(scene), asked);
    if (write->others != NULL)
        assert_int_equal(count_seen(scene, "GET", write->others), 0);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(count_seen(scene, write->method, write->path), sent + 1);
    free_scene(scene);
}

static inline void try_replies(const struct wire *wire, const struct write *writes,
                               size_t write_count, const struct reply_case *replies,
                               size_t reply_count)
{
    for (size_t at = 0; at < write_count; at++) {
        for (size_t reply = 0; reply < reply_count; reply++)
            try_reply(wire, &writes[at], &replies[reply]);
    }
}

static inline void expect_end(const struct scene *scene, const struct write *write,
                              const struct end_case *end, const char *when, enum keel_fate fate)
{
    bool unknown = fate == KEEL_FATE_UNKNOWN;
    if (count_unsettled(scene) != (unknown ? 1 : 0) || scene->settled_count != (unknown ? 0 : 1) ||
        (!unknown && scene->settled != fate))
        fail_msg("%s %s, found %s %s: not %s but %s, %d unsettled; %s", write->method, write->path,
                 end->name, when, keel_fate_name(fate), keel_fate_name(scene->settled),
                 (int)count_unsettled(scene), scene->log);
}

/* A write that was lost, and what the venue shows from then on. */
static inline void try_end(const struct wire *wire, const struct write *write,
                           const struct end_case *end)
{
    struct scene *scene = new_scene_for(wire, write);
    struct outcome outcome = {0};
    int sent = count_seen(scene, write->method, write->path);

    add_rule(scene, write->method, write->path, RULE_LOST, 0, NULL);
    add_rule(scene, "GET", write->question, RULE_HOLD, 0, NULL);
    send_write(scene, write, &outcome);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    advance(scene, 300); /* the first question is out */
    if (scene->held_count != 1)
        fail_msg("%s %s: %d questions", write->method, write->path, scene->held_count);
    answer_held(scene, end->status, end->body);
    settle(scene);
    expect_end(scene, write, end, "within the window", end->within);
    add_rule(scene, "GET", write->question, RULE_REPLY, end->status, end->body);
    while (scene->held_count > 0)
        answer_held(scene, end->status, end->body);
    advance(scene, write->wallet ? 240000 : 20000);
    expect_end(scene, write, end, "after the window", end->after);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(count_seen(scene, write->method, write->path), sent + 1);
    free_scene(scene);
}

static inline void try_ends(const struct wire *wire, const struct write *writes,
                            const struct end_case *ends, size_t end_count)
{
    for (size_t at = 0; at < end_count; at++)
        try_end(wire, &writes[ends[at].write], &ends[at]);
}

/* A history of more rows than a page has, which here is two, while another row comes between two
 * listings: each is told once. */
static inline void try_pages(const struct wire *wire, const char *path, const char *const asked[3],
                             const char *const bodies[3], const char *told)
{
    struct keel_venue venue = *wire->venue;
    struct wire paged = *wire;
    struct outcome outcome = {0};
    struct keel_error error = {0};

    venue.page_limit = 2;
    paged.venue = &venue;
    struct scene *scene = new_scene(&paged);
    advance(scene, 60000);
    add_rule(scene, "GET", path, RULE_HOLD, 0, NULL);
    assert_int_equal(keel_private_reconcile(scene->base, note_result, &outcome, &error), KEEL_OK);
    for (int page = 0; page < 3; page++) {
        settle(scene);
        assert_int_equal(scene->held_count, 1);
        if (strstr(scene->held[0].text, asked[page]) == NULL)
            fail_msg("page %d: no %s in %s", page + 1, asked[page], scene->held[0].text);
        answer_held(scene, 200, bodies[page]);
    }
    settle(scene);
    assert_int_equal(scene->held_count, 0);
    assert_string_equal(scene->trades, told);
    free_scene(scene);
}

/* The senders that all wires share. */

static inline struct keel_order_request make_order(const struct scene *scene,
                                                   enum keel_order_type type)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = market_of(scene);
    request.side = KEEL_BUY;
    request.type = type;
    request.quantity = dec("0.01");
    if (keel_order_type_has_price(type))
        request.price = dec("19000");
    if (keel_order_type_is_conditional(type))
        request.trigger_price = dec("21000");
    return request;
}

static inline enum keel_status submit_order(struct scene *scene,
                                            const struct keel_order_request *request,
                                            struct outcome *outcome, struct keel_error *error)
{
    if (scene->futures != NULL)
        return keel_futures_place_order(scene->futures, request, note_result, outcome, error);
    return keel_private_place_order(scene->base, request, note_result, outcome, error);
}

static inline enum keel_status send_limit(struct scene *scene, struct outcome *outcome,
                                          struct keel_error *error)
{
    struct keel_order_request request = make_order(scene, KEEL_LIMIT);
    return submit_order(scene, &request, outcome, error);
}

static inline struct keel_order_ref ref_to_open(const struct scene *scene)
{
    struct keel_order order;
    enum keel_status status;
    struct keel_order_ref ref = {0};
    assert_int_equal(
        keel_private_open_orders(scene->base, KEEL_NO_MARKET, true, &order, 1, &status), 1);
    ref.market = order.market;
    ref.family = order.family;
    memcpy(ref.order_id, order.order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order.client_id, sizeof(ref.client_id));
    return ref;
}

static inline enum keel_status send_cancel(struct scene *scene, struct outcome *outcome,
                                           struct keel_error *error)
{
    struct keel_order_ref ref = ref_to_open(scene);
    return keel_private_cancel_order(scene->base, &ref, note_result, outcome, error);
}

static inline enum keel_status send_cancel_all(struct scene *scene, struct outcome *outcome,
                                               struct keel_error *error)
{
    return keel_private_cancel_all(scene->base, market_of(scene), note_result, outcome, error);
}

static inline enum keel_status send_transfer(struct scene *scene, struct outcome *outcome,
                                             struct keel_error *error)
{
    struct keel_transfer_request request = {
        .from = KEEL_WALLET_SPOT, .to = KEEL_WALLET_FUTURES, .asset = "USDT", .amount = dec("5")};
    return keel_private_transfer(scene->base, &request, note_result, outcome, error);
}

static inline enum keel_status send_withdrawal(struct scene *scene, struct outcome *outcome,
                                               struct keel_error *error)
{
    struct keel_withdrawal_request request = {
        .asset = "USDT", .network = "TRX", .address = "Tabc", .amount = dec("25")};
    return keel_private_withdraw(scene->base, &request, note_result, outcome, error);
}

static inline enum keel_status send_withdrawal_cancel(struct scene *scene, struct outcome *outcome,
                                                      struct keel_error *error)
{
    return keel_private_cancel_withdrawal(scene->base, "w1", note_result, outcome, error);
}

/* Places an order that the venue takes; done is its answer. */
static inline void rest_at(struct scene *scene, enum keel_order_type type, const char *path,
                           const char *done)
{
    struct outcome outcome = {0};
    struct keel_error error = {0};
    struct keel_order_request request = make_order(scene, type);
    add_rule(scene, "POST", path, RULE_REPLY, 200, done);
    if (submit_order(scene, &request, &outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
    settle(scene);
    if (outcome.fate != KEEL_ACCEPTED)
        fail_msg("%s", outcome.error.message);
    scene->rule_count--;
}

/* The stream tells of an order before its reply does: the venue's id is known from then on, and
 * neither the reply nor its loss makes another order of it. */
static inline void try_push_before_reply(const struct wire *wire, const struct write *place,
                                         const char *push)
{
    for (int lost = 0; lost <= 1; lost++) {
        struct scene *scene = new_scene(wire);
        struct outcome outcome = {0};
        add_rule(scene, place->method, place->path, RULE_HOLD, 0, NULL);
        send_write(scene, place, &outcome);
        send_text(scene, KEEL_STREAM_USER, push);
        settle(scene);
        assert_int_equal(outcome.calls, 0);
        assert_string_equal(ref_to_open(scene).order_id, "1001");
        if (lost)
            fail_request(scene, scene->held[--scene->held_count].id, KEEL_TRANSPORT_LOST);
        else
            answer_held(scene, 201, place->done);
        settle(scene);
        assert_int_equal(outcome.calls, 1);
        assert_int_equal(outcome.fate, lost ? KEEL_FATE_UNKNOWN : KEEL_ACCEPTED);
        add_rule(scene, "GET", place->question, RULE_REPLY, 200, place->done);
        advance(scene, 3000);
        assert_int_equal(count_unsettled(scene), 0);
        assert_int_equal(scene->settled_count, lost);
        assert_string_equal(ref_to_open(scene).order_id, "1001"); /* it alone */
        assert_int_equal(count_seen(scene, place->method, place->path), 1);
        free_scene(scene);
    }
}

#endif
