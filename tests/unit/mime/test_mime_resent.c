#include "mime/mime_resent.h"

#include "build_test.h"

/* Messages sent on as they are, and receipts. */

struct pieces {
	struct str bytes;
	size_t step;
	enum err_code rc;
};

static enum err_code
stream_pieces(void *ctx, mime_sink_fn *sink, void *sink_ctx, struct err *err)
{
	const struct pieces *pieces = ctx;

	(void)err;
	for (size_t at = 0; at < pieces->bytes.len; at += pieces->step)
		if (!sink(sink_ctx,
		        str_slice(pieces->bytes, at, at + pieces->step)))
			return ERR_CANCELED;
	return pieces->rc;
}

static struct mime_resent
simple_resent(struct pieces *pieces)
{
	static struct mime_address to[1];
	struct mime_resent resent = {.message_id = TEXT("<new@example.org>"),
	    .date_s = 1709210096,
	    .stream = stream_pieces,
	    .ctx = pieces};

	to[0] =
	    (struct mime_address){TEXT("Zo\xc3\xab"), TEXT("zoe@example.org")};
	resent.from =
	    (struct mime_address){TEXT("Jane"), TEXT("jane@example.org")};
	resent.to = (struct mime_addresses){to, 1};
	return resent;
}

static const char head[] = "Resent-Date: Thu, 29 Feb 2024 12:34:56 +0000\r\n"
                           "Resent-From: Jane <jane@example.org>\r\n"
                           "Resent-To: =?UTF-8?Q?Zo=C3=AB?= "
                           "<zoe@example.org>\r\n"
                           "Resent-Message-ID: <new@example.org>\r\n";

