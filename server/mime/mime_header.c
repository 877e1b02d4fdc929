#include "base/buf.h"
#include "base/limits.h"
#include "mime/mime_field.h"

/*
 * Header blocks, by our own splitter: the fields of a message page are few,
 * and each is decoded by the pieces that mail/ uses for ENVELOPE as well.
 */

#define FIELD_BYTES ((size_t)64 << 10) /* of one field that is decoded */
#define FIELDS_MAX  2000u
#define BLOCK_BYTES ((size_t)256 << 10)
#define JOINED_MAX  1000u /* addresses joined from repeated fields */

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
	struct text line = text_line(arena, value);
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

/* A second To field adds to the first (RFC 5322 forbids it; it happens). */
static enum err_code
read_addresses(struct arena *arena, struct str value,
    struct mime_addresses *out, struct err *err)
{
	struct mime_addresses more;
	struct mime_address *joined = NULL;
	enum err_code rc = mime_parse_addresses(value, arena, &more, err);

	if (rc != ERR_OK || more.count == 0)
		return rc;
	if (out->count == 0) {
		*out = more;
		return ERR_OK;
	}
	if (out->count + more.count > JOINED_MAX)
		return ERR_OK;
	joined =
	    ARENA_ARRAY(arena, out->count + more.count, struct mime_address);
	if (joined == NULL)
		return err_set(err, ERR_NO_MEMORY, "The header is too long.",
		    "mime: header addresses");
	memcpy(joined, out->list, out->count * sizeof(joined[0]));
	memcpy(joined + out->count, more.list, more.count * sizeof(joined[0]));
	out->list = joined;
	out->count += more.count;
	return ERR_OK;
}

static struct mime_addresses *
address_field(struct mime_header *header, struct str name)
{
	const struct {
		struct str name;
		struct mime_addresses *list;
	} fields[] = {
	    {STR("from"), &header->from},
	    {STR("sender"), &header->sender},
	    {STR("reply-to"), &header->reply_to},
	    {STR("to"), &header->to},
	    {STR("cc"), &header->cc},
	    {STR("bcc"), &header->bcc},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (str_eq_nocase(name, fields[i].name))
			return fields[i].list;
	}
	return NULL;
}

static enum err_code
read_field(struct arena *arena, const struct mime_field *field,
    struct mime_header *out, struct err *err)
{
	struct mime_addresses *list = address_field(out, field->name);
	struct str value = str_slice(field->value, 0, FIELD_BYTES);

	if (list != NULL)
		return read_addresses(arena, value, list, err);
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

enum err_code
mime_parse_header(struct str bytes, struct arena *arena,
    struct mime_header *out, struct err *err)
{
	struct str rest = str_slice(bytes, 0, BLOCK_BYTES);
	struct mime_field field;
	enum err_code rc = ERR_OK;

	*out = (struct mime_header){0};
	out->raw = rest;
	for (unsigned i = 0;
	     i < FIELDS_MAX && rc == ERR_OK && mime_field_next(&rest, &field);
	     i++)
		rc = read_field(arena, &field, out, err);
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(
		    err, ERR_LIMIT, "The header is too long.", "mime: header");
	out->raw = str_slice(out->raw, 0, out->raw.len - rest.len);
	return rc;
}
