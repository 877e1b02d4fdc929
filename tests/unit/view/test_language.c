/*
 * Words of templates and their translations, which language a browser gets,
 * and what dates and sizes look like in it.
 */
#include "view_test.h"

#include "base/buf.h"
#include "os/clock.h"
#include "view/language.h"
#include "view/tmpl.h"
#include "view/tmpl_words.h"
#include "view/view.h"
#include "view/view_locale.h"

/* Keys, as po/marks.py makes them too (tests/integration/test_languages.py). */
static void
test_keys(void **state)
{
	static const struct {
		const char *source, *key;
	} table[] = {
	    {"Plain words.", "Plain words."},
	    {"Go to <a href=\"{{url}}\" class=\"x>y\">{{name}}</a>.",
	        "Go to <a>{{name}}</a>."},
	    {"<b>a</b> <b dir=\"ltr\">{{b}}</b>", "<b>a</b> <b2>{{b}}</b2>"},
	    {"<b>a <i>b</i></b><br>c", "<b>a <i>b</i></b><br>c"},
	    {"A &amp; B&nbsp;&lt;c&gt;", "A & B\xC2\xA0<c>"},
	};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tmpl_words words;
		struct str source = test_heap(table[i].source);

		assert_null(tmpl_words_read(source, arena, &words));
		test_same(table[i].source, words.key, table[i].key);
		test_heap_free(source);
	}
	arena_free(arena);
}

static void
test_fill(void **state)
{
	static const char source[] =
	    "Go to <a href=\"{{url}}\">{{name}}</a>, <b>now</b>.";
	static const struct {
		const char *translation, *filled; /* NULL: refused */
	} table[] = {
	    {"<b>Jetzt</b> zu <a>{{name}}</a>.",
	        "<b>Jetzt</b> zu <a href=\"{{url}}\">{{name}}</a>."},
	    {"<a><b>x</b></a>", "<a href=\"{{url}}\"><b>x</b></a>"},
	    {"<a>\"&\"<script></a><b></b>",
	        "<a "
	        "href=\"{{url}}\">&quot;&amp;&quot;&lt;script&gt;</a><b></b>"},
	    {"<a onclick=x></a><b></b>", NULL},
	    {"<a></a><a></a><b></b>", NULL},
	    {"<a><b></a></b>", NULL},
	    {"</a><a><b></b>", NULL},
	    {"<a></a>", NULL},
	    {"<a>{{password}}</a><b></b>", NULL},
	    {"<a>{{name</a><b></b>", NULL},
	    {"<a>{{#name}}</a><b></b>", NULL},
	    {"<a>{{url}}</a><b></b>", NULL},
	};
	struct arena *arena = arena_new(1 << 20);
	struct tmpl_words words;

	(void)state;
	assert_null(tmpl_words_read(str_c(source), arena, &words));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str translation = test_heap(table[i].translation);
		struct buf out;
		const char *wrong;

		buf_init_arena(&out, arena, 1 << 16);
		wrong = tmpl_words_fill(&words, translation, &out);
		assert_int_equal(wrong != NULL, table[i].filled == NULL);
		if (table[i].filled != NULL)
			test_same(table[i].translation, buf_str(&out),
			    table[i].filled);
		test_heap_free(translation);
	}
	arena_free(arena);
}

/* The product's own catalogues. */
static struct languages *
ours(void)
{
	struct languages *languages = NULL;
	struct err err = ERR_NONE;

	if (languages_new("locale", NULL, &languages, &err) != ERR_OK)
		fail_msg("%s", err.message);
	assert_int_equal(languages_count(languages), 6);
	return languages;
}

static void
test_choose(void **state)
{
	static const struct {
		const char *accept, *code;
	} table[] = {
	    {"", "en"},
	    {"de", "de"},
	    {"DE-at", "de"},
	    {"tlh, ja;q=0.5", "ja"},
	    {"en-US,en;q=0.9,de;q=0.8", "en"},
	    {"de;q=0.8, fr;q=0.9", "fr"},
	    {"fr;q=0.8, de;q=0.8", "fr"},
	    {"de;q=0, ar;q=0.001", "ar"},
	    {"zh-Hant-TW, es-419;q=0.2", "es"},
	    {"*", "en"},
	    {";;,,q=1,-,de-,--", "de"},
	    {"de;q=1.5, ja;q=abc, fr;q=", "de"},
	};
	struct languages *languages = ours();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str accept = test_heap(table[i].accept);

		test_same(table[i].accept,
		    str_c(languages_choose(languages, accept)->code),
		    table[i].code);
		test_heap_free(accept);
	}
	assert_true(languages_find(languages, STR("ar"))->is_rtl);
	assert_string_equal(
	    languages_find(languages, STR("ja"))->name, "日本語");
	assert_null(languages_find(languages, STR("../de")));
	languages_unref(languages);
}

static void
test_none(void **state)
{
	struct languages *languages = NULL;

	(void)state;
	assert_int_equal(
	    languages_new("no/such/folder", NULL, &languages, NULL), ERR_OK);
	assert_int_equal(languages_count(languages), 1);
	test_same("English",
	    str_c(languages_choose(languages, STR("de"))->code), "en");
	languages_unref(languages);
}

