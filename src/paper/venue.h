/* venue.h - the whole paper venue without its sockets: several venues side by side, each with its
 * own books behind its own dialect.
 *
 * What all of them share: the accounts' keys, the prices and market time, the faults and the queue
 * of frames. Whatever is done to prices and time is done to each.
 *
 * Pure, so that a test can run it in one process under a clock of its own:
 *
 *     paper_venue_handle(venue, &request, now_ms, &response);
 *     while ((stream = paper_venue_next_ready(venue)))
 *         while (paper_venue_next_frame(venue, stream, now_ms, &frame))
 *             deliver(stream->owner, &frame);
 *
 * Responses leave in paper_venue_handle and frames in paper_venue_next_frame, and nowhere else;
 * that is where faults strike. Every now_ms is the true wall clock; the venue's own may be off. Not
 * thread-safe: one owner. */
#ifndef PAPER_VENUE_H
#define PAPER_VENUE_H

#include "paper/dialect.h"
#include "paper/keys.h"

struct paper_venue_config {
    struct paper_config engine;
    keel_decimal spot_balance; /* each account's first USDT on the spot side; 0 is 10000 */
    int64_t speed; /* market milliseconds a wall millisecond; 0 and less: not a steady pace */
    int32_t limit_factor;      /* the venues' rate limits times this; 0 is 1 */
    const char *const *venues; /* "binance", "gateio"; the last one NULL. NULL: all there are */
};

struct paper_venue;

/* NULL: out of memory, a config that an engine refuses, or a venue that is unknown, or none. */
struct paper_venue *paper_venue_new(const struct paper_venue_config *config, int64_t now_ms);
void paper_venue_free(struct paper_venue *venue);

/* "binance, gateio": every venue that there is. */
const char *paper_venue_list(void);
bool paper_venue_knows(const char *name);

/* Those that are served, from 0. */
int paper_venue_count(const struct paper_venue *venue);
const char *paper_venue_name_at(const struct paper_venue *venue, int index);
struct paper_engine *paper_venue_engine_at(const struct paper_venue *venue, int index);
struct paper_spot *paper_venue_spot_at(const struct paper_venue *venue, int index);
struct paper_spot *paper_venue_spot_of(const struct paper_venue *venue, const char *name);

/* By its name: NULL if it is not served; and the first one. */
struct paper_engine *paper_venue_engine_of(const struct paper_venue *venue, const char *name);
struct paper_engine *paper_venue_engine(const struct paper_venue *venue);
const struct paper_keys *paper_venue_keys(const struct paper_venue *venue);

struct paper_faults *paper_venue_faults(struct paper_venue *venue);

/* The venue's own clock: what it serves and stamps. */
int64_t paper_venue_clock_ms(const struct paper_venue *venue, int64_t now_ms);

/* Candles of a symbol, for each venue that trades it; in any venue's spelling: "BTCUSDT",
 * "BTC_USDT". KEEL_SYMBOL_UNKNOWN: nobody trades it. Else as paper_engine_load_candles. */
KEEL_MUST_USE enum keel_status paper_venue_load_candles(struct paper_venue *venue, keel_str symbol,
                                                        keel_str csv, struct keel_error *error);
bool paper_venue_trades(const struct paper_venue *venue, keel_str symbol);

/* The price of a symbol jumps there, at each venue that trades it; at none if one refuses it. */
KEEL_MUST_USE enum paper_error paper_venue_set_price(struct paper_venue *venue, int64_t now_ms,
                                                     keel_str symbol, keel_decimal price);

int64_t paper_venue_market_time_ms(const struct paper_venue *venue);
int64_t paper_venue_market_end_ms(const struct paper_venue *venue); /* 0: without price files */

/* Whether every venue's books are whole. */
bool paper_venue_is_conserved(const struct paper_venue *venue);

/* Where reset goes back to: market time is moved on by so much after the engines' own beginning. */
void paper_venue_start(struct paper_venue *venue, int64_t now_ms, int64_t offset_ms);
bool paper_venue_reset(struct paper_venue *venue, int64_t now_ms);

/* Whether a fault cuts the connection while this request comes in: *byte is how much of it is read
 * first. Asked once for each request, as soon as its headers are there; when it is cut, it is not
 * handled. */
bool paper_venue_cuts_request(struct paper_venue *venue, const struct paper_http_request *request,
                              int64_t now_ms, int64_t *byte);

/* Whether new connections are refused. */
bool paper_venue_refuses(const struct paper_venue *venue, int64_t now_ms);

/* The response's writers have their memory; its fields are filled here. */
void paper_venue_handle(struct paper_venue *venue, const struct paper_http_request *request,
                        int64_t now_ms, struct paper_response *response);

/* NULL when the upgrade is refused; the response then says why. */
struct paper_stream *paper_venue_open_stream(struct paper_venue *venue,
                                             const struct paper_http_request *request,
                                             int64_t now_ms, struct paper_response *refusal);
void paper_venue_close_stream(struct paper_venue *venue, struct paper_stream *stream);
void paper_venue_receive(struct paper_venue *venue, struct paper_stream *stream,
                         const struct paper_frame *frame, int64_t now_ms);

/* The wall clock moved: about every 10 ms. */
void paper_venue_tick(struct paper_venue *venue, int64_t now_ms);

/* Market time moves on; in slices, each published before the next. */
void paper_venue_advance(struct paper_venue *venue, int64_t now_ms, int64_t market_ms);

/* A stream with frames waiting, taken out of the list; NULL when there is none. */
struct paper_stream *paper_venue_next_ready(struct paper_venue *venue);

/* The next frame that leaves the stream now; false when nothing does. After a frame that is cut the
 * connection has ended. */
bool paper_venue_next_frame(struct paper_venue *venue, struct paper_stream *stream, int64_t now_ms,
                            struct paper_frame *frame);

/* Whether not even a pong leaves the stream. */
bool paper_venue_mutes(const struct paper_venue *venue, const struct paper_stream *stream,
                       int64_t now_ms);

/* The ready line without its newline: where it listens, the venues, the accounts' keys. */
void paper_venue_describe(const struct paper_venue *venue, keel_str authority,
                          struct keel_writer *json);

/* Publishes what the engines have queued; for a caller who called an engine himself. */
void paper_venue_drain(struct paper_venue *venue, int64_t now_ms);

#endif
