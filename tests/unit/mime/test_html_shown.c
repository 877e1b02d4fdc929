/* How cleaned HTML is shown: real hosts, colours, images, limits. */
#include "mime_test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mime/html_anchor.h"
#include "mime/html_clean.h"
#include "mime/html_pool.h"

static struct html_clean_result
cleaned(struct arena *arena, struct str source,
    const struct html_clean_options *options)
{
	struct html_clean_result result;
	struct err err = ERR_NONE;

	if (html_clean(source, options, arena, &result, &err) != ERR_OK)
		fail_msg("%.60s: %s %s", source.ptr, err.message, err.detail);
	return result;
}

/* ---- links ---- */

static void
test_hosts(void **state)
{
	static const struct {
		const char *url;
		const char *host;
	} rows[] = {
	    {"https://example.org/a@b", "example.org"},
	    {"https://paypal.com@evil.example/x", "evil.example"},
	    {"https://a:b@c@evil.example:8080?x", "evil.example"},
	    {"https://evil.example\\@good.example", "evil.example"},
	    {"https://evil.example#@good.example", "evil.example"},
	    {"http://[::1]:80/x", "[::1]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_str(rows[i].url, html_anchor_host(str_c(rows[i].url)),
		    str_c(rows[i].host));
}

static void
test_other_hosts(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		bool is_other;
	} rows[] = {
	    {"click here", "evil.example", false},
	    {"paypal.com", "evil.example", true},
	    {"https://www.paypal.com/login", "evil.example", true},
	    {"www.paypal.com", "paypal.com", false},
	    {"paypal.com", "click.mail.paypal.com", false},
	    {"PayPal.COM", "www.paypal.com", false},
	    {"paypal.com", "paypal.com.evil.example", true},
	    {"paypal.com", "paypal-com.example", true},
	    {"a.example.co.uk", "b.example.co.uk", false},
	    {"shop.co.uk", "other.co.uk", true},
	    {"see (paypal.com).", "evil.example", true},
	    {"write to bank@paypal.com", "evil.example", true},
	    {"https://paypal.com@evil.example/", "evil.example", false},
	    {"report.pdf", "example.org", false},
	    {"version 1.2.3", "example.org", false},
	    {"e.g. this...", "example.org", false},
	    {"192.0.2.1", "192.0.2.1", false},
	    {"p\xd0\xb0ypal.com", "paypal.com", true},
	    {"https://paypal.com:443/x,y", "paypal.com.", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (html_anchor_is_other(str_c(rows[i].text),
		        str_c(rows[i].host)) != rows[i].is_other)
			fail_msg("%s, %s", rows[i].text, rows[i].host);
	}
}

static bool
has_note(struct arena *arena, const char *source, const char *host)
{
	const struct html_clean_options options = {.show_link_hosts = true};
	struct str html = cleaned(arena, str_c(source), &options).body.s;
	struct str note = str_printf(arena, "(really: %s)</span>", host);

	return str_find(html, note, 0) < html.len &&
	       str_find(html, STR("<span class=\"iwm-host\""), 0) < html.len;
}

static void
test_notes(void **state)
{
	static const struct {
		const char *source;
		const char *host; /* NULL: no note */
	} rows[] = {
	    {"<a href=https://evil.example/>paypal.com</a>", "evil.example"},
	    {"<a href=https://EVIL.example/>pay<b>pal</b>.com</a>",
	        "evil.example"},
	    {"<a href=https://www.paypal.com/>paypal.com</a>", NULL},
	    {"<a href=https://evil.example/>sign in</a>", NULL},
	    {"<a href=mailto:a@evil.example>paypal.com</a>", NULL},
	    {"<a href=#x>paypal.com</a>", NULL},
	    {"<a href=https://evil.example/>paypal.com<table><td>"
	     "<a href=https://paypal.com/>x</a></table></a>",
	        "evil.example"},
	    {"<a href=https://p\xd0\xb0ypal.com/>paypal.com</a>",
	        "p%D0%B0ypal.com"},
	};
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool expects = rows[i].host != NULL;
		if (has_note(arena, rows[i].source,
		        expects ? rows[i].host : "") != expects)
			fail_msg("%s", rows[i].source);
	}
	/* A mail cannot write one. */
	assert_false(has_note(arena,
	    "<span class=iwm-host>(really: paypal.com)</span>", "paypal.com"));
	arena_free(arena);
}

