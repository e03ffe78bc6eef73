/* Memory of the start: zeroed, and there before it is needed. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    COUNT = 1000,
    SIZE = 4096,
};

static void an_array_is_zeroed(void **state)
{
    (void)state;
    unsigned char *memory = keel_new_array(COUNT, SIZE);
    assert_non_null(memory);
    for (size_t at = 0; at < (size_t)COUNT * SIZE; at++)
        assert_int_equal(memory[at], 0);
    free(memory);
}

static void every_page_of_an_array_is_there(void **state)
{
    (void)state;
    static unsigned char present[COUNT];
    uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    char *memory = keel_new_array(COUNT, SIZE);
    assert_non_null(memory);
    uintptr_t skip = (page_size - (uintptr_t)memory % page_size) % page_size;
    size_t page_count = ((size_t)COUNT * SIZE - skip) / page_size;
    assert_int_equal(mincore(memory + skip, page_count * page_size, present), 0);
    for (size_t page = 0; page < page_count; page++)
        assert_true(present[page] & 1);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_is_zeroed),
        cmocka_unit_test(every_page_of_an_array_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
