#include "build_test.h"

static int64_t
broken_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	(void)offset;
	(void)buf;
	(void)len;
	return -1;
}

static void
test_round(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	struct str message;
	struct mime_message read;
	struct err err = ERR_NONE;

	(void)state;
	message = built(arena, &draft);
	expect_wire(message);
	assert_int_equal(
	    mime_parse(message, &mime_limits_default, arena, &read, &err),
	    ERR_OK);
	expect_str("subject", read.header.subject.s, STR("Hello world"));
	expect_str("from", read.header.from.list[0].name.s, STR("Doe, Jane"));
	assert_int_equal(read.header.to.count, 2);
	expect_str(
	    "name", read.header.to.list[1].name.s, STR("Zo\xc3\xab \"Z\" Doe"));
	expect_str("address", read.header.to.list[1].address.s,
	    STR("zoe@example.org"));
	assert_int_equal(read.header.bcc.count, 0);
	expect_str("references", read.header.references.s, STR("<a@b> <c@d>"));
	expect_str("id", read.header.message_id.s, STR("<1@example.org>"));
	assert_int_equal(read.header.date_s, 1709210096);
	expect_str("type", read.root->subtype, STR("plain"));
	assert_true(read.root->is_flowed);
	assert_true(
	    str_find(message, STR("\r\nX-Iwebmsg-Compose: abc123 0\r\n"), 0) <
	    message.len);
	draft.write_bcc = true;
	message = built(arena, &draft);
	assert_int_equal(
	    mime_parse(message, &mime_limits_default, arena, &read, &err),
	    ERR_OK);
	assert_int_equal(read.header.bcc.count, 1);
	arena_free(arena);
}

static const char *const subjects[] = {"", "plain", "a", "caf\xc3\xa9",
    "=?utf-8?Q?not_a_word?=", "two  blanks", " leading",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb\xb6\xe5\x90\x8d"
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb\xb6\xe5\x90\x8d"
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb\xb6\xe5\x90\x8d",
    "A long subject that has to be folded because it is longer than a line of "
    "mail may well be, which nobody wants to read in a list anyhow",
    "caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 "
    "caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9",
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"};

static void
test_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct mime_header header;
		struct err err = ERR_NONE;
		struct str message;
		draft.subject.s = str_c(subjects[i]);
		draft.to.list[0].name.s = str_c(subjects[i]);
		message = built(arena, &draft);
		expect_wire(message);
		assert_int_equal(
		    mime_parse_header(message, arena, &header, &err), ERR_OK);
		expect_str(
		    "subject", header.subject.s, str_trim(str_c(subjects[i])));
		expect_str("name", header.to.list[0].name.s,
		    str_trim(str_c(subjects[i])));
		arena_free(arena);
	}
}

/* Whatever a field holds, the message has the fields we wrote and no more. */
static void
test_injection(void **state)
{
	static const char *const evil[] = {"a\nBcc: evil@x", "a\r\nBcc: evil@x",
	    "a\n\nBody", "a\tb", "\n", "a\x0b\x0c\x1f", "a\"; b=\"c", "a\\",
	    "\"", "<x@y>, <z@y>", "=?utf-8?Q?=0ABcc:_x?=", "a, b <c@d>", "(",
	    ")", "a:;", "caf\xc3\xa9\nBcc: evil@x"};

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct mime_message read;
		struct memory_file file = {"x", 1, 0};
		struct mime_draft_file files[1] = {{.read = memory_read}};
		struct err err = ERR_NONE;
		struct str message;
		struct text text = {str_c(evil[i])};
		files[0].ctx = &file;
		files[0].name = text;
		files[0].type = text.s;
		draft.files = files;
		draft.file_count = 1;
		draft.subject = text;
		draft.from.name = text;
		draft.to.list[0].name = text;
		draft.message_id = text;
		draft.references = text;
		draft.in_reply_to = text;
		draft.compose_id = text.s;
		message = built(arena, &draft);
		expect_wire(message);
		assert_int_equal(mime_parse(message, &mime_limits_default,
		                     arena, &read, &err),
		    ERR_OK);
		assert_int_equal(read.header.bcc.count, 0);
		assert_int_equal(read.header.to.count, 2);
		assert_int_equal(read.header.from.count, 1);
		assert_int_equal(read.root->part_count, 2);
		expect_str(
		    "type", read.root->parts[1].subtype, STR("octet-stream"));
		arena_free(arena);
	}
}

