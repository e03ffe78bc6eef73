/* frames.h - messages of the user stream that wait for the snapshot they are newer than.
 *
 * Pure; bounded; one owner. Frames are kept as the bytes that came and handed out in that order.
 * One that does not fit is refused: to the session that is a gap, and it loads again. */
#ifndef KEEL_SESSION_FRAMES_H
#define KEEL_SESSION_FRAMES_H

#include "keel/str.h"

#include <stdint.h>

enum {
    KEEL_FRAMES_SIZE = 1 << 20, /* some two thousand events */
};

struct keel_frames {
    unsigned char *memory; /* the caller's, KEEL_FRAMES_SIZE bytes */
    size_t begin, end;
};

void keel_frames_init(struct keel_frames *frames, void *memory);
void keel_frames_clear(struct keel_frames *frames);

/* Copies the bytes, and the number of the stream that brought them. False, and nothing kept, when
 * they do not fit. */
bool keel_frames_keep(struct keel_frames *frames, uint32_t number, keel_str bytes);

/* The oldest frame, good until the next is kept or all are cleared. */
bool keel_frames_next(struct keel_frames *frames, uint32_t *number, keel_str *bytes);

#endif
