#include "mail/search_words.h"

#include "base/limits.h"
#include "mail/imap_utf7.h"
#include "mail/search_value.h"
#include "mime/mime_fold.h"

/* "older_than" is the longest; what is longer before a colon is none. */
#define NAMES_BYTES 12u

static struct mail_term *
names_number(struct search_words *p, enum mail_term_kind kind, int64_t number)
{
	struct mail_term *term = search_words_term(p, kind, STR(""));

	if (term != NULL)
		term->number = number;
	return term;
}

/*
 * What stands from `from` up to here, as it is. A word with a colon at its end
 * ("from:") stands in the header of every message: looked for where people
 * write.
 */
static struct mail_term *
names_literal(struct search_words *p, size_t from, enum mail_hint_kind hint)
{
	struct str text = str_trim(str_slice(p->in, from, p->at));

	search_words_hint(p, hint, from);
	return str_ends(text, STR(":"))
	           ? search_words_written(p, text)
	           : search_words_term(p, MAIL_TERM_WHOLE, text);
}

/* ---- name:value ---- */
typedef struct mail_term *names_value_fn(
    struct search_words *p, struct str value, int argument);

static struct mail_term *
names_flag(struct search_words *p, struct str value, int argument)
{
	static const struct {
		const char *word;
		enum mail_flag flag;
		bool is_not;
	} table[] = {
	    {"unread", MAIL_SEEN, true},
	    {"unseen", MAIL_SEEN, true},
	    {"read", MAIL_SEEN, false},
	    {"seen", MAIL_SEEN, false},
	    {"flagged", MAIL_FLAGGED, false},
	    {"starred", MAIL_FLAGGED, false},
	    {"unflagged", MAIL_FLAGGED, true},
	    {"unstarred", MAIL_FLAGGED, true},
	    {"answered", MAIL_ANSWERED, false},
	    {"replied", MAIL_ANSWERED, false},
	    {"unanswered", MAIL_ANSWERED, true},
	    {"forwarded", MAIL_FORWARDED, false},
	    {"draft", MAIL_DRAFT, false},
	    {"deleted", MAIL_DELETED, false},
	};
	struct mail_term *term;

	(void)argument;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!str_eq_nocase(value, str_c(table[i].word)))
			continue;
		term = names_number(p, MAIL_TERM_FLAG, table[i].flag);
		if (term != NULL)
			term->is_not = table[i].is_not;
		return term;
	}
	return NULL;
}

static struct mail_term *
names_has(struct search_words *p, struct str value, int argument)
{
	(void)argument;
	if (!str_eq_nocase(value, STR("attachment")) &&
	    !str_eq_nocase(value, STR("attachments")))
		return NULL;
	p->out->needs_structures = true;
	return search_words_term(p, MAIL_TERM_ATTACHMENT, STR(""));
}

static struct mail_term *
names_date(struct search_words *p, struct str value, int argument)
{
	int64_t day = 0;

	if (!search_value_date(value, p->how->today, &day))
		return NULL;
	return names_number(p, (enum mail_term_kind)argument, day);
}

static struct mail_term *
names_age(struct search_words *p, struct str value, int argument)
{
	int64_t day = 0;

	if (!search_value_age(value, p->how->today, &day))
		return NULL;
	return names_number(p, (enum mail_term_kind)argument, day);
}

static struct mail_term *
names_size(struct search_words *p, struct str value, int argument)
{
	int64_t bytes = 0;

	if (!search_value_size(value, &bytes))
		return NULL;
	return names_number(p, (enum mail_term_kind)argument, bytes);
}

/* flag-keyword = atom (RFC 9051, 9) */
static bool
names_is_atom(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7F ||
		    strchr("(){%*\"\\]", s.ptr[i]) != NULL)
			return false;
	return s.len > 0 && s.len <= LIMIT_NAME_BYTES;
}

