#include "page/compose_inside.h"

#include "os/clock.h"
#include "store/store_draft.h"

struct view_url
compose_url(struct request *req, const char *path,
    const struct compose *compose, bool saved)
{
	struct view_url_param params[] = {
	    {"id", compose->id},
	    {"saved", saved ? STR("1") : str_of(NULL, 0)},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, path, params);
}

static enum err_code
compose_read(struct request *req, struct str account, struct str id,
    struct store_compose *stored, struct compose *out, struct err *err)
{
	enum err_code rc = store_compose_find(
	    req->app->store, account, id, req->arena, stored, err);

	if (rc == ERR_OK)
		rc = compose_unpack(stored->fields, req->arena, out, err);
	out->id = id;
	out->account = account;
	out->version = stored->version;
	out->base = stored->version;
	out->saved_s = stored->saved_s;
	return rc;
}

enum err_code
compose_load(struct request *req, struct str id, struct compose *out,
    enum store_compose_state *out_state, struct err *err)
{
	struct store_compose stored = {0};
	enum err_code rc;

	if (!compose_id_is_valid(id))
		return err_set(err, ERR_NOT_FOUND,
		    "This address does not name a message being written.",
		    NULL);
	rc = compose_read(req, req->session->account, id, &stored, out, err);
	if (rc == ERR_NOT_FOUND ||
	    (rc == ERR_OK && stored.state == STORE_COMPOSE_GONE))
		return err_set(err, ERR_NOT_FOUND,
		    "This message is no longer being written: it was sent or "
		    "discarded, or it belongs to another account.",
		    NULL);
	if (rc != ERR_OK)
		return rc;
	out->result = stored.result;
	*out_state = stored.state;
	return ERR_OK;
}

/* The same words, whichever window they came from? */
static bool
compose_is_same(
    struct request *req, const struct compose *a, const struct compose *b)
{
	struct compose other = *b;

	other.window = a->window;
	return str_eq(
	    compose_pack(req->arena, a), compose_pack(req->arena, &other));
}

/*
 * Another version is there. The same words (a form sent twice) are stored
 * already; this window's own (Back, and on from there) may be overwritten,
 * and what was discarded; those of another one not.
 */
static enum err_code
compose_store_other(struct request *req, struct compose *compose,
    struct store_compose *saved, struct err *err)
{
	struct compose *theirs = ARENA_NEW(req->arena, struct compose);
	struct store_compose stored = {0};
	bool is_gone = false;
	bool is_saved = false;
	enum err_code rc;

	if (theirs == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "compose_store");
	rc = compose_read(
	    req, compose->account, compose->id, &stored, theirs, err);
	if (rc != ERR_OK)
		return rc;
	compose->version = stored.version;
	is_gone = stored.state == STORE_COMPOSE_GONE;
	if (!is_gone && compose_is_same(req, compose, theirs))
		return ERR_OK;
	if (is_gone || (compose->window.len > 0 &&
	                   str_eq(compose->window, theirs->window))) {
		rc = store_draft_save(
		    req->app->store, saved, stored.version, &is_saved, err);
		compose->version += is_saved ? 1 : 0;
	}
	if (rc == ERR_OK && !is_saved) {
		compose->theirs = theirs;
		compose->theirs_saved_s = stored.saved_s;
	}
	return rc;
}

/*
 * Is this very version stored with these very words? *out_is_there: some
 * version is.
 */
static bool
compose_is_stored(
    struct request *req, const struct compose *compose, bool *out_is_there)
{
	struct store_compose stored = {0};
	struct compose before = {0};

	*out_is_there = compose->version > 0 &&
	                compose_read(req, compose->account, compose->id,
	                    &stored, &before, NULL) == ERR_OK;
	return *out_is_there && stored.state == STORE_COMPOSE_WRITING &&
	       stored.version == compose->version &&
	       compose_is_same(req, compose, &before);
}

enum err_code
compose_store_fields(
    struct request *req, struct compose *compose, struct err *err)
{
	struct store_compose stored = {
	    .id = compose->id,
	    .account = compose->account,
	    .state = STORE_COMPOSE_WRITING,
	    .fields = compose_pack(req->arena, compose),
	    .created_s = clock_now_s(),
	    .saved_s = clock_now_s(),
	};
	bool is_saved = false;
	bool is_there = false;
	enum err_code rc = ERR_OK;

	if (stored.fields.ptr == NULL)
		return err_set(err, ERR_LIMIT,
		    "The text is longer than 4 MB. Please attach it as a file.",
		    NULL);
	if (compose_is_stored(req, compose, &is_there))
		return ERR_OK;
	/* Whatever version the form speaks of: this makes one more. */
	if (!is_there)
		rc = compose_room(req, compose,
		    str_eq(request_field(req, "do"), STR("send")), err);
	if (rc == ERR_OK)
		rc = store_draft_save(
		    req->app->store, &stored, compose->version, &is_saved, err);
	if (rc == ERR_OK && !is_saved)
		return compose_store_other(req, compose, &stored, err);
	if (rc == ERR_OK)
		compose->version++;
	return rc;
}

enum err_code
compose_store(struct request *req, struct compose *compose, struct err *err)
{
	enum err_code rc = compose_store_fields(req, compose, err);

	/* Somebody else began it in this browser: it becomes one's own. */
	if (rc == ERR_FORBIDDEN) {
		compose->id = compose_id_new(req->arena);
		compose->version = 0;
	}
	if (rc == ERR_OK)
		rc = page_compose_files(req, compose, err);
	return rc;
}
