#ifndef MIME_ENCODE_H
#define MIME_ENCODE_H
/*
 * Within mime/: header fields with their encodings and folding. No CR, LF or
 * NUL of a value gets out.
 */
#include "mime/mime_out.h"

/* "Name:"; tokens follow, then mime_encode_end(). */
void mime_encode_field(struct mime_out *out, const char *name);
/* A token after a space or, where the line is full, a fold. ASCII only. */
void mime_encode_token(struct mime_out *out, struct str token);
void mime_encode_end(struct mime_out *out);
/* Unstructured text; RFC 2047 words where it is not plain ASCII. */
void mime_encode_text(struct mime_out *out, struct text text);
/* A phrase (display name), with `tail` joined to its last token. */
void mime_encode_phrase(
    struct mime_out *out, struct text text, struct str tail);
/* "; name=value" of ASCII or RFC 2231 pieces, on lines of their own. */
void mime_encode_param(
    struct mime_out *out, const char *name, struct text value);

/* One line of text as quoted-printable, with its CRLF (RFC 2045, 6.7). */
void mime_encode_qp_line(struct mime_out *out, struct str line);
/* The same of a line that has begun: so many columns are taken. */
void mime_encode_qp_rest(struct mime_out *out, struct str line, size_t column);

#endif
