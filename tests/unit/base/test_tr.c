/* Catalogues, as msgfmt makes them and as nobody should. */
#include "base_test.h"

#include "base/tr_words.h"

#define GERMAN "Plural-Forms: nplurals=2; plural=(n != 1);\n"

struct row {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};
/* Literals may hold NUL: sizeof sees it. */
#define ROW(k, v)                                      \
	{                                              \
		(k), sizeof(k) - 1, (v), sizeof(v) - 1 \
	}

static void
put(char *bytes, size_t at, uint32_t number)
{
	memcpy(bytes + at, &number, 4);
}

/* A .mo file of exactly its size, on the heap. */
static struct str
make(const struct row *rows, uint32_t count)
{
	size_t size = 28 + (size_t)count * 16;
	size_t text = size;
	char *bytes;

	for (size_t i = 0; i < count; i++)
		size += rows[i].key_len + rows[i].value_len + 2;
	bytes = calloc(1, size);
	assert_non_null(bytes);
	put(bytes, 0, 0x950412de);
	put(bytes, 8, count);
	put(bytes, 12, 28);
	put(bytes, 16, 28 + count * 8);
	for (size_t i = 0; i < count; i++) {
		put(bytes, 28 + i * 8, (uint32_t)rows[i].key_len);
		put(bytes, 32 + i * 8, (uint32_t)text);
		memcpy(bytes + text, rows[i].key, rows[i].key_len);
		text += rows[i].key_len + 1;
		put(bytes, 28 + (count + i) * 8, (uint32_t)rows[i].value_len);
		put(bytes, 32 + (count + i) * 8, (uint32_t)text);
		memcpy(bytes + text, rows[i].value, rows[i].value_len);
		text += rows[i].value_len + 1;
	}
	return str_of(bytes, size);
}

static const struct row rows[] = {
    ROW("", "Content-Type: text/plain; charset=UTF-8\n" GERMAN),
    ROW("%d of %s", "%2$s: %1$d"),
    ROW("%s is away. Please try again.", "%d fehlt"),
    ROW("%u message\0%u messages", "%u Nachricht\0%u Nachrichten"),
    ROW("%u page\0%u pages", "eine Seite\0%u Seiten"),
    ROW("%u row\0%u rows", "%s Zeile\0%u Zeilen"),
    ROW("Open", "Öffnen"),
    ROW("language\4English", "Deutsch"),
    ROW("menu\4Open", "Auf"),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
test_words(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct str bytes = make(rows, ROWS);
	struct tr_words words;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    tr_words_parse(STR("de"), bytes, arena, &words, &err), ERR_OK);
	words.number = 1;
	assert_string_equal(words.name, "Deutsch");
	assert_false(words.is_rtl);
	/* Whose arguments differ is left out. */
	assert_int_equal(words.refused, 2);
	assert_string_equal(tr("Open"), "Open");
	tr_use(&words);
	assert_string_equal(tr("Open"), "Öffnen");
	assert_string_equal(tr_in("menu", "Open"), "Auf");
	assert_string_equal(tr_in("door", "Open"), "Open");
	assert_string_equal(tr("Close"), "Close");
	assert_string_equal(
	    trn("%u message", "%u messages", 1), "%u Nachricht");
	assert_string_equal(
	    trn("%u message", "%u messages", 0), "%u Nachrichten");
	assert_string_equal(trn("one", "many", 2), "many");
	/* One is said in words; what takes something else is left out. */
	assert_string_equal(trn("%u page", "%u pages", 1), "eine Seite");
	assert_string_equal(trn("%u row", "%u rows", 1), "%u row");
	assert_true(tr_is_done(tr("Open")));
	assert_false(tr_is_done("Open"));
	tr_use(NULL);
	exact_free(bytes);
	arena_free(arena);
}

/* Errors speak the language, their details English. */
static void
test_errors(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct str bytes = make(rows, ROWS);
	struct tr_words words;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    tr_words_parse(STR("de"), bytes, arena, &words, &err), ERR_OK);
	words.number = 1;
	tr_use(&words);
	assert_int_equal(
	    err_sayf(&err, ERR_INPUT, "%d of %s", 3, "vier"), ERR_INPUT);
	assert_string_equal(err.message, "vier: 3");
	assert_string_equal(err.detail, "3 of vier");
	assert_false(err.is_missing);
	assert_int_equal(
	    err_sayf(&err, ERR_INPUT, "%d of %s", 1, err.message), ERR_INPUT);
	assert_string_equal(err.message, "vier: 3: 1");
	assert_int_equal(err_set(&err, ERR_AWAY, "Open", NULL), ERR_AWAY);
	assert_string_equal(err.message, "Öffnen");
	assert_string_equal(err.detail, "Open");
	assert_int_equal(
	    err_set(&err, ERR_AWAY, err.message, "again"), ERR_AWAY);
	assert_string_equal(err.message, "Öffnen");
	assert_string_equal(err.detail, "again");
	assert_int_equal(err_set(&err, ERR_AWAY, "Try again", NULL), ERR_AWAY);
	assert_true(err.is_missing);
	assert_true(err.says_again);
	tr_use(NULL);
	exact_free(bytes);
	arena_free(arena);
}

