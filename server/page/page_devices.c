/* Where somebody is logged in, and logging off there. */
#include "page/page_devices.h"

#include "page/page_compose.h"
#include "page/page_push.h"
#include "page/page_time.h"
#include "page/pages.h"

static void
devices_view_one(
    struct request *req, const struct session_place *place, struct view *row)
{
	struct device_words words = device_words_of(place->agent);
	bool has_door = place->door.len > 0;

	view_str(row, "id", place->id);
	if (words.browser != NULL)
		view_word(row, "browser", words.browser);
	if (words.system != NULL)
		view_word(row, "system", words.system);
	view_str(row, "agent", place->agent);
	view_str(row, "address", place->address);
	view_text(row, "used", page_time_short(req, place->used_s));
	view_text(row, "since", page_time_long(req, place->created_s));
	view_bool(row, "is_this", place->is_this);
	view_bool(row, "is_live", place->is_live);
	view_bool(row, "expires", place->expire_views);
	view_bool(
	    row, "by_tls", has_door && str_eq(place->door, STR("secure")));
	view_bool(
	    row, "in_clear", has_door && str_eq(place->door, STR("plain")));
	if (place->is_remembered)
		view_text(row, "until", page_time_long(req, place->ends_s));
}

enum err_code
page_devices(struct request *req, struct response *res, struct err *err)
{
	struct str ended = request_query(req, "ended");
	struct session_place *list = NULL;
	struct view_list *rows;
	struct view *view = NULL;
	size_t count = 0;
	enum err_code rc =
	    page_view(req, res, tr_text("Devices and sessions"), &view, err);

	if (rc == ERR_OK)
		rc = session_place_list(
		    req->app->sessions, req, &list, &count, err);
	if (rc != ERR_OK)
		return rc;
	rows = view_list(view, "devices");
	for (size_t i = 0; i < count; i++)
		devices_view_one(req, &list[i], view_list_add(rows));
	view_bool(view, "has_others", count > 1);
	view_bool(view, "ended_one", str_eq(ended, STR("1")));
	view_bool(view, "ended_all", str_eq(ended, STR("all")));
	view_bool(view, "was_gone", str_eq(ended, STR("gone")));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/devices")));
	return page_send(req, res, "devices.html", view, err);
}

/* What other rooms hold of sessions that ended. */
static void
devices_forget(
    struct request *req, const struct session_ended *list, size_t count)
{
	struct str login = req->session->login;
	struct mail_server *server = app_mail_of(req, login);

	for (size_t i = 0; i < count; i++) {
		page_compose_end(req, list[i].family);
		push_end_session(req->app->push, list[i].selector);
		account_log_off(req->app->accounts, server, login);
	}
	log_event(LOG_INFO, "session.ended_elsewhere", LOG_STR("login", login),
	    LOG_U64("count", count));
}

static enum err_code
devices_ask(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(
	    req, res, tr_text("Log off everywhere else?"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_word(view, "text",
	    tr("All other browsers in which you are logged in have to log in "
	       "again, also those that remember you. What is being written "
	       "there is kept up to its last save. This browser stays logged "
	       "in."));
	view_word(view, "yes_name", "do");
	view_word(view, "yes_value", "end_others");
	view_word(view, "yes_label", tr("Log off everywhere else"));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/devices")));
	view_set_url(
	    view, "cancel_url", view_url_own(req->arena, STR("/devices")));
	return page_send(req, res, "confirm.html", view, err);
}

enum err_code
page_devices_post(struct request *req, struct response *res, struct err *err)
{
	struct view_url_param ended[] = {{"ended", STR("1")}, {NULL, {0}}};
	struct sessions *sessions = req->app->sessions;
	struct str verb = request_field(req, "do");
	struct session_ended *list = NULL;
	size_t count = 0;
	enum err_code rc = ERR_OK;

	if (str_eq(verb, STR("ask")))
		return devices_ask(req, res, err);
	if (str_eq(verb, STR("end_others"))) {
		rc =
		    session_place_end_others(sessions, req, &list, &count, err);
		ended[0].value = STR("all");
	} else if (str_eq(verb, STR("end"))) {
		rc = session_place_end(sessions, req, request_field(req, "id"),
		    &list, &count, err);
		if (rc == ERR_NOT_FOUND) {
			ended[0].value = STR("gone");
			rc = ERR_OK;
		}
	} else {
		rc = err_set(
		    err, ERR_INPUT, "Please choose where to log off.", NULL);
	}
	if (rc != ERR_OK)
		return rc;
	devices_forget(req, list, count);
	return page_redirect(
	    req, res, view_url_local(req->arena, "/devices", ended), err);
}
