#include "base/codec.h"
#include "base/limits.h"
#include "base/scan.h"
#include "base/secret.h"
#include "mime/mime_address.h"
#include "mime/mime_attach.h"
#include "mime/mime_encode.h"
#include "mime/mime_flow.h"
#include "os/clock.h"

/*
 * Writes messages. The text is format=flowed (RFC 3676), 7-bit when it is
 * ASCII and quoted-printable when not.
 */

#define BOUNDARY_RANDOM_BYTES 16u
#define IDS_MAX               100u
#define ID_BYTES_MAX          500u

/* ---- header ---- */

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

static void
add_addresses(struct mime_out *out, const char *field,
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
		if (mime_address_is_sendable(list[i].address.s))
			add_address(out, &list[i], comma);
		else
			add_unsendable(out, &list[i], comma);
	}
	mime_encode_end(out);
}

static bool
is_id(struct str id)
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
		count += is_id(scan_until(&scan, " \t\n"));
	}
	return count;
}

/* Of too many the first and the last are kept, as RFC 5537, 3.4.4 advises. */
static void
add_ids(struct mime_out *out, const char *field, struct text ids)
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
		if (!is_id(id))
			continue;
		if (number == 0 || count - number < IDS_MAX)
			mime_encode_token(out, id);
		number++;
	}
	mime_encode_end(out);
}

static void
add_date(struct mime_out *out, int64_t date_s)
{
	struct buf date;

	buf_init(&date, 100);
	clock_add_mail(&date, date_s);
	mime_encode_field(out, "Date");
	mime_encode_token(out, buf_str(&date));
	mime_encode_end(out);
	buf_free(&date);
}

static void
add_header(struct mime_out *out, const struct mime_draft *draft)
{
	add_date(out, draft->date_s);
	add_addresses(out, "From", &draft->from, 1);
	add_addresses(out, "To", draft->to.list, draft->to.count);
	add_addresses(out, "Cc", draft->cc.list, draft->cc.count);
	if (draft->write_bcc)
		add_addresses(out, "Bcc", draft->bcc.list, draft->bcc.count);
	if (!text_is_empty(draft->subject)) {
		mime_encode_field(out, "Subject");
		mime_encode_text(out, draft->subject);
		mime_encode_end(out);
	}
	add_ids(out, "Message-ID", draft->message_id);
	add_ids(out, "In-Reply-To", draft->in_reply_to);
	add_ids(out, "References", draft->references);
	if (is_id(draft->compose_id)) {
		mime_encode_field(out, "X-Iwebmsg-Compose");
		mime_encode_token(out, draft->compose_id);
		mime_encode_end(out);
	}
	mime_out_add(out, STR("MIME-Version: 1.0\r\n"));
}

/* ---- text ---- */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x7f)
			return false;
	}
	return true;
}

static bool
write_plain_line(void *ctx, struct str line)
{
	struct mime_out *out = ctx;

	mime_out_add(out, line);
	mime_out_add(out, STR("\r\n"));
	return out->failed == ERR_OK;
}

static bool
write_qp_line(void *ctx, struct str line)
{
	struct mime_out *out = ctx;

	mime_encode_qp_line(out, line);
	return out->failed == ERR_OK;
}

static void
add_text(struct mime_out *out, struct text body)
{
	bool is_plain = is_ascii(body.s);

	mime_out_add(out,
	    STR("Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
	        "Content-Transfer-Encoding: "));
	mime_out_add_c(
	    out, is_plain ? "7bit\r\n\r\n" : "quoted-printable\r\n\r\n");
	(void)mime_flow_write(
	    body, is_plain ? write_plain_line : write_qp_line, out);
}

/* ---- the whole ---- */

static void
add_parts(struct mime_out *out, const struct mime_draft *draft)
{
	unsigned char random[BOUNDARY_RANDOM_BYTES];
	struct buf boundary;

	secret_fill_random(random, sizeof(random));
	buf_init(&boundary, 100);
	buf_add(&boundary, STR("=_"));
	codec_hex_encode(
	    &boundary, str_of((const char *)random, sizeof(random)));
	mime_out_add(out, STR("Content-Type: multipart/mixed; boundary=\""));
	mime_out_add(out, buf_str(&boundary));
	mime_out_add(out, STR("\"\r\n\r\n--"));
	mime_out_add(out, buf_str(&boundary));
	mime_out_add(out, STR("\r\n"));
	add_text(out, draft->body);
	for (size_t i = 0; i < draft->file_count; i++) {
		mime_out_add(out, STR("\r\n--"));
		mime_out_add(out, buf_str(&boundary));
		mime_out_add(out, STR("\r\n"));
		mime_attach_add(out, &draft->files[i]);
	}
	mime_out_add(out, STR("\r\n--"));
	mime_out_add(out, buf_str(&boundary));
	mime_out_add(out, STR("--\r\n"));
	buf_free(&boundary);
}

static enum err_code
check_list(const struct mime_addresses *list, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct str address = list->list[i].address.s;
		if (!mime_address_is_sendable(address))
			return err_sayf(err, ERR_INPUT,
			    "“%.*s” is not an address that mail can be "
			    "sent to.",
			    (int)(address.len < 80 ? address.len : 80),
			    address.len > 0 ? address.ptr : "");
	}
	return ERR_OK;
}

static enum err_code
check(const struct mime_draft *draft, struct err *err)
{
	struct mime_address from = draft->from;
	const struct mime_addresses sender = {.list = &from, .count = 1};
	enum err_code rc = ERR_OK;

	if (draft->is_draft)
		return ERR_OK;
	rc = check_list(&sender, err);
	if (rc == ERR_OK)
		rc = check_list(&draft->to, err);
	if (rc == ERR_OK)
		rc = check_list(&draft->cc, err);
	if (rc == ERR_OK)
		rc = check_list(&draft->bcc, err);
	return rc;
}

enum err_code
mime_build(const struct mime_draft *draft, int fd, uint64_t max_bytes,
    uint64_t *out_bytes, struct err *err)
{
	struct mime_out *out = NULL;
	enum err_code rc = check(draft, err);

	*out_bytes = 0;
	if (rc != ERR_OK)
		return rc;
	out = malloc(sizeof(*out));
	if (out == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: build");
	mime_out_init(out, fd, max_bytes, err);
	add_header(out, draft);
	if (draft->file_count > 0)
		add_parts(out, draft);
	else
		add_text(out, draft->body);
	rc = mime_out_end(out, out_bytes);
	free(out);
	return rc;
}

struct text
mime_new_message_id(struct arena *arena, struct str domain)
{
	unsigned char random[20];
	struct buf id;
	bool is_good = mime_attach_is_token(domain);

	secret_fill_random(random, sizeof(random));
	buf_init_arena(&id, arena, 500);
	buf_add_byte(&id, '<');
	codec_hex_encode(&id, str_of((const char *)random, sizeof(random)));
	buf_add_byte(&id, '@');
	buf_add(&id, is_good ? domain : STR("localhost.invalid"));
	buf_add_byte(&id, '>');
	return id.failed == ERR_OK ? (struct text){buf_str(&id)}
	                           : (struct text){0};
}
