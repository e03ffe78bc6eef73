/* Every payload of Gate under fixture/gateio and fixture/gateio_spot yields the events of the file
 * beside it: whole, and nothing when it is cut at any byte. A file added there is a test added
 * here. Its folder says what it is: stream, the command that a reply answers, or refusal, where the
 * name begins with the HTTP status and an .outcome is beside it: what becomes of an order.
 *
 * With KEEL_WRITE_EVENTS set in the environment the files are written instead: read them. */
#include "gateio_fixtures.h"

#include "event_text.h"

#include <dirent.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUTURES KEEL_TEST_FIXTURES "/gateio"
#define SPOT    KEEL_TEST_FIXTURES "/gateio_spot"

enum {
    EVENTS_MAX = 256,
    ARENA_SIZE = 1 << 20,
    PAYLOAD_MAX = 1 << 16,
};

/* Memory whose last byte is followed by a page that cannot be read. */
static char *map_guarded(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory =
        mmap(NULL, PAYLOAD_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    assert_int_equal(mprotect(memory + PAYLOAD_MAX, page, PROT_NONE), 0);
    return memory;
}

struct bench {
    const struct keel_venue *venue;
    struct keel_markets *markets;
    char *guarded;
    struct keel_event events[EVENTS_MAX];
    char arena_memory[ARENA_SIZE];
    char text[1 << 18];
    int count;
};

static struct bench bench;

/* A command of that kind, for the answers that do not name what was asked for. */
static struct keel_command make_command(enum keel_command_kind kind)
{
    struct keel_command command = {.kind = kind};
    keel_market_id market = keel_markets_find(bench.markets, KEEL_STR("BTC_USDT"));
    if (kind == KEEL_SET_HEDGE_MODE)
        command.enable = true;
    if (kind == KEEL_LOAD_BRACKETS || kind == KEEL_LOAD_FEES)
        command.market = market;
    if (kind == KEEL_LOAD_ORDERS && bench.venue == &keel_venue_gateio_spot)
        command.page.family = KEEL_FAMILY_CONDITIONAL; /* which are of another shape there */
    return command;
}

struct decoded {
    struct keel_events events;
    enum keel_status status;
    struct keel_outcome outcome;
};

/* The bytes are moved to where nothing can be read after them. */
static struct decoded decode(enum keel_command_kind kind, keel_str bytes)
{
    struct decoded decoded = {
        .events = {bench.events, 0, EVENTS_MAX}
    };
    struct keel_arena arena;
    struct keel_error error;
    char *at = bench.guarded + PAYLOAD_MAX - bytes.size;
    memcpy(at, bytes.data, bytes.size);
    memset(bench.events, 0x5a, sizeof(bench.events)); /* what an event leaves out shows */
    keel_arena_init(&arena, bench.arena_memory, sizeof(bench.arena_memory));
    keel_str guarded = {at, bytes.size};

    if (kind == KEEL_COMMAND_NONE) {
        decoded.status =
            bench.venue->decode_stream(guarded, bench.markets, &arena, &decoded.events, &error);
        return decoded;
    }
    struct keel_command command = make_command(kind);
    struct keel_reply reply = {.http_status = 200, .body = guarded, .headers = KEEL_STR("")};
    decoded.status = bench.venue->decode_reply(&command, &reply, bench.markets, &arena,
                                               &decoded.events, &decoded.outcome);
    return decoded;
}

static void check_cuts(const char *path, enum keel_command_kind kind, keel_str bytes)
{
    for (size_t size = 0; size < bytes.size; size++) {
        struct decoded cut = decode(kind, (keel_str){bytes.data, size});
        if (cut.status != KEEL_MALFORMED || cut.events.count != 0)
            fail_msg("%s cut at %zu: %s, %d events", path, size, keel_status_name(cut.status),
                     (int)cut.events.count);
        if (keel_command_is_write(kind))
            assert_int_equal(cut.outcome.fate, KEEL_FATE_UNKNOWN);
    }
}

static void write_expected(const char *path, keel_str text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(text.data, 1, text.size, file);
    fclose(file);
}

/* The lines in bench.text. */
static void check_text(const char *path, const struct keel_writer *writer)
{
    assert_false(writer->full);
    if (getenv("KEEL_WRITE_EVENTS")) {
        write_expected(path, keel_writer_text(writer));
        return;
    }
    keel_str expected = read_fixture(path);
    size_t size = writer->size > 0 ? writer->size - 1 : 0;
    if (!keel_str_equals(expected, (keel_str){bench.text, size}))
        fail_msg("%s: expected\n%.*s\nbut came\n%s", path, KEEL_STR_ARGS(expected), bench.text);
    free_fixture(expected);
}

static void check_events(const char *path, struct decoded *decoded)
{
    struct keel_writer writer;
    keel_writer_init(&writer, bench.text, sizeof(bench.text));
    if (decoded->status != KEEL_OK)
        fail_msg("%s: %s", path, keel_status_name(decoded->status));
    write_events(&writer, &decoded->events, bench.markets);
    check_text(path, &writer);
}

static void check_outcome(const char *path, const struct keel_outcome *outcome)
{
    struct keel_writer writer;
    keel_writer_init(&writer, bench.text, sizeof(bench.text));
    keel_write_format(&writer, "%s%s%s%s%s%s\n%s\n", keel_fate_name(outcome->fate),
                      outcome->busy ? " busy" : "", outcome->not_found ? " not_found" : "",
                      outcome->duplicate ? " duplicate" : "",
                      outcome->already_so ? " already_so" : "",
                      outcome->clock_wrong ? " clock_wrong" : "", outcome->error.message);
    check_text(path, &writer);
}

static void check_payload(const char *folder, const char *name, enum keel_command_kind kind)
{
    char path[512], events_path[512];
    int stem = (int)(strlen(name) - strlen(".json"));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    snprintf(events_path, sizeof(events_path), "%s/%.*s.events", folder, stem, name);

    keel_str bytes = read_fixture(path);
    assert_true(bytes.size <= PAYLOAD_MAX);
    struct decoded decoded = decode(kind, bytes);
    check_events(events_path, &decoded);
    check_cuts(path, kind, bytes);
    free_fixture(bytes);
    bench.count++;
}

/* A refused order: what the venue said of it, and no event. */
static void check_refusal(const char *folder, const char *name, enum keel_command_kind kind)
{
    char path[512], outcome_path[512];
    int stem = (int)(strlen(name) - strlen(".json"));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    snprintf(outcome_path, sizeof(outcome_path), "%s/%.*s.outcome", folder, stem, name);

    keel_str bytes = read_fixture(path);
    struct keel_command command = make_command(kind);
    struct keel_reply reply = {
        .http_status = (int32_t)strtol(name, NULL, 10), .body = bytes, .headers = KEEL_STR("")};
    struct keel_events events = {bench.events, 0, EVENTS_MAX};
    struct keel_arena arena;
    struct keel_outcome outcome;
    keel_arena_init(&arena, bench.arena_memory, sizeof(bench.arena_memory));
    assert_int_equal(
        bench.venue->decode_reply(&command, &reply, bench.markets, &arena, &events, &outcome),
        KEEL_OK);
    assert_int_equal(events.count, 0);
    check_outcome(outcome_path, &outcome);
    free_fixture(bytes);
    bench.count++;
}

typedef void (*file_checker)(const char *folder, const char *name, enum keel_command_kind kind);

static void check_folder(const char *folder, file_checker check, enum keel_command_kind kind)
{
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        size_t size = strlen(entry->d_name);
        if (size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0)
            check(folder, entry->d_name, kind);
    }
    closedir(files);
}

