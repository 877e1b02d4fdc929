/* What takes an import back, as bytes: ours, not a stranger's. */
#include "page/settings_file.h"

/* Everything before and after, at most. */
static const struct json_limits back_limits = {
    .bytes = 3 * SETTINGS_FILE_BYTES, .depth = 6, .values = 200000};

/* ---- writing --------------------------------------------------------------
 */
static void
back_write_items(struct arena *arena, const struct settings_list *from,
    bool has_fields, struct json *into)
{
	struct json *list = json_add(arena, into, STR(""), JSON_KIND_LIST);

	for (size_t i = 0; list != NULL && i < from->count; i++) {
		const struct settings_item *item = &from->items[i];
		struct json *one =
		    json_add(arena, list, STR(""), JSON_KIND_LIST);

		json_add_string(arena, one, STR(""), item->id);
		json_add_number(arena, one, STR(""), item->when_s);
		json_add_bool(arena, one, STR(""), item->is_verified);
		for (size_t k = 0; has_fields && k < SETTINGS_FIELDS; k++)
			json_add_string(arena, one, STR(""), item->fields[k]);
	}
}

enum err_code
settings_change_write(const struct settings_change *change, struct arena *arena,
    struct str *out, struct err *err)
{
	struct json *root = json_add(arena, NULL, STR(""), JSON_KIND_LIST);
	struct json *prefs = json_add(arena, root, STR(""), JSON_KIND_LIST);
	struct buf bytes;

	*out = STR("");
	for (size_t i = 0; i < change->pref_count; i++) {
		const struct store_pref *at = &change->prefs[i];

		json_add_string(arena, prefs, STR(""), at->name);
		json_add_string(arena, prefs, STR(""), at->content);
	}
	for (size_t i = 0; i < SETTINGS_SECTIONS; i++) {
		back_write_items(arena, &change->put[i], true, root);
		back_write_items(arena, &change->gone[i], false, root);
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings back");
	buf_init_arena(&bytes, arena, back_limits.bytes);
	if (json_write(root, &bytes, err) != ERR_OK)
		return err->code;
	*out = buf_str(&bytes);
	return ERR_OK;
}

/* ---- reading --------------------------------------------------------------
 */
static size_t
back_count(const struct json *list)
{
	size_t count = 0;

	for (const struct json *at = list->first; at != NULL; at = at->next)
		count++;
	return count;
}

static void
back_read_item(const struct json *from, struct settings_item *out)
{
	const struct json *at = from->first;

	if (at == NULL || at->next == NULL || at->next->next == NULL)
		return;
	out->id = at->string;
	out->when_s = at->next->number;
	out->is_verified = at->next->next->is_true;
	at = at->next->next->next;
	for (size_t i = 0; i < SETTINGS_FIELDS && at != NULL; i++) {
		out->fields[i] = at->string;
		at = at->next;
	}
}

static bool
back_read_items(
    struct arena *arena, const struct json *from, struct settings_list *out)
{
	out->items = ARENA_ARRAY(arena, back_count(from), struct settings_item);
	if (out->items == NULL)
		return false;
	for (const struct json *at = from->first; at != NULL; at = at->next)
		back_read_item(at, &out->items[out->count++]);
	return true;
}

static bool
back_read_prefs(
    struct arena *arena, const struct json *from, struct settings_change *out)
{
	out->prefs = ARENA_ARRAY(arena, back_count(from), struct store_pref);
	if (out->prefs == NULL)
		return false;
	for (const struct json *at = from->first;
	     at != NULL && at->next != NULL; at = at->next->next) {
		struct str content = at->next->string;

		out->prefs[out->pref_count++] = (struct store_pref){
		    at->string, content.len > 0 ? content : str_of(NULL, 0)};
	}
	return true;
}

enum err_code
settings_change_read(struct str bytes, struct arena *arena,
    struct settings_change *out, struct err *err)
{
	struct json *root = NULL;
	const struct json *at;
	bool is_fine;
	enum err_code rc = json_read(bytes, &back_limits, arena, &root, err);

	*out = (struct settings_change){.prefs = NULL};
	if (rc != ERR_OK)
		return rc;
	at = root->first;
	is_fine = at != NULL && back_read_prefs(arena, at, out);
	for (size_t i = 0; is_fine && i < SETTINGS_SECTIONS; i++) {
		at = at->next;
		is_fine =
		    at != NULL && back_read_items(arena, at, &out->put[i]);
		if (!is_fine)
			break;
		at = at->next;
		is_fine =
		    at != NULL && back_read_items(arena, at, &out->gone[i]);
	}
	return is_fine
	           ? ERR_OK
	           : err_set(err, ERR_INTERNAL,
	                 "This cannot be undone any more.", "settings back");
}
