#include "session/frames.h"

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

bool keel_frames_keep(struct keel_frames *frames, uint32_t number, keel_str bytes)
{
    uint32_t head[2] = {number, (uint32_t)bytes.size};
    size_t room = KEEL_FRAMES_SIZE - frames->end;

    if (bytes.size > KEEL_FRAMES_SIZE || room < sizeof(head) + bytes.size)
        return false;

    memcpy(frames->memory + frames->end, head, sizeof(head));
    if (bytes.size > 0)
        memcpy(frames->memory + frames->end + sizeof(head), bytes.data, bytes.size);
    frames->end += sizeof(head) + bytes.size;
    return true;
}

bool keel_frames_next(struct keel_frames *frames, uint32_t *number, keel_str *bytes)
{
    uint32_t head[2];

    if (frames->begin == frames->end)
        return false;
    memcpy(head, frames->memory + frames->begin, sizeof(head));
    *number = head[0];
    *bytes = (keel_str){(const char *)frames->memory + frames->begin + sizeof(head), head[1]};
    frames->begin += sizeof(head) + head[1];
    return true;
}
