#include "page/page_receipt.h"

#include "base/tr.h"
#include "mail/smtp.h"
#include "mime/mime_resent.h"
#include "os/clock.h"
#include "os/file.h"
#include "page/compose_inside.h"
#include "page/page_identity.h"
#include "page/page_message.h"
#include "page/page_time.h"
#include "page/pages.h"

/* More than one would tell strangers that somebody reads here. */
#define RECEIPT_ADDRESSES_MOST 1

static bool
receipt_is_wanted(struct request *req, const struct mail_message *message,
    struct mime_reply_marks *out)
{
	mime_reply_marks(&message->header, req->arena, out);
	return out->receipt_to.count == RECEIPT_ADDRESSES_MOST &&
	       !text_is_empty(out->receipt_to.list[0].address) &&
	       (message->flags & (MAIL_RECEIPT_SENT | MAIL_DRAFT)) == 0;
}

void
page_receipt_view(
    struct request *req, const struct page_reading *page, struct view *view)
{
	const struct mime_addresses *from = &page->message.header.from;
	struct mail mail = page_mail(req);
	struct mime_reply_marks marks;
	struct text to;
	struct view *child;

	if (!receipt_is_wanted(req, &page->message, &marks) ||
	    page_folder_is_outgoing(&mail, &page->folders, page->id.folder))
		return;
	to = marks.receipt_to.list[0].address;
	child = view_child(view, "receipt");
	view_text(child, "to", to);
	view_bool(child, "is_elsewhere",
	    from->count != 1 || !str_eq_nocase(from->list[0].address.s, to.s));
	view_set_url(
	    child, "receipt_url", view_url_own(req->arena, STR("/receipt")));
}

/* ---- answering ---- */

/*
 * Of the same message always the same id, so that two windows send one
 * receipt; nobody else can tell it.
 */
static struct str
receipt_id(struct request *req, const struct mail_id *id)
{
	struct str what = str_printf(req->arena, "%.*s\n%.*s\n%u\n%u",
	    STR_ARG(req->session->account), STR_ARG(id->folder.s),
	    (unsigned)id->uid_validity, (unsigned)id->uid);

	return session_name_work(
	    req->app->sessions, "receipt", what, req->arena);
}

static enum err_code
receipt_write(void *ctx, int fd, uint64_t max_bytes, struct mime_built *out,
    struct err *err)
{
	enum err_code rc = mime_receipt_answer(ctx, fd, max_bytes, out, err);

	return rc == ERR_OK ? file_sync(fd, err) : rc;
}

static struct text
receipt_words(struct request *req, const struct mail_message *message)
{
	struct str subject = message->header.subject.s;
	struct str date = page_time_long(req, message->header.date_s).s;
	struct str words = str_printf(req->arena,
	    tr("The message you sent with the subject “%.*s” was displayed. "
	       "This says nothing about whether it was read or understood."),
	    STR_ARG(subject));

	if (message->header.date_s != 0)
		words = str_printf(req->arena,
		    tr("The message you sent on %.*s with the subject “%.*s” "
		       "was displayed. This says nothing about whether it was "
		       "read or understood."),
		    STR_ARG(date), STR_ARG(subject));
	return text_from(
	    req->arena, str_printf(req->arena, "%.*s\n", STR_ARG(words)));
}

static struct text
receipt_subject(struct request *req, const struct mail_message *message)
{
	return text_line(req->arena, str_printf(req->arena, tr("Read: %.*s"),
	                                 STR_ARG(message->header.subject.s)));
}

static enum err_code
receipt_send(struct request *req, const struct mail_id *id,
    const struct mail_message *message, const struct mime_reply_marks *marks,
    struct err *err)
{
	struct page_identity sender;
	struct compose compose = {.id = receipt_id(req, id)};
	struct mime_receipt_answer answer = {.to = marks->receipt_to,
	    .original_id = message->header.message_id,
	    .subject = receipt_subject(req, message),
	    .words = receipt_words(req, message),
	    .date_s = clock_now_s()};
	struct compose_built built = {.from = STR(SMTP_NOBODY),
	    .to = marks->receipt_to,
	    .keeps_no_copy = true,
	    .write = receipt_write,
	    .ctx = &answer};
	struct str own;
	enum err_code rc =
	    page_identity_for(req, &message->header, &compose.identity, err);

	if (rc == ERR_OK)
		rc = page_identity_get(req, compose.identity, &sender, err);
	if (rc == ERR_OK && compose.id.ptr == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "receipt_send");
	if (rc != ERR_OK)
		return rc;
	own = sender.address.s;
	answer.from = (struct mime_address){sender.name, sender.address};
	answer.message_id = mime_new_message_id(req->arena,
	    str_slice(own, str_find_byte(own, '@', 0) + 1, own.len));
	built.message_id = answer.message_id;
	compose.subject = answer.subject;
	compose.to = marks->receipt_to.list[0].address;
	return compose_send_built(req, &compose, &built, err);
}

/* A button of the message's page; a POST, and the only way to send one. */
enum err_code
page_receipt_post(struct request *req, struct response *res, struct err *err)
{
	bool is_sent = str_eq(request_field(req, "do"), STR("send"));
	struct mail mail = page_mail(req);
	struct mime_reply_marks marks;
	struct mail_message message;
	struct mail_uids one;
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = message_read_header(&mail, &id, &message, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message.uid_validity;
	one = (struct mail_uids){&id.uid, 1};
	if (!receipt_is_wanted(req, &message, &marks))
		return message_go_back(req, res, STR("receipt_before"), err);
	if (is_sent)
		rc = receipt_send(req, &id, &message, &marks, err);
	/* Servers without keywords keep none; the id stands for it then. */
	if (rc == ERR_OK)
		err_ignore(mail_store_flags(&mail, id.folder, id.uid_validity,
		    one, MAIL_RECEIPT_SENT, true, NULL));
	if (rc != ERR_OK)
		return rc;
	return message_go_back(
	    req, res, is_sent ? STR("receipt") : STR("no_receipt"), err);
}