/* Thunderbird's five have names of their own; it writes others in UTF-7. */
static struct mail_term *
names_label(struct search_words *p, struct str value, int argument)
{
	static const char *const known[][2] = {
	    {"important", "$label1"},
	    {"work", "$label2"},
	    {"personal", "$label3"},
	    {"todo", "$label4"},
	    {"later", "$label5"},
	};
	struct str atom;

	(void)argument;
	for (size_t i = 0; i < p->how->label_count; i++) {
		const struct mail_label *at = &p->how->labels[i];

		if (str_eq(mime_fold(p->arena, at->name.s),
		        mime_fold(p->arena, value)) &&
		    names_is_atom(at->keyword))
			return search_words_term(
			    p, MAIL_TERM_KEYWORD, at->keyword);
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_nocase(value, str_c(known[i][0])))
			value = str_c(known[i][1]);
	atom = imap_utf7_encode(p->arena, (struct text){value});
	if (!names_is_atom(atom))
		return NULL;
	return search_words_term(p, MAIL_TERM_KEYWORD, atom);
}

static const struct names_name {
	const char *name;
	names_value_fn *value; /* NULL: text of the field `argument` */
	int argument;          /* enum mail_term_kind */
	enum mail_hint_kind hint;
} names_names[] = {
    {"from", NULL, MAIL_TERM_FROM, MAIL_HINT_EMPTY},
    {"to", NULL, MAIL_TERM_TO, MAIL_HINT_EMPTY},
    {"cc", NULL, MAIL_TERM_CC, MAIL_HINT_EMPTY},
    {"bcc", NULL, MAIL_TERM_BCC, MAIL_HINT_EMPTY},
    {"subject", NULL, MAIL_TERM_SUBJECT, MAIL_HINT_EMPTY},
    {"body", NULL, MAIL_TERM_BODY, MAIL_HINT_EMPTY},
    {"is", names_flag, 0, MAIL_HINT_IS},
    {"has", names_has, 0, MAIL_HINT_IS},
    {"before", names_date, MAIL_TERM_BEFORE, MAIL_HINT_DATE},
    {"older", names_date, MAIL_TERM_BEFORE, MAIL_HINT_DATE},
    {"after", names_date, MAIL_TERM_SINCE, MAIL_HINT_DATE},
    {"newer", names_date, MAIL_TERM_SINCE, MAIL_HINT_DATE},
    {"on", names_date, MAIL_TERM_ON, MAIL_HINT_DATE},
    {"older_than", names_age, MAIL_TERM_BEFORE, MAIL_HINT_AGE},
    {"newer_than", names_age, MAIL_TERM_SINCE, MAIL_HINT_AGE},
    {"larger", names_size, MAIL_TERM_LARGER, MAIL_HINT_SIZE},
    {"size", names_size, MAIL_TERM_LARGER, MAIL_HINT_SIZE},
    {"smaller", names_size, MAIL_TERM_SMALLER, MAIL_HINT_SIZE},
    {"label", names_label, 0, MAIL_HINT_LABEL},
    {"keyword", names_label, 0, MAIL_HINT_LABEL},
};
static const char names_place_name[] = "in";

/* The name before the colon that stands here, or empty. */
struct str
search_names_find(const struct search_words *p)
{
	size_t len = 0;

	while (len <= NAMES_BYTES &&
	       (((search_words_peek(p, len) | 0x20) >= 'a' &&
	            (search_words_peek(p, len) | 0x20) <= 'z') ||
	           search_words_peek(p, len) == '_'))
		len++;
	/* "C:\" and "http://" are no names. */
	if (len < 2 || len > NAMES_BYTES || search_words_peek(p, len) != ':' ||
	    (search_words_peek(p, len + 1) == '/' &&
	        search_words_peek(p, len + 2) == '/'))
		return (struct str){0};
	return str_slice(p->in, p->at, p->at + len);
}

static bool
names_is_known(struct str name)
{
	if (str_eq_nocase(name, str_c(names_place_name)))
		return true;
	for (size_t i = 0; i < sizeof(names_names) / sizeof(names_names[0]);
	     i++)
		if (str_eq_nocase(name, str_c(names_names[i].name)))
			return true;
	return false;
}

static struct mail_term *
names_field(struct search_words *p, const struct search_group *list,
    const struct names_name *name, size_t from)
{
	enum mail_term_kind kind = (enum mail_term_kind)name->argument;
	bool is_quoted = search_words_peek(p, 0) == '"';
	struct str value;

	if (search_words_opens(p))
		return search_words_group(p, kind);
	value = is_quoted ? search_words_phrase(p) : search_words_word(p, list);
	if (value.len == 0 && is_quoted) {
		search_words_hint(p, MAIL_HINT_EMPTY, from);
		return NULL;
	}
	if (value.len == 0)
		return names_literal(p, from, MAIL_HINT_VALUE);
	if (!is_quoted && str_eq_nocase(value, STR("me")) &&
	    !text_is_empty(p->how->own) && kind <= MAIL_TERM_BCC)
		value = p->how->own.s;
	return search_words_term(p, kind, value);
}