/* Untouched, but for line ends and NUL; wherever pieces end. */
static void
test_resent(void **state)
{
	static const struct {
		const char *name, *input, *expected;
		size_t len; /* 0: strlen */
		bool is_8bit;
	} rows[] = {
	    {"as it is", "A: b\r\n\r\n.\r\nFrom x \r\n",
	        "A: b\r\n\r\n.\r\nFrom x \r\n", 0, false},
	    {"LF", "A: b\n\nc\n", "A: b\r\n\r\nc\r\n", 0, false},
	    {"CR", "A: b\r\rc\r", "A: b\r\n\r\nc\r\n", 0, false},
	    {"no end", "A: b\r\n\r\nc", "A: b\r\n\r\nc\r\n", 0, false},
	    {"NUL", "A: b\r\n\r\nc\0d\r\n", "A: b\r\n\r\ncd\r\n", 13, false},
	    {"8-bit", "A: b\r\n\r\n\xff\r\n", "A: b\r\n\r\n\xff\r\n", 0, true},
	    {"kept here",
	        "Bcc: x@y.z\r\n w@y.z\r\nA: b\r\nX-Iwebmsg-Compose: q 1\r\n"
	        "Bccs: c\r\n d\r\n\r\nBcc: body\r\n",
	        "A: b\r\nBccs: c\r\n d\r\n\r\nBcc: body\r\n", 0, false},
	    {"kept here, LF", "A: b\nbCC : x\n\ty\nC: d\n\nBcc: z\n",
	        "A: b\r\nC: d\r\n\r\nBcc: z\r\n", 0, false},
	    {"kept here, CR", "A: b\rBcc: x\r\rc\r", "A: b\r\n\r\nc\r\n", 0,
	        false},
	    {"a long line", "A line that is no field at all but words\r\n\r\nc",
	        "A line that is no field at all but words\r\n\r\nc\r\n", 0,
	        false},
	    {"header alone", "Bc", "Bc\r\n", 0, false},
	    {"smuggled end", "A: b\r\n\r\nc\n.\r\nMAIL\n",
	        "A: b\r\n\r\nc\r\n.\r\nMAIL\r\n", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 3; i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		size_t row = i / 3;
		struct pieces pieces = {.step = i % 3 + 1};
		struct mime_resent resent = simple_resent(&pieces);
		struct mime_built made;
		struct err err = ERR_NONE;
		FILE *file = tmpfile();
		char room[1000];

		assert_non_null(file);
		pieces.bytes = str_of(rows[row].input,
		    rows[row].len > 0 ? rows[row].len
		                      : strlen(rows[row].input));
		assert_int_equal(
		    mime_resent(&resent, fileno(file), 10000, &made, &err),
		    ERR_OK);
		rewind(file);
		assert_int_equal(
		    fread(room, 1, sizeof(room), file), made.bytes);
		expect_str(rows[row].name, str_of(room, (size_t)made.bytes),
		    str_join(arena,
		        (struct str[]){str_c(head), str_c(rows[row].expected)},
		        2));
		assert_int_equal(made.is_8bit, rows[row].is_8bit);
		assert_int_equal(made.head_bytes, 0);
		(void)fclose(file);
		arena_free(arena);
	}
}

static void
test_refused(void **state)
{
	struct pieces pieces = {
	    .bytes = STR("A: b\r\n\r\nccccccccccccccc\r\n"), .step = 9};
	struct mime_resent resent = simple_resent(&pieces);
	struct mime_built made;
	struct err err = ERR_NONE;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(
	    mime_resent(&resent, fileno(file), sizeof(head) + 10, &made, &err),
	    ERR_LIMIT);
	pieces.rc = ERR_AWAY;
	assert_int_equal(
	    mime_resent(&resent, fileno(file), 10000, &made, &err), ERR_AWAY);
	resent.to.list[0].address = TEXT("a@b>\r\nX: y");
	assert_int_equal(
	    mime_resent(&resent, fileno(file), 10000, &made, &err), ERR_INPUT);
	resent.to.count = 0;
	assert_int_equal(
	    mime_resent(&resent, fileno(file), 10000, &made, &err), ERR_INPUT);
	(void)fclose(file);
}

#define SIGNED                                                      \
	"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n" \
	"Content-Transfer-Encoding: 8bit\r\n\r\n"

/* For servers without 8BITMIME: parts are encoded anew, or it is refused. */
static void
test_7bit(void **state)
{
	static const struct {
		const char *name, *input, *expected; /* NULL: refused */
	} rows[] = {
	    {"text",
	        "A: b\r\nContent-Transfer-Encoding:\r\n 8bit\r\n\r\nG\xc3\xbc "
	        "\r\n",
	        "A: b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: "
	        "quoted-printable\r\n\r\nG=C3=BC=20\r\n"},
	    {"parts",
	        "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8BIT\r\n"
	        "Content-Type: multipart/mixed; Boundary=\"a b\"\r\n\r\npre\r\n"
	        "--a b\r\n\r\n\xff\r\n--a bc\r\n--a b \r\n"
	        "Content-Transfer-Encoding: base64\r\n\r\nQUJD=\r\n--a b\r\n"
	        "Content-Type: message/rfc822\r\n"
	        "Content-Transfer-Encoding: binary\r\n\r\nX: y\r\n"
	        "Content-Type: text/html\r\n\r\n\xfe\r\n--a b--\r\npost=\r\n",
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: multipart/mixed; Boundary=\"a b\"\r\n"
	        "Content-Transfer-Encoding: 7bit\r\n\r\npre\r\n"
	        "--a b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	        "=FF\r\n=2D-a bc\r\n--a b \r\n"
	        "Content-Transfer-Encoding: base64\r\n\r\nQUJD=\r\n--a b\r\n"
	        "Content-Type: message/rfc822\r\n"
	        "Content-Transfer-Encoding: 7bit\r\n\r\nX: y\r\n"
	        "Content-Type: text/html\r\n"
	        "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FE\r\n"
	        "--a b--\r\npost=\r\n"},
	    {"signed, and ASCII", SIGNED "x=\r\n--s--\r\n",
	        SIGNED "x=\r\n--s--\r\n"},
	    {"signed", SIGNED "\xff\r\n--s--\r\n", NULL},
	    {"header", "Subject: \xff\r\n\r\nx\r\n", NULL},
	    {"no boundary", "Content-Type: multipart/mixed\r\n\r\n\xff\r\n",
	        NULL},
	    {"badly encoded",
	        "Content-Transfer-Encoding: base64\r\n\r\n\xff\r\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 3; i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		size_t row = i / 3;
		struct pieces pieces = {
		    .step = i % 3 + 1, .bytes = str_c(rows[row].input)};
		struct mime_resent resent = simple_resent(&pieces);
		struct mime_built made;
		struct err err = ERR_NONE;
		FILE *file = tmpfile();
		char room[2000];
		enum err_code rc;

		assert_non_null(file);
		resent.is_7bit_only = true;
		rc = mime_resent(&resent, fileno(file), 10000, &made, &err);
		assert_int_equal(
		    rc, rows[row].expected == NULL ? ERR_INPUT : ERR_OK);
		rewind(file);
		assert_int_equal(
		    fread(room, 1, sizeof(room), file), made.bytes);
		if (rc == ERR_OK)
			expect_str(rows[row].name,
			    str_of(room, (size_t)made.bytes),
			    str_join(arena,
			        (struct str[]){
			            str_c(head), str_c(rows[row].expected)},
			        2));
		assert_false(made.is_8bit);
		(void)fclose(file);
		arena_free(arena);
	}
}

static void
test_receipt(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_address to[1] = {{TEXT("Ben"), TEXT("ben@example.org")}};
	struct mime_receipt_answer answer = {
	    .from = {TEXT("J\nX: y"), TEXT("jane@example.org")},
	    .to = {to, 1},
	    .message_id = TEXT("<r@example.org>"),
	    .original_id = TEXT("<o@example.org> X: y"),
	    .subject = TEXT("Read: \xc3\xa9\nBcc: x@y"),
	    .words = TEXT("It was \xc3\xa9.\n--=_iwebmsg_receipt_=\n"),
	    .date_s = 1};
	struct mime_built made;
	struct mime_message read;
	struct err err = ERR_NONE;
	char room[4000];
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(
	    mime_receipt_answer(&answer, fileno(file), 10000, &made, &err),
	    ERR_OK);
	rewind(file);
	assert_int_equal(fread(room, 1, sizeof(room), file), made.bytes);
	(void)fclose(file);
	expect_wire(str_of(room, (size_t)made.bytes));
	assert_int_equal(mime_parse(str_of(room, (size_t)made.bytes),
	                     &mime_limits_default, arena, &read, &err),
	    ERR_OK);
	expect_str("type", read.root->subtype, STR("report"));
	assert_int_equal(read.root->part_count, 2);
	assert_int_equal(read.header.bcc.count, 0);
	expect_str("kind", read.root->parts[1].subtype,
	    STR("disposition-notification"));
	assert_true(str_find(read.root->parts[1].content,
	                STR("Final-Recipient: rfc822; jane@example.org\r\n"),
	                0) < read.root->parts[1].content.len);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_resent),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_7bit),
	    cmocka_unit_test(test_receipt),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
