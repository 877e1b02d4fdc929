#include "page/compose_inside.h"

#include "page/page_identity.h"
#include "page/pages.h"

/* Another sender was chosen: the signature follows. */
static enum err_code
compose_sign(struct request *req, struct compose *compose, struct err *err)
{
	struct str was = request_field(req, "identity_was");
	struct page_identity before;
	struct page_identity after;
	enum err_code rc;

	if (was.len == 0 || str_eq(was, compose->identity))
		return ERR_OK;
	rc = page_identity_get(req, was, &before, err);
	if (rc == ERR_OK)
		rc = page_identity_get(req, compose->identity, &after, err);
	if (rc == ERR_OK)
		compose->body = page_identity_sign(
		    req->arena, compose->body, &before, &after);
	return rc;
}

/* The fields stand in the store, not in this form (the page that asks). */
static enum err_code
compose_from_store(
    struct request *req, struct compose *compose, struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct text confirmed = compose->confirmed;
	uint64_t base = compose->version;
	struct str id = compose->id;
	enum err_code rc;

	*compose = (struct compose){0};
	rc = compose_load(req, id, compose, &state, err);
	compose->confirmed = confirmed;
	if (rc == ERR_OK && compose->version != base)
		return err_set(err, ERR_INPUT,
		    "This message was changed in another window meanwhile. "
		    "Nothing was sent. Please read it again.",
		    NULL);
	return rc;
}

static enum err_code
compose_post_stored(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	enum err_code rc;

	if (str_eq(request_field(req, "do"), STR("theirs")))
		return page_redirect(req, res,
		    compose_url(req, "/compose", compose, false), err);
	rc = compose_from_store(req, compose, err);
	if (rc != ERR_OK && compose->account.len == 0)
		return rc;
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return compose_do(req, res, compose, err);
}

static bool
compose_is_of_store(struct str verb)
{
	return str_eq(verb, STR("confirm")) || str_eq(verb, STR("to-bcc")) ||
	       str_eq(verb, STR("theirs"));
}

enum err_code
compose_part_ways(struct request *req, struct compose *compose, struct err *err)
{
	struct str from = compose->id;
	enum err_code rc;

	compose->id = compose_id_new(req->arena);
	compose->version = 0;
	compose->base = 0;
	rc = compose_store_fields(req, compose, err);
	if (rc == ERR_OK)
		rc = page_compose_copy_files(req, compose, from, err);
	return rc;
}

static enum err_code
compose_post_form(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	struct str verb = request_field(req, "do");
	enum err_code rc = ERR_OK;

	/* Not a form of ours: what it lacks must not be saved as empty. */
	if (!compose_has_text(req))
		return err_set(err, ERR_INPUT,
		    "The form came without its text. Nothing was changed.",
		    "compose: no body");
	rc = compose_rich(req, compose, err);
	/* In formatted text the editor sees to it. */
	if (rc == ERR_OK && text_is_empty(compose->html))
		rc = compose_sign(req, compose, err);
	if (rc == ERR_OK && str_eq(verb, STR("logoff")))
		return compose_log_off(req, res, compose, err);
	if (rc == ERR_OK && str_eq(verb, STR("copy")))
		rc = compose_part_ways(req, compose, err);
	/* Every button saves first. */
	if (rc == ERR_OK)
		rc = compose_store(req, compose, err);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	if (compose->theirs != NULL) {
		response_status(res, 409);
		return page_compose_show(req, res, compose, NULL, err);
	}
	if (!text_is_empty(compose->refused)) {
		(void)compose_draft_try(req, compose, false);
		response_status(res, 413);
		return page_compose_show(req, res, compose, NULL, err);
	}
	return compose_do(req, res, compose, err);
}

static enum err_code
compose_post(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct str verb = request_field(req, "do");
	struct compose before = {0};
	enum err_code rc = compose_load(req, compose->id, &before, &state, err);

	if (str_eq(verb, STR("restore")))
		return compose_restore(req, res, compose->id, err);
	if (rc != ERR_OK && rc != ERR_NOT_FOUND)
		return rc;
	if (compose_is_script(verb))
		return compose_script(req, res, compose, err);
	/* Sent already: a double click, or Back and Send again. */
	if (rc == ERR_OK && state != STORE_COMPOSE_WRITING)
		return page_redirect(
		    req, res, compose_url(req, "/sent", compose, false), err);
	if (compose_is_of_store(verb))
		return compose_post_stored(req, res, compose, err);
	return compose_post_form(req, res, compose, err);
}

enum err_code
page_compose_post(struct request *req, struct response *res, struct err *err)
{
	const struct form *form = NULL;
	struct compose compose = {0};
	struct str key;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	compose_parse(req, NULL, &compose);
	/* A field that found no room must not be saved as empty. */
	if (arena_failed(req->arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_compose_post");
	key = compose.id;
	rc = page_gate_enter(req->app->gate, key, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	rc = compose_post(req, res, &compose, err);
	page_gate_leave(req->app->gate, key);
	return rc;
}
