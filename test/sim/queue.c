#include "world_internal.h"

#include <stdlib.h>

static bool comes_before(const struct happening *a, const struct happening *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->sequence < b->sequence;
}

static void swap(struct happening *a, struct happening *b)
{
    struct happening keep = *a;
    *a = *b;
    *b = keep;
}

void world_schedule(struct world *world, int64_t at_ns, struct happening happening)
{
    if (world->count == world->capacity) {
        world->capacity = world->capacity ? world->capacity * 2 : 1024;
        world->heap = realloc(world->heap, world->capacity * sizeof(*world->heap));
        if (!world->heap)
            world_give_up("out of memory");
    }
    happening.at_ns = at_ns;
    happening.sequence = world->sequence++;
    if (happening.life == 0)
        happening.life = world->clients[happening.client].life;
    size_t place = world->count++;
    world->heap[place] = happening;
    while (place > 0 && comes_before(&world->heap[place], &world->heap[(place - 1) / 2])) {
        swap(&world->heap[place], &world->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
}

struct happening world_take_next(struct world *world)
{
    struct happening first = world->heap[0];
    world->heap[0] = world->heap[--world->count];
    for (size_t place = 0;;) {
        size_t least = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
            if (child < world->count && comes_before(&world->heap[child], &world->heap[least]))
                least = child;
        }
        if (least == place)
            return first;
        swap(&world->heap[place], &world->heap[least]);
        place = least;
    }
}

void happening_drop(struct happening *happening)
{
    free(happening->request);
    free(happening->headers);
    free(happening->bytes);
}
