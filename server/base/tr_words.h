#ifndef BASE_TR_WORDS_H
#define BASE_TR_WORDS_H
/*
 * One language's words, from a .mo file as msgfmt writes it (GNU gettext,
 * "The Format of GNU MO Files"). The file is not trusted: whatever it says,
 * reading stays within it.
 */
#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/metrics.h"
#include "base/tr.h"
#include "base/tr_plural.h"

#define TR_CODE_BYTES 16u               /* "de", "pt-BR" */
#define TR_FILE_BYTES ((size_t)4 << 20) /* of one language */

struct tr_entry {
	struct str key;    /* msgid, with "context\4" before it */
	const char *forms; /* NUL behind each */
	uint16_t form_count;
};

struct view_locale; /* the view room's; opaque here */

struct tr_words {
	char code[TR_CODE_BYTES]; /* for lang="" */
	const char *name;         /* what its speakers call it */
	bool is_rtl;
	unsigned number;  /* its place among a site's languages; 0: English */
	struct str bytes; /* the file: every translation lies in it */
	const struct tr_words *more; /* asked for what is not in here */
	struct tr_entry *entries;    /* sorted by key */
	size_t count;
	size_t refused; /* translations that do not fit their English */
	struct tr_plural plural;
	struct metric *missing;               /* NULL: not counted */
	_Atomic(struct view_locale *) locale; /* made at first use */
	atomic_uint_least64_t told[16]; /* what the log was told is missing */
};

/*
 * Reads `bytes`, which are borrowed, as `code`'s words. ERR_CONFIG says what
 * is wrong with the file. A translation whose printf arguments differ from
 * its English is left out and counted in `refused`.
 */
enum err_code tr_words_parse(struct str code, struct str bytes,
    struct arena *arena, struct tr_words *out, struct err *err) WARN_UNUSED;

/* The entry of that key, here or in `more`, or NULL. */
const struct tr_entry *tr_words_find(
    const struct tr_words *words, struct str key);
/* Form `at`, of those the entry has. */
struct str tr_entry_form(const struct tr_entry *entry, unsigned at);
/* The form for a number. */
struct str tr_words_form(const struct tr_words *words,
    const struct tr_entry *entry, uint64_t number);

/* Do two printf formats take the same arguments? No format: yes. */
bool tr_format_fits(struct str english, struct str translation);
/* A form for one number may say it in words: printf is told more than it asks.
 */
bool tr_format_takes_none(struct str words);

#endif
