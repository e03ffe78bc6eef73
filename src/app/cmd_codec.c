/* cmd_codec.c - the venue's codec by hand: decode a payload, encode a command. Nothing connects. */
#include "app/commands.h"
#include "app/config.h"
#include "app/render.h"
#include "app/request.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static const struct keel_venue *find_venue(const struct app_options *options,
                                           struct keel_error *error)
{
    const char *name = options->venue == NULL ? "binance" : options->venue;
    const struct keel_venue *venue = keel_venue_find(keel_str_from(name));
    if (venue == NULL)
        (void)keel_fail(error, KEEL_INVALID, "--venue: keel does not know '%s'", name);
    return venue;
}

/* --- decode --- */

struct decode {
    const struct keel_venue *venue;
    enum keel_decode_kind kind;
    int http_status;
    struct keel_markets *markets;
};

static enum keel_status read_stream(FILE *file, char **bytes, size_t *size)
{
    size_t capacity = 0;
    *bytes = NULL;
    *size = 0;
    do {
        if (capacity - *size < 65536) {
            capacity = 2 * capacity + 131072;
            *bytes = realloc(*bytes, capacity);
            KEEL_ASSERT(*bytes != NULL);
        }
        *size += fread(*bytes + *size, 1, capacity - *size, file);
    } while (!feof(file) && !ferror(file));
    return ferror(file) ? KEEL_IO : KEEL_OK;
}

static enum keel_status read_input(const char *path, char **bytes, size_t *size,
                                   struct keel_error *error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    *bytes = NULL;
    if (file == NULL)
        return keel_fail(error, KEEL_INVALID, "%s: %s", path, strerror(errno));
    enum keel_status status = read_stream(file, bytes, size);
    if (status != KEEL_OK)
        (void)keel_fail(error, KEEL_INVALID, "%s: %s", path, strerror(errno));
    if (!is_stdin)
        fclose(file);
    return status == KEEL_OK ? KEEL_OK : KEEL_INVALID;
}

static void print_venue_error(const struct keel_decoded *decoded)
{
    struct app_record record;
    app_record_init(&record);
    app_record_put_text(&record, "event", "error");
    app_record_put_text(&record, "status", keel_status_name(decoded->venue_error.status));
    app_record_put_int(&record, "venue_code", decoded->venue_error.venue_code);
    app_record_put_text(&record, "message", decoded->venue_error.message);
    if (decoded->fate != KEEL_FATE_NONE)
        app_record_put_text(&record, "fate", keel_fate_name(decoded->fate));
    app_record_print_json(&record, stdout);
}

static enum keel_status decode_text(const struct decode *decode, keel_str text,
                                    struct keel_error *error)
{
    struct keel_decoded decoded;
    struct app_record record;
    enum keel_status status = keel_venue_decode(
        decode->venue, decode->kind, text, decode->http_status, decode->markets, &decoded, error);
    if (status != KEEL_OK)
        return status;
    if (decode->kind == KEEL_DECODE_ERROR)
        print_venue_error(&decoded);
    for (int32_t i = 0; i < decoded.events.count; i++) {
        app_record_init(&record);
        if (app_render_event(&record, decode->markets, &decoded.events.at[i]))
            app_record_print_json(&record, stdout);
    }
    keel_decoded_free(&decoded);
    return KEEL_OK;
}

static keel_str trim(keel_str text)
{
    while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]) != NULL)
        text.size--;
    while (text.size > 0 && strchr(" \t\r\n", text.data[0]) != NULL) {
        text.data++;
        text.size--;
    }
    return text;
}

/* Takes the next line that is not empty off the text. */
static bool next_line(keel_str *text, keel_str *line)
{
    while (text->size > 0) {
        const char *end = memchr(text->data, '\n', text->size);
        size_t size = end == NULL ? text->size : (size_t)(end - text->data);
        size_t taken = end == NULL ? size : size + 1;
        *line = trim((keel_str){text->data, size});
        text->data += taken;
        text->size -= taken;
        if (line->size > 0)
            return true;
    }
    return false;
}

static enum keel_status decode_lines(const struct decode *decode, keel_str text,
                                     struct keel_error *error)
{
    struct keel_error inner;
    keel_str line;
    for (int number = 1; next_line(&text, &line); number++)
        if (decode_text(decode, line, &inner) != KEEL_OK)
            return keel_fail(error, inner.status, "message %d: %s", number, inner.message);
    return KEEL_OK;
}

/* One JSON text, perhaps over many lines; or, when it is not one, a message a line. */
static enum keel_status decode_all(const struct decode *decode, keel_str text,
                                   struct keel_error *error)
{
    struct keel_error first;
    keel_str rest = text, line;
    enum keel_status status = decode_text(decode, text, error);
    if (status == KEEL_OK || !next_line(&rest, &line) || line.size == trim(text).size)
        return status;
    if (decode_text(decode, line, &first) != KEEL_OK)
        return status;
    return decode_lines(decode, rest, error);
}

