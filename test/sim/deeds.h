/* deeds.h - what each write of the clients truly did at the venue, by the number of its intent.
 *
 * Looked up in the engine right before and right after the venue handles it, so that it does not
 * depend on any reply. */
#ifndef TEST_SIM_DEEDS_H
#define TEST_SIM_DEEDS_H

#include "house.h"

enum {
    DEEDS_MAX = 4096,
};

enum deed_end {
    DEED_UNDONE,
    DEED_DONE,
    DEED_UNTOLD, /* it arrived, and what it wanted was so before, or something else came of it */
};

struct deed {
    int client;
    uint32_t life; /* in which it was recorded */
    struct keel_intent intent;
    int arrivals;
    int place; /* in the order of arrival, from 1 */
    enum deed_end end;
    bool answered; /* its last verdict came with its own reply */
    bool unknown;  /* it was told to be unknown */
    bool kept;     /* the journal has it */
};

/* As much of the venue as one write can change. */
struct deed_look {
    int64_t order_id; /* of the newest of that name */
    bool open, canceled;
    keel_decimal price, quantity;
    int amendments, leverage, open_orders;
    bool hedge;
    enum keel_margin_mode margin_mode;
    int64_t margin_changes;
    int movements; /* of money, that are as this one */
};

struct deeds {
    struct deed at[DEEDS_MAX];
    int count, arrived;
    int unrecorded; /* writes that came to the venue without an intent */
    bool joint;     /* leverage and margin mode are set by one call */
    struct deed_look before;
};

/* NULL: none bears that number. */
struct deed *deeds_find(struct deeds *deeds, int client, uint64_t number);

void deeds_note_record(struct deeds *deeds, int client, uint32_t life,
                       const struct keel_record *record);
void deeds_begin(struct deeds *deeds, struct world *world, int client, uint64_t number);
void deeds_end(struct deeds *deeds, struct world *world, int client, uint64_t number);

/* Is it so at the venue as the write wanted it, whoever brought it about? */
bool deed_is_fulfilled(const struct deeds *deeds, struct world *world, const struct deed *deed);

/* Has another write of the client changed the same? Then what the venue shows may tell of neither.
 */
bool deed_is_overtaken(const struct deeds *deeds, const struct deed *deed);

#endif
