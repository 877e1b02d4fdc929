#include "base/buf.h"
#include "mime/mime_address.h"
#include "mime/mime_field.h"
#include "mime/mime_marks.h"

/*
 * Header blocks, by our own splitter: the fields of a message page are few,
 * and each is decoded by the pieces that mail/ uses for ENVELOPE as well.
 */

#define FIELD_BYTES ((size_t)64 << 10) /* of a text or list of ids */
#define BLOCK_BYTES ((size_t)4 << 20)  /* MaxMessageHeader goes up to that */

enum {
	LIST_FROM,
	LIST_SENDER,
	LIST_REPLY_TO,
	LIST_TO,
	LIST_CC,
	LIST_BCC,
	LIST_COUNT
};

static const char *const list_names[LIST_COUNT] = {
    "from", "sender", "reply-to", "to", "cc", "bcc"};

struct reader {
	struct arena *arena;
	struct mime_header *out;
	struct mime_address_list lists[LIST_COUNT];
};

static void
read_text(struct arena *arena, struct str value, struct text *out)
{
	if (out->s.len == 0)
		*out = mime_decode_text(arena, value);
}

/* "<a@b> <c@d>" as ids separated by one space, whatever stood between. */
static void
read_ids(struct arena *arena, struct str value, struct text *out)
{
	struct text line = mime_marks_line(arena, value, NULL);
	struct str rest = line.s;
	struct buf ids;

	if (out->s.len > 0)
		return;
	buf_init_arena(&ids, arena, line.s.len + 1);
	while (rest.len > 0) {
		struct str id = str_cut(&rest, ' ');
		if (id.len > 0 && ids.len > 0)
			buf_add_byte(&ids, ' ');
		buf_add(&ids, id);
	}
	out->s = buf_str(&ids);
}

static struct mime_address_list *
list_of(struct reader *reader, struct str name)
{
	for (size_t i = 0; i < LIST_COUNT; i++) {
		if (str_eq_nocase(name, str_c(list_names[i])))
			return &reader->lists[i];
	}
	return NULL;
}

/*
 * A second To field adds to the first (RFC 5322, 3.6 forbids it; it happens),
 * and so does a second From: who reads is told of all that are named. Of all
 * other fields the first one counts, as mail servers list and sort by it.
 */
static enum err_code
read_field(
    struct reader *reader, const struct mime_field *field, struct err *err)
{
	struct mime_address_list *list = list_of(reader, field->name);
	struct arena *arena = reader->arena;
	struct mime_header *out = reader->out;
	struct str value = str_slice(field->value, 0, FIELD_BYTES);

	if (list != NULL)
		return mime_address_append(
		    field->value, true, arena, list, err);
	if (str_eq_nocase(field->name, STR("subject")))
		read_text(arena, value, &out->subject);
	else if (str_eq_nocase(field->name, STR("message-id")))
		read_ids(arena, value, &out->message_id);
	else if (str_eq_nocase(field->name, STR("in-reply-to")))
		read_ids(arena, value, &out->in_reply_to);
	else if (str_eq_nocase(field->name, STR("references")))
		read_ids(arena, value, &out->references);
	else if (str_eq_nocase(field->name, STR("date")) && out->date_s == 0)
		out->date_s = mime_parse_date(value, &out->date_offset_minutes);
	return ERR_OK;
}

static void
keep_lists(const struct reader *reader)
{
	struct mime_header *out = reader->out;
	struct mime_addresses *const kept[LIST_COUNT] = {&out->from,
	    &out->sender, &out->reply_to, &out->to, &out->cc, &out->bcc};

	for (size_t i = 0; i < LIST_COUNT; i++) {
		*kept[i] = reader->lists[i].addresses;
		out->left_out += reader->lists[i].left_out;
	}
}

enum err_code
mime_parse_header(struct str bytes, struct arena *arena,
    struct mime_header *out, struct err *err)
{
	struct str rest =
	    mime_field_lines(arena, str_slice(bytes, 0, BLOCK_BYTES));
	struct reader reader = {.arena = arena, .out = out};
	struct mime_field field;
	enum err_code rc = ERR_OK;

	*out = (struct mime_header){.raw = rest};
	while (rc == ERR_OK && mime_field_next(&rest, &field))
		rc = read_field(&reader, &field, err);
	keep_lists(&reader);
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(
		    err, ERR_LIMIT, "The header is too long.", "mime: header");
	out->raw = str_slice(out->raw, 0, out->raw.len - rest.len);
	return rc;
}