/* So long that it is not compared: there is a reason for it. */
static void
test_long_link(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct buf source;

	(void)state;
	buf_init(&source, 10000);
	buf_add(&source, STR("<a href=https://evil.example/>"));
	for (size_t i = 0; i < 1000; i++)
		buf_add(&source, STR("word "));
	buf_add(&source, STR("paypal.com</a>"));
	assert_true(has_note(arena, source.ptr, "evil.example"));
	buf_free(&source);
	arena_free(arena);
}

/* ---- colours ---- */

static const struct {
	const char *source;
	enum html_colours colours;
} colours[] = {
    {"<p>plain</p>", HTML_NO_COLOURS},
    {"<p style='margin:0;font:12px Arial'>letter</p>", HTML_NO_COLOURS},
    {"<p style='color:inherit'>x", HTML_NO_COLOURS},
    {"<p style='color:windowtext'>x", HTML_NO_COLOURS},
    {"<p style='color:#000'>x", HTML_INVERTIBLE},
    {"<p style='color:#000;background:#fff'>x", HTML_INVERTIBLE},
    {"<body bgcolor=white text=black>x", HTML_INVERTIBLE},
    {"<font color=navy>x</font>", HTML_INVERTIBLE},
    {"<table bgcolor=eeeeee><td>x</table>", HTML_INVERTIBLE},
    {"<font color=#cccccc>hardly seen</font>", HTML_KEEP_COLOURS},
    {"<p style='color:#ddd'>x", HTML_KEEP_COLOURS},
    {"<p style='color:#ddd'></p>y", HTML_INVERTIBLE}, /* nothing is in it */
    {"<td bgcolor=#ffff00><font color=#ffffff>x", HTML_KEEP_COLOURS},
    {"<table><td bgcolor=#000080><font color=#ffffff>x</table>",
        HTML_INVERTIBLE},
    {"<p style='color:rgba(0,0,0,.3)'>x", HTML_KEEP_COLOURS},
    {"<p style='color:initial'>x", HTML_KEEP_COLOURS},
    {"<p style='color:#949494'>x", HTML_KEEP_COLOURS},
    {"<p style='color:#888;font-size:30px'>x", HTML_INVERTIBLE},
    {"<style>.a{color:#222}</style><p class=a>x", HTML_INVERTIBLE},
    {"<style>.a{color:#fff;background:#a00}</style><p class=a>x",
        HTML_INVERTIBLE},
    {"<style>.a{color:#fff}</style><p class=a>x", HTML_KEEP_COLOURS},
    {"<style>p{margin:0}</style><p>x", HTML_NO_COLOURS},
};

static void
test_colours(void **state)
{
	const struct html_clean_options options = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct html_clean_result result =
		    cleaned(arena, str_c(colours[i].source), &options);
		if (result.colours != colours[i].colours)
			fail_msg(
			    "%s: %d", colours[i].source, (int)result.colours);
		arena_free(arena);
	}
}

/* ---- images ---- */

