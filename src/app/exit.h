/* exit.h - what the program answers its caller: exit codes and error lines. */
#ifndef APP_EXIT_H
#define APP_EXIT_H

#include "keel/error.h"

enum app_exit {
    APP_DONE = 0,
    APP_REJECTED = 1,      /* the venue said no, or has no such thing: nothing changed there */
    APP_USAGE = 2,         /* the command line, or a file given on it, is wrong */
    APP_REFUSED = 3,       /* the gate said no: nothing left this machine */
    APP_UNKNOWN = 4,       /* sent, and no verdict came: ask before doing it again */
    APP_NOT_CONNECTED = 5, /* not connected, or what is needed may be old or was never told */
    APP_INTERNAL = 6,      /* a mistake of keel's, or the operating system said no */
    APP_CONFIG = 7,        /* credentials, the configuration file, the environment */
};

/* The exit codes, one a line, for --help. */
extern const char app_exit_help[];

/* KEEL_INVALID is the caller's mistake: a usage error. */
enum app_exit app_exit_from_status(enum keel_status status);

/* Prints the error to standard error, one sentence or with json one object, and answers its exit
 * code. */
enum app_exit app_fail(bool json, const struct keel_error *error);

#endif
