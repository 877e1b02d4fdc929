#include "base/tr.h"
#include "mime/mime_resent.h"
#include "os/clock.h"
#include "os/file.h"
#include "page/compose_inside.h"
#include "page/page_identity.h"
#include "page/page_message.h"
#include "page/pages.h"

/* Redirect: a message goes on to somebody else as it is. */

struct resend {
	struct request *req;
	struct mail_id id;
	struct mail_message message;
	struct page_identity sender;
	struct compose compose;
};

static enum err_code
resend_read(struct resend *resend, struct err *err)
{
	struct request *req = resend->req;
	struct mail mail = page_mail(req);
	struct compose *compose = &resend->compose;
	enum err_code rc = page_message_id(req, &resend->id, err);

	if (rc == ERR_OK)
		rc = message_read_header(
		    &mail, &resend->id, &resend->message, err);
	if (rc == ERR_OK)
		rc = page_identity_for(
		    req, &resend->message.header, &compose->identity, err);
	if (rc == ERR_OK)
		rc = page_identity_get(
		    req, compose->identity, &resend->sender, err);
	if (rc != ERR_OK)
		return rc;
	resend->id.uid_validity = resend->message.uid_validity;
	compose->subject = resend->message.header.subject;
	compose->source_folder = resend->id.folder;
	compose->source_uid = resend->id.uid;
	compose->source_validity = resend->id.uid_validity;
	return ERR_OK;
}

static enum err_code
resend_show(struct resend *resend, struct response *res, const char *words,
    struct err *err)
{
	struct request *req = resend->req;
	const struct mime_header *header = &resend->message.header;
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Redirect a message"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/redirect")));
	view_set_url(view, "message_url",
	    page_message_url(req->arena, "/message", &resend->id));
	view_str(view, "id", resend->compose.id);
	view_text(view, "folder", resend->id.folder);
	view_u64(view, "uid", resend->id.uid);
	view_u64(view, "uidvalidity", resend->id.uid_validity);
	view_text(view, "subject", header->subject);
	if (header->from.count > 0)
		view_text(view, "from",
		    text_is_empty(header->from.list[0].name)
		        ? header->from.list[0].address
		        : header->from.list[0].name);
	view_text(view, "own_address", resend->sender.address);
	view_text(view, "to", resend->compose.to);
	if (words != NULL)
		view_text(
		    view, "error_to", text_line(req->arena, str_c(words)));
	return page_send(req, res, "redirect.html", view, err);
}

enum err_code
page_resend(struct request *req, struct response *res, struct err *err)
{
	struct resend resend = {.req = req};
	enum err_code rc = resend_read(&resend, err);

	if (rc != ERR_OK)
		return rc;
	resend.compose.id = compose_id_new(req->arena);
	return resend_show(&resend, res, NULL, err);
}

/* ---- sending ---- */

/* What goes in front, and whose message it is. */
struct resend_work {
	struct resend *resend;
	struct mime_resent resent;
};

static enum err_code
resend_stream(void *ctx, mime_sink_fn *sink, void *sink_ctx, struct err *err)
{
	struct resend_work *work = ctx;
	struct mail mail = page_mail(work->resend->req);

	return mail_part_stream(
	    &mail, &work->resend->id, NULL, sink, sink_ctx, err);
}

static enum err_code
resend_write(void *ctx, int fd, uint64_t max_bytes, struct mime_built *out,
    struct err *err)
{
	struct resend_work *work = ctx;
	enum err_code rc = mime_resent(&work->resent, fd, max_bytes, out, err);

	return rc == ERR_OK ? file_sync(fd, err) : rc;
}

static enum err_code
resend_send(struct resend *resend, struct err *err)
{
	struct request *req = resend->req;
	struct str own = resend->sender.address.s;
	struct resend_work work = {.resend = resend,
	    .resent = {.from = {resend->sender.name, resend->sender.address},
	        .date_s = clock_now_s(),
	        .stream = resend_stream}};
	struct compose_built built = {.from = own,
	    .write = resend_write,
	    .ctx = &work,
	    .is_7bit_only = &work.resent.is_7bit_only};
	enum err_code rc = mime_check_recipients(resend->compose.to.s,
	    page_domain(req), req->arena, &work.resent.to, err);

	if (rc == ERR_OK && work.resent.to.count == 0)
		rc = err_set(err, ERR_INPUT,
		    "Please say to whom the message is to go.", NULL);
	if (rc != ERR_OK)
		return rc;
	work.resent.ctx = &work;
	work.resent.message_id = mime_new_message_id(req->arena,
	    str_slice(own, str_find_byte(own, '@', 0) + 1, own.len));
	built.to = work.resent.to;
	built.message_id = work.resent.message_id;
	return compose_send_built(req, &resend->compose, &built, err);
}

enum err_code
page_resend_post(struct request *req, struct response *res, struct err *err)
{
	struct resend resend = {.req = req};
	struct err words = ERR_NONE;
	enum err_code rc = resend_read(&resend, err);

	if (rc != ERR_OK)
		return rc;
	resend.compose.id = request_field(req, "id");
	if (!compose_id_is_valid(resend.compose.id))
		return err_set(err, ERR_INPUT,
		    "This form is not one of ours. Please open the message "
		    "again.",
		    NULL);
	resend.compose.to = text_line(req->arena, request_field(req, "to"));
	rc = resend_send(&resend, &words);
	if (rc == ERR_LOGIN)
		return err_set(err, rc, words.message, words.detail);
	if (rc != ERR_OK) {
		response_status(res, rc == ERR_AWAY || rc == ERR_BUSY ? 503
		                     : rc == ERR_LIMIT                ? 413
		                                                      : 422);
		return resend_show(&resend, res, words.message, err);
	}
	return page_redirect(
	    req, res, compose_url(req, "/sent", &resend.compose, false), err);
}
