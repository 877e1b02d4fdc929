/*
 * Where somebody is logged in, for the person to see and to end. A browser
 * that is remembered is one place, whatever sessions its token made.
 */
#include "session/session_key.h"

#include "base/limits.h"
#include "os/clock.h"

static const char PURPOSE[] = "place in a list";

/* What one account has, as the store tells it. */
struct places {
	struct sessions *sessions;
	struct request *req;
	struct store_session *rows;
	size_t row_count;
	struct store_device *devices;
	size_t device_count;
	struct session_place *list;
	size_t count;
};

static bool
place_is_live(const struct places *in, const struct store_session *row)
{
	return row->sealed.len > 0 &&
	       !session_live_is_idle(in->req->cfg, row, clock_now_s());
}

static struct session_place *
place_add(struct places *in, struct str selector)
{
	struct session_place *out = &in->list[in->count++];

	out->id =
	    session_name_work(in->sessions, PURPOSE, selector, in->req->arena);
	return out;
}

/* The newest word of a browser is its own. */
static void
place_use(struct session_place *out, const struct store_session *row,
    const struct session *now)
{
	out->is_live = true;
	if (str_eq(row->selector, now->selector)) {
		out->is_this = true;
		out->expire_views = row->expire_views;
	}
	if (row->used_s < out->used_s && out->agent.len > 0)
		return;
	out->used_s = row->used_s;
	out->agent = row->agent;
	out->address = row->address;
	out->door = row->door;
}

static void
place_device(struct places *in, const struct store_device *device)
{
	struct session_place *out = place_add(in, device->selector);

	out->is_remembered = true;
	out->agent = device->agent;
	out->address = device->address;
	out->door = device->door;
	out->created_s = device->created_s;
	out->used_s = device->used_s;
	out->ends_s = device->ends_s;
	for (size_t i = 0; i < in->row_count; i++)
		if (str_eq(in->rows[i].remember, device->selector) &&
		    place_is_live(in, &in->rows[i]))
			place_use(out, &in->rows[i], in->req->session);
}

static bool
place_has_device(const struct places *in, struct str selector)
{
	for (size_t i = 0; selector.len > 0 && i < in->device_count; i++)
		if (str_eq(in->devices[i].selector, selector))
			return true;
	return false;
}

static void
place_session(struct places *in, const struct store_session *row)
{
	struct session_place *out;

	if (!place_is_live(in, row) || place_has_device(in, row->remember))
		return;
	out = place_add(in, row->selector);
	out->created_s = row->created_s;
	out->expire_views = row->expire_views;
	place_use(out, row, in->req->session);
}

static int
place_order(const void *left, const void *right)
{
	const struct session_place *a = left;
	const struct session_place *b = right;

	if (a->is_this != b->is_this)
		return a->is_this ? -1 : 1;
	return a->used_s == b->used_s ? 0 : a->used_s > b->used_s ? -1 : 1;
}

/* What the store has of this account, whatever it is worth. */
static enum err_code
places_read(struct places *in, struct err *err)
{
	struct store *store = in->sessions->store;
	struct str account = in->req->session->account;
	struct arena *arena = in->req->arena;
	int64_t now_s = clock_now_s();
	enum err_code rc = store_session_list(
	    store, account, now_s, arena, &in->rows, &in->row_count, err);

	if (rc == ERR_OK)
		rc = store_device_list(store, account, now_s, arena,
		    &in->devices, &in->device_count, err);
	return rc;
}

enum err_code
session_place_list(struct sessions *sessions, struct request *req,
    struct session_place **out, size_t *out_count, struct err *err)
{
	struct places in = {.sessions = sessions, .req = req};
	enum err_code rc = places_read(&in, err);

