#include "view_test.h"

#include <unistd.h>

#include "view/tmpl.h"

struct row {
	const char *name;
	const char *template;
	const char *expected; /* the page, or a piece of the message */
};

#define EVIL "<\"'&>"
#define SAFE "&lt;&quot;&#39;&amp;&gt;"

/* Everything the rows below use. */
static struct view *
sample(struct arena *arena)
{
	struct view *view = view_new(arena);
	struct view_list *list = view_list(view, "rows");
	struct view *child = view_child(view, "child");

	view_text(view, "t", TEXT(EVIL));
	view_word(view, "w", "word");
	view_text(view, "empty", TEXT(""));
	view_u64(view, "n", 42);
	view_u64(view, "zero", 0);
	view_bool(view, "yes", true);
	view_bool(view, "no", false);
	view_html(view, "h", (struct html){STR("<b>x</b>")});
	view_css(view, "css", STR("color:red;x:\"y\""));
	view_set_url(view, "u", view_url_own(arena, STR("/a?b=1&c=2")));
	view_set_url(
	    view, "far", view_url_foreign(arena, STR("https://a.example/")));
	(void)view_list(view, "none");
	for (int i = 0; i < 3; i++) {
		struct view *round = view_list_add(list);

		view_u64(round, "i", (uint64_t)i);
		view_bool(round, "is_first", i == 0);
		if (i == 1)
			view_word(round, "w", "own");
	}
	view_word(child, "w", "inner");
	view_word(view_child(child, "deep"), "w", "deepest");
	return view;
}

