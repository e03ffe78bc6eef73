/* failure.h - how the venue fails on demand: its words for it, and what faults ask of the dialect.
 *
 * Pure. Rules: docs of the venue, "General Info" (HTTP return codes, the kinds of 503) and "Error
 * Codes" (-1001, -1003, -1007, -1008). */
#ifndef PAPER_BINANCE_FAILURE_H
#define PAPER_BINANCE_FAILURE_H

#include "paper/binance/binance.h"

int binance_account_of(const struct paper_dialect *dialect,
                       const struct paper_http_request *request);
void binance_describe_frame(const struct paper_stream *stream, keel_str payload,
                            struct paper_fault_subject *subject);
void binance_fail(struct paper_dialect *dialect, const struct paper_fault_rule *rule,
                  int64_t now_ms, struct paper_response *response);
void binance_expire_key(struct paper_dialect *dialect, int account, int notices, int64_t now_ms);

#endif
