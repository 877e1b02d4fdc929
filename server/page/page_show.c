#include "page/page_reading.h"

static bool
show_is(struct request *req, const char *name, const char *value)
{
	return str_eq(request_query(req, name), str_c(value));
}

enum err_code
page_show_read(struct request *req, const struct page_prefs *prefs,
    const struct mail_message *message, struct page_show *out, struct err *err)
{
	(void)message;
	(void)err;
	*out = (struct page_show){0};
	out->prefer_plain = prefs->prefer_plain;
	out->remote = show_is(req, "remote", "1");
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
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {"show", !show->is_chosen     ? none
	             : show->prefer_plain ? STR("plain")
	                                  : STR("html")},
	    {"remote", show->remote ? STR("1") : none},
	    {NULL, {0}},
	    {NULL, {0}},
	};
	size_t i = 0;

	if (name == NULL)
		return view_url_local(req->arena, path, params);
	while (params[i].name != NULL && strcmp(params[i].name, name) != 0)
		i++;
	params[i] = (struct view_url_param){name, value};
	return view_url_local(req->arena, path, params);
}
