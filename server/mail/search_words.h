#ifndef MAIL_SEARCH_WORDS_H
#define MAIL_SEARCH_WORDS_H
/* Between the files that read a typed search. For this room only. */
#include "mail/mail_search.h"

struct search_words {
	struct arena *arena;
	const struct mail_search_how *how;
	struct mail_search *out;
	struct str in;
	size_t at;
	unsigned depth;
};

/* One group while it is read. */
struct search_group {
	char close; /* the bracket that ends it; '\0': none */
	enum mail_term_kind field;
	bool is_any;                   /* {…}: one of them is enough */
	bool is_or;                    /* an OR waits for its other side */
	const struct mail_term **link; /* where `last` hangs */
	/* The newest, and of alternatives made by OR the newest of them. */
	struct mail_term *last, *last_any;
};

bool search_words_is_blank(char byte);
/* The byte so many on, or NUL at the end; typed text has none. */
char search_words_peek(const struct search_words *p, size_t offset);
bool search_words_is_over(
    const struct search_words *p, const struct search_group *list);
/* Past blanks. */
void search_words_skip(struct search_words *p);
/* Does this word stand here, alone, as "OR"? */
bool search_words_is(const struct search_words *p,
    const struct search_group *list, struct str word);
/* What stands from `from` up to here was not understood. */
void search_words_hint(
    struct search_words *p, enum mail_hint_kind kind, size_t from);
/* Up to a blank or the end of the group; in quotes. */
struct str search_words_word(
    struct search_words *p, const struct search_group *list);
struct str search_words_phrase(struct search_words *p);
/* NULL: the arena is used up. */
struct mail_term *search_words_term(
    struct search_words *p, enum mail_term_kind kind, struct str text);
/* In subject or text, not in the header besides; NULL as above. */
struct mail_term *search_words_written(struct search_words *p, struct str text);
/* Does a bracket, ( or {, stand here that another one ends? */
bool search_words_opens(const struct search_words *p);
/* All in it; NULL: nothing to look for. */
struct mail_term *search_words_group(
    struct search_words *p, enum mail_term_kind field);

/* The name before the colon that stands here, or empty (search_names.c). */
struct str search_names_find(const struct search_words *p);
/* name:value; NULL: nothing to look for. */
struct mail_term *search_names_read(struct search_words *p,
    const struct search_group *list, struct str name, bool is_not);

#endif
