/* The message page's pure parts: places in lists, senders, images. */
#include "page_test.h"

#include "page/page_message.h"

static struct place
place_at(struct fixture *f, const char *target)
{
	struct place place = {0};

	fixture_request(f, target);
	assert_int_equal(place_read(f->req, 50, &place, &f->err), ERR_OK);
	return place;
}

static void
test_place(void **state)
{
	struct fixture *f = *state;
	struct place place = place_at(f, "/message?folder=INBOX&uid=7&at=57");
	struct mail_id id = {TEXT("INBOX"), 7, 3};

	assert_true(place.is_known);
	assert_int_equal(place.query.page, 2);
	assert_int_equal(place.query.mail.first, 50);
	assert_says(place_list_url(f->req, &place, &id).s,
	    "/list?folder=INBOX&page=2#m7");
	assert_says(place_list_url(f->req, &place, NULL).s,
	    "/list?folder=INBOX&page=2");
	assert_says(place_message_url(f->req, &place.query, 57, &id).s,
	    "/message?folder=INBOX&uid=7&v=3&at=57");
	place = place_at(
	    f, "/message?folder=INBOX&uid=7&at=0&sort=from&rev=1&q=fish+%26+x");
	assert_says(place_list_url(f->req, &place, NULL).s,
	    "/list?folder=INBOX&sort=from&rev=1&q=fish%20%26%20x");
	/* Without a place, or with a broken one: the first page. */
	place = place_at(f, "/message?folder=INBOX&uid=7");
	assert_false(place.is_known);
	assert_int_equal(place.query.page, 1);
	place = place_at(f, "/message?folder=INBOX&uid=7&at=-1");
	assert_false(place.is_known);
	place = place_at(f, "/message?folder=INBOX&uid=7&at=99999999999");
	assert_false(place.is_known);
}

/* What goes along to another address of the same message. */
static void
test_place_params(void **state)
{
	struct fixture *f = *state;
	struct view_url_param params[PLACE_PARAMS + 1];

	fixture_request(f, "/message?uid=7&at=3&sort=size&q=secret&evil=1");
	place_params(f->req, params);
	assert_says(view_url_local(f->arena, "/message", params).s,
	    "/message?at=3&sort=size&q=secret");
	f->session.expire_views = true;
	place_params(f->req, params);
	assert_says(view_url_local(f->arena, "/message", params).s,
	    "/message?at=3&sort=size");
	f->session.expire_views = false;
}

static void
test_neighbours(void **state)
{
	struct fixture *f = *state;
	struct mail_message message = {.newer_uid = 9, .older_uid = 5};
	struct mail_id id = {TEXT("INBOX"), 7, 3};
	struct place_around around;
	struct place place = place_at(f, "/message?folder=INBOX&uid=7&at=0");

	assert_int_equal(
	    place_find_around(f->req, &place, &id, &message, &around, &f->err),
	    ERR_OK);
	assert_int_equal(around.before_uid, 9);
	assert_int_equal(around.after_uid, 5);
	assert_int_equal(around.before_at, 0);
	assert_int_equal(around.after_at, 1);
	place = place_at(f, "/message?folder=INBOX&uid=7&at=4&rev=1");
	assert_int_equal(
	    place_find_around(f->req, &place, &id, &message, &around, &f->err),
	    ERR_OK);
	assert_int_equal(around.before_uid, 5);
	assert_int_equal(around.after_uid, 9);
	assert_int_equal(around.before_at, 3);
}

