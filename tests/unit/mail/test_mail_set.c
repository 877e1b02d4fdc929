/* Sets of messages as ranges. */
#include "mail_test.h"

#include "mail/mail_bulk.h"

static void
check_text(const char *in, const char *out, uint32_t total)
{
	struct arena *arena = arena_new(1 << 20);
	struct mail_set set;

	assert_int_equal(mail_set_parse(arena, str_c(in), &set, NULL), ERR_OK);
	assert_true(str_eq(mail_set_text(arena, &set), str_c(out)));
	assert_int_equal(set.total, total);
	arena_free(arena);
}

static void
test_parse(void **state)
{
	static const char *const bad[] = {"", "0", "1,", "a", "1:*", "1:0",
	    "1 2", "4294967296", ",1", "1,,2", "1:2:3"};

	(void)state;
	check_text("7", "7", 1);
	check_text("9,1:3,2:5,4294967295,6", "1:6,9,4294967295", 8);
	check_text("5:3", "3:5", 3);
	check_text("1:4294967295,7", "1:4294967295", UINT32_MAX);
	check_text("3,3,3", "3", 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct mail_set set;

		assert_int_equal(
		    mail_set_parse(arena, str_c(bad[i]), &set, NULL),
		    ERR_INPUT);
		arena_free(arena);
	}
}

/* Piece by piece nothing is lost and nothing comes twice. */
static void
test_pieces(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mail_set set;
	struct mail_set piece;
	uint64_t from = 0;
	uint32_t total = 0;
	size_t pieces = 0;

	(void)state;
	assert_int_equal(
	    mail_set_parse(arena, STR("1:10,20,22,24:40,4294967290:4294967295"),
	        &set, NULL),
	    ERR_OK);
	for (;;) {
		piece = mail_set_from(arena, &set, from, 7, 3);
		if (piece.total == 0)
			break;
		assert_true(piece.total <= 7 && piece.count <= 3);
		assert_true(piece.ranges[0].first >= from);
		total += piece.total;
		from = (uint64_t)piece.ranges[piece.count - 1].last + 1;
		pieces++;
	}
	assert_int_equal(total, set.total);
	assert_int_equal(pieces, 6);
	piece = mail_set_from(arena, &set, 22, UINT32_MAX, SIZE_MAX);
	assert_int_equal(piece.total, 24);
	arena_free(arena);
}

static void
test_common(void **state)
{
	static const uint32_t some[] = {0, 3, 30, 2, 5};
	struct arena *arena = arena_new(1 << 20);
	struct mail_set one;
	struct mail_set other = mail_set_of(arena, some, 5);
	struct mail_set both;

	(void)state;
	assert_int_equal(other.total, 4);
	assert_int_equal(
	    mail_set_parse(arena, STR("1:4,29:31,50"), &one, NULL), ERR_OK);
	both = mail_set_common(arena, &one, &other);
	assert_true(str_eq(mail_set_text(arena, &both), STR("2:3,30")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_common),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
