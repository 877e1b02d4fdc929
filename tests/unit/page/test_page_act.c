/* What can be undone travels sealed, for this session alone. */
#include "page_test.h"

static void
test_undo(void **state)
{
	static const uint32_t uids[] = {1, 7, UINT32_MAX};
	struct fixture *f = *state;
	struct act_undo in = {.from = TEXT("Trash, \303\244"),
	    .to = TEXT("INBOX"),
	    .uid_validity = UINT32_MAX,
	    .uids = {uids, 3}};
	struct act_undo out;
	struct str token = act_seal_undo(f->req, &in);
	struct str moved;

	assert_non_null(token.ptr);
	assert_int_equal(act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	assert_true(str_eq(out.from.s, in.from.s));
	assert_true(str_eq(out.to.s, in.to.s));
	assert_int_equal(out.uid_validity, UINT32_MAX);
	assert_int_equal(out.uids.count, 3);
	assert_memory_equal(out.uids.list, uids, sizeof(uids));
	/* Another session, a broken and an invented token. */
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_int_not_equal(
	    act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	f->session.cookie_secret.ptr[0] ^= 1;
	moved = str_slice(token, 0, token.len - 4);
	assert_int_not_equal(
	    act_unseal_undo(f->req, moved, &out, &f->err), ERR_OK);
	assert_int_not_equal(
	    act_unseal_undo(f->req, STR("AAAA"), &out, &f->err), ERR_OK);
	assert_int_not_equal(
	    act_unseal_undo(f->req, STR(""), &out, &f->err), ERR_OK);
}

/* 500 long UIDs are more than an address may hold: no undo, no failure. */
static void
test_too_much(void **state)
{
	static uint32_t uids[LIMIT_LIST_ROWS];
	struct fixture *f = *state;
	struct act_undo in = {
	    .from = TEXT("a"), .to = TEXT("b"), .uids = {uids, 300}};

	for (size_t i = 0; i < LIMIT_LIST_ROWS; i++)
		uids[i] = UINT32_MAX - (uint32_t)i;
	assert_non_null(act_seal_undo(f->req, &in).ptr);
	in.uids.count = LIMIT_LIST_ROWS;
	assert_null(act_seal_undo(f->req, &in).ptr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_undo),
	    cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
