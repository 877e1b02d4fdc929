#include "mime/mime_address.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/scan.h"
#include "mime/mime_angle.h"
#include "mime/mime_marks.h"

/*
 * Address lists as they come, right or wrong (RFC 5322, 3.4 and 4.4):
 *
 *   address   = mailbox / group
 *   mailbox   = [ phrase ] "<" [ route ] addr-spec ">" / addr-spec
 *   group     = phrase ":" [ mailbox-list ] ";"
 *
 * One pass, one level, a counter for nested comments: the time is linear and
 * the stack does not grow, whatever is sent.
 */

struct reader {
	struct scan scan;
	struct arena *arena;
	struct mime_address_list *out;
	size_t first;       /* of this field, in a list that goes on */
	struct buf words;   /* display: quotes resolved, comments left out */
	struct buf bare;    /* the same as it came, without blanks */
	struct buf comment; /* the first one */
	struct str angle;   /* between < and > */
	size_t angle_words; /* so much of `words` stood before it */
	bool has_angle;
	bool has_blank; /* blanks between two words */
	bool joins_names;
};

static void
reader_clear(struct reader *reader)
{
	buf_clear(&reader->words);
	buf_clear(&reader->bare);
	buf_clear(&reader->comment);
	reader->has_angle = false;
	reader->has_blank = false;
}

/* Far more names than a page shows; see CHANGES_MAX of mime_words.c. */
#define NAMES_MAX 1000u

static struct text
read_name(const struct reader *reader, struct str name)
{
	if (reader->out->addresses.count >= NAMES_MAX &&
	    str_find(name, STR("=?"), 0) < name.len)
		return TEXT("");
	return mime_decode_text(reader->arena, str_dup(reader->arena, name));
}

static void
add_address(struct reader *reader, struct str name, struct str address)
{
	struct mime_address_list *list = reader->out;
	struct mime_addresses *out = &list->addresses;
	struct mime_address *entry;

	if (out->count >= MIME_ADDRESSES_MAX) {
		list->left_out++;
		return;
	}
	out->list = arena_grow(reader->arena, out->list, out->count,
	    &list->capacity, sizeof(out->list[0]));
	if (out->list == NULL) {
		out->count = 0;
		return;
	}
	entry = &out->list[out->count];
	entry->name = read_name(reader, name);
	entry->address = mime_marks_line(
	    reader->arena, str_dup(reader->arena, address), NULL);
	out->count++;
}

/* "Doe, John <j@x>" without quotes: the comma belongs to the name. */
static bool
join_name(struct reader *reader, struct str name, struct str address)
{
	struct mime_addresses *out = &reader->out->addresses;
	struct mime_address *last = NULL;

	if (!reader->joins_names || out->count <= reader->first)
		return false;
	last = &out->list[out->count - 1];
	if (str_is_empty(last->address.s) || !text_is_empty(last->name) ||
	    str_find_byte(last->address.s, '@', 0) < last->address.s.len)
		return false;
	last->name = (struct text){str_join(reader->arena,
	    (struct str[]){last->address.s, STR(", "),
	        mime_decode_text(reader->arena, name).s},
	    3)};
	last->address = mime_marks_line(
	    reader->arena, str_dup(reader->arena, address), NULL);
	return true;
}

/* A source route "@a,@b:" is dropped (RFC 5322, 4.4). */
static struct str
without_route(struct str address)
{
	size_t colon = 0;

	if (address.len == 0 || address.ptr[0] != '@')
		return address;
	colon = str_find_byte(address, ':', 0);
	return colon == address.len
	           ? address
	           : str_slice(address, colon + 1, address.len);
}

static void
end_angle(struct reader *reader)
{
	struct str name = str_trim(buf_str(&reader->words));
	struct str address = without_route(
	    str_trim(mime_angle_clean(reader->arena, reader->angle)));

	if (name.len == 0)
		name = str_trim(buf_str(&reader->comment));
	if (str_starts_nocase(address, STR("mailto:")))
		address = str_slice(address, 7, address.len);
	if (name.len == 0 && address.len == 0)
		return;
	if (!join_name(reader, name, address))
		add_address(reader, name, address);
}

/* No angle brackets: an address, a name, or both with the address last. */
static void
end_plain(struct reader *reader)
{
	struct str words = str_trim(buf_str(&reader->words));
	struct str bare = buf_str(&reader->bare);
	size_t last_blank = words.len;

	if (bare.len == 0)
		return;
	for (size_t i = words.len; i > 0 && last_blank == words.len; i--) {
		if (words.ptr[i - 1] == ' ')
			last_blank = i - 1;
	}
	if (str_starts_nocase(bare, STR("mailto:")))
		bare = str_slice(bare, 7, bare.len);
	if (reader->has_blank && last_blank < words.len) {
		struct str last = str_slice(words, last_blank + 1, words.len);
		if (str_find_byte(last, '@', 1) < last.len)
			add_address(
			    reader, str_slice(words, 0, last_blank), last);
		else if (str_find_byte(bare, '@', 0) < bare.len &&
		         bare.ptr[0] != '@')
			/* "john @ example.org" */
			add_address(
			    reader, str_trim(buf_str(&reader->comment)), bare);
		else
			add_address(reader, words, STR(""));
		return;
	}
	/* Whatever an encoded-word says, it is no address. */
	if (str_starts(bare, STR("=?")) &&
	    str_find_byte(bare, '@', 0) == bare.len) {
		add_address(reader, bare, STR(""));
		return;
	}
	add_address(reader, str_trim(buf_str(&reader->comment)), bare);
}

