/* data.h - the files that come with the program: beside it when built, in share/ when installed. */
#ifndef APP_DATA_H
#define APP_DATA_H

#include "keel/error.h"

#include <stddef.h>

/* KEEL_NOT_FOUND names the places that were looked at. */
KEEL_MUST_USE enum keel_status app_data_find(const char *name, char *path, size_t path_size,
                                             struct keel_error *error);

#endif
