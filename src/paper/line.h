/* line.h - the way out of a stream's frames, on which faults lie.
 *
 * Pure. Nothing leaves a stream but through here. */
#ifndef PAPER_LINE_H
#define PAPER_LINE_H

#include "paper/dialect.h"

enum {
    PAPER_REORDER_MS = 1000, /* a frame that later ones should overtake waits so long for them */
};

/* The next frame that leaves now; false when nothing does. A stream from which something is held
 * back is in the outbox's list of such streams. */
bool paper_line_next_frame(struct paper_faults *faults, struct paper_stream *stream, int64_t now_ms,
                           struct paper_frame *frame);

#endif
