/* What a file would change, and what takes that back. */
#include "mime/mime_fold.h"
#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_identity.h"
#include "page/settings_file.h"

/* Settings that are no lines of settings_prefs. */
static const char plan_default[] = "identity";
static const char plan_labels[] = "labels";

struct planning {
	struct arena *arena;
	const struct settings_all *now, *file;
	bool removes;
	struct settings_plan *out;
	/* Of each item of a file's list, which of now it is: index + 1. */
	size_t *known;
	bool *taken;
	int64_t now_s;
};

static void
plan_pref(
    struct planning *in, const char *name, struct str before, struct str after)
{
	struct settings_change *change = &in->out->change;
	struct settings_change *back = &in->out->back;

	if (before.len == 0)
		before = str_of(NULL, 0);
	if (after.len == 0)
		after = str_of(NULL, 0);
	change->prefs[change->pref_count++] =
	    (struct store_pref){str_c(name), after};
	back->prefs[back->pref_count++] =
	    (struct store_pref){str_c(name), before};
	in->out->work++;
}

static void
plan_prefs(struct planning *in)
{
	for (size_t i = 0; i < SETTINGS_PREFS; i++) {
		struct str before = in->now->prefs[i];
		struct str after = in->file->prefs[i];
		const struct settings_pref *pref = &settings_prefs[i];

		if (!in->file->has_pref[i])
			continue;
		if (str_eq(before, after)) {
			in->out->prefs.same++;
			continue;
		}
		settings_names_add(&in->out->prefs.changed,
		    settings_pref_words(in->arena, pref, after));
		plan_pref(in, pref->name, before, after);
	}
}

/* ---- which is which -------------------------------------------------------
 */
static bool
item_is_same(const struct settings_item *a, const struct settings_item *b)
{
	for (size_t i = 0; i < SETTINGS_FIELDS; i++)
		if (!str_eq(a->fields[i], b->fields[i]))
			return false;
	return true;
}

static bool
item_is_known(struct planning *in, enum settings_section section, size_t key,
    const struct settings_item *a, const struct settings_item *b)
{
	bool is_name = section == SETTINGS_LABELS && key == 1;

	if (is_name)
		return str_eq(mime_fold(in->arena, a->fields[key]),
		    mime_fold(in->arena, b->fields[key]));
	return str_eq_nocase(a->fields[key], b->fields[key]);
}

/* One pass over those that are not known yet; `key` SETTINGS_FIELDS: all. */
static void
match_pass(struct planning *in, enum settings_section section, size_t key)
{
	const struct settings_list *file = &in->file->lists[section];
	const struct settings_list *now = &in->now->lists[section];

	for (size_t i = 0; i < file->count; i++)
		for (size_t k = 0; in->known[i] == 0 && k < now->count; k++) {
			const struct settings_item *a = &file->items[i];
			const struct settings_item *b = &now->items[k];

			if (in->taken[k] ||
			    !(key == SETTINGS_FIELDS
			            ? item_is_same(a, b)
			            : item_is_known(in, section, key, a, b)))
				continue;
			in->taken[k] = true;
			in->known[i] = k + 1;
		}
}

static bool
match(struct planning *in, enum settings_section section)
{
	const size_t *keys = settings_shapes[section].keys;

	in->known =
	    ARENA_ARRAY(in->arena, in->file->lists[section].count, size_t);
	in->taken = ARENA_ARRAY(in->arena, in->now->lists[section].count, bool);
	if (in->known == NULL || in->taken == NULL)
		return false;
	match_pass(in, section, SETTINGS_FIELDS);
	match_pass(in, section, keys[0]);
	if (keys[1] != keys[0])
		match_pass(in, section, keys[1]);
	return true;
}

/* ---- lists ----------------------------------------------------------------
 */
static void
list_add(struct settings_list *list, const struct settings_item *item)
{
	list->items[list->count++] = *item;
}

/* New, or another one than `before`. */
static void
plan_put(struct planning *in, enum settings_section section,
    const struct settings_item *before, struct settings_item item, size_t at)
{
	struct settings_plan *out = in->out;
	struct settings_count *count = &out->lists[section];
	struct text words = settings_item_words(in->arena, section, &item);

	out->work++;
	if (before == NULL) {
		item.id = section == SETTINGS_SENDERS
		              ? item.fields[0]
		              : compose_id_new(in->arena);
		/* In the file's order; senders: the first is the newest. */
		item.when_s = in->now_s - (int64_t)at;
		if (section == SETTINGS_IDENTITIES)
			item.when_s =
			    in->now_s - LIMIT_IDENTITIES + (int64_t)at;
		settings_names_add(&count->fresh, words);
		list_add(&out->back.gone[section], &item);
	} else {
		item.id = before->id;
		item.when_s = before->when_s;
		item.is_verified =
		    before->is_verified &&
		    str_eq_nocase(before->fields[0], item.fields[0]);
		settings_names_add(&count->changed, words);
		list_add(&out->back.put[section], before);
	}
	list_add(&out->change.put[section], &item);
}

static bool
plan_room(struct planning *in, enum settings_section section)
{
	size_t most =
	    in->file->lists[section].count + in->now->lists[section].count;
	struct settings_change *both[] = {&in->out->change, &in->out->back};

	for (size_t i = 0; i < 2; i++) {
		both[i]->put[section].items =
		    ARENA_ARRAY(in->arena, most, struct settings_item);
		both[i]->gone[section].items =
		    ARENA_ARRAY(in->arena, most, struct settings_item);
	}
	return !arena_failed(in->arena);
}

