#include "page/compose_inside.h"

#include "base/tr.h"
#include "page/page_carry.h"
#include "page/page_login.h"
#include "page/page_time.h"
#include "page/page_typed.h"
#include "page/page_people.h"
#include "page/pages.h"
#include "store/store_draft.h"

/* What the step before this page did. */
static struct text
compose_note(struct request *req)
{
	struct str kept = request_query(req, "kept");

	if (str_eq(kept, STR("1")))
		return tr_text("You are logged in again, and here is what you "
		               "wrote, with its files. Nothing was sent yet.");
	if (kept.len > 0)
		return tr_text("You are logged in again, and here is what you "
		               "wrote. Nothing was sent yet. A file was too "
		               "large to be taken along.");
	if (request_query(req, "back").len > 0)
		return tr_text("Here is your message again, as it was when you "
		               "discarded it.");
	if (request_query(req, "drafts").len > 0)
		return tr_text(COMPOSE_NO_DRAFT);
	if (request_query(req, "bcc").len > 0)
		return tr_text("The addresses of To and Cc are in Bcc now: "
		               "nobody sees the others. Nothing was sent yet.");
	return TEXT("");
}

/* When it was saved, and where it lies. */
static void
compose_view_saved(
    struct request *req, const struct compose *compose, struct view *view)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *drafts = NULL;
	struct mail_folders folders;

	view_text(view, "saved_at", page_time_short(req, compose->saved_s));
	/* Without the link it is saved all the same. */
	if (mail_folders(&mail, &folders, NULL) == ERR_OK)
		drafts = mail_special_find(&mail, &folders, MAIL_DRAFTS);
	if (drafts != NULL)
		view_set_url(view, "drafts_url",
		    page_list_url(req->arena, drafts->name));
}

static struct text
compose_page_title(
    struct request *req, const struct compose *compose, bool is_saved)
{
	if (!is_saved)
		return compose_title(compose);
	return text_line(
	    req->arena, str_printf(req->arena, tr("%.*s, saved at %.*s"),
	                    STR_ARG(compose_title(compose).s),
	                    STR_ARG(page_time_short(req, compose->saved_s).s)));
}

enum err_code
page_compose_show(struct request *req, struct response *res,
    const struct compose *compose, const char *words, struct err *err)
{
	bool is_saved = request_query(req, "saved").len > 0 &&
	                req->method == METHOD_GET && compose->saved_s > 0;
	struct view *view = NULL;
	enum err_code rc = page_view(
	    req, res, compose_page_title(req, compose, is_saved), &view, err);

	if (rc == ERR_OK && is_saved)
		compose_view_saved(req, compose, view);
	if (rc == ERR_OK)
		rc = compose_view(req, compose, words, view, err);
	if (rc == ERR_OK)
		rc = page_people_datalist(req, view, err);
	if (rc != ERR_OK)
		return rc;
	if (text_is_empty(compose->notice))
		view_text(view, "compose_note", compose_note(req));
	return page_send(req, res, "compose.html", view, err);
}

/* A list that says: somebody else's letter is kept for them, or could not be.
 */
static enum err_code
compose_not_shown(struct request *req, struct response *res, const char *note,
    struct err *err)
{
	struct view_url_param params[] = {
	    {"folder", STR("INBOX")}, {"note", str_c(note)}, {NULL, {0}}};

	return page_redirect(
	    req, res, view_url_local(req->arena, "/list", params), err);
}

static enum err_code
compose_leave(struct request *req, struct response *res,
    struct compose *compose, struct str account, struct err *err)
{
	enum err_code rc = page_compose_leave(req, compose, account, err);

	if (rc == ERR_CANCELED || rc == ERR_NO_MEMORY)
		return rc;
	return compose_not_shown(
	    req, res, rc == ERR_OK ? "others" : "others_lost", err);
}

