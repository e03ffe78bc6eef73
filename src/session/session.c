#include "base/secret.h"
#include "core/orders.h"
#include "session/session_internal.h"

#include <stdlib.h>

enum keel_status keel_session_check_room(const struct keel_session *session,
                                         const struct keel_command *command,
                                         struct keel_error *error)
{
    if (!keel_session_is_running(session))
        return keel_fail(error, KEEL_FAILED, "%s: not connected",
                         keel_command_kind_name(command->kind));
    if (session->requests.counts[KEEL_REQUEST_FREE] <= KEEL_REQUESTS_SPARE)
        return keel_fail(error, KEEL_FULL, "%s: %d commands wait for an answer, the most there are",
                         keel_command_kind_name(command->kind),
                         KEEL_REQUESTS_MAX - KEEL_REQUESTS_SPARE);
    return KEEL_OK;
}

static enum keel_urgency urgency_of(const struct keel_command *command)
{
    const struct keel_order_request *place = &command->place;

    if (!keel_command_is_write(command->kind))
        return KEEL_URGENCY_QUERY;
    if (command->kind != KEEL_PLACE_ORDER)
        return KEEL_URGENCY_WRITE;
    return keel_order_only_closes(place->reduce_only, place->close_position, place->position_side,
                                  place->side)
               ? KEEL_URGENCY_WRITE
               : KEEL_URGENCY_ENTRY;
}

static enum keel_status queue(struct keel_session *session, const struct keel_command *command,
                              enum keel_urgency urgency, uint64_t token, struct keel_error *error)
{
    enum keel_status status = keel_session_check_room(session, command, error);

    if (status != KEEL_OK)
        return status;
    uint16_t place = keel_requests_add(&session->requests, KEEL_FOR_CALLER, urgency, command);
    KEEL_ASSERT(place != KEEL_REQUEST_NONE);
    session->requests.slots[place].token = token;
    session->requests.slots[place].sequence = ++session->sequence;
    session->requests.slots[place].queued_ns = session->now_ns;
    return KEEL_OK;
}

enum keel_status keel_session_command(struct keel_session *session,
                                      const struct keel_command *command, uint64_t token,
                                      struct keel_error *error)
{
    return queue(session, command, urgency_of(command), token, error);
}

enum keel_status keel_session_read(struct keel_session *session, const struct keel_command *command,
                                   uint64_t token, struct keel_error *error)
{
    KEEL_ASSERT(!keel_command_is_write(command->kind));
    return queue(session, command, KEEL_URGENCY_LOAD, token, error);
}

bool keel_session_is_silent(const struct keel_session *session)
{
    return keel_session_venue_time_ms(session) < session->governor.silent_until_ms;
}

void keel_session_distrust(struct keel_session *session, const char *reason)
{
    if (session->state == KEEL_SESSION_LIVE)
        keel_session_replace_user_stream(session, reason);
}

enum keel_status keel_session_load(struct keel_session *session, const struct keel_command *command,
                                   struct keel_error *error)
{
    KEEL_ASSERT(session->phase == KEEL_PHASE_CATCH_UP);
    if (!keel_session_add_load(session, command))
        return keel_fail(error, KEEL_FULL, "%s: no room for another load",
                         keel_command_kind_name(command->kind));
    return KEEL_OK;
}

void keel_session_caught_up(struct keel_session *session)
{
    session->catching_up = false;
}

void keel_session_refuse(struct keel_session *session, const char *name,
                         const struct keel_error *error)
{
    keel_session_append_failure(session, name, "", error);
    session->failures++;
}

void keel_session_activate(struct keel_session *session, keel_market_id market)
{
    if (market == KEEL_NO_MARKET || market > KEEL_ACTIVE_MAX || session->is_active[market])
        return;
    session->is_active[market] = true;
    session->active[session->active_count++] = market;
    if (session->state == KEEL_SESSION_LIVE)
        keel_session_want_streams(session);
}

bool keel_session_is_active(const struct keel_session *session, keel_market_id market)
{
    return market <= KEEL_ACTIVE_MAX && session->is_active[market];
}

int32_t keel_session_active_count(const struct keel_session *session)
{
    return session->active_count;
}

keel_market_id keel_session_active_at(const struct keel_session *session, int32_t index)
{
    return session->active[index];
}

enum keel_status keel_session_encode(struct keel_session *session,
                                     const struct keel_command *command,
                                     struct keel_request *request, struct keel_error *error)
{
    return session->venue->encode(command, session->markets, session->modes, session->keys,
                                  keel_session_venue_time_ms(session), session->receive_window_ms,
                                  request, error);
}

/* The verdict that is being told right now is no longer due. */
static bool is_reported_write(const struct keel_session *session)
{
    return session->reported != KEEL_REQUEST_NONE &&
           session->requests.slots[session->reported].counted;
}

