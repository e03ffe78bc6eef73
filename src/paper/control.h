/* control.h - the paper venue's own paths: prices and time by hand, the audit, a new beginning, and
 * what shall go wrong.
 *
 *     POST /paper/price    {"symbol":"BTCUSDT","price":"20000"}   mark and book jump there
 *     POST /paper/advance  {"ms":60000}                           market time moves on
 *     POST /paper/reset                                           all as at the start
 *     GET  /paper/audit                                           are the books whole
 *     POST /paper/deposit    {"account":1,"asset":"USDT","amount":"100"}   coins come in
 *     POST /paper/withdrawal {"id":"w7100000001","status":"failed"}         it goes on to there
 *     POST /paper/fault    {"action":"drop",...}                  one more fault: fault_rule.h
 *     GET  /paper/fault                                           the faults, and what they struck
 *     DELETE /paper/fault                                         no faults any more
 *
 * Pure. A mistake is answered with 400 and {"error":"..."}. No key is asked for: whoever can reach
 * the port owns the market. */
#ifndef PAPER_CONTROL_H
#define PAPER_CONTROL_H

#include "paper/venue.h"

enum {
    PAPER_ADVANCE_MAX_DAYS = 366, /* in one call */
};

bool paper_control_owns_path(keel_str path);
void paper_control_handle(struct paper_venue *venue, const struct paper_http_request *request,
                          int64_t now_ms, struct paper_response *response);

#endif
