#include "build_test.h"

/* What the body of a message is made of: HTML, pictures, messages, marks. */

static struct mime_message
read_back(struct arena *arena, struct str message)
{
	struct mime_message read;
	struct err err = ERR_NONE;

	assert_int_equal(
	    mime_parse(message, &mime_limits_default, arena, &read, &err),
	    ERR_OK);
	assert_false(read.is_incomplete);
	return read;
}

static void
expect_type(const struct mime_part *part, const char *type, const char *subtype)
{
	expect_str("type", part->type, str_c(type));
	expect_str("subtype", part->subtype, str_c(subtype));
}

static const char html[] =
    "<p>caf\xc3\xa9 <img src=\"cid:pic.1@x\"></p>\n.\nFrom me\n";

static void
test_html(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	struct str message;
	struct mime_message read;

	(void)state;
	draft.html = str_c(html);
	message = built(arena, &draft);
	expect_wire(message);
	read = read_back(arena, message);
	expect_type(read.root, "multipart", "alternative");
	assert_int_equal(read.root->part_count, 2);
	expect_type(&read.root->parts[0], "text", "plain");
	assert_true(read.root->parts[0].is_flowed);
	expect_type(&read.root->parts[1], "text", "html");
	expect_str("charset", read.root->parts[1].charset.s, STR("utf-8"));
	expect_str(
	    "plain", decoded(arena, &read.root->parts[0]), STR("Hi\r\n"));
	expect_str("html", decoded(arena, &read.root->parts[1]),
	    STR("<p>caf\xc3\xa9 <img src=\"cid:pic.1@x\"></p>\r\n.\r\nFrom "
	        "me\r\n"));
	assert_true(str_find(message, STR("\r\n."), 0) == message.len);
	assert_true(str_find(message, STR("\r\nFrom "), 0) == message.len);
	arena_free(arena);
}