static enum keel_status read_decode(const struct app_options *options, struct decode *decode,
                                    struct keel_error *error)
{
    int64_t http_status;
    decode->venue = find_venue(options, error);
    if (decode->venue == NULL)
        return error->status;
    if (options->as == NULL)
        return keel_fail(error, KEEL_INVALID,
                         "--as is missing: say what the payload is, as in "
                         "--as orders");
    decode->kind = keel_decode_kind_parse(keel_str_from(options->as));
    if (decode->kind == KEEL_DECODE_NONE)
        return keel_fail(error, KEEL_INVALID, "--as: there is no kind of payload '%s'",
                         options->as);
    http_status = decode->kind == KEEL_DECODE_ERROR ? 400 : 200;
    enum keel_status status =
        app_parse_int("--http-status", options->http_status, 100, 599, &http_status, error);
    decode->http_status = (int)http_status;
    return status;
}

/* A payload that cannot be read is a file given wrongly: a usage error. */
static enum keel_status blame_input(enum keel_status status, const char *path,
                                    struct keel_error *error)
{
    struct keel_error inner = *error;
    if (status != KEEL_MALFORMED)
        return status;
    return keel_fail(error, KEEL_INVALID, "%s: %s", path, inner.message);
}

static enum app_exit run_decode(const struct app_options *options)
{
    struct decode decode = {0};
    struct keel_error error;
    char *bytes;
    size_t size = 0;
    const char *path = options->arguments[0];
    if (read_decode(options, &decode, &error) != KEEL_OK)
        return app_fail(options->json, &error);
    if (read_input(path, &bytes, &size, &error) != KEEL_OK) {
        free(bytes);
        return app_fail(options->json, &error);
    }
    decode.markets = keel_markets_new();
    KEEL_ASSERT(decode.markets != NULL);
    enum keel_status status = decode_all(&decode, (keel_str){bytes, size}, &error);
    status = blame_input(status, path, &error);
    keel_markets_free(decode.markets);
    free(bytes);
    return status == KEEL_OK ? APP_DONE : app_fail(options->json, &error);
}

/* --- encode --- */

static int64_t read_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The mode that the command itself implies: a leg exists in hedge mode only. */
static struct keel_modes imply_modes(const struct keel_command *command)
{
    struct keel_modes modes = {KEEL_OFF, KEEL_OFF, KEEL_ON};
    enum keel_position_side side = KEEL_POSITION_SIDE_NONE;
    if (command->kind == KEEL_PLACE_ORDER)
        side = command->place.position_side;
    if (command->kind == KEEL_ADJUST_MARGIN)
        side = command->margin.side;
    if (side == KEEL_LONG || side == KEEL_SHORT)
        modes.hedge = KEEL_ON;
    return modes;
}

static enum keel_status encode_command(const struct app_options *options,
                                       const struct app_config *config,
                                       struct keel_markets *markets, struct keel_encoded *encoded,
                                       struct keel_error *error)
{
    const struct keel_venue *venue = keel_venue_find(keel_str_from(config->account.venue));
    const char *key = config->account.api_key, *secret = config->account.api_secret;
    struct keel_command command;
    int64_t time_ms = read_clock_ms(), receive_window_ms = 0;
    enum keel_status status = app_parse_int("--time", options->time, 0, INT64_MAX, &time_ms, error);
    if (status == KEEL_OK)
        status = app_parse_int("--receive-window", options->receive_window, 1, 60000,
                               &receive_window_ms, error);
    if (status == KEEL_OK)
        status = keel_venue_parse_command(venue, keel_str_from(options->arguments[0]), markets,
                                          &command, error);
    if (status != KEEL_OK)
        return status == KEEL_MALFORMED ? error->status = KEEL_INVALID : status;
    struct keel_modes modes = imply_modes(&command);
    return keel_venue_encode(venue, &command, markets, &modes,
                             key == NULL ? KEEL_STR("") : keel_str_from(key),
                             secret == NULL ? KEEL_STR("") : keel_str_from(secret), time_ms,
                             receive_window_ms, encoded, error);
}

static enum app_exit run_encode(const struct app_options *options)
{
    static struct app_config config;
    struct keel_encoded encoded;
    struct keel_error error;
    struct keel_markets *markets = keel_markets_new();
    KEEL_ASSERT(markets != NULL);
    enum keel_status status = app_config_load(&config, options, true, &error);
    if (status == KEEL_OK)
        status = encode_command(options, &config, markets, &encoded, &error);
    app_config_wipe(&config);
    keel_markets_free(markets);
    if (status != KEEL_OK)
        return app_fail(options->json, &error);
    app_request_print(true, &encoded, false);
    return APP_DONE;
}

static const char *const decode_options[] = {"venue", "as", "http-status", NULL};
static const char *const encode_options[] = {"venue", "account",        "config",
                                             "time",  "receive-window", NULL};

const struct app_command app_decode = {
    .name = "decode",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "a venue's payload as keel's events, one JSON object a line",
    .details = "FILE is one JSON text or a message a line; - is standard input.",
    .example = "  keel decode --venue binance --as stream order_trade_update.json",
    .options = decode_options,
    .run = run_decode,
};

const struct app_command app_encode = {
    .name = "encode",
    .arguments = "COMMAND",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "the request that a command in JSON becomes, as JSON",
    .details = "Signed if there are credentials in the environment or the account that is named; "
               "the key's\nheader is not part of it. Members are those of keel/command.h in their "
               "own words.",
    .example = "  keel encode --time 1700000000000 '{\"command\":\"place_order\",\"symbol\":"
               "\"BTC/USDT:USDT\",\n    \"side\":\"buy\",\"type\":\"limit\",\"quantity\":\"0.01\","
               "\"price\":\"20000\"}'",
    .options = encode_options,
    .run = run_encode,
};
