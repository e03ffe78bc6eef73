#include "paper/path.h"

#include "paper/engine.h"

#include <stdlib.h>

enum {
    COLUMNS_MAX = 16,
};

enum column {
    COLUMN_OTHER,
    COLUMN_TIME,
    COLUMN_OPEN,
    COLUMN_HIGH,
    COLUMN_LOW,
    COLUMN_CLOSE,
    COLUMN_FUNDING,
    COLUMN_KINDS,
};

struct reader {
    keel_str rest;
    int64_t line;
    enum column columns[COLUMNS_MAX];
    int column_count;
};

static bool next_line(struct reader *reader, keel_str *line)
{
    if (reader->rest.size == 0)
        return false;
    const char *end = memchr(reader->rest.data, '\n', reader->rest.size);
    size_t size = end == NULL ? reader->rest.size : (size_t)(end - reader->rest.data);
    *line = (keel_str){reader->rest.data, size};
    size_t taken = end == NULL ? size : size + 1;
    reader->rest = (keel_str){reader->rest.data + taken, reader->rest.size - taken};
    if (line->size > 0 && line->data[line->size - 1] == '\r')
        line->size--;
    reader->line++;
    return true;
}

static keel_str next_cell(keel_str *line)
{
    const char *end = line->size == 0 ? NULL : memchr(line->data, ',', line->size);
    size_t size = end == NULL ? line->size : (size_t)(end - line->data);
    keel_str cell = {line->data, size};
    size_t taken = end == NULL ? size : size + 1;
    *line = (keel_str){line->data + taken, line->size - taken};
    return cell;
}

static enum column parse_column(keel_str name)
{
    static const char *const names[COLUMN_KINDS] = {
        [COLUMN_OTHER] = "",
        [COLUMN_TIME] = "open_time_ms",
        [COLUMN_OPEN] = "open",
        [COLUMN_HIGH] = "high",
        [COLUMN_LOW] = "low",
        [COLUMN_CLOSE] = "close",
        [COLUMN_FUNDING] = "funding_rate",
    };
    for (int i = COLUMN_TIME; i < COLUMN_KINDS; i++)
        if (keel_str_equals(name, keel_str_from(names[i])))
            return (enum column)i;
    return COLUMN_OTHER;
}

static bool read_header(struct reader *reader)
{
    keel_str line;
    unsigned seen = 0;
    const unsigned needed = 1U << COLUMN_TIME | 1U << COLUMN_OPEN | 1U << COLUMN_HIGH |
                            1U << COLUMN_LOW | 1U << COLUMN_CLOSE;
    if (!next_line(reader, &line))
        return false;
    while (line.size > 0 && reader->column_count < COLUMNS_MAX) {
        enum column column = parse_column(next_cell(&line));
        reader->columns[reader->column_count++] = column;
        seen |= 1U << column;
    }
    return (seen & needed) == needed;
}

static bool parse_time(keel_str cell, int64_t *time_ms)
{
    int64_t value = 0;
    if (cell.size == 0 || cell.size > 15)
        return false;
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] < '0' || cell.data[i] > '9')
            return false;
        value = value * 10 + (cell.data[i] - '0');
    }
    *time_ms = value;
    return true;
}

static bool parse_cell(enum column column, keel_str cell, struct paper_candle *candle)
{
    keel_decimal *value = NULL;
    switch (column) {
    case COLUMN_TIME: return parse_time(cell, &candle->open_time_ms);
    case COLUMN_OPEN: value = &candle->open; break;
    case COLUMN_HIGH: value = &candle->high; break;
    case COLUMN_LOW: value = &candle->low; break;
    case COLUMN_CLOSE: value = &candle->close; break;
    case COLUMN_FUNDING: value = &candle->funding_rate; break;
    case COLUMN_OTHER:
    case COLUMN_KINDS: return true;
    }
    if (column == COLUMN_FUNDING && cell.size == 0)
        return true;
    return keel_decimal_parse(cell, KEEL_ROUND_HALF_EVEN, value, NULL) == KEEL_OK;
}

static bool candle_is_sound(const struct paper_candle *candle)
{
    return keel_decimal_is_positive(candle->low) &&
           keel_decimal_compare(candle->low, candle->open) <= 0 &&
           keel_decimal_compare(candle->low, candle->close) <= 0 &&
           keel_decimal_compare(candle->high, candle->open) >= 0 &&
           keel_decimal_compare(candle->high, candle->close) >= 0;
}

