/* gateio_internal.h - the dialect's own state, and a call while it is being answered.
 *
 * Pure; inside this folder only. The same calls are answered over REST and over the WebSocket API:
 * whoever has parsed the parameters fills a struct gateio_call and runs the endpoint; the row is in
 * call->out, or the refusal in call->label, call->status and call->message. */
#ifndef PAPER_GATEIO_INTERNAL_H
#define PAPER_GATEIO_INTERNAL_H

#include "paper/gateio/contracts.h"
#include "paper/gateio/dialect.h"
#include "paper/gateio/limits.h"
#include "paper/gateio/pairs.h"
#include "paper/gateio/params.h"
#include "paper/gateio/record.h"
#include "paper/tape.h"

enum {
    GATEIO_ARENA_SIZE = 4 << 20,   /* decoded parameters and frames of one message */
    GATEIO_SCRATCH_SIZE = 8 << 20, /* one frame, or one result of the WebSocket API */
    GATEIO_MESSAGE_SIZE = 256,
    GATEIO_USER_ID_FIRST = 20010,       /* account 1 is user 20011 */
    GATEIO_TEXT_VISIBLE_MS = 60 * 1000, /* a cancelled order without a fill, by its text */
    GATEIO_VISIBLE_MS = 10 * 60 * 1000, /* and by its id */
    GATEIO_BATCH_ORDERS_MAX = 10,
    GATEIO_BATCH_CANCELS_MAX = 20,
};

struct gateio_stream;

/* What the venue keeps of one account besides the engine. */
struct gateio_account {
    struct gateio_limit limits[GATEIO_LIMIT_COUNT];
    int cross_limit[GATEIO_CONTRACTS + 1]; /* as set; 0: the contract's maximum */
    int isolated_leverage[GATEIO_CONTRACTS + 1];
    bool touched[GATEIO_CONTRACTS + 1]; /* a setting was made: it has a row */
    struct gateio_limit pair_orders[GATEIO_PAIRS + 1];
    int64_t pair_countdown_ms[GATEIO_PAIRS + 1]; /* when it fires, 0: off; [0] is of all pairs */
    int64_t countdown_ms;            /* of all contracts: when it was last set to fire; 0 if off */
    const struct paper_income *told; /* the newest row that futures.balances told; NULL: none yet */
    keel_decimal told_balance;       /* the wallet after it */
};

struct paper_gateio {
    struct paper_dialect base;
    struct paper_engine *engine;
    struct paper_spot *spot;
    const struct paper_keys *keys;
    struct keel_hmac *secrets; /* by account: HMAC-SHA512; 0 is not used */
    int64_t speed;
    struct gateio_limits limits;
    struct gateio_account *accounts; /* by account; 0 is not used */
    struct gateio_record record; /* closes, liquidations, texts: what the engine does not keep */
    struct paper_tape *tapes;    /* by market; 0 is not used */
    struct paper_tape *pair_tapes;
    struct paper_table amendments; /* of spot orders, that the client gave a name */
    int64_t settlements;           /* of market time that have gone by */
    int64_t rolled_minute;
    struct gateio_stream *streams; /* all that are open */
    uint64_t stream_count;         /* and all that ever were */
    struct keel_arena arena;       /* of the message at hand */
    char *arena_memory;
    char *scratch; /* a frame being written */
    char *result;  /* of a call of the WebSocket API */
};

/* Who made an order, for want of a text of its own. */
enum gateio_origin {
    GATEIO_ORIGIN_REST, /* "api" */
    GATEIO_ORIGIN_WS,   /* "apiv4-ws" */
};

/* One call, whichever way it came. The first refusal sticks: readers then answer nothing, so an
 * endpoint reads its parameters straight down and asks once. */
struct gateio_call {
    struct paper_gateio *gateio;
    struct paper_engine *engine;
    struct paper_spot *spot;
    const struct gateio_params *params; /* of the query, the JSON body or req_param */
    keel_str body;                      /* as it came: lists are read from it (JSON array) */
    bool settles_otherwise; /* the path names another currency than usdt: public lists are empty */
    keel_str subject;       /* the {contract}, {order_id}, ... of a path; else empty */
    int account;            /* 0: a public call */
    int64_t now_ms;
    bool decimal_sizes; /* X-Gate-Size-Decimal: sizes are strings and keep their fractions */
    enum gateio_origin origin;
    keel_str channel_id;     /* X-Gate-Channel-Id: the broker's tag */
    struct keel_writer *out; /* the result, JSON */
    int status;              /* HTTP: 200, 201, or the refusal's */
    const char *label;       /* of the refusal; NULL: none yet */
    bool in_detail;          /* the text goes under "detail" instead of "message" */
    char message[GATEIO_MESSAGE_SIZE];
    struct gateio_allowance allowance; /* as counted last */
    int list_limit, list_offset;       /* of a list: told in headers; limit 0: it was none */
    int64_t list_total;                /* rows there are, of which a page was told */
};

