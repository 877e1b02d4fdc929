/* Responses, tokens, the reader's limits, and the guard before libetpan. */
#include "mail_test.h"

#include "base/limits.h"
#include "mail/imap_read.h"

static struct str
exact(const char *c, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, c, len);
	return (struct str){copy, len};
}

static void
exact_free(struct str s)
{
	free((void *)(uintptr_t)s.ptr);
}

/* ---- tokens, written back: a(b "c") ---- */
static void
show(const struct imap_tokens *tokens, uint32_t at, uint32_t end,
    struct buf *out)
{
	while (at < end) {
		const struct imap_token *token = &tokens->list[at];

		if (token->kind == IMAP_LIST) {
			buf_add_c(out, "(");
			show(tokens, at + 1, token->end, out);
			buf_add_c(out, ")");
		} else {
			buf_add_c(out, token->kind == IMAP_STRING ? "'" : "");
			buf_add(out, token->s);
			buf_add_c(out, token->kind == IMAP_STRING ? "'" : "");
		}
		buf_add_c(out, ";");
		at = token->end;
	}
}

static void
tokens_are_what_they_say(void **state)
{
	static const struct {
		const char *name, *input, *expected;
		bool is_cut;
	} table[] = {
	    {"empty", "", "", false},
	    {"atoms", "a NIL 12", "a;NIL;12;", false},
	    {"quoted", "\"a b\" \"\" \"\\\"\\\\\"", "'a b';'';'\"\\';", false},
	    {"lists", "(a (b) ()) c", "(a;(b;);(););c;", false},
	    {"close together", "(\"a\"\"b\"(c)d)", "('a';'b';(c;);d;);", false},
	    {"brackets", "BODY[HEADER.FIELDS (TO)]<0> x",
	        "BODY[HEADER.FIELDS (TO)]<0>;x;", false},
	    {"bracket in quotes", "BODY[H (\"]\")] x", "BODY[H (\"]\")];x;",
	        false},
	    {"literal", "a {3}\r\n)\"( b", "a;')\"(';b;", false},
	    {"literal plus", "{2+}\r\nhi", "'hi';", false},
	    {"literal8", "~{2}\r\nhi x", "'hi';x;", false},
	    {"literal too short", "{9}\r\nhi", "{9};hi;", false},
	    {"no literal", "{x}", "{x};", false},
	    {"open list", "(a (b", "(a;(b;););", true},
	    {"open quote", "\"abc", "'abc';", false},
	    {"end in escape", "\"abc\\", "'abc\\';", false},
	    {"stray close", ") a", "a;", false},
	    {"flags", "(\\Seen $Forwarded)", "(\\Seen;$Forwarded;);", false},
	};
	struct imap_token list[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str input =
		    exact(table[i].input, strlen(table[i].input));
		struct imap_tokens tokens = imap_tokens_parse(
		    (char *)(uintptr_t)input.ptr, input.len, list, 64);
		struct buf out;

		buf_init(&out, 4096);
		show(&tokens, 0, tokens.count, &out);
		if (!str_eq(buf_str(&out), str_c(table[i].expected)) ||
		    tokens.is_cut != table[i].is_cut)
			fail_msg(
			    "%s: %.*s", table[i].name, STR_ARG(buf_str(&out)));
		buf_free(&out);
		exact_free(input);
	}
}

static void
deep_lists_are_cut_not_followed(void **state)
{
	size_t depth = 100000;
	char *input = malloc(depth * 2 + 2);
	struct imap_token list[300];
	struct imap_tokens tokens;

	(void)state;
	assert_non_null(input);
	memset(input, '(', depth);
	memset(input + depth, ')', depth);
	memcpy(input + depth * 2, " x", 2);
	tokens = imap_tokens_parse(input, depth * 2 + 2, list, 300);
	assert_true(tokens.is_cut);
	assert_int_equal(tokens.count, LIMIT_IMAP_DEPTH + 1);
	assert_true(imap_token_is(&tokens, LIMIT_IMAP_DEPTH, STR("x")));
	/* No room: cut, and every index stays inside. */
	tokens = imap_tokens_parse(input, depth * 2 + 2, list, 3);
	assert_true(tokens.is_cut);
	assert_int_equal(tokens.count, 3);
	for (uint32_t i = 0; i < tokens.count; i++)
		assert_true(imap_token_next(&tokens, i) <= tokens.count);
	free(input);
}

