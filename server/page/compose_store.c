#include "page/compose_inside.h"

#include "base/num.h"
#include "mail/outbox.h"
#include "os/clock.h"
#include "page/page_login.h"
#include "page/pages.h"

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

enum err_code
compose_load(struct request *req, struct str id, struct compose *out,
    enum store_compose_state *out_state, struct err *err)
{
	struct store_compose stored;
	enum err_code rc;

	if (!compose_id_is_valid(id))
		return err_set(err, ERR_NOT_FOUND,
		    "This address does not name a message being written.",
		    NULL);
	rc = store_compose_find(req->app->store, req->session->account, id,
	    req->arena, &stored, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "This message is no longer being written: it was sent or "
		    "discarded.",
		    NULL);
	if (rc == ERR_OK)
		rc = compose_unpack(stored.fields, req->arena, out, err);
	if (rc != ERR_OK)
		return rc;
	out->id = id;
	out->version = stored.version;
	*out_state = stored.state;
	return ERR_OK;
}

enum err_code
compose_store_fields(
    struct request *req, const struct compose *compose, struct err *err)
{
	struct store_compose stored = {
	    .id = compose->id,
	    .account = req->session->account,
	    .state = STORE_COMPOSE_WRITING,
	    .fields = compose_pack(req->arena, compose),
	    .created_s = clock_now_s(),
	    .saved_s = clock_now_s(),
	};

	if (stored.fields.ptr == NULL)
		return err_set(err, ERR_LIMIT,
		    "The text is longer than 4 MB. Please attach it as a file.",
		    NULL);
	return store_compose_save(req->app->store, &stored, err);
}

enum err_code
compose_store(struct request *req, struct compose *compose, struct err *err)
{
	enum err_code rc = compose_store_fields(req, compose, err);

	/* Somebody else began it in this browser: it becomes one's own. */
	if (rc == ERR_FORBIDDEN)
		compose->id = compose_id_new(req->arena);
	if (rc == ERR_OK)
		rc = page_compose_files(req, compose, err);
	/* The next form of this composition brings other files. */
	compose->version++;
	return rc;
}
