#include "view/tmpl.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "os/file.h"
#include "view/tmpl_program.h"

#define TMPL_SET_BYTES ((size_t)64 << 20) /* all templates, compiled */

struct tmpl_set {
	atomic_uint refs;
	struct arena *arena; /* owned: everything of the set */
	struct tmpl_program *programs;
	size_t count;
};

struct tmpl_set *
tmpl_set_ref(struct tmpl_set *set)
{
	atomic_fetch_add(&set->refs, 1);
	return set;
}

void
tmpl_set_unref(struct tmpl_set *set)
{
	if (set == NULL || atomic_fetch_sub(&set->refs, 1) != 1)
		return;
	arena_free(set->arena);
	free(set);
}

static void
tmpl_set_unref_at(struct tmpl_set **set)
{
	tmpl_set_unref(*set);
}

static enum err_code
tmpl_no_memory(struct err *err)
{
	return err_set(
	    err, ERR_NO_MEMORY, "The server is out of memory.", "templates");
}

static struct tmpl_set *
tmpl_set_make(void)
{
	struct tmpl_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	atomic_init(&set->refs, 1);
	set->arena = arena_new(TMPL_SET_BYTES);
	if (set->arena == NULL) {
		free(set);
		return NULL;
	}
	return set;
}

static enum err_code
tmpl_set_compile(
    struct tmpl_set *set, const struct tmpl_sources *sources, struct err *err)
{
	set->programs =
	    ARENA_ARRAY(set->arena, sources->count, struct tmpl_program);
	if (set->programs == NULL)
		return tmpl_no_memory(err);
	for (size_t i = 0; i < sources->count; i++) {
		enum err_code rc = tmpl_program_compile(sources,
		    &sources->items[i], set->arena, &set->programs[i], err);

		if (rc != ERR_OK)
			return rc;
		set->count++;
	}
	return ERR_OK;
}

enum err_code
tmpl_set_from(const struct str *names, const struct str *texts, size_t count,
    struct tmpl_set **out, struct err *err)
{
	CLEANUP(tmpl_set_unref_at) struct tmpl_set *set = tmpl_set_make();
	struct tmpl_sources sources = {NULL, count};
	enum err_code rc;

	if (set == NULL)
		return tmpl_no_memory(err);
	sources.items = ARENA_ARRAY(set->arena, count, struct tmpl_source);
	if (sources.items == NULL)
		return tmpl_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct str file = str_dup(set->arena, names[i]);

		if (file.ptr == NULL)
			return tmpl_no_memory(err);
		sources.items[i].file = file;
		sources.items[i].name = tmpl_program_name(file);
		sources.items[i].text = texts[i];
	}
	rc = tmpl_set_compile(set, &sources, err);
	if (rc != ERR_OK)
		return rc;
	*out = set;
	set = NULL;
	return ERR_OK;
}

/* Reads FOLDER/NAME into the source. */
static enum err_code
tmpl_read(const char *folder, struct str name, struct arena *arena,
    struct tmpl_source *out, struct err *err)
{
	const struct str parts[] = {str_c(folder), STR("/"), name};
	struct str path = str_join(arena, parts, 3);
	char *path_c = path.ptr == NULL ? NULL : str_dup_c(arena, path);
	enum err_code rc;

	if (path_c == NULL)
		return tmpl_no_memory(err);
	rc = file_read(path_c, LIMIT_TEMPLATE_BYTES, arena, &out->text, err);
	if (rc != ERR_OK)
		return rc;
	out->file = path;
	out->name = tmpl_program_name(name);
	if (!str_is_utf8(out->text))
		return err_sayf(err, ERR_CONFIG,
		    "%s: this template is not UTF-8; save it as UTF-8", path_c);
	return ERR_OK;
}

static enum err_code
tmpl_read_folder(const char *folder, struct arena *arena,
    struct tmpl_sources *out, struct err *err)
{
	struct file_list files = {NULL, 0};
	enum err_code rc = file_list(folder, STR(".html"), arena, &files, err);

	if (rc != ERR_OK)
		return rc;
	if (files.count == 0)
		return err_sayf(
		    err, ERR_CONFIG, "%s: there are no templates here", folder);
	out->items = ARENA_ARRAY(arena, files.count, struct tmpl_source);
	if (out->items == NULL)
		return tmpl_no_memory(err);
	for (size_t i = 0; i < files.count && rc == ERR_OK; i++) {
		rc = tmpl_read(
		    folder, files.names[i], arena, &out->items[i], err);
		out->count++;
	}
	return rc;
}

static enum err_code
tmpl_override(const char *folder, struct str file, struct arena *arena,
    struct tmpl_sources *sources, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (str_eq(sources->items[i].name, tmpl_program_name(file)))
			return tmpl_read(
			    folder, file, arena, &sources->items[i], err);
	}
	return err_sayf(err, ERR_CONFIG,
	    "%s/%.*s:1: there is no template of this name to replace", folder,
	    STR_ARG(file));
}

static enum err_code
tmpl_override_folder(const char *folder, struct arena *arena,
    struct tmpl_sources *sources, struct err *err)
{
	struct file_list files = {NULL, 0};
	enum err_code rc = file_list(folder, STR(".html"), arena, &files, err);

	for (size_t i = 0; i < files.count && rc == ERR_OK; i++)
		rc = tmpl_override(folder, files.names[i], arena, sources, err);
	return rc;
}

enum err_code
tmpl_set_new(const char *folder, const char *override_folder,
    struct tmpl_set **out, struct err *err)
{
	CLEANUP(tmpl_set_unref_at) struct tmpl_set *set = tmpl_set_make();
	struct tmpl_sources sources = {NULL, 0};
	enum err_code rc;

	if (set == NULL)
		return tmpl_no_memory(err);
	rc = tmpl_read_folder(folder, set->arena, &sources, err);
	if (rc == ERR_OK && override_folder != NULL)
		rc = tmpl_override_folder(
		    override_folder, set->arena, &sources, err);
	if (rc == ERR_OK)
		rc = tmpl_set_compile(set, &sources, err);
	if (rc != ERR_OK)
		return rc;
	*out = set;
	set = NULL;
	return ERR_OK;
}

enum err_code
tmpl_render(const struct tmpl_set *set, const char *name,
    const struct view *view, struct arena *arena, struct html *out,
    struct err *err)
{
	struct str wanted = tmpl_program_name(str_c(name));

	for (size_t i = 0; i < set->count; i++) {
		if (str_eq(set->programs[i].name, wanted))
			return tmpl_program_run(
			    &set->programs[i], view, arena, out, err);
	}
	return err_setf(err, ERR_INTERNAL,
	    "This page could not be shown because of a mistake of ours.",
	    "no template of the name %s", name);
}
