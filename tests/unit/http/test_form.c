#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "base/limits.h"
#include "http/form_source.h"
#include "os/file.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART  "multipart/form-data; boundary=XyZ"
#define PART(head, data)                                                      \
	"--XyZ\r\nContent-Disposition: form-data; " head "\r\n\r\n" data "\r" \
	"\n"
#define END "--XyZ--\r\n"

/* In an exact block without NUL, so that a sanitizer sees an over-read. */
static struct str
exact(const char *text, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return str_of(copy, len);
}

static void
drop(struct str s)
{
	free((void *)(uintptr_t)s.ptr);
}

/* name=value, name@file(type,bytes), joined by '|'. */
static void
describe(const struct form *form, char *out, size_t max)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *f = &form->fields[i];
		char bytes[64] = "";
		int64_t got = 0;

		if (f->is_file)
			got = form_file_read(form, f, 0, bytes, 63);
		assert_true(got >= 0);
		if (f->is_file)
			len += (size_t)snprintf(out + len, max - len,
			    "%s%.*s@%.*s(%.*s,%s)", i ? "|" : "",
			    STR_ARG(f->name), STR_ARG(f->file_name),
			    STR_ARG(f->type), bytes);
		else
			len += (size_t)snprintf(out + len, max - len,
			    "%s%.*s=%.*s", i ? "|" : "", STR_ARG(f->name),
			    STR_ARG(f->value));
	}
}

static const struct row {
	const char *name;
	const char *type;
	const char *body;
	const char *fields; /* NULL: an error */
	enum err_code code;
} rows[] = {
    {"empty pieces", URLENCODED, "&a=1&&b&=c&", "a=1|b=|=c", ERR_OK},
    {"plus and percent", URLENCODED, "a+b=%41%2b%zz%4", "a b=A+%zz%4", ERR_OK},
    {"twice", URLENCODED, "u=1&u=2", "u=1|u=2", ERR_OK},
    {"equals in value", URLENCODED, "a=b=c", "a=b=c", ERR_OK},
    {"charset parameter", "Application/X-WWW-Form-URLEncoded; charset=UTF-8",
        "a=1", "a=1", ERR_OK},
    {"other type", "text/plain", "a=1", NULL, ERR_INPUT},
    {"no type", "", "a=1", NULL, ERR_INPUT},
    {"a field and a file", MULTIPART,
        PART("name=\"a\"", "hello") PART("name=\"f\"; filename=\"x.txt\"\r\n"
                                         "Content-Type: text/plain",
            "data") END,
        "a=hello|f@x.txt(text/plain,data)", ERR_OK},
    {"empty form", MULTIPART, END, "", ERR_OK},
    {"no file chosen", MULTIPART,
        PART("name=\"f\"; filename=\"\"\r\nContent-Type: "
             "application/octet-stream",
            "") END,
        "f@(application/octet-stream,)", ERR_OK},
    {"empty value", MULTIPART, PART("name=a", "") END, "a=", ERR_OK},
    {"line breaks stay", MULTIPART, PART("name=a", "x\r\ny\r\n") END,
        "a=x\r\ny\r\n", ERR_OK},
    {"quoted boundary", "multipart/form-data; boundary=\"XyZ\"",
        PART("name=a", "1") END, "a=1", ERR_OK},
    {"boundary after others", "multipart/form-data; x=y;Boundary=XyZ",
        PART("name=a", "1") END, "a=1", ERR_OK},
    {"%22 in names", MULTIPART,
        PART("name=\"a%22b\"; filename=\"c%22d%0D%0a%41\"", "x") END,
        "a\"b@c\"d\r\n%41(,x)", ERR_OK},
    {"backslash quote", MULTIPART,
        PART("name=\"f\"; filename=\"c\\\"d\"", "x") END, "f@c\"d(,x)", ERR_OK},
    {"whole path", MULTIPART,
        PART("name=f; filename=\"C:\\\\mail\\\\x.txt\"", "x") END,
        "f@x.txt(,x)", ERR_OK},
    {"path with slashes", MULTIPART,
        PART("name=f; filename=\"../../etc/passwd\"", "x") END, "f@passwd(,x)",
        ERR_OK},
    {"filename* alone", MULTIPART,
        PART("name=f; filename*=UTF-8''%C3%A4%20b", "x") END,
        "f@\xc3\xa4 b(,x)", ERR_OK},
    {"_charset_ is left out", MULTIPART,
        PART("name=_charset_", "utf-8") PART("name=a", "1") END, "a=1", ERR_OK},
    {"boundary's beginning in data", MULTIPART,
        PART("name=a", "x\r\n--Xy\r\n--XyZz\r\n--XyZ-x") END,
        "a=x\r\n--Xy\r\n--XyZz\r\n--XyZ-x", ERR_OK},
    {"padding after the boundary", MULTIPART,
        "--XyZ \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        "--XyZ--",
        "a=1", ERR_OK},
    {"epilogue", MULTIPART, PART("name=a", "1") END "rubbish", "a=1", ERR_OK},
    {"7bit", MULTIPART,
        PART("name=a\r\nContent-Transfer-Encoding: 7bit", "1") END, "a=1",
        ERR_OK},
    {"base64 is refused", MULTIPART,
        PART("name=a\r\nContent-Transfer-Encoding: base64", "MQ==") END, NULL,
        ERR_INPUT},
    {"no boundary", "multipart/form-data", END, NULL, ERR_INPUT},
    {"boundary not allowed", "multipart/form-data; boundary=\"a\tb\"", END,
        NULL, ERR_INPUT},
    {"boundary too long",
        "multipart/form-data; boundary=0123456789012345678901234567890123456"
        "7890123456789012345678901234567890",
        END, NULL, ERR_INPUT},
    {"other boundary", "multipart/form-data; boundary=no", END, NULL,
        ERR_INPUT},
    {"preamble", MULTIPART, "hello\r\n" END, NULL, ERR_INPUT},
    {"cut in the boundary", MULTIPART, "--Xy", NULL, ERR_INPUT},
    {"cut in the header", MULTIPART, "--XyZ\r\nContent-Disp", NULL, ERR_INPUT},
    {"cut in the data", MULTIPART,
        "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\nda", NULL,
        ERR_INPUT},
    {"last boundary missing", MULTIPART, PART("name=a", "1"), NULL, ERR_INPUT},
    {"no disposition", MULTIPART,
        "--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n" END, NULL, ERR_INPUT},
    {"two dispositions", MULTIPART,
        PART("name=a\r\nContent-Disposition: form-data; name=b", "1") END, NULL,
        ERR_INPUT},
    {"no name", MULTIPART, PART("filename=x", "1") END, NULL, ERR_INPUT},
    {"quote not closed", MULTIPART, PART("name=\"a", "1") END, NULL, ERR_INPUT},
    {"rubbish after a parameter", MULTIPART, PART("name=\"a\"x", "1") END, NULL,
        ERR_INPUT},
    {"not form-data", MULTIPART,
        "--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n" END,
        NULL, ERR_INPUT},
    {"rubbish after the boundary", MULTIPART, "--XyZrubbish", NULL, ERR_INPUT},
};

