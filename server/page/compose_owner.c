/*
 * A form outlives its session: it carries, sealed, for whom it was made and
 * when. What is posted with that seal after the session ended goes into the
 * store of that account and of nobody else; strangers have no such seal, so
 * they cannot store anything. Who logs off ends the seals of that session, in
 * whatever hands they are, until the same account is logged in again; a
 * session that only ended leaves them.
 */
#include "page/compose_inside.h"

#include "base/codec.h"
#include "base/num.h"
#include "base/tr.h"
#include "os/clock.h"
#include "page/pages.h"

#define OWNER_PURPOSE "compose owner"
#define OWNER_AGE_S   ((int64_t)7 * 86400)
#define OWNER_BYTES   ((size_t)4 << 10)
/* Setting of an account: sessions that were logged off, "family time LF". */
#define OWNER_PREF  "compose_logged_off"
#define OWNER_ENDED 100u

/* A session through all switches of mode, in letters. */
static struct str
owner_family(struct request *req, struct str family)
{
	struct buf letters;

	buf_init_arena(&letters, req->arena, 200);
	codec_base64url_encode(&letters, family);
	return buf_str(&letters);
}

static enum err_code
owner_ended(struct request *req, struct str account, struct str *out)
{
	return store_pref_get(
	    req->app->store, account, STR(OWNER_PREF), req->arena, out, NULL);
}

static bool
owner_is_ended(struct request *req, struct str account, struct str family)
{
	struct str rest = {NULL, 0};

	if (owner_ended(req, account, &rest) != ERR_OK)
		return true;
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');

		if (str_eq(str_cut(&line, ' '), family))
			return true;
	}
	return false;
}

/* One more of them; those whose seals are void by their age go. */
void
page_compose_end(struct request *req, struct str family)
{
	struct str account = req->session->account;
	struct str rest = {NULL, 0};
	struct buf out;
	enum err_code rc = owner_ended(req, account, &rest);

	buf_init_arena(&out, req->arena, OWNER_BYTES * 8);
	buf_addf(&out, "%.*s %lld\n", STR_ARG(owner_family(req, family)),
	    (long long)clock_now_s());
	for (size_t i = 1; i < OWNER_ENDED && rest.len > 0; i++) {
		struct str line = str_cut(&rest, '\n');
		struct str time = line;
		uint64_t ended_s = 0;

		(void)str_cut(&time, ' ');
		if (num_u64(time, 0, INT64_MAX, &ended_s, NULL) == ERR_OK &&
		    (int64_t)ended_s >= clock_now_s() - OWNER_AGE_S) {
			buf_add(&out, line);
			buf_add_byte(&out, '\n');
		}
	}
	if (rc == ERR_OK)
		rc = store_pref_set(req->app->store, account, STR(OWNER_PREF),
		    buf_str(&out), NULL);
	/* Nobody stays logged in for that. */
	if (rc != ERR_OK)
		log_event(
		    LOG_WARN, "compose.log_off", LOG_C("reason", err_name(rc)));
}

struct str
compose_owner_seal(struct request *req, struct str id)
{
	struct str sealed = {0};
	struct buf letters;
	struct str plain =
	    str_printf(req->arena, "%lld %.*s %.*s", (long long)clock_now_s(),
	        STR_ARG(owner_family(req, req->session->family)),
	        STR_ARG(req->session->account));

	buf_init_arena(&letters, req->arena, OWNER_BYTES);
	if (session_seal(req->app->sessions, req, OWNER_PURPOSE, false, id,
	        plain, &sealed, NULL) == ERR_OK)
		codec_base64url_encode(&letters, sealed);
	return buf_str(&letters);
}

struct str
compose_owner_of(struct request *req, struct str id)
{
	struct buf sealed;
	struct str plain = {0};
	struct str made, family;
	uint64_t made_s = 0;

	buf_init_arena(&sealed, req->arena, OWNER_BYTES);
	if (codec_base64url_decode(
	        &sealed, request_field(req, "owner"), NULL) != ERR_OK ||
	    session_unseal(req->app->sessions, req, OWNER_PURPOSE, false, id,
	        buf_str(&sealed), &plain, NULL) != ERR_OK)
		return STR("");
	made = str_cut(&plain, ' ');
	if (num_u64(made, 0, INT64_MAX, &made_s, NULL) != ERR_OK ||
	    (int64_t)made_s < clock_now_s() - OWNER_AGE_S)
		return STR("");
	family = str_cut(&plain, ' ');
	/* Who has logged in again is who wrote it. */
	if (plain.len > 0 && req->session != NULL &&
	    str_eq(plain, req->session->account))
		return plain;
	return plain.len > 0 && !owner_is_ended(req, plain, family) ? plain
	                                                            : STR("");
}

static enum err_code
owner_store(struct request *req, struct compose *compose, struct err *err)
{
	const struct form *form = NULL;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	compose_parse(req, NULL, compose);
	compose->account = compose_owner_of(req, compose->id);
	if (compose->account.len == 0 || arena_failed(req->arena))
		return err_set(err, ERR_FORBIDDEN, "This form is not ours.",
		    "compose: owner");
	rc = page_gate_enter(
	    req->app->gate, compose->id, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	/* An upload brings nothing but files. */
	if (!compose_has_text(req))
		rc = page_compose_files(req, compose, err);
	else
		rc = compose_rich(req, compose, err);
	if (rc == ERR_OK && compose_has_text(req))
		rc = compose_store(req, compose, err);
	page_gate_leave(req->app->gate, compose->id);
	return rc;
}

void
page_compose_keep(struct request *req, struct str *out_url)
{
	struct compose compose = {0};
	struct err err = ERR_NONE;
	enum err_code rc;

	*out_url = STR("");
	if (!session_has_cookie(req))
		return;
	rc = owner_store(req, &compose, &err);
	log_event(LOG_INFO, "compose.kept", LOG_C("reason", err_name(rc)));
	/* Another window was faster, or a file is too large: the fields go
	 * through the login page, where nothing is lost. */
	if (rc != ERR_OK || compose.theirs != NULL)
		return;
	*out_url = str_printf(req->arena, "/compose?id=%.*s&kept=%s",
	    STR_ARG(compose.id), text_is_empty(compose.refused) ? "1" : "part");
}

bool
page_compose_kept_show(struct request *req, struct response *res)
{
	struct compose compose = {0};
	struct err err = ERR_NONE;
	enum err_code rc = owner_store(req, &compose, &err);

	if (rc != ERR_OK)
		return false;
	if (!str_eq(compose.account, req->session->account)) {
		response_status(res, 403);
		err_ignore(err_set(&err, ERR_FORBIDDEN,
		    "This message was begun in another account than the one "
		    "you are logged in with now. It is kept there among the "
		    "drafts: log in with that account to go on.",
		    "compose: posted with another account's session"));
		page_error(req, res, ERR_FORBIDDEN, &err);
		return true;
	}
	response_status(res, 403);
	return page_compose_show(req, res, &compose,
	           tr("You logged in again in another window while this one "
	              "was "
	              "open. Here is what you wrote; nothing was sent yet. "
	              "Please "
	              "press the button again."),
	           &err) == ERR_OK;
}
