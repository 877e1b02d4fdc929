#ifndef MIME_WORDS_H
#define MIME_WORDS_H
/* Within mime/: header text before what hides in it is taken out. */
#include "base/buf.h"
#include "mime/mime.h"

/*
 * As mime_decode_text(), but UTF-8 with whatever controls and marks it holds,
 * on as many lines as it has. ptr NULL when the arena is used up.
 */
struct str mime_words_decode(struct arena *arena, struct str raw);

/*
 * `mark` and two hex digits become a byte; what is no such triple stays.
 * Q of RFC 2047, 4.2 has mark '=', and "_" is a space; RFC 2231 has mark '%'.
 */
void mime_words_add_marked(struct buf *out, struct str data, char mark);

#endif
