#include "page/page_folder.h"
#include "page/pages.h"

/* What a code means for the browser and for the person. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): as it is read */
struct page_error_row {
	unsigned status;
	const char *title;
	const char *comfort;    /* NULL: nothing to say */
	const char *what_to_do; /* unless the message says so already */
	bool retry;
};

static const struct page_error_row page_errors[ERR_COUNT] = {
    [ERR_OK] = {500, N_("Something went wrong"), NULL, N_("Please try again."),
        true},
    [ERR_INPUT] = {400, N_("This cannot be understood"), NULL,
        N_("Please go back and check what was sent."), false},
    [ERR_LOGIN] = {403, N_("Please log in again"), NULL,
        N_("The mail server no longer accepts this login."), false},
    [ERR_NOT_FOUND] = {404, N_("Not here"), NULL,
        N_("The list of messages shows what is there."), false},
    [ERR_FORBIDDEN] = {403, N_("Not allowed"), NULL,
        N_("Please go back, reload the page, and try again."), false},
    [ERR_LIMIT] = {413, N_("Too much at once"), NULL,
        N_("Please try with less, or a little later."), false},
    [ERR_MAIL] = {502, N_("The mail server refused"), N_("Nothing was lost."),
        N_("Please try again, or ask your mail provider."), true},
    [ERR_AWAY] = {503, N_("The mail server cannot be reached"),
        N_("Nothing was lost."), N_("Please try again in a moment."), true},
    [ERR_TRUST] = {502, N_("The mail server cannot be trusted"),
        N_("Nothing was sent to it."), N_("Please tell the administrator."),
        false},
    [ERR_BUSY] = {503, N_("Very busy just now"), NULL,
        N_("Please try again in a few seconds."), true},
    [ERR_CONFIG] = {500, N_("The server is not set up right"), NULL,
        N_("Please tell the administrator."), false},
    [ERR_CANCELED] = {503, N_("Interrupted"), NULL, N_("Please try again."),
        true},
    [ERR_NO_MEMORY] = {503, N_("The server is out of memory"), NULL,
        N_("Please try again in a moment."), true},
    [ERR_INTERNAL] = {500, N_("Something went wrong here"),
        N_("Nothing was lost."),
        N_("If it happens again, tell the administrator the "
           "number below."),
        true},
};

/* Does the message itself tell to try again, as the advice would? */
static bool
page_error_is_said(const struct err *err, struct str advice)
{
	return err->says_again &&
	       str_find_nocase(advice, STR("try again"), 0) < advice.len;
}

/* The message without the title's own words at its beginning. */
static struct str
page_error_more(struct str message, struct str title)
{
	struct str rest = str_slice(message, title.len, message.len);

	if (!str_starts_nocase(message, title))
		return message;
	if (str_eq(rest, STR(".")))
		return STR("");
	return str_starts(rest, STR(". ")) ? str_slice(rest, 2, rest.len)
	                                   : message;
}

/* A link that leads nowhere changed nothing; a form may have been wrong. */
static const char *
page_error_advice(struct request *req, const struct page_error_row *row)
{
	if (req->method == METHOD_POST ||
	    (row != &page_errors[ERR_INPUT] &&
	        row != &page_errors[ERR_NOT_FOUND]))
		return row->what_to_do;
	if (req->session == NULL)
		return N_("The link may be old, or the address mistyped. The "
		          "first page leads on.");
	return N_("Your mail is as it was: the link may be old, or the address "
	          "mistyped. The list of messages shows what is there.");
}

/* A message that was there a moment ago: its folder is the way on. */
static bool
page_error_is_message(struct request *req, const struct page_error_row *row)
{
	return row == &page_errors[ERR_NOT_FOUND] && req->session != NULL &&
	       request_query(req, "uid").len > 0 &&
	       request_query(req, "folder").len > 0 &&
	       request_query(req, "section").len == 0;
}

static void
page_error_view_message(struct request *req, struct view *view)
{
	struct text folder =
	    text_line(req->arena, request_query(req, "folder"));

	view_word(view, "what_to_do",
	    tr("It was probably deleted or moved meanwhile, here or by another "
	       "program. Its folder shows what is there; what was deleted may "
	       "be in the trash."));
	view_text(view, "folder_name",
	    str_eq(folder.s, STR("INBOX")) ? tr_text("Inbox") : folder);
	view_set_url(view, "back_url", page_list_url(req->arena, folder));
}

/* A page that was open when its folder got another name. */
static void
page_error_view_moved(struct request *req, struct view *view)
{
	struct text folder = text_from(req->arena, page_param(req, "folder"));
	struct text now;

	if (req->session == NULL || text_is_empty(folder) ||
	    !page_folder_moved_to(req, folder, &now))
		return;
	view_word(view, "what_to_do", "");
	view_bool(view, "has_advice", false);
	view_text(view, "moved_name", now);
	view_set_url(view, "moved_url", page_list_url(req->arena, now));
}

static void
page_error_view(struct request *req, const struct response *res,
    const struct page_error_row *row, const struct err *err, struct view *view)
{
	const char *advice = page_error_advice(req, row);
	bool is_said = page_error_is_said(err, str_c(advice));

	page_count_missing(err);
	view_u64(view, "status", response_get_status(res));
	view_word(view, "error_title", tr(row->title));
	view_text(view, "message",
	    text_line(req->arena,
	        page_error_more(str_c(err->message), str_c(tr(row->title)))));
	view_word(
	    view, "comfort", row->comfort == NULL ? "" : tr(row->comfort));
	view_word(view, "what_to_do", is_said ? "" : tr(advice));
	view_bool(view, "has_advice", row->comfort != NULL || !is_said);
	view_bool(view, "retry", row->retry && req->method == METHOD_GET);
	view_set_url(view, "back_url", view_url_own(req->arena, STR("/")));
	if (page_error_is_message(req, row))
		page_error_view_message(req, view);
	if (row == &page_errors[ERR_NOT_FOUND])
		page_error_view_moved(req, view);
	view_set_url(view, "retry_url",
	    view_url_own(req->arena, session_own_path(req->raw_target)));
}

/* When even the page cannot be made: plain words. */
static void
page_error_plain(
    struct request *req, struct response *res, const struct page_error_row *row)
{
	struct str words = str_printf(req->arena, "%s. %s\nRequest %s\n",
	    tr(row->title), tr(row->what_to_do), req->id);

	response_replace_header(
	    res, "Content-Type", STR("text/plain; charset=utf-8"));
	response_body(res, words);
}

void
page_error(struct request *req, struct response *res, enum err_code rc,
    const struct err *err)
{
	const struct page_error_row *row =
	    &page_errors[rc > ERR_OK && rc < ERR_COUNT ? rc : ERR_INTERNAL];
	struct err again = ERR_NONE;
	struct view *view = NULL;

	if (rc == ERR_LOGIN && req->session != NULL) {
		/* The mail server no longer takes this password. */
		err_ignore(session_refused(req->app->sessions, req, &again));
		session_end_request(req);
		page_login_required(req, res, SESSION_ENDED);
		return;
	}
	/* Allow: what that address takes instead. */
	response_status(
	    res, response_has_header(res, "Allow") ? 405 : row->status);
	if (row->status == 503)
		response_replace_header(res, "Retry-After", STR("5"));
	if (page_view(req, res, tr_text(row->title), &view, &again) != ERR_OK) {
		page_error_plain(req, res, row);
		return;
	}
	page_error_view(req, res, row, err, view);
	if (page_send(req, res, "error.html", view, &again) != ERR_OK)
		page_error_plain(req, res, row);
}
