/*
 * Catalogues of strangers, as files and as texts that are made into one: every
 * word that is taken lies within the file, is found by its key, and can be
 * printed with what its English takes.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/tr_words.h"

#define ARENA_BYTES  ((size_t)16 << 20)
#define TEXTS_MOST   64u
#define MAGIC        UINT32_C(0x950412de)
#define HEADER_BYTES 28u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_within(struct str bytes, struct str word)
{
	uintptr_t start = (uintptr_t)bytes.ptr;
	uintptr_t at = (uintptr_t)word.ptr;

	ensure(at >= start && word.len < bytes.len);
	ensure(at - start < bytes.len - word.len);
	ensure(word.ptr[word.len] == '\0');
	ensure(str_is_utf8(word));
}

/* English without arguments goes to printf without any. */
static void
check_no_arguments(struct str form)
{
	for (size_t at = 0; at < form.len; at++) {
		if (form.ptr[at] != '%')
			continue;
		at++;
		ensure(at < form.len && form.ptr[at] == '%');
	}
}

static void
check_entry(const struct tr_words *words, const struct tr_entry *entry)
{
	static const uint64_t numbers[] = {
	    0, 1, 2, 3, 5, 11, 21, 100, 111, 1000000, UINT64_MAX};

	ensure(entry->key.len > 0 && entry->form_count > 0);
	ensure(entry->form_count <= TR_PLURAL_FORMS);
	ensure(tr_words_find(words, entry->key) == entry);
	check_within(words->bytes, entry->key);
	for (unsigned i = 0; i < TR_PLURAL_FORMS; i++) {
		struct str form = tr_entry_form(entry, i);

		ensure(form.len > 0);
		check_within(words->bytes, form);
		/* A plural's words may take what only its "many" takes. */
		if (str_find_byte(entry->key, '%', 0) == entry->key.len &&
		    tr_format_fits(entry->key, form))
			check_no_arguments(form);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned which = tr_plural_form(&words->plural, numbers[i]);
		struct str form = tr_words_form(words, entry, numbers[i]);

		ensure(which < words->plural.forms);
		ensure(str_eq(form, tr_entry_form(entry, which)));
	}
}

/* How many texts it was made of; SIZE_MAX: nobody knows. */
static void
check_file(struct str bytes, size_t texts)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct err err = ERR_NONE;
	struct tr_words words;

	ensure(arena != NULL);
	if (tr_words_parse(STR("de"), bytes, arena, &words, &err) != ERR_OK) {
		ensure(err.message[0] != '\0');
		arena_free(arena);
		return;
	}
	ensure(words.name != NULL && words.plural.forms >= 1);
	ensure(words.plural.forms <= TR_PLURAL_FORMS);
	ensure(texts == SIZE_MAX || words.count + words.refused == texts);
	for (size_t i = 0; i < words.count; i++) {
		check_entry(&words, &words.entries[i]);
		ensure(i == 0 || str_compare(words.entries[i - 1].key,
		                     words.entries[i].key) < 0);
	}
	tr_use(&words);
	for (size_t i = 0; i < words.count; i++)
		ensure(tr_is_done(tr(words.entries[i].key.ptr)));
	tr_use(NULL);
	arena_free(arena);
}

/* ---- texts made into a file ---- */
struct pair {
	struct str key, value;
};

static int
by_key(const void *a, const void *b)
{
	const struct pair *left = a;
	const struct pair *right = b;

	return str_compare(left->key, right->key);
}

static void
add_u32(struct buf *out, size_t number)
{
	uint32_t plain = (uint32_t)number;

	buf_add(out, str_of((const char *)&plain, sizeof(plain)));
}

static void
write_file(struct buf *out, const struct pair *pairs, size_t count)
{
	size_t at = HEADER_BYTES + count * 16;

	add_u32(out, MAGIC);
	add_u32(out, 0);
	add_u32(out, count);
	add_u32(out, HEADER_BYTES);
	add_u32(out, HEADER_BYTES + count * 8);
	add_u32(out, 0);
	add_u32(out, 0);
	for (size_t i = 0; i < count * 2; i++) {
		struct str text =
		    i < count ? pairs[i].key : pairs[i - count].value;

		add_u32(out, text.len);
		add_u32(out, at);
		at += text.len + 1;
	}
	for (size_t i = 0; i < count * 2; i++) {
		buf_add(out, i < count ? pairs[i].key : pairs[i - count].value);
		buf_add(out, str_of("", 1));
	}
}

/* Lines "key=value", ordered as msgfmt orders them; the first of each key. */
static void
check_texts(struct str lines)
{
	struct pair pairs[TEXTS_MOST];
	size_t count = 0;
	size_t texts = 0;
	size_t kept = 0;
	struct buf out;
	char *file;

	while (lines.len > 0 && count < TEXTS_MOST) {
		struct str line = str_cut(&lines, '\n');

		pairs[count].key = str_cut(&line, '=');
		pairs[count++].value = line;
	}
	if (count > 1)
		qsort(pairs, count, sizeof(pairs[0]), by_key);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || by_key(&pairs[kept - 1], &pairs[i]) != 0)
			pairs[kept++] = pairs[i];
	}
	for (size_t i = 0; i < kept; i++)
		texts += pairs[i].key.len > 0;
	buf_init(&out, (size_t)4 << 20);
	write_file(&out, pairs, kept);
	file = malloc(out.len);
	ensure(file != NULL && out.failed == ERR_OK);
	memcpy(file, buf_str(&out).ptr, out.len);
	check_file(str_of(file, out.len), texts);
	free(file);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str bytes = str_of((const char *)data, len);

	check_file(bytes, SIZE_MAX);
	check_texts(bytes);
	return 0;
}
