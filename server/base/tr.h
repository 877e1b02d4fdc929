#ifndef BASE_TR_H
#define BASE_TR_H
/*
 * Words for people in their language. The English words in the source are the
 * key (gettext's msgid); what has no translation stays English and is counted.
 * A thread speaks the language of the person it works for. glibc's gettext is
 * not used: its language is one for the whole process.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct tr_words; /* one language's: base/tr_words.h */

/*
 * The language of this thread from now on; NULL: English. The words must live
 * until the thread speaks another one.
 */
void tr_use(const struct tr_words *words);
const struct tr_words *tr_used(void);

/*
 * The translation of an English literal, or itself. Lives as long as the
 * language is used. printf formats stay formats: their translations have the
 * same arguments (tr_words_parse).
 */
const char *tr(const char *english) __attribute__((format_arg(1)));
/* By the number: the language's plural rule decides. */
const char *trn(const char *one, const char *many, uint64_t number)
    __attribute__((format_arg(1), format_arg(2)));
/* Where one English word has two meanings; `context` is for translators. */
const char *tr_in(const char *context, const char *english);
struct text tr_text(const char *english);
/* NULL: there is none, or English is spoken. Nothing is counted. */
const char *tr_find(const char *english);
/* Are these words a translation already, of those this thread speaks? */
bool tr_is_done(const char *words);
/* English words were shown to who speaks another language. */
void tr_count_missing(const struct tr_words *words, struct str english);

/* Marks a literal that is translated where it is shown. */
#define N_(english) english /* a macro: tables hold literals */
/* Two of them, for trn(). */
#define NN_(one, many) one, many

#endif
