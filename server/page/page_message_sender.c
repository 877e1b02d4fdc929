#include "base/codec.h"
#include "mime/mime_sender.h"
#include "page/page_message.h"
#include "page/page_receipt.h"
#include "page/page_people.h"

#define SENDER_AUTHSERV_IDS 16

static const char sender_purpose[] = "write to";

struct str
message_sender_key(struct request *req, const struct mail_message *message)
{
	const struct mime_addresses *from = &message->header.from;

	if (from->count != 1)
		return STR("");
	return str_lower(req->arena, from->list[0].address.s);
}

enum err_code
message_auth(struct request *req, const struct mail_message *message,
    struct mime_auth *out, struct err *err)
{
	struct str rest = page_mail_site(req)->authserv_id;
	struct str ids[SENDER_AUTHSERV_IDS];
	size_t count = 0;

	*out = (struct mime_auth){0};
	while (rest.len > 0 && count < SENDER_AUTHSERV_IDS) {
		struct str id = str_cut(&rest, ' ');

		if (id.len > 0)
			ids[count++] = id;
	}
	if (count == 0)
		return ERR_OK;
	return mime_auth_read(
	    &message->header, ids, count, req->arena, out, err);
}

/* DMARC speaks of From itself; without it, what the others say of it. */
bool
message_auth_failed(const struct mime_auth *auth)
{
	if (!auth->is_known || auth->dmarc == MIME_AUTH_PASS)
		return false;
	if (auth->dmarc == MIME_AUTH_FAIL)
		return true;
	if (auth->dkim == MIME_AUTH_PASS && auth->is_dkim_aligned)
		return false;
	return auth->dkim == MIME_AUTH_FAIL || auth->spf == MIME_AUTH_FAIL;
}

enum err_code
message_is_doubted(struct request *req, const struct mail_message *message,
    bool *out, struct err *err)
{
	struct mime_auth auth;
	enum err_code rc = message_auth(req, message, &auth, err);

	*out = rc == ERR_OK && message_auth_failed(&auth);
	return rc;
}

struct view_url
message_write_url(struct request *req, const char *name, struct str value)
{
	struct view_url_param plain[] = {{name, value}, {NULL, {0}}};
	struct view_url_param sealed[] = {{"m", {NULL, 0}}, {NULL, {0}}};
	struct buf mailto;
	struct buf token;
	struct str bytes;

	if (!req->session->expire_views)
		return view_url_local(req->arena, "/compose", plain);
	buf_init_arena(&mailto, req->arena, LIMIT_QUERY_BYTES);
	buf_init_arena(&token, req->arena, LIMIT_QUERY_BYTES);
	if (strcmp(name, "to") == 0)
		buf_add_percent(&mailto, value);
	else
		buf_add(&mailto, value);
	if (mailto.failed == ERR_OK &&
	    session_seal(req->app->sessions, req, sender_purpose, true, STR(""),
	        buf_str(&mailto), &bytes, NULL) == ERR_OK) {
		codec_base64url_encode(&token, bytes);
		sealed[0].value = buf_str(&token);
	}
	return view_url_local(req->arena, "/compose", sealed);
}

struct str
message_write_sealed(struct request *req)
{
	struct str token = request_query(req, "m");
	struct str mailto = {NULL, 0};
	struct buf bytes;

	buf_init_arena(&bytes, req->arena, LIMIT_QUERY_BYTES);
	if (token.len == 0 ||
	    codec_base64url_decode(&bytes, token, NULL) != ERR_OK ||
	    session_unseal(req->app->sessions, req, sender_purpose, true,
	        STR(""), buf_str(&bytes), &mailto, NULL) != ERR_OK)
		return STR("");
	return mailto;
}

/* "DKIM and DMARC", "SPF": what passed. */
static struct str
sender_checks(struct arena *arena, const struct mime_auth *auth)
{
	const struct {
		const char *name;
		bool passed;
	} checks[] = {
	    {"SPF", auth->spf == MIME_AUTH_PASS},
	    {"DKIM", auth->dkim == MIME_AUTH_PASS},
	    {"DMARC", auth->dmarc == MIME_AUTH_PASS},
	};
	struct buf words;

	buf_init_arena(&words, arena, 64);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].passed)
			continue;
		if (words.len > 0)
			buf_add_c(&words, page_comma());
		buf_add_c(&words, checks[i].name);
	}
	return buf_str(&words);
}

static struct text
sender_domain(struct request *req, const struct mime_header *header)
{
	struct str rest = header->from.list[0].address.s;
	size_t at = rest.len;

	while (at > 0 && rest.ptr[at - 1] != '@')
		at--;
	return mime_host_shown(req->arena, str_slice(rest, at, rest.len));
}

