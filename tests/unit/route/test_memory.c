/*
 * Memory that ends at allocation number n: every reader of foreign bytes, and
 * the templates, run in arenas that grow a few bytes at a time. Whatever is
 * refused, nothing breaks, and the caller is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "config/config.h"
#include "http/form.h"
#include "mime/html_clean.h"
#include "mime/mime.h"
#include "view/tmpl.h"
#include "view/view.h"

#define ARENA_WHOLE   ((size_t)64 << 20)
#define STEP_BYTES    ((size_t)8)
#define ROUNDS_WANTED ((size_t)1500)

static enum err_code
run_form(struct str in, struct arena *arena, struct err *err)
{
	const struct form *form = NULL;

	return form_parse(STR("application/x-www-form-urlencoded"), in, -1, 0,
	    arena, &form, err);
}

static enum err_code
run_multipart(struct str in, struct arena *arena, struct err *err)
{
	const struct form *form = NULL;

	return form_parse(STR("multipart/form-data; boundary=XyZ"), in, -1, 0,
	    arena, &form, err);
}

static enum err_code
run_mime(struct str in, struct arena *arena, struct err *err)
{
	struct mime_message message = {0};

	return mime_parse(in, &mime_limits_default, arena, &message, err);
}

static enum err_code
run_html(struct str in, struct arena *arena, struct err *err)
{
	struct html_clean_options options = {.allow_remote_images = true};
	struct html_clean_result result = {0};

	return html_clean(in, &options, arena, &result, err);
}

/* The notes live in the arena; the configuration owns its memory. */
static enum err_code
run_config(struct str in, struct arena *arena, struct err *err)
{
	struct config_notes notes = {0};
	const struct config *cfg = NULL;
	enum err_code rc =
	    config_parse(STR("/etc/iwebmsg.ini"), in, arena, &notes, &cfg, err);

	assert_true((rc == ERR_OK) == (cfg != NULL));
	config_unref(cfg);
	return rc;
}

static enum err_code
run_template(struct str in, struct arena *arena, struct err *err)
{
	static const struct str names[] = {{"page.html", 9}};
	struct tmpl_set *set = NULL;
	struct html page = {{NULL, 0}};
	struct view *view = view_new(arena);
	struct view_list *rows = view_list(view, "rows");
	enum err_code rc = tmpl_set_from(names, &in, 1, &set, err);

	if (rc != ERR_OK)
		return rc;
	view_text(view, "title", TEXT("A <title>"));
	view_u64(view, "count", 12);
	view_set_url(view, "to", view_url_foreign(arena, STR("http://a/?b&c")));
	for (unsigned i = 0; i < 20; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "name", STR("somebody & \xff"));
		view_bool(row, "new", i % 2 == 0);
	}
	rc = tmpl_render(set, "page.html", view, arena, &page, err);
	tmpl_set_unref(set);
	return rc;
}

static const struct row {
	const char *name;
	enum err_code (*run)(struct str in, struct arena *arena, struct err *);
	const char *input;
} rows[] = {
    {"form", run_form, "folder=INBOX&u=1&u=2&note=a+%C3%A4+b&empty=&=x"},
    {"multipart form", run_multipart,
        "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"
        "--XyZ\r\nContent-Disposition: form-data; name=\"f\"; "
        "filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\ndata\r\n"
        "--XyZ--\r\n"},
    {"message", run_mime,
        "From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\n"
        "To: a@example.org, \"B, C\" <b@example.org>\r\n"
        "Subject: =?iso-8859-1?q?caf=E9?= again\r\n"
        "Message-ID: <1@example.org>\r\nReferences: <0@example.org>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=C3=BC=C3=9F\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nit\r\n"
        "--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename*=utf-8''%C3%A4.pdf\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n"},
    {"html", run_html,
        "<style>p{color:red;background:url(x)}</style><body bgcolor=#fff>"
        "<p style='color:red;margin:1px' onclick=x>a<b>b<i>c</b>d</i>"
        "<a href='http://a/?b=1&c'>l</a><img src=\"cid:1@x\" alt='&lt;'>"
        "<table width=3><tr><td colspan=2>x<script>y</script></table>"},
    {"ini", run_config,
        "[Server]\nPlainPort = 80\nWrong = 1\nState = x\n[Host a.example]\n"
        "Title = A\nImapHost = imap.a.example\n[Mail]\nImapWait = soon\n"},
    {"template", run_template,
        "<!DOCTYPE html><title>{{title}}</title><a href=\"{{to}}\">{{count}}"
        "</a>{{#rows}}<p title=\"{{name}}\">{{name}}{{#new}}!{{/new}}</p>"
        "{{/rows}}"},
};

/* An exact-size block without NUL: reading past it is seen. */
static struct str
exact(const char *c)
{
	size_t len = strlen(c);
	char *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, c, len);
	return str_of(copy, len);
}

static size_t
needed_bytes(const struct row *row, struct str in, enum err_code *out_rc)
{
	struct arena *arena = arena_new(ARENA_WHOLE);
	struct err err = ERR_NONE;
	size_t used;

	assert_non_null(arena);
	*out_rc = row->run(in, arena, &err);
	used = arena_used(arena);
	arena_free(arena);
	return used;
}

/* How often the caller was told wrong. */
static size_t
rehearse(const struct row *row, struct str in)
{
	enum err_code whole;
	size_t needed = needed_bytes(row, in, &whole);
	size_t step = needed / ROUNDS_WANTED + STEP_BYTES;
	size_t refused = 0;
	size_t wrong = 0;

	/* The ini file has mistakes, for its notes; the others are right. */
	assert_int_equal(whole, row->run == run_config ? ERR_CONFIG : ERR_OK);
	assert_true(needed > 0);
	for (size_t max_bytes = 0; max_bytes < needed; max_bytes += step) {
		struct arena *arena = arena_new(max_bytes);
		struct err err = ERR_NONE;
		enum err_code rc;

		assert_non_null(arena);
		rc = row->run(in, arena, &err);
		if (arena_failed(arena)) {
			refused++;
			wrong += rc == ERR_OK || rc != err.code;
			if (rc == ERR_OK || rc != err.code)
				print_error("%s: %zu of %zu bytes: returns %u, "
				            "says %u\n",
				    row->name, max_bytes, needed, rc, err.code);
		} else if (rc != whole) {
			wrong++;
			print_error(
			    "%s: %zu bytes: error %u without a reason\n",
			    row->name, max_bytes, rc);
		}
		arena_free(arena);
	}
	print_message("  %s: %zu bytes, %zu rounds refused\n", row->name,
	    needed, refused);
	assert_true(refused > 0);
	return wrong;
}

static void
test_memory_ends(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = exact(rows[i].input);

		wrong += rehearse(&rows[i], in);
		free((void *)(uintptr_t)in.ptr);
	}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory_ends),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