static void
check(const struct row *row, struct str body, int fd, size_t window,
    const char *where)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str type = exact(row->type, strlen(row->type));
	const struct form *form = NULL;
	struct err err = ERR_NONE;
	char shown[1000];
	struct form_source source = {.memory = body,
	    .spool_fd = fd,
	    .total = strlen(row->body),
	    .window_max = window};
	enum err_code rc = form_parse_source(type, &source, arena, &form, &err);

	if (rc != row->code)
		fail_msg("%s (%s): %s %s", row->name, where, err_name(rc),
		    err.detail);
	if (row->fields) {
		describe(form, shown, sizeof(shown));
		if (strcmp(shown, row->fields) != 0)
			fail_msg("%s (%s): %s", row->name, where, shown);
	}
	drop(type);
	arena_free(arena);
}

static void
test_rows_in_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str body = exact(rows[i].body, strlen(rows[i].body));

		check(&rows[i], body, -1, FORM_WINDOW_MIN, "memory");
		drop(body);
	}
}

static int
spool_of(const char *bytes, size_t len)
{
	struct err err = ERR_NONE;
	int fd = -1;

	assert_int_equal(file_open_spool("/tmp", &fd, &err), ERR_OK);
	assert_int_equal(file_write_all(fd, str_of(bytes, len), &err), ERR_OK);
	return fd;
}

/* Every border of the window falls everywhere once. */
static void
test_rows_in_spool(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = spool_of(rows[i].body, strlen(rows[i].body));

		for (size_t window = FORM_WINDOW_MIN;
		     window < FORM_WINDOW_MIN + 60; window++)
			check(&rows[i], (struct str){0}, fd, window, "spool");
		close(fd);
	}
}

static void
test_too_much(void **state)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	size_t len = (LIMIT_FORM_FIELDS + 1) * 2;
	char *many = malloc(len);
	char *large = malloc(LIMIT_FIELD_BYTES + 3);
	const struct form *form = NULL;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < len; i++)
		many[i] = i % 2 == 0 ? 'a' : '&';
	assert_int_equal(form_parse(STR(URLENCODED), str_of(many, len), -1, 0,
	                     arena, &form, &err),
	    ERR_LIMIT);
	assert_int_equal(form_parse(STR(URLENCODED), str_of(many, len - 2), -1,
	                     0, arena, &form, &err),
	    ERR_OK);
	memset(large, 'x', LIMIT_FIELD_BYTES + 3);
	large[1] = '=';
	assert_int_equal(
	    form_parse(STR(URLENCODED), str_of(large, LIMIT_FIELD_BYTES + 3),
	        -1, 0, arena, &form, &err),
	    ERR_LIMIT);
	free(many);
	free(large);
	arena_free(arena);
}

