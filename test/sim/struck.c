#include "world_internal.h"

/* Of the venue's rules, what each is called here; WORLD_FAULT_KINDS: nothing that is counted. */
static enum world_fault kind_of(const struct paper_fault_rule *rule)
{
    bool frame = rule->target == PAPER_FAULT_OF_FRAME;
    switch (rule->action) {
    case PAPER_FAULT_NONE: break;
    case PAPER_FAULT_DELAY: return frame ? WORLD_FRAME_DELAYED : WORLD_LATE;
    case PAPER_FAULT_DROP:
        return rule->stream == PAPER_STREAM_API ? WORLD_ANSWER_DROPPED : WORLD_FRAME_DROPPED;
    case PAPER_FAULT_DUPLICATE: return WORLD_FRAME_DUPLICATED;
    case PAPER_FAULT_REORDER: return WORLD_FRAME_REORDERED;
    case PAPER_FAULT_SILENCE: return WORLD_SILENCE;
    case PAPER_FAULT_CUT:
        if (frame)
            return WORLD_FRAME_CUT;
        return rule->target == PAPER_FAULT_OF_REQUEST ? WORLD_REQUEST_CUT : WORLD_REPLY_CUT;
    case PAPER_FAULT_REFUSE: return WORLD_OUTAGE;
    case PAPER_FAULT_UNKNOWN: return rule->executed ? WORLD_503_EXECUTED : WORLD_503_UNSEEN;
    case PAPER_FAULT_UNAVAILABLE: return WORLD_503_SERVICE;
    case PAPER_FAULT_INTERNAL: return WORLD_503_INTERNAL;
    case PAPER_FAULT_THROTTLED: return WORLD_503_THROTTLED;
    case PAPER_FAULT_TIMEOUT: return rule->executed ? WORLD_408_EXECUTED : WORLD_408_UNSEEN;
    case PAPER_FAULT_LIMITED: return WORLD_429;
    case PAPER_FAULT_BANNED: return WORLD_418;
    case PAPER_FAULT_EXPIRE_KEY: return rule->notices > 0 ? WORLD_KEY_EXPIRED : WORLD_KEY_LOST;
    case PAPER_FAULT_CLOCK: return WORLD_VENUE_CLOCK;
    }
    return WORLD_FAULT_KINDS;
}

/* A clock that is off strikes by being so, and so does a port on which nobody listens. */
static int64_t count_strikes(const struct world *world, const struct paper_fault *fault)
{
    if (fault->rule.action == PAPER_FAULT_CLOCK || fault->rule.action == PAPER_FAULT_REFUSE)
        return world_venue_ms(world) >= fault->from_ms;
    return fault->struck;
}

static int64_t struck_by_rules(struct world *world, enum world_fault kind)
{
    const struct paper_faults *faults = paper_venue_faults(world->venue);
    int64_t count = 0;
    for (int i = 0; i < faults->count; i++) {
        if (kind_of(&faults->at[i].rule) == kind)
            count += count_strikes(world, &faults->at[i]);
    }
    return count;
}

void world_venue_fault(struct world *world, const char *json)
{
    struct keel_error error;
    if (paper_faults_add(paper_venue_faults(world->venue), keel_str_from(json),
                         world_venue_ms(world), &error) != KEEL_OK)
        world_give_up(error.message);
}

void world_clear_venue_faults(struct world *world)
{
    for (int kind = 0; kind < WORLD_FAULT_KINDS; kind++)
        world->struck[kind] += struck_by_rules(world, (enum world_fault)kind);
    paper_faults_clear(paper_venue_faults(world->venue));
}

bool world_has_order_stream(const struct keel_venue *venue)
{
    return venue->product == KEEL_PRODUCT_FUTURES;
}

bool world_fault_exists(enum world_fault kind, const struct keel_venue *venue)
{
    if (kind == WORLD_ANSWER_DROPPED)
        return world_has_order_stream(venue);
    return kind != WORLD_OUTLIVED || venue->client_id_life_ms > 0;
}

int64_t world_struck(struct world *world, enum world_fault kind)
{
    return world->struck[kind] + struck_by_rules(world, kind);
}

static int64_t count_silences(struct world *world)
{
    return world_struck(world, WORLD_429) + world_struck(world, WORLD_418);
}

/* A window that its first request begins begins late with it, which no client can know. */
static bool is_window_shifted(const struct world *world)
{
    return world_is_gateio(world) && world->late_ns != 0 &&
           world->now_ns - world->late_ns < INT64_C(11) * 1000000000;
}

void world_note_status(struct world *world, int status)
{
    int64_t silences = count_silences(world);
    bool limited = (status == 429 || status == 418) && silences == world->silences;
    world->limited += limited && !is_window_shifted(world);
    world->silences = silences;
}

int64_t world_limited(const struct world *world)
{
    return world->limited;
}

const char *world_fault_name(enum world_fault kind)
{
    static const char *const names[WORLD_FAULT_KINDS] = {
        [WORLD_REFUSED] = "connections refused",
        [WORLD_OUTAGE] = "outages",
        [WORLD_REQUEST_CUT] = "requests cut",
        [WORLD_REPLY_CUT] = "replies cut",
        [WORLD_STRAY] = "requests that strayed",
        [WORLD_TIMEOUT] = "timeouts",
        [WORLD_LATE] = "late replies and frames",
        [WORLD_FRAME_CUT] = "streams cut",
        [WORLD_DEAD_STREAM] = "dead streams",
        [WORLD_STREAM_REFUSED] = "streams refused",
        [WORLD_FRAME_DELAYED] = "frames delayed",
        [WORLD_FRAME_DROPPED] = "frames dropped",
        [WORLD_FRAME_DUPLICATED] = "frames duplicated",
        [WORLD_FRAME_REORDERED] = "frames reordered",
        [WORLD_ANSWER_DROPPED] = "answers to orders dropped",
        [WORLD_SILENCE] = "frames lost to silence",
        [WORLD_503_EXECUTED] = "503 unknown, carried out",
        [WORLD_503_UNSEEN] = "503 unknown, not carried out",
        [WORLD_503_SERVICE] = "503 unavailable",
        [WORLD_503_INTERNAL] = "503 internal",
        [WORLD_503_THROTTLED] = "503 throttled",
        [WORLD_408_EXECUTED] = "408, carried out",
        [WORLD_408_UNSEEN] = "408, not carried out",
        [WORLD_429] = "429",
        [WORLD_418] = "418",
        [WORLD_KEY_EXPIRED] = "listen keys expired",
        [WORLD_KEY_LOST] = "listen keys lost",
        [WORLD_VENUE_CLOCK] = "jumps of the venue's clock",
        [WORLD_CLIENT_CLOCK] = "jumps of a client's clock",
        [WORLD_SUSPENDED] = "suspended processes",
        [WORLD_OUTLIVED] = "pauses that outlived the names of orders",
        [WORLD_KILLED] = "kills at a random moment",
        [WORLD_KILLED_UNKEPT] = "kills before an intent was durable",
        [WORLD_KILLED_UNSENT] = "kills between an intent and its request",
        [WORLD_KILLED_SENT] = "kills right after a request",
        [WORLD_KILLED_LOADING] = "kills during a start",
    };
    return names[kind];
}
