#include "session/requests.h"

#include "base/memory.h"

#include <stdlib.h>

static void push_free(struct keel_requests *requests, uint16_t place)
{
    requests->slots[place].next = requests->free;
    requests->free = place;
}

static void set_state(struct keel_requests *requests, uint16_t place, enum keel_request_state state)
{
    struct keel_slot *slot = &requests->slots[place];

    requests->counts[slot->state]--;
    requests->counts[state]++;
    slot->state = state;
}

static void enqueue_first(struct keel_requests *requests, uint16_t place)
{
    struct keel_slot *slot = &requests->slots[place];

    slot->next = requests->queue_first[slot->urgency];
    if (slot->next == KEEL_REQUEST_NONE)
        requests->queue_last[slot->urgency] = place;
    requests->queue_first[slot->urgency] = place;
}

static void enqueue_last(struct keel_requests *requests, uint16_t place)
{
    struct keel_slot *slot = &requests->slots[place];
    uint16_t last = requests->queue_last[slot->urgency];

    slot->next = KEEL_REQUEST_NONE;
    if (last == KEEL_REQUEST_NONE)
        requests->queue_first[slot->urgency] = place;
    else
        requests->slots[last].next = place;
    requests->queue_last[slot->urgency] = place;
}

/* All others may be held until the clock is known: behind one of them the measurement would wait
 * for what waits for it. */
static void enqueue(struct keel_requests *requests, uint16_t place)
{
    if (requests->slots[place].command.kind == KEEL_LOAD_TIME)
        enqueue_first(requests, place);
    else
        enqueue_last(requests, place);
    set_state(requests, place, KEEL_REQUEST_QUEUED);
}

static void dequeue_first(struct keel_requests *requests, enum keel_urgency urgency)
{
    uint16_t place = requests->queue_first[urgency];

    requests->queue_first[urgency] = requests->slots[place].next;
    if (requests->queue_first[urgency] == KEEL_REQUEST_NONE)
        requests->queue_last[urgency] = KEEL_REQUEST_NONE;
}

/* Rare: a reload that begins again takes its loads out of the middle of a queue. */
static void dequeue(struct keel_requests *requests, uint16_t place)
{
    enum keel_urgency urgency = requests->slots[place].urgency;
    uint16_t before = requests->queue_first[urgency];

    if (before == place) {
        dequeue_first(requests, urgency);
        return;
    }
    while (requests->slots[before].next != place)
        before = requests->slots[before].next;
    requests->slots[before].next = requests->slots[place].next;
    if (requests->queue_last[urgency] == place)
        requests->queue_last[urgency] = before;
}

enum keel_status keel_requests_init(struct keel_requests *requests)
{
    *requests = (struct keel_requests){.free = KEEL_REQUEST_NONE, .due_ns = INT64_MAX};
    for (int i = 0; i < KEEL_URGENCIES; i++)
        requests->queue_first[i] = requests->queue_last[i] = KEEL_REQUEST_NONE;

    requests->slots = keel_new_array(KEEL_REQUESTS_MAX, sizeof(*requests->slots));
    requests->bytes = keel_new_array(KEEL_REQUESTS_MAX, sizeof(*requests->bytes));
    if (requests->slots == NULL || requests->bytes == NULL) {
        keel_requests_deinit(requests);
        return KEEL_FULL;
    }
    requests->counts[KEEL_REQUEST_FREE] = KEEL_REQUESTS_MAX;
    for (int place = KEEL_REQUESTS_MAX - 1; place >= 0; place--)
        push_free(requests, (uint16_t)place);
    return KEEL_OK;
}

void keel_requests_deinit(struct keel_requests *requests)
{
    free(requests->slots);
    free(requests->bytes);
    requests->slots = NULL;
    requests->bytes = NULL;
}

uint16_t keel_requests_add(struct keel_requests *requests, enum keel_purpose purpose,
                           enum keel_urgency urgency, const struct keel_command *command)
{
    uint16_t place = requests->free;
    int32_t spare = purpose == KEEL_FOR_CALLER ? KEEL_REQUESTS_SPARE : 0;

    if (requests->counts[KEEL_REQUEST_FREE] <= spare)
        return KEEL_REQUEST_NONE;

