#include "base/tr.h"

#include "base/log.h"
#include "base/tr_words.h"

#define TR_KEY_BYTES 1024u

/* Beside log.c's the only state of a thread: whose words it speaks. */
static _Thread_local const struct tr_words *tr_now;

void
tr_use(const struct tr_words *words)
{
	tr_now = words;
}

const struct tr_words *
tr_used(void)
{
	return tr_now;
}

/* FNV-1a. */
static uint32_t
tr_hash(struct str s)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 16777619u;
	return hash;
}

void
tr_count_missing(const struct tr_words *words, struct str english)
{
	uint32_t hash = tr_hash(english);
	uint64_t bit = UINT64_C(1) << (hash & 63);
	/* Counting changes nothing that anybody translates with. */
	union {
		const struct tr_words *in;
		struct tr_words *out;
	} counted = {.in = words};

	/* English needs no translation, others' words may be overridden. */
	if (words == NULL || words->number == 0)
		return;
	metric_add(words->missing, 1);
	if ((atomic_fetch_or(&counted.out->told[hash >> 6 & 15], bit) & bit) ==
	    0)
		log_event(LOG_WARN, "words.missing",
		    LOG_C("language", words->code),
		    LOG_STR("english", str_slice(english, 0, 200)));
}

bool
tr_is_done(const char *words)
{
	uintptr_t at = (uintptr_t)words;

	for (const struct tr_words *own = tr_now; own != NULL;
	     own = own->more) {
		uintptr_t start = (uintptr_t)own->bytes.ptr;

		if (at >= start && at < start + own->bytes.len)
			return true;
	}
	return false;
}

const char *
tr_find(const char *english)
{
	const struct tr_entry *entry =
	    tr_now == NULL ? NULL : tr_words_find(tr_now, str_c(english));

	return entry == NULL ? NULL : tr_entry_form(entry, 0).ptr;
}

const char *
tr(const char *english)
{
	const char *found = tr_find(english);

	if (found == NULL)
		tr_count_missing(tr_now, str_c(english));
	return found == NULL ? english : found;
}

struct text
tr_text(const char *english)
{
	return (struct text){str_c(tr(english))};
}

const char *
trn(const char *one, const char *many, uint64_t number)
{
	const struct tr_entry *entry =
	    tr_now == NULL ? NULL : tr_words_find(tr_now, str_c(one));

	if (entry != NULL)
		return tr_words_form(tr_now, entry, number).ptr;
	tr_count_missing(tr_now, str_c(one));
	return number == 1 ? one : many;
}

const char *
tr_in(const char *context, const char *english)
{
	char key[TR_KEY_BYTES];
	int len = 0;
	const struct tr_entry *entry = NULL;

	if (tr_now == NULL)
		return english;
	len = snprintf(key, sizeof(key), "%s\4%s", context, english);
	if (len > 0 && (size_t)len < sizeof(key))
		entry = tr_words_find(tr_now, str_of(key, (size_t)len));
	if (entry != NULL)
		return tr_entry_form(entry, 0).ptr;
	tr_count_missing(tr_now, str_c(english));
	return english;
}
