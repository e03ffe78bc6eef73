/* keel.h - all of keel's public headers. */
#ifndef KEEL_H
#define KEEL_H

#include "keel/client.h"
#include "keel/journal.h"
#include "keel/paper.h"

#define KEEL_VERSION "0.1.0"

#endif