static void
end_mailbox(struct reader *reader)
{
	if (reader->has_angle)
		end_angle(reader);
	else
		end_plain(reader);
	reader_clear(reader);
}

static void
read_quoted(struct reader *reader)
{
	buf_add_byte(&reader->bare, '"');
	while (!scan_end(&reader->scan)) {
		int byte = scan_next(&reader->scan);
		if (byte == '"')
			break;
		if (byte == '\\' && !scan_end(&reader->scan)) {
			buf_add_byte(&reader->bare, '\\');
			byte = scan_next(&reader->scan);
		}
		buf_add_byte(&reader->words, (char)byte);
		buf_add_byte(&reader->bare, (char)byte);
	}
	buf_add_byte(&reader->bare, '"');
}

static void
read_comment(struct reader *reader)
{
	bool is_first = reader->comment.len == 0;
	size_t depth = 1;

	while (!scan_end(&reader->scan)) {
		int byte = scan_next(&reader->scan);
		if (byte == '\\' && !scan_end(&reader->scan))
			byte = scan_next(&reader->scan);
		else if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			return;
		if (is_first)
			buf_add_byte(&reader->comment, (char)byte);
	}
}

/* "<a@x> Carla <b@x>": the comma was forgotten. */
static void
split_at_angle(struct reader *reader)
{
	struct str words = buf_str(&reader->words);
	struct str behind = str_dup(
	    reader->arena, str_slice(words, reader->angle_words, words.len));

	reader->words.len = reader->angle_words;
	end_mailbox(reader);
	buf_add(&reader->words, str_trim(behind));
}

/* Up to ">", not fooled by ">" within a quoted local part. */
static void
read_angle(struct reader *reader)
{
	size_t from = 0;
	bool is_quoted = false;

	if (reader->has_angle)
		split_at_angle(reader);
	from = reader->scan.at;
	while (!scan_end(&reader->scan)) {
		int byte = scan_peek(&reader->scan);
		if (byte == '"')
			is_quoted = !is_quoted;
		if (byte == '>' && !is_quoted)
			break;
		if (byte == '\\' && is_quoted)
			(void)scan_next(&reader->scan);
		(void)scan_next(&reader->scan);
	}
	reader->angle = str_slice(reader->scan.in, from, reader->scan.at);
	reader->has_angle = true;
	reader->angle_words = reader->words.len;
	(void)scan_byte(&reader->scan, '>');
}

/* ":" ends a group's name, but not that of a bare "mailto:". */
static void
read_colon(struct reader *reader)
{
	struct str bare = buf_str(&reader->bare);

	if (reader->has_angle)
		return;
	if (str_eq_nocase(bare, STR("mailto")) ||
	    str_find_byte(bare, '[', 0) < bare.len) { /* [IPv6:…] */
		buf_add_byte(&reader->bare, ':');
		buf_add_byte(&reader->words, ':');
		return;
	}
	add_address(reader, str_trim(buf_str(&reader->words)), STR(""));
	reader_clear(reader);
}

static void
read_blank(struct reader *reader)
{
	(void)scan_while(&reader->scan, " \t\r\n");
	if (reader->words.len == 0)
		return;
	buf_add_byte(&reader->words, ' ');
	reader->has_blank = true;
}

static void
read_piece(struct reader *reader, int byte)
{
	switch (byte) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		read_blank(reader);
		break;
	case '"':
		read_quoted(reader);
		break;
	case '(':
		read_comment(reader);
		break;
	case '<':
		read_angle(reader);
		break;
	case ':':
		read_colon(reader);
		break;
	case ',':
	case ';':
		end_mailbox(reader);
		break;
	default:
		buf_add_byte(&reader->words, (char)byte);
		buf_add_byte(&reader->bare, (char)byte);
		break;
	}
}

/* After blanks at the end `has_blank` must not count: "a@b " is one word. */
static void
trim_blank(struct reader *reader)
{
	struct str words = buf_str(&reader->words);

	if (reader->has_blank &&
	    str_find_byte(str_trim(words), ' ', 0) == str_trim(words).len)
		reader->has_blank = false;
}

enum err_code
mime_address_append(struct str raw, bool joins_names, struct arena *arena,
    struct mime_address_list *list, struct err *err)
{
	struct reader reader = {.scan = scan_of(raw),
	    .arena = arena,
	    .out = list,
	    .first = list->addresses.count,
	    .joins_names = joins_names};

	buf_init(&reader.words, raw.len + 1);
	buf_init(&reader.bare, raw.len + 3);
	buf_init(&reader.comment, raw.len + 1);
	while (!scan_end(&reader.scan)) {
		int byte = scan_next(&reader.scan);
		if (byte == ',' || byte == ';')
			trim_blank(&reader);
		read_piece(&reader, byte);
	}
	trim_blank(&reader);
	end_mailbox(&reader);
	buf_free(&reader.words);
	buf_free(&reader.bare);
	buf_free(&reader.comment);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The address list is too long.", "mime: address list");
	return ERR_OK;
}

enum err_code
mime_address_read(struct str raw, bool joins_names, struct arena *arena,
    struct mime_addresses *out, struct err *err)
{
	struct mime_address_list list = {0};
	enum err_code rc =
	    mime_address_append(raw, joins_names, arena, &list, err);

	*out = list.addresses;
	return rc;
}

enum err_code
mime_parse_addresses(struct str raw, struct arena *arena,
    struct mime_addresses *out, struct err *err)
{
	return mime_address_read(raw, true, arena, out, err);
}
