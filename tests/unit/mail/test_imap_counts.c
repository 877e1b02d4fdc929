/*
 * A server that loses count: what it says to be gone and is not stands in the
 * list all the same, and costs nothing when nothing is strange.
 */
#include "stage.h"

#define LISTS                                             \
	"S * OK [CAPABILITY IMAP4rev1] hello", "C LOGIN", \
	    "S %a OK [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS] in"
#define SELECTED_3                                              \
	"C SELECT", "S * 3 EXISTS", "S * OK [UIDVALIDITY 9] x", \
	    "S %a OK [READ-WRITE] x"
#define WHOLE(number, uid)                                                 \
	"S * " number " FETCH (UID " uid " FLAGS () INTERNALDATE "         \
	"\"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 100 ENVELOPE (NIL "    \
	"\"hi\" NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" " \
	"\"plain\" NIL NIL NIL \"7bit\" 5 1))"
#define BARE(number, uid) "S * " number " FETCH (UID " uid " FLAGS ())"
#define COUNTED_AS(count)          \
	"S * LIST () \"/\" INBOX", \
	    "S * STATUS INBOX (MESSAGES " count " UNSEEN 0 UIDVALIDITY 9)"
#define FIRST_PAGE(count)                                                  \
	SELECTED_3, "C FETCH", "C LIST", WHOLE("1", "5"), WHOLE("2", "6"), \
	    WHOLE("3", "7"), "S %b OK x", COUNTED_AS(count), "S %a OK x"

/* The newest first, all three of them. */
static void
shows_three(struct stage *stage, const char *name, bool with_folders)
{
	struct mail_query query = {.folder = TEXT("INBOX"), .row_count = 10};
	struct mail_folders folders;
	struct mail_list list;
	enum err_code rc = mail_list(&stage->mail, &query, &list,
	    with_folders ? &folders : NULL, NULL, &stage->err);

	if (rc != ERR_OK || list.row_count != 3 || list.total != 3)
		fail_msg("%s: %s, %zu rows of %u (%s)", name, err_name(rc),
		    list.row_count, (unsigned)list.total, stage->err.detail);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(list.rows[i].uid, 7 - i);
}

static void
invented_expunges_are_found_out(void **state)
{
	static const struct {
		const char *name;
		bool with_folders;
		unsigned pages;
		const char *script[64];
	} table[] = {
	    {"counted by STATUS", true, 2,
	        {LISTS, FIRST_PAGE("3"),
	            /* What is shown, and what others did. */
	            "C FETCH", "C NOOP", "C LIST", BARE("1", "5"),
	            BARE("2", "6"), BARE("3", "7"), "S %c OK x",
	            "S * 1 EXPUNGE", "S * 1 EXPUNGE", "S %b OK x",
	            COUNTED_AS("3"), "S %a OK x", "C FETCH 1 ", BARE("1", "5"),
	            "S %a OK x", "C STATUS",
	            "S * STATUS INBOX (MESSAGES 3 UNSEEN 0)", "S %a OK x",
	            SELECTED_3, "C FETCH", "C LIST", BARE("1", "5"),
	            BARE("2", "6"), BARE("3", "7"), "S %b OK x",
	            COUNTED_AS("3"), "S %a OK x", "H"}},
	    {"a row beyond the last", false, 3,
	        {LOGGED_IN, SELECTED_3, "C FETCH", WHOLE("1", "5"),
	            WHOLE("2", "6"), WHOLE("3", "7"), "S %a OK x",
	            /* Nothing is strange yet. */
	            "C FETCH", "C NOOP", BARE("1", "5"), BARE("2", "6"),
	            BARE("3", "7"), "S %b OK x", "S %a OK x",
	            /* One is gone; and then its place is not. */
	            "C FETCH", "C NOOP", BARE("1", "5"), BARE("2", "6"),
	            BARE("3", "7"), "S %b OK x", "S * 1 EXPUNGE", "S %a OK x",
	            "C FETCH 1:2 ", BARE("1", "5"), BARE("2", "6"),
	            "S * 3 FETCH (FLAGS (\\Seen))", "S %a OK x", SELECTED_3,
	            "C FETCH", BARE("1", "5"), BARE("2", "6"), BARE("3", "7"),
	            "S %a OK x", "H"}},
	    /* What STATUS says is no sign where it never is the same. */
	    {"counts otherwise", true, 3,
	        {LISTS, FIRST_PAGE("8"), "C FETCH", "C NOOP", "C LIST",
	            BARE("1", "5"), BARE("2", "6"), BARE("3", "7"), "S %c OK x",
	            "S %b OK x", COUNTED_AS("8"), "S %a OK x", "C FETCH",
	            "C NOOP", "C LIST", BARE("1", "5"), BARE("2", "6"),
	            BARE("3", "7"), "S %c OK x", "S %b OK x", COUNTED_AS("8"),
	            "S %a OK x", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct stage stage;

		stage_open(&stage, "none", "", table[i].script);
		test_is(stage_login(&stage), ERR_OK, &stage.err);
		for (unsigned page = 0; page < table[i].pages; page++)
			shows_three(
			    &stage, table[i].name, table[i].with_folders);
		stage_close(&stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(invented_expunges_are_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
