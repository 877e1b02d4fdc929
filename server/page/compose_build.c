#include "page/compose_inside.h"

#include "base/tr.h"
#include "os/clock.h"
#include "page/page_identity.h"

/*
 * To, Cc and Bcc. What is wrong in any of them is said at once, beside the
 * first.
 */
static enum err_code
compose_draft_people(struct request *req, struct compose *compose, bool strict,
    struct mime_draft *out, struct err *err)
{
	static const char *const fields[3] = {
	    "error_to", "error_cc", "error_bcc"};
	static const char *const names[3] = {N_("To"), N_("Cc"), N_("Bcc")};
	struct arena *arena = req->arena;
	const struct text typed[3] = {compose->to, compose->cc, compose->bcc};
	struct mime_addresses *lists[3] = {&out->to, &out->cc, &out->bcc};
	struct err first = ERR_NONE;

	for (size_t i = 0; i < 3; i++) {
		const struct err before = first;
		struct err why = ERR_NONE;
		enum err_code rc =
		    strict ? mime_check_recipients(typed[i].s, page_domain(req),
		                 arena, lists[i], &why)
		           : mime_parse_addresses(
		                 typed[i].s, arena, lists[i], &why);

		if (rc != ERR_OK && rc != ERR_INPUT)
			return err_set(err, rc, why.message, why.detail);
		if (rc == ERR_INPUT && first.code != ERR_OK)
			err_ignore(err_sayf(&first, ERR_INPUT, "%s %s: %s",
			    before.message, tr(names[i]), why.message));
		else if (rc == ERR_INPUT) {
			first = why;
			compose->wrong_field = fields[i];
		}
	}
	if (first.code == ERR_OK)
		return ERR_OK;
	return err_set(err, first.code, first.message, first.detail);
}

enum err_code
compose_draft(struct request *req, struct compose *compose, bool strict,
    struct mime_draft *out, struct err *err)
{
	struct arena *arena = req->arena;
	struct str own;
	enum err_code rc = ERR_OK;

	out->is_draft = !strict;
	/* A draft may be wrong; what was found to be stays known. */
	if (strict)
		compose->wrong_field = NULL;
	rc = compose_draft_people(req, compose, strict, out, err);
	if (rc == ERR_OK)
		rc = page_identity_dress(req, compose->identity, out, err);
	if (rc != ERR_OK)
		return rc;
	own = out->from.address.s;
	out->subject = compose->subject;
	out->body = compose->body;
	out->html = compose->html.s;
	if (strict)
		rc = compose_rich_sent(req, compose, &out->html, err);
	out->priority = compose->priority;
	out->asks_receipt = compose->asks_receipt;
	out->in_reply_to = compose->in_reply_to;
	out->references = compose->references;
	out->date_s = clock_now_s();
	out->message_id = mime_new_message_id(
	    arena, str_slice(own, str_find_byte(own, '@', 0) + 1, own.len));
	return rc;
}

struct outbox_item
compose_item(struct request *req, const struct compose *compose,
    struct mime_draft *draft)
{
	return (struct outbox_item){
	    .store = req->app->store,
	    .account = req->session->account,
	    .compose_id = compose->id,
	    .spool_folder = req->app->spool_folder,
	    .draft = draft,
	    .login = req->session->login,
	    .password = &req->session->password,
	};
}

/* The message it started from: answered, forwarded, or replaced. */
void
compose_mark_source(struct request *req, const struct compose *compose)
{
	struct mail mail = page_mail(req);
	struct mail_uids one = {&compose->source_uid, 1};
	enum err_code rc = ERR_OK;

	if (compose->source_uid == 0)
		return;
	/* The rest is done, so this is, too, whether the browser left or not.
	 */
	mail.wait.cancel = NULL;
	if (compose->kind == COMPOSE_REPLY || compose->kind == COMPOSE_FORWARD)
		rc = mail_store_flags(&mail, compose->source_folder,
		    compose->source_validity, one,
		    compose->kind == COMPOSE_REPLY ? MAIL_ANSWERED
		                                   : MAIL_FORWARDED,
		    true, NULL);
	else if (compose->kind == COMPOSE_DRAFT)
		rc = mail_expunge(&mail, compose->source_folder,
		    compose->source_validity, one, NULL);
	if (rc != ERR_OK)
		log_event(
		    LOG_INFO, "compose.source", LOG_C("reason", err_name(rc)));
}
