#include "base/buf.h"
#include "base/tr.h"
#include "mime/mime_sender.h"
#include "page/page_message.h"
#include "page/pages.h"

/* "https://host:443/x" to "https://host:443"; empty when it is none. */
static struct str
unsubscribe_origin(struct str https)
{
	size_t start = sizeof("https://") - 1;
	size_t end = start;

	if (!str_starts_nocase(https, STR("https://")))
		return STR("");
	while (end < https.len && https.ptr[end] != '/' &&
	       https.ptr[end] != '?' && https.ptr[end] != '#')
		end++;
	/* Nothing that could end the directive or name somebody else. */
	for (size_t i = start; i < end; i++) {
		char c = https.ptr[i];
		bool is_safe =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';

		if (!is_safe)
			return STR("");
	}
	return end > start ? str_slice(https, 0, end) : STR("");
}

static bool
unsubscribe_view_https(
    struct request *req, const struct mime_list *list, struct view *view)
{
	struct str origin = unsubscribe_origin(list->unsubscribe_https);
	struct view *child;

	if (origin.len == 0)
		return false;
	child = view_child(view, list->is_one_click ? "one_click" : "web");
	view_set_url(child, "url",
	    view_url_foreign(req->arena, list->unsubscribe_https));
	view_text(child, "host",
	    mime_host_shown(req->arena, str_slice(origin, 8, origin.len)));
	/* This form goes there, and no other page's may. */
	if (list->is_one_click)
		req->form_origin = origin;
	return true;
}

static void
unsubscribe_view_mail(
    struct request *req, const struct mime_list *list, struct view *view)
{
	struct str rest = list->unsubscribe_mailto;
	struct view *child;

	if (rest.len == 0)
		return;
	child = view_child(view, "mail");
	view_set_url(child, "url", message_write_url(req, "mailto", rest));
	if (str_starts_nocase(rest, STR("mailto:")))
		rest = str_slice(rest, 7, rest.len);
	view_text(child, "address",
	    mime_address_shown(
	        req->arena, text_line(req->arena, str_cut(&rest, '?'))));
}

static enum err_code
unsubscribe_view(struct request *req, const struct mail_id *id,
    const struct mail_message *message, struct view *view, struct err *err)
{
	struct mime_list list = {0};
	bool doubted = false;
	bool has_https;
	enum err_code rc =
	    mime_list_read(&message->header, req->arena, &list, err);

	if (rc == ERR_OK)
		rc = message_is_doubted(req, message, &doubted, err);
	if (rc != ERR_OK)
		return rc;
	has_https = unsubscribe_view_https(req, &list, view);
	unsubscribe_view_mail(req, &list, view);
	view_bool(view, "is_doubted", doubted);
	view_bool(
	    view, "has_way", has_https || list.unsubscribe_mailto.len > 0);
	view_text(
	    view, "list_name", text_is_empty(list.name) ? list.id : list.name);
	view_bool(view, "has_list_name", list.name.s.len + list.id.s.len > 0);
	view_set_url(view, "message_url", message_stay_url(req, id));
	return ERR_OK;
}

/*
 * Says what will happen; nothing is sent by us. A POST, so that no link in a
 * mail leads here.
 */
enum err_code
page_unsubscribe(struct request *req, struct response *res, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_message message;
	struct mail_id id;
	struct view *view = NULL;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = message_read_header(&mail, &id, &message, err);
	if (rc == ERR_OK)
		rc = page_view(
		    req, res, tr_text("Unsubscribe from a list"), &view, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message.uid_validity;
	rc = unsubscribe_view(req, &id, &message, view, err);
	if (rc != ERR_OK)
		return rc;
	return page_send(req, res, "unsubscribe.html", view, err);
}
