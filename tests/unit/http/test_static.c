#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "base/limits.h"
#include "http/http.h"
#include "http/static.h"
#include "http/static_logo.h"
#include "os/file.h"

struct folders {
	char ours[64];
	char theirs[64];
	char theirs_static[80];
};

static void
put(const char *folder, const char *name, const char *text)
{
	char path[200];
	struct err err = ERR_NONE;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_write_new(path, str_c(text), 0600, &err), ERR_OK);
}

static void
take_away(const char *folder, const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
}

static char css[5000];

static int
set_up(void **state)
{
	struct folders *folders = calloc(1, sizeof(*folders));
	struct err err = ERR_NONE;

	memcpy(folders->ours, "/tmp/iwm-static-XXXXXX", 23);
	memcpy(folders->theirs, "/tmp/iwm-static-XXXXXX", 23);
	assert_non_null(mkdtemp(folders->ours));
	assert_non_null(mkdtemp(folders->theirs));
	(void)snprintf(folders->theirs_static, sizeof(folders->theirs_static),
	    "%s/static", folders->theirs);
	assert_int_equal(
	    file_make_folder(folders->theirs_static, &err), ERR_OK);
	memset(css, 'a', sizeof(css) - 1);
	put(folders->ours, "app.css", css);
	put(folders->ours, "app.js", "one");
	put(folders->ours, "logo.png", "png");
	put(folders->ours, "notes.bak", "secret");
	put(folders->theirs_static, "app.js", "two");
	*state = folders;
	return 0;
}

static int
tear_down(void **state)
{
	struct folders *folders = *state;

	take_away(folders->ours, "app.css");
	take_away(folders->ours, "app.js");
	take_away(folders->ours, "logo.png");
	take_away(folders->ours, "notes.bak");
	take_away(folders->theirs_static, "app.js");
	(void)rmdir(folders->theirs_static);
	(void)rmdir(folders->theirs);
	(void)rmdir(folders->ours);
	free(folders);
	return 0;
}

struct asked {
	struct arena *arena;
	struct request *req;
	struct response *res;
};

static struct asked
ask(struct static_set *set, struct str path, const char *headers)
{
	struct asked asked = {.arena = arena_new(LIMIT_ARENA_BYTES)};
	struct str lines = str_printf(asked.arena, "Host: h\n%s", headers);
	unsigned status;

	asked.req = request_new_alone(
	    asked.arena, STR("GET"), path, lines, (struct str){0}, &status);
	assert_int_equal(status, 0);
	asked.res = http_response(asked.req);
	static_set_answer(set, asked.req, asked.res, true);
	return asked;
}

static void
end(struct asked *asked)
{
	request_end_alone(asked->req);
	arena_free(asked->arena);
}

static void
expect(
    struct asked *asked, unsigned status, const char *name, const char *value)
{
	struct str got = response_get_header(asked->res, name);

	assert_int_equal(response_get_status(asked->res), status);
	if (!str_eq(got, str_c(value)))
		fail_msg("%s: %.*s", name, STR_ARG(got));
}

static void
test_answers(void **state)
{
	struct folders *folders = *state;
	struct static_set *set = NULL;
	struct err err = ERR_NONE;
	struct asked asked;
	struct str address;

	assert_int_equal(
	    static_set_new(folders->ours, NULL, &set, &err), ERR_OK);
	address = static_set_address(set, STR("app.css"));
	assert_int_equal(address.len, strlen("/static/app.12345678.css"));
	asked = ask(set, address, "Accept-Encoding: gzip");
	expect(&asked, 200, "Cache-Control",
	    "public, max-age=31536000, immutable");
	expect(&asked, 200, "Content-Encoding", "gzip");
	expect(&asked, 200, "Vary", "Accept-Encoding");
	expect(&asked, 200, "Content-Type", "text/css; charset=utf-8");
	assert_true(response_get_body(asked.res).len < 200);
	end(&asked);
	asked = ask(set, STR("/static/app.css"), "");
	expect(&asked, 200, "Cache-Control", "public, max-age=3600");
	expect(&asked, 200, "Content-Encoding", "");
	assert_int_equal(response_get_body(asked.res).len, sizeof(css) - 1);
	end(&asked);
	/* An old version's address gives what there is, not for ever. */
	asked = ask(set, STR("/static/app.00000000.css"), "");
	expect(&asked, 200, "Cache-Control", "public, max-age=3600");
	end(&asked);
	asked = ask(set, STR("/static/logo.png"), "Accept-Encoding: gzip");
	expect(&asked, 200, "Content-Type", "image/png");
	expect(&asked, 200, "Content-Encoding", "");
	end(&asked);
	static_set_unref(set);
}

static void
test_not_modified(void **state)
{
	struct folders *folders = *state;
	struct static_set *set = NULL;
	struct err err = ERR_NONE;
	struct asked asked;
	char header[200];

	assert_int_equal(
	    static_set_new(folders->ours, NULL, &set, &err), ERR_OK);
	asked = ask(set, STR("/static/app.js"), "");
	(void)snprintf(header, sizeof(header), "If-None-Match: \"x\", W/%.*s",
	    STR_ARG(response_get_header(asked.res, "ETag")));
	end(&asked);
	asked = ask(set, STR("/static/app.js"), header);
	expect(&asked, 304, "Cache-Control", "public, max-age=3600");
	assert_int_equal(response_get_body(asked.res).len, 0);
	end(&asked);
	/* Another file's tag does not fit. */
	asked = ask(set, STR("/static/app.css"), header);
	assert_int_equal(response_get_status(asked.res), 200);
	end(&asked);
	static_set_unref(set);
}

