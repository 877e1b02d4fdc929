#include "base/tr_words.h"

#define TR_MAGIC       UINT32_C(0x950412de)
#define TR_HEAD_BYTES  28u
#define TR_MAX_ENTRIES 20000u

struct tr_file {
	struct str bytes;
	bool is_swapped; /* the other byte order */
	uint32_t count;
	uint32_t keys, values; /* where their tables are */
};

/* At any offset: 0 past the end. */
static uint32_t
tr_u32(const struct tr_file *file, uint64_t at)
{
	uint32_t number = 0;

	if (at + 4 > file->bytes.len)
		return 0;
	memcpy(&number, file->bytes.ptr + at, 4);
	return file->is_swapped ? __builtin_bswap32(number) : number;
}

/* String `at` of a table: within the file, NUL behind it, UTF-8. */
static bool
tr_string(
    const struct tr_file *file, uint32_t table, uint32_t at, struct str *out)
{
	uint64_t row = (uint64_t)table + (uint64_t)at * 8;
	uint64_t len = tr_u32(file, row);
	uint64_t offset = tr_u32(file, row + 4);

	if (row + 8 > file->bytes.len || offset + len >= file->bytes.len ||
	    file->bytes.ptr[offset + len] != '\0')
		return false;
	*out = str_of(file->bytes.ptr + offset, len);
	return str_is_utf8(*out);
}

static enum err_code
tr_wrong(struct str code, struct err *err, const char *what)
{
	return err_sayf(err, ERR_CONFIG, "%.*s.mo: %s", STR_ARG(code), what);
}

/* A line "Name: value" of the header entry. */
static struct str
tr_header(struct str header, struct str name)
{
	while (header.len > 0) {
		struct str line = str_cut(&header, '\n');

		if (str_starts_nocase(line, name))
			return str_trim(str_slice(line, name.len, line.len));
	}
	return str_of(NULL, 0);
}

static bool
tr_takes(struct tr_entry *entry, struct str key, struct str value)
{
	size_t end = str_find_byte(key, '\0', 0);
	struct str many = str_slice(key, end + 1, key.len);
	bool has_many = end < key.len;

	entry->key = str_slice(key, 0, end);
	if (end == 0)
		return false;
	entry->forms = value.ptr;
	entry->form_count = 0;
	for (size_t at = 0; at <= value.len; entry->form_count++) {
		size_t next = str_find_byte(value, '\0', at);
		struct str form = str_slice(value, at, next);

		if (entry->form_count >= TR_PLURAL_FORMS ||
		    (!has_many && entry->form_count > 0) || form.len == 0 ||
		    !(tr_format_fits(entry->key, form) ||
		        (has_many && (tr_format_fits(many, form) ||
		                         tr_format_takes_none(form)))))
			return false;
		at = next + 1;
	}
	return true;
}

static enum err_code
tr_read(const struct tr_file *file, struct str code, struct arena *arena,
    struct tr_words *out, struct err *err)
{
	struct str before = {NULL, 0};

	for (uint32_t i = 0; i < file->count; i++) {
		struct str key;
		struct str value;
		struct str plural;

		if (!tr_string(file, file->keys, i, &key) ||
		    !tr_string(file, file->values, i, &value))
			return tr_wrong(code, err, "a text lies outside");
		if (i > 0 && str_compare(before, str_c(key.ptr)) >= 0)
			return tr_wrong(code, err, "the texts are not sorted");
		before = str_c(key.ptr);
		if (key.len > 0) {
			if (tr_takes(&out->entries[out->count], key, value))
				out->count++;
			else
				out->refused++;
			continue;
		}
		plural = tr_header(value, STR("Plural-Forms:"));
		if (plural.len > 0 &&
		    !tr_plural_parse(plural, arena, &out->plural))
			return tr_wrong(
			    code, err, "its Plural-Forms are not understood");
	}
	return ERR_OK;
}

/* What a language says of itself, for translators in msgctxt "language". */
static void
tr_introduce(struct tr_words *words)
{
	const struct tr_entry *name =
	    tr_words_find(words, STR("language\4English"));
	const struct tr_entry *direction =
	    tr_words_find(words, STR("language\4ltr"));

	words->name = name == NULL ? words->code : tr_entry_form(name, 0).ptr;
	words->is_rtl = direction != NULL &&
	                str_eq(tr_entry_form(direction, 0), STR("rtl"));
}

enum err_code
tr_words_parse(struct str code, struct str bytes, struct arena *arena,
    struct tr_words *out, struct err *err)
{
	struct tr_file file = {.bytes = bytes};
	enum err_code rc;

	*out = (struct tr_words){.bytes = bytes, .plural = {.forms = 2}};
	if (code.len == 0 || code.len >= TR_CODE_BYTES)
		return tr_wrong(code, err, "this is no language's name");
	memcpy(out->code, code.ptr, code.len);
	file.is_swapped = tr_u32(&file, 0) != TR_MAGIC;
	if (bytes.len < TR_HEAD_BYTES || tr_u32(&file, 0) != TR_MAGIC ||
	    tr_u32(&file, 4) >> 16 != 0)
		return tr_wrong(code, err, "msgfmt did not make this file");
	file.count = tr_u32(&file, 8);
	file.keys = tr_u32(&file, 12);
	file.values = tr_u32(&file, 16);
	if (file.count > TR_MAX_ENTRIES)
		return tr_wrong(code, err, "it has too many texts");
	out->entries =
	    ARENA_ARRAY(arena, (size_t)file.count + 1, struct tr_entry);
	if (out->entries == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "tr_words_parse");
	rc = tr_read(&file, code, arena, out, err);
	if (rc == ERR_OK)
		tr_introduce(out);
	return rc;
}

const struct tr_entry *
tr_words_find(const struct tr_words *words, struct str key)
{
	for (; words != NULL; words = words->more) {
		size_t low = 0;
		size_t high = words->count;

		while (low < high) {
			size_t middle = low + (high - low) / 2;
			int order =
			    str_compare(words->entries[middle].key, key);

			if (order == 0)
				return &words->entries[middle];
			if (order < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
	return NULL;
}

struct str
tr_entry_form(const struct tr_entry *entry, unsigned at)
{
	const char *form = entry->forms;

	if (at >= entry->form_count)
		at = entry->form_count - 1u;
	for (; at > 0; at--)
		form += strlen(form) + 1;
	return str_c(form);
}

struct str
tr_words_form(
    const struct tr_words *words, const struct tr_entry *entry, uint64_t number)
{
	/* Overridden words have the rule of who wrote them: the same. */
	return tr_entry_form(entry, tr_plural_form(&words->plural, number));
}