static const struct row good[] = {
    {"literal", "<p>a</p>", "<p>a</p>"},
    {"text", "{{t}}", SAFE},
    {"blanks in the tag", "{{ w }}", "word"},
    {"attribute", "<a title=\"{{t}}\">", "<a title=\"" SAFE "\">"},
    {"single quotes", "<a title='{{t}}'>", "<a title='" SAFE "'>"},
    {"textarea", "<textarea>\n{{t}}</textarea>",
        "<textarea>\n" SAFE "</textarea>"},
    {"title", "<title>{{t}} x</title>", "<title>" SAFE " x</title>"},
    {"html in text", "{{h}}", "<b>x</b>"},
    {"html in an attribute", "<a title=\"{{h}}\">",
        "<a title=\"&lt;b&gt;x&lt;/b&gt;\">"},
    {"html in a textarea", "<textarea>{{h}}</textarea>",
        "<textarea>&lt;b&gt;x&lt;/b&gt;</textarea>"},
    {"number", "{{n}}|{{zero}}", "42|0"},
    {"bool", "{{yes}}|{{no}}|", "1||"},
    {"unknown", "a{{what}}b{{child.what}}c{{w.x}}", "abc"},
    {"url", "<a href=\"{{u}}\">", "<a href=\"/a?b=1&amp;c=2\">"},
    {"url of others", "<a href=\"{{far}}\">",
        "<a href=\"https://a.example/\">"},
    {"url with a fragment", "<use href=\"{{u}}#x\"/>",
        "<use href=\"/a?b=1&amp;c=2#x\"/>"},
    {"text behind a hash", "<use href=\"{{u}}#{{t}}\">",
        "<use href=\"/a?b=1&amp;c=2#%3C%22%27%26%3E\">"},
    {"text behind a hash alone", "<a href=\"#{{w}}\">", "<a href=\"#word\">"},
    {"css", "<b style=\"{{css}}\">", "<b style=\"color:red;x:&quot;y&quot;\">"},
    {"url as text", "{{u}}", "/a?b=1&amp;c=2"},
    {"script of ours", "<script src=\"{{u}}\"></script>",
        "<script src=\"/a?b=1&amp;c=2\"></script>"},
    {"empty url", "<a href=\"{{what}}\">", "<a href=\"\">"},
    {"section", "{{#yes}}a{{/yes}}{{#no}}b{{/no}}", "a"},
    {"inverted", "{{^yes}}a{{/yes}}{{^no}}b{{/no}}{{^what}}c{{/what}}", "bc"},
    {"section on texts", "{{#t}}a{{/t}}{{#empty}}b{{/empty}}", "a"},
    {"section on numbers", "{{#n}}a{{/n}}{{#zero}}b{{/zero}}", "a"},
    {"list", "{{#rows}}{{i}}{{#is_first}}!{{/is_first}},{{/rows}}", "0!,1,2,"},
    {"list and names outside", "{{#rows}}{{w}} {{/rows}}", "word own word "},
    {"empty list", "{{#none}}a{{/none}}{{^none}}b{{/none}}", "b"},
    {"inverted list", "{{^rows}}a{{/rows}}b", "b"},
    {"any of a list",
        "{{#rows.any}}a{{/rows.any}}{{#none.any}}b{{/none.any}}"
        "{{^none.any}}c{{/none.any}}{{#w.any}}d{{/w.any}}",
        "ac"},
    {"child", "{{#child}}{{w}}{{/child}}{{w}}", "innerword"},
    {"dots", "{{child.w}} {{child.deep.w}}", "inner deepest"},
    {"sections in sections", "{{#rows}}{{#rows}}{{i}}{{/rows}};{{/rows}}",
        "012;012;012;"},
    {"comment", "a{{! no }}b<!-- no -->c", "abc"},
    {"part", "a{{> p}}b{{> p.html}}", "a<i>word</i>b<i>word</i>"},
    {"part in a list", "{{#rows}}{{> p}}{{/rows}}",
        "<i>word</i><i>own</i><i>word</i>"},
    {"indentation", "<a>\n\t<b>\n\n  x y\r\n</b>\n", "<a>\n<b>\nx y\n</b>\n"},
    {"pre keeps it", "<pre>\n\n  a\n</pre>\n  b", "<pre>\n\n  a\n</pre>\nb"},
    {"textarea keeps it", "<textarea>\n\n  a</textarea>",
        "<textarea>\n\n  a</textarea>"},
    {"alone on a line", "a\n  {{#yes}}\n  b\n  {{/yes}}\nc\n", "a\nb\nc\n"},
    {"list alone on lines", "{{#rows}}\n  {{i}}\n{{/rows}}\n", "0\n1\n2\n"},
    {"space between rounds", "a\n{{#rows}} b{{/rows}}", "a\n b b b"},
    {"doctype", "<!doctype html>\n<p>", "<!doctype html>\n<p>"},
    {"attribute that comes and goes", "<b{{#yes}} x{{/yes}}{{#no}} y{{/no}}>",
        "<b x>"},
    {"flag behind a value", "<b v=\"{{w}}\"{{#yes}} x{{/yes}} z>",
        "<b v=\"word\" x z>"},
    {"flag behind a space", "<b {{#yes}}x{{/yes}} {{^yes}}y=\"{{w}}\"{{/yes}}>",
        "<b x >"},
    {"section in a value", "<b class=\"a{{#yes}} b{{/yes}}\">",
        "<b class=\"a b\">"},
    {"either url", "<a href=\"{{#no}}{{u}}{{/no}}{{^no}}{{far}}{{/no}}\">",
        "<a href=\"https://a.example/\">"},
    {"lines within a tag", "<b\n\tx=\"1\"\n\ty>", "<b x=\"1\" y>"},
    {"style stays", "<style>a{b:c}\n d>e{}</style>",
        "<style>a{b:c}\n d>e{}</style>"},
    {"script end in any case", "<script></SCRIPT >{{w}}",
        "<script></SCRIPT >word"},
    {"unquoted literal", "<b x=1 y>", "<b x=1 y>"},
};

