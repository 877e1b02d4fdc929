#ifndef MIME_SEVEN_H
#define MIME_SEVEN_H
/*
 * Within mime/: a message on its way to a server without 8BITMIME (RFC 6152).
 * Parts that are not encoded become quoted-printable, what holds them says
 * 7bit; nothing else changes. What is signed (RFC 1847, 2.1) stays as it is.
 */
#include "mime/mime_out.h"

struct mime_seven;

/* NULL: no memory. `out` gets what is written; borrowed. */
struct mime_seven *mime_seven_new(struct mime_out *out);
/* The next bytes, lines that end in CRLF; pieces end anywhere. */
void mime_seven_add(struct mime_seven *seven, struct str bytes);
/*
 * Writes the rest. ERR_INPUT: bytes beyond ASCII are left where they must not
 * be changed (signed, in a header), or it is too crooked to tell.
 */
enum err_code mime_seven_end(
    struct mime_seven *seven, struct err *err) WARN_UNUSED;
void mime_seven_free(struct mime_seven *seven); /* NULL accepted */

#endif
