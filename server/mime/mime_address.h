#ifndef MIME_ADDRESS_H
#define MIME_ADDRESS_H
/* Within mime/: address lists, and addresses fit for a line protocol. */
#include "mime/mime.h"

/*
 * Reads an address list. `joins_names`: "Doe, John <j@x>" is one person, as
 * received mail means it; not so for typed lists, where "doe" is a recipient.
 */
enum err_code mime_address_read(struct str raw, bool joins_names,
    struct arena *arena, struct mime_addresses *out,
    struct err *err) WARN_UNUSED;

/* Can this stand in an envelope: local@domain, ASCII, no controls? */
bool mime_address_is_sendable(struct str address);

#endif
