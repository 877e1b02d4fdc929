/*
 * Saving the settings, and taking it back: what was stored before stands
 * sealed in the database for an hour.
 */
#include "page/page_settings.h"

#include "base/codec.h"
#include "base/num.h"
#include "base/secret.h"
#include "os/clock.h"
#include "page/page_language.h"
#include "page/page_look.h"
#include "page/page_time.h"
#include "store/store_undo.h"

#define SETTINGS_UNDO_S     (60 * 60)
#define SETTINGS_UNDO_BYTES ((size_t)64 << 10)

static const char settings_purpose[] = "undo of settings";

/* ptr NULL: nothing is stored. */
static struct str
settings_stored(const struct store_pref *list, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].name, name))
			return list[i].content;
	return (struct str){NULL, 0};
}

/* One line for each: name, length, LF, bytes, LF. */
static void
settings_note(struct buf *out, struct str name, struct str before)
{
	buf_addf(out, "%.*s %zu\n", STR_ARG(name), before.len);
	buf_add(out, before);
	buf_add_byte(out, '\n');
}

/* Empty when it cannot be kept: what was saved is saved. */
static struct str
settings_keep(struct request *req, const struct buf *undo)
{
	unsigned char random[16];
	int64_t now_s = clock_now_s();
	struct str sealed;
	struct buf name;

	if (undo->failed != ERR_OK || buf_str(undo).len == 0 ||
	    session_seal(req->app->sessions, req, settings_purpose, true,
	        STR(""), buf_str(undo), &sealed, NULL) != ERR_OK)
		return STR("");
	secret_fill_random(random, sizeof(random));
	buf_init_arena(&name, req->arena, 4 * sizeof(random));
	codec_base64url_encode(
	    &name, str_of((const char *)random, sizeof(random)));
	if (store_undo_put(req->app->store, req->session->account,
	        buf_str(&name), sealed, now_s, now_s + SETTINGS_UNDO_S,
	        NULL) != ERR_OK)
		return STR("");
	return buf_str(&name);
}

static enum err_code
settings_set(
    struct request *req, struct str name, struct str value, struct err *err)
{
	return store_pref_set(
	    req->app->store, req->session->account, name, value, err);
}

/* What differs from what is stored, or else from what is in force. */
struct settings_change {
	struct request *req;
	const struct store_pref *list;
	size_t count;
	struct buf undo;
};

static enum err_code
settings_change(struct settings_change *in, struct str name, struct str now,
    struct str value, struct err *err)
{
	struct str stored = settings_stored(in->list, in->count, name);

	if (str_eq(stored.ptr != NULL ? stored : now, value))
		return ERR_OK;
	settings_note(&in->undo, name, stored);
	return settings_set(in->req, name, value, err);
}

/* It is saved by page_language_save(), with a cookie. */
static void
settings_note_language(struct settings_change *in)
{
	struct str name = str_c(page_language_pref);
	struct str before = settings_stored(in->list, in->count, name);
	struct str next = request_field(in->req, "language");

	if (next.len > 0 &&
	    !str_eq(str_eq(next, STR("auto")) ? STR("") : next, before))
		settings_note(&in->undo, name, before);
}

enum err_code
settings_save(struct request *req, const struct page_prefs *prefs,
    struct str zone, struct str *out_undo, struct err *err)
{
	struct page_prefs old = {.rows = 0};
	struct store_pref now[PAGE_PREF_COUNT];
	struct store_pref next[PAGE_PREF_COUNT];
	struct store_pref *list = NULL;
	struct settings_change in = {.req = req};
	enum err_code rc = page_prefs_get(req, &old, err);

	*out_undo = STR("");
	buf_init_arena(&in.undo, req->arena, SETTINGS_UNDO_BYTES);
	if (rc == ERR_OK)
		rc = store_pref_list(req->app->store, req->session->account,
		    req->arena, &list, &in.count, err);
	if (rc != ERR_OK)
		return rc;
	in.list = list;
	page_prefs_write(req->arena, &old, now);
	page_prefs_write(req->arena, prefs, next);
	for (size_t i = 0; rc == ERR_OK && i < PAGE_PREF_COUNT; i++)
		rc = settings_change(
		    &in, next[i].name, now[i].content, next[i].content, err);
	if (rc == ERR_OK)
		rc = settings_change(&in, str_c(page_look_pref), STR(""),
		    page_look_read(req), err);
	if (rc == ERR_OK && !str_is_empty(zone))
		rc = settings_change(
		    &in, str_c(page_time_pref), STR(""), zone, err);
	if (rc == ERR_OK)
		settings_note_language(&in);
	if (rc == ERR_OK)
		*out_undo = settings_keep(req, &in.undo);
	return rc;
}

enum err_code
settings_undo(struct request *req, struct str name, struct err *err)
{
	struct str sealed;
	struct str rest;
	enum err_code rc = store_undo_get(req->app->store,
	    req->session->account, name, req->arena, &sealed, err);

	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, settings_purpose,
		    true, STR(""), sealed, &rest, err);
	if (rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN)
		return err_set(err, ERR_NOT_FOUND,
		    "This cannot be undone any more: that goes for an hour, "
		    "and until you log off.",
		    "settings undo");
	while (rc == ERR_OK && rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		struct str pref = str_cut(&line, ' ');
		uint32_t bytes = 0;

		rc = num_u32(line, 0, SETTINGS_UNDO_BYTES, &bytes, err);
		if (rc != ERR_OK || bytes >= rest.len)
			return rc;
		rc = settings_set(req, pref, str_slice(rest, 0, bytes), err);
		rest = str_slice(rest, bytes + 1, rest.len);
	}
	return rc;
}