static void
responses_are_taken_apart(void **state)
{
	static const struct {
		const char *input;
		bool is_fine;
		enum imap_status status;
		const char *code, *text, *name, *rest;
	} table[] = {
	    {"* OK [UIDVALIDITY 7] fine", true, IMAP_OK, "UIDVALIDITY 7",
	        "fine", "OK", "[UIDVALIDITY 7] fine"},
	    {"i3 NO [TRYCREATE]", true, IMAP_NO, "TRYCREATE", "", "NO",
	        "[TRYCREATE]"},
	    {"i3 OK", true, IMAP_OK, "", "", "OK", ""},
	    {"* 12 FETCH (A)", true, IMAP_NO_STATUS, "", "", "FETCH", "(A)"},
	    {"* BYE [open", true, IMAP_BYE, "", "[open", "BYE", "[open"},
	    {"+ go", true, IMAP_NO_STATUS, "", "", "", "go"},
	    {"i3 FETCH", false, 0, "", "", "", ""},
	    {"i3 BYE x", false, 0, "", "", "", ""},
	    {"x3 OK", false, 0, "", "", "", ""},
	    {"i OK", false, 0, "", "", "", ""},
	    {"i99999999999 OK", false, 0, "", "", "", ""},
	    {"", false, 0, "", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct imap_response out;
		struct str input =
		    exact(table[i].input, strlen(table[i].input));

		if (imap_response_parse(input, &out) != table[i].is_fine)
			fail_msg("%s", table[i].input);
		if (table[i].is_fine &&
		    (out.status != table[i].status ||
		        !str_eq(out.code, str_c(table[i].code)) ||
		        !str_eq(out.text, str_c(table[i].text)) ||
		        !str_eq(out.name, str_c(table[i].name)) ||
		        !str_eq(out.rest, str_c(table[i].rest))))
			fail_msg("%s", table[i].input);
		exact_free(input);
	}
}

/* ---- the reader ---- */
static bool
sink(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

static void
literals_go_where_they_should(void **state)
{
	const char input[] = "* 1 FETCH (UID 5 ENVELOPE ({2}\r\nhi NIL) "
	                     "BODY[1]<0> {4}\r\n)\r\n( UID 5)\r\n"
	                     "* OK text {7}\r\n* 2 EXISTS\r\n";
	struct imap_reader reader;
	struct imap_response response;
	struct imap_tokens tokens;
	struct buf sunk;

	(void)state;
	buf_init(&sunk, 100);
	imap_reader_init(&reader, NULL, NULL, NULL);
	reader.bytes = str_c(input);
	reader.sink = sink;
	reader.sink_ctx = &sunk;
	assert_int_equal(imap_read(&reader, &response, NULL), ERR_OK);
	assert_true(reader.has_sunk);
	assert_true(str_eq(buf_str(&sunk), STR(")\r\n(")));
	tokens = imap_read_tokens(&reader, &response);
	assert_true(str_eq(imap_token_str(&tokens, 5), STR("hi")));
	assert_int_equal(imap_token_u64(&tokens, 10), 5);
	assert_int_equal(imap_read(&reader, &response, NULL), ERR_OK);
	assert_true(str_eq(response.text, STR("text {7}")));
	assert_int_equal(imap_read(&reader, &response, NULL), ERR_OK);
	assert_int_equal(response.number, 2);
	assert_int_equal(imap_read(&reader, &response, NULL), ERR_AWAY);
	imap_reader_end(&reader);
	buf_free(&sunk);
}

static void
reader_has_limits(void **state)
{
	static const struct {
		const char *name, *input;
		size_t repeat; /* of 'x' behind it */
		enum err_code expected;
	} table[] = {
	    {"garbage", "HTTP/1.1 400 Bad Request\r\n", 0, ERR_MAIL},
	    {"ends in a line", "* OK hel", 0, ERR_AWAY},
	    {"ends in a literal", "* X {10}\r\nabc", 0, ERR_AWAY},
	    {"giant literal", "* X {4294967295}\r\n", 0, ERR_MAIL},
	    {"larger than numbers", "* X {99999999999999999999}\r\n", 0,
	        ERR_MAIL},
	    {"line too long", "* LIST ", (2 << 20), ERR_MAIL},
	    {"numbers may be long", "* SEARCH ", (2 << 20), ERR_AWAY},
	    {"NUL bytes", "\0\0\0\n", 0, ERR_MAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t len = i == 7 ? 4 : strlen(table[i].input);
		char *all = malloc(len + table[i].repeat + 1);
		struct imap_reader reader;
		struct imap_response response;

		assert_non_null(all);
		memcpy(all, table[i].input, len);
		memset(all + len, 'x', table[i].repeat);
		imap_reader_init(&reader, NULL, NULL, NULL);
		reader.bytes = exact(all, len + table[i].repeat);
		free(all);
		all = (char *)(uintptr_t)reader.bytes.ptr;
		if (imap_read(&reader, &response, NULL) != table[i].expected)
			fail_msg("%s", table[i].name);
		imap_reader_end(&reader);
		free(all);
	}
}

/* ---- the guard ---- */
static void
count_line(void *ctx, struct str line)
{
	buf_add(ctx, line);
	buf_add_c(ctx, "|");
}

static void
guard_lets_only_harmless_through(void **state)
{
	static const struct {
		const char *name, *input;
		const char *expected; /* NULL: refused */
	} table[] = {
	    {"lines", "* OK a\r\n* 1 EXISTS\r\n", "* OK a|* 1 EXISTS|"},
	    {"literal", "* X {3}\r\n\n\n\n y\r\n* Z\r\n", "* X {3}\r y|* Z|"},
	    {"text is no literal", "* OK {3}\r\n* Z\r\n", "* OK {3}|* Z|"},
	    {"flags", "* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n",
	        "* OK [PERMANENTFLAGS (\\Seen \\*)] x|"},
	    {"no flags", "* OK [PERMANENTFLAGS ()] x\r\n",
	        "* OK [PERMANENTFLAGS ()] x|"},
	    {"broken flags", "* OK [PERMANENTFLAGS] x\r\n", NULL},
	    {"broken flags 2", "* OK [permanentflags (\\Seen] x\r\n", NULL},
	    {"giant literal", "* X {4294967295}\r\n", NULL},
	    {"wrapping literal", "* X {18446744073709551617}\r\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct imap_guard *guard = malloc(sizeof(*guard));
		struct str input =
		    exact(table[i].input, strlen(table[i].input));
		struct buf lines;
		bool is_fine = true;

		assert_non_null(guard);
		buf_init(&lines, 4096);
		imap_guard_init(guard, count_line, &lines);
		for (size_t at = 0; is_fine && at < input.len; at++)
			is_fine = imap_guard_add(
			    guard, str_slice(input, at, at + 1), NULL);
		if (is_fine != (table[i].expected != NULL) ||
		    (is_fine &&
		        !str_eq(buf_str(&lines), str_c(table[i].expected))))
			fail_msg("%s: %.*s", table[i].name,
			    STR_ARG(buf_str(&lines)));
		buf_free(&lines);
		exact_free(input);
		free(guard);
	}
}

static void
guard_counts_depth_and_bytes(void **state)
{
	struct imap_guard *guard = malloc(sizeof(*guard));
	size_t len = 3 << 20;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(guard);
	assert_non_null(bytes);
	memset(bytes, '(', len);
	imap_guard_init(guard, NULL, NULL);
	assert_true(
	    imap_guard_add(guard, str_of(bytes, LIMIT_IMAP_DEPTH), NULL));
	assert_false(imap_guard_add(guard, str_of(bytes, 1), NULL));
	memset(bytes, 'a', len);
	imap_guard_init(guard, NULL, NULL);
	assert_false(imap_guard_add(guard, str_of(bytes, 2 << 20), NULL));
	for (size_t i = 79; i < len; i += 80)
		bytes[i] = '\n';
	imap_guard_init(guard, NULL, NULL);
	assert_true(imap_guard_add(guard, str_of(bytes, 1800 << 10), NULL));
	imap_guard_command(guard);
	assert_true(imap_guard_add(guard, str_of(bytes, 1800 << 10), NULL));
	assert_false(imap_guard_add(guard, str_of(bytes, 300 << 10), NULL));
	/* Short lines cost as much as others. */
	memset(bytes, '\n', len);
	imap_guard_command(guard);
	imap_guard_line_start(guard);
	assert_true(imap_guard_add(guard, str_of(bytes, 30000), NULL));
	assert_false(imap_guard_add(guard, str_of(bytes, 1), NULL));
	imap_guard_command(guard);
	assert_true(imap_guard_add(guard, str_of(bytes, 30000), NULL));
	free(bytes);
	free(guard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tokens_are_what_they_say),
	    cmocka_unit_test(deep_lists_are_cut_not_followed),
	    cmocka_unit_test(responses_are_taken_apart),
	    cmocka_unit_test(literals_go_where_they_should),
	    cmocka_unit_test(reader_has_limits),
	    cmocka_unit_test(guard_lets_only_harmless_through),
	    cmocka_unit_test(guard_counts_depth_and_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
