#include "mime_test.h"

#include "base/buf.h"
#include "os/clock.h"

static void
show_part(struct buf *out, const struct mime_part *part)
{
	buf_add(out, part->section.len > 0 ? part->section : STR("-"));
	buf_add_byte(out, ' ');
	buf_add(out, part->type);
	buf_add_byte(out, '/');
	buf_add(out, part->subtype);
	if (part->name.s.len > 0) {
		buf_add_byte(out, ' ');
		buf_add(out, part->name.s);
	}
	if (part->part_count == 0 || str_eq(part->type, STR("message"))) {
		buf_add(out, STR(" ["));
		buf_add(out, part->content);
		buf_add_byte(out, ']');
	}
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < part->part_count; i++)
		show_part(out, &part->parts[i]);
}

static const struct {
	const char *name;
	const char *input;
	const char *expected;
} rows[] = {
    {"plain", "Subject: x\n\nbody\n", "1 text/plain [body\n]\n"},
    {"html", "Content-Type: TEXT/HTML; charset=utf-8\r\n\r\n<p>\r\n",
        "1 text/html [<p>\r\n]\n"},
    {"empty", "", "1 text/plain []\n"},
    {"no header", "just text\nand more\n",
        "1 text/plain [just text\nand more\n]\n"},
    {"header only", "Subject: x\n", "1 text/plain []\n"},
    {"mixed",
        "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n"
        "Content-Type: image/png; name=a.png\n"
        "Content-Transfer-Encoding: base64\n\nQUJD\n--b--\npost\n",
        "- multipart/mixed\n1 text/plain [one]\n2 image/png a.png [QUJD]\n"},
    {"nested",
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n"
        "Content-Type: multipart/alternative; boundary=c\n\n--c\n\np\n--c\n"
        "Content-Type: text/html\n\nh\n--c--\n--b\n\nlast\n--b--\n",
        "- multipart/mixed\n1 multipart/alternative\n1.1 text/plain [p]\n"
        "1.2 text/html [h]\n2 text/plain [last]\n"},
    {"attached message",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: in\n\nbody\n--b--\n",
        "- multipart/mixed\n1 text/plain [one]\n"
        "2 message/rfc822 [Subject: in\n\nbody]\n2.1 text/plain [body]\n"},
    {"attached message with parts",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\n"
        "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n"
        "--i--\r\n\r\n--b--\r\n",
        "- multipart/mixed\n1 message/rfc822 [Content-Type: multipart/mixed; "
        "boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n]\n1 multipart/mixed\n"
        "1.1 text/plain [x]\n"},
    {"delimiter never comes",
        "Content-Type: multipart/mixed; boundary=b\n\nall of it\n",
        "1 text/plain [all of it\n]\n"},
    {"no boundary", "Content-Type: multipart/mixed\n\nall of it\n",
        "1 text/plain [all of it\n]\n"},
    {"end missing", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none",
        "- multipart/mixed\n1 text/plain [one]\n"},
    {"bad type", "Content-Type: ???\n\nx\n",
        "1 application/octet-stream [x\n]\n"},
    {"type without subtype", "Content-Type: text\n\nx\n",
        "1 text/plain [x\n]\n"},
    {"rfc 2231 name",
        "Content-Type: text/plain\nContent-Disposition: attachment;\n"
        " filename*0*=utf-8''caf%C3; filename*1*=%A9.txt\n\nx",
        "1 text/plain caf\xc3\xa9.txt [x]\n"},
    {"raw latin1 name", "Content-Type: text/plain; name=\"caf\xe9.txt\"\n\nx",
        "1 text/plain caf\xc3\xa9.txt [x]\n"},
    {"2047 name, unquoted",
        "Content-Type: text/plain; name==?utf-8?Q?caf=C3=A9.txt?=\n\nx",
        "1 text/plain caf\xc3\xa9.txt [x]\n"},
    {"mbox line first",
        "From a@b.c Thu Feb 29 12:34:56 2024\nSubject: x\n\nbody",
        "1 text/plain [body]\n"},
    {"CR alone", "Subject: x\rContent-Type: text/html\r\rbody\r",
        "1 text/html [body\n]\n"},
    {"CR among LF ends no line", "Subject: x\rContent-Type: text/html\n\nbody",
        "1 text/plain [body]\n"},
    {"name with spaces, unquoted",
        "Content-Type: text/plain; name=my own file.txt\n\nx",
        "1 text/plain my own file.txt [x]\n"},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		struct mime_message message;
		struct err err = ERR_NONE;
		struct buf shown;
		assert_int_equal(
		    mime_parse(in, &mime_limits_default, arena, &message, &err),
		    ERR_OK);
		buf_init_arena(&shown, arena, 100000);
		show_part(&shown, message.root);
		expect_str(
		    rows[i].name, buf_str(&shown), str_c(rows[i].expected));
		heap_free(in);
		arena_free(arena);
	}
}