/* What is not in the file. */
static void
plan_extra(struct planning *in, enum settings_section section)
{
	const struct settings_list *now = &in->now->lists[section];
	struct settings_plan *out = in->out;

	for (size_t k = 0; k < now->count; k++) {
		if (in->taken[k])
			continue;
		settings_names_add(&out->lists[section].extra,
		    settings_item_words(in->arena, section, &now->items[k]));
		if (!in->removes)
			continue;
		out->work++;
		list_add(&out->change.gone[section], &now->items[k]);
		list_add(&out->back.put[section], &now->items[k]);
	}
}

/* The id that an item of the file has now, or will have. */
static struct str
plan_id(struct planning *in, size_t put, size_t index)
{
	const struct settings_list *now = &in->now->lists[SETTINGS_IDENTITIES];

	return in->known[index] > 0
	           ? now->items[in->known[index] - 1].id
	           : in->out->change.put[SETTINGS_IDENTITIES].items[put].id;
}

/* With which identity new messages begin; `chosen`: its id, or empty. */
static void
plan_chosen(struct planning *in, struct str chosen)
{
	const struct settings_list *now = &in->now->lists[SETTINGS_IDENTITIES];
	struct str before = STR("");

	for (size_t i = 0; i < now->count; i++)
		if (now->items[i].is_default)
			before = now->items[i].id;
	if (!str_eq(before, chosen))
		plan_pref(in, plan_default, before, chosen);
}

static bool
plan_list(struct planning *in, enum settings_section section)
{
	const struct settings_list *file = &in->file->lists[section];
	const struct settings_list *now = &in->now->lists[section];
	struct str chosen = STR("");

	if (!file->is_there)
		return true;
	if (!match(in, section) || !plan_room(in, section))
		return false;
	for (size_t i = 0; i < file->count; i++) {
		size_t put = in->out->change.put[section].count;
		const struct settings_item *before =
		    in->known[i] == 0 ? NULL : &now->items[in->known[i] - 1];

		if (before != NULL && item_is_same(before, &file->items[i]))
			in->out->lists[section].same++;
		else
			plan_put(in, section, before, file->items[i], i);
		if (file->items[i].is_default)
			chosen = plan_id(in, put, i);
	}
	plan_extra(in, section);
	if (section == SETTINGS_IDENTITIES)
		plan_chosen(in, chosen);
	return true;
}

/* All labels are one setting: those that stay, changed or not, and new ones. */
static enum err_code
plan_label_list(struct planning *in, struct err *err)
{
	const struct settings_list *file = &in->file->lists[SETTINGS_LABELS];
	const struct settings_list *now = &in->now->lists[SETTINGS_LABELS];
	struct settings_count *count = &in->out->lists[SETTINGS_LABELS];
	struct settings_list all = {0};

	if (count->fresh.count + count->changed.count == 0 &&
	    (!in->removes || count->extra.count == 0))
		return ERR_OK;
	all.items = ARENA_ARRAY(
	    in->arena, file->count + now->count, struct settings_item);
	if (all.items == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings plan");
	for (size_t i = 0; i < file->count; i++)
		list_add(&all, &file->items[i]);
	for (size_t i = 0; i < now->count; i++)
		if (!in->taken[i] && !in->removes)
			list_add(&all, &now->items[i]);
	if (all.count > settings_shapes[SETTINGS_LABELS].most)
		return err_sayf(err, ERR_INPUT,
		    "With these there would be %zu labels, and there can be %u "
		    "at most. Please delete some that you no longer need.",
		    all.count, settings_shapes[SETTINGS_LABELS].most);
	plan_pref(in, plan_labels, in->now->stored_labels,
	    settings_labels_pack(in->arena, &all));
	/* That was counted label by label. */
	in->out->work--;
	return ERR_OK;
}

enum err_code
settings_file_plan(struct arena *arena, const struct settings_all *now,
    const struct settings_all *file, bool removes, struct settings_plan *out,
    struct err *err)
{
	struct planning in = {.arena = arena,
	    .now = now,
	    .file = file,
	    .removes = removes,
	    .out = out,
	    .now_s = clock_now_s()};
	size_t prefs = SETTINGS_PREFS + 2;
	enum err_code rc = ERR_OK;

	*out = (struct settings_plan){.work = 0};
	out->change.prefs = ARENA_ARRAY(arena, prefs, struct store_pref);
	out->back.prefs = ARENA_ARRAY(arena, prefs, struct store_pref);
	if (out->change.prefs == NULL || out->back.prefs == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings plan");
	plan_prefs(&in);
	for (int i = 0; rc == ERR_OK && i < SETTINGS_SECTIONS; i++) {
		if (!plan_list(&in, (enum settings_section)i))
			return err_set(err, ERR_NO_MEMORY,
			    "The server is out of memory.", "settings plan");
		if (i == SETTINGS_LABELS && file->lists[i].is_there)
			rc = plan_label_list(&in, err);
	}
	/* They went with the setting. */
	out->change.put[SETTINGS_LABELS] = out->change.gone[SETTINGS_LABELS] =
	    out->back.put[SETTINGS_LABELS] = out->back.gone[SETTINGS_LABELS] =
	        (struct settings_list){0};
	return rc;
}
