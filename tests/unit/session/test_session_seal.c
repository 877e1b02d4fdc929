/* Sealing for other rooms, and paths of ours. */
#include "browser.h"

static void
test_seal(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct str sealed;
	struct str plain;

	log_in(f, true, false, false);
	visit_attach(f, &v, true);
	for (int with = 0; with < 2; with++) {
		assert_int_equal(
		    session_seal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 7"), STR("hello"), &sealed, &f->err),
		    ERR_OK);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_OK);
		assert_bytes(plain, "hello");
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with == 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 8"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "other", with != 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		for (size_t i = 0; i < sealed.len; i++) {
			char *bad = arena_alloc(f->arena, sealed.len);
			memcpy(bad, sealed.ptr, sealed.len);
			bad[i] ^= 1;
			assert_int_equal(
			    session_unseal(f->sessions, &v.req, "image",
			        with != 0, STR("uid 7"),
			        str_of(bad, sealed.len), &plain, &f->err),
			    ERR_FORBIDDEN);
		}
		assert_int_equal(session_unseal(f->sessions, &v.req, "image",
		                     with != 0, STR("uid 7"),
		                     str_slice(sealed, 0, 28), &plain, &f->err),
		    ERR_FORBIDDEN);
	}
	session_end_request(&v.req);
}

static void
test_own_path(void **state)
{
	(void)state;
	const struct {
		const char *path, *expected;
	} rows[] = {{"/list?folder=a%20b", "/list?folder=a%20b"}, {"/", "/"},
	    {"", "/"}, {"list", "/"}, {"//evil.example", "/"},
	    {"/\\evil.example", "/"}, {"https://evil.example", "/"},
	    {"/\t/evil.example", "/"}, {"/a\r\nX: y", "/"}, {"/a\\b", "/"},
	    {"/a b", "/"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].path);
		char *exact = malloc(len > 0 ? len : 1);
		memcpy(exact, rows[i].path, len);
		assert_bytes(
		    session_own_path(str_of(exact, len)), rows[i].expected);
		free(exact);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_seal),
	    T(test_own_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