static void check_replies(const char *root)
{
    DIR *folders = opendir(root);
    assert_non_null(folders);
    for (struct dirent *entry = readdir(folders); entry; entry = readdir(folders)) {
        if (entry->d_name[0] == '.')
            continue;
        enum keel_command_kind kind = keel_command_kind_parse(keel_str_from(entry->d_name));
        assert_int_not_equal(kind, KEEL_COMMAND_NONE);
        char folder[512];
        snprintf(folder, sizeof(folder), "%s/%s", root, entry->d_name);
        check_folder(folder, check_payload, kind);
    }
    closedir(folders);
}

static struct keel_markets *make_pairs(void)
{
    static const char *const names[] = {"BTC_USDT", "ETH_USDT", "LTC_USDT", "ADA_USDT"};
    struct keel_markets *markets = keel_markets_new();
    assert_non_null(markets);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct keel_market market;
        keel_market_id id;
        assert_true(keel_venue_gateio_spot.name_market(keel_str_from(names[i]), &market));
        assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    }
    return markets;
}

static void begin(const struct keel_venue *venue)
{
    keel_markets_free(bench.markets);
    bench.venue = venue;
    bench.markets = venue == &keel_venue_gateio ? make_gate_markets() : make_pairs();
    bench.count = 0;
}

static void each_stream_frame_yields_its_events(void **state)
{
    (void)state;
    begin(&keel_venue_gateio);
    check_folder(FUTURES "/stream", check_payload, KEEL_COMMAND_NONE);
    assert_true(bench.count >= 60);
}

static void each_reply_yields_its_events(void **state)
{
    (void)state;
    begin(&keel_venue_gateio);
    check_replies(FUTURES "/reply");
    assert_true(bench.count >= 40);
}

static void each_frame_and_reply_of_spot_yields_its_events(void **state)
{
    (void)state;
    begin(&keel_venue_gateio_spot);
    check_folder(SPOT "/stream", check_payload, KEEL_COMMAND_NONE);
    assert_true(bench.count >= 2);
    check_replies(SPOT "/reply");
    assert_true(bench.count >= 12);
}

static void each_refusal_says_what_became_of_an_order(void **state)
{
    (void)state;
    begin(&keel_venue_gateio);
    check_folder(FUTURES "/refusal", check_refusal, KEEL_PLACE_ORDER);
    assert_true(bench.count >= 15);
    begin(&keel_venue_gateio_spot);
    check_folder(SPOT "/refusal", check_refusal, KEEL_PLACE_ORDER);
    assert_true(bench.count >= 6);
}

static int set_up(void **state)
{
    (void)state;
    bench.guarded = map_guarded();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(bench.markets);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stream_frame_yields_its_events),
        cmocka_unit_test(each_reply_yields_its_events),
        cmocka_unit_test(each_frame_and_reply_of_spot_yields_its_events),
        cmocka_unit_test(each_refusal_says_what_became_of_an_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