static void
test_not_found(void **state)
{
	static const char *const paths[] = {"/static/", "/static/none.css",
	    "/static/notes.bak", "/static/../app.css", "/static/%2e%2e/app.css",
	    "/static/app.12345678.js.css", "/static/appX12345678.css",
	    "/static//app.css"};
	struct folders *folders = *state;
	struct static_set *set = NULL;
	struct err err = ERR_NONE;

	assert_int_equal(
	    static_set_new(folders->ours, NULL, &set, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct asked asked = ask(set, str_c(paths[i]), "");

		if (response_get_status(asked.res) != 404)
			fail_msg("%s", paths[i]);
		end(&asked);
	}
	assert_true(str_eq(
	    static_set_address(set, STR("none")), STR("/static/unknown")));
	static_set_unref(set);
}

static void
test_override(void **state)
{
	struct folders *folders = *state;
	struct static_set *ours = NULL;
	struct static_set *theirs = NULL;
	struct err err = ERR_NONE;
	struct asked asked;

	assert_int_equal(
	    static_set_new(folders->ours, NULL, &ours, &err), ERR_OK);
	assert_int_equal(
	    static_set_new(folders->ours, folders->theirs, &theirs, &err),
	    ERR_OK);
	asked = ask(theirs, STR("/static/app.js"), "");
	/* The answer outlives a reload. */
	static_set_unref(theirs);
	assert_true(str_eq(response_get_body(asked.res), STR("two")));
	end(&asked);
	asked = ask(ours, STR("/static/app.js"), "");
	assert_true(str_eq(response_get_body(asked.res), STR("one")));
	end(&asked);
	static_set_unref(ours);
}

static void
test_no_folder(void **state)
{
	struct static_set *set = NULL;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_not_equal(
	    static_set_new("/tmp/iwm-no-such-folder", NULL, &set, &err),
	    ERR_OK);
	assert_null(set);
}

static const char svg[] =
    "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <png> -->\n<!DOCTYPE svg>\n"
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 -1.5 300 100\"/>";

static void
test_decorated(void **state)
{
	struct folders *folders = *state;
	struct static_set *set = NULL;
	struct err err = ERR_NONE;
	struct asked asked;
	char path[200];
	struct str plain;

	(void)snprintf(path, sizeof(path), "%s/own.xml", folders->theirs);
	put(folders->theirs, "own.xml", svg);
	assert_int_equal(
	    static_set_new(folders->ours, NULL, &set, &err), ERR_OK);
	assert_int_equal(static_set_logo(set).address.len, 0);
	plain = static_set_address(set, STR("app.css"));
	assert_int_equal(
	    static_set_add_css(set, STR("\n:root {}"), &err), ERR_OK);
	assert_int_equal(static_set_add_logo(set, path, &err), ERR_OK);
	take_away(folders->theirs, "own.xml");
	/* Another content, another address. */
	assert_false(str_eq(plain, static_set_address(set, STR("app.css"))));
	asked = ask(set, static_set_address(set, STR("app.css")), "");
	assert_true(
	    str_ends(response_get_body(asked.res), STR("aaa\n:root {}")));
	end(&asked);
	assert_int_equal(static_set_logo(set).width, 300);
	asked = ask(set, static_set_logo(set).address, "");
	expect(&asked, 200, "Content-Type", "image/svg+xml");
	expect(&asked, 200, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'; sandbox");
	assert_true(str_eq(response_get_body(asked.res), str_c(svg)));
	end(&asked);
	asked = ask(set, STR("/static/app.js"), "");
	expect(&asked, 200, "Content-Security-Policy", "");
	end(&asked);
	static_set_unref(set);
}

static void
test_logos(void **state)
{
	static const struct {
		struct str bytes;
		bool is_png, is_svg;
		uint32_t width;
	} rows[] = {
	    {{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x80\0\0\0\x40\x08", 25},
	        true, false, 200},
	    {{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\0\0\0\1\x08", 25},
	        true, false, 800},
	    {{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08", 25}, true,
	        false, 100},
	    {{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 18}, false, false, 100},
	    {{"<svg>", 5}, false, true, 100},
	    {{"<svg viewBox='0,0,10.5,200'>", 28}, false, true, 25},
	    {{"<svg viewBox='0 0 10", 20}, false, true, 100},
	    {{"<svg viewBox='0 0 99999999999 1'>", 33}, false, true, 100},
	    {{"<svgx>", 6}, false, false, 100},
	    {{"<svg", 4}, false, false, 100},
	    {{"<!-- <svg>", 10}, false, false, 100},
	    {{"<html><svg>", 11}, false, false, 100},
	    {{"<svg \xff>", 7}, false, false, 100},
	    {{"", 0}, false, false, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %zu\n", i);
		assert_int_equal(
		    static_logo_is_png(rows[i].bytes), rows[i].is_png);
		assert_int_equal(
		    static_logo_is_svg(rows[i].bytes), rows[i].is_svg);
		assert_int_equal(
		    static_logo_width(rows[i].bytes), rows[i].width);
	}
}

static void
test_no_logo(void **state)
{
	struct folders *folders = *state;
	struct static_set *set = NULL;
	struct err err = ERR_NONE;
	char path[200];

	assert_int_equal(
	    static_set_new(folders->ours, NULL, &set, &err), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/app.css", folders->ours);
	assert_int_equal(static_set_add_logo(set, path, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "neither a PNG nor an SVG"));
	(void)snprintf(path, sizeof(path), "%s/none.svg", folders->ours);
	assert_int_equal(static_set_add_logo(set, path, &err), ERR_NOT_FOUND);
	static_set_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_not_modified),
	    cmocka_unit_test(test_not_found),
	    cmocka_unit_test(test_override),
	    cmocka_unit_test(test_no_folder),
	    cmocka_unit_test(test_decorated),
	    cmocka_unit_test(test_logos),
	    cmocka_unit_test(test_no_logo),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
