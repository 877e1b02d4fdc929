#ifndef MIME_MARKS_H
#define MIME_MARKS_H
/*
 * Characters that nobody sees but that change what one reads; within mime/, and
 * for the beginnings of messages that a mail server tells.
 * All one-line text of a header (subjects, names, file names) comes through
 * here and nowhere else.
 */
#include "base/arena.h"
#include "base/str.h"

/*
 * Text of one line without what hides or turns: bidi embeddings, overrides
 * and isolates; zero-width and filler characters where their script does not
 * need them; tag characters outside of flags; stacks of more than four
 * combining marks; direction marks where nothing is written from right to
 * left; U+2028 and U+2029 become a space. Doing it again changes nothing.
 *
 * *out_removed (may be NULL) counts these and control characters but line
 * breaks and tabs. In the arena, or borrows when nothing had to change.
 */
struct text mime_marks_line(
    struct arena *arena, struct str bytes, size_t *out_removed);

#endif
