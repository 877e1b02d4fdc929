/*
 * Where a day begins in a list: what is asked, with what each server has, and
 * what its answers come to.
 */
#include "stage.h"

#include "mail/mail_jump.h"

#define DAY_20   ((int64_t)20777)   /* 2026-11-20 */
#define DAY_LAST ((int64_t)2932896) /* 9999-12-31 */
#define WITH(words)                                       \
	"S * OK [CAPABILITY IMAP4rev1] hello", "C LOGIN", \
	    "S %a OK [CAPABILITY IMAP4rev1 " words "] in"
#define SELECTED_9                                              \
	"C SELECT", "S * 9 EXISTS", "S * OK [UIDVALIDITY 9] x", \
	    "S %a OK [READ-WRITE] x"

struct jump_case {
	const char *name;
	enum mail_sort sort;
	bool is_reversed;
	int64_t day;
	enum err_code rc;
	uint32_t rank;
	const char *script[24];
};

typedef enum err_code jump_fn(struct mail *mail, const struct mail_query *query,
    int64_t day, uint32_t *out_rank, struct err *err);

static void
jumps(const struct jump_case *one, jump_fn *jump)
{
	const struct mail_query query = {.folder = TEXT("INBOX"),
	    .row_count = 25,
	    .sort = one->sort,
	    .is_reversed = one->is_reversed};
	struct stage stage;
	uint32_t rank = 4711;
	enum err_code rc;

	stage_open(&stage, "none", "", one->script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	rc = jump(&stage.mail, &query, one->day, &rank, &stage.err);
	if (rc != one->rc || rank != one->rank)
		fail_msg("%s: %s, rank %u: %s (%s)", one->name, err_name(rc),
		    (unsigned)rank, stage.err.message, stage.err.detail);
	stage_close(&stage);
}

static void
days_are_found(void **state)
{
	static const struct jump_case table[] = {
	    {"newest first: what came later stands before", MAIL_SORT_ARRIVAL,
	        false, DAY_20, ERR_OK, 7,
	        {WITH("ESEARCH"), SELECTED_9,
	            "C UID SEARCH RETURN (COUNT) SINCE 21-Nov-2026",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 7", "S %a OK x", "H"}},
	    {"oldest first", MAIL_SORT_ARRIVAL, true, DAY_20, ERR_OK, 2,
	        {WITH("ESEARCH"), SELECTED_9,
	            "C UID SEARCH RETURN (COUNT) BEFORE 20-Nov-2026",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 2", "S %a OK x", "H"}},
	    {"by date", MAIL_SORT_DATE, false, DAY_20, ERR_OK, 3,
	        {WITH("ESEARCH"), SELECTED_9,
	            "C RETURN (COUNT) SENTSINCE 21-Nov-2026",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 3", "S %a OK x", "H"}},
	    {"by date, oldest first", MAIL_SORT_DATE, true, DAY_20, ERR_OK, 9,
	        {WITH("ESEARCH"), SELECTED_9,
	            "C RETURN (COUNT) SENTBEFORE 20-Nov-2026",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 9", "S %a OK x", "H"}},
	    {"nothing is newer", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 0,
	        {WITH("ESEARCH"), SELECTED_9, "C UID SEARCH",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 0", "S %a OK x", "H"}},
	    {"a server of before", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 4,
	        {WITH("UIDPLUS"), SELECTED_9, "C UID SEARCH SINCE 21-Nov-2026",
	            "S * SEARCH 12 7 900 3", "S %a OK x", "H"}},
	    /* date-year has four digits. */
	    {"the last day there is", MAIL_SORT_ARRIVAL, false, DAY_LAST,
	        ERR_OK, 0,
	        {WITH("UIDPLUS"), SELECTED_9, "C UID SEARCH SINCE 31-Dec-9999",
	            "S * SEARCH", "S %a OK x", "H"}},
	    {"before there was mail", MAIL_SORT_ARRIVAL, true, -25567, ERR_OK,
	        0,
	        {WITH("UIDPLUS"), SELECTED_9, "C UID SEARCH BEFORE 1-Jan-1900",
	            "S * SEARCH", "S %a OK x", "H"}},
	    {"news behind the answer", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK,
	        8,
	        {WITH("ESEARCH"), SELECTED_9, "C UID SEARCH",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 7", "S * 10 EXISTS",
	            "S %a OK x", "C UID SEARCH",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 8", "S %a OK x", "H"}},
	    {"more than there can be", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK,
	        0,
	        {WITH("ESEARCH"), SELECTED_9, "C UID SEARCH",
	            "S * ESEARCH (TAG \"%a\") UID COUNT 99999999999",
	            "S %a OK x", "H"}},
	    {"refused", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_MAIL, 0,
	        {WITH("ESEARCH"), SELECTED_9, "C UID SEARCH", "S %a NO x",
	            "H"}},
	    {"no folder", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_NOT_FOUND, 0,
	        {WITH("ESEARCH"), "C SELECT", "S %a NO [NONEXISTENT] x", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		jumps(&table[i], mail_jump);
}

/* Conversations of 9 8 5, 7 6 and 4 3 2 1: by the newest of each. */
static void
days_of_conversations_are_found(void **state)
{
#define THREADS                                 \
	"C UID THREAD REFERENCES US-ASCII ALL", \
	    "S * THREAD (5 8 9)(6 7)(1 2 3 4)", "S %a OK x", "H"
	static const struct jump_case table[] = {
	    {"one is newer", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 1,
	        {WITH("ESEARCH THREAD=REFERENCES"), SELECTED_9,
	            "C UID SEARCH RETURN (ALL) SINCE 21-Nov-2026",
	            "S * ESEARCH (TAG \"%a\") UID ALL 8:9", "S %a OK x",
	            THREADS}},
	    {"two; in any order", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 2,
	        {WITH("ESEARCH THREAD=REFERENCES"), SELECTED_9, "C UID SEARCH",
	            "S * ESEARCH (TAG \"%a\") UID ALL 9,7,8:6", "S %a OK x",
	            THREADS}},
	    {"all, told one by one", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK,
	        3,
	        {WITH("THREAD=REFERENCES"), SELECTED_9, "C UID SEARCH SINCE",
	            "S * SEARCH 3 4 5 6 7 8 9", "S %a OK x", THREADS}},
	    /* An answer in the middle of one does not make it newer. */
	    {"only older ones in between", MAIL_SORT_ARRIVAL, false, DAY_20,
	        ERR_OK, 0,
	        {WITH("THREAD=REFERENCES"), SELECTED_9, "C UID SEARCH SINCE",
	            "S * SEARCH 8 6 1", "S %a OK x", THREADS}},
	    {"none", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 0,
	        {WITH("THREAD=REFERENCES"), SELECTED_9, "C UID SEARCH SINCE",
	            "S * SEARCH", "S %a OK x", THREADS}},
	    {"an empty folder", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_OK, 0,
	        {WITH("THREAD=REFERENCES"), "C SELECT", "S * 0 EXISTS",
	            "S * OK [UIDVALIDITY 9] x", "S %a OK x",
	            "C UID SEARCH SINCE", "S * SEARCH", "S %a OK x", "H"}},
	    {"refused", MAIL_SORT_ARRIVAL, false, DAY_20, ERR_MAIL, 0,
	        {WITH("THREAD=REFERENCES"), SELECTED_9, "C UID SEARCH",
	            "S %a NO x", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		jumps(&table[i], mail_jump_conversation);
}

static void
days_are_read_as_typed(void **state)
{
	static const struct {
		const char *typed;
		int64_t day; /* INT64_MIN: none */
	} table[] = {
	    {"2026-11-20", DAY_20},
	    {" 2026/11/20\t", DAY_20},
	    {"2026-1-5", DAY_20 - 319},
	    {"today", DAY_20},
	    {"Yesterday", DAY_20 - 1},
	    {"3d", DAY_20 - 3},
	    {"2W", DAY_20 - 14},
	    {"1y", DAY_20 - 365},
	    {"9999-12-31", DAY_LAST},
	    {"2026-11/20", INT64_MIN},
	    {"2026-02-29", INT64_MIN},
	    {"2026-13-01", INT64_MIN},
	    {"10000-01-01", INT64_MIN},
	    {"20.11.2026", INT64_MIN},
	    {"2026-11-20x", INT64_MIN},
	    {"tomorrow", INT64_MIN},
	    {"", INT64_MIN},
	    {"d", INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int64_t day = INT64_MIN;
		bool is_day =
		    mail_jump_day(str_c(table[i].typed), DAY_20, &day);

		if (is_day != (table[i].day != INT64_MIN) ||
		    (is_day && day != table[i].day))
			fail_msg("\"%s\": %d, %lld", table[i].typed, is_day,
			    (long long)day);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_are_found),
	    cmocka_unit_test(days_of_conversations_are_found),
	    cmocka_unit_test(days_are_read_as_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
