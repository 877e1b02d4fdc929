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
#include "page/page_time.h"
#include "page/pages.h"
#include "store/store_draft.h"
#include "store/store_outbox.h"

#define OWNER_PURPOSE "compose owner"
#define OWNER_AGE_S   ((int64_t)7 * 86400)
#define OWNER_BYTES   ((size_t)4 << 10)
/* Setting of an account: sessions that were logged off, "family time LF". */
#define OWNER_PREF  "compose_logged_off"
#define OWNER_ENDED 100u
/* Letters that others logged in over, for one account. */
#define OWNER_LEFT         20u
#define OWNER_SHOWN        5u /* in a list's note */
#define OWNER_LEFT_PURPOSE "compose left"
#define OWNER_NAME_PURPOSE "name of a form"

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
compose_owner_name(struct request *req)
{
	struct str name = session_name_work(req->app->sessions,
	    OWNER_NAME_PURPOSE, req->session->account, req->arena);

	return name.ptr == NULL
	           ? STR("")
	           : str_printf(req->arena, "for-%.*s", STR_ARG(name));
}

/* What the seal says, if it is one of ours for this composition. */
struct owner {
	struct str account; /* or empty */
	struct str family;
	int64_t made_s;
};

static struct owner
owner_open(struct request *req, struct str id)
{
	struct owner out = {.account = STR("")};
	struct str plain = STR("");
	uint64_t made_s = 0;
	struct buf sealed;

	buf_init_arena(&sealed, req->arena, OWNER_BYTES);
	if (codec_base64url_decode(
	        &sealed, request_field(req, "owner"), NULL) != ERR_OK ||
	    session_unseal(req->app->sessions, req, OWNER_PURPOSE, false, id,
	        buf_str(&sealed), &plain, NULL) != ERR_OK ||
	    num_u64(str_cut(&plain, ' '), 0, INT64_MAX, &made_s, NULL) !=
	        ERR_OK)
		return out;
	out.made_s = (int64_t)made_s;
	out.family = str_cut(&plain, ' ');
	out.account = plain.ptr != NULL ? plain : STR("");
	return out;
}

struct str
compose_owner_of(struct request *req, struct str id)
{
	struct owner owner = owner_open(req, id);

	if (owner.account.len == 0 ||
	    owner.made_s < clock_now_s() - OWNER_AGE_S)
		return STR("");
	/* Who has logged in again is who wrote it. */
	if (req->session != NULL &&
	    str_eq(owner.account, req->session->account))
		return owner.account;
	return owner_is_ended(req, owner.account, owner.family) ? STR("")
	                                                        : owner.account;
}

struct str
page_compose_owner(struct request *req)
{
	return owner_open(req, request_field(req, "id")).account;
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
	/* Nobody of the account is here to see it. */
	if (rc == ERR_OK &&
	    (req->session == NULL ||
	        !str_eq(req->session->account, compose->account)))
		rc = store_draft_keep(
		    req->app->store, compose->account, compose->id, err);
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

/* ---- what somebody else logged in over ---- */
enum err_code
page_compose_leave(struct request *req, struct compose *compose,
    struct str account, struct err *err)
{
	struct store *store = req->app->store;
	struct store_outbox_counts held = {0};
	enum err_code rc = store_outbox_count(store, account, &held, err);

	/* Who holds an old form must not fill the store of its owner. */
	if (rc == ERR_OK && held.kept >= OWNER_LEFT)
		rc = err_set(err, ERR_LIMIT, "There is no room for it.",
		    "compose: too many are left");
	if (rc != ERR_OK)
		return rc;
	compose->account = account;
	compose->version = 0;
	compose->id = STR("");
	/* By its words: what comes twice (Back) is kept once. */
	compose->id = session_name_work(req->app->sessions, OWNER_LEFT_PURPOSE,
	    str_printf(req->arena, "%.*s %.*s", STR_ARG(account),
	        STR_ARG(compose_pack(req->arena, compose))),
	    req->arena);
	if (compose->id.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "compose: leave");
	rc = compose_store_fields(req, compose, err);
	if (rc == ERR_OK)
		rc = store_draft_keep(store, account, compose->id, err);
	log_event(LOG_INFO, "compose.left", LOG_C("reason", err_name(rc)));
	return rc;
}

void
page_compose_view_kept(struct request *req, struct view *view)
{
	struct view_list *list = view_list(view, "kept_letters");
	struct store_compose kept[OWNER_SHOWN] = {{.version = 0}};
	size_t count = 0;

	/* The list is worth showing without them. */
	err_ignore(store_draft_kept(req->app->store, req->session->account,
	    OWNER_SHOWN, req->arena, kept, &count, NULL));
	for (size_t i = 0; i < count; i++) {
		struct view_url_param id[] = {{"id", kept[i].id}, {NULL, {0}}};
		struct compose compose = {.version = 0};
		struct view *row = view_list_add(list);

		/* A damaged one says why when it is opened. */
		err_ignore(
		    compose_unpack(kept[i].fields, req->arena, &compose, NULL));
		view_text(row, "subject", compose.subject);
		view_text(row, "when", page_time_short(req, kept[i].saved_s));
		view_set_url(
		    row, "url", view_url_local(req->arena, "/compose", id));
	}
}

/* A form of somebody else that was posted with this session. */
static enum err_code
owner_leave(struct request *req, struct compose *compose, struct err *err)
{
	struct str account = page_compose_owner(req);
	enum err_code rc;

	/* A script saves again and again. */
	if (account.len == 0 || !compose_has_text(req) ||
	    str_eq(account, req->session->account) ||
	    compose_is_script(request_field(req, "do")))
		return err_set(err, ERR_FORBIDDEN, "This form is not ours.",
		    "compose: owner");
	rc = compose_rich(req, compose, err);
	return rc == ERR_OK ? page_compose_leave(req, compose, account, err)
	                    : rc;
}

bool
page_compose_kept_show(struct request *req, struct response *res)
{
	struct compose compose = {0};
	struct err err = ERR_NONE;
	enum err_code rc = owner_store(req, &compose, &err);

	if (rc == ERR_FORBIDDEN)
		rc = owner_leave(req, &compose, &err);
	if (rc != ERR_OK)
		return false;
	if (!str_eq(compose.account, req->session->account)) {
		response_status(res, 403);
		err_ignore(err_set(&err, ERR_FORBIDDEN,
		    "This message was begun in another account than the one "
		    "you are logged in with now. It is kept there: log in with "
		    "that account to go on.",
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
