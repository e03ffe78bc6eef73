#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static alignas(16) unsigned char memory[256];

static void what_is_taken_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct keel_arena arena;
    memset(memory, 0xff, sizeof(memory));
    keel_arena_init(&arena, memory + 1, sizeof(memory) - 1);
    for (size_t size = 1; size <= 20; size += 7) {
        unsigned char *taken = keel_arena_take(&arena, size);
        assert_non_null(taken);
        assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(taken[i], 0);
        memset(taken, 0xff, size);
    }
}

static void a_full_arena_gives_null_and_stays_as_it_was(void **state)
{
    (void)state;
    struct keel_arena arena;
    keel_arena_init(&arena, memory, 64);
    assert_non_null(keel_arena_take(&arena, 40));
    size_t used = arena.used;
    assert_null(keel_arena_take(&arena, 17));
    assert_null(keel_arena_take(&arena, SIZE_MAX));
    assert_int_equal(arena.used, used);
    assert_non_null(keel_arena_take(&arena, 16));
    assert_null(keel_arena_take(&arena, 1));
}

static void a_reset_gives_everything_back_and_keeps_the_high_mark(void **state)
{
    (void)state;
    struct keel_arena arena;
    keel_arena_init(&arena, memory, 64);
    void *first = keel_arena_take(&arena, 64);
    keel_arena_reset(&arena);
    assert_ptr_equal(keel_arena_take(&arena, 8), first);
    assert_int_equal(arena.used, 8);
    assert_int_equal(arena.used_max, 64);
}

static void a_copy_has_a_closing_zero_byte(void **state)
{
    (void)state;
    struct keel_arena arena;
    memset(memory, 0xff, sizeof(memory));
    keel_arena_init(&arena, memory, sizeof(memory));
    keel_str copy = keel_arena_copy(&arena, (keel_str){"BTCUSDT-tail", 7});
    assert_int_equal(copy.size, 7);
    assert_string_equal(copy.data, "BTCUSDT");

    keel_str empty = keel_arena_copy(&arena, (keel_str){NULL, 0});
    assert_int_equal(empty.size, 0);
    assert_string_equal(empty.data, "");
}

static void a_copy_that_does_not_fit_has_no_data(void **state)
{
    (void)state;
    struct keel_arena arena;
    keel_arena_init(&arena, memory, 7);
    keel_str copy = keel_arena_copy(&arena, KEEL_STR("BTCUSDT"));
    assert_null(copy.data);
    assert_int_equal(copy.size, 0);
    assert_non_null(keel_arena_copy(&arena, KEEL_STR("BTCUSD")).data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_zeroed_and_aligned),
        cmocka_unit_test(a_full_arena_gives_null_and_stays_as_it_was),
        cmocka_unit_test(a_reset_gives_everything_back_and_keeps_the_high_mark),
        cmocka_unit_test(a_copy_has_a_closing_zero_byte),
        cmocka_unit_test(a_copy_that_does_not_fit_has_no_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
