/* What Send asks first. Each thing once: `confirmed` carries the answers. */
#include "page/compose_inside.h"

#include "base/num.h"
#include "base/tr.h"

struct ask {
	bool attachment, subject, recipients;
	uint32_t visible; /* recipients in To and Cc */
};

static bool
is_confirmed(struct text confirmed, struct str word)
{
	struct str rest = confirmed.s;

	while (rest.len > 0)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

/* "to23": so many who see each other were confirmed. */
static uint32_t
confirmed_recipients(struct text confirmed)
{
	struct str rest = confirmed.s;
	uint32_t most = 0;

	while (rest.len > 0) {
		struct str word = str_cut(&rest, ' ');
		uint32_t number = 0;

		if (str_starts(word, STR("to")) &&
		    num_u32(str_slice(word, 2, word.len), 1, UINT32_MAX,
		        &number, NULL) == ERR_OK &&
		    number > most)
			most = number;
	}
	return most;
}

static enum err_code
ask_files(struct request *req, const struct compose *compose, bool *out_any,
    struct err *err)
{
	struct store_attachment *files = NULL;
	size_t count = 0;
	enum err_code rc = store_attachment_list(req->app->store,
	    compose->account, compose->id, req->arena, &files, &count, err);

	*out_any = count > 0;
	return rc;
}

static bool
ask_nobody(const struct compose *compose)
{
	return str_trim(compose->to.s).len == 0 &&
	       str_trim(compose->cc.s).len == 0 &&
	       str_trim(compose->bcc.s).len == 0;
}

static enum err_code
ask_what(struct request *req, const struct compose *compose, struct ask *out,
    struct err *err)
{
	struct mime_addresses to = {0};
	struct mime_addresses cc = {0};
	uint32_t most = req->cfg->ask_recipients;
	bool has_files = false;
	enum err_code rc = ask_files(req, compose, &has_files, err);

	/* That nobody gets it, Send says itself. */
	if (rc != ERR_OK || ask_nobody(compose))
		return rc;
	/* What cannot be read as addresses is said by Send itself. */
	if (mime_parse_addresses(compose->to.s, req->arena, &to, NULL) ==
	        ERR_OK &&
	    mime_parse_addresses(compose->cc.s, req->arena, &cc, NULL) ==
	        ERR_OK)
		out->visible = (uint32_t)(to.count + cc.count);
	out->recipients =
	    most > 0 && out->visible > most &&
	    confirmed_recipients(compose->confirmed) < out->visible;
	out->subject = str_trim(compose->subject.s).len == 0 &&
	               !is_confirmed(compose->confirmed, STR("subject"));
	out->attachment =
	    !has_files &&
	    !is_confirmed(compose->confirmed, STR("attachment")) &&
	    compose_says_attached(
	        compose->kind == COMPOSE_NEW ? compose->subject : TEXT(""),
	        compose->body);
	return rc;
}

/* What "Send anyway" confirms. */
static struct str
ask_confirms(
    struct request *req, const struct compose *compose, const struct ask *ask)
{
	struct buf words;

	buf_init_arena(&words, req->arena, LIMIT_NAME_BYTES);
	buf_add(
	    &words, str_slice(compose->confirmed.s, 0, LIMIT_NAME_BYTES / 2));
	if (ask->attachment)
		buf_add_c(&words, " attachment");
	if (ask->subject)
		buf_add_c(&words, " subject");
	if (ask->recipients)
		buf_addf(&words, " to%u", ask->visible);
	return str_trim(buf_str(&words));
}

static enum err_code
ask_show(struct request *req, struct response *res,
    const struct compose *compose, const struct ask *ask, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Send it like this?"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "ask_attachment", ask->attachment);
	view_bool(view, "ask_subject", ask->subject);
	view_bool(view, "ask_recipients", ask->recipients);
	view_u64(view, "visible", ask->visible);
	view_str(view, "id", compose->id);
	view_u64(view, "version", compose->version);
	view_str(view, "confirmed", ask_confirms(req, compose, ask));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/compose")));
	view_set_url(
	    view, "back_url", compose_url(req, "/compose", compose, false));
	response_status(res, 200);
	return page_send(req, res, "compose_ask.html", view, err);
}

enum err_code
compose_ask(struct request *req, struct response *res, struct compose *compose,
    bool *out, struct err *err)
{
	struct ask ask = {0};
	enum err_code rc = ask_what(req, compose, &ask, err);

	*out =
	    rc == ERR_OK && (ask.attachment || ask.subject || ask.recipients);
	return *out ? ask_show(req, res, compose, &ask, err) : rc;
}
