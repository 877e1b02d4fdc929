/* Does a text speak of an attachment? In the languages people write here. */
#include "page/compose_inside.h"

/*
 * How a word begins, in small letters; some are several words. Japanese and
 * Arabic are looked for anywhere: they have no such beginnings.
 */
static const char *const beginnings[] = {
    /* English */
    "attach", "enclosed", "enclosing",
    /* German */
    "angehängt", "anhang", "anhänge", "anbei", "beigefügt", "beiliegend",
    "in der anlage", "hänge ich",
    /* French */
    "ci-joint", "ci joint", "pièce jointe", "pièces jointes", "je joins",
    "en annexe",
    /* Spanish */
    "adjunt"};
static const char *const anywhere[] = {
    "添付", "مرفق", "أرفق", "مرفقات", "بالمرفق"};

/* Latin letters only: A to Z, and U+00C0 to U+00DE (two bytes, C3 80 …). */
static struct str
small(struct arena *arena, struct str s)
{
	struct buf out;

	buf_init_arena(&out, arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool is_second = i > 0 && (unsigned char)s.ptr[i - 1] == 0xc3;

		if ((c >= 'A' && c <= 'Z') ||
		    (is_second && c >= 0x80 && c <= 0x9e && c != 0x97))
			c |= 0x20;
		buf_add_byte(&out, (char)c);
	}
	return buf_str(&out);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static bool
has_beginning(struct str line, struct str word)
{
	size_t at = 0;

	for (;;) {
		at = str_find(line, word, at);
		if (at >= line.len)
			return false;
		if (at == 0 || !is_letter(line.ptr[at - 1]))
			return true;
		at++;
	}
}

static bool
line_says(struct str line)
{
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (has_beginning(line, str_c(beginnings[i])))
			return true;
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (str_find(line, str_c(anywhere[i]), 0) < line.len)
			return true;
	return false;
}

/* What follows is not the writer's: a forwarded message, a signature. */
static bool
is_end(struct str line)
{
	return str_starts(line, STR("-----")) || str_eq(line, STR("-- ")) ||
	       str_eq(line, STR("-- \r"));
}

bool
compose_says_attached(struct text subject, struct text body)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_FIELD_BYTES * 2);
	struct str rest;

	if (arena == NULL)
		return false;
	if (line_says(small(arena, subject.s)))
		return true;
	rest = small(arena, body.s);
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');

		if (is_end(line))
			return false;
		if (!str_starts(line, STR(">")) && line_says(line))
			return true;
	}
	return false;
}