    struct keel_slot *slot = &requests->slots[place];
    requests->free = slot->next;
    slot->purpose = purpose;
    slot->urgency = urgency;
    slot->fate = KEEL_FATE_NONE;
    slot->about = KEEL_REQUEST_NONE;
    slot->evidence = KEEL_EVIDENCE_NONE;
    slot->proof = false;
    slot->turn++;
    slot->cycle = 0;
    slot->attempts = 0;
    slot->seen = false;
    slot->overtaken = false;
    slot->rivals = 0;
    slot->looked = 0;
    slot->order_id[0] = '\0';
    slot->clock_refused_ns = 0;
    slot->token = 0;
    slot->intent = 0;
    slot->adopted = false;
    slot->told = false;
    slot->counted = purpose == KEEL_FOR_CALLER && keel_command_is_write(command->kind);
    slot->received = false;
    slot->stream = 0;
    slot->cut = NULL;
    requests->writes += slot->counted ? 1 : 0;
    slot->due_ns = 0;
    slot->sent_time_ms = 0;
    slot->clock_error_ms = 0;
    slot->expires_ms = 0;
    slot->command = *command;
    slot->error.status = KEEL_OK;
    slot->error.venue_code = 0;
    slot->error.message[0] = '\0';
    enqueue(requests, place);
    return place;
}

void keel_requests_disown(struct keel_requests *requests, uint16_t place)
{
    struct keel_slot *slot = &requests->slots[place];

    requests->writes -= slot->counted ? 1 : 0;
    slot->counted = false;
    slot->purpose = KEEL_FOR_NOBODY;
}

void keel_requests_start(struct keel_requests *requests, uint16_t place)
{
    struct keel_slot *slot = &requests->slots[place];

    KEEL_ASSERT(slot->state == KEEL_REQUEST_QUEUED);
    dequeue(requests, place);
    slot->attempts++;
    set_state(requests, place, KEEL_REQUEST_IN_FLIGHT);
}

void keel_requests_move(struct keel_requests *requests, uint16_t place,
                        enum keel_request_state state, int64_t due_ns)
{
    struct keel_slot *slot = &requests->slots[place];

    if (slot->state == KEEL_REQUEST_QUEUED)
        dequeue(requests, place);
    slot->due_ns = due_ns;
    if (due_ns < requests->due_ns)
        requests->due_ns = due_ns;
    set_state(requests, place, state);
}

void keel_requests_release(struct keel_requests *requests, uint16_t place)
{
    KEEL_ASSERT(requests->slots[place].state != KEEL_REQUEST_FREE);
    if (requests->slots[place].state == KEEL_REQUEST_QUEUED)
        dequeue(requests, place);
    requests->writes -= requests->slots[place].counted ? 1 : 0;
    set_state(requests, place, KEEL_REQUEST_FREE);
    push_free(requests, place);
}

void keel_requests_wake(struct keel_requests *requests, int64_t now_ns)
{
    if (now_ns < requests->due_ns)
        return;

    requests->due_ns = INT64_MAX;
    for (uint16_t place = 0; place < (uint16_t)KEEL_REQUESTS_MAX; place++) {
        struct keel_slot *slot = &requests->slots[place];
        bool waits = slot->state == KEEL_REQUEST_WAITING || slot->state == KEEL_REQUEST_UNSETTLED;
        if (slot->state == KEEL_REQUEST_WAITING && slot->due_ns <= now_ns)
            enqueue(requests, place);
        else if (waits && slot->due_ns < requests->due_ns)
            requests->due_ns = slot->due_ns;
    }
}

uint64_t keel_requests_id(const struct keel_requests *requests, uint16_t place)
{
    return (uint64_t)requests->slots[place].turn * KEEL_REQUESTS_MAX + place;
}

uint16_t keel_requests_find(const struct keel_requests *requests, uint64_t id)
{
    uint16_t place = (uint16_t)(id % KEEL_REQUESTS_MAX);
    const struct keel_slot *slot = &requests->slots[place];
    bool same = slot->turn == id / KEEL_REQUESTS_MAX && slot->state == KEEL_REQUEST_IN_FLIGHT;

    return same ? place : (uint16_t)KEEL_REQUEST_NONE;
}