static void
test_header(void **state)
{
	static const char input[] =
	    "From a@b Thu Feb 29\n"
	    "From: =?utf-8?Q?Jos=C3=A9?= <jose@x.org>\r\n"
	    "To: a@b,\r\n c@d\r\nTo: e@f\nCc: g@h\nSubject: one\r\n two\r\n"
	    "Subject: second\nDate: Thu, 29 Feb 2024 12:34:56 +0200\n"
	    "Message-ID: <1@x>\nIn-Reply-To: <0@x>\n"
	    "References: <0@x>\n\t<2@x>\nnonsense\nReply-To: r@x\n\nBcc: "
	    "no@x\n";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str in = heap_copy(input, sizeof(input) - 1);
	struct mime_header header;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(mime_parse_header(in, arena, &header, &err), ERR_OK);
	expect_str("from", header.from.list[0].name.s, STR("Jos\xc3\xa9"));
	assert_int_equal(header.to.count, 3);
	expect_str("to", header.to.list[2].address.s, STR("e@f"));
	assert_int_equal(header.cc.count, 1);
	assert_int_equal(header.bcc.count, 0);
	expect_str("subject", header.subject.s, STR("one two"));
	expect_str("id", header.message_id.s, STR("<1@x>"));
	expect_str("reply", header.in_reply_to.s, STR("<0@x>"));
	expect_str("refs", header.references.s, STR("<0@x> <2@x>"));
	expect_str("reply-to", header.reply_to.list[0].address.s, STR("r@x"));
	assert_int_equal(header.date_s, 1709202896);
	assert_int_equal(header.date_offset_minutes, 120);
	heap_free(in);
	arena_free(arena);
}

static char *
repeated(const char *head, const char *piece, size_t count, size_t *len)
{
	size_t head_len = strlen(head);
	size_t piece_len = strlen(piece);
	char *out = malloc(head_len + piece_len * count);

	assert_non_null(out);
	memcpy(out, head, head_len);
	for (size_t i = 0; i < count; i++)
		memcpy(out + head_len + i * piece_len, piece, piece_len);
	*len = head_len + piece_len * count;
	return out;
}

