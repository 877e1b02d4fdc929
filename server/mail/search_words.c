#include "mail/search_words.h"

#define WORDS_DEPTH 12u

/* ---- characters ---- */
bool
search_words_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The byte so many on, or NUL at the end; typed text has none. */
char
search_words_peek(const struct search_words *p, size_t offset)
{
	return offset < p->in.len - p->at ? p->in.ptr[p->at + offset] : '\0';
}

bool
search_words_is_over(
    const struct search_words *p, const struct search_group *list)
{
	char byte = search_words_peek(p, 0);

	return byte == '\0' || byte == list->close;
}

void
search_words_skip(struct search_words *p)
{
	while (search_words_is_blank(search_words_peek(p, 0)))
		p->at++;
}

/* "OR" or "AND", in capitals, alone. */
bool
search_words_is(const struct search_words *p, const struct search_group *list,
    struct str word)
{
	char behind = search_words_peek(p, word.len);

	return str_starts(str_slice(p->in, p->at, p->in.len), word) &&
	       (behind == '\0' || behind == list->close ||
	           search_words_is_blank(behind));
}

void
search_words_hint(struct search_words *p, enum mail_hint_kind kind, size_t from)
{
	struct mail_search *out = p->out;

	if (out->hint_count == MAIL_SEARCH_HINTS)
		return;
	out->hints[out->hint_count++] = (struct mail_hint){
	    .kind = kind, .part = {str_trim(str_slice(p->in, from, p->at))}};
}

/* The bracket that ends the one which stands here; '\0': there is none. */
static char
words_close_of(const struct search_words *p)
{
	switch (search_words_peek(p, 0)) {
	case '(':
		return ')';
	case '{':
		return '}';
	default:
		return '\0';
	}
}

/* What braces hold is a choice: one word in them is written so. */
static bool
words_has_close(const struct search_words *p)
{
	char open = search_words_peek(p, 0);
	char close = words_close_of(p);
	unsigned depth = 0;
	bool in_quotes = false;
	bool is_group = open != '{';

	for (size_t i = p->at; i < p->in.len; i++) {
		char byte = p->in.ptr[i];

		if (byte == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && byte == open)
			depth++;
		else if (!in_quotes && byte == close && --depth == 0)
			return is_group;
		is_group =
		    is_group || (!in_quotes && search_words_is_blank(byte));
	}
	return false;
}

/* ---- terms ---- */
struct mail_term *
search_words_term(
    struct search_words *p, enum mail_term_kind kind, struct str text)
{
	struct mail_term *term = ARENA_ARRAY(p->arena, 1, struct mail_term);

	if (term == NULL)
		return NULL;
	term->kind = kind;
	term->text = (struct text){text};
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			p->out->has_text = true;
	return term;
}

struct mail_term *
search_words_written(struct search_words *p, struct str text)
{
	struct mail_term *any = search_words_term(p, MAIL_TERM_ANY_OF, STR(""));
	struct mail_term *first = search_words_term(p, MAIL_TERM_SUBJECT, text);
	struct mail_term *second = search_words_term(p, MAIL_TERM_BODY, text);

	if (any == NULL || first == NULL || second == NULL)
		return NULL;
	first->next = second;
	any->first = first;
	return any;
}

/* Up to a blank or the end of the group. */
struct str
search_words_word(struct search_words *p, const struct search_group *list)
{
	size_t from = p->at;

	while (!search_words_is_over(p, list) &&
	       !search_words_is_blank(search_words_peek(p, 0)))
		p->at++;
	return str_slice(p->in, from, p->at);
}

struct str
search_words_phrase(struct search_words *p)
{
	size_t from = p->at;
	size_t end = str_find_byte(p->in, '"', from + 1);

	p->at = end < p->in.len ? end + 1 : p->in.len;
	if (end == p->in.len)
		search_words_hint(p, MAIL_HINT_QUOTE, from);
	return str_trim(str_slice(p->in, from + 1, end));
}

bool
search_words_opens(const struct search_words *p)
{
	return words_close_of(p) != '\0' && p->depth < WORDS_DEPTH &&
	       words_has_close(p);
}

/* ---- parts ---- */
/* One part without its minus; NULL: nothing to look for. */
static struct mail_term *
words_bare(struct search_words *p, const struct search_group *list, bool is_not)
{
	size_t from = p->at;
	struct str name = {0};
	struct str phrase;

	if (search_words_opens(p))
		return search_words_group(p, list->field);
	if (search_words_peek(p, 0) == '"') {
		phrase = search_words_phrase(p);
		if (phrase.len > 0)
			return search_words_term(p, list->field, phrase);
		search_words_hint(p, MAIL_HINT_EMPTY, from);
		return NULL;
	}
	if (list->field == MAIL_TERM_WHOLE)
		name = search_names_find(p);
	if (name.len > 0)
		return search_names_read(p, list, name, is_not);
	if (search_words_peek(p, 0) == '(') {
		phrase = search_words_word(p, list);
		search_words_hint(p, MAIL_HINT_BRACKET, from);
		return search_words_term(p, list->field, phrase);
	}
	return search_words_term(p, list->field, search_words_word(p, list));
}