static const struct row bad[] = {
    {"three braces", "{{{t}}}", "t.html:1: there is no unescaped output"},
    {"ampersand", "a\n\n{{&t}}", "t.html:3: there is no unescaped output"},
    {"delimiters", "{{=<% %>=}}", "the braces cannot be changed"},
    {"no end", "a {{t", "this {{ has no }}"},
    {"empty name", "{{}}", "a name is"},
    {"name", "{{a b}}", "a name is"},
    {"dots", "{{a..b}}", "a name is"},
    {"not closed", "\n{{#a}}x", "t.html:2: this section is not closed: a"},
    {"never opened", "{{/a}}", "no section is open here"},
    {"crossed", "{{#a}}{{#b}}{{/a}}{{/b}}", "another section is open"},
    {"script", "<script>{{t}}</script>", "no value may stand in a script"},
    {"section in a script", "<script>{{#yes}}{{/yes}}</script>",
        "no value may stand in a script"},
    {"style", "<style>{{t}}</style>", "no value may stand in a script"},
    {"on", "<b OnClick=\"{{t}}\">", "no value may stand in this"},
    {"srcset", "<img srcset=\"{{u}}\">", "no value may stand in this"},
    {"srcdoc", "<iframe srcdoc=\"{{t}}\">", "no value may stand in this"},
    {"meta", "<meta content=\"{{t}}\">", "no value may stand in this"},
    {"base", "<base href=\"{{u}}\">", "no value may stand in this"},
    {"unquoted", "<b x={{t}}>", "put the attribute's value in quotes"},
    {"half unquoted", "<b x=a{{t}}>", "put the attribute's value in quotes"},
    {"tag name", "<{{t}}>", "a '<' before a value"},
    {"in a tag name", "<b{{t}}>", "no value may stand in a tag"},
    {"attribute name", "<b {{t}}>", "no value may stand in a tag"},
    {"attribute name's end", "<b x{{t}}=\"\">", "no value may stand in a tag"},
    {"comment", "<!-- {{t}} -->", "no value may stand in a comment"},
    {"doctype", "<!doctype {{t}}>", "no value may stand in a comment"},
    {"scheme before a url", "<a href=\"javascript:{{u}}\">",
        "a URL begins its attribute"},
    {"perhaps before a url", "<a href=\"{{#yes}}x{{/yes}}{{u}}\">",
        "a URL begins its attribute"},
    {"perhaps a hash", "<a href=\"{{#yes}}#{{/yes}}{{w}}\">",
        "a URL begins its attribute"},
    {"section over a tag's end", "<b {{#yes}}>{{/yes}}",
        "a section must end where it began"},
    {"section over a value's end", "<b x=\"{{#yes}}\" y=\"{{/yes}}{{t}}\">",
        "a section must end where it began"},
    {"section opens a tag", "{{#yes}}<b {{/yes}}x>",
        "a section must end where it began"},
    {"attribute joined of two", "<b {{#yes}}on{{/yes}}click=\"\">",
        "a space is missing"},
    {"element joined of two", "<s{{#yes}}cript{{/yes}}>", "a space is missing"},
    {"value behind equals", "<b x={{#yes}}\"{{/yes}}", "no section may begin"},
    {"end in a tag", "<b x", "the template ends within a tag"},
    {"end in a script", "<script>", "the template ends within a tag"},
    {"end in a comment", "<!-- a", "the template ends within a tag"},
    {"stray '<'", "a < b", "a '<' that opens no tag"},
    {"half end tag in a textarea", "<textarea></texta{{t}}",
        "a tag within a script"},
    {"tag in a title", "<svg><title><a x={{t}}></title></svg>",
        "a tag within a script"},
    {"script in a script's comment", "<script><!--<script></script>{{t}}",
        "a tag within a script"},
    {"no such part", "{{> nothing}}", "there is no template of this name"},
    {"part in a tag", "<b {{> p}}>", "a part may only stand between tags"},
    {"itself", "{{> t}}", "this part holds itself"},
    {"in a circle", "{{> circle}}", "this part holds itself"},
    {"fault in a part's file", "{{> p}}{{#x}}", "t.html:1: this section"},
};

static enum err_code
compile(const char *template, bool with_circle, struct tmpl_set **out,
    struct err *err)
{
	struct str text = test_heap(template);
	const struct str names[] = {
	    STR("t.html"), STR("p.html"), STR("circle.html")};
	const struct str sources[] = {
	    text, STR("<i>{{w}}</i>"), STR("{{> t}}")};
	enum err_code rc =
	    tmpl_set_from(names, sources, with_circle ? 3 : 2, out, err);

	test_heap_free(text); /* a set keeps nothing of its sources */
	return rc;
}

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct tmpl_set *set = NULL;
		struct html html = {{NULL, 0}};
		struct err err = ERR_NONE;

		if (compile(good[i].template, false, &set, &err) != ERR_OK)
			fail_msg("%s: %s", good[i].name, err.message);
		if (tmpl_render(set, "t.html", sample(arena), arena, &html,
		        &err) != ERR_OK)
			fail_msg("%s: %s", good[i].name, err.detail);
		test_same(good[i].name, html.s, good[i].expected);
		tmpl_set_unref(set);
		arena_free(arena);
	}
}

