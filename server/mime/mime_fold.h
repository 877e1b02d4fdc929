#ifndef MIME_MIME_FOLD_H
#define MIME_MIME_FOLD_H
/*
 * Text as it is compared and searched: without letter case, width and marks,
 * in any alphabet ("Zoë", "ZOE" and "ｚｏｅ" are the same). Not for people.
 */
#include "base/arena.h"
#include "base/str.h"

/* Grows when the rules change: what was folded before must be made anew. */
#define MIME_FOLD_RULES 1u

/* Folded, on one line; of what is longer, the first 4000 bytes. */
struct str mime_fold(struct arena *arena, struct str text);
/*
 * " anna schmidt": the folded words, a space before each. A character of a
 * script that writes no spaces is a word of its own.
 */
struct str mime_fold_words(struct arena *arena, struct str text);
/* The same words, sorted: "Schmidt, Anna" is "Anna Schmidt". */
struct str mime_fold_name(struct arena *arena, struct str text);

#endif