static void
test_html_is_remote(void **state)
{
	static const struct {
		const char *html;
		bool is_remote;
	} rows[] = {
	    {"<img src=\"https://a.example/x.png\">", true},
	    {"<IMG alt=x SRC = 'HTTP://a.example/x.png'>", true},
	    {"<img src=//a.example/x.png>", true},
	    {"<td background=\"http://a.example/\">", true},
	    {"<p style=\"background: url( 'https://a.example/')\">", true},
	    {"<img srcset=\"https://a.example/2x\">", true},
	    {"<img src=\"cid:1\"> <a href=\"https://a.example/\">", false},
	    {"src", false},
	    {"url(", false},
	    {"src=\"http", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str html = exact(rows[i].html, strlen(rows[i].html));

		if (message_html_is_remote(html) != rows[i].is_remote)
			fail_msg("%s", rows[i].html);
		exact_free(html);
	}
}

static void
test_auth_failed(void **state)
{
	static const struct {
		enum mime_auth_result spf, dkim, dmarc;
		bool is_aligned, is_failed;
	} rows[] = {
	    {MIME_AUTH_PASS, MIME_AUTH_PASS, MIME_AUTH_PASS, true, false},
	    {MIME_AUTH_FAIL, MIME_AUTH_FAIL, MIME_AUTH_PASS, false, false},
	    {MIME_AUTH_PASS, MIME_AUTH_PASS, MIME_AUTH_FAIL, true, true},
	    /* Forwarded mail fails SPF; its signature speaks for it. */
	    {MIME_AUTH_FAIL, MIME_AUTH_PASS, MIME_AUTH_NONE, true, false},
	    {MIME_AUTH_FAIL, MIME_AUTH_PASS, MIME_AUTH_NONE, false, true},
	    {MIME_AUTH_PASS, MIME_AUTH_FAIL, MIME_AUTH_NONE, false, true},
	    {MIME_AUTH_UNSURE, MIME_AUTH_NONE, MIME_AUTH_NONE, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime_auth auth = {.is_known = true,
		    .spf = rows[i].spf,
		    .dkim = rows[i].dkim,
		    .dmarc = rows[i].dmarc,
		    .is_dkim_aligned = rows[i].is_aligned};

		if (message_auth_failed(&auth) != rows[i].is_failed)
			fail_msg("row %zu", i);
		auth.is_known = false;
		assert_false(message_auth_failed(&auth));
	}
}

static void
test_sender_key(void **state)
{
	struct fixture *f = *state;
	struct mime_address list[2] = {
	    {TEXT("Ben"), TEXT("Ben@Example.ORG")}, {TEXT(""), TEXT("x@y")}};
	struct mail_message message = {.header = {.from = {list, 1}}};

	assert_says(message_sender_key(f->req, &message), "ben@example.org");
	message.header.from.count = 2;
	assert_says(message_sender_key(f->req, &message), "");
	message.header.from.count = 0;
	assert_says(message_sender_key(f->req, &message), "");
}

static void
test_writing_to(void **state)
{
	struct fixture *f = *state;
	struct str url =
	    message_write_url(f->req, "to", STR("a&b@example.org")).s;

	assert_says(url, "/compose?to=a%26b%40example.org");
	f->session.expire_views = true;
	url = message_write_url(f->req, "to", STR("a&b@example.org")).s;
	assert_true(str_starts(url, STR("/compose?m=")));
	assert_int_equal(str_find(url, STR("example"), 0), url.len);
	fixture_request(f, str_dup_c(f->arena, url));
	assert_says(message_write_sealed(f->req), "a%26b%40example.org");
	/* Another session's, or invented. */
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_says(message_write_sealed(f->req), "");
	f->session.cookie_secret.ptr[0] ^= 1;
	fixture_request(f, "/compose?m=AAAA");
	assert_says(message_write_sealed(f->req), "");
	f->session.expire_views = false;
}

static void
test_prefs(void **state)
{
	struct fixture *f = *state;
	struct page_prefs prefs = {0};

	assert_int_equal(page_prefs_get(f->req, &prefs, &f->err), ERR_OK);
	assert_int_equal(prefs.after, PAGE_AFTER_LIST);
	assert_int_equal(prefs.rows, 50);
	prefs.after = PAGE_AFTER_PREVIOUS;
	prefs.rows = 100;
	prefs.prefer_plain = true;
	prefs.name = TEXT("Anna");
	assert_int_equal(page_prefs_set(f->req, &prefs, &f->err), ERR_OK);
	prefs = (struct page_prefs){0};
	assert_int_equal(page_prefs_get(f->req, &prefs, &f->err), ERR_OK);
	assert_int_equal(prefs.after, PAGE_AFTER_PREVIOUS);
	assert_int_equal(prefs.rows, 100);
	assert_true(prefs.prefer_plain);
	assert_says(prefs.name.s, "Anna");
	assert_int_equal(page_after_of(STR("nonsense")), PAGE_AFTER_LIST);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_place),
	    T(test_place_params),
	    T(test_neighbours),
	    T(test_html_is_remote),
	    T(test_auth_failed),
	    T(test_sender_key),
	    T(test_writing_to),
	    T(test_prefs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
