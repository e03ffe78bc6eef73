#include "base/secret.h"

#include "base/hmac.h"

#include <sys/mman.h>

/* Pages of its own: locking and dumping are told by the page. */
void *keel_secret_new(size_t size, bool *locked)
{
    void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *locked = false;
    if (secret == MAP_FAILED)
        return NULL;
    *locked = mlock(secret, size) == 0;
    (void)madvise(secret, size, MADV_DONTDUMP); /* known since Linux 3.4 */
    return secret;
}

void keel_secret_free(void *secret, size_t size)
{
    if (!secret)
        return;
    keel_wipe(secret, size);
    munmap(secret, size);
}
