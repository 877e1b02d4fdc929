/* Signed addresses of images: for a while, for one session, for one part. */
#include "page_test.h"

#include "base/codec.h"
#include "os/clock.h"
#include "page/page_image.h"
#include "page/pages.h"
#include "session/session.h"

#define GONE "This image's address is no longer good."
/* Good in itself; the session that it names is not there. */
#define NO_SESSION "This address is not valid any more."

/* An address with this inside, as only the server can make it. */
static const char *
address(struct fixture *f, const char *purpose, struct str plain)
{
	struct buf target;
	struct str sealed;

	assert_int_equal(session_seal(f->app.sessions, f->req, purpose, false,
	                     STR(""), plain, &sealed, &f->err),
	    ERR_OK);
	buf_init_arena(&target, f->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&target, STR("/image?t="));
	codec_base64url_encode(&target, sealed);
	buf_add_byte(&target, '\0');
	return buf_str(&target).ptr;
}

static void
answers(struct fixture *f, const char *target, const char *expected)
{
	struct err err = ERR_NONE;

	f->req = fixture_request(f, target);
	f->req->session = NULL;
	assert_int_equal(page_image(f->req, NULL, &err), ERR_NOT_FOUND);
	if (strncmp(err.message, expected, strlen(expected)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", err.message, expected);
	f->req->session = &f->session;
}

static struct str
inside(struct fixture *f, int64_t ends_s)
{
	return str_printf(f->arena, "c2Vs\nc2VjcmV0\n%lld\nINBOX\n7\n1234\n2",
	    (long long)ends_s);
}

static void
test_time(void **state)
{
	struct fixture *f = *state;
	int64_t now_s = clock_now_s();

	answers(f, address(f, "image", inside(f, now_s + PAGE_IMAGE_LIFE_S)),
	    NO_SESSION);
	answers(f, address(f, "image", inside(f, now_s - 1)), GONE);
	answers(f, address(f, "image", inside(f, 0)), GONE);
}

/* An address of ours is good for ten minutes, and says so itself only. */
static void
test_life(void **state)
{
	static const struct mime_part part = {.section = {"2", 1}};
	static const struct mail_id letter = {{{"INBOX", 5}}, 7, 1234};
	struct fixture *f = *state;
	struct str url;
	struct buf sealed;
	struct str plain;
	int64_t ends_s = 0;
	int64_t before_s = clock_now_s();

	f->session.selector = STR("sel");
	url = page_image_address(f->req, &letter, &part);
	assert_true(str_starts(url, STR("/image?t=")));
	buf_init_arena(&sealed, f->arena, LIMIT_HEADER_BYTES);
	assert_int_equal(
	    codec_base64url_decode(&sealed, str_slice(url, 9, url.len), NULL),
	    ERR_OK);
	assert_int_equal(session_unseal(f->app.sessions, f->req, "image", false,
	                     STR(""), buf_str(&sealed), &plain, &f->err),
	    ERR_OK);
	assert_says(str_cut(&plain, '\n'), "c2Vs");
	(void)str_cut(&plain, '\n');
	ends_s = strtoll(str_dup_c(f->arena, str_cut(&plain, '\n')), NULL, 10);
	assert_in_range((uintmax_t)ends_s,
	    (uintmax_t)(before_s + PAGE_IMAGE_LIFE_S),
	    (uintmax_t)(clock_now_s() + PAGE_IMAGE_LIFE_S));
	assert_says(plain, "INBOX\n7\n1234\n2");
	answers(f, str_dup_c(f->arena, url), NO_SESSION);
}

/* Sealed by us, but for something else, or not as we write it. */
static void
test_others(void **state)
{
	static const char *const plains[] = {"", "\n", "c2Vs", "c2Vs\nc2Vj\n",
	    "c2Vs\nc2Vj\nx\nINBOX\n7\n1\n2", "c2Vs\nc2Vj\n-1\nINBOX\n7\n1\n2",
	    "c2Vs\nc2Vj\n99999999999999999999\nINBOX\n7\n1\n2",
	    "c2Vs\nc2Vj\n9999999999\nINBOX\n0\n1\n2",
	    "c2Vs\nc2Vj\n9999999999\nINBOX\n4294967296\n1\n2",
	    "!!\nc2Vj\n9999999999\nINBOX\n7\n1\n2"};
	struct fixture *f = *state;
	struct str good = inside(f, clock_now_s() + PAGE_IMAGE_LIFE_S);

	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++)
		answers(f, address(f, "image", str_c(plains[i])), GONE);
	answers(f, address(f, "remote images", good), GONE);
	answers(f, address(f, "outbox", good), GONE);
	answers(f, "/image", GONE);
	answers(f, "/image?t=", GONE);
	answers(f, "/image?t=%00", GONE);
	answers(f, "/image?t=AAAA", GONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
