/* only.c - KEEL_TEST_ONLY=name: that one test of an executable, not all. It is linked into each.
 *
 * cmocka calls a run without any test a success; who sets the name looks for the test's own line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void choose_test(void)
{
    const char *name = getenv("KEEL_TEST_ONLY");
    if (name)
        cmocka_set_test_filter(name);
}