/* Cut anywhere, or with any byte another: refused or read, never outside. */
static void
test_broken(void **state)
{
	struct str bytes = make(rows, ROWS);

	(void)state;
	for (size_t at = 0; at < bytes.len * 2; at++) {
		struct arena *arena = arena_new(1 << 20);
		struct tr_words words;
		struct err err = ERR_NONE;
		bool is_cut = at < bytes.len;
		size_t len = is_cut ? at : bytes.len;
		char *copy = malloc(len > 0 ? len : 1);

		assert_non_null(copy);
		memcpy(copy, bytes.ptr, len);
		if (!is_cut)
			copy[at - bytes.len] =
			    (char)(copy[at - bytes.len] ^ 0x81);
		if (tr_words_parse(STR("de"), str_of(copy, len), arena, &words,
		        &err) == ERR_OK) {
			assert_false(is_cut);
			(void)tr_words_find(&words, STR("Open"));
		} else {
			assert_true(err.message[0] != '\0');
		}
		free(copy);
		arena_free(arena);
	}
	exact_free(bytes);
}

static void
test_order(void **state)
{
	static const struct row wrong[] = {ROW("b", "1"), ROW("a", "2")};
	struct arena *arena = arena_new(1 << 20);
	struct str bytes = make(wrong, 2);
	struct tr_words words;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    tr_words_parse(STR("de"), bytes, arena, &words, &err), ERR_CONFIG);
	assert_string_equal(err.message, "de.mo: the texts are not sorted");
	exact_free(bytes);
	arena_free(arena);
}

static void
test_plurals(void **state)
{
	static const struct {
		const char *rule;
		uint64_t numbers[6];
		unsigned forms[6];
	} table[] = {
	    {"nplurals=1; plural=0;", {0, 1, 2, 5, 11, 100}, {0}},
	    {"nplurals=2; plural=(n != 1);", {0, 1, 2, 5, 11, 100},
	        {1, 0, 1, 1, 1, 1}},
	    {"nplurals=2; plural=n>1", {0, 1, 2, 5, 11, 100},
	        {0, 0, 1, 1, 1, 1}},
	    {"nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && "
	     "n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);",
	        {0, 1, 2, 5, 11, 100}, {0, 1, 2, 3, 4, 5}},
	    {"nplurals=3; plural=n%10==1&&n%100!=11?0:n%10>=2&&n%10<=4&&"
	     "(n%100<10||n%100>=20)?1:2;",
	        {1, 2, 5, 11, 21, 112}, {0, 1, 2, 2, 0, 2}},
	    {"nplurals=2; plural=!(n-1+0*2/1);", {0, 1, 2, 3, 4, 5},
	        {0, 1, 0, 0, 0, 0}},
	    /* Past the forms, and by nothing. */
	    {"nplurals=2; plural=n;", {0, 1, 2, 3, 4, 5}, {0, 1, 0, 0, 0, 0}},
	    {"nplurals=2; plural=n/0 + n%0;", {0, 1, 2, 3, 4, 5}, {0}},
	};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tr_plural plural;
		struct str rule = exact(table[i].rule, strlen(table[i].rule));

		assert_true(tr_plural_parse(rule, arena, &plural));
		for (size_t k = 0; k < 6; k++)
			assert_int_equal(
			    tr_plural_form(&plural, table[i].numbers[k]),
			    table[i].forms[k]);
		exact_free(rule);
	}
	arena_free(arena);
}

static void
test_plural_nonsense(void **state)
{
	static const char *const table[] = {"", "nplurals=0; plural=0;",
	    "nplurals=7; plural=0;", "nplurals=2; plural=;",
	    "nplurals=2; plural=(n;", "nplurals=2; plural=n n;",
	    "nplurals=2; plural=m;", "nplurals=2; plural=n ? 1;",
	    "nplurals=2; plural=99999999999999999999;"};
	struct arena *arena = arena_new(1 << 20);
	struct tr_plural plural;
	char deep[4000];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str rule = exact(table[i], strlen(table[i]));

		assert_false(tr_plural_parse(rule, arena, &plural));
		exact_free(rule);
	}
	memset(deep, '(', sizeof(deep));
	memcpy(deep, "nplurals=2; plural=", 19);
	assert_false(
	    tr_plural_parse(str_of(deep, sizeof(deep)), arena, &plural));
	memset(deep + 19, '!', sizeof(deep) - 19);
	assert_false(
	    tr_plural_parse(str_of(deep, sizeof(deep)), arena, &plural));
	arena_free(arena);
}

static void
test_formats(void **state)
{
	static const struct {
		const char *english, *translation;
		bool fits;
	} table[] = {
	    {"none", "keine", true},
	    {"none", "%s", false},
	    {"%s", "keine", false},
	    {"%s and %d", "%s und %d", true},
	    {"%s and %d", "%d und %s", false},
	    {"%s and %d", "%2$d und %1$s", true},
	    {"%s and %d", "%2$d und %d", false},
	    {"%d", "%ld", false},
	    {"%lld", "%lld", true},
	    {"%zu", "%zu", true},
	    {"%u", "%d", false},
	    {"%.*s", "„%.*s“", true},
	    {"%.*s", "%s", false},
	    {"%.*s: %u", "%3$u: %2$.*1$s", true},
	    {"100 %", "100 %", true},
	    {"%d %%", "%d %%", true},
	    {"%s", "%n", false},
	    {"%s", "%", false},
	    {"%s", "%s %s", false},
	    {"%s", "%99$s", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str english =
		    exact(table[i].english, strlen(table[i].english));
		struct str translation =
		    exact(table[i].translation, strlen(table[i].translation));

		if (tr_format_fits(english, translation) != table[i].fits)
			fail_msg(
			    "%s | %s", table[i].english, table[i].translation);
		exact_free(english);
		exact_free(translation);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_plurals),
	    cmocka_unit_test(test_plural_nonsense),
	    cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