static const struct {
	const char *source;
	uint32_t tiny;
	uint32_t blocked;
} images[] = {
    {"<img src=https://x/a width=100 height=50>", 0, 1},
    {"<img src=https://x/a>", 0, 1},
    {"<img src=https://x/a width=1 height=1>", 1, 0},
    {"<img src=https://x/a width='1px' height=' 01 '>", 1, 0},
    {"<img src=https://x/a width=0>", 1, 0},
    {"<img src=https://x/a height=0 width=600>", 1, 0},
    {"<img src=https://x/a width=0.5 height=1.0>", 1, 0},
    {"<img src=https://x/a width=10 height=1>", 0, 1},
    {"<img src=https://x/a width=1% height=1>", 0, 1},
    {"<img src=https://x/a width=1 style='height:1px'>", 1, 0},
    {"<img src=https://x/a style='max-width:1px;max-height:1px'>", 1, 0},
    {"<img src=https://x/a style='width:0'>", 1, 0},
    {"<img src=https://x/a style='display:none'>", 1, 0},
    {"<img src=https://x/a style='visibility:hidden'>", 1, 0},
    {"<img src=https://x/a style='opacity:0'>", 1, 0},
    {"<img src=https://x/a style='w\\69 dth:1px!important;height:1px'>", 1, 0},
    {"<div style='display:none'><p><img src=https://x/a></div>", 1, 0},
    {"<div style='display:none'></div><img src=https://x/a>", 0, 1},
    {"<style>.t{width:1px;height:1px}</style><img class=t src=https://x/a>", 1,
        0},
    {"<img class='a t' src=https://x/a><style>.t{display:none}</style>", 1, 0},
    {"<style>#t{max-width:0}</style><img id=t src=https://x/a>", 0, 1},
    {"<style>p #t{display:none}</style><img id=t src=https://x/a>", 1, 0},
    {"<style>.t{display:none}@media print{.t{display:block}}</style>"
     "<img class=t src=https://x/a>",
        0, 1},
    {"<img src=data:image/gif;base64,AAAA width=1 height=1>", 0, 0},
    {"<table background=https://x/a><td background=//x/b>", 0, 2},
    {"<style>p{background:url(https://x/a)}</style>", 0, 1},
};

static void
test_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		for (int allow = 0; allow <= 1; allow++) {
			const struct html_clean_options options = {
			    .allow_remote_images = allow == 1};
			struct arena *arena = arena_new(TEST_ARENA_BYTES);
			struct html_clean_result result =
			    cleaned(arena, str_c(images[i].source), &options);
			struct str html = result.body.s;
			bool is_there =
			    str_find(html, STR("https://x/"), 0) < html.len;
			if (result.tiny_remote != images[i].tiny)
				fail_msg("%s: %u tiny", images[i].source,
				    result.tiny_remote);
			if (allow == 0 &&
			    result.blocked_remote != images[i].blocked)
				fail_msg("%s: %u blocked", images[i].source,
				    result.blocked_remote);
			if (is_there && (allow == 0 || images[i].tiny > 0))
				fail_msg("%s is loaded", images[i].source);
			arena_free(arena);
		}
	}
}

/* ---- limits ---- */

/* A sanitizer makes everything several times slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPENT_MS_MAX 10000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPENT_MS_MAX 10000
#endif
#endif
#ifndef SPENT_MS_MAX
#define SPENT_MS_MAX 2000
#endif

static void
test_max_bytes(void **state)
{
	const struct html_clean_options options = {.max_bytes = 5};
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct html_clean_result result =
	    cleaned(arena, STR("<p>a\xc3\xa4"), &options);

	(void)state;
	expect_str("cut before a character", result.body.s, STR("<p>a</p>"));
	assert_true(result.is_truncated);
	arena_free(arena);
}

/* Whatever it is: within the time, and with an answer. */
static void
test_time(void **state)
{
	static const char *const pieces[] = {"<b><p>", "&", "a < b & c ",
	    "<a><table>", "<p style='color:red;", "<!--", "<x y=\"&amp;&amp;",
	    "<textarea>", "<style>a{", "plain text without an end "};
	const struct html_clean_options options = {.time_ms = 500};
	size_t max = LIMIT_HTML_SHOWN;
	char *source = malloc(max);

	(void)state;
	assert_non_null(source);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		size_t piece = strlen(pieces[i]);
		size_t len = 0;
		int64_t start = html_pool_cpu_ms();
		int64_t spent = 0;
		for (; len + piece <= max; len += piece)
			memcpy(source + len, pieces[i], piece);
		(void)cleaned(arena, str_of(source, len), &options);
		spent = html_pool_cpu_ms() - start;
		/* Between looks at the clock some time passes. */
		if (spent > SPENT_MS_MAX)
			fail_msg("%s: %d ms", pieces[i], (int)spent);
		arena_free(arena);
	}
	free(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_other_hosts),
	    cmocka_unit_test(test_notes),
	    cmocka_unit_test(test_long_link),
	    cmocka_unit_test(test_colours),
	    cmocka_unit_test(test_images),
	    cmocka_unit_test(test_max_bytes),
	    cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