/* Past "OR" and what it joins; false: something else, which is "OR" too. */
static bool
names_place_is_alone(const struct search_words *p,
    const struct search_group *list, size_t *out_next)
{
	struct search_words ahead = *p;
	struct mail_search hints = {0};

	ahead.out = &hints;
	for (bool is_first = true;; is_first = false) {
		search_words_skip(&ahead);
		if (!search_words_is(&ahead, list, STR("OR")))
			return true;
		ahead.at += 2;
		search_words_skip(&ahead);
		if (!str_eq_nocase(
		        search_names_find(&ahead), str_c(names_place_name)))
			return false;
		if (is_first)
			*out_next = ahead.at;
		ahead.at += sizeof(names_place_name);
		search_words_skip(&ahead);
		if (search_words_peek(&ahead, 0) == '"')
			(void)search_words_phrase(&ahead);
		else
			(void)search_words_word(&ahead, list);
	}
}

/*
 * in:NAME is no term: it says where. NULL when it was taken so. Between
 * several of them OR may stand: each is looked at in any case.
 */
static struct mail_term *
names_place(struct search_words *p, const struct search_group *list,
    bool is_not, size_t from)
{
	struct mail_search *out = p->out;
	bool is_quoted = search_words_peek(p, 0) == '"';
	struct str name =
	    is_quoted ? search_words_phrase(p) : search_words_word(p, list);
	size_t next = p->at;
	bool is_alone = p->depth == 0 && !list->is_or &&
	                names_place_is_alone(p, list, &next) &&
	                (!is_not || next == p->at);

	if (name.len == 0)
		return names_literal(
		    p, from, is_quoted ? MAIL_HINT_EMPTY : MAIL_HINT_VALUE);
	if (!is_alone || out->place_count == MAIL_SEARCH_PLACES)
		return names_literal(p, from, MAIL_HINT_PLACE);
	if (!is_quoted && !is_not &&
	    (str_eq_nocase(name, STR("all")) ||
	        str_eq_nocase(name, STR("anywhere")) ||
	        str_eq_nocase(name, STR("everywhere"))))
		out->is_everywhere = true;
	else
		out->places[out->place_count++] =
		    (struct mail_place){.name = {name}, .is_not = is_not};
	p->at = next;
	return NULL;
}

struct mail_term *
search_names_read(struct search_words *p, const struct search_group *list,
    struct str name, bool is_not)
{
	size_t from = p->at;
	bool is_quoted;
	struct str value;
	struct mail_term *term;

	p->at += name.len + 1;
	/* "from: ben" is what many type; in "from: is:read" it has no value. */
	if (search_words_is_blank(search_words_peek(p, 0))) {
		size_t here = p->at;

		search_words_skip(p);
		if (search_words_is_over(p, list) ||
		    search_words_is(p, list, STR("OR")) ||
		    names_is_known(search_names_find(p)))
			p->at = here;
	}
	if (str_eq_nocase(name, str_c(names_place_name)))
		return names_place(p, list, is_not, from);
	for (size_t i = 0; i < sizeof(names_names) / sizeof(names_names[0]);
	     i++) {
		if (!str_eq_nocase(name, str_c(names_names[i].name)))
			continue;
		if (names_names[i].value == NULL)
			return names_field(p, list, &names_names[i], from);
		is_quoted = search_words_peek(p, 0) == '"';
		value = is_quoted ? search_words_phrase(p)
		                  : search_words_word(p, list);
		if (value.len == 0)
			return names_literal(p, from,
			    is_quoted ? MAIL_HINT_EMPTY : MAIL_HINT_VALUE);
		term = names_names[i].value(p, value, names_names[i].argument);
		if (term != NULL || arena_failed(p->arena))
			return term;
		return names_literal(p, from, names_names[i].hint);
	}
	p->at = from;
	(void)search_words_word(p, list);
	return names_literal(p, from, MAIL_HINT_NAME);
}
