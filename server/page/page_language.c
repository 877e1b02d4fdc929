#include "page/page_language.h"

#include "base/tr_words.h"
#include "page/page_time.h"
#include "page/pages.h"
#include "session/session_cookie.h"
#include "view/language.h"

#define LANGUAGE_NUMBERS  1000u /* no plural rule wants more */
#define LANGUAGE_COOKIE_S ((int64_t)365 * 86400)

/* The site's languages, or NULL. */
static const struct languages *
language_all(const struct request *req)
{
	return app_state_of(req) == NULL ? NULL : app_site_of(req)->languages;
}

void
page_language_begin(struct request *req)
{
	const struct languages *all = language_all(req);
	const struct tr_words *words = NULL;

	if (all == NULL)
		return;
	words = languages_find(
	    all, session_cookie_get(req, SESSION_COOKIE_LANGUAGE));
	if (words == NULL)
		words = languages_choose(
		    all, request_header(req, "Accept-Language"));
	tr_use(words);
}

void
page_language_end(void)
{
	tr_use(NULL);
}

/* The person's setting; ptr NULL: none. Learns the time zone beside it. */
static struct str
language_chosen(struct request *req)
{
	struct store_pref *list = NULL;
	size_t count = 0;
	struct str chosen = {NULL, 0};
	struct str zone = {NULL, 0};

	/* Without the settings pages are as the browser asks. */
	if (page_pref_list(req, &list, &count, NULL) != ERR_OK)
		return chosen;
	for (size_t i = 0; i < count; i++) {
		if (str_eq(list[i].name, str_c(page_language_pref)))
			chosen = list[i].content;
		if (str_eq(list[i].name, str_c(page_time_pref)))
			zone = list[i].content;
	}
	page_time_know(req, zone);
	return chosen;
}

void
page_language_person(struct request *req)
{
	const struct languages *all = language_all(req);
	const struct tr_words *words;

	if (all == NULL || req->session == NULL || languages_count(all) < 2)
		return;
	words = languages_find(all, language_chosen(req));
	if (words != NULL)
		tr_use(words);
}

void
page_language_view(struct view *view)
{
	const struct tr_words *words = tr_used();
	struct view_list *forms = view_list(view, "number_forms");
	unsigned count = words == NULL ? 2 : words->plural.forms;
	unsigned known = 0;

	view_word(view, "lang", words == NULL ? "en" : words->code);
	view_bool(view, "is_rtl", words != NULL && words->is_rtl);
	/* A number for each plural form: scripts know what is like it. */
	for (uint64_t n = 0; known + 1 < 1u << count && n < LANGUAGE_NUMBERS;
	     n++) {
		unsigned form =
		    words == NULL ? n != 1 : tr_plural_form(&words->plural, n);

		if ((known & 1u << form) == 0)
			view_u64(view_list_add(forms), "n", n);
		known |= 1u << form;
	}
}

void
page_language_view_choice(struct request *req, struct view *view)
{
	const struct languages *all = language_all(req);
	const struct tr_words *chosen = NULL;
	struct view_list *rows = view_list(view, "languages");

	view_set_url(
	    view, "language_url", view_url_own(req->arena, STR("/language")));
	if (all == NULL || languages_count(all) < 2)
		return;
	if (req->session != NULL)
		chosen = languages_find(all, language_chosen(req));
	for (size_t i = 0; i < languages_count(all); i++) {
		const struct tr_words *words = languages_at(all, i);
		struct view *row = view_list_add(rows);

		view_word(row, "code", words->code);
		view_word(row, "own_name", words->name);
		view_bool(row, "is_current", words == tr_used());
		view_bool(row, "is_chosen", words == chosen);
		view_word(row, "own_dir", words->is_rtl ? "rtl" : "ltr");
	}
}

static void
language_remember(
    struct request *req, struct response *res, const struct tr_words *words)
{
	session_cookie_set(req, res, SESSION_COOKIE_LANGUAGE,
	    str_c(words->code), LANGUAGE_COOKIE_S);
}

enum err_code
page_language_save(
    struct request *req, struct response *res, struct str code, struct err *err)
{
	const struct languages *all = language_all(req);
	const struct tr_words *words =
	    all == NULL ? NULL : languages_find(all, code);

	if (words != NULL)
		language_remember(req, res, words);
	else
		session_cookie_expire(
		    req, res, SESSION_COOKIE_LANGUAGE, req->is_secure);
	if (req->session == NULL)
		return ERR_OK;
	return store_pref_set(req->app->store, req->session->account,
	    str_c(page_language_pref),
	    words == NULL ? STR("") : str_c(words->code), err);
}

void
page_language_follow(struct request *req, struct response *res)
{
	const struct languages *all = language_all(req);
	const struct tr_words *words =
	    all == NULL || req->session == NULL
	        ? NULL
	        : languages_find(all, language_chosen(req));

	if (words != NULL && words != tr_used())
		language_remember(req, res, words);
}

enum err_code
page_language_post(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc =
	    page_language_save(req, res, request_field(req, "language"), err);

	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    view_url_own(
	        req->arena, session_own_path(request_field(req, "back"))),
	    err);
}
