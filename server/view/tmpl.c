#include "view/tmpl.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "base/log.h"
#include "os/file.h"
#include "view/language.h"
#include "view/tmpl_program.h"

#define TMPL_SET_BYTES ((size_t)64 << 20) /* all templates, compiled */

/* All templates in one language. */
struct tmpl_spoken {
	struct arena *arena; /* owned: the programs */
	struct tmpl_program *programs;
	size_t count;
};

struct tmpl_set {
	atomic_uint refs;
	uint64_t number;
	struct arena *arena; /* owned: sources */
	struct tmpl_sources sources;
	struct languages *languages; /* counted; NULL: English alone */
	/* By the number of the language; made at its first page. */
	_Atomic(struct tmpl_spoken *) spoken[LANGUAGES_MAX];
};

uint64_t
tmpl_set_number(const struct tmpl_set *set)
{
	return set->number;
}

struct tmpl_set *
tmpl_set_ref(struct tmpl_set *set)
{
	atomic_fetch_add(&set->refs, 1);
	return set;
}

static void
tmpl_spoken_free(struct tmpl_spoken *spoken)
{
	if (spoken == NULL)
		return;
	arena_free(spoken->arena);
	free(spoken);
}

static void
tmpl_spoken_free_at(struct tmpl_spoken **spoken)
{
	tmpl_spoken_free(*spoken);
}

void
tmpl_set_unref(struct tmpl_set *set)
{
	if (set == NULL || atomic_fetch_sub(&set->refs, 1) != 1)
		return;
	for (size_t i = 0; i < LANGUAGES_MAX; i++)
		tmpl_spoken_free(atomic_load(&set->spoken[i]));
	languages_unref(set->languages);
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
	static atomic_uint_fast64_t made;
	struct tmpl_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	atomic_init(&set->refs, 1);
	set->number = atomic_fetch_add(&made, 1) + 1;
	set->arena = arena_new(TMPL_SET_BYTES);
	if (set->arena == NULL) {
		free(set);
		return NULL;
	}
	return set;
}

static enum err_code
tmpl_spoken_compile(struct tmpl_spoken *spoken,
    const struct tmpl_sources *sources, const struct tr_words *words,
    struct err *err)
{
	spoken->programs =
	    ARENA_ARRAY(spoken->arena, sources->count, struct tmpl_program);
	if (spoken->programs == NULL)
		return tmpl_no_memory(err);
	for (size_t i = 0; i < sources->count; i++) {
		enum err_code rc =
		    tmpl_program_compile(sources, &sources->items[i], words,
		        spoken->arena, &spoken->programs[i], err);

		if (rc != ERR_OK)
			return rc;
		spoken->count++;
	}
	return ERR_OK;
}

/* All templates in a language (NULL: as they are written). */
static enum err_code
tmpl_set_compile(struct tmpl_set *set, const struct tr_words *words,
    struct tmpl_spoken **out, struct err *err)
{
	CLEANUP(tmpl_spoken_free_at)
	struct tmpl_spoken *spoken = calloc(1, sizeof(*spoken));
	enum err_code rc;

	if (spoken != NULL)
		spoken->arena = arena_new(TMPL_SET_BYTES);
	if (spoken == NULL || spoken->arena == NULL)
		return tmpl_no_memory(err);
	rc = tmpl_spoken_compile(spoken, &set->sources, words, err);
	if (rc != ERR_OK)
		return rc;
	*out = spoken;
	spoken = NULL;
	return ERR_OK;
}

/* English at once, so that what is broken is told at start. */
static enum err_code
tmpl_set_begin(struct tmpl_set *set, struct err *err)
{
	struct tmpl_spoken *spoken = NULL;
	enum err_code rc = tmpl_set_compile(set, NULL, &spoken, err);

	if (rc == ERR_OK)
		atomic_store(&set->spoken[0], spoken);
	return rc;
}