static void
test_bad_address(void **state)
{
	struct mime_draft draft = simple_draft();
	struct err err = ERR_NONE;
	struct mime_built bytes = {0};
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_header header;

	(void)state;
	draft.to.list[0] =
	    (struct mime_address){TEXT(""), TEXT("a@b>\r\nRCPT TO:<x@y")};
	assert_int_equal(
	    mime_build(&draft, -1, 100000, &bytes, &err), ERR_INPUT);
	/* A draft keeps what was typed. */
	draft.is_draft = true;
	draft.to.list[0] = (struct mime_address){TEXT(""), TEXT("Bob")};
	assert_int_equal(
	    mime_parse_header(built(arena, &draft), arena, &header, &err),
	    ERR_OK);
	assert_int_equal(header.to.count, 2);
	expect_str("typed", header.to.list[0].name.s, STR("Bob"));
	expect_str("typed", header.to.list[0].address.s, STR(""));
	expect_str("next", header.to.list[1].address.s, STR("zoe@example.org"));
	draft.from = (struct mime_address){0};
	(void)built(arena, &draft);
	arena_free(arena);
}

static void
test_files(void **state)
{
	static const char *const names[] = {"a.txt", "caf\xc3\xa9.txt",
	    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb\xb6\xe5"
	    "\x90\x8d\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb"
	    "\xb6\xe5\x90\x8d.pdf",
	    "it's 100% \"new\".txt"};
	static const size_t lengths[] = {
	    0, 1, 56, 57, 58, 8207, 8208, 8209, 100000};
	static const size_t steps[] = {0, 1000};
	char *bytes = malloc(100000);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < 100000; i++)
		bytes[i] = (char)(i * 31 + i / 256);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct memory_file file = {bytes, lengths[i], steps[i % 2]};
		struct mime_draft_file files[1] = {{.read = memory_read}};
		struct mime_message read;
		struct err err = ERR_NONE;
		struct str message;
		files[0].ctx = &file;
		files[0].name.s = str_c(names[i % 4]);
		files[0].type = STR("application/pdf");
		draft.files = files;
		draft.file_count = 1;
		message = built(arena, &draft);
		expect_wire(message);
		assert_int_equal(mime_parse(message, &mime_limits_default,
		                     arena, &read, &err),
		    ERR_OK);
		assert_int_equal(read.root->part_count, 2);
		expect_str(
		    "name", read.root->parts[1].name.s, str_c(names[i % 4]));
		expect_str("subtype", read.root->parts[1].subtype, STR("pdf"));
		expect_str("contents", decoded(arena, &read.root->parts[1]),
		    str_of(bytes, lengths[i]));
		assert_int_equal(
		    read.root->parts[1].disposition, MIME_ATTACHMENT);
		arena_free(arena);
	}
	free(bytes);
}

static void
test_attached_message(void **state)
{
	static const struct {
		const char *input;
		const char *subtype;
	} rows[] = {
	    {"Subject: a\n\nbody\n", "rfc822"},
	    {"Subject: a\r\n\r\ncaf\xc3\xa9\r\n", "rfc822"},
	    {"Subject: a\n\nb\0dy\n", "octet-stream"},
	};
	char long_line[2000];

	(void)state;
	memset(long_line, 'x', sizeof(long_line));
	for (size_t i = 0; i < 4; i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct memory_file file = {long_line, sizeof(long_line), 0};
		struct mime_draft_file files[1] = {{.read = memory_read,
		    .ctx = &file,
		    .name = TEXT("a.eml"),
		    .type = STR("message/rfc822")}};
		struct mime_message read;
		struct err err = ERR_NONE;
		if (i < 3) {
			file.bytes = rows[i].input;
			file.len = i == 2 ? 18 : strlen(rows[i].input);
		}
		draft.files = files;
		draft.file_count = 1;
		assert_int_equal(mime_parse(built(arena, &draft),
		                     &mime_limits_default, arena, &read, &err),
		    ERR_OK);
		assert_int_equal(read.root->part_count, 2);
		expect_str("subtype", read.root->parts[1].subtype,
		    str_c(i < 3 ? rows[i].subtype : "octet-stream"));
		if (i < 2) {
			assert_true(str_starts(read.root->parts[1].content,
			    STR("Subject: a\r\n\r\n")));
			assert_int_equal(read.root->parts[1].part_count, 1);
			expect_str("section",
			    read.root->parts[1].parts[0].section, STR("2.1"));
		}
		arena_free(arena);
	}
}