static void
sender_view_auth(struct request *req, const struct mime_header *header,
    const struct mime_auth *auth, struct view *view)
{
	struct view *child;
	bool confirmed =
	    auth->dmarc == MIME_AUTH_PASS ||
	    (auth->dkim == MIME_AUTH_PASS && auth->is_dkim_aligned);

	if (!auth->is_known || header->from.count == 0)
		return;
	if (message_auth_failed(auth)) {
		child = view_child(view, "auth_failed");
		view_text(child, "domain", sender_domain(req, header));
	} else if (confirmed) {
		child = view_child(view, "auth_passed");
		view_text(child, "domain", sender_domain(req, header));
		view_str(child, "checks", sender_checks(req->arena, auth));
	} else if (auth->dkim == MIME_AUTH_PASS &&
	           !text_is_empty(auth->dkim_domain)) {
		child = view_child(view, "auth_other");
		view_text(child, "domain",
		    mime_host_shown(req->arena, auth->dkim_domain.s));
	}
}

static void
sender_view_notices(struct request *req, const struct mime_header *header,
    const struct mime_sender *sender, struct view *view)
{
	static const struct {
		enum mime_sender_notice notice;
		const char *name;
	} names[] = {
	    {MIME_SENDER_NO_FROM, "notice_no_from"},
	    {MIME_SENDER_SEVERAL_FROM, "notice_several_from"},
	    {MIME_SENDER_NAME_IS_ADDRESS, "notice_name"},
	    {MIME_SENDER_REPLY_ELSEWHERE, "notice_reply"},
	    {MIME_SENDER_CONFUSABLE, "notice_confusable"},
	    {MIME_SENDER_HIDDEN_MARKS, "notice_hidden"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		view_bool(view, names[i].name,
		    (sender->notices & names[i].notice) != 0);
	view_text(view, "named_address",
	    mime_address_shown(req->arena, sender->named_address));
	view_text(view, "reply_address",
	    mime_address_shown(req->arena, sender->reply_address));
	if (header->from.count > 0) {
		view_text(view, "from_domain", sender_domain(req, header));
		view_text(view, "from_address",
		    mime_address_shown(
		        req->arena, header->from.list[0].address));
	}
}

static enum err_code
sender_view_list(struct request *req, const struct page_reading *page,
    struct view *view, struct err *err)
{
	struct mime_list list = {0};
	enum err_code rc =
	    mime_list_read(&page->message.header, req->arena, &list, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "can_unsubscribe",
	    list.unsubscribe_https.len + list.unsubscribe_mailto.len > 0);
	view_set_url(view, "unsubscribe_url",
	    view_url_own(req->arena, STR("/unsubscribe")));
	view_bool(view, "can_reply_list", list.post.len > 0);
	view_bool(view, "is_list", !text_is_empty(list.id));
	view_text(
	    view, "list_name", text_is_empty(list.name) ? list.id : list.name);
	return ERR_OK;
}

static enum err_code
sender_view_known(struct request *req, const struct page_reading *page,
    const struct mime_auth *auth, struct view *view, struct err *err)
{
	const struct page_show *show = &page->show;
	struct str sender = message_sender_key(req, &page->message);
	bool is_contact = false;
	enum err_code rc = ERR_OK;

	if (sender.len > 0)
		rc = store_person_has(req->app->store, req->session->account,
		    people_key(req->arena, sender), &is_contact, err);
	view_bool(view, "can_add_contact", sender.len > 0 && !is_contact);
	view_bool(view, "is_contact", is_contact);
	view_bool(view, "can_trust",
	    sender.len > 0 && !show->is_sender_trusted &&
	        !message_auth_failed(auth));
	view_bool(view, "is_sender_trusted", show->is_sender_trusted);
	view_str(view, "sender_key", sender);
	view_set_url(
	    view, "senders_url", view_url_own(req->arena, STR("/senders")));
	return rc;
}

enum err_code
message_view_sender(struct request *req, const struct page_reading *page,
    struct view *view, struct err *err)
{
	const struct mime_header *header = &page->message.header;
	struct mail mail = page_mail(req);
	struct mime_auth auth;
	struct mime_sender sender = {0};
	bool is_own =
	    page_folder_is_outgoing(&mail, &page->folders, page->id.folder);
	enum err_code rc = message_auth(req, &page->message, &auth, err);

	page_receipt_view(req, page, view);
	if (rc == ERR_OK)
		rc = sender_view_list(req, page, view, err);
	if (rc == ERR_OK)
		rc = sender_view_known(req, page, &auth, view, err);
	if (rc != ERR_OK || is_own)
		return rc;
	mime_sender_read(header, req->arena, &sender);
	sender_view_notices(req, header, &sender, view);
	sender_view_auth(req, header, &auth, view);
	return ERR_OK;
}