/* In an address, and nowhere else, and only in ours. */
static void
test_base(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct tmpl_set *set = NULL;
	struct html html = {{NULL, 0}};
	struct err err = ERR_NONE;

	(void)state;
	view_url_set_base(STR("/mail"));
	assert_int_equal(
	    compile("<a href=\"{{u}}#{{w}}\" title=\"{{u}}\">{{u}}</a>"
	            "<a href=\"{{far}}\"></a><img src=\"{{u}}\">",
	        false, &set, &err),
	    ERR_OK);
	assert_int_equal(
	    tmpl_render(set, "t.html", sample(arena), arena, &html, &err),
	    ERR_OK);
	test_same("base", html.s,
	    "<a href=\"/mail/a?b=1&amp;c=2#word\" title=\"/a?b=1&amp;c=2\">"
	    "/a?b=1&amp;c=2</a><a href=\"https://a.example/\"></a>"
	    "<img src=\"/mail/a?b=1&amp;c=2\">");
	view_url_set_base(STR(""));
	tmpl_set_unref(set);
	arena_free(arena);
}

/* Rounds that were made before stand where they are, and those that are made
 * now can be used again, unless they look outside. */
static void
test_rounds(void **state)
{
	static const struct {
		const char *template, *expected;
		bool is_whole;
		const char *last; /* what became of the last round */
	} cases[] = {
	    {"[{{#rows}}{{w}},{{/rows}}]", "[READY0,READYown,]", true, "own,"},
	    {"{{#rows}}<b>{{#in}}{{w}}{{/in}}</b>{{/rows}}",
	        "READY<b></b>READY<b></b>", true, "<b></b>"},
	    {"{{#rows}}{{#none}}{{w}}{{/none}}.{{/rows}}", "READY.READY.",
	        false, ""},
	    {"{{#rows}}{{t}}.{{/rows}}", "READY" SAFE ".READY" SAFE ".", false,
	        ""},
	    {"{{#rows}}{{#w}}{{n}}{{/w}}{{/rows}}", "READY42READY42", false,
	        ""},
	    {"{{^rows}}none{{/rows}}{{w}}", "word", false, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct view *view = sample(arena);
		struct view_list *list = view_list(view, "rows");
		struct view_made made[2];
		struct tmpl_set *set = NULL;
		struct html html = {{NULL, 0}};
		struct err err = ERR_NONE;

		for (int at = 0; at < 2; at++) {
			struct view *round;

			view_list_add_made(list, (struct html){STR("READY")});
			round = view_list_add_noted(list, &made[at]);
			view_word(round, "w", at == 0 ? "0" : "own");
			view_bool(round, "in", false);
		}
		assert_int_equal(
		    compile(cases[i].template, false, &set, &err), ERR_OK);
		assert_int_equal(
		    tmpl_render(set, "t.html", view, arena, &html, &err),
		    ERR_OK);
		test_same(cases[i].template, html.s, cases[i].expected);
		if (made[1].is_whole != cases[i].is_whole)
			fail_msg("%s: whole %d", cases[i].template,
			    made[1].is_whole);
		if (made[1].is_whole)
			test_same(cases[i].template,
			    str_slice(html.s, made[1].start,
			        made[1].start + made[1].bytes),
			    cases[i].last);
		tmpl_set_unref(set);
		arena_free(arena);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tmpl_set *set = NULL;
		struct err err = ERR_NONE;
		bool with_circle = strstr(bad[i].template, "circle") != NULL;

		if (compile(bad[i].template, with_circle, &set, &err) !=
		    ERR_CONFIG)
			fail_msg("%s: taken", bad[i].name);
		if (strstr(err.message, bad[i].expected) == NULL)
			fail_msg("%s: %s", bad[i].name, err.message);
		assert_null(set);
	}
}

/* What only shows when a page is made. */
static void
test_render_errors(void **state)
{
	static const char *const templates[] = {"<a href=\"{{t}}\">",
	    "<form action=\"{{w}}\">", "<a href=\"{{h}}\">",
	    "<b style=\"{{t}}\">", "<b style=\"{{h}}\">",
	    "<a href=\"{{css}}\">", "<script src=\"{{far}}\"></script>",
	    "<iframe src=\"{{far}}\"></iframe>"};
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct tmpl_set *set = NULL;
		struct html html;

		assert_int_equal(
		    compile(templates[i], false, &set, &err), ERR_OK);
		assert_int_equal(
		    tmpl_render(set, "t", sample(arena), arena, &html, &err),
		    ERR_INTERNAL);
		assert_non_null(strstr(err.detail, "t.html:1: {{"));
		assert_int_equal(
		    tmpl_render(set, "none", sample(arena), arena, &html, &err),
		    ERR_INTERNAL);
		assert_int_equal(
		    tmpl_render(set, "t", NULL, arena, &html, &err),
		    ERR_NO_MEMORY);
		tmpl_set_unref(set);
		arena_free(arena);
	}
}

