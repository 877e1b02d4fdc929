/*
 * Saving the settings, and taking it back: what was stored before stands
 * sealed in the database for an hour.
 */
#include "page/page_settings.h"

#include "base/num.h"
#include "page/page_language.h"
#include "page/page_look.h"
#include "page/page_time.h"
#include "page/settings_file.h"

#define SETTINGS_UNDO_BYTES ((size_t)64 << 10)

const char settings_undo_purpose[] = "undo of settings";

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

static enum err_code
settings_set(
    struct request *req, struct str name, struct str value, struct err *err)
{
	return store_pref_set(
	    req->app->store, req->session->account, name, value, err);
}

/* What differs from what is stored, or else from what is in force. */
struct settings_saving {
	struct request *req;
	const struct store_pref *list;
	size_t count;
	struct buf undo;
};

static enum err_code
settings_change(struct settings_saving *in, struct str name, struct str now,
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
settings_note_language(struct settings_saving *in)
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
	struct settings_saving in = {.req = req};
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
	if (rc == ERR_OK && in.undo.failed == ERR_OK)
		*out_undo = settings_keep(
		    req, settings_undo_purpose, buf_str(&in.undo));
	return rc;
}

/* A line for each, as settings_note() wrote them. */
static enum err_code
settings_undo_lines(struct request *req, struct str rest, struct err *err)
{
	enum err_code rc = ERR_OK;

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

enum err_code
settings_undo(struct request *req, struct str name, struct err *err)
{
	struct settings_change back;
	struct str kept;
	enum err_code rc =
	    settings_kept(req, settings_undo_purpose, name, &kept, err);

	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "This cannot be undone any more: that goes for an hour, "
		    "and until you log off.",
		    "settings undo");
	if (rc != ERR_OK)
		return rc;
	/* Names of settings begin otherwise. */
	if (!str_starts(kept, STR("[")))
		return settings_undo_lines(req, kept, err);
	rc = settings_change_read(kept, req->arena, &back, err);
	return rc == ERR_OK ? settings_file_apply(req, &back, err) : rc;
}

struct str
settings_keep_item(
    struct request *req, enum settings_section section, struct str id)
{
	struct settings_all *all = ARENA_NEW(req->arena, struct settings_all);
	struct settings_change back = {.prefs = NULL};
	struct str bytes = str_of(NULL, 0);

	if (all == NULL || settings_file_load(req, all, NULL) != ERR_OK)
		return bytes;
	for (size_t i = 0; i < all->lists[section].count; i++)
		if (str_eq(all->lists[section].items[i].id, id))
			back.put[section] = (struct settings_list){
			    .items = &all->lists[section].items[i], .count = 1};
	if (back.put[section].count == 0 ||
	    settings_change_write(&back, req->arena, &bytes, NULL) != ERR_OK)
		return str_of(NULL, 0);
	bytes = settings_keep(req, settings_undo_purpose, bytes);
	return bytes.len > 0 ? bytes : str_of(NULL, 0);
}

void
settings_view_removed(struct request *req, struct view *view, const char *back)
{
	struct str undo = request_query(req, "undo");
	struct view *child;

	if (undo.len == 0)
		return;
	child = view_child(view, "undo_removed");
	view_str(
	    child, "value", str_printf(req->arena, "undo:%.*s", STR_ARG(undo)));
	view_word(child, "back", back);
}
