/* request.h - a request as it would go out, shown to a person. */
#ifndef APP_REQUEST_H
#define APP_REQUEST_H

#include "app/exit.h"
#include "keel/venue.h"

/* With `hide_signature` its value is left out: what was not sent cannot be sent by others, either.
 */
void app_request_print(bool json, const struct keel_encoded *encoded, bool hide_signature);

#endif
