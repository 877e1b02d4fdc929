/* Messages out of mbox files of many programs, whatever the pieces. */
#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_mbox.h"
#include "mime/mime_mbox_read.h"

#define FROM "From ben@example.com Fri Jan  2 00:00:00 1970\n"

struct file {
	struct str bytes;
	size_t piece; /* at most so many at once */
	uint64_t fails_at;
};

static int64_t
file_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct file *file = ctx;
	size_t left;

	if (file->fails_at > 0 && offset >= file->fails_at)
		return -1;
	if (offset >= file->bytes.len)
		return 0;
	left = file->bytes.len - (size_t)offset;
	if (len > left)
		len = left;
	if (file->piece > 0 && len > file->piece)
		len = file->piece;
	memcpy(buf, file->bytes.ptr + offset, len);
	return (int64_t)len;
}

static bool
keep(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

/* All messages of the file, a "|" behind each. */
static void
check(const char *name, struct str in, enum mime_file_kind kind,
    const char *expected)
{
	static struct mime_reader reader;
	static const size_t pieces[] = {1, 7, 0};

	for (size_t i = 0; i < 3; i++) {
		char *block = malloc(in.len + 1);
		struct file file = {.piece = pieces[i]};
		struct mime_found found;
		struct buf out;

		memcpy(block, in.ptr, in.len);
		file.bytes = str_of(block, in.len);
		buf_init(&out, 1 << 20);
		mime_reader_init(&reader, file_read, &file);
		if (mime_reader_kind(&reader) != kind)
			fail_msg("%s: another kind of file", name);
		while (kind != MIME_FILE_OTHER && kind != MIME_FILE_ZIP &&
		       mime_reader_next(&reader, &found)) {
			size_t before = out.len;

			assert_true(
			    mime_reader_copy(&reader, &found, keep, &out));
			assert_int_equal(out.len - before, found.bytes);
			buf_add_byte(&out, '|');
		}
		assert_false(reader.is_failed);
		expect_str(name, buf_str(&out), str_c(expected));
		buf_free(&out);
		free(block);
	}
}

static void
check_mbox(const char *name, const char *in, const char *expected)
{
	check(name, str_c(in), MIME_FILE_MBOX, expected);
}

static void
test_borders(void **state)
{
	(void)state;
	check_mbox("one", FROM "A: b\n\nx\n\n", "A: b\r\n\r\nx\r\n|");
	check_mbox("two", FROM "A: b\n\nx\n\n" FROM "C: d\n\ny\n\n",
	    "A: b\r\n\r\nx\r\n|C: d\r\n\r\ny\r\n|");
	check_mbox("no empty line between", FROM "A: b\n\nx\n" FROM "C: d\n\ny",
	    "A: b\r\n\r\nx\r\n|C: d\r\n\r\ny|");
	check_mbox("only headers", FROM "A: b\n\n" FROM "C: d\n\n",
	    "A: b\r\n|C: d\r\n|");
	check_mbox("empty", FROM FROM "C: d\n", "|C: d\r\n|");
	check_mbox("no date in the first line", "From me\nA: b\n\nx\n",
	    "A: b\r\n\r\nx\r\n|");
	check_mbox("no border without a date",
	    FROM "A: b\n\nx\n\nFrom me to you: hello\nHello: you\n\n",
	    "A: b\r\n\r\nx\r\n\r\nFrom me to you: hello\r\nHello: you\r\n|");
	check_mbox("no border without a field",
	    FROM "A: b\n\n\n" FROM "is what he wrote\n\n",
	    "A: b\r\n\r\n\r\nFrom ben@example.com Fri Jan  2 00:00:00 1970\r\n"
	    "is what he wrote\r\n|");
	check_mbox("Thunderbird, Google, names with spaces",
	    "From - Thu Nov 12 10:00:00 2015\nA: b\n\n1\n\n"
	    "From 15@xxx Thu Nov 12 10:00:00 +0000 2015\nA: b\n\n2\n\n"
	    "From \"a b\"@c Thu Nov 12 10:00:00 2015 remote from d\nA: b\n\n3",
	    "A: b\r\n\r\n1\r\n|A: b\r\n\r\n2\r\n|A: b\r\n\r\n3|");
	check_mbox(
	    "mark before it", "\xef\xbb\xbf" FROM "A: b\n\n", "A: b\r\n|");
	check_mbox("nothing else", "From ", "|");
}

static void
test_quotes(void **state)
{
	(void)state;
	check_mbox("mboxrd",
	    FROM ">From h: x\nA: b\n\n>From x\n>>From y\n> From\n\n",
	    "From h: x\r\nA: b\r\n\r\nFrom x\r\n>From y\r\n> From\r\n|");
	check_mbox("mboxcl2",
	    FROM "Content-Length: 15\n\n>From x\nFrom y\n\n\n" FROM "A: b\n",
	    "Content-Length: 15\r\n\r\n>From x\r\nFrom y\r\n|A: b\r\n|");
	check_mbox("a whole mbox in a message",
	    FROM "Content-Length: 52\n\n" FROM "A: b\n\n\n" FROM "A: b\n",
	    "Content-Length: 52\r\n\r\nFrom ben@example.com Fri Jan  2 "
	    "00:00:00 "
	    "1970\r\nA: b\r\n\r\n|A: b\r\n|");
	check_mbox("a length that is not true",
	    FROM "Content-Length: 4\n\nx\n\n" FROM "A: b\n\n\n",
	    "Content-Length: 4\r\n\r\nx\r\n|A: b\r\n\r\n|");
	check_mbox("a length of a file without",
	    FROM "A: b\n\nx\n\n" FROM "Content-Length: 52\n\n" FROM
	         "A: b\n\n\n" FROM "C: d\n",
	    "A: b\r\n\r\nx\r\n|Content-Length: 52\r\n|A: b\r\n\r\n|C: d\r\n|");
}

static void
test_line_ends(void **state)
{
	(void)state;
	check_mbox("CRLF",
	    "From a Fri Jan  2 00:00:00 1970\r\nA: b\r\n\r\nx\ny\r\n\r\n"
	    "From a Fri Jan  2 00:00:00 1970\r\nA: b\r\n\r\n",
	    "A: b\r\n\r\nx\r\ny\r\n|A: b\r\n|");
	check_mbox("a CR in a file of LF", FROM "A: b\r\n\nx\ry\n\n",
	    "A: b\r\r\n\r\nx\ry\r\n|");
	check("message, LF", STR("A: b\n\nx\n\n"), MIME_FILE_MESSAGE,
	    "A: b\r\n\r\nx\r\n\r\n|");
	check("message, CRLF", STR("A: b\r\n\r\nFrom \r\n>From \r\nx"),
	    MIME_FILE_MESSAGE, "A: b\r\n\r\nFrom \r\n>From \r\nx|");
}

static void
test_kinds(void **state)
{
	(void)state;
	check("nothing", STR(""), MIME_FILE_OTHER, "");
	check("words", STR("Dear Ben,\n"), MIME_FILE_OTHER, "");
	check("zip", STR("PK\3\4...."), MIME_FILE_ZIP, "");
	check("empty zip", STR("PK\5\6...."), MIME_FILE_ZIP, "");
	check("picture", STR("\x89PNG\r\n\x1a\n"), MIME_FILE_OTHER, "");
	check("empty lines first", STR("\n\r\nA: b\n"), MIME_FILE_MESSAGE,
	    "A: b\r\n|");
	check("space before the colon", STR("Subject : b\n"), MIME_FILE_MESSAGE,
	    "Subject : b\r\n|");
}

static void
test_facts(void **state)
{
	static struct mime_reader reader;
	struct file file = {.bytes = STR("From a@b Fri Jan  2 00:00:01 1970\n"
	                                 "A: b\n\nx\0y\n\n")};
	struct mime_found found;

	(void)state;
	mime_reader_init(&reader, file_read, &file);
	assert_int_equal(mime_reader_kind(&reader), MIME_FILE_MBOX);
	assert_true(mime_reader_next(&reader, &found));
	assert_int_equal(found.arrived_s, 86401);
	assert_true(found.has_nul);
	assert_false(mime_reader_next(&reader, &found));
	assert_false(reader.is_failed);
	file.fails_at = 20;
	mime_reader_init(&reader, file_read, &file);
	assert_false(mime_reader_kind(&reader) == MIME_FILE_MBOX &&
	             mime_reader_next(&reader, &found));
	assert_true(reader.is_failed);
}

/* What we write as mbox we read as it was, past any window. */
static void
test_round(void **state)
{
	static const char *const lines[] = {"From me\r\n", ">From you\r\n",
	    "\r\n", "Subject: x\r\n", "From a Fri Jan  2 00:00:00 1970\r\n",
	    "a\rb\r\r\n", ">\r\n"};
	static struct mime_mbox mbox;
	static struct mime_reader reader;
	struct file file = {0};
	struct mime_found found;
	struct buf in;
	struct buf all;
	struct buf out;

	(void)state;
	buf_init(&in, 1 << 20);
	buf_init(&all, 1 << 22);
	buf_init(&out, 1 << 20);
	buf_add_c(&in, "Subject: round\r\n\r\n");
	for (size_t i = 0; i < 20000; i++)
		buf_add_c(&in, lines[(i * i + i / 7) % 7]);
	for (size_t i = 0; i < 70000; i++)
		buf_add_byte(&in, '>');
	buf_add_c(&in, "From x\r\n");
	mime_mbox_init(&mbox, keep, &all);
	for (size_t i = 0; i < 3; i++) {
		assert_true(mime_mbox_begin(&mbox, STR("a@b"), 86400));
		assert_true(mime_mbox_write(&mbox, buf_str(&in)));
		assert_true(mime_mbox_end(&mbox));
	}
	file.bytes = buf_str(&all);
	mime_reader_init(&reader, file_read, &file);
	assert_int_equal(mime_reader_kind(&reader), MIME_FILE_MBOX);
	for (size_t i = 0; i < 3; i++) {
		buf_clear(&out);
		assert_true(mime_reader_next(&reader, &found));
		assert_true(mime_reader_copy(&reader, &found, keep, &out));
		assert_int_equal(found.bytes, in.len);
		assert_true(str_eq(buf_str(&out), buf_str(&in)));
	}
	assert_false(mime_reader_next(&reader, &found));
	buf_free(&in);
	buf_free(&all);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_borders),
	    cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
