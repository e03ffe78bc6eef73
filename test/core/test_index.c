#include "core/index.h"

#include "scenario.h"

enum {
    CAPACITY = 64,
};

static bool holds(const struct keel_index *index, uint32_t hash, uint32_t slot)
{
    uint32_t cursor = 0, found;
    while ((found = keel_index_next(index, hash, &cursor)) != 0) {
        if (found == slot)
            return true;
    }
    return false;
}

static void entries_come_and_go_and_the_others_are_always_found(void **state)
{
    (void)state;
    struct keel_index index;
    uint32_t hashes[CAPACITY + 1] = {0}; /* by slot; 0: not in the index */
    uint32_t seed = 3;
    assert_true(keel_index_init(&index, CAPACITY));
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t slot = 1 + (seed >> 8) % CAPACITY;
        if (hashes[slot] != 0) {
            keel_index_remove(&index, hashes[slot], slot);
            hashes[slot] = 0;
        } else {
            hashes[slot] = 1 + (seed >> 16) % 40; /* few, and close: they collide */
            keel_index_add(&index, hashes[slot], slot);
        }
        for (uint32_t other = 1; other <= CAPACITY; other++) {
            if (hashes[other] != 0)
                assert_true(holds(&index, hashes[other], other));
        }
    }
    keel_index_deinit(&index);
}

static void a_hash_has_all_its_slots_and_no_other(void **state)
{
    (void)state;
    struct keel_index index;
    uint32_t cursor = 0;
    assert_true(keel_index_init(&index, CAPACITY));
    keel_index_add(&index, 5, 1);
    keel_index_add(&index, 6, 2);
    keel_index_add(&index, 5, 3);
    assert_int_equal(keel_index_next(&index, 5, &cursor), 1);
    assert_int_equal(keel_index_next(&index, 5, &cursor), 3);
    assert_int_equal(keel_index_next(&index, 5, &cursor), 0);
    cursor = 0;
    assert_int_equal(keel_index_next(&index, 7, &cursor), 0);
    keel_index_deinit(&index);
}

static void markets_and_families_have_hashes_of_their_own(void **state)
{
    (void)state;
    uint32_t hash = keel_index_hash(1, 1, "8389765");
    assert_int_equal(hash, keel_index_hash(1, 1, "8389765"));
    assert_int_not_equal(hash, keel_index_hash(2, 1, "8389765"));
    assert_int_not_equal(hash, keel_index_hash(1, 2, "8389765"));
    assert_int_not_equal(hash, keel_index_hash(1, 1, "8389766"));
}

static void ids_that_count_up_have_places_side_by_side(void **state)
{
    (void)state;
    uint32_t first = keel_index_hash(1, 1, "keel-2s40");
    assert_int_equal(keel_index_hash(1, 1, "keel-2s41"), first + 1);
    assert_int_equal(keel_index_hash(1, 1, "keel-2s49"), first + 9);
    assert_int_not_equal(keel_index_hash(1, 1, "keel-2s50"), first + 10);
    assert_int_equal(keel_index_hash(1, 1, "1"), keel_index_hash(1, 1, "0") + 1);
    assert_int_not_equal(keel_index_hash(1, 1, ""), keel_index_hash(1, 1, "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_and_go_and_the_others_are_always_found),
        cmocka_unit_test(a_hash_has_all_its_slots_and_no_other),
        cmocka_unit_test(markets_and_families_have_hashes_of_their_own),
        cmocka_unit_test(ids_that_count_up_have_places_side_by_side),
    };
    return cmocka_run_group_tests_name("core/index", tests, NULL, NULL);
}
