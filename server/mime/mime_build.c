#include "base/codec.h"
#include "base/limits.h"
#include "base/secret.h"
#include "mime/mime_address.h"
#include "mime/mime_attach.h"
#include "mime/mime_build_body.h"
#include "mime/mime_build_head.h"
#include "mime/mime_encode.h"

/* Writes messages: what they are made of is in mime_build_head.c and
 * mime_build_body.c. */

/* ---- header ---- */

/* Three fields, because each of them is what some program looks at. */
static void
add_priority(struct mime_out *out, enum mime_priority priority)
{
	bool is_high = priority == MIME_PRIORITY_HIGH;

	if (priority == MIME_PRIORITY_NORMAL)
		return;
	mime_head_word(out, "X-Priority", is_high ? STR("1") : STR("5"));
	mime_head_word(out, "Importance", is_high ? STR("high") : STR("low"));
	mime_head_word(
	    out, "Priority", is_high ? STR("urgent") : STR("non-urgent"));
}

static void
add_compose_id(struct mime_out *out, const struct mime_draft *draft)
{
	char digits[32];

	if (!mime_head_is_id(draft->compose_id))
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
	mime_head_addresses(out, draft->is_draft, "From", &draft->from, 1);
	mime_head_addresses(out, draft->is_draft, "Reply-To",
	    draft->reply_to.list, draft->reply_to.count);
	mime_head_addresses(
	    out, draft->is_draft, "To", draft->to.list, draft->to.count);
	mime_head_addresses(
	    out, draft->is_draft, "Cc", draft->cc.list, draft->cc.count);
	if (draft->asks_receipt)
		mime_head_addresses(out, draft->is_draft,
		    "Disposition-Notification-To", &draft->from, 1);
}

static void
add_header(struct mime_out *out, const struct mime_draft *draft)
{
	mime_head_date(out, "Date", draft->date_s);
	add_people(out, draft);
	mime_head_line(out, "Subject", draft->subject);
	mime_head_ids(out, "Message-ID", draft->message_id);
	mime_head_ids(out, "In-Reply-To", draft->in_reply_to);
	mime_head_ids(out, "References", draft->references);
	mime_head_line(out, "Organization", draft->organization);
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
		mime_head_addresses(out, draft->is_draft, "Bcc",
		    draft->bcc.list, draft->bcc.count);
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
	bytes->is_lasting = !draft->is_draft;
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
