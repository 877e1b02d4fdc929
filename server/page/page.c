#include "page/page.h"

#include "base/num.h"
#include "base/tr.h"
#include "net/net_fips.h"
#include "page/page_cert.h"
#include "page/page_folder.h"
#include "page/page_look.h"
#include "page/page_language.h"
#include "page/page_push.h"
#include "page/page_time.h"

/* Addresses every page carries. */
static void
page_view_addresses(struct request *req, struct view *view)
{
	const struct static_set *statics = app_site_of(req)->statics;
	struct arena *arena = req->arena;
	static const struct {
		const char *name;
		const char *file;
	} files[] = {
	    {"css_url", "app.css"},
	    {"js_url", "app.js"},
	    {"icon_url", "favicon.svg"},
	    {"sprite_url", "icons.svg"},
	    {"panes_js_url", "panes.js"},
	    {"swipe_js_url", "swipe.js"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		view_set_url(view, files[i].name,
		    view_url_own(arena,
		        static_set_address(statics, str_c(files[i].file))));
	view_set_url(view, "help_url", view_url_own(arena, STR("/help")));
	view_set_url(view, "home_url", view_url_own(arena, STR("/")));
	view_set_url(view, "compose_url", view_url_own(arena, STR("/compose")));
	view_set_url(
	    view, "settings_url", view_url_own(arena, STR("/settings")));
	view_set_url(
	    view, "contacts_url", view_url_own(arena, STR("/contacts")));
	view_set_url(view, "folders_url", view_url_own(arena, STR("/folders")));
	view_set_url(view, "logoff_url", view_url_own(arena, STR("/logoff")));
	view_set_url(view, "switch_url", view_url_own(arena, STR("/secure")));
	view_set_url(
	    view, "connection_url", view_url_own(arena, STR("/connection")));
	if (app_state_of(req)->trust_page_der.len > 0)
		view_set_url(
		    view, "trust_url", view_url_own(arena, STR("/trust")));
}

/* The site's own picture, as high as the stylesheet has it. */
static void
page_view_logo(struct request *req, struct view *view)
{
	struct static_logo logo = static_set_logo(app_site_of(req)->statics);

	view_bool(view, "has_logo", !str_is_empty(logo.address));
	if (str_is_empty(logo.address))
		return;
	view_set_url(view, "logo_url", view_url_own(req->arena, logo.address));
	view_u64(view, "logo_width", logo.width);
}

/* The secure-mode switch at the foot (design, section 5). */
static void
page_view_mode(struct request *req, struct view *view)
{
	bool offer = page_switch_problem(req) == NULL;

	view_bool(view, "is_secure", req->is_secure);
	view_bool(view, "offer_switch", offer);
	view_bool(view, "switch_enter", offer && !req->is_secure);
	view_bool(view, "switch_leave", offer && req->is_secure);
	view_bool(view, "fips", net_fips_is_on());
}

/* Who is logged in, and by which certificate when that said the name. */
static void
page_view_person(struct request *req, struct view *view)
{
	view_bool(view, "logged_in", req->session != NULL);
	if (req->session == NULL)
		return;
	view_text(view, "login", text_line(req->arena, req->session->login));
	view_set_url(view, "keys_url", view_url_own(req->arena, STR("/keys")));
	view_bool(view, "by_certificate", req->session->is_pinned);
	if (req->session->is_pinned)
		page_cert_view(req, view);
}

/*
 * Where a switch comes back to: this page when it was asked for by GET, else
 * the page the form belongs to.
 */
static struct str
page_here(const struct request *req)
{
	if (req->method == METHOD_POST)
		return req->path;
	return session_own_path(req->raw_target);
}

enum err_code
page_view(struct request *req, struct response *res, struct text title,
    struct view **out, struct err *err)
{
	struct view *view = view_new(req->arena);
	struct str csrf;
	enum err_code rc;

	if (view == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_view");
	rc = session_csrf_token(req->app->sessions, req, res, &csrf, err);
	if (rc != ERR_OK)
		return rc;
	view_text(view, "title", title);
	view_text(view, "site_title", text_from(req->arena, req->site->title));
	page_language_view(view);
	view_str(view, "csrf", csrf);
	view_str(view, "here", page_here(req));
	view_word(view, "request_id", req->id);
	page_view_person(req, view);
	page_view_addresses(req, view);
	page_view_logo(req, view);
	page_view_mode(req, view);
	push_view(req, view);
	page_look_view(req, view);
	*out = view;
	return ERR_OK;
}

enum err_code
page_send(struct request *req, struct response *res, const char *template,
    struct view *view, struct err *err)
{
	struct html html;
	enum err_code rc = tmpl_render(app_site_of(req)->templates, template,
	    view, req->arena, &html, err);

	if (rc != ERR_OK)
		return rc;
	if (response_get_status(res) == 0)
		response_status(res, 200);
	response_replace_header(
	    res, "Content-Type", STR("text/html; charset=utf-8"));
	response_allow_gzip(res);
	response_body(res, html.s);
	return ERR_OK;
}

void
page_count_missing(const struct err *err)
{
	if (err->is_missing)
		tr_count_missing(tr_used(), str_c(err->message));
}

enum err_code
page_redirect(struct request *req, struct response *res, struct view_url url,
    struct err *err)
{
	static const char empty[] = "";

	url = view_url_with_base(req->arena, url);
	if (url.s.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_redirect");
	response_status(res, 303);
	response_replace_header(res, "Location", url.s);
	response_body(res, str_of(empty, 0));
	return ERR_OK;
}

void
page_view_time(
    struct request *req, struct view *view, const char *name, int64_t unix_s)
{
	view_text(view, name, page_time_long(req, unix_s));
}

void
page_view_digest(struct request *req, struct view *view, struct str fingerprint)
{
	struct view_list *list = view_list(view, "digest");

	/* Four bytes, each two digits and a colon. */
	for (size_t at = 0; at < fingerprint.len; at += 12)
		view_text(view_list_add(list), "part",
		    text_line(req->arena, str_slice(fingerprint, at, at + 12)));
}

struct mail
page_mail(struct request *req)
{
	struct page_folder_prefs *prefs = page_folder_prefs_of(req);

	return (struct mail){
	    .account = req->account,
	    .arena = req->arena,
	    .wait =
	        {
	            .deadline_mono_ms = req->deadline_mono_ms,
	            .cancel = req->cancel,
	            .waited_us = &req->mail_wait_us,
	            .client_address = req->peer.address,
	        },
	    .reading = &req->reading,
	    .uses = prefs == NULL ? NULL : &prefs->uses,
	};
}

struct str
page_param(struct request *req, const char *name)
{
	if (req->method == METHOD_POST)
		return request_field(req, name);
	return request_query(req, name);
}

enum err_code
page_folder_param(struct request *req, struct text *out, struct err *err)
{
	struct str raw = page_param(req, "folder");

	if (raw.len == 0)
		raw = STR("INBOX");
	if (raw.len > LIMIT_FOLDER_BYTES || !str_is_utf8(raw) ||
	    str_has_line_break(raw))
		return err_set(err, ERR_INPUT,
		    "This address does not name a folder.", NULL);
	*out = text_from(req->arena, raw);
	return ERR_OK;
}

enum err_code
page_message_id(struct request *req, struct mail_id *out, struct err *err)
{
	struct str validity = page_param(req, "v");
	enum err_code rc = page_folder_param(req, &out->folder, err);

	if (rc == ERR_OK)
		rc = num_u32(
		    page_param(req, "uid"), 1, UINT32_MAX, &out->uid, err);
	out->uid_validity = 0;
	if (rc == ERR_OK && validity.len > 0)
		rc = num_u32(validity, 0, UINT32_MAX, &out->uid_validity, err);
	if (rc != ERR_OK)
		return err_set(err, ERR_INPUT,
		    "This address does not name a message.", NULL);
	return ERR_OK;
}

struct str
page_u64(struct arena *arena, uint64_t number)
{
	struct buf digits;

	buf_init_arena(&digits, arena, 32);
	buf_add_u64(&digits, number);
	return buf_str(&digits);
}

void
page_hidden(struct request *req, struct view_list *hidden, const char *name,
    struct str value)
{
	struct view *row = view_list_add(hidden);

	view_word(row, "name", name);
	view_text(row, "value", text_from(req->arena, value));
}

struct view_url
page_list_url(struct arena *arena, struct text folder)
{
	struct view_url_param params[] = {{"folder", folder.s}, {NULL, {0}}};

	return view_url_local(arena, "/list", params);
}

struct view_url
page_message_url(
    struct arena *arena, const char *path, const struct mail_id *id)
{
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(arena, id->uid)},
	    {"v", page_u64(arena, id->uid_validity)},
	    {NULL, {0}},
	};

	return view_url_local(arena, path, params);
}

const char *
page_comma(void)
{
	return tr_in("list", ", ");
}

bool
page_folder_is_usual(const struct mail_folder *folder, struct text name)
{
	static const char *const usual[] = {
	    [MAIL_DRAFTS] = "Drafts",
	    [MAIL_SENT] = "Sent",
	    [MAIL_ARCHIVE] = "Archive",
	    [MAIL_JUNK] = "Junk",
	    [MAIL_TRASH] = "Trash",
	};

	return folder->special > MAIL_INBOX &&
	       str_eq(name.s, str_c(usual[folder->special]));
}

struct text
page_folder_words(const struct mail_folder *folder, struct text name)
{
	if (folder->special == MAIL_INBOX)
		return tr_text("Inbox");
	if (!page_folder_is_usual(folder, name))
		return name;
	switch (folder->special) {
	case MAIL_DRAFTS:
		return (struct text){str_c(tr_in("folder", "Drafts"))};
	case MAIL_SENT:
		return (struct text){str_c(tr_in("folder", "Sent"))};
	case MAIL_ARCHIVE:
		return (struct text){str_c(tr_in("folder", "Archive"))};
	case MAIL_JUNK:
		return (struct text){str_c(tr_in("folder", "Junk"))};
	case MAIL_TRASH:
		return (struct text){str_c(tr_in("folder", "Trash"))};
	case MAIL_INBOX:
	case MAIL_ORDINARY:
		break;
	}
	return name;
}

struct text
page_folder_label(const struct mail_folders *folders, struct text name)
{
	for (size_t i = 0; i < folders->count; i++)
		if (str_eq(folders->list[i].name.s, name.s))
			return page_folder_words(&folders->list[i], name);
	return name;
}

bool
page_folder_is_outgoing(const struct mail *mail,
    const struct mail_folders *folders, struct text folder)
{
	static const enum mail_special kinds[] = {MAIL_SENT, MAIL_DRAFTS};

	for (size_t i = 0; i < 2; i++) {
		const struct mail_folder *special =
		    mail_special_find(mail, folders, kinds[i]);

		if (special != NULL && str_eq(special->name.s, folder.s))
			return true;
	}
	return false;
}

struct text
page_title(struct request *req, struct text shown)
{
	/* Titles go into the history: not with "expire page views". */
	if (req->session != NULL && req->session->expire_views)
		return text_from(req->arena, req->site->title);
	return text_shorten(req->arena, shown, 80);
}
