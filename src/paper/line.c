#include "paper/line.h"

#include <stdlib.h>

/* False without the memory for it: then the frame leaves as if nothing were wrong. */
static bool keep(struct paper_hold *hold, const struct paper_frame *frame,
                 const struct paper_fault_rule *rule, int64_t now_ms)
{
    bool delay = rule->action == PAPER_FAULT_DELAY;
    char *copy = hold->kept ? NULL : malloc(frame->payload.size + 1);
    if (!copy)
        return false;
    if (frame->payload.size > 0)
        memcpy(copy, frame->payload.data, frame->payload.size);
    hold->kept = copy;
    hold->kept_size = frame->payload.size;
    hold->blocks = delay;
    hold->until_ms = now_ms + (delay ? rule->ms : PAPER_REORDER_MS);
    hold->frames = rule->frames;
    return true;
}

static bool may_leave(const struct paper_hold *hold, int64_t now_ms)
{
    return now_ms >= hold->until_ms || (!hold->blocks && hold->frames <= 0);
}

static void give_kept(struct paper_hold *hold, struct paper_frame *frame)
{
    free(hold->given);
    hold->given = hold->kept;
    *frame = (struct paper_frame){
        .kind = PAPER_FRAME_TEXT, .payload = {hold->given, hold->kept_size},
             .cut = PAPER_UNCUT
    };
    hold->kept = NULL;
}

static bool is_mute(struct paper_faults *faults, const struct paper_stream *stream, int64_t now_ms)
{
    struct paper_fault_subject subject;
    stream->dialect->ops->describe_frame(stream, (keel_str){0}, &subject);
    return paper_faults_mute(faults, &subject, now_ms);
}

/* True when the frame leaves now, as it is then. */
static bool passes(struct paper_faults *faults, struct paper_stream *stream, int64_t now_ms,
                   struct paper_frame *frame)
{
    struct paper_fault_subject subject;
    if (faults->count == 0 || frame->kind == PAPER_FRAME_CLOSE)
        return true;
    if (frame->kind != PAPER_FRAME_TEXT)
        return !is_mute(faults, stream, now_ms);
    stream->dialect->ops->describe_frame(stream, frame->payload, &subject);
    const struct paper_fault_rule *rule =
        paper_faults_strike(faults, PAPER_FAULT_OF_FRAME, &subject, now_ms);
    if (!rule)
        return true;
    if (rule->action == PAPER_FAULT_DROP || rule->action == PAPER_FAULT_SILENCE)
        return false;
    if (rule->action == PAPER_FAULT_DELAY || rule->action == PAPER_FAULT_REORDER)
        return !keep(&stream->hold, frame, rule, now_ms);
    if (rule->action == PAPER_FAULT_CUT)
        frame->cut = (size_t)rule->byte;
    stream->hold.repeats = rule->action == PAPER_FAULT_DUPLICATE;
    stream->hold.again = *frame;
    return true;
}

bool paper_line_next_frame(struct paper_faults *faults, struct paper_stream *stream, int64_t now_ms,
                           struct paper_frame *frame)
{
    struct paper_hold *hold = &stream->hold;
    if (hold->repeats) {
        hold->repeats = false;
        *frame = hold->again;
        return true;
    }
    for (;;) {
        if (hold->kept && may_leave(hold, now_ms)) {
            give_kept(hold, frame);
            return true;
        }
        if ((hold->kept && hold->blocks) || !paper_stream_next_frame(stream, frame))
            break;
        if (passes(faults, stream, now_ms, frame)) {
            hold->frames--;
            return true;
        }
    }
    if (hold->kept)
        paper_stream_wait(stream);
    return false;
}
