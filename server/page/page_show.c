#include "page/page_reading.h"
#include "page/page_remote.h"

static bool
show_is(struct request *req, const char *name, const char *value)
{
	return str_eq(request_query(req, name), str_c(value));
}

enum err_code
page_show_read(struct request *req, const struct page_prefs *prefs,
    const struct mail_message *message, struct page_show *out, struct err *err)
{
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	*out = (struct page_show){0};
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message->uid_validity;
	out->prefer_plain = prefs->prefer_plain;
	out->remote = page_remote_is_allowed(req, &id);
	if (show_is(req, "show", "plain")) {
		out->is_chosen = true;
		out->prefer_plain = true;
	} else if (show_is(req, "show", "html") || out->remote) {
		out->is_chosen = true;
		out->prefer_plain = false;
	}
	return ERR_OK;
}

struct view_url
page_show_url(struct request *req, const char *path, const struct mail_id *id,
    const struct page_show *show, const char *name, struct str value)
{
	struct str none = {NULL, 0};
	bool is_remote = name != NULL && strcmp(name, "remote") == 0
	                     ? value.ptr != NULL
	                     : show->remote && !show->is_sender_trusted;
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {"show", !show->is_chosen     ? none
	             : show->prefer_plain ? STR("plain")
	                                  : STR("html")},
	    {"remote", is_remote ? page_remote_token(req, id) : none},
	    {NULL, {0}},
	    {NULL, {0}},
	};
	size_t i = 0;

	if (name == NULL || strcmp(name, "remote") == 0)
		return view_url_local(req->arena, path, params);
	while (params[i].name != NULL && strcmp(params[i].name, name) != 0)
		i++;
	params[i] = (struct view_url_param){name, value};
	return view_url_local(req->arena, path, params);
}
