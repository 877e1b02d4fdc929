#ifndef MIME_ADDRESS_H
#define MIME_ADDRESS_H
/* Within mime/: address lists, and addresses fit for a line protocol. */
#include "mime/mime.h"

#define MIME_ADDRESSES_MAX 10000u /* of one list; a page shows fewer */

struct mime_address_list {
	struct mime_addresses addresses;
	size_t capacity;
	size_t left_out; /* past MIME_ADDRESSES_MAX */
};

/*
 * Reads an address list. `joins_names`: "Doe, John <j@x>" is one person, as
 * received mail means it; not so for typed lists, where "doe" is a recipient.
 */
enum err_code mime_address_read(struct str raw, bool joins_names,
    struct arena *arena, struct mime_addresses *out,
    struct err *err) WARN_UNUSED;
/* The same, added to a list that was all zero at first. */
enum err_code mime_address_append(struct str raw, bool joins_names,
    struct arena *arena, struct mime_address_list *list,
    struct err *err) WARN_UNUSED;

/*
 * Can this stand in an envelope: local@domain, the domain in ASCII, no
 * controls? Letters beyond ASCII before the @ need SMTPUTF8.
 */
bool mime_address_is_sendable(struct str address);

#endif