static inline bool gateio_refused(const struct gateio_call *call)
{
    return call->label != NULL;
}

/* Whether the account holds two positions a contract. */
bool gateio_is_dual(const struct gateio_call *call);

static inline int64_t gateio_user_id(int account)
{
    return GATEIO_USER_ID_FIRST + account;
}

/* --- Errors (errors.c) -------------------------------------------------------------------------
 */

/* The label decides the HTTP status: see gateio_status_of. Labels are literals. */
KEEL_PRINTF(3, 4)
void gateio_refuse(struct gateio_call *call, const char *label, const char *format, ...);

/* The engine's reason as the venue's label. */
void gateio_refuse_engine(struct gateio_call *call, enum paper_error error, keel_market_id market);
const char *gateio_label_of(enum paper_error error);
int gateio_status_of(const char *label);

/* {"label":...,"message":...}, or with "detail". */
void gateio_put_refusal(struct keel_writer *json, const char *key, const char *label,
                        const char *message, bool in_detail);

/* --- Parameters (call.c) -----------------------------------------------------------------------
 */

enum gateio_need {
    GATEIO_OPTIONAL,
    GATEIO_MANDATORY, /* absent: MISSING_REQUIRED_PARAM */
};

/* Absent ones give empty text, 0, an absent decimal, false, no market. Numbers are taken bare or in
 * strings. What cannot be read is INVALID_PARAM_VALUE. */
keel_str gateio_read_text(struct gateio_call *call, const char *name, enum gateio_need need);
int64_t gateio_read_int(struct gateio_call *call, const char *name, enum gateio_need need);
keel_decimal gateio_read_decimal(struct gateio_call *call, const char *name, enum gateio_need need);
bool gateio_read_bool(struct gateio_call *call, const char *name, enum gateio_need need);

/* The parameter "contract", or the path's: unknown is CONTRACT_NOT_FOUND. */
keel_market_id gateio_read_contract(struct gateio_call *call, enum gateio_need need);
keel_market_id gateio_subject_contract(struct gateio_call *call);

/* limit and offset: 100 and 0 unless given; above the maximum is INVALID_PARAM_VALUE. */
void gateio_read_page(struct gateio_call *call, int limit_normal, int limit_max);

/* from and to, in seconds; milliseconds are known by their size. 0 stands for open ends. */
void gateio_read_span(struct gateio_call *call, int64_t *from_ms, int64_t *to_ms);

/* --- Endpoints, for REST and for the WebSocket API ---------------------------------------------
 *
 * Each takes its parameters from call->params (call->body where it says a list) and {order_id} from
 * call->subject or, when that is empty, from the parameter order_id. */

void gateio_place_order(struct gateio_call *call);   /* 201 Order */
void gateio_amend_order(struct gateio_call *call);   /* Order */
void gateio_cancel_order(struct gateio_call *call);  /* Order */
void gateio_get_order(struct gateio_call *call);     /* Order */
void gateio_list_orders(struct gateio_call *call);   /* status, contract, limit, offset, last_id */
void gateio_cancel_orders(struct gateio_call *call); /* contract, side: [Order] */
void gateio_place_batch(struct gateio_call *call);   /* call->body: [OrderRequest] */
void gateio_amend_batch(struct gateio_call *call);   /* call->body: [{order_id, size, price}] */
void gateio_cancel_batch(struct gateio_call *call);  /* call->body: ["id"] */

/* "t-" and 1 to 28 of its letters. */
bool gateio_text_is_valid(keel_str text);
keel_str gateio_read_client_text(struct gateio_call *call);

/* Contracts as a request gives them: whole ones unless the client asked for fractions. */
keel_decimal gateio_read_size(struct gateio_call *call, const char *name, keel_market_id market);

/* How many orders call->body lists, for the rate limits; 1 if it is no list. */
int gateio_count_batch(keel_str body);

/* Whether the account may do so much more of this kind now, and counts it. A refusal otherwise. */
void gateio_charge(struct gateio_call *call, enum gateio_limit_kind kind, int count);

/* --- Endpoints of REST alone -------------------------------------------------------------------
 */

void gateio_list_orders_of_span(struct gateio_call *call);
void gateio_set_countdown(struct gateio_call *call);
void gateio_list_my_trades(struct gateio_call *call);
void gateio_list_my_trades_of_span(struct gateio_call *call);

