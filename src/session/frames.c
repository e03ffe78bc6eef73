#include "session/frames.h"

#include <stdint.h>

void keel_frames_init(struct keel_frames *frames, void *memory)
{
    frames->memory = memory;
    keel_frames_clear(frames);
}

void keel_frames_clear(struct keel_frames *frames)
{
    frames->begin = 0;
    frames->end = 0;
}

bool keel_frames_keep(struct keel_frames *frames, keel_str bytes)
{
    uint32_t size = (uint32_t)bytes.size;
    size_t room = KEEL_FRAMES_SIZE - frames->end;

    if (bytes.size > KEEL_FRAMES_SIZE || room < sizeof(size) + bytes.size)
        return false;

    memcpy(frames->memory + frames->end, &size, sizeof(size));
    if (size > 0)
        memcpy(frames->memory + frames->end + sizeof(size), bytes.data, size);
    frames->end += sizeof(size) + size;
    return true;
}

bool keel_frames_next(struct keel_frames *frames, keel_str *bytes)
{
    uint32_t size;

    if (frames->begin == frames->end)
        return false;
    memcpy(&size, frames->memory + frames->begin, sizeof(size));
    *bytes = (keel_str){(const char *)frames->memory + frames->begin + sizeof(size), size};
    frames->begin += sizeof(size) + size;
    return true;
}
