/* FETCH answers, structures, what was found, the order of folders. */
#include "mail_test.h"

#include "mail/imap_folder_order.h"
#include "mail/imap_item.h"
#include "mail/imap_list.h"
#include "mail/imap_structure.h"

struct parsed {
	struct arena *arena;
	char *bytes;
	struct imap_token list[512];
	struct imap_tokens tokens;
};

static void
parse(struct parsed *parsed, const char *input)
{
	size_t len = strlen(input);

	parsed->arena = arena_new(4 << 20);
	parsed->bytes = malloc(len == 0 ? 1 : len);
	assert_non_null(parsed->arena);
	assert_non_null(parsed->bytes);
	memcpy(parsed->bytes, input, len);
	parsed->tokens =
	    imap_tokens_parse(parsed->bytes, len, parsed->list, 512);
}

static void
parse_end(struct parsed *parsed)
{
	free(parsed->bytes);
	arena_free(parsed->arena);
}

static void
items_are_read(void **state)
{
	struct parsed in;
	struct imap_item item;
	struct mime_header header;
	struct mail_row row = {0};

	(void)state;
	parse(&in,
	    "(FLAGS (\\Seen $forwarded x) UID 17 INTERNALDATE "
	    "\"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 ENVELOPE "
	    "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
	    "\"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\" "
	    "((\"Terry \\\"T\\\" Gray\" NIL \"gray\" \"cac.example\")) NIL NIL "
	    "((NIL NIL \"imap\" NIL)(NIL NIL \"a\" \"x.example\")"
	    "(NIL NIL NIL NIL)(\"B\" NIL \"b\" \"x.example\")) NIL NIL NIL "
	    "\"<B27397@cac.example>\") BODY[HEADER.FIELDS (REFERENCES)] \"\")");
	assert_true(imap_item_parse(&in.tokens, &item));
	assert_int_equal(item.uid, 17);
	assert_int_equal(item.flags, MAIL_SEEN | MAIL_FORWARDED);
	assert_int_equal(item.bytes, 4286);
	assert_int_equal(item.arrived_s, 837596665);
	assert_int_not_equal(item.body, 0);
	imap_item_header(&in.tokens, item.envelope, in.arena, &header);
	assert_true(str_eq(header.subject.s, STR("Gr\xC3\xBC\xC3\x9F"
	                                         "e")));
	assert_int_equal(header.from.count, 1);
	assert_true(
	    str_eq(header.from.list[0].name.s, STR("Terry \"T\" Gray")));
	assert_true(
	    str_eq(header.from.list[0].address.s, STR("gray@cac.example")));
	assert_int_equal(header.to.count, 3);
	assert_true(str_eq(header.to.list[0].name.s, STR("imap")));
	assert_int_equal(header.to.list[0].address.s.len, 0);
	assert_true(str_eq(header.to.list[2].address.s, STR("b@x.example")));
	assert_int_equal(header.date_s, 837595405);
	assert_int_equal(header.date_offset_minutes, -420);
	imap_item_row(&in.tokens, item.envelope, in.arena, &row);
	assert_true(str_eq(row.from.address.s, STR("gray@cac.example")));
	parse_end(&in);
}

/* Nothing of these may be followed past its end. */
static void
broken_items_do_no_harm(void **state)
{
	static const char *const table[] = {"", "x", "()", "(UID)",
	    "(UID 99999999999)", "(ENVELOPE NIL)", "(ENVELOPE ())",
	    "(ENVELOPE (NIL NIL ((", "(ENVELOPE (NIL NIL (NIL)))",
	    "(ENVELOPE (NIL NIL ((NIL NIL))))", "(FLAGS NIL)",
	    "(BODYSTRUCTURE (((", "(INTERNALDATE \"x\")"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct parsed in;
		struct imap_item item;
		struct mime_header header;

		parse(&in, table[i]);
		if (imap_item_parse(&in.tokens, &item) && item.envelope != 0)
			imap_item_header(
			    &in.tokens, item.envelope, in.arena, &header);
		parse_end(&in);
	}
}

