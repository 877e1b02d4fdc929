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

#define REPLY_DELIVERED_MOST 20

static bool
reply_is_delivered(struct str name)
{
	static const char *const names[] = {"Delivered-To", "X-Original-To",
	    "X-Delivered-To", "Envelope-To", "X-Envelope-To"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(name, str_c(names[i])))
			return true;
	return false;
}

enum err_code
mime_reply_delivered(const struct mime_header *header, struct arena *arena,
    struct mime_addresses *out, struct err *err)
{
	struct str rest = mime_field_lines(arena, header->raw);
	struct mime_address *list =
	    ARENA_ARRAY(arena, REPLY_DELIVERED_MOST, struct mime_address);
	struct mime_field field;
	size_t count = 0;

	*out = (struct mime_addresses){0};
	if (list == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "mime_reply_delivered");
	while (count < REPLY_DELIVERED_MOST && mime_field_next(&rest, &field)) {
		struct mime_addresses found = {0};
		enum err_code rc = ERR_OK;

		if (!reply_is_delivered(field.name))
			continue;
		rc = mime_parse_addresses(field.value, arena, &found, err);
		if (rc != ERR_OK)
			return rc;
		if (found.count > 0)
			list[count++] = found.list[0];
	}
	*out = (struct mime_addresses){list, count};
	return ERR_OK;
}

/* "1", "1 (Highest)", "high", "urgent"; 3 and "normal" are in between. */
static enum mime_priority
reply_priority(struct str value)
{
	value = str_trim(value);
	if (value.len == 0)
		return MIME_PRIORITY_NORMAL;
	if (value.ptr[0] == '1' || value.ptr[0] == '2' ||
	    str_starts_nocase(value, STR("high")) ||
	    str_starts_nocase(value, STR("urgent")))
		return MIME_PRIORITY_HIGH;
	if (value.ptr[0] == '4' || value.ptr[0] == '5' ||
	    str_starts_nocase(value, STR("low")) ||
	    str_starts_nocase(value, STR("non-urgent")))
		return MIME_PRIORITY_LOW;
	return MIME_PRIORITY_NORMAL;
}

static bool
reply_is_priority(struct str name)
{
	return str_eq_nocase(name, STR("X-Priority")) ||
	       str_eq_nocase(name, STR("Importance")) ||
	       str_eq_nocase(name, STR("Priority"));
}

void
mime_reply_marks(const struct mime_header *header, struct arena *arena,
    struct mime_reply_marks *out)
{
	struct str rest = mime_field_lines(arena, header->raw);
	struct mime_field field;

	*out = (struct mime_reply_marks){0};
	while (mime_field_next(&rest, &field)) {
		if (reply_is_priority(field.name) &&
		    out->priority == MIME_PRIORITY_NORMAL)
			out->priority = reply_priority(field.value);
		if (!str_eq_nocase(
		        field.name, STR("Disposition-Notification-To")))
			continue;
		out->asks_receipt = true;
		err_ignore(mime_parse_addresses(
		    field.value, arena, &out->receipt_to, NULL));
	}
}
