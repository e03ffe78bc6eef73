/* streams.h - the WebSocket side of the dialect: channels, order entry, what is pushed.
 *
 * Pure; inside this folder only. */
#ifndef PAPER_GATEIO_STREAMS_H
#define PAPER_GATEIO_STREAMS_H

#include "paper/gateio/gateio_internal.h"

/* The slots of struct paper_dialect_ops of the same names. */
struct paper_stream *gateio_open_stream(struct paper_dialect *dialect,
                                        const struct paper_http_request *request, int64_t now_ms,
                                        struct paper_response *refusal);
void gateio_close_stream(struct paper_dialect *dialect, struct paper_stream *stream);
void gateio_receive(struct paper_dialect *dialect, struct paper_stream *stream,
                    const struct paper_frame *frame, int64_t now_ms);
void gateio_describe_frame(const struct paper_stream *stream, keel_str payload,
                           struct paper_fault_subject *subject);

/* An engine's event to those who subscribed; the dialect has recorded it before. */
void gateio_publish_streams(struct paper_gateio *gateio, const struct paper_event *event,
                            int64_t now_ms);
void gateio_tick_streams(struct paper_gateio *gateio, int64_t now_ms);

/* The venue began anew: connections and their subscriptions stay. */
void gateio_reset_streams(struct paper_gateio *gateio, int64_t now_ms);

#endif
