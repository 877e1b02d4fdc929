#include "page/page_saved.h"
#include "page/page_search.h"
#include "page/pages.h"
#include "store/store.h"

enum mail_scope_kind
page_search_scope(struct str chosen)
{
	/* Nobody looks into Trash and Junk each time. */
	enum mail_scope_kind scope = list_scope_of(chosen);

	if (chosen.len == 0 || scope == MAIL_SCOPE_EVERYWHERE)
		return MAIL_SCOPE_ALL;
	return scope;
}

/* What was chosen now is chosen the next time. */
static enum err_code
post_remember(struct request *req, enum mail_scope_kind scope, struct err *err)
{
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc != ERR_OK || scope == MAIL_SCOPE_EVERYWHERE ||
	    prefs.search_in == scope)
		return rc;
	return store_pref_set(req->app->store, req->session->account,
	    str_c(page_search_scope_pref), str_c(list_scope_name(scope)), err);
}

static enum err_code
post_read(struct request *req, struct str words, struct list_query *out,
    struct err *err)
{
	struct str of = request_field(req, "of");
	enum err_code rc;

	if (of.len > LIMIT_FOLDER_BYTES || !str_is_utf8(of) ||
	    str_has_line_break(of))
		return err_set(err, ERR_INPUT,
		    "This address does not name a folder.", NULL);
	rc = list_query_words(req, words, out, err);
	if (rc != ERR_OK)
		return rc;
	out->page = 1;
	out->origin = text_from(req->arena, of);
	out->mail.folder = of.len == 0 ? TEXT("INBOX") : out->origin;
	out->scope = list_scope_of(request_field(req, "in"));
	if (out->scope <= MAIL_SCOPE_BELOW && of.len == 0)
		out->scope = MAIL_SCOPE_ALL;
	return ERR_OK;
}

/* in: looks elsewhere, whatever folder the field stands above. */
static struct view_url
post_target(struct request *req, struct list_query *query)
{
	const struct mail_search *search = query->mail.search;

	if (query->scope == MAIL_SCOPE_HERE && search != NULL &&
	    (search->place_count > 0 || search->is_everywhere))
		query->scope = MAIL_SCOPE_ALL;
	if (text_is_empty(query->words) && query->scope == MAIL_SCOPE_HERE)
		return page_list_url(req->arena, query->mail.folder);
	return list_query_url(req, query);
}

static enum err_code
post_find(struct request *req, struct response *res, struct str words,
    struct err *err)
{
	struct list_query query = {0};
	enum err_code rc = post_read(req, words, &query, err);

	if (rc == ERR_OK)
		rc = post_remember(req, query.scope, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res, post_target(req, &query), err);
}

enum err_code
page_search_post(struct request *req, struct response *res, struct err *err)
{
	struct str verb = request_field(req, "do");
	struct text built = {{0}};
	enum err_code rc;

	if (str_eq(verb, STR("save")) || str_eq(verb, STR("remove")) ||
	    str_eq(verb, STR("restore")))
		return page_saved_post(req, res, err);
	if (!str_eq(verb, STR("build")))
		return post_find(req, res, request_field(req, "q"), err);
	rc = page_search_build(req, &built, err);
	return rc == ERR_OK ? post_find(req, res, built.s, err) : rc;
}
