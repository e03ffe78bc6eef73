#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Flags of the mapping that holds an address: "lo" is locked, "dd" is left out of core dumps. */
static void read_flags(const void *address, char flags[256])
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    bool here = false;
    uintptr_t begin, end;
    flags[0] = '\0';
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            here = begin <= (uintptr_t)address && (uintptr_t)address < end;
        if (here && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(flags, 256, "%.200s", line);
    }
    if (file)
        fclose(file);
}

/* Not where the limit is 0, nor under a sanitizer, which makes mlock do nothing. */
static bool can_lock_memory(void)
{
    char flags[256];
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)mlock(page, size);
    read_flags(page, flags);
    munmap(page, size);
    return strstr(flags, " lo") != NULL;
}

static void a_secret_is_locked_and_in_no_core_dump(void **state)
{
    (void)state;
    char flags[256];
    bool locked = false;
    char *secret = keel_secret_new(100, &locked);
    assert_non_null(secret);
    assert_int_equal(secret[0] | secret[99], 0);
    read_flags(secret, flags);
    assert_non_null(strstr(flags, " dd"));
    if (can_lock_memory()) {
        assert_true(locked);
        assert_non_null(strstr(flags, " lo"));
    }
    keel_secret_free(secret, 100);
}

/* The page stays mapped here: the program's memory holds a second name of it. */
static void a_secret_is_wiped_before_it_goes(void **state)
{
    (void)state;
    bool locked;
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *secret = keel_secret_new(size, &locked);
    int file = memfd_create("secret", 0);
    assert_int_equal(ftruncate(file, (off_t)size), 0);
    char *name = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *same = mmap(secret, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
    assert_ptr_equal(same, secret);
    strcpy(secret, "the key");
    assert_string_equal(name, "the key");
    keel_secret_free(secret, size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(name[i], 0);
    munmap(name, size);
    close(file);
    keel_secret_free(NULL, size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_locked_and_in_no_core_dump),
        cmocka_unit_test(a_secret_is_wiped_before_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
