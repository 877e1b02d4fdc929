#include "page/settings_file.h"

#define FILE_FORMAT  "iwebmsg settings"
#define FILE_VERSION 1

/* Senders of LIMIT_TRUSTED are most of it. */
static const struct json_limits file_limits = {
    .bytes = SETTINGS_FILE_BYTES, .depth = 5, .values = 30000};

void
settings_names_add(struct settings_names *names, struct text name)
{
	if (names->count < SETTINGS_NAMED)
		names->list[names->count] = name;
	names->count++;
}

/* ---- reading --------------------------------------------------------------
 */
/* What is pointed out of a stranger's file is short. */
static struct text
file_name(struct arena *arena, struct str name)
{
	return text_shorten(arena, text_line(arena, name), 60);
}

static void
file_wrong(struct settings_reading *in, const char *section, size_t number,
    const char *what)
{
	struct str words =
	    number == 0
	        ? str_printf(in->arena, "%s: %s", section, what)
	        : str_printf(in->arena, "%s %zu: %s", section, number, what);

	settings_names_add(&in->report->wrong, file_name(in->arena, words));
}

static size_t
pref_of(struct str name)
{
	size_t i = 0;

	while (
	    i < SETTINGS_PREFS && !str_eq(name, str_c(settings_prefs[i].name)))
		i++;
	return i;
}

static void
read_prefs(struct settings_reading *in, const struct json *from,
    struct settings_all *out)
{
	if (from->kind != JSON_KIND_OBJECT) {
		file_wrong(in, "settings", 0, "{}");
		return;
	}
	for (const struct json *at = from->first; at != NULL; at = at->next) {
		size_t i = pref_of(at->name);

		if (i == SETTINGS_PREFS) {
			settings_names_add(&in->report->unknown,
			    file_name(in->arena, at->name));
			continue;
		}
		out->has_pref[i] = settings_pref_read(
		    in, &settings_prefs[i], at, &out->prefs[i]);
		if (!out->has_pref[i])
			file_wrong(in, "settings", 0, settings_prefs[i].name);
	}
}

static size_t
field_of(const struct settings_shape *shape, struct str name)
{
	size_t i = 0;

	while (i < SETTINGS_FIELDS && shape->fields[i].name != NULL) {
		if (str_eq(name, str_c(shape->fields[i].name)))
			return i;
		i++;
	}
	return SETTINGS_FIELDS;
}

/* What is wrong with one value, or NULL. */
static const char *
read_field(struct settings_reading *in, const struct settings_shape *shape,
    const struct json *value, struct settings_item *item)
{
	size_t i = field_of(shape, value->name);
	const struct settings_field *field = &shape->fields[i];
	struct str bytes = value->string;

	if (shape == &settings_shapes[SETTINGS_IDENTITIES] &&
	    str_eq(value->name, STR("default"))) {
		item->is_default = value->is_true;
		return value->kind == JSON_KIND_BOOL ? NULL : "default";
	}
	if (i == SETTINGS_FIELDS) {
		settings_names_add(
		    &in->report->unknown, file_name(in->arena, value->name));
		return NULL;
	}
	if (value->kind == JSON_KIND_NULL)
		return NULL;
	if (value->kind != JSON_KIND_STRING || bytes.len > field->max_bytes)
		return field->name;
	item->fields[i] = field->is_text ? text_from(in->arena, bytes).s
	                                 : text_line(in->arena, bytes).s;
	return NULL;
}

static const char *
read_item(struct settings_reading *in, enum settings_section section,
    const struct json *from, struct settings_item *item)
{
	const struct settings_shape *shape = &settings_shapes[section];
	const char *wrong = from->kind == JSON_KIND_OBJECT ? NULL : "{}";

	for (const struct json *at = from->first; wrong == NULL && at != NULL;
	     at = at->next)
		wrong = read_field(in, shape, at, item);
	for (size_t i = 0; wrong == NULL && i < SETTINGS_FIELDS; i++)
		if (shape->fields[i].is_needed && item->fields[i].len == 0)
			wrong = shape->fields[i].name;
	return wrong == NULL ? settings_item_check(in, section, item) : wrong;
}

/* Is one of this keyword, or address, in the list before? */
static bool
list_has(const struct settings_list *list, struct str key)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq_nocase(list->items[i].fields[0], key))
			return true;
	return false;
}

static void
read_list(struct settings_reading *in, enum settings_section section,
    const struct json *from, struct settings_list *out)
{
	const struct settings_shape *shape = &settings_shapes[section];
	bool is_set = section == SETTINGS_LABELS || section == SETTINGS_SENDERS;
	size_t number = 0;

	if (from->kind != JSON_KIND_LIST) {
		file_wrong(in, shape->name, 0, "[]");
		return;
	}
	for (const struct json *at = from->first; at != NULL; at = at->next)
		number++;
	if (number > shape->most) {
		file_wrong(in, shape->name, number, ">");
		return;
	}
	out->items = ARENA_ARRAY(in->arena, number, struct settings_item);
	out->is_there = out->items != NULL;
	number = 0;
	for (const struct json *at = from->first; out->is_there && at != NULL;
	     at = at->next) {
		struct settings_item *item = &out->items[out->count];
		const char *wrong = read_item(in, section, at, item);

		number++;
		if (wrong == NULL && is_set && list_has(out, item->fields[0]))
			wrong = shape->fields[0].name;
		if (wrong != NULL)
			file_wrong(in, shape->name, number, wrong);
		else
			out->count++;
	}
}

