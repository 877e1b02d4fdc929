#include "view/language.h"

#include "base/log.h"
#include "base/scan.h"
#include "os/file.h"
#include "view/view_locale.h"

#define LANGUAGES_BYTES   ((size_t)64 << 20) /* all of a site */
#define LANGUAGES_WANTED  30u                /* of one Accept-Language */
#define LANGUAGES_QUALITY 1000u

struct languages {
	atomic_uint refs;
	struct arena *arena; /* owned: everything */
	struct tr_words *items[LANGUAGES_MAX];
	size_t count;
};

struct languages *
languages_ref(struct languages *languages)
{
	(void)atomic_fetch_add(&languages->refs, 1);
	return languages;
}

void
languages_unref(struct languages *languages)
{
	if (languages == NULL || atomic_fetch_sub(&languages->refs, 1) != 1)
		return;
	for (size_t i = 0; i < languages->count; i++)
		view_locale_free(atomic_load(&languages->items[i]->locale));
	arena_free(languages->arena);
	free(languages);
}

static void
languages_unref_at(struct languages **languages)
{
	languages_unref(*languages);
}

static enum err_code
languages_no_memory(struct err *err)
{
	return err_set(
	    err, ERR_NO_MEMORY, "The server is out of memory.", "languages");
}

/* English: the words of the source. */
static struct languages *
languages_make(void)
{
	struct languages *languages = calloc(1, sizeof(*languages));
	struct tr_words *english = NULL;

	if (languages == NULL)
		return NULL;
	atomic_init(&languages->refs, 1);
	languages->arena = arena_new(LANGUAGES_BYTES);
	if (languages->arena != NULL)
		english = ARENA_NEW(languages->arena, struct tr_words);
	if (english == NULL) {
		languages_unref(languages);
		return NULL;
	}
	*english = (struct tr_words){
	    .code = "en", .name = "English", .plural = {.forms = 2}};
	languages->items[languages->count++] = english;
	return languages;
}

static enum err_code
languages_read(struct languages *languages, const char *folder, struct str file,
    struct tr_words **out, struct err *err)
{
	struct str path =
	    str_printf(languages->arena, "%s/%.*s", folder, STR_ARG(file));
	const char *path_c = str_dup_c(languages->arena, path);
	struct tr_words *words = ARENA_NEW(languages->arena, struct tr_words);
	struct str bytes;
	enum err_code rc;

	if (path_c == NULL || words == NULL)
		return languages_no_memory(err);
	rc = file_read(path_c, TR_FILE_BYTES, languages->arena, &bytes, err);
	if (rc == ERR_OK)
		rc = tr_words_parse(str_slice(file, 0, file.len - 3), bytes,
		    languages->arena, words, err);
	if (rc != ERR_OK)
		return rc;
	if (words->refused > 0)
		log_event(LOG_WARN, "words.refused", LOG_C("file", path_c),
		    LOG_U64("count", words->refused),
		    LOG_C("reason", "its arguments differ from the English"));
	*out = words;
	return ERR_OK;
}

/* A new language, or words before those of one that is there. */
static enum err_code
languages_put(
    struct languages *languages, struct tr_words *words, struct err *err)
{
	for (size_t i = 0; i < languages->count; i++) {
		struct tr_words *old = languages->items[i];

		if (strcmp(old->code, words->code) != 0)
			continue;
		words->name = old->name;
		words->is_rtl = old->is_rtl;
		words->plural = old->plural;
		words->number = (unsigned)i;
		words->more = old;
		languages->items[i] = words;
		return ERR_OK;
	}
	if (languages->count >= LANGUAGES_MAX)
		return err_sayf(err, ERR_CONFIG,
		    "there are more than %u languages", LANGUAGES_MAX);
	words->number = (unsigned)languages->count;
	languages->items[languages->count++] = words;
	return ERR_OK;
}

static enum err_code
languages_read_folder(
    struct languages *languages, const char *folder, struct err *err)
{
	struct file_list files = {NULL, 0};
	enum err_code rc = ERR_OK;

	if (folder == NULL || !file_is_folder(folder))
		return ERR_OK;
	rc = file_list(folder, STR(".mo"), languages->arena, &files, err);
	for (size_t i = 0; i < files.count && rc == ERR_OK; i++) {
		struct tr_words *words = NULL;

		rc = languages_read(
		    languages, folder, files.names[i], &words, err);
		if (rc == ERR_OK)
			rc = languages_put(languages, words, err);
	}
	return rc;
}

enum err_code
languages_new(const char *folder, const char *override_folder,
    struct languages **out, struct err *err)
{
	CLEANUP(languages_unref_at)
	struct languages *languages = languages_make();
	enum err_code rc;

	if (languages == NULL)
		return languages_no_memory(err);
	rc = languages_read_folder(languages, folder, err);
	if (rc == ERR_OK)
		rc = languages_read_folder(languages, override_folder, err);
	if (rc != ERR_OK)
		return rc;
	*out = languages;
	languages = NULL;
	return ERR_OK;
}

size_t
languages_count(const struct languages *languages)
{
	return languages->count;
}

struct tr_words *
languages_at(const struct languages *languages, size_t at)
{
	return languages->items[at];
}

const struct tr_words *
languages_find(const struct languages *languages, struct str code)
{
	for (size_t i = 0; i < languages->count; i++)
		if (str_eq_nocase(code, str_c(languages->items[i]->code)))
			return languages->items[i];
	return NULL;
}

/* "de-AT-1996", then "de-AT", then "de" (RFC 4647, 3.4). */
static const struct tr_words *
languages_lookup(const struct languages *languages, struct str range)
{
	while (range.len > 0) {
		const struct tr_words *found = languages_find(languages, range);
		size_t len = range.len;

		if (found != NULL)
			return found;
		while (len > 0 && range.ptr[len - 1] != '-')
			len--;
		range.len = len > 0 ? len - 1 : 0;
	}
	return NULL;
}

/* ";q=0.8" in thousandths; without one 1000. */
static unsigned
languages_quality(struct str parameters)
{
	struct scan scan = scan_of(str_trim(parameters));
	unsigned quality = 0;
	unsigned worth = LANGUAGES_QUALITY;
	struct str digits;

	if (!scan_str_nocase(&scan, STR("q=")))
		return LANGUAGES_QUALITY;
	if (scan_byte(&scan, '1'))
		return LANGUAGES_QUALITY;
	if (!scan_byte(&scan, '0') || !scan_byte(&scan, '.'))
		return 0;
	digits = scan_while(&scan, "0123456789");
	for (size_t i = 0; i < digits.len && i < 3; i++) {
		worth /= 10;
		quality += (unsigned)(digits.ptr[i] - '0') * worth;
	}
	return quality;
}

const struct tr_words *
languages_choose(const struct languages *languages, struct str accept)
{
	const struct tr_words *best = languages->items[0];
	unsigned best_quality = 0;

	for (size_t i = 0; accept.len > 0 && i < LANGUAGES_WANTED; i++) {
		struct str parameters = str_cut(&accept, ',');
		struct str range = str_trim(str_cut(&parameters, ';'));
		unsigned quality = languages_quality(parameters);
		const struct tr_words *found =
		    languages_lookup(languages, range);

		if (found != NULL && quality > best_quality) {
			best = found;
			best_quality = quality;
		}
	}
	return best;
}