	*out = NULL;
	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	in.list = ARENA_ARRAY(
	    req->arena, in.row_count + in.device_count, struct session_place);
	if (in.list == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	for (size_t i = 0; i < in.device_count; i++)
		place_device(&in, &in.devices[i]);
	for (size_t i = 0; i < in.row_count; i++)
		place_session(&in, &in.rows[i]);
	qsort(in.list, in.count, sizeof(*in.list), place_order);
	if (arena_failed(req->arena))
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	*out = in.list;
	*out_count = in.count;
	return ERR_OK;
}

/* ---- ending them ---------------------------------------------------------
 */
struct place_end {
	struct session_ended *list;
	size_t count;
};

/* Which sessions end: those of `remember`, or the one of `selector`. */
static enum err_code
place_note(const struct places *in, struct str selector, struct str remember,
    struct place_end *out, struct err *err)
{
	out->list =
	    ARENA_ARRAY(in->req->arena, in->row_count, struct session_ended);
	if (out->list == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	for (size_t i = 0; i < in->row_count; i++) {
		const struct store_session *row = &in->rows[i];
		bool is_one = selector.len > 0
		                  ? str_eq(row->selector, selector)
		                  : str_eq(row->remember, remember);

		if (is_one)
			out->list[out->count++] =
			    (struct session_ended){row->selector, row->family};
	}
	return ERR_OK;
}

static bool
place_is(const struct places *in, struct str selector, struct str id)
{
	return str_eq(
	    session_name_work(in->sessions, PURPOSE, selector, in->req->arena),
	    id);
}

static enum err_code
place_end_device(const struct places *in, const struct store_device *device,
    struct place_end *out, struct err *err)
{
	enum err_code rc = place_note(in, STR(""), device->selector, out, err);

	return rc == ERR_OK
	           ? session_device_revoke(in->sessions, device->selector, err)
	           : rc;
}

static enum err_code
place_end_session(const struct places *in, const struct store_session *row,
    struct place_end *out, struct err *err)
{
	enum err_code rc = place_note(in, row->selector, STR(""), out, err);

	return rc == ERR_OK ? store_session_delete(
	                          in->sessions->store, row->selector, err)
	                    : rc;
}

static enum err_code
place_end(const struct places *in, struct str id, struct place_end *out,
    struct err *err)
{
	const struct session *now = in->req->session;

	for (size_t i = 0; i < in->device_count; i++)
		if (place_is(in, in->devices[i].selector, id) &&
		    !str_eq(in->devices[i].selector, now->remember))
			return place_end_device(in, &in->devices[i], out, err);
	for (size_t i = 0; i < in->row_count; i++)
		if (place_is(in, in->rows[i].selector, id) &&
		    !str_eq(in->rows[i].selector, now->selector))
			return place_end_session(in, &in->rows[i], out, err);
	return err_set(
	    err, ERR_NOT_FOUND, "Nobody is logged in there any more.", "place");
}

enum err_code
session_place_end(struct sessions *sessions, struct request *req, struct str id,
    struct session_ended **out, size_t *out_count, struct err *err)
{
	struct places in = {.sessions = sessions, .req = req};
	struct place_end ended = {.count = 0};
	enum err_code rc = id.len == 0 ? ERR_NOT_FOUND : ERR_OK;

	if (rc == ERR_OK)
		rc = places_read(&in, err);
	if (rc == ERR_OK)
		rc = place_end(&in, id, &ended, err);
	*out = ended.list;
	*out_count = rc == ERR_OK ? ended.count : 0;
	return rc;
}

/* All but this one; what is not among the listed ends, too. */
enum err_code
session_place_end_others(struct sessions *sessions, struct request *req,
    struct session_ended **out, size_t *out_count, struct err *err)
{
	struct places in = {.sessions = sessions, .req = req};
	const struct session *now = req->session;
	struct str hash = session_key_hash(
	    sessions, req->arena, secret_str(&now->cookie_secret));
	enum err_code rc = places_read(&in, err);
	size_t count = 0;

	*out_count = 0;
	*out = ARENA_ARRAY(req->arena, in.row_count, struct session_ended);
	if (rc == ERR_OK && (*out == NULL || hash.ptr == NULL))
		rc = err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (rc == ERR_OK)
		rc = store_device_delete_account(
		    sessions->store, now->account, now->remember, err);
	if (rc == ERR_OK)
		rc = store_session_delete_account(
		    sessions->store, now->account, hash, err);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < in.row_count; i++)
		if (!str_eq(in.rows[i].selector, now->selector))
			(*out)[count++] = (struct session_ended){
			    in.rows[i].selector, in.rows[i].family};
	*out_count = count;
	return ERR_OK;
}
