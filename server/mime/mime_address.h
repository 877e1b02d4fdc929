#ifndef MIME_ADDRESS_H
#define MIME_ADDRESS_H
/* Within mime/: addresses checked for a line protocol. */
#include "mime/mime.h"

/* Can this stand in an envelope: local@domain, ASCII, no controls? */
bool mime_address_is_sendable(struct str address);

#endif
