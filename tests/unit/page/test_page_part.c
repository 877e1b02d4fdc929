/* File names of strangers in a header of ours. */
#include "page_test.h"

static void
test_disposition(void **state)
{
	static const struct {
		const char *name;
		bool is_inline;
		const char *expected;
	} rows[] = {
	    {"a.txt", false,
	        "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"},
	    {"a b.png", true,
	        "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"},
	    {"\"; x=\"", false,
	        "attachment; filename=\"_; x=_\"; "
	        "filename*=UTF-8''%22%3B%20x%3D%22"},
	    {"a\\b%41", false,
	        "attachment; filename=\"a_b_41\"; filename*=UTF-8''a%5Cb%2541"},
	    {"\303\244", false,
	        "attachment; filename=\"__\"; filename*=UTF-8''%C3%A4"},
	    {"a\r\nSet-Cookie: x", false,
	        "attachment; filename=\"a__Set-Cookie: x\"; "
	        "filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x"},
	    {"'%'", false,
	        "attachment; filename=\"'_'\"; filename*=UTF-8''%27%25%27"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str name = exact(rows[i].name, strlen(rows[i].name));

		assert_says(part_disposition(f->arena, rows[i].is_inline,
		                (struct text){name}),
		    rows[i].expected);
		exact_free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_disposition),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
