#ifndef MIME_WORDS_H
#define MIME_WORDS_H
/* Within mime/: header text before what hides in it is taken out. */
#include "mime/mime.h"

/*
 * As mime_decode_text(), but UTF-8 with whatever controls and marks it holds,
 * on as many lines as it has. ptr NULL when the arena is used up.
 */
struct str mime_words_decode(struct arena *arena, struct str raw);

#endif
