#ifndef VIEW_TMPL_WORDS_H
#define VIEW_TMPL_WORDS_H
/*
 * Words of a template: {{#t}}You go on at <b dir="ltr">{{host}}</b>.{{/t}}.
 * Translators get the tags without what stands in them, by their names:
 *   You go on at <b>{{host}}</b>.
 * (a second <b …> that differs is <b2>), and characters instead of entities.
 * A translation is text: it has the same tags, each once and closed where it
 * must be, and placeholders of its English only. All else is escaped.
 * po/marks.py makes the same keys; tests/unit/view holds both to one table.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define TMPL_WORDS_TAGS  24u
#define TMPL_WORDS_BYTES ((size_t)16 << 10)

struct tmpl_words_tag {
	struct str name;   /* "b", "b2" */
	struct str source; /* "<b dir=\"ltr\">"; of an end "</b>" */
	bool is_end;
	bool is_void; /* has no end */
};

struct tmpl_words {
	struct str key; /* msgid */
	struct tmpl_words_tag tags[TMPL_WORDS_TAGS];
	size_t tag_count;
};

/* Key and tags; NULL, or what is wrong. */
const char *tmpl_words_read(
    struct str source, struct arena *arena, struct tmpl_words *out);
/* The two halves of "one|many"; false: there are not two. */
bool tmpl_words_split(struct str source, struct str *one, struct str *many);
/*
 * A translation as a template's source. NULL, or what is wrong: then the
 * English words are taken.
 */
const char *tmpl_words_fill(
    const struct tmpl_words *words, struct str translation, struct buf *out);

#endif