static bool parse_candle(const struct reader *reader, keel_str line, struct paper_candle *candle)
{
    const keel_decimal absent = KEEL_DECIMAL_ABSENT;
    *candle = (struct paper_candle){0, absent, absent, absent, absent, absent};
    for (int i = 0; i < reader->column_count; i++)
        if (!parse_cell(reader->columns[i], next_cell(&line), candle))
            return false;
    bool whole = keel_decimal_is_valid(candle->open) && keel_decimal_is_valid(candle->high) &&
                 keel_decimal_is_valid(candle->low) && keel_decimal_is_valid(candle->close);
    return whole && candle_is_sound(candle);
}

static bool append(struct paper_path *path, const struct paper_candle *candle)
{
    if (path->count == path->capacity) {
        int64_t capacity = path->capacity == 0 ? 1024 : path->capacity * 2;
        KEEL_ASSERT(capacity > 0);
        void *grown = realloc(path->candles, (size_t)capacity * sizeof(*path->candles));
        if (grown == NULL)
            return false;
        path->candles = grown;
        path->capacity = capacity;
    }
    path->candles[path->count++] = *candle;
    return true;
}

static enum keel_status read_candles(struct paper_path *path, struct reader *reader,
                                     struct keel_error *error)
{
    keel_str line;
    while (next_line(reader, &line)) {
        struct paper_candle candle;
        if (line.size == 0)
            continue;
        if (!parse_candle(reader, line, &candle))
            return keel_fail(error, KEEL_MALFORMED, "line %lld is no candle",
                             (long long)reader->line);
        if (path->count > 0 && candle.open_time_ms <= path->candles[path->count - 1].open_time_ms)
            return keel_fail(error, KEEL_MALFORMED, "line %lld is not later than the one before",
                             (long long)reader->line);
        if (!append(path, &candle))
            return keel_fail(error, KEEL_FULL, "no memory for candle %lld", (long long)path->count);
    }
    return KEEL_OK;
}

enum keel_status paper_path_load(struct paper_path *path, keel_str csv, struct keel_error *error)
{
    struct reader reader = {.rest = csv};
    *path = (struct paper_path){0};
    if (!read_header(&reader))
        return keel_fail(error, KEEL_MALFORMED,
                         "the first line must name open_time_ms, open, high, low, close");
    enum keel_status status = read_candles(path, &reader, error);
    if (status == KEEL_OK && path->count < 2)
        status = keel_fail(error, KEEL_MALFORMED, "%lld candles, at least 2 are needed",
                           (long long)path->count);
    if (status != KEEL_OK) {
        paper_path_free(path);
        return status;
    }
    path->interval_ms = path->candles[1].open_time_ms - path->candles[0].open_time_ms;
    return KEEL_OK;
}

void paper_path_free(struct paper_path *path)
{
    free(path->candles);
    *path = (struct paper_path){0};
}

int64_t paper_path_begin_ms(const struct paper_path *path)
{
    return path->candles[0].open_time_ms;
}

int64_t paper_path_end_ms(const struct paper_path *path)
{
    return path->candles[path->count - 1].open_time_ms + path->interval_ms;
}

/* The last candle that is open at time_ms, or was before; NULL before the first. */
static const struct paper_candle *find_candle(const struct paper_path *path, int64_t time_ms)
{
    int64_t low = 0, high = path->count; /* all before low are open by then, none from high on */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (path->candles[middle].open_time_ms <= time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &path->candles[low - 1];
}

/* From a to b, so many parts of the way. */
static keel_decimal between(keel_decimal a, keel_decimal b, int64_t part, int64_t whole)
{
    keel_decimal way = keel_decimal_mul_div(keel_decimal_sub(b, a), keel_decimal_from_int(part),
                                            keel_decimal_from_int(whole), KEEL_ROUND_HALF_EVEN);
    return keel_decimal_add(a, way);
}

keel_decimal paper_path_price(const struct paper_path *path, int64_t time_ms)
{
    const struct paper_candle *candle = find_candle(path, time_ms);
    if (candle == NULL)
        return KEEL_DECIMAL_ABSENT;
    int64_t points = path->interval_ms / PAPER_STEP_MS;
    int64_t point = (time_ms - candle->open_time_ms) / PAPER_STEP_MS;
    if (points < 4 || point >= points - 1)
        return candle->close;

    bool rises = keel_decimal_compare(candle->close, candle->open) >= 0;
    keel_decimal first = rises ? candle->low : candle->high;
    keel_decimal second = rises ? candle->high : candle->low;
    int64_t at_first = points / 3, at_second = 2 * points / 3;
    if (point <= at_first)
        return between(candle->open, first, point, at_first);
    if (point <= at_second)
        return between(first, second, point - at_first, at_second - at_first);
    return between(second, candle->close, point - at_second, points - 1 - at_second);
}

keel_decimal paper_path_funding_rate(const struct paper_path *path, int64_t time_ms)
{
    const struct paper_candle *candle = find_candle(path, time_ms);
    return candle == NULL ? KEEL_DECIMAL_ABSENT : candle->funding_rate;
}
