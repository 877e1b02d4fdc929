/* Whom a reply goes to, its thread, mailto: addresses. */
#include "page_test.h"

/* Constant, which STR() is not. */
#define ADDRESS(n, a)                               \
	{                                           \
		{{"" n, sizeof(n) - 1}},            \
		{                                   \
			{                           \
				"" a, sizeof(a) - 1 \
			}                           \
		}                                   \
	}
#define LIST(array)                                         \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}

static struct mime_address anna[] = {ADDRESS("Anna", "ANNA@example.org")};
static struct mime_address ben[] = {ADDRESS("B \"x\" \\", "ben@x.org")};
static struct mime_address group[] = {ADDRESS("undisclosed", "")};
static struct mime_address many[] = {ADDRESS("", "anna@example.org"),
    ADDRESS("", "ben@x.org"), ADDRESS("", "carl@x.org"),
    ADDRESS("", "CARL@x.org"), ADDRESS("group", "")};
static struct mime_address others[] = {
    ADDRESS("", "carl@x.org"), ADDRESS("", "dora@x.org")};
static struct mime_address mine[] = {
    ADDRESS("", "anna+shop@example.org"), ADDRESS("", "office@x.org")};
static struct mime_address list[] = {ADDRESS("", "list@x.org")};

static void
test_people(void **state)
{
	const struct {
		const char *name;
		struct mime_header header;
		bool all;
		const char *to;
		const char *cc;
	} rows[] = {
	    {"one", {.from = LIST(ben), .to = LIST(many), .cc = LIST(others)},
	        false, "\"B \\\"x\\\" \\\\\" <ben@x.org>", ""},
	    {"all, each once, not me",
	        {.from = LIST(ben), .to = LIST(many), .cc = LIST(others)}, true,
	        "\"B \\\"x\\\" \\\\\" <ben@x.org>, carl@x.org", "dora@x.org"},
	    {"reply-to", {.from = LIST(ben), .reply_to = LIST(list)}, false,
	        "list@x.org", ""},
	    {"reply-to without address",
	        {.from = LIST(others), .reply_to = LIST(group)}, false,
	        "carl@x.org, dora@x.org", ""},
	    {"my own", {.from = LIST(anna), .to = LIST(others)}, false,
	        "carl@x.org, dora@x.org", ""},
	    {"my own to nobody named", {.from = LIST(anna), .to = LIST(group)},
	        false, "Anna <ANNA@example.org>", ""},
	    {"nobody", {.to = LIST(group)}, true, "", ""},
	    {"nor me with a tag, nor my other address",
	        {.from = LIST(ben), .to = LIST(mine)}, true,
	        "\"B \\\"x\\\" \\\\\" <ben@x.org>", ""},
	};
	struct fixture *f = *state;
	const struct store_identity office = {
	    .id = STR("AAAAAAAAAAAAAAAAAAAAAA"),
	    .name = STR("Anna"),
	    .address = STR("office@x.org")};

	assert_int_equal(
	    store_identity_put(f->store, STR("anna"), &office, &f->err),
	    ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct compose out = {0};
		struct reply_own own;

		assert_int_equal(
		    page_identity_list(f->req, &own.list, &own.count, &f->err),
		    ERR_OK);
		reply_people(f->req, &rows[i].header, &own, rows[i].all, &out);
		assert_says(out.to.s, rows[i].to);
		assert_says(out.cc.s, rows[i].cc);
	}
}

/* RFC 5322, 3.6.4. */
static void
test_thread(void **state)
{
	static const struct {
		const char *references, *in_reply_to, *id;
		const char *expected;
	} rows[] = {
	    {"", "", "<c@d>", "<c@d>"},
	    {"", "<a@b>", "<c@d>", "<a@b> <c@d>"},
	    {"", "<a@b> <e@f>", "<c@d>", "<c@d>"},
	    {"", "Anna's of Monday", "<c@d>", "<c@d>"},
	    {"<x@y> <a@b>", "<a@b>", "<c@d>", "<x@y> <a@b> <c@d>"},
	    {"<x@y>", "", "", "<x@y>"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime_header header = {
		    .references = {str_c(rows[i].references)},
		    .in_reply_to = {str_c(rows[i].in_reply_to)},
		    .message_id = {str_c(rows[i].id)}};
		struct compose out = {0};

		reply_thread(f->req, &header, &out);
		assert_says(out.references.s, rows[i].expected);
		assert_says(out.in_reply_to.s, rows[i].id);
	}
}

/* A thread without end keeps whole ids, the newest. */
static void
test_long_thread(void **state)
{
	struct fixture *f = *state;
	static char known[40000];
	struct mime_header header = {.message_id = TEXT("<last@x>")};
	struct compose out = {0};

	for (size_t i = 0; i < sizeof(known); i += 10)
		memcpy(known + i, "<abcd@ef> ", 10);
	memcpy(known, "<root@ef> ", 10);
	header.references.s = str_of(known, sizeof(known) - 1);
	reply_thread(f->req, &header, &out);
	assert_true(out.references.s.len < 9000);
	assert_true(str_starts(out.references.s, STR("<root@ef> <abcd@ef> <")));
	assert_true(str_ends(out.references.s, STR("<abcd@ef> <last@x>")));
}

/* RFC 6068; what is not asked for by people (Bcc, In-Reply-To) stays out. */
static void
test_mailto(void **state)
{
	static const struct {
		const char *mailto;
		const char *to, *cc, *subject, *body;
	} rows[] = {
	    {"mailto:a@b", "a@b", "", "", ""},
	    {"MAILTO:a%40b,c@d?CC=e@f&Subject=x%20y&body=1%0D%0A2", "a@b,c@d",
	        "e@f", "x y", "1\n2"},
	    {"mailto:?subject=a+b&bcc=z@z&in-reply-to=q", "", "", "a+b", ""},
	    {"mailto:a%0D%0ABcc:x@y?subject=a%0D%0AB:c", "a Bcc:x@y", "",
	        "a B:c", ""},
	    {"mailto:a@b?to=c%40d", "a@b, c@d", "", "", ""},
	    {"mailto:?to=c@d", "c@d", "", "", ""},
	    {"mailto:%", "%", "", "", ""},
	    {"mailto:a@b?&=&&x", "a@b", "", "", ""},
	    {"a@b", "a@b", "", "", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str mailto =
		    exact(rows[i].mailto, strlen(rows[i].mailto));
		struct compose out = {0};

		reply_mailto(f->req, mailto, &out);
		assert_says(out.to.s, rows[i].to);
		assert_says(out.cc.s, rows[i].cc);
		assert_int_equal(out.bcc.s.len, 0);
		assert_says(out.subject.s, rows[i].subject);
		assert_says(out.body.s, rows[i].body);
		exact_free(mailto);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_people),
	    cmocka_unit_test(test_thread),
	    cmocka_unit_test(test_long_thread),
	    cmocka_unit_test(test_mailto),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
