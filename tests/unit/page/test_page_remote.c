/* Images from the internet are allowed by our own address only. */
#include "page_test.h"

#include "page/page_reading.h"
#include "page/page_remote.h"

static const struct mail_id letter = {{{"Lists, \303\244", 9}}, 7, 1234};

/* An address of ours for `letter`, as the browser would ask for it. */
static const char *
asked(struct fixture *f, const struct page_show *show, struct str value)
{
	struct view_url url =
	    page_show_url(f->req, "/body", &letter, show, "remote", value);
	struct buf target;

	buf_init_arena(&target, f->arena, LIMIT_HEADER_BYTES);
	buf_add(&target, url.s);
	buf_add_byte(&target, '\0');
	return buf_str(&target).ptr;
}

static void
test_own_address(void **state)
{
	struct fixture *f = *state;
	struct page_show show = {0};
	struct mail_message message = {.uid_validity = letter.uid_validity};
	struct page_prefs prefs = {0};
	struct page_show read;

	fixture_request(f, asked(f, &show, STR("1")));
	assert_true(page_remote_is_allowed(f->req, &letter));
	assert_int_equal(
	    page_show_read(f->req, &prefs, &message, &read, &f->err), ERR_OK);
	assert_true(read.remote);
	/* What leads on from there takes it along, or leaves it. */
	fixture_request(f, asked(f, &read, STR("1")));
	assert_true(page_remote_is_allowed(f->req, &letter));
	fixture_request(f, asked(f, &read, str_of(NULL, 0)));
	assert_false(page_remote_is_allowed(f->req, &letter));
}

static void
test_others(void **state)
{
	struct fixture *f = *state;
	struct page_show show = {0};
	const char *target = asked(f, &show, STR("1"));
	struct mail_id other = letter;

	fixture_request(f, target);
	other.uid++;
	assert_false(page_remote_is_allowed(f->req, &other));
	other = letter;
	other.uid_validity++;
	assert_false(page_remote_is_allowed(f->req, &other));
	other = letter;
	other.folder = TEXT("INBOX");
	assert_false(page_remote_is_allowed(f->req, &other));
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_false(page_remote_is_allowed(f->req, &letter));
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_true(page_remote_is_allowed(f->req, &letter));
}

/* What anybody could write into a link. */
static void
test_forged(void **state)
{
	static const char *const values[] = {"", "remote=", "remote=1",
	    "remote=true", "remote=AAAA",
	    "remote=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "remote=%00",
	    "remote=!!"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char target[128];

		(void)snprintf(target, sizeof(target),
		    "/body?folder=INBOX&uid=7&v=1234&%s", values[i]);
		fixture_request(f, target);
		assert_false(page_remote_is_allowed(f->req, &letter));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own_address),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