void gateio_place_trigger(struct gateio_call *call);
void gateio_amend_trigger(struct gateio_call *call);
void gateio_get_trigger(struct gateio_call *call);
void gateio_list_triggers(struct gateio_call *call);
void gateio_cancel_trigger(struct gateio_call *call);
void gateio_cancel_triggers(struct gateio_call *call);

void gateio_list_positions(struct gateio_call *call);
void gateio_get_position(struct gateio_call *call);
void gateio_get_both_positions(struct gateio_call *call); /* dual_comp */
void gateio_get_leverage(struct gateio_call *call);
void gateio_change_margin(struct gateio_call *call);
void gateio_set_leverage(struct gateio_call *call);
void gateio_set_leverage_and_mode(struct gateio_call *call);
void gateio_set_risk_limit(struct gateio_call *call);
void gateio_set_cross_mode(struct gateio_call *call);
void gateio_set_dual_mode(struct gateio_call *call);
void gateio_set_position_mode(struct gateio_call *call);
void gateio_change_margin_of_side(struct gateio_call *call); /* dual_comp, as the two below */
void gateio_set_leverage_of_both(struct gateio_call *call);
void gateio_set_risk_limit_of_both(struct gateio_call *call);
void gateio_set_cross_mode_of_both(struct gateio_call *call);

void gateio_get_account(struct gateio_call *call);
void gateio_list_account_book(struct gateio_call *call);
void gateio_get_fee(struct gateio_call *call);
void gateio_get_wallet_fee(struct gateio_call *call);
void gateio_get_account_detail(struct gateio_call *call);
void gateio_get_unified_accounts(struct gateio_call *call);
void gateio_get_unified_mode(struct gateio_call *call);
void gateio_list_position_closes(struct gateio_call *call);
void gateio_list_liquidations(struct gateio_call *call);
void gateio_list_deleveragings(struct gateio_call *call);

void gateio_list_contracts(struct gateio_call *call);
void gateio_get_contract(struct gateio_call *call);
void gateio_get_order_book(struct gateio_call *call);
void gateio_list_trades(struct gateio_call *call);
void gateio_list_candlesticks(struct gateio_call *call);
void gateio_list_tickers(struct gateio_call *call);
void gateio_list_funding_rates(struct gateio_call *call);
void gateio_list_risk_tiers(struct gateio_call *call);
void gateio_list_risk_table(struct gateio_call *call);
void gateio_get_time(struct gateio_call *call);
void gateio_list_nothing(struct gateio_call *call); /* what the venue has and this one has not */

/* --- Lists (list.c) ----------------------------------------------------------------------------
 *
 * Newest first, though the books are oldest first: the rows are gone through twice, to be counted
 * and to be collected. */
enum {
    GATEIO_LIST_MAX = 1000,
};

struct gateio_list {
    int64_t total, seen, first, end;
    bool collecting;
    int count;
    const void *at[GATEIO_LIST_MAX]; /* oldest first */
};

/* For each row, in both rounds; between them, list_turn: true once, then false. */
void gateio_list_begin(struct gateio_list *list);
void gateio_list_visit(struct gateio_list *list, const void *row);
bool gateio_list_turn(struct gateio_list *list, const struct gateio_call *call);

/* --- Signatures (auth.c) -----------------------------------------------------------------------
 */

/* The account whose key it is; 0 and a refusal otherwise. */
int gateio_authorize(struct gateio_call *call, const struct paper_http_request *request);

/* What is signed, over the query as it was sent or as it is decoded. */
void gateio_sign(const struct keel_hmac *secret, const struct paper_http_request *request,
                 keel_str query, keel_str timestamp, char sign[2 * KEEL_SHA512_SIZE + 1]);

/* Whether the account's secret signed the parts, in lower-case hexadecimal digits. */
bool gateio_verify(const struct paper_gateio *gateio, int account, const keel_str *parts,
                   size_t part_count, keel_str signature);

/* --- REST (rest.c), and what a venue that fails answers (failure.c) ----------------------------
 */

void gateio_handle(struct paper_dialect *dialect, const struct paper_http_request *request,
                   int64_t now_ms, struct paper_response *response);
int gateio_account_of(const struct paper_dialect *dialect,
                      const struct paper_http_request *request);
void gateio_fail(struct paper_dialect *dialect, const struct paper_fault_rule *rule, int64_t now_ms,
                 struct paper_response *response);

/* When the next funding falls due on the wall clock. */
int64_t gateio_funding_time(const struct paper_gateio *gateio, const struct paper_ticker *ticker,
                            int64_t now_ms);

#endif
