/* Preloaded into a program: kills it inside its writes and sends.
 *
 *     KEEL_TEST_KILL_AT=n        at the n-th of them, and
 *     KEEL_TEST_KILL_WHEN=before|half|after   before it, with half of its bytes out, or after it
 *
 * And ends it, with code 97, at an order that is sent before its client order id was in the bytes
 * of any write to a file: the intent comes first, or a crash between the two loses the order.
 *
 * What the kernel was given stays; what it was not given never happened: as for any kill -9. */
#undef _FILE_OFFSET_BITS /* which makes one symbol of two that others link by name */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum when {
    BEFORE,
    HALF,
    AFTER,
};

enum {
    ID_SIZE = sizeof("keel-hoeg63679s") - 1, /* of all client ids that this century brings */
    IDS_MAX = 1 << 17,                       /* more than one life trades */
    INTENT_MISSING = 97,
};

static atomic_long calls;
static char written[IDS_MAX][ID_SIZE]; /* a hash table of the ids in written bytes */

static long kill_at(void)
{
    static long at = -1;
    const char *text = getenv("KEEL_TEST_KILL_AT");
    if (at < 0)
        at = text != NULL ? atol(text) : 0;
    return at;
}

static enum when kill_when(void)
{
    const char *text = getenv("KEEL_TEST_KILL_WHEN");
    if (text == NULL || strcmp(text, "before") == 0)
        return BEFORE;
    return strcmp(text, "half") == 0 ? HALF : AFTER;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Is this the call to die in? */
static int is_the_one(void)
{
    return kill_at() > 0 && atomic_fetch_add(&calls, 1) + 1 == kill_at();
}

/* Where an id is in the table, or the free place where it belongs. */
static char *place_of(const char *id)
{
    unsigned long hash = 5381;
    for (int i = 0; i < ID_SIZE; i++)
        hash = hash * 33 + (unsigned char)id[i];
    for (;; hash++) {
        char *place = written[hash % IDS_MAX];
        if (*place == '\0' || memcmp(place, id, ID_SIZE) == 0)
            return place;
    }
}

static void note_ids(const char *bytes, size_t size)
{
    const char *end = bytes + size;
    while ((bytes = memmem(bytes, (size_t)(end - bytes), "keel-", 5)) != NULL) {
        if (end - bytes < ID_SIZE)
            return;
        memcpy(place_of(bytes), bytes, ID_SIZE);
        bytes += ID_SIZE;
    }
}

static void check_order(const char *bytes, size_t size)
{
    static const char name[] = "newClientOrderId=",
                      complaint[] = "an order left before its intent\n";
    const char *id = memmem(bytes, size, name, sizeof(name) - 1);
    if (id == NULL)
        return;
    id += sizeof(name) - 1;
    if (bytes + size - id >= ID_SIZE && *place_of(id) != '\0')
        return;
    (void)!syscall(SYS_write, STDERR_FILENO, complaint, sizeof(complaint) - 1);
    _exit(INTENT_MISSING);
}

/* The real function of that name, whatever its type. */
#define REAL(name, ...)                                                                            \
    static ssize_t (*real)(__VA_ARGS__);                                                           \
    if (real == NULL)                                                                              \
    *(void **)(&real) = dlsym(RTLD_NEXT, name)

#define RUN(whole, half)                                                                           \
    do {                                                                                           \
        if (!is_the_one())                                                                         \
            return whole;                                                                          \
        if (kill_when() == HALF)                                                                   \
            (void)!half;                                                                           \
        if (kill_when() == AFTER)                                                                  \
            (void)!whole;                                                                          \
        die();                                                                                     \
        return -1;                                                                                 \
    } while (0)

ssize_t write(int file, const void *bytes, size_t size)
{
    REAL("write", int, const void *, size_t);
    note_ids(bytes, size);
    RUN(real(file, bytes, size), real(file, bytes, size / 2));
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
    REAL("pwrite", int, const void *, size_t, off_t);
    note_ids(bytes, size);
    RUN(real(file, bytes, size, at), real(file, bytes, size / 2, at));
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
    REAL("pwrite64", int, const void *, size_t, off64_t);
    note_ids(bytes, size);
    RUN(real(file, bytes, size, at), real(file, bytes, size / 2, at));
}

ssize_t send(int file, const void *bytes, size_t size, int flags)
{
    REAL("send", int, const void *, size_t, int);
    check_order(bytes, size);
    RUN(real(file, bytes, size, flags), real(file, bytes, size / 2, flags));
}

int fsync(int file)
{
    REAL("fsync", int);
    if (!is_the_one())
        return (int)real(file);
    if (kill_when() == AFTER)
        (void)real(file);
    die();
    return -1;
}

int fdatasync(int file)
{
    REAL("fdatasync", int);
    if (!is_the_one())
        return (int)real(file);
    if (kill_when() == AFTER)
        (void)real(file);
    die();
    return -1;
}