static void
test_limits(void **state)
{
	struct mime_draft draft = simple_draft();
	struct mime_draft_file files[1] = {{.read = broken_read}};
	struct err err = ERR_NONE;
	struct mime_built bytes = {0};
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(
	    mime_build(&draft, fileno(file), 100, &bytes, &err), ERR_LIMIT);
	draft.files = files;
	draft.file_count = 1;
	assert_int_equal(mime_build(&draft, fileno(file), 100000, &bytes, &err),
	    ERR_INTERNAL);
	draft.file_count = 0;
	assert_int_not_equal(
	    mime_build(&draft, -1, 100000, &bytes, &err), ERR_OK);
	(void)fclose(file);
}

static const char *const bodies[] = {"", "Hi\n", "Hi", "a\n\nb\n",
    "caf\xc3\xa9 =41 = x\n", " leading\n>no quote? quote\nFrom me\n",
    "-- \nJane\n",
    "A long paragraph that goes on and on, so that it must be broken into "
    "several lines, each of which ends with a space, and which comes back as "
    "one line.\n",
    "> A quoted long paragraph that goes on and on, so that it must be broken "
    "into several lines, each with its mark.\n> > deeper\n>\n> x\n",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e "
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n",
    ".\n..\n.dot\n", "tab\tx\t\n"};

/* What is read is what was written, but for blanks at the ends of lines. */
static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct mime_message read;
		struct err err = ERR_NONE;
		struct str body = str_c(bodies[i]);
		struct str message;
		struct text text;
		draft.body.s = body;
		message = built(arena, &draft);
		expect_wire(message);
		assert_int_equal(mime_parse(message, &mime_limits_default,
		                     arena, &read, &err),
		    ERR_OK);
		text = mime_decode_charset(
		    arena, read.root->charset.s, decoded(arena, read.root));
		text = mime_unflow(arena, text, false);
		if (!str_ends(body, STR("\n")) && body.len > 0)
			body =
			    str_join(arena, (struct str[]){body, STR("\n")}, 2);
		if (str_starts(body, STR(" leading")))
			body = STR(" leading\n> no quote? quote\nFrom me\n");
		if (str_starts(body, STR("tab")))
			body = STR("tab\tx\n");
		if (str_starts(body, STR("> A quoted")))
			body = str_join(arena,
			    (struct str[]){str_slice(body, 0,
			                       str_find(body, STR(">\n"), 0)),
			        STR("> \n> x\n")},
			    2);
		expect_str("body", text.s, body);
		arena_free(arena);
	}
}

static void
test_long_word(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	char *word = arena_alloc(arena, 5001);

	(void)state;
	memset(word, 'w', 5000);
	word[5000] = '\n';
	draft.body.s = str_of(word, 5001);
	draft.subject.s = str_of(word, 5000);
	draft.to.list[0].name.s = str_of(word, 5000);
	expect_wire(built(arena, &draft));
	arena_free(arena);
}

static void
test_message_id(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct text a = mime_new_message_id(arena, STR("example.org"));
	struct text b = mime_new_message_id(arena, STR("example.org"));

	(void)state;
	assert_true(str_ends(a.s, STR("@example.org>")));
	assert_false(str_eq(a.s, b.s));
	a = mime_new_message_id(arena, STR("x\r\ny"));
	assert_false(str_has_line_break(a.s));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_subjects),
	    cmocka_unit_test(test_injection),
	    cmocka_unit_test(test_bad_address),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_attached_message),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_long_word),
	    cmocka_unit_test(test_message_id),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