static void
read_section(struct settings_reading *in, const struct json *value,
    struct settings_all *out)
{
	if (str_eq(value->name, STR("settings"))) {
		read_prefs(in, value, out);
		return;
	}
	for (int i = 0; i < SETTINGS_SECTIONS; i++)
		if (str_eq(value->name, str_c(settings_shapes[i].name))) {
			read_list(in, (enum settings_section)i, value,
			    &out->lists[i]);
			return;
		}
	if (!str_eq(value->name, STR("format")) &&
	    !str_eq(value->name, STR("version")))
		settings_names_add(
		    &in->report->unknown, file_name(in->arena, value->name));
}

static enum err_code
read_head(const struct json *root, struct err *err)
{
	const struct json *format = json_find(root, STR("format"));
	const struct json *version = json_find(root, STR("version"));

	if (format == NULL || format->kind != JSON_KIND_STRING ||
	    !str_eq(format->string, STR(FILE_FORMAT)))
		return err_set(err, ERR_INPUT,
		    "This file is of something else: it does not say that it "
		    "holds settings of these pages.",
		    "settings file: format");
	if (version == NULL || version->kind != JSON_KIND_NUMBER ||
	    version->number != FILE_VERSION)
		return err_set(err, ERR_INPUT,
		    "This file was written by a newer version of these pages, "
		    "which this one cannot read.",
		    "settings file: version");
	return ERR_OK;
}

enum err_code
settings_file_read(struct str bytes, struct str domain, struct arena *arena,
    struct settings_all *out, struct settings_report *report, struct err *err)
{
	struct settings_reading in = {
	    .arena = arena, .domain = domain, .report = report};
	struct json *root = NULL;
	enum err_code rc = json_read(bytes, &file_limits, arena, &root, err);

	*out = (struct settings_all){.lists = {{.is_there = false}}};
	*report = (struct settings_report){.wrong = {.count = 0}};
	if (rc == ERR_OK)
		rc = read_head(root, err);
	if (rc != ERR_OK)
		return rc;
	for (const struct json *at = root->first; at != NULL; at = at->next)
		read_section(&in, at, out);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings file");
	return ERR_OK;
}

/* ---- writing --------------------------------------------------------------
 */
/* As it is read again; false: it would be refused, whoever stored it so. */
static bool
write_check(struct settings_reading *in, enum settings_section section,
    struct settings_item *item)
{
	const struct settings_shape *shape = &settings_shapes[section];

	for (size_t i = 0; i < SETTINGS_FIELDS && shape->fields[i].name != NULL;
	     i++) {
		const struct settings_field *field = &shape->fields[i];
		struct str *value = &item->fields[i];

		*value = field->is_text ? text_from(in->arena, *value).s
		                        : text_line(in->arena, *value).s;
		if (value->len > field->max_bytes ||
		    (field->is_needed && value->len == 0))
			return false;
	}
	return settings_item_check(in, section, item) == NULL;
}

static void
write_item(struct settings_reading *in, enum settings_section section,
    struct settings_item item, struct json *into)
{
	const struct settings_shape *shape = &settings_shapes[section];
	struct json *object = NULL;

	if (write_check(in, section, &item))
		object = json_add(in->arena, into, STR(""), JSON_KIND_OBJECT);
	if (object == NULL)
		return;
	for (size_t i = 0; i < SETTINGS_FIELDS && shape->fields[i].name != NULL;
	     i++)
		json_add_string(in->arena, object, str_c(shape->fields[i].name),
		    item.fields[i]);
	if (item.is_default)
		json_add_bool(in->arena, object, STR("default"), true);
}

static void
write_all(struct settings_reading *in, const struct settings_all *all,
    struct json *root)
{
	struct arena *arena = in->arena;
	struct json *prefs;

	json_add_string(arena, root, STR("format"), STR(FILE_FORMAT));
	json_add_number(arena, root, STR("version"), FILE_VERSION);
	prefs = json_add(arena, root, STR("settings"), JSON_KIND_OBJECT);
	for (size_t i = 0; prefs != NULL && i < SETTINGS_PREFS; i++)
		settings_pref_write(
		    in, &settings_prefs[i], all->prefs[i], prefs);
	for (size_t i = 0; i < SETTINGS_SECTIONS; i++) {
		const struct settings_list *from = &all->lists[i];
		struct json *list = json_add(arena, root,
		    str_c(settings_shapes[i].name), JSON_KIND_LIST);

		for (size_t k = 0; list != NULL && k < from->count; k++)
			write_item(
			    in, (enum settings_section)i, from->items[k], list);
	}
}

enum err_code
settings_file_write(const struct settings_all *all, struct str domain,
    struct arena *arena, struct str *out, struct err *err)
{
	struct settings_reading in = {.arena = arena, .domain = domain};
	struct json *root = json_add(arena, NULL, STR(""), JSON_KIND_OBJECT);
	struct buf bytes;
	enum err_code rc;

	*out = STR("");
	if (root != NULL)
		write_all(&in, all, root);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings file");
	buf_init_arena(&bytes, arena, SETTINGS_FILE_BYTES);
	rc = json_write(root, &bytes, err);
	if (rc == ERR_LIMIT)
		return err_sayf(err, ERR_LIMIT,
		    "Your settings are larger than %zu MB, which is more than "
		    "one file may hold. Please shorten your templates.",
		    SETTINGS_FILE_BYTES >> 20);
	*out = buf_str(&bytes);
	return rc;
}
