/* Gives each file of the folders named on the command line to the fuzz target that it is linked
 * with, whole and cut at every byte, so that a found input stays a test without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_SIZE_MAX = 65536,
    CUT_SIZE_MAX = 4096, /* longer inputs are only given whole */
};

static void replay(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1); /* exact, for tools that watch memory */
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int replay_file(const char *folder, const char *name)
{
    static uint8_t data[INPUT_SIZE_MAX];
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 0;
    }
    size_t size = fread(data, 1, sizeof(data), file);
    fclose(file);
    for (size_t cut = 0; cut < size && size <= CUT_SIZE_MAX; cut++)
        replay(data, cut);
    replay(data, size);
    return 1;
}

static int replay_folder(const char *folder)
{
    DIR *files = opendir(folder);
    if (!files) {
        perror(folder);
        return 0;
    }
    int count = 0;
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        if (entry->d_name[0] != '.')
            count += replay_file(folder, entry->d_name);
    }
    closedir(files);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