/* Inputs that crash or stall other parsers; see the facts on libraries. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *head;
		const char *piece;
		size_t count;
		bool is_whole; /* nothing had to be left out */
	} hostile[] = {
	    {"To: ", "g:", 50000, true},
	    {"Content-Type: message/rfc822\n\nTo: ", "g:", 50000, true},
	    {"Content-Type: message/rfc822\n\nResent-To:\n", " g:\n", 50000,
	        true},
	    {"Content-Type: message/rfc822\n\nTo: ", "a,", 50000, true},
	    {"From: ", "(", 1200000, false},
	    {"Content-Type: ", "(", 200000, true},
	    {"Content-Type: ", "text/plain; a=b", 10000, true},
	    {"Content-Type: text/plain", ";\n a=b", 10000, true},
	    {"Date: ", "(", 200000, true},
	    {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", 100000,
	        false},
	    {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n\n", 1500,
	        true},
	    {"", "Content-Type: message/rfc822\n\n", 100000, false},
	    {"", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100000,
	        false},
	    {"", "Subject: x\n", 1000000, false},
	    {"Content-Type: message/rfc822\n\n", "a:\n", 1000000, false},
	    {"Content-Type: multipart/digest; boundary=b\n\n--b\n\n", "a:\n;\n",
	        1000000, false},
	    {"Subject: ", "x", 1200000, false},
	    {"Subject: x\n\n", "\n", 1000000, true},
	    {"Subject: x\n\n", "--b ", 1000000, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_message message;
		struct mime_choice choice;
		struct err err = ERR_NONE;
		size_t len = 0;
		char *in = repeated(
		    hostile[i].head, hostile[i].piece, hostile[i].count, &len);
		int64_t from_ms = clock_cpu_ms();
		assert_int_equal(
		    mime_parse(str_of(in, len), &mime_limits_default, arena,
		        &message, &err),
		    ERR_OK);
		if (message.is_incomplete == hostile[i].is_whole)
			fail_msg(
			    "row %zu: incomplete %d", i, message.is_incomplete);
		assert_int_equal(
		    mime_choose(message.root, arena, &choice, &err), ERR_OK);
		/* Far more than it takes; sanitizers are slow. */
		assert_true(clock_cpu_ms() - from_ms < 2000);
		assert_true(arena_used(arena) < (8u << 20));
		free(in);
		arena_free(arena);
	}
}

static struct mime_message
parsed(struct arena *arena, struct str in, const struct mime_limits *limits)
{
	struct mime_message message;
	struct err err = ERR_NONE;

	assert_int_equal(mime_parse(in, limits, arena, &message, &err), ERR_OK);
	return message;
}

/* Past each limit: what is before it is there, and it is said. */
static void
test_limits(void **state)
{
	static const char two_parts[] =
	    "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
	    "one\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n"
	    "two\n--c--\n--b--\n";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str in = heap_copy(two_parts, sizeof(two_parts) - 1);
	struct mime_limits limits = mime_limits_default;
	struct mime_message message = parsed(arena, in, &limits);

	(void)state;
	assert_false(message.is_incomplete);
	assert_int_equal(message.root->part_count, 2);
	assert_int_equal(message.root->parts[1].part_count, 1);
	limits.parts = 2;
	message = parsed(arena, in, &limits);
	assert_true(message.is_incomplete);
	assert_int_equal(message.root->part_count, 1);
	expect_str("first part", message.root->parts[0].content, STR("one"));
	limits = mime_limits_default;
	limits.depth = 1;
	message = parsed(arena, in, &limits);
	assert_true(message.is_incomplete);
	assert_int_equal(message.root->part_count, 2);
	assert_int_equal(message.root->parts[1].part_count, 0);
	limits = mime_limits_default;
	limits.parse_bytes = 70;
	message = parsed(arena, in, &limits);
	assert_true(message.is_incomplete);
	expect_str("subject", message.header.subject.s, STR("x"));
	limits = mime_limits_default;
	limits.header_bytes = 15;
	message = parsed(arena, in, &limits);
	assert_true(message.is_incomplete);
	expect_str("subject", message.header.subject.s, STR("x"));
	limits = mime_limits_default;
	limits.time_ms = -1;
	message = parsed(arena, in, &limits);
	assert_true(message.is_incomplete);
	expect_str("subject", message.header.subject.s, STR("x"));
	heap_free(in);
	arena_free(arena);
}

