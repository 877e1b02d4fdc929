#include "mime/mime_sender.h"

#include "base/buf.h"
#include "mime/mime_field.h"
#include "mime/mime_host.h"
#include "mime/mime_marks.h"
#include "mime/mime_words.h"

#define NAME_BYTES  1000u /* of a display name that is looked through */
#define FIELD_BYTES ((size_t)64 << 10)
#define FIELDS_MAX  2000u
#define SENDERS_MAX 20u

/* ---- names that hold an address ---- */

/* What stands behind the last "@". */
static struct str
domain_of(struct str address)
{
	size_t at = address.len;

	for (size_t i = 0; i < address.len; i++) {
		if (address.ptr[i] == '@')
			at = i + 1;
	}
	return str_slice(address, at, address.len);
}

/* Full-width and small forms as the ASCII letters they look like. */
static struct str
without_wide(struct arena *arena, struct str name)
{
	struct buf out;
	size_t at = 0;

	buf_init_arena(&out, arena, name.len + 1);
	while (at < name.len) {
		uint32_t c = text_next(name, &at);
		if (c >= 0xff01 && c <= 0xff5e)
			c -= 0xff01 - '!';
		else if (c == 0xfe6b)
			c = '@';
		else if (c == 0x3002 || c == 0xff61 || c == 0xfe52 ||
		         c == 0x2024)
			c = '.';
		buf_add_utf8(&out, c);
	}
	return buf_str(&out);
}

static bool
is_address_byte(char c)
{
	return (unsigned char)c > ' ' && strchr("<>()[]\"',;:|", c) == NULL;
}

/* The address around the "@" at `at`; empty when there is none. */
static struct str
address_around(struct str name, size_t at)
{
	size_t from = at;
	size_t to = at + 1;
	struct str domain;

	while (from > 0 && is_address_byte(name.ptr[from - 1]) &&
	       name.ptr[from - 1] != '@')
		from--;
	while (to < name.len && is_address_byte(name.ptr[to]) &&
	       name.ptr[to] != '@')
		to++;
	while (to > at + 1 && name.ptr[to - 1] == '.')
		to--;
	domain = str_slice(name, at + 1, to);
	if (from == at || str_find_byte(domain, '.', 1) >= domain.len)
		return (struct str){0};
	return str_slice(name, from, to);
}

/*
 * The part of a domain that one owner has, as far as that can be told without
 * a list: two labels, or three where the second looks like "co" in "co.uk".
 */
static struct str
owner_of(struct str domain)
{
	size_t dots[3] = {0};
	size_t count = 0;

	if (str_ends(domain, STR(".")))
		domain.len--;
	for (size_t i = domain.len; i > 0 && count < 3; i--) {
		if (domain.ptr[i - 1] == '.')
			dots[count++] = i;
	}
	if (count < 2)
		return domain;
	if (domain.len - dots[0] == 2 && dots[0] - dots[1] <= 4)
		return count == 3 ? str_slice(domain, dots[2], domain.len)
		                  : domain;
	return str_slice(domain, dots[1], domain.len);
}

static bool
has_same_owner(struct str a, struct str b)
{
	return str_eq_nocase(owner_of(domain_of(a)), owner_of(domain_of(b)));
}

static void
look_at_name(struct arena *arena, const struct mime_address *from,
    struct mime_sender *out)
{
	struct str name =
	    without_wide(arena, str_slice(from->name.s, 0, NAME_BYTES));

	for (size_t at = str_find_byte(name, '@', 0); at < name.len;
	     at = str_find_byte(name, '@', at + 1)) {
		struct str named = address_around(name, at);
		if (named.len == 0 || has_same_owner(named, from->address.s))
			continue;
		out->notices |= MIME_SENDER_NAME_IS_ADDRESS;
		if (out->named_address.s.len == 0)
			out->named_address =
			    mime_marks_line(arena, named, NULL);
		return;
	}
}

/* ---- the header as a whole ---- */

static void
look_at_from(const struct mime_header *header, struct arena *arena,
    struct mime_sender *out)
{
	const struct mime_address *first = NULL;

	for (size_t i = 0; i < header->from.count; i++) {
		const struct mime_address *from = &header->from.list[i];
		bool is_confusable = false;

		if (from->address.s.len == 0 || i >= SENDERS_MAX)
			continue;
		if (first == NULL)
			first = from;
		else if (!str_eq_nocase(first->address.s, from->address.s))
			out->notices |= MIME_SENDER_SEVERAL_FROM;
		look_at_name(arena, from, out);
		(void)mime_host_address(arena, from->address, &is_confusable);
		if (is_confusable)
			out->notices |= MIME_SENDER_CONFUSABLE;
	}
	if (first == NULL)
		out->notices |= MIME_SENDER_NO_FROM;
}

static bool
is_from_owner(const struct mime_header *header, struct str address)
{
	for (size_t i = 0; i < header->from.count && i < SENDERS_MAX; i++) {
		if (has_same_owner(header->from.list[i].address.s, address))
			return true;
	}
	return false;
}

static void
look_at_reply(const struct mime_header *header, struct mime_sender *out)
{
	if ((out->notices & MIME_SENDER_NO_FROM) != 0)
		return;
	for (size_t i = 0; i < header->reply_to.count && i < SENDERS_MAX; i++) {
		struct text address = header->reply_to.list[i].address;
		if (address.s.len == 0 || is_from_owner(header, address.s))
			continue;
		out->notices |= MIME_SENDER_REPLY_ELSEWHERE;
		out->reply_address = address;
		return;
	}
}

static bool
is_list_field(const struct mime_field *field)
{
	return str_eq_nocase(field->name, STR("list-id")) ||
	       str_eq_nocase(field->name, STR("list-post")) ||
	       (str_eq_nocase(field->name, STR("precedence")) &&
	           str_eq_nocase(field->value, STR("list")));
}

static bool
is_name_field(const struct mime_field *field)
{
	return str_eq_nocase(field->name, STR("from")) ||
	       str_eq_nocase(field->name, STR("sender")) ||
	       str_eq_nocase(field->name, STR("reply-to"));
}

void
mime_sender_read(const struct mime_header *header, struct arena *arena,
    struct mime_sender *out)
{
	struct str rest = header->raw;
	struct mime_field field;
	bool is_list = false;

	*out = (struct mime_sender){0};
	look_at_from(header, arena, out);
	for (unsigned i = 0; i < FIELDS_MAX && mime_field_next(&rest, &field);
	     i++) {
		size_t removed = 0;
		is_list = is_list || is_list_field(&field);
		if (!is_name_field(&field))
			continue;
		(void)mime_marks_line(arena,
		    mime_words_decode(
		        arena, str_slice(field.value, 0, FIELD_BYTES)),
		    &removed);
		if (removed > 0)
			out->notices |= MIME_SENDER_HIDDEN_MARKS;
	}
	if (!is_list)
		look_at_reply(header, out);
}
