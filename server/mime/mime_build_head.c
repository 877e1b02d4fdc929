#include "mime/mime_build_head.h"

#include "base/limits.h"
#include "base/scan.h"
#include "mime/mime_address.h"
#include "mime/mime_encode.h"
#include "os/clock.h"

/* Fields of a header that is written. */

#define IDS_MAX      100u
#define ID_BYTES_MAX 500u

/* What is no address: a draft keeps it as an empty group, "Bob":; */
static void
add_unsendable(
    struct mime_out *out, const struct mime_address *address, struct str comma)
{
	struct text typed =
	    text_is_empty(address->address) ? address->name : address->address;
	char tail[4] = ":;,";

	mime_encode_phrase(out, typed, str_of(tail, comma.len > 0 ? 3 : 2));
}

static void
add_address(
    struct mime_out *out, const struct mime_address *address, struct str comma)
{
	struct buf token;

	buf_init(&token, LIMIT_NAME_BYTES);
	if (!text_is_empty(address->name)) {
		mime_encode_phrase(out, address->name, STR(""));
		buf_add_byte(&token, '<');
	}
	buf_add(&token, address->address.s);
	if (!text_is_empty(address->name))
		buf_add_byte(&token, '>');
	buf_add(&token, comma);
	mime_encode_token(out, buf_str(&token));
	buf_free(&token);
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x7f)
			return false;
	}
	return true;
}

/* A draft stays ASCII: no server is asked what it takes in a header. */
static void
add_one(struct mime_out *out, bool is_draft, const struct mime_address *address,
    struct str comma)
{
	bool is_plain = is_ascii(address->address.s);

	if (!mime_address_is_sendable(address->address.s) ||
	    (is_draft && !is_plain)) {
		add_unsendable(out, address, comma);
		return;
	}
	if (!is_plain)
		out->is_8bit = out->needs_utf8 = true;
	add_address(out, address, comma);
}

void
mime_head_addresses(struct mime_out *out, bool is_draft, const char *field,
    const struct mime_address *list, size_t count)
{
	bool has_any = false;

	for (size_t i = 0; i < count; i++)
		has_any = has_any || !text_is_empty(list[i].address) ||
		          !text_is_empty(list[i].name);
	if (!has_any)
		return;
	mime_encode_field(out, field);
	for (size_t i = 0; i < count; i++) {
		struct str comma = i + 1 < count ? STR(",") : STR("");
		add_one(out, is_draft, &list[i], comma);
	}
	mime_encode_end(out);
}

bool
mime_head_is_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++) {
		if (id.ptr[i] <= ' ' || id.ptr[i] > '~')
			return false;
	}
	return id.len > 0 && id.len <= ID_BYTES_MAX;
}

static size_t
count_ids(struct str ids)
{
	struct scan scan = scan_of(ids);
	size_t count = 0;

	while (!scan_end(&scan)) {
		(void)scan_while(&scan, " \t\n");
		count += mime_head_is_id(scan_until(&scan, " \t\n"));
	}
	return count;
}

/* Of too many the first and the last are kept, as RFC 5537, 3.4.4 advises. */
void
mime_head_ids(struct mime_out *out, const char *field, struct text ids)
{
	struct scan scan = scan_of(ids.s);
	size_t count = count_ids(ids.s);
	size_t number = 0;

	if (count == 0)
		return;
	mime_encode_field(out, field);
	while (!scan_end(&scan)) {
		struct str id;
		(void)scan_while(&scan, " \t\n");
		id = scan_until(&scan, " \t\n");
		if (!mime_head_is_id(id))
			continue;
		if (number == 0 || count - number < IDS_MAX)
			mime_encode_token(out, id);
		number++;
	}
	mime_encode_end(out);
}

void
mime_head_date(struct mime_out *out, const char *field, int64_t date_s)
{
	struct buf date;

	buf_init(&date, 100);
	clock_add_mail(&date, date_s);
	mime_encode_field(out, field);
	mime_encode_token(out, buf_str(&date));
	mime_encode_end(out);
	buf_free(&date);
}

void
mime_head_word(struct mime_out *out, const char *field, struct str word)
{
	mime_encode_field(out, field);
	mime_encode_token(out, word);
	mime_encode_end(out);
}

void
mime_head_line(struct mime_out *out, const char *field, struct text text)
{
	if (text_is_empty(text))
		return;
	mime_encode_field(out, field);
	mime_encode_text(out, text);
	mime_encode_end(out);
}
