/* What can be undone travels sealed, for this session alone. */
#include "page_test.h"

#include "page/page_act.h"

static void
test_undo(void **state)
{
	static const uint32_t uids[] = {7, UINT32_MAX, 1};
	struct fixture *f = *state;
	struct act_undo in = {.from = TEXT("Trash, \303\244"),
	    .to = TEXT("INBOX"),
	    .uid_validity = UINT32_MAX,
	    .set = mail_set_of(f->req->arena, uids, 3)};
	struct act_undo out;
	struct str token = act_seal_undo(f->req, &in);
	struct str moved;

	assert_non_null(token.ptr);
	assert_int_equal(act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	assert_true(str_eq(out.from.s, in.from.s));
	assert_true(str_eq(out.to.s, in.to.s));
	assert_int_equal(out.uid_validity, UINT32_MAX);
	assert_true(str_eq(
	    mail_set_text(f->req->arena, &out.set), STR("1,7,4294967295")));
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

/* A mark, and what is done in two goes is taken back at once. */
static void
test_mark(void **state)
{
	static const uint32_t first[] = {3, 4};
	static const uint32_t more[] = {5, 9};
	struct fixture *f = *state;
	struct act_undo in = {.from = TEXT("INBOX"),
	    .flag = MAIL_SEEN,
	    .on = true,
	    .uid_validity = 7,
	    .set = mail_set_of(f->req->arena, first, 2)};
	struct act_undo out;
	struct str token = act_undo_add(f->req, STR(""), &in);

	in.set = mail_set_of(f->req->arena, more, 2);
	token = act_undo_add(f->req, token, &in);
	assert_int_equal(act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	assert_true(text_is_empty(out.to));
	assert_int_equal(out.flag, MAIL_SEEN);
	assert_true(out.on);
	assert_true(
	    str_eq(mail_set_text(f->req->arena, &out.set), STR("3:5,9")));
	/* Not of the same thing: no Undo rather than a wrong one. */
	in.uid_validity = 8;
	assert_null(act_undo_add(f->req, token, &in).ptr);
}

/* 2,000 lone UIDs are more than an address may hold: the database has them. */
static void
test_long(void **state)
{
	static uint32_t uids[2000];
	struct fixture *f = *state;
	struct act_undo in = {.from = TEXT("a"), .to = TEXT("b")};
	struct act_undo out;
	struct str token;

	for (size_t i = 0; i < 2000; i++)
		uids[i] = UINT32_MAX - (uint32_t)i * 2;
	in.set = mail_set_of(f->req->arena, uids, 2000);
	token = act_seal_undo(f->req, &in);
	assert_true(token.len > 0 && token.len < 100);
	assert_int_equal(act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	assert_int_equal(out.set.total, 2000);
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_int_not_equal(
	    act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
	f->session.cookie_secret.ptr[0] ^= 1;
	f->session.account = STR("somebody@else");
	assert_int_not_equal(
	    act_unseal_undo(f->req, token, &out, &f->err), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_undo),
	    cmocka_unit_test(test_mark),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