void keel_session_view(const struct keel_session *session, struct keel_session_view *view)
{
    *view = (struct keel_session_view){
        .state = session->state,
        .rest = session->rest,
        .heard_ns = session->streams.at[KEEL_STREAM_USER].heard_ns,
        .clock_offset_ms = session->clock_offset_ms,
        .clock_error_ms = session->clock_error_ms,
        .steps_back = session->steps_back,
        .reconnects = session->reconnects,
        .unsettled = session->requests.writes - (is_reported_write(session) ? 1 : 0),
        .messages = session->messages,
        .unexpected = session->unexpected,
        .warnings_cut = session->warnings_cut,
    };
    for (int kind = 0; kind < KEEL_STREAM_KINDS; kind++)
        view->streams[kind] = keel_stream_is_up(&session->streams.at[kind]);
}

/* Where the system's limits forbid to lock them, keel runs nevertheless: it is a second line of
 * defence. */
static struct keel_keys *new_keys(const struct keel_session_config *config)
{
    bool locked;
    struct keel_keys *keys = keel_secret_new(sizeof(*keys), &locked);

    if (keys != NULL && config->api_key.size > 0)
        config->venue->set_keys(keys, config->api_key, config->secret);
    return keys;
}

static bool take_memory(struct keel_session *session)
{
    void *arena = malloc(KEEL_SESSION_ARENA_SIZE);
    void *frames = malloc(KEEL_FRAMES_SIZE);

    session->events.at = malloc(KEEL_SESSION_EVENTS_MAX * sizeof(*session->events.at));
    session->events.capacity = KEEL_SESSION_EVENTS_MAX;
    if (session->enters_by_stream)
        session->entries = malloc(KEEL_REQUESTS_MAX * sizeof(*session->entries));
    session->stream_request = malloc(sizeof(*session->stream_request));
    session->active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->active));
    session->is_active = calloc(KEEL_ACTIVE_MAX + 1, sizeof(*session->is_active));
    keel_frames_init(&session->frames, frames);
    if (arena != NULL)
        keel_arena_init(&session->arena, arena, KEEL_SESSION_ARENA_SIZE);
    return keel_requests_init(&session->requests) == KEEL_OK && arena != NULL && frames != NULL &&
           session->events.at != NULL && session->stream_request != NULL &&
           session->active != NULL && session->is_active != NULL && session->keys != NULL &&
           (!session->enters_by_stream || session->entries != NULL);
}

static enum keel_status check_config(const struct keel_session_config *config,
                                     struct keel_error *error)
{
    if (config->request_timeout_ms <= 0 || config->start_timeout_ms <= 0)
        return keel_fail(error, KEEL_CONFIG, "a timeout must be positive");
    if (config->receive_window_ms <= 0 ||
        config->receive_window_ms > config->venue->receive_window_max_ms)
        return keel_fail(error, KEEL_CONFIG, "a receive window of %lld ms is not in 1 to %lld",
                         (long long)config->receive_window_ms,
                         (long long)config->venue->receive_window_max_ms);
    if (config->silence_max_ms < 0)
        return keel_fail(error, KEEL_CONFIG, "a silence of %lld ms is negative",
                         (long long)config->silence_max_ms);
    if ((config->api_key.size == 0) != (config->secret.size == 0))
        return keel_fail(error, KEEL_CONFIG, "an API key and its secret come together");
    if (config->api_key.size >= KEEL_API_KEY_SIZE)
        return keel_fail(error, KEEL_CONFIG, "an API key has less than %d characters",
                         KEEL_API_KEY_SIZE);
    return KEEL_OK;
}

struct keel_session *keel_session_new(const struct keel_session_config *config,
                                      struct keel_error *error)
{
    if (check_config(config, error) != KEEL_OK)
        return NULL;

    struct keel_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    session->venue = config->venue;
    session->markets = config->markets;
    session->modes = config->modes;
    session->numbers = config->numbers;
    session->recovers = config->recovers;
    session->keys = new_keys(config);
    session->has_credentials = config->api_key.size > 0;
    session->load_markets = config->load_markets;
    session->book_tops = config->book_tops;
    session->enters_by_stream =
        session->has_credentials && config->order_entry == KEEL_ENTRY_STREAM;
    session->entry_due_ns = INT64_MAX;
    session->receive_window_ms = config->receive_window_ms;
    session->request_timeout_ms = config->request_timeout_ms;
    session->start_timeout_ms = config->start_timeout_ms;
    session->silence_max_ms = config->silence_max_ms;
    session->random = config->seed;
    session->reported = KEEL_REQUEST_NONE;
    if (!take_memory(session)) {
        keel_session_free(session);
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    return session;
}

void keel_session_free(struct keel_session *session)
{
    if (session == NULL)
        return;
    keel_secret_free(session->keys, sizeof(*session->keys));
    keel_requests_deinit(&session->requests);
    free(session->arena.memory);
    free(session->frames.memory);
    free(session->events.at);
    free(session->entries);
    free(session->stream_request);
    free(session->active);
    free(session->is_active);
    free(session);
}
