#include "app/data.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* From where the program itself is, so that an installation can be moved. */
static const char *const places[] = {
    "/data/",          /* the build directory */
    "/../share/keel/", /* beside bin/ */
};

static bool find_directory(char *directory, size_t directory_size)
{
    ssize_t size = readlink("/proc/self/exe", directory, directory_size - 1);
    if (size <= 0)
        return false;
    directory[size] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

enum keel_status app_data_find(const char *name, char *path, size_t path_size,
                               struct keel_error *error)
{
    char directory[1024];
    if (!find_directory(directory, sizeof(directory)))
        return keel_fail(error, KEEL_NOT_FOUND, "cannot tell where the program is");
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int size = snprintf(path, path_size, "%s%s%s", directory, places[i], name);
        if (size > 0 && (size_t)size < path_size && access(path, R_OK) == 0)
            return KEEL_OK;
    }
    return keel_fail(error, KEEL_NOT_FOUND, "%s is neither in %s/data nor in %s/../share/keel",
                     name, directory, directory);
}