enum err_code
tmpl_set_from(const struct str *names, const struct str *texts, size_t count,
    struct tmpl_set **out, struct err *err)
{
	CLEANUP(tmpl_set_unref_at) struct tmpl_set *set = tmpl_set_make();
	struct tmpl_source *items;
	enum err_code rc;

	if (set == NULL)
		return tmpl_no_memory(err);
	items = ARENA_ARRAY(set->arena, count, struct tmpl_source);
	if (items == NULL)
		return tmpl_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		items[i].file = str_dup(set->arena, names[i]);
		items[i].name = tmpl_program_name(items[i].file);
		items[i].text = str_dup(set->arena, texts[i]);
		if (items[i].file.ptr == NULL)
			return tmpl_no_memory(err);
	}
	set->sources = (struct tmpl_sources){items, count};
	rc = tmpl_set_begin(set, err);
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
	enum err_code rc;

	if (set == NULL)
		return tmpl_no_memory(err);
	rc = tmpl_read_folder(folder, set->arena, &set->sources, err);
	if (rc == ERR_OK && override_folder != NULL)
		rc = tmpl_override_folder(
		    override_folder, set->arena, &set->sources, err);
	if (rc == ERR_OK)
		rc = tmpl_set_begin(set, err);
	if (rc != ERR_OK)
		return rc;
	*out = set;
	set = NULL;
	return ERR_OK;
}

enum err_code
tmpl_set_speak(
    struct tmpl_set *set, struct languages *languages, struct err *err)
{
	const struct tr_words *english = languages_at(languages, 0);
	struct tmpl_spoken *spoken = NULL;
	enum err_code rc;

	set->languages = languages_ref(languages);
	if (english->count == 0)
		return ERR_OK;
	/* A site has English words of its own. */
	rc = tmpl_set_compile(set, english, &spoken, err);
	if (rc == ERR_OK)
		tmpl_spoken_free(atomic_exchange(&set->spoken[0], spoken));
	return rc;
}

/* What is spoken, made at its first page; English when it cannot be made. */
static const struct tmpl_spoken *
tmpl_set_spoken(struct tmpl_set *set, const struct tr_words *words)
{
	struct tmpl_spoken *spoken = atomic_load(&set->spoken[words->number]);
	struct tmpl_spoken *none = NULL;
	struct err err = ERR_NONE;

	if (spoken != NULL)
		return spoken;
	if (tmpl_set_compile(set, words, &spoken, &err) != ERR_OK) {
		log_event(LOG_ERROR, "templates.language",
		    LOG_C("language", words->code),
		    LOG_C("reason", err.message));
		return atomic_load(&set->spoken[0]);
	}
	if (atomic_compare_exchange_strong(
	        &set->spoken[words->number], &none, spoken))
		return spoken;
	/* Another thread was quicker. */
	tmpl_spoken_free(spoken);
	return none;
}

/* The thread's language, when it is one of the set's. */
static const struct tr_words *
tmpl_set_words(const struct tmpl_set *set)
{
	const struct tr_words *words = tr_used();

	if (words == NULL || set->languages == NULL ||
	    words->number >= languages_count(set->languages) ||
	    languages_at(set->languages, words->number) != words)
		return NULL;
	return words;
}

enum err_code
tmpl_render(struct tmpl_set *set, const char *name, const struct view *view,
    struct arena *arena, struct html *out, struct err *err)
{
	struct str wanted = tmpl_program_name(str_c(name));
	const struct tr_words *words = tmpl_set_words(set);
	const struct tmpl_spoken *spoken = words != NULL
	                                       ? tmpl_set_spoken(set, words)
	                                       : atomic_load(&set->spoken[0]);

	for (size_t i = 0; i < spoken->count; i++) {
		if (str_eq(spoken->programs[i].name, wanted))
			return tmpl_program_run(
			    &spoken->programs[i], words, view, arena, out, err);
	}
	return err_setf(err, ERR_INTERNAL,
	    "This page could not be shown because of a mistake of ours.",
	    "no template of the name %s", name);
}
