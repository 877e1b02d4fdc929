#include "base/codec.h"
#include "base/limits.h"
#include "base/scan.h"
#include "base/secret.h"
#include "mime/mime_address.h"
#include "mime/mime_attach.h"
#include "mime/mime_build_body.h"
#include "mime/mime_encode.h"
#include "os/clock.h"

/* Writes messages: the header here, its body in mime_build_body.c. */

#define IDS_MAX      100u
#define ID_BYTES_MAX 500u

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
add_one(struct mime_out *out, const struct mime_draft *draft,
    const struct mime_address *address, struct str comma)
{
	bool is_plain = is_ascii(address->address.s);

	if (!mime_address_is_sendable(address->address.s) ||
	    (draft->is_draft && !is_plain)) {
		add_unsendable(out, address, comma);
		return;
	}
	if (!is_plain)
		out->is_8bit = out->needs_utf8 = true;
	add_address(out, address, comma);
}

static void
add_addresses(struct mime_out *out, const struct mime_draft *draft,
    const char *field, const struct mime_address *list, size_t count)
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
		add_one(out, draft, &list[i], comma);
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
add_word(struct mime_out *out, const char *field, struct str word)
{
	mime_encode_field(out, field);
	mime_encode_token(out, word);
	mime_encode_end(out);
}

static void
add_line(struct mime_out *out, const char *field, struct text text)
{
	if (text_is_empty(text))
		return;
	mime_encode_field(out, field);
	mime_encode_text(out, text);
	mime_encode_end(out);
}

/* Three fields, because each of them is what some program looks at. */
static void
add_priority(struct mime_out *out, enum mime_priority priority)
{
	bool is_high = priority == MIME_PRIORITY_HIGH;

	if (priority == MIME_PRIORITY_NORMAL)
		return;
	add_word(out, "X-Priority", is_high ? STR("1") : STR("5"));
	add_word(out, "Importance", is_high ? STR("high") : STR("low"));
	add_word(out, "Priority", is_high ? STR("urgent") : STR("non-urgent"));
}

static void
add_compose_id(struct mime_out *out, const struct mime_draft *draft)
{
	char digits[32];

	if (!is_id(draft->compose_id))
		return;
	(void)snprintf(
	    digits, sizeof(digits), "%llu", (unsigned long long)draft->version);
	mime_encode_field(out, "X-Iwebmsg-Compose");
	mime_encode_token(out, draft->compose_id);
	mime_encode_token(out, str_c(digits));
	mime_encode_end(out);
}

static void
add_people(struct mime_out *out, const struct mime_draft *draft)
{
	add_addresses(out, draft, "From", &draft->from, 1);
	add_addresses(out, draft, "Reply-To", draft->reply_to.list,
	    draft->reply_to.count);
	add_addresses(out, draft, "To", draft->to.list, draft->to.count);
	add_addresses(out, draft, "Cc", draft->cc.list, draft->cc.count);
	if (draft->asks_receipt)
		add_addresses(
		    out, draft, "Disposition-Notification-To", &draft->from, 1);
}

static void
add_header(struct mime_out *out, const struct mime_draft *draft)
{
	add_date(out, draft->date_s);
	add_people(out, draft);
	add_line(out, "Subject", draft->subject);
	add_ids(out, "Message-ID", draft->message_id);
	add_ids(out, "In-Reply-To", draft->in_reply_to);
	add_ids(out, "References", draft->references);
	add_line(out, "Organization", draft->organization);
	add_priority(out, draft->priority);
	add_compose_id(out, draft);
	mime_out_add(out, STR("MIME-Version: 1.0\r\n"));
}

/* ---- the whole ---- */

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
	if (rc == ERR_OK)
		rc = check_list(&draft->reply_to, err);
	return rc;
}

/* The Bcc lines first, so that SMTP can begin behind them. */
static enum err_code
build(struct mime_out *out, const struct mime_draft *draft,
    struct mime_built *built)
{
	if (draft->write_bcc)
		add_addresses(
		    out, draft, "Bcc", draft->bcc.list, draft->bcc.count);
	built->head_bytes = out->total;
	/* These needs are of what SMTP sends. */
	out->is_8bit = out->needs_utf8 = false;
	add_header(out, draft);
	mime_build_body(out, draft);
	built->is_8bit = out->is_8bit;
	built->needs_utf8 = out->needs_utf8;
	return mime_out_end(out, &built->bytes);
}

enum err_code
mime_build(const struct mime_draft *draft, int fd, uint64_t max_bytes,
    struct mime_built *out, struct err *err)
{
	struct mime_out *bytes = NULL;
	enum err_code rc = check(draft, err);

	*out = (struct mime_built){0};
	if (rc != ERR_OK)
		return rc;
	bytes = malloc(sizeof(*bytes));
	if (bytes == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: build");
	mime_out_init(bytes, fd, max_bytes, err);
	rc = build(bytes, draft, out);
	free(bytes);
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
