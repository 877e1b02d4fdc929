#ifndef MAIL_IMAP_PLACE_H
#define MAIL_IMAP_PLACE_H
/*
 * Parts of a message in its first bytes: what came with the header needs no
 * round trip of its own. Pure.
 */
#include "mime/mime.h"

/*
 * Where the header block of a message ends: behind its empty line, or the
 * length of `bytes` when that does not come.
 */
size_t imap_place_header(struct str bytes);
/*
 * `body`: the beginning of the message's body, as it is. Sets content of those
 * parts of the server's structure that are in it as a whole and end where the
 * server said; it stays empty for all others.
 */
void imap_place_parts(struct mime_part *root, struct str body);

#endif