/* A picture that the HTML names is related; all else is attached. */
static void
test_pictures(void **state)
{
	static const struct {
		const char *content_id;
		bool is_related;
	} rows[] = {{"pic.1@x", true}, {"pic.2@x", false}, {"", false},
	    {"a\r\nBcc: evil@x", false}, {"a>b", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct memory_file file = {"\x89PNG", 4, 0};
		struct mime_draft_file files[1] = {{.read = memory_read,
		    .ctx = &file,
		    .name = TEXT("a.png"),
		    .type = STR("image/png"),
		    .content_id = str_c(rows[i].content_id)}};
		struct mime_message read;
		const struct mime_part *at;
		struct str message;

		draft.html = str_c(html);
		draft.files = files;
		draft.file_count = 1;
		message = built(arena, &draft);
		expect_wire(message);
		read = read_back(arena, message);
		assert_int_equal(read.header.bcc.count, 0);
		at = read.root;
		if (!rows[i].is_related) {
			expect_type(at, "multipart", "mixed");
			assert_int_equal(at->part_count, 2);
			expect_type(&at->parts[1], "image", "png");
			assert_int_equal(
			    at->parts[1].disposition, MIME_ATTACHMENT);
			at = &at->parts[0];
		}
		expect_type(at, "multipart", "alternative");
		at = &at->parts[1];
		if (rows[i].is_related) {
			expect_type(at, "multipart", "related");
			assert_int_equal(at->part_count, 2);
			expect_str("content id", at->parts[1].content_id.s,
			    STR("pic.1@x"));
			assert_int_equal(at->parts[1].disposition, MIME_INLINE);
			expect_str("bytes", decoded(arena, &at->parts[1]),
			    STR("\x89PNG"));
			at = &at->parts[0];
		}
		expect_type(at, "text", "html");
		arena_free(arena);
	}
}

/* One boundary a level, in no content, and the same for the same message. */
static void
test_boundary(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	struct memory_file file = {"Subject: x\n\nbody\n", 17, 7};
	struct mime_draft_file files[1] = {{.read = memory_read,
	    .ctx = &file,
	    .is_message = true,
	    .name = TEXT("a")}};
	struct str first;
	struct str again;
	struct mime_message read;

	(void)state;
	draft.files = files;
	draft.file_count = 1;
	first = built(arena, &draft);
	assert_true(str_eq(first, built(arena, &draft)));
	read = read_back(arena, first);
	expect_type(&read.root->parts[1], "message", "rfc822");
	expect_str("name", read.root->parts[1].name.s, STR("a.eml"));
	/* The message, with its boundary, is in what is attached and written.
	 */
	file.bytes = first.ptr;
	file.len = first.len;
	draft.body = text_from(arena, first);
	again = built(arena, &draft);
	expect_wire(again);
	read = read_back(arena, again);
	assert_int_equal(read.root->part_count, 2);
	expect_str("the message", read.root->parts[1].content, first);
	assert_int_equal(read.root->parts[1].parts[0].part_count, 2);
	arena_free(arena);
}

static void
test_messages(void **state)
{
	static const struct {
		const char *name, *bytes;
		bool is_7bit_only, is_message, is_8bit;
	} rows[] = {
	    {"plain", "Subject: a\r\n\r\nb\r\n", false, true, false},
	    {"8-bit", "Subject: a\r\n\r\ncaf\xc3\xa9\r\n", false, true, true},
	    {"8-bit refused", "Subject: a\r\n\r\ncaf\xc3\xa9\r\n", true, false,
	        false},
	    {"CR alone", "Subject: a\r\n\r\nb\rc\r\n", false, false, false},
	    {"CR at the end", "Subject: a\r\n\r\nb\r", false, false, false},
	    {"no end", "Subject: a\r\n\r\nb", false, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct memory_file file = {
		    rows[i].bytes, strlen(rows[i].bytes), 3};
		struct mime_draft_file files[1] = {{.read = memory_read,
		    .ctx = &file,
		    .is_message = true,
		    .type = STR("message/rfc822"),
		    .name = TEXT("caf\xc3\xa9.eml")}};
		struct mime_built made;
		struct mime_message read;
		const struct mime_part *part;

		draft.files = files;
		draft.file_count = 1;
		draft.is_7bit_only = rows[i].is_7bit_only;
		read = read_back(arena, built_as(arena, &draft, &made));
		part = &read.root->parts[1];
		expect_str(rows[i].name, part->subtype,
		    rows[i].is_message ? STR("rfc822") : STR("octet-stream"));
		expect_str(rows[i].name,
		    rows[i].is_message ? part->content : decoded(arena, part),
		    str_c(rows[i].bytes));
		expect_str(rows[i].name, part->name.s, STR("caf\xc3\xa9.eml"));
		assert_int_equal(made.is_8bit, rows[i].is_8bit);
		assert_false(made.needs_utf8);
		arena_free(arena);
	}
}

/* Lines of 998 bytes may be; longer ones may not. */
static void
test_line_length(void **state)
{
	char bytes[1010];

	(void)state;
	for (size_t len = 997; len <= 1000; len++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_draft draft = simple_draft();
		struct memory_file file = {bytes, len + 6, 0};
		struct mime_draft_file files[1] = {
		    {.read = memory_read, .ctx = &file, .is_message = true}};
		struct mime_message read;

		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes, "A:b\n", 4);
		memcpy(bytes + 4 + len, "\r\n", 2);
		draft.files = files;
		draft.file_count = 1;
		read = read_back(arena, built(arena, &draft));
		expect_str("subtype", read.root->parts[1].subtype,
		    len <= 998 ? STR("rfc822") : STR("octet-stream"));
		arena_free(arena);
	}
}

static void
expect_line(struct str message, const char *line)
{
	if (str_find(message, str_c(line), 0) == message.len)
		fail_msg("no line \"%s\"", line);
}

static void
test_marks(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	struct mime_address reply[1] = {
	    {TEXT("Zo\xc3\xab"), TEXT("z@example.org")}};
	struct str message;
	struct str bare;
	struct mime_message read;
	struct mime_built made;

	(void)state;
	bare = built(arena, &draft);
	draft.reply_to.list = reply;
	draft.reply_to.count = 1;
	draft.organization = TEXT("\xc3\x84rzte\nBcc: evil@x");
	draft.priority = MIME_PRIORITY_HIGH;
	draft.asks_receipt = true;
	draft.version = 12;
	draft.write_bcc = true;
	message = built_as(arena, &draft, &made);
	expect_wire(message);
	expect_line(message, "\r\nX-Priority: 1\r\nImportance: high\r\n"
	                     "Priority: urgent\r\n");
	expect_line(message, "\r\nX-Iwebmsg-Compose: abc123 12\r\n");
	expect_line(message, "\r\nDisposition-Notification-To: \"Doe, Jane\" "
	                     "<jane@example.org>\r\n");
	assert_true(str_starts(message, STR("Bcc: Bob <bob@example.org>\r\n")));
	assert_int_equal(made.head_bytes, 28);
	assert_int_equal(made.bytes, message.len);
	assert_true(
	    str_starts(str_slice(message, (size_t)made.head_bytes, message.len),
	        STR("Date: ")));
	read = read_back(
	    arena, str_slice(message, (size_t)made.head_bytes, message.len));
	assert_int_equal(read.header.bcc.count, 0);
	expect_str(
	    "reply to", read.header.reply_to.list[0].name.s, STR("Zo\xc3\xab"));
	draft.priority = MIME_PRIORITY_LOW;
	expect_line(built(arena, &draft), "\r\nX-Priority: 5\r\n");
	/* Nothing of it where nothing is asked for. */
	assert_true(str_find_nocase(bare, STR("priority"), 0) == bare.len);
	assert_true(str_find(bare, STR("Disposition-"), 0) == bare.len);
	assert_true(str_find(bare, STR("Reply-To"), 0) != 0);
	arena_free(arena);
}

/* Letters beyond ASCII before the @ go as they are (RFC 6532). */
static void
test_utf8_address(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_draft draft = simple_draft();
	struct mime_built made;
	struct mime_message read;

	(void)state;
	draft.to.list[0].address = TEXT("j\xc3\xbcrgen@example.org");
	draft.write_bcc = false;
	read = read_back(arena, built_as(arena, &draft, &made));
	assert_true(made.needs_utf8 && made.is_8bit);
	expect_str("address", read.header.to.list[0].address.s,
	    STR("j\xc3\xbcrgen@example.org"));
	/* Among Bcc it is not sent, so nothing is needed for it. */
	draft.to.list[0].address = TEXT("bob@example.org");
	draft.to.count = 1;
	draft.bcc.list = ARENA_ARRAY(arena, 1, struct mime_address);
	draft.bcc.list[0].address = TEXT("j\xc3\xbcrgen@example.org");
	draft.bcc.count = 1;
	draft.write_bcc = true;
	read = read_back(arena, built_as(arena, &draft, &made));
	assert_false(made.needs_utf8 || made.is_8bit);
	expect_str("hidden", read.header.bcc.list[0].address.s,
	    STR("j\xc3\xbcrgen@example.org"));
	/* A draft comes back as it was typed, in ASCII. */
	draft.is_draft = true;
	expect_wire(built_as(arena, &draft, &made));
	assert_false(made.needs_utf8);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_pictures),
	    cmocka_unit_test(test_boundary),
	    cmocka_unit_test(test_messages),
	    cmocka_unit_test(test_line_length),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_utf8_address),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