static struct mail_term *
words_part(struct search_words *p, const struct search_group *list)
{
	char behind = search_words_peek(p, 1);
	bool is_not = search_words_peek(p, 0) == '-' && behind != '\0' &&
	              behind != '-' && behind != list->close &&
	              !search_words_is_blank(behind);
	struct mail_term *term;

	if (is_not)
		p->at++;
	term = words_bare(p, list, is_not);
	if (term != NULL && is_not)
		term->is_not = !term->is_not;
	return term;
}

static void
words_add(
    struct search_words *p, struct search_group *list, struct mail_term *term)
{
	struct mail_term *any;

	if (!list->is_or || list->last == NULL) {
		if (list->last != NULL)
			list->link = &list->last->next;
		*list->link = term;
		list->last = term;
		list->last_any = NULL;
		return;
	}
	if (list->last_any != NULL) {
		list->last_any->next = term;
		list->last_any = term;
		return;
	}
	any = search_words_term(p, MAIL_TERM_ANY_OF, STR(""));
	if (any == NULL)
		return;
	any->first = list->last;
	list->last->next = term;
	*list->link = any;
	list->last = any;
	list->last_any = term;
}

/* "OR" and "AND"; with nothing on one side they are words. */
static bool
words_joins(struct search_words *p, struct search_group *list)
{
	bool is_or = search_words_is(p, list, STR("OR"));
	size_t from = p->at;

	if (!is_or && !search_words_is(p, list, STR("AND")))
		return false;
	p->at += is_or ? 2 : 3;
	search_words_skip(p);
	if (list->last != NULL && (list->is_any || !list->is_or) &&
	    !search_words_is_over(p, list)) {
		list->is_or = is_or || list->is_any;
		return true;
	}
	p->at = from;
	if (is_or) {
		p->at += 2;
		search_words_hint(p, MAIL_HINT_OR, from);
		p->at = from;
	}
	return false;
}

/* Parts up to the end of the group, hung to *link. */
static void
words_parts(struct search_words *p, struct search_group *list)
{
	for (;;) {
		struct mail_term *term;

		search_words_skip(p);
		if (search_words_is_over(p, list) || arena_failed(p->arena))
			break;
		if (words_joins(p, list))
			continue;
		term = words_part(p, list);
		if (term != NULL)
			words_add(p, list, term);
		list->is_or = list->is_any;
	}
	if (search_words_peek(p, 0) == list->close && list->close != '\0')
		p->at++;
}

struct mail_term *
search_words_group(struct search_words *p, enum mail_term_kind field)
{
	struct mail_term *group =
	    search_words_term(p, MAIL_TERM_ALL_OF, STR(""));
	size_t from = p->at;
	char close = words_close_of(p);
	struct search_group list = {.close = close,
	    .field = field,
	    .is_any = close == '}',
	    .is_or = close == '}'};

	if (group == NULL)
		return NULL;
	list.link = &group->first;
	p->at++;
	p->depth++;
	words_parts(p, &list);
	p->depth--;
	if (group->first != NULL || arena_failed(p->arena))
		return group;
	search_words_hint(p, MAIL_HINT_EMPTY, from);
	return NULL;
}

const struct mail_search *
mail_search_parse(
    struct arena *arena, struct text typed, const struct mail_search_how *how)
{
	struct mail_search *out = ARENA_ARRAY(arena, 1, struct mail_search);
	struct search_words p = {
	    .arena = arena, .how = how, .out = out, .in = typed.s};
	struct search_group list = {.field = MAIL_TERM_WHOLE};

	if (out == NULL)
		return NULL;
	list.link = &out->all.first;
	words_parts(&p, &list);
	/* Nothing in quotes or brackets is not "all there is". */
	if (out->all.first == NULL && out->hint_count > 0 &&
	    out->place_count == 0 && !out->is_everywhere)
		out->all.first = search_words_written(&p, str_trim(typed.s));
	return arena_failed(arena) ? NULL : out;
}

void
mail_search_add(struct buf *out, const char *name, struct text value)
{
	bool is_plain = name != NULL && value.s.len > 0 &&
	                value.s.ptr[0] != '(' && value.s.ptr[0] != '{' &&
	                value.s.ptr[0] != '/';

	for (size_t i = 0; i < value.s.len; i++)
		if (search_words_is_blank(value.s.ptr[i]) ||
		    value.s.ptr[i] == '"')
			is_plain = false;
	if (out->len > 0)
		buf_add_byte(out, ' ');
	if (name != NULL) {
		buf_add_c(out, name);
		buf_add_byte(out, ':');
	}
	if (is_plain) {
		buf_add(out, value.s);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < value.s.len; i++)
		buf_add_byte(out, value.s.ptr[i] == '"' ? ' ' : value.s.ptr[i]);
	buf_add_byte(out, '"');
}