/* Longer than a header may be, and all of it still there. */
static void
test_long_bodies(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_limits limits = mime_limits_default;
	struct buf in;
	size_t rows_len = 0;
	struct mime_message message;
	const struct mime_part *inner = NULL;

	(void)state;
	buf_init(&in, 4u << 20);
	buf_add_c(&in, "Content-Type: multipart/digest; boundary=b\n\n--b\n\n"
	               "Subject: in\n\n");
	rows_len = in.len;
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&in, "row: number %u\r\n", i);
	rows_len = in.len - rows_len;
	buf_add_c(&in, "--b\nContent-Type: message/rfc822\n\nSubject: 2\n\n"
	               "short\n--b--\n");
	limits.header_bytes = 100000;
	message = parsed(arena, buf_str(&in), &limits);
	assert_int_equal(message.root->part_count, 2);
	inner = &message.root->parts[0];
	assert_int_equal(inner->part_count, 1);
	assert_int_equal(inner->parts[0].content.len, rows_len - 2);
	assert_true(str_ends(inner->parts[0].content, STR("number 19999")));
	assert_non_null(inner->message);
	expect_str("subject", inner->message->subject.s, STR("in"));
	inner = &message.root->parts[1];
	expect_str("second", inner->parts[0].content, STR("short"));
	expect_str("subject", inner->message->subject.s, STR("2"));
	buf_free(&in);
	arena_free(arena);
}

/* What others of the room need to know of a part, and a header. */
static void
test_details(void **state)
{
	static const char input[] =
	    "From: a@b.c\nX: y\nContent-Type: multipart/report;\n"
	    " boundary=b; Report-Type=\"delivery-status\"\n\n--b\n"
	    "Content-Type: message/rfc822\n\nFrom: In <i@n.org>\n"
	    "Subject: inner\n\nx\n--b--\n";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_message message = parsed(
	    arena, str_of(input, sizeof(input) - 1), &mime_limits_default);
	const struct mime_part *part = &message.root->parts[0];

	(void)state;
	assert_int_equal(message.root->param_count, 2);
	expect_str("name", message.root->params[1].name, STR("Report-Type"));
	expect_str(
	    "value", message.root->params[1].value, STR("delivery-status"));
	assert_true(str_starts(message.header.raw, STR("From: a@b.c\nX: y\n")));
	assert_true(str_ends(message.header.raw, STR("status\"\n\n")));
	assert_null(message.root->message);
	assert_non_null(part->message);
	expect_str(
	    "from", part->message->from.list[0].address.s, STR("i@n.org"));
	expect_str("subject", part->message->subject.s, STR("inner"));
	expect_str("raw", part->message->raw,
	    STR("From: In <i@n.org>\nSubject: inner\n\n"));
	arena_free(arena);
}

/* Twelve thousand recipients: as many as a reply may go to, and a count. */
static void
test_many_recipients(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_header header;
	struct err err = ERR_NONE;
	struct buf in;

	(void)state;
	buf_init(&in, 1u << 20);
	for (unsigned i = 0; i < 12000; i++)
		buf_addf(&in, "%s\"Person %u\" <p%u@example.org>",
		    i == 0 || i == 11000 ? "\nTo: " : ",\n ", i, i);
	buf_add_c(&in, "\nCc: Team: a@b.org, c@d.org;, e@f.org\n");
	assert_int_equal(mime_parse_header(str_slice(buf_str(&in), 1, in.len),
	                     arena, &header, &err),
	    ERR_OK);
	assert_int_equal(header.to.count, 10000);
	assert_int_equal(header.left_out, 2000);
	expect_str(
	    "last", header.to.list[9999].address.s, STR("p9999@example.org"));
	assert_int_equal(header.cc.count, 4);
	expect_str("group", header.cc.list[0].name.s, STR("Team"));
	assert_true(arena_used(arena) < (8u << 20));
	buf_free(&in);
	arena_free(arena);
}

static void
test_no_memory(void **state)
{
	struct arena *arena = arena_new(128);
	struct mime_message message;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(mime_parse(STR("Subject: =?utf-8?Q?=C3=A9?=\n\nx"),
	                     &mime_limits_default, arena, &message, &err),
	    ERR_LIMIT);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_long_bodies),
	    cmocka_unit_test(test_details),
	    cmocka_unit_test(test_many_recipients),
	    cmocka_unit_test(test_no_memory),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
