/* binance.h - the dialect's own state, and a call while it is being answered.
 *
 * Pure; inside this folder only. */
#ifndef PAPER_BINANCE_BINANCE_H
#define PAPER_BINANCE_BINANCE_H

#include "paper/binance/connection.h"
#include "paper/binance/dialect.h"
#include "paper/binance/limits.h"
#include "paper/binance/params.h"

enum {
    BINANCE_LISTEN_KEY_MS = 60 * 60 * 1000,
    BINANCE_ARENA_SIZE = 4 << 20, /* decoded parameters and frames of one message */
    BINANCE_AMOUNT_DIGITS = 8,
    BINANCE_MESSAGE_SIZE = 256,
};

struct binance_listen_key {
    char name[PAPER_KEY_SIZE];
    int64_t expires_ms; /* 0: there is none */
};

struct paper_binance {
    struct paper_dialect base;
    struct paper_engine *engine;
    const struct paper_keys *keys;
    int64_t speed;
    struct paper_random random; /* of the listen keys */
    struct binance_limits limits;
    struct binance_order_count *order_counts; /* by account; 0 is not used */
    struct binance_listen_key *listen_keys;   /* the same */
    struct paper_tape *tapes;                 /* by market; 0 is not used */
    struct binance_connections connections;
    int64_t settlements;     /* of market time that have gone by */
    int64_t rolled_minute;   /* the minute that all tapes have begun */
    struct keel_arena arena; /* of the message at hand */
    char *arena_memory;
    char *scratch; /* a frame being written */
    char *result;  /* of a call of the WebSocket API */
};

/* One call, whichever way it came. The first refusal sticks: readers then answer nothing, so an
 * endpoint reads its parameters straight down and asks once. */
struct binance_call {
    struct paper_binance *binance;
    struct paper_engine *engine;
    const struct binance_params *params;
    int account; /* 0: a public call */
    int64_t now_ms;
    struct keel_writer *out; /* the result, JSON */
    int code;                /* of the refusal; 0: none yet */
    char message[BINANCE_MESSAGE_SIZE];
};

/* The HTTP status that goes with a code. */
int binance_status_of(int code);

KEEL_PRINTF(3, 4)
void binance_refuse(struct binance_call *call, int code, const char *format, ...);

/* The engine's reason in the venue's words. `market` may be none; `unknown_order` is the code for
 * an order that is not there: -2011 when it was to be cancelled, else -2013. */
void binance_refuse_engine(struct binance_call *call, enum paper_error error, keel_market_id market,
                           int unknown_order);

/* The parameters of a request, query before form; the arena is emptied for them. */
enum binance_params_mistake binance_read_params(const struct paper_http_request *request,
                                                struct keel_arena *arena,
                                                struct binance_params *params);
void binance_refuse_mistake(struct binance_call *call, enum binance_params_mistake mistake);

static inline bool binance_refused(const struct binance_call *call)
{
    return call->code != 0;
}

/* Writes {"code":...,"msg":...}. */
void binance_put_error(struct keel_writer *json, const char *key, int code, const char *message);
void binance_put_success(struct keel_writer *json, const char *message); /* code 200 */

enum binance_need {
    BINANCE_OPTIONAL,
    BINANCE_MANDATORY,
};

/* Readers of parameters. Absent ones give empty text, 0, an absent decimal, false, no market. A
 * mandatory one that is absent is -1102, any that is empty -1105, one of the wrong kind -1102 when
 * mandatory and -1130 when not. */
keel_str binance_read_text(struct binance_call *call, const char *name, enum binance_need need);
int64_t binance_read_int(struct binance_call *call, const char *name, enum binance_need need);
keel_decimal binance_read_decimal(struct binance_call *call, const char *name,
                                  enum binance_need need);
bool binance_read_bool(struct binance_call *call, const char *name, enum binance_need need);
keel_market_id binance_read_market(struct binance_call *call, enum binance_need need);

/* limit, kept between 1 and its maximum. */
int binance_read_limit(struct binance_call *call, int normal, int max);

/* startTime and endTime of a query: -1023 when they are the wrong way round. Without both the
 * newest span of the given days, 0 for all; longer than that is -4165. */
void binance_read_times(struct binance_call *call, struct paper_query *query, int days);

/* orderId and origClientOrderId (or other names): one is needed. An id that is sent empty beside a
 * client id counts as not sent. */
void binance_read_order_key(struct binance_call *call, const char *id_name,
                            const char *client_id_name, int64_t *id, keel_str *client_id);

/* When the next funding falls due on the wall clock. */
int64_t binance_funding_time(const struct paper_binance *binance, const struct paper_ticker *ticker,
                             int64_t now_ms);

/* The account's listen key, made if there is none, and its life from now on. */
const char *binance_extend_listen_key(struct paper_binance *binance, int account, int64_t now_ms);

/* The account whose listen key this is; 0 if nobody's, or if it is over. */
int binance_listen_key_account(const struct paper_binance *binance, keel_str name, int64_t now_ms);

#endif
