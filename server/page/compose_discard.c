/*
 * Discard, and back. What was discarded stays in the store for a while, with
 * its files; only its copy in Drafts goes at once.
 */
#include "page/compose_inside.h"

#include "os/clock.h"
#include "page/pages.h"
#include "store/store_draft.h"

static struct view_url
discarded_url(struct request *req, struct str id, struct str words)
{
	struct view_url_param note[] = {{"folder", STR("INBOX")},
	    {"note", words}, {"draft", id}, {NULL, {0}}};

	return view_url_local(req->arena, "/list", note);
}

struct view_url
compose_discarded_url(struct request *req, struct str id)
{
	return discarded_url(req, id, STR("discard"));
}

enum err_code
compose_discard(struct request *req, struct response *res,
    const struct compose *compose, struct err *err)
{
	struct mail mail = page_mail(req);
	bool won = false;
	enum err_code rc = outbox_drop_draft(&mail, compose->id, err);

	if (rc == ERR_OK)
		rc = store_draft_discard(req->app->store, req->session->account,
		    compose->id, clock_now_s(), &won, err);
	if (rc == ERR_OK && !won)
		rc = err_set(err, ERR_INPUT,
		    "This message is on its way; the Outbox shows it.",
		    "compose: discard");
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	/* What another program wrote is not ours to remove. */
	return page_redirect(req, res,
	    discarded_url(req, compose->id,
	        compose->kind == COMPOSE_DRAFT && compose->source_uid != 0
	            ? STR("discard_kept")
	            : STR("discard")),
	    err);
}

enum err_code
compose_restore(
    struct request *req, struct response *res, struct str id, struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct view_url_param params[] = {
	    {"id", id}, {"back", STR("1")}, {NULL, {0}}};
	struct compose compose = {0};
	bool won = false;
	enum err_code rc = store_draft_restore(req->app->store,
	    req->session->account, id, clock_now_s(), &won, err);

	/* Pressed twice: it is back already. */
	if (rc == ERR_OK)
		rc = compose_load(req, id, &compose, &state, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "This message cannot be brought back any more: what was "
		    "discarded is kept for an hour.",
		    NULL);
	if (rc != ERR_OK)
		return rc;
	if (won && !compose_draft_try(req, &compose, false))
		params[1] = (struct view_url_param){"drafts", STR("no")};
	return page_redirect(
	    req, res, view_url_local(req->arena, "/compose", params), err);
}

bool
page_compose_is_discarded(struct request *req, struct str id, int64_t *out_s)
{
	struct store_compose stored = {0};

	if (!compose_id_is_valid(id) ||
	    store_compose_find(req->app->store, req->session->account, id,
	        req->arena, &stored, NULL) != ERR_OK)
		return false;
	*out_s = stored.saved_s;
	return stored.state == STORE_COMPOSE_GONE;
}
