#include "paper/gateio/gateio_internal.h"

void gateio_list_begin(struct gateio_list *list)
{
    list->total = list->seen = list->first = list->end = 0;
    list->collecting = false;
    list->count = 0;
}

void gateio_list_visit(struct gateio_list *list, const void *row)
{
    if (!list->collecting) {
        list->total++;
        return;
    }
    if (list->seen >= list->first && list->seen < list->end && list->count < GATEIO_LIST_MAX)
        list->at[list->count++] = row;
    list->seen++;
}

bool gateio_list_turn(struct gateio_list *list, const struct gateio_call *call)
{
    if (list->collecting)
        return false;
    list->collecting = true;
    list->end = list->total - call->list_offset;
    list->first = list->end - call->list_limit;
    return true;
}
