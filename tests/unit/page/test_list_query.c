/* The list's address: what goes in comes out, sealed words too. */
#include "page_test.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *target;
		enum err_code rc;
		const char *folder;
		uint32_t first;
		enum mail_sort sort;
		bool reversed;
		const char *words;
	} rows[] = {
	    {"/list", ERR_OK, "INBOX", 0, MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?folder=J%C3%BCrg%2Fx&page=3", ERR_OK, "J\303\274rg/x", 100,
	        MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?sort=size&rev=1&q=+a+b+", ERR_OK, "INBOX", 0,
	        MAIL_SORT_SIZE, true, "a b"},
	    {"/list?sort=nonsense&rev=2", ERR_OK, "INBOX", 0, MAIL_SORT_ARRIVAL,
	        false, ""},
	    {"/list?s=AAAA", ERR_OK, "INBOX", 0, MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?s=%21%21", ERR_OK, "INBOX", 0, MAIL_SORT_ARRIVAL, false,
	        ""},
	    {"/list?page=0", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?page=-1", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?page=x", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL, false, ""},
	    {"/list?page=99999999", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL, false,
	        ""},
	    {"/list?folder=a%0D%0Ab", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL,
	        false, ""},
	    {"/list?folder=%FF", ERR_INPUT, "", 0, MAIL_SORT_ARRIVAL, false,
	        ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct list_query query;
		enum err_code rc;

		/* Whoever calls has nothing in it. */
		memset(&query, 1, sizeof(query));
		rc = list_query_parse(
		    fixture_request(f, rows[i].target), 50, &query, &f->err);
		if (rc != rows[i].rc)
			fail_msg("%s: %s", rows[i].target, err_name(rc));
		if (rc != ERR_OK)
			continue;
		assert_false(query.mail.with_previews);
		assert_says(query.mail.folder.s, rows[i].folder);
		assert_says(query.words.s, rows[i].words);
		assert_int_equal(query.mail.first, rows[i].first);
		assert_int_equal(query.mail.row_count, 50);
		assert_int_equal(query.mail.sort, rows[i].sort);
		assert_int_equal(query.mail.is_reversed, rows[i].reversed);
	}
}

/* The largest page of the longest list is still a rank of 32 bits. */
static void
test_far_page(void **state)
{
	struct fixture *f = *state;
	struct list_query query = {0};
	struct request *req = fixture_request(f, "/list?page=10000000");

	assert_int_equal(
	    list_query_parse(req, LIMIT_LIST_ROWS, &query, &f->err), ERR_OK);
	assert_true(query.mail.first > 4000000000u);
	assert_int_equal(query.mail.first % LIMIT_LIST_ROWS, 0);
}

static void
round_trip(struct fixture *f, bool expire)
{
	struct list_query in = {.mail = {.folder = TEXT("a&b=c d%"),
	                            .sort = MAIL_SORT_FROM,
	                            .is_reversed = true},
	    .words = TEXT("top secret \303\244"),
	    .page = 7};
	struct list_query out = {0};
	struct view_url url;

	f->session.expire_views = expire;
	url = list_query_url(f->req, &in);
	assert_non_null(url.s.ptr);
	assert_int_equal(
	    str_find(url.s, STR("secret"), 0) == url.s.len, expire);
	fixture_request(f, str_dup_c(f->arena, url.s));
	assert_int_equal(list_query_parse(f->req, 50, &out, &f->err), ERR_OK);
	assert_true(str_eq(out.mail.folder.s, in.mail.folder.s));
	assert_true(str_eq(out.words.s, in.words.s));
	assert_int_equal(out.mail.sort, MAIL_SORT_FROM);
	assert_true(out.mail.is_reversed);
	assert_int_equal(out.page, 7);
	f->session.expire_views = false;
}

static void
test_round_trip(void **state)
{
	round_trip(*state, false);
	round_trip(*state, true);
}

/* Words sealed for one session say nothing to another. */
static void
test_other_session(void **state)
{
	struct fixture *f = *state;
	struct list_query in = {.mail = {.folder = TEXT("INBOX")},
	    .words = TEXT("secret"),
	    .page = 1};
	struct list_query out = {0};
	struct view_url url;

	f->session.expire_views = true;
	url = list_query_url(f->req, &in);
	f->session.cookie_secret.ptr[0] ^= 1;
	fixture_request(f, str_dup_c(f->arena, url.s));
	assert_int_equal(list_query_parse(f->req, 50, &out, &f->err), ERR_OK);
	assert_int_equal(out.words.s.len, 0);
	f->session.expire_views = false;
}

static void
test_too_many_words(void **state)
{
	struct fixture *f = *state;
	char words[600];
	struct list_query out;

	memset(words, 'x', sizeof(words));
	assert_int_equal(
	    list_query_words(f->req, str_of(words, 500), &out, &f->err),
	    ERR_OK);
	assert_int_equal(
	    list_query_words(f->req, str_of(words, 501), &out, &f->err),
	    ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_far_page),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_other_session),
	    cmocka_unit_test(test_too_many_words),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
