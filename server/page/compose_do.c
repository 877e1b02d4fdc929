#include "page/compose_inside.h"

#include "base/num.h"
#include "mail/outbox.h"
#include "os/clock.h"
#include "page/page_identity.h"
#include "page/page_login.h"
#include "page/pages.h"

static unsigned
compose_status(enum err_code rc)
{
	if (rc == ERR_AWAY || rc == ERR_BUSY || rc == ERR_NO_MEMORY)
		return 503;
	if (rc == ERR_LIMIT)
		return 413;
	return rc == ERR_INTERNAL ? 500 : 422;
}

/* What was wrong is in the words; the form stays as it was typed. */
enum err_code
compose_again(struct request *req, struct response *res,
    const struct compose *compose, enum err_code rc, struct err *err)
{
	struct err words = *err;

	/* The session ends: the login page carries the form. */
	if (rc == ERR_LOGIN)
		return rc;
	response_status(res, compose_status(rc));
	return page_compose_show(req, res, compose, words.message, err);
}

static enum err_code
compose_save(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	struct err wrong = ERR_NONE;
	enum err_code named = compose_names(req, compose, false, &wrong);
	enum err_code rc = compose_draft_put(req, compose, false, err);

	if (rc == ERR_AWAY || rc == ERR_BUSY) {
		wrong = *err;
		rc = err_sayf(err, rc,
		    "The draft is not saved in Drafts. What you wrote is "
		    "still here. %s",
		    wrong.message);
	} else if (rc == ERR_OK && (named == ERR_INPUT || named == ERR_LIMIT))
		rc = err_sayf(
		    err, named, "The draft is saved. But %s", wrong.message);
	else if (rc == ERR_OK && named != ERR_OK) {
		*err = wrong;
		rc = named;
	}
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return page_redirect(
	    req, res, compose_url(req, "/compose", compose, true), err);
}

/* Attach, Remove: the form again, and the draft as it is now. */
static enum err_code
compose_step(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	struct view_url_param params[] = {
	    {"id", compose->id}, {"drafts", str_of(NULL, 0)}, {NULL, {0}}};

	if (!compose_draft_try(req, compose, false))
		params[1].value = STR("no");
	return page_redirect(
	    req, res, view_url_local(req->arena, "/compose", params), err);
}

static enum err_code
compose_remove(struct request *req, struct response *res,
    struct compose *compose, struct str file, struct err *err)
{
	enum err_code rc = store_attachment_delete(
	    req->app->store, req->session->account, compose->id, file, err);

	if (rc != ERR_OK && rc != ERR_NOT_FOUND)
		return rc;
	return compose_step(req, res, compose, err);
}

static enum err_code
compose_send_asked(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	bool is_asked = false;
	enum err_code rc = compose_names(req, compose, true, err);

	if (rc != ERR_OK) {
		(void)compose_draft_try(req, compose, false);
		return compose_again(req, res, compose, rc, err);
	}
	rc = compose_ask(req, res, compose, &is_asked, err);
	if (rc == ERR_OK && !is_asked)
		rc = compose_send(req, res, compose, err);
	/* It comes back to its writer: a draft again. */
	if (rc == ERR_OK && (is_asked || response_get_status(res) >= 400))
		(void)compose_draft_try(req, compose, false);
	return rc;
}

/* "Put them in Bcc": nobody sees the others. */
static enum err_code
compose_to_bcc(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	struct text *fields[] = {&compose->to, &compose->cc, &compose->bcc};
	struct view_url_param params[] = {
	    {"id", compose->id}, {"bcc", STR("1")}, {NULL, {0}}};
	struct buf all;
	enum err_code rc;

	buf_init_arena(&all, req->arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; i < 3; i++) {
		struct str one = str_trim(fields[i]->s);

		if (one.len > 0 && all.len > 0)
			buf_add_c(&all, ", ");
		buf_add(&all, one);
		*fields[i] = TEXT("");
	}
	compose->bcc = text_line(req->arena, buf_str(&all));
	rc = compose_store_fields(req, compose, err);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	(void)compose_draft_try(req, compose, false);
	return page_redirect(
	    req, res, view_url_local(req->arena, "/compose", params), err);
}

/* "Plain text instead": the same words without formatting. */
static enum err_code
compose_to_plain(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	enum err_code rc;

	compose->html = TEXT("");
	rc = compose_store_fields(req, compose, err);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return compose_step(req, res, compose, err);
}

/* Words do not run into those that stand behind them. */
static struct str
put_in_gap(struct str before, struct str after)
{
	const bool ends = before.len == 0 || before.ptr[before.len - 1] == '\n';
	const bool begins =
	    after.len == 0 || after.ptr[0] == '\n' || after.ptr[0] == '\r';

	return ends || begins ? STR("") : STR("\n\n");
}

/* A kept text, in front of what is there: the signature, or a quote. */
static enum err_code
compose_put_in(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	struct store_response one = {.id = STR("")};
	enum err_code rc =
	    page_response_find(req, request_field(req, "response"), &one, err);

	if (rc == ERR_OK && one.id.len > 0) {
		struct str parts[3] = {one.body,
		    put_in_gap(one.body, compose->body.s), compose->body.s};

		compose->body =
		    text_from(req->arena, str_join(req->arena, parts, 3));
		if (!text_is_empty(compose->html))
			rc = compose_rich_put_in(
			    req, compose, text_from(req->arena, one.body), err);
		if (text_is_empty(compose->subject))
			compose->subject = text_line(req->arena, one.subject);
		if (rc == ERR_OK)
			rc = compose_store_fields(req, compose, err);
	}
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return page_redirect(
	    req, res, compose_url(req, "/compose", compose, false), err);
}

enum err_code
compose_do(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	struct str verb = request_field(req, "do");
	struct str file = request_field(req, "remove");

	if (file.len > 0)
		return compose_remove(req, res, compose, file, err);
	if (str_eq(verb, STR("send")) || str_eq(verb, STR("confirm")))
		return compose_send_asked(req, res, compose, err);
	if (str_eq(verb, STR("send-others")))
		return compose_send_others(req, res, compose, err);
	if (str_eq(verb, STR("to-bcc")))
		return compose_to_bcc(req, res, compose, err);
	if (str_eq(verb, STR("response")))
		return compose_put_in(req, res, compose, err);
	if (str_eq(verb, STR("plain")))
		return compose_to_plain(req, res, compose, err);
	if (str_eq(verb, STR("discard")))
		return compose_discard(req, res, compose, err);
	if (str_eq(verb, STR("people")))
		return page_redirect(req, res,
		    compose_url(req, "/contacts/choose", compose, false), err);
	if (str_eq(verb, STR("attach")) || str_eq(verb, STR("identity")))
		return compose_step(req, res, compose, err);
	if (str_eq(verb, STR("switch")))
		return page_switch_go(req, res,
		    compose_url(req, "/compose", compose, false).s, err);
	return compose_save(req, res, compose, err);
}