/* The arena runs out at every place: an error, never a crash. */
static void
test_memory_runs_out(void **state)
{
	const struct row *row = &rows[7];
	struct str body = exact(row->body, strlen(row->body));
	size_t failures = 0;

	(void)state;
	for (size_t max = 0; max < 4000; max += 16) {
		struct arena *arena = arena_new(max);
		const struct form *form = NULL;
		struct err err = ERR_NONE;
		enum err_code rc = form_parse(
		    str_c(row->type), body, -1, 0, arena, &form, &err);

		assert_true((rc == ERR_OK) == (form != NULL));
		failures += rc != ERR_OK;
		arena_free(arena);
	}
	assert_true(failures > 0 && failures < 250);
	drop(body);
}

static void
test_large_file_by_pieces(void **state)
{
	static const char head[] = PART("name=f; filename=x", "");
	size_t data = 300000;
	size_t head_len = sizeof(head) - 3; /* without the CRLF */
	size_t len = head_len + data + 2 + strlen(END);
	char *body = malloc(len);
	struct arena *arena = arena_new((size_t)1 << 20);
	const struct form *form = NULL;
	const struct form_field *file;
	struct err err = ERR_NONE;
	unsigned char got[1000];
	uint64_t at = 0;
	int fd;

	(void)state;
	memcpy(body, head, head_len);
	for (size_t i = 0; i < data; i++)
		body[head_len + i] = (char)(i % 251);
	memcpy(body + head_len + data, "\r\n" END, 2 + strlen(END));
	fd = spool_of(body, len);
	assert_int_equal(form_parse(STR(MULTIPART), (struct str){0}, fd, len,
	                     arena, &form, &err),
	    ERR_OK);
	file = form_find(form, "f");
	assert_non_null(file);
	assert_int_equal(file->file_bytes, data);
	for (;;) {
		int64_t n = form_file_read(form, file, at, got, sizeof(got));

		assert_true(n >= 0);
		if (n == 0)
			break;
		for (int64_t i = 0; i < n; i++)
			assert_int_equal(got[i], (at + (uint64_t)i) % 251);
		at += (uint64_t)n;
	}
	assert_int_equal(at, data);
	assert_true(arena_used(arena) < 100000);
	close(fd);
	free(body);
	arena_free(arena);
}

/* Wherever the body is cut: what is there is whole, or says that it is not. */
static void
test_beginning(void **state)
{
	static const char body[] = PART("name=\"t\"", "the text")
	    PART("name=\"f\"; filename=\"x\"", "the file") END;
	const size_t whole = sizeof(body) - 1;

	(void)state;
	for (size_t len = strlen("--XyZ\r\n"); len <= whole; len++) {
		struct arena *arena = arena_new(1 << 18);
		const struct form *form = NULL;
		const struct form_field *file;
		struct err err = ERR_NONE;
		struct str text;
		int fd = spool_of(body, len);

		assert_int_equal(form_parse_beginning(STR(MULTIPART), fd, len,
		                     arena, &form, &err),
		    ERR_OK);
		text = form_value(form, "t");
		assert_true(text.ptr == NULL || str_eq(text, STR("the text")));
		file = form_find(form, "f");
		if (file != NULL && !file->is_cut)
			assert_int_equal(file->file_bytes, strlen("the file"));
		assert_true(len < whole || (file != NULL && !file->is_cut));
		close(fd);
		arena_free(arena);
	}
}

static void
test_find_and_next(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	const struct form *form = NULL;
	const struct form_field *field;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(form_parse(STR(URLENCODED), STR("u=1&x=2&u=3"), -1, 0,
	                     arena, &form, &err),
	    ERR_OK);
	field = form_find(form, "u");
	assert_true(str_eq(field->value, STR("1")));
	field = form_next(form, "u", field);
	assert_true(str_eq(field->value, STR("3")));
	assert_null(form_next(form, "u", field));
	assert_null(form_value(form, "y").ptr);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_in_memory),
	    cmocka_unit_test(test_rows_in_spool),
	    cmocka_unit_test(test_too_much),
	    cmocka_unit_test(test_memory_runs_out),
	    cmocka_unit_test(test_large_file_by_pieces),
	    cmocka_unit_test(test_beginning),
	    cmocka_unit_test(test_find_and_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