static void
test_limits(void **state)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct tmpl_set *set = NULL;
	struct view *view = view_new(arena);
	struct err err = ERR_NONE;
	struct html html;
	char *big = malloc((size_t)3 << 20);

	(void)state;
	assert_non_null(big);
	memset(big, 'a', (size_t)3 << 20);
	view_str(view, "big", str_of(big, (size_t)3 << 20));
	assert_int_equal(
	    compile("{{big}}{{big}}{{big}}", false, &set, &err), ERR_OK);
	assert_int_equal(
	    tmpl_render(set, "t", view, arena, &html, &err), ERR_LIMIT);
	free(big);
	tmpl_set_unref(set);
	arena_free(arena);
}

/* Twenty templates, each holding the next: past the depth. */
static void
test_depth(void **state)
{
	static const char names[] = "abcdefghijklmnopqrst";
	char texts[20][8] = {{0}};
	struct str name[20];
	struct str source[20];
	struct tmpl_set *set = NULL;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		snprintf(texts[i], sizeof(texts[i]), "{{>%c}}",
		    i < 19 ? names[i + 1] : 'a');
		name[i] = str_of(&names[i], 1);
		source[i] = str_c(texts[i]);
	}
	source[19] = STR("end");
	assert_int_equal(
	    tmpl_set_from(name, source, 20, &set, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "too many parts"));
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
remove_file(const char *folder, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

/* Ours, then a host's own file in its place, then broken ones. */
static void
test_folders(void **state)
{
	char ours[] = "/tmp/iwebmsg-tmpl-XXXXXX";
	char theirs[] = "/tmp/iwebmsg-tmpl-XXXXXX";
	struct arena *arena = arena_new((size_t)1 << 20);
	struct tmpl_set *set = NULL;
	struct err err = ERR_NONE;
	struct html html;

	(void)state;
	assert_non_null(mkdtemp(ours));
	assert_non_null(mkdtemp(theirs));
	write_file(ours, "t.html", "ours {{> p}}");
	write_file(ours, "p.html", "part");
	write_file(theirs, "p.html", "theirs");
	assert_int_equal(tmpl_set_new(ours, NULL, &set, &err), ERR_OK);
	assert_int_equal(
	    tmpl_render(set, "t.html", view_new(arena), arena, &html, &err),
	    ERR_OK);
	test_same("ours", html.s, "ours part");
	tmpl_set_unref(tmpl_set_ref(set));
	tmpl_set_unref(set);
	assert_int_equal(tmpl_set_new(ours, theirs, &set, &err), ERR_OK);
	assert_int_equal(
	    tmpl_render(set, "t.html", view_new(arena), arena, &html, &err),
	    ERR_OK);
	test_same("theirs", html.s, "ours theirs");
	tmpl_set_unref(set);
	write_file(theirs, "p.html", "line\n<b {{x}}>");
	assert_int_equal(tmpl_set_new(ours, theirs, &set, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "/p.html:2: "));
	assert_non_null(strstr(err.message, theirs));
	write_file(theirs, "p.html", "\xff");
	assert_int_equal(tmpl_set_new(ours, theirs, &set, &err), ERR_CONFIG);
	remove_file(theirs, "p.html");
	write_file(theirs, "q.html", "");
	assert_int_equal(tmpl_set_new(ours, theirs, &set, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "q.html"));
	remove_file(theirs, "q.html");
	assert_int_equal(tmpl_set_new(theirs, NULL, &set, &err), ERR_CONFIG);
	remove_file(ours, "p.html");
	remove_file(ours, "t.html");
	rmdir(ours);
	rmdir(theirs);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_rounds),
	    cmocka_unit_test(test_base),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_render_errors),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
