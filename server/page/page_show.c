#include "page/page_message.h"
#include "page/page_remote.h"

static bool
show_is(struct request *req, const char *name, const char *value)
{
	return str_eq(request_query(req, name), str_c(value));
}

/* "Always for this sender": unless our own mail server doubts who it was. */
static enum err_code
show_read_trust(struct request *req, const struct mail_message *message,
    struct page_show *out, struct err *err)
{
	struct str sender = message_sender_key(req, message);
	bool doubted = false;
	enum err_code rc = ERR_OK;

	if (sender.len == 0)
		return ERR_OK;
	rc = store_trust_has(req->app->store, req->session->account, sender,
	    &out->is_sender_trusted, err);
	if (rc == ERR_OK && out->is_sender_trusted)
		rc = message_is_doubted(req, message, &doubted, err);
	if (doubted)
		out->is_sender_trusted = false;
	return rc;
}

enum err_code
page_show_read(struct request *req, const struct page_prefs *prefs,
    const struct mail_message *message, struct page_show *out, struct err *err)
{
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);
	bool asked;

	*out = (struct page_show){0};
	if (rc == ERR_OK)
		rc = show_read_trust(req, message, out, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message->uid_validity;
	asked = page_remote_is_allowed(req, &id);
	out->remote =
	    asked || (out->is_sender_trusted && !show_is(req, "remote", "0"));
	out->prefer_plain = prefs->prefer_plain;
	if (show_is(req, "show", "plain")) {
		out->is_chosen = true;
		out->prefer_plain = true;
	} else if (show_is(req, "show", "html") || asked) {
		out->is_chosen = true;
		out->prefer_plain = false;
	}
	if (mime_charset_is_known(request_query(req, "charset")))
		out->charset = request_query(req, "charset");
	return ERR_OK;
}

/* Images: asked for once, or left out once although the sender is trusted. */
static struct str
show_remote(
    struct request *req, const struct mail_id *id, const struct page_show *show)
{
	if (show->remote && !show->is_sender_trusted)
		return page_remote_token(req, id);
	if (!show->remote && show->is_sender_trusted)
		return STR("0");
	return str_of(NULL, 0);
}

void
message_show_params(struct request *req, const struct mail_id *id,
    const struct page_show *show, struct view_url_param out[SHOW_PARAMS + 1])
{
	struct str none = {NULL, 0};
	struct view_url_param params[SHOW_PARAMS + 1] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {"show", !show->is_chosen     ? none
	             : show->prefer_plain ? STR("plain")
	                                  : STR("html")},
	    {"remote", show_remote(req, id, show)},
	    {"charset", show->charset.len > 0 ? show->charset : none},
	};

	memcpy(out, params, sizeof(params));
}

struct view_url
page_show_url(struct request *req, const char *path, const struct mail_id *id,
    const struct page_show *show, const char *name, struct str value)
{
	struct view_url_param params[SHOW_PARAMS + 1 + PLACE_PARAMS + 1];
	size_t count = SHOW_PARAMS;
	size_t at = 0;

	message_show_params(req, id, show, params);
	if (name != NULL) {
		while (at < SHOW_PARAMS && strcmp(params[at].name, name) != 0)
			at++;
		if (strcmp(name, "remote") == 0 && value.ptr != NULL &&
		    !str_eq(value, STR("0")))
			value = page_remote_token(req, id);
		params[at] = (struct view_url_param){name, value};
		if (at == SHOW_PARAMS)
			count++;
	}
	params[count] = (struct view_url_param){NULL, {0}};
	/* Only the message's own page leads back to its list. */
	if (strcmp(path, "/message") == 0)
		place_params(req, &params[count]);
	return view_url_local(req->arena, path, params);
}