/* In exact-size blocks; what comes out is one line, bounded, UTF-8. */
static void
previews_are_cleaned(void **state)
{
	static const struct {
		const char *input, *wanted;
	} table[] = {
	    {"(UID 1 PREVIEW \"How it  begins\")", "How it  begins"},
	    {"(PREVIEW NIL UID 1)", ""},
	    {"(PREVIEW \"\")", ""},
	    {"(PREVIEW (x (y)))", ""},
	    {"(PREVIEW nil)", ""},
	    {"(PREVIEW \"a\tb\x01"
	     "c\")",
	        "a bc"},
	    {"(PREVIEW \"\xE2\x80\xAE"
	     "exe.gpj\xE2\x80\xAC\")",
	        "exe.gpj"},
	    {"(PREVIEW \"\xFF\")", "\xEF\xBF\xBD"},
	    {"(PREVIEW 7)", "7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct parsed in;
		struct imap_item item;

		parse(&in, table[i].input);
		assert_true(imap_item_parse(&in.tokens, &item));
		assert_int_not_equal(item.preview, 0);
		assert_true(
		    str_eq(imap_item_preview(&in.tokens, &item, in.arena).s,
		        str_c(table[i].wanted)));
		parse_end(&in);
	}
}

static void
previews_end_between_characters(void **state)
{
	char input[1500] = "(PREVIEW \"";
	size_t len = strlen(input);

	(void)state;
	for (size_t i = 0; i < 700; i++)
		memcpy(&input[len + 2 * i], "\xC3\xA4", 3);
	memcpy(&input[len + 1400], "\")", 3);
	for (size_t shift = 0; shift < 2; shift++) {
		struct parsed in;
		struct imap_item item;
		struct str text;

		input[len] = shift == 0 ? '\xC3' : 'a';
		input[len + 1] = shift == 0 ? '\xA4' : 'b';
		if (shift == 1) { /* one byte on */
			memmove(&input[len + 1], &input[len + 2],
			    strlen(&input[len + 2]) + 1);
		}
		parse(&in, input);
		assert_true(imap_item_parse(&in.tokens, &item));
		text = imap_item_preview(&in.tokens, &item, in.arena).s;
		assert_int_equal(text.len, IMAP_PREVIEW_BYTES - shift);
		assert_true(str_is_utf8(text));
		assert_int_equal(str_find_byte(text, '\xEF', 0), text.len);
		parse_end(&in);
	}
}

static void
structure_show(const struct mime_part *part, struct buf *out)
{
	buf_addf(out, "%.*s=%.*s/%.*s", STR_ARG(part->section),
	    STR_ARG(part->type), STR_ARG(part->subtype));
	if (part->charset.s.len > 0)
		buf_addf(out, " %.*s", STR_ARG(part->charset.s));
	if (part->name.s.len > 0)
		buf_addf(out, " '%.*s'", STR_ARG(part->name.s));
	if (part->content_id.s.len > 0)
		buf_addf(out, " cid:%.*s", STR_ARG(part->content_id.s));
	if (part->disposition != MIME_NO_DISPOSITION)
		buf_add_c(
		    out, part->disposition == MIME_INLINE ? " inl" : " att");
	if (part->encoding != MIME_IDENTITY)
		buf_add_c(out, part->encoding == MIME_BASE64 ? " b64" : " qp");
	if (part->is_flowed)
		buf_add_c(out, " flowed");
	buf_add_c(out, ";");
	for (size_t i = 0; i < part->part_count; i++)
		structure_show(&part->parts[i], out);
}

static void
structures_become_parts(void **state)
{
	static const struct {
		const char *name, *input;
		const char *expected; /* NULL: broken */
		bool has_attachment;
	} table[] = {
	    {"text",
	        "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"FORMAT\" "
	        "\"flowed\") NIL NIL \"QUOTED-PRINTABLE\" 1152 23)",
	        "1=text/plain us-ascii qp flowed;", false},
	    {"mixed",
	        "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL "
	        "NIL)(\"image\" \"png\" (\"name\" \"a.png\") \"<c@x>\" NIL "
	        "\"base64\" 55 NIL (\"attachment\" (\"filename\" "
	        "\"=?utf-8?q?=C3=A4.png?=\")) NIL NIL) \"mixed\" (\"boundary\" "
	        "\"b\") NIL NIL NIL)",
	        "=multipart/mixed;1=text/plain;2=image/png '\xC3\xA4.png' "
	        "cid:c@x att b64;",
	        true},
	    {"alternative",
	        "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)(\"text\" "
	        "\"html\" NIL NIL NIL \"7bit\" 5 1) \"alternative\")",
	        "=multipart/alternative;1=text/plain;2=text/html;", false},
	    {"RFC 2231 in pieces",
	        "(\"application\" \"pdf\" (\"name*0*\" \"utf-8''%e2%82%ac\" "
	        "\"name*1\" \" rate%.pdf\") NIL NIL \"base64\" 9 NIL NIL NIL)",
	        "1=application/pdf '\xE2\x82\xAC rate%.pdf' b64;", true},
	    {"RFC 2231 without anything to decode",
	        "(\"application\" \"pdf\" NIL NIL NIL \"base64\" 9 NIL "
	        "(\"attachment\" (\"filename*\" \"utf-8''a.pdf\")) NIL)",
	        "1=application/pdf 'a.pdf' att b64;", true},
	    {"message with one part",
	        "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL NIL NIL "
	        "NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" NIL NIL NIL "
	        "\"7bit\" 1 1) 3 NIL (\"inline\" NIL) NIL) \"mixed\")",
	        "=multipart/mixed;1=message/rfc822 inl;1.1=text/plain;", true},
	    {"message with many",
	        "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL NIL NIL "
	        "NIL NIL NIL NIL NIL NIL NIL) ((\"text\" \"plain\" NIL NIL NIL "
	        "\"7bit\" 1 1)(\"text\" \"html\" NIL NIL NIL \"7bit\" 1 1) "
	        "\"mixed\") 3) \"mixed\")",
	        "=multipart/mixed;1=message/rfc822;1=multipart/"
	        "mixed;1.1=text/plain;1.2=text/html;",
	        true},
	    {"inline image",
	        "(\"image\" \"gif\" NIL \"<i>\" NIL \"base64\" 9 NIL "
	        "(\"inline\" NIL))",
	        "1=image/gif cid:i inl b64;", false},
	    {"parameter is no disposition",
	        "(\"text\" \"plain\" (\"x\" \"attachment\") NIL NIL \"7bit\" 1 "
	        "1)",
	        "1=text/plain;", false},
	    {"nothing", "()", NULL, false},
	    {"no list", "NIL", NULL, false},
	    {"empty part", "(() \"mixed\")", NULL, false},
	    {"cut", "((\"text\" \"plain\"", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct parsed in;
		struct mime_part *root;
		struct buf out;

		parse(&in, table[i].input);
		buf_init(&out, 4096);
		root = imap_structure_parse(&in.tokens, 0, &mime_limits_default,
		    in.arena, &(bool){false});
		if (root != NULL)
			structure_show(root, &out);
		if ((root != NULL) != (table[i].expected != NULL) ||
		    (root != NULL &&
		        !str_eq(buf_str(&out), str_c(table[i].expected))))
			fail_msg(
			    "%s: %.*s", table[i].name, STR_ARG(buf_str(&out)));
		if (imap_structure_has_attachment(&in.tokens, 0) !=
		    table[i].has_attachment)
			fail_msg("%s: mark", table[i].name);
		buf_free(&out);
		parse_end(&in);
	}
}

static void
found_is_paged(void **state)
{
	static const struct {
		const char *name, *lines;
		bool is_page, is_turned;
		uint32_t first;
		size_t count;
		uint32_t total;
		const char *expected;
	} table[] = {
	    {"search, newest first", "* SEARCH 2 4 5 6 9\r\n", false, true, 1,
	        2, 5, "6 5 "},
	    {"search, oldest first", "* SEARCH 2 4 5 6 9\r\n", false, false, 1,
	        3, 5, "4 5 6 "},
	    {"in two answers", "* SEARCH 2\r\n* SEARCH 3 8\r\n", false, true, 0,
	        9, 3, "8 3 2 "},
	    {"sort", "* SORT 5 3 4 1\r\n", false, false, 1, 2, 4, "3 4 "},
	    {"none", "* SEARCH\r\n", false, true, 0, 9, 0, ""},
	    {"past the end", "* SEARCH 1\r\n", false, true, 1, 9, 1, ""},
	    {"ranges", "* ESEARCH (TAG \"i1\") UID ALL 1:3,7,12:10\r\n", false,
	        false, 2, 4, 7, "3 7 12 11 "},
	    {"huge range", "* ESEARCH (TAG \"i1\") UID ALL 1:4294967295\r\n",
	        false, true, 0, 2, 4294967295u, "4294967295 4294967294 "},
	    {"partial",
	        "* ESEARCH (TAG \"i1\") UID COUNT 44 PARTIAL (3:4 9,7)\r\n",
	        true, false, 2, 2, 44, "9 7 "},
	    {"partial, none",
	        "* ESEARCH (TAG \"i1\") UID COUNT 0 PARTIAL (1:4 NIL)\r\n",
	        true, false, 0, 4, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct imap_found found = {.is_page = table[i].is_page};
		struct imap_reader reader;
		struct imap_response response;
		uint32_t uids[16];
		struct buf out;
		size_t count;

		assert_non_null(arena);
		buf_init(&out, 4096);
		imap_reader_init(&reader, NULL, NULL, NULL);
		reader.bytes = str_c(table[i].lines);
		while (imap_read(&reader, &response, NULL) == ERR_OK)
			imap_found_add(&found, arena, &reader, &response);
		count = imap_found_page(&found, table[i].is_turned,
		    table[i].first, table[i].count, uids);
		for (size_t k = 0; k < count; k++)
			buf_addf(&out, "%u ", uids[k]);
		if (found.total != table[i].total ||
		    !str_eq(buf_str(&out), str_c(table[i].expected)))
			fail_msg("%s: %u, %.*s", table[i].name, found.total,
			    STR_ARG(buf_str(&out)));
		imap_reader_end(&reader);
		buf_free(&out);
		arena_free(arena);
	}
}

static void
folders_stand_in_order(void **state)
{
	static const struct config_site plain = {0};
	static const struct config_site configured = {
	    .sent_folder = {"Work/Out", 8}};
	static const struct {
		const char *name;
		const struct config_site *site;
		struct imap_folder list[8];
		size_t count;
		const char *expected;
	} table[] = {
	    {"marked and named", &plain,
	        {{.wire = {"Work", 4}, .delimiter = '/', .is_selectable = true},
	            {.wire = {"Sent", 4},
	                .delimiter = '/',
	                .is_selectable = true},
	            {.wire = {"Sent/2020", 9},
	                .delimiter = '/',
	                .is_selectable = true},
	            {.wire = {"Gesendetes", 10},
	                .delimiter = '/',
	                .is_selectable = true,
	                .attribute = MAIL_SENT},
	            {.wire = {"INBOX", 5},
	                .delimiter = '/',
	                .is_selectable = true},
	            {.wire = {"archive", 7},
	                .delimiter = '/',
	                .is_selectable = true},
	            {.wire = {"Trash", 5},
	                .delimiter = '/',
	                .is_selectable = true}},
	        7,
	        "INBOX:1:0 Gesendetes:3:0 archive:4:0 Trash:6:0 Sent:0:0 "
	        "2020:0:1 Work:0:0 "},
	    {"configured", &configured,
	        {{.wire = {"Work/Out", 8},
	             .delimiter = '/',
	             .is_selectable = true},
	            {.wire = {"Sent", 4},
	                .delimiter = '/',
	                .is_selectable = true,
	                .attribute = MAIL_SENT}},
	        2, "Sent:0:0 Out:3:1 "},
	    {"below INBOX", &plain,
	        {{.wire = {"INBOX.Trash", 11},
	             .delimiter = '.',
	             .is_selectable = true},
	            {.wire = {"INBOX", 5},
	                .delimiter = '.',
	                .is_selectable = true},
	            {.wire = {"INBOX.a", 7},
	                .delimiter = '.',
	                .is_selectable = true},
	            {.wire = {"INBOX.Sent", 10}, .delimiter = '.'}},
	        4, "INBOX:1:0 Trash:6:1 a:0:1 Sent:0:1 "},
	    {"no levels", &plain, {{.wire = {"a/b", 3}, .is_selectable = true}},
	        1, "a/b:0:0 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct imap_folder list[8];
		struct buf out;

		assert_non_null(arena);
		memcpy(list, table[i].list, sizeof(list));
		imap_folder_order(list, table[i].count,
		    &(struct imap_folder_rules){.site = table[i].site}, arena);
		buf_init(&out, 4096);
		for (size_t k = 0; k < table[i].count; k++)
			buf_addf(&out, "%.*s:%d:%u ", STR_ARG(list[k].label.s),
			    (int)list[k].special, list[k].depth);
		if (!str_eq(buf_str(&out), str_c(table[i].expected)))
			fail_msg(
			    "%s: %.*s", table[i].name, STR_ARG(buf_str(&out)));
		buf_free(&out);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_are_read),
	    cmocka_unit_test(broken_items_do_no_harm),
	    cmocka_unit_test(previews_are_cleaned),
	    cmocka_unit_test(previews_end_between_characters),
	    cmocka_unit_test(structures_become_parts),
	    cmocka_unit_test(found_is_paged),
	    cmocka_unit_test(folders_stand_in_order),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