/* One template in two languages, one word of it without a translation. */
static void
test_render(void **state)
{
	static const char source[] =
	    "<p title=\"{{#t}}Try again{{/t}}\">{{#t}}Back to "
	    "<bdi class=\"f\">{{folder_name}}</bdi>{{/t}}</p>"
	    "{{#tn n}}{{n}} row|{{n}} rows{{/tn}}";
	const struct str name = STR("page.html");
	const struct str text = {source, sizeof(source) - 1};
	struct languages *languages = ours();
	struct arena *arena = arena_new(1 << 20);
	struct view *view = view_new(arena);
	struct tmpl_set *set = NULL;
	struct html out;
	struct err err = ERR_NONE;

	(void)state;
	view_text(view, "folder_name", TEXT("A & B"));
	view_u64(view, "n", 1234567);
	assert_int_equal(tmpl_set_from(&name, &text, 1, &set, &err), ERR_OK);
	assert_int_equal(tmpl_set_speak(set, languages, &err), ERR_OK);
	assert_int_equal(
	    tmpl_render(set, "page", view, arena, &out, &err), ERR_OK);
	test_same("en", out.s,
	    "<p title=\"Try again\">Back to <bdi class=\"f\">A &amp; B</bdi>"
	    "</p>1234567 rows");
	tr_use(languages_find(languages, STR("de")));
	assert_int_equal(
	    tmpl_render(set, "page", view, arena, &out, &err), ERR_OK);
	test_same("de", out.s,
	    "<p title=\"Erneut versuchen\">Zurück zu <bdi class=\"f\">A &amp; "
	    "B</bdi></p>1.234.567 rows");
	tr_use(NULL);
	tmpl_set_unref(set);
	languages_unref(languages);
	arena_free(arena);
}

static void
test_wrong(void **state)
{
	static const char *const table[] = {"{{#t}}open", "{{#tn n}}one{{/tn}}",
	    "{{#tn n}}a|b|c{{/tn}}", "{{#t}}<b>x{{/t}}{{#t}}</b>{{/t}}",
	    "{{#t}}a{{#t}}b{{/t}}{{/t}}", "{{#t a b}}x{{/t}}",
	    "{{#tn n}}<i>|x{{/tn}}</i>"};
	const struct str name = STR("page.html");

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tmpl_set *set = NULL;
		struct str text = test_heap(table[i]);

		if (tmpl_set_from(&name, &text, 1, &set, NULL) == ERR_OK &&
		    i != 6)
			fail_msg("%s", table[i]);
		tmpl_set_unref(set);
		test_heap_free(text);
	}
}

static void
test_values(void **state)
{
	/* Friday, 13 March 2026, 09:05 UTC; a year before; that week. */
	const int64_t moment = INT64_C(1773392700);
	static const struct {
		const char *code, *size, *small, *today, *week, *year, *earlier,
		    *whole;
	} table[] = {
	    {"en", "3.4 MB", "800 bytes", "09:05", "Fri 09:05", "13 Mar",
	        "13 Mar 2026", "Friday, 13 March 2026, 09:05"},
	    {"de", "3,4 MB", "800 Byte", "09:05", "Fr., 09:05", "13. März",
	        "13. März 2026", "Freitag, 13. März 2026 um 09:05"},
	    {"fr", "3,4 Mo", "800 o", "09:05", "ven. 09:05", "13 mars",
	        "13 mars 2026", "vendredi 13 mars 2026 à 09:05"},
	    {"es", "3,4 MB", "800 B", "9:05", "vie, 9:05", "13 mar",
	        "13 mar 2026", "viernes, 13 de marzo de 2026, 9:05"},
	    {"ja", "3.4 MB", "800 byte", "9:05", "9:05 (金)", "3月13日",
	        "2026年3月13日", "2026年3月13日金曜日 9:05"},
	};
	struct languages *languages = ours();
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const int64_t day = 86400;

		tr_use(languages_find(languages, str_c(table[i].code)));
		/* No-break spaces are ICU's; they are told as spaces here. */
		test_same(table[i].code,
		    view_date_short(arena, moment, moment, 0).s,
		    table[i].today);
		test_same(table[i].code,
		    view_date_short(arena, moment, moment + 2 * day, 0).s,
		    table[i].week);
		test_same(table[i].code,
		    view_date_short(arena, moment, moment + 30 * day, 0).s,
		    table[i].year);
		test_same(table[i].code,
		    view_date_short(arena, moment, moment + 400 * day, 0).s,
		    table[i].earlier);
		test_same(table[i].code, view_date_long(arena, moment, 0).s,
		    table[i].whole);
		assert_non_null(memchr(view_size(arena, 3600000).s.ptr,
		    table[i].size[1], view_size(arena, 3600000).s.len));
		test_same(table[i].code,
		    str_slice(view_size(arena, 800).s, 0, 3), "800");
	}
	tr_use(NULL);
	languages_unref(languages);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_fill),
	    cmocka_unit_test(test_choose),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_render),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
