#include "mime/mime_part.h"

#include "mime/mime_field.h"

static enum mime_disposition
disposition_of(struct str word)
{
	if (str_is_empty(word))
		return MIME_NO_DISPOSITION;
	/* RFC 2183, 2.8: unknown ones are attachments. */
	return str_eq(word, STR("inline")) ? MIME_INLINE : MIME_ATTACHMENT;
}

static struct text
without_angle(struct text id)
{
	struct str s = str_trim(id.s);

	if (str_starts(s, STR("<")))
		s = str_slice(s, 1, s.len);
	if (str_ends(s, STR(">")))
		s = str_slice(s, 0, s.len - 1);
	return (struct text){s};
}

/* RFC 2045, 5.2: what has no readable type is plain text. */
static void
read_type(struct mime_part *part, const struct mime_field_value *value)
{
	part->type = value->type;
	part->subtype = value->subtype;
	if (part->type.len == 0 ||
	    (part->subtype.len == 0 && str_eq(part->type, STR("text")))) {
		part->type = STR("text");
		part->subtype = STR("plain");
	} else if (part->subtype.len == 0) {
		part->type = STR("application");
		part->subtype = STR("octet-stream");
	}
}

void
mime_part_read(struct arena *arena, const struct mime_part_fields *fields,
    struct mime_part *out)
{
	struct mime_field_value type = mime_field_params(arena, fields->type);
	struct mime_field_value disposition =
	    mime_field_params(arena, fields->disposition);
	struct text charset = mime_param_find(
	    arena, type.params, type.param_count, STR("charset"));
	struct text format = mime_param_find(
	    arena, type.params, type.param_count, STR("format"));
	struct text delsp =
	    mime_param_find(arena, type.params, type.param_count, STR("delsp"));

	read_type(out, &type);
	out->params = type.params;
	out->param_count = type.param_count;
	out->charset.s = str_lower(arena, charset.s);
	out->name = mime_param_file_name(arena, disposition.params,
	    disposition.param_count, type.params, type.param_count);
	out->content_id = without_angle(text_line(arena, fields->id));
	out->description = mime_decode_text(arena, fields->description);
	out->disposition = disposition_of(disposition.type);
	out->encoding = mime_encoding_of(fields->encoding);
	out->is_flowed = str_eq_nocase(format.s, STR("flowed"));
	out->is_delsp = str_eq_nocase(delsp.s, STR("yes"));
}

size_t
mime_part_body(struct str bytes)
{
	struct str rest = bytes;
	struct mime_field field;
	bool has_field = false;

	while (mime_field_next(&rest, &field))
		has_field = true;
	return has_field ? bytes.len - rest.len : 0;
}

void
mime_part_of_text(struct str bytes, struct mime_part *part)
{
	*part = (struct mime_part){
	    .section = STR("1"), .type = STR("text"), .subtype = STR("plain")};
	part->content = str_slice(bytes, mime_part_body(bytes), bytes.len);
	part->bytes = part->content.len;
}