/* A letter that came sealed; the words are for who wrote it. */
static enum err_code
compose_unsealed(struct request *req, struct response *res, struct str letter,
    const char *words, const char *words_files, struct err *err)
{
	struct page_carry carried;
	struct compose compose = {0};
	enum err_code rc = page_carry_open(req, letter, &carried, err);

	if (rc == ERR_FORBIDDEN)
		return compose_not_shown(req, res, "unopened", err);
	if (rc != ERR_OK)
		return rc;
	compose_parse(req, carried.form, &compose);
	rc = compose_rich(req, &compose, err);
	if (rc != ERR_OK)
		return rc;
	if (!str_eq(carried.account, req->session->account))
		return compose_leave(req, res, &compose, carried.account, err);
	return page_compose_show(req, res, &compose,
	    page_carry_has_files(carried.form) ? words_files : words, err);
}

enum err_code
page_compose_restore(struct request *req, struct response *res, struct err *err)
{
	return compose_unsealed(req, res, request_field(req, PAGE_CARRY_LETTER),
	    tr("You are logged in again, and here is what you wrote. "
	       "Nothing was sent yet."),
	    tr("You are logged in again, and here is what you wrote. "
	       "Nothing was sent yet. The files that you had just chosen "
	       "have to be attached again."),
	    err);
}

/* What a window wrote that another one had left behind (page_moved). */
static enum err_code
compose_taken_along(struct request *req, struct response *res,
    const struct form *typed, struct err *err)
{
	return compose_unsealed(req, res, form_value(typed, PAGE_CARRY_LETTER),
	    tr("Here is what you wrote in the window that was left behind. "
	       "It is neither sent nor saved yet."),
	    tr("Here is what you wrote in the window that was left behind. "
	       "It is neither sent nor saved yet. The files that you had "
	       "just chosen have to be attached again."),
	    err);
}

/* Is what was kept at a login page somebody else's, who logged in there? */
static bool
compose_is_anothers(struct request *req, struct str id)
{
	bool is_anothers = false;

	return request_query(req, "kept").len > 0 &&
	       store_draft_is_anothers(req->app->store, req->session->account,
	           id, &is_anothers, NULL) == ERR_OK &&
	       is_anothers;
}

/* The newer copy of a draft, when two were there. */
static enum err_code
compose_to_newer(struct request *req, struct response *res,
    const struct mail_id *newer, struct err *err)
{
	struct view_url_param params[] = {{"folder", newer->folder.s},
	    {"uid", page_u64(req->arena, newer->uid)},
	    {"v", page_u64(req->arena, newer->uid_validity)},
	    {"edit", STR("1")}, {NULL, {0}}};

	return page_redirect(
	    req, res, view_url_local(req->arena, "/compose", params), err);
}

enum err_code
page_compose(struct request *req, struct response *res, struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct str id = request_query(req, "id");
	struct compose_opened opened = {.id = id};
	const struct form *typed = NULL;
	struct compose compose = {0};
	int64_t gone_s = 0;
	enum err_code rc = ERR_OK;

	if (request_query(req, "taken").len > 0)
		rc = page_typed_find(req, &typed, err);
	if (rc == ERR_OK && typed != NULL &&
	    form_find(typed, PAGE_CARRY_LETTER) != NULL)
		return compose_taken_along(req, res, typed, err);
	if (rc == ERR_OK && id.len == 0 && request_query(req, "edit").len > 0)
		rc = compose_draft_open(req, &opened, err);
	if (rc == ERR_OK && opened.newer.uid != 0)
		return compose_to_newer(req, res, &opened.newer, err);
	id = opened.id;
	if (rc == ERR_OK && id.len == 0)
		rc = page_compose_start(req, &compose, err);
	compose_draft_choices(opened.header, &compose);
	if (rc == ERR_OK && id.len > 0)
		rc = compose_load(req, id, &compose, &state, err);
	if (rc == ERR_NOT_FOUND && page_compose_is_discarded(req, id, &gone_s))
		return page_redirect(
		    req, res, compose_discarded_url(req, id), err);
	if (rc == ERR_NOT_FOUND && compose_is_anothers(req, id))
		return compose_not_shown(req, res, "others", err);
	if (rc != ERR_OK)
		return rc;
	if (state != STORE_COMPOSE_WRITING)
		return page_redirect(
		    req, res, compose_url(req, "/sent", &compose, false), err);
	return page_compose_show(req, res, &compose, NULL, err);
}
