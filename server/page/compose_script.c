/*
 * What static/compose.js asks for between the buttons: saving by itself,
 * leaving the page, uploading. The answer is JSON.
 *
 *   {"version":7,"saved":"14:02","files":[{"id":…,"name":…,"size":…}],
 *    "words":"what went wrong"}
 */
#include "page/compose_inside.h"

#include "base/tr.h"
#include "os/clock.h"
#include "store/store_draft.h"

/* Into Drafts at most so often while somebody types. */
#define DRAFT_EVERY_S ((int64_t)120)

static void
json_text(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, "\"%s\":\"", name);
	buf_add_json(out, value);
	buf_add_c(out, "\"");
}

static enum err_code
json_files(struct request *req, const struct compose *compose, struct buf *out,
    struct err *err)
{
	struct store_attachment *files = NULL;
	size_t count = 0;
	enum err_code rc = store_attachment_list(req->app->store,
	    compose->account, compose->id, req->arena, &files, &count, err);

	buf_add_c(out, ",\"files\":[");
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		buf_add_c(out, i == 0 ? "{" : ",{");
		json_text(out, "id", files[i].id);
		buf_add_c(out, ",");
		json_text(out, "name", text_line(req->arena, files[i].name).s);
		buf_add_c(out, ",");
		json_text(out, "size", view_size(req->arena, files[i].bytes).s);
		buf_add_c(out, "}");
	}
	buf_add_c(out, "]");
	return rc;
}

static enum err_code
script_answer(struct request *req, struct response *res,
    const struct compose *compose, unsigned status, struct str words,
    struct err *err)
{
	struct buf out;
	enum err_code rc;

	buf_init_arena(&out, req->arena, LIMIT_PAGE_BYTES);
	buf_addf(
	    &out, "{\"version\":%llu,", (unsigned long long)compose->version);
	json_text(&out, "words", words);
	rc = json_files(req, compose, &out, err);
	buf_add_c(&out, "}\n");
	if (rc != ERR_OK)
		return rc;
	response_status(res, status);
	response_replace_header(
	    res, "Content-Type", STR("application/json; charset=utf-8"));
	response_body(res, buf_str(&out));
	return out.failed;
}

static enum err_code
script_refuse(struct request *req, struct response *res,
    const struct compose *compose, enum err_code rc, struct err *err)
{
	struct err words = *err;
	unsigned status = 422;

	if (rc == ERR_LOGIN)
		return rc;
	if (rc == ERR_LIMIT)
		status = 413;
	else if (rc != ERR_INPUT && rc != ERR_FORBIDDEN)
		status = 503;
	return script_answer(
	    req, res, compose, status, str_c(words.message), err);
}

/* Is it time to put it into Drafts, too? Not while parts wait to be stored. */
static bool
script_is_due(struct request *req, const struct compose *compose)
{
	struct store_draft draft;
	const struct form *form = NULL;

	if (request_form(req, &form, NULL) != ERR_OK ||
	    form_find(form, "keep") != NULL ||
	    store_draft_find(req->app->store, compose->account, compose->id,
	        req->arena, &draft, NULL) != ERR_OK)
		return false;
	return draft.version != compose->version &&
	       draft.saved_s <= clock_now_s() - DRAFT_EVERY_S;
}

static enum err_code
script_save(struct request *req, struct compose *compose, struct str verb,
    struct err *err)
{
	/* Somebody leaves who changed nothing since: only Drafts. */
	bool has_form = compose_has_text(req);
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	enum err_code rc = ERR_OK;

	if (str_eq(verb, STR("upload")))
		return page_compose_files(req, compose, err);
	if (!has_form)
		rc = compose_load(req, compose->id, compose, &state, err);
	else
		rc = compose_rich(req, compose, err);
	if (rc == ERR_OK && has_form)
		rc = compose_store_fields(req, compose, err);
	if (rc != ERR_OK || compose->theirs != NULL)
		return rc;
	if (str_eq(verb, STR("leave"))) {
		if (has_form)
			rc = page_compose_files(req, compose, err);
		if (rc == ERR_OK && !compose_draft_try(req, compose, false))
			compose->notice = tr_text(COMPOSE_NO_DRAFT);
	} else if (script_is_due(req, compose)) {
		(void)compose_draft_try(req, compose, true);
	}
	return rc;
}

bool
compose_is_script(struct str verb)
{
	return str_eq(verb, STR("autosave")) || str_eq(verb, STR("leave")) ||
	       str_eq(verb, STR("upload"));
}

enum err_code
compose_script(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	enum err_code rc =
	    script_save(req, compose, request_field(req, "do"), err);

	if (rc != ERR_OK)
		return script_refuse(req, res, compose, rc, err);
	if (compose->theirs != NULL) {
		compose->version = compose->base;
		return script_answer(req, res, compose, 409,
		    str_c(tr(
		        "This message was changed in another window. What you "
		        "write here is not saved over it: press Save draft to "
		        "see both.")),
		    err);
	}
	if (text_is_empty(compose->refused))
		return script_answer(
		    req, res, compose, 200, compose->notice.s, err);
	return script_answer(req, res, compose, 413, compose->refused.s, err);
}
