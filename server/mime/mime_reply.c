#include "mime/mime_reply.h"

#include "mime/mime_field.h"

enum err_code
mime_reply_followup(const struct mime_header *header, struct arena *arena,
    struct mime_addresses *out, struct err *err)
{
	struct str rest = mime_field_lines(arena, header->raw);
	struct mime_field field;

	*out = (struct mime_addresses){0};
	while (mime_field_next(&rest, &field))
		if (str_eq_nocase(field.name, STR("Mail-Followup-To")))
			return mime_parse_addresses(
			    field.value, arena, out, err);
	return ERR_OK;
}
