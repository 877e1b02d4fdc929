/* What can be undone travels sealed, for this session alone. */
#include "page_test.h"

#include "page/page_act.h"

/* One record, as a token. */
static struct str
sealed(struct fixture *f, const struct act_undo *undo)
{
	struct act_undos undos = {0};

	act_undo_add(f->req, &undos, undo);
	return act_undo_seal(f->req, &undos);
}

static void
test_undo(void **state)
{
	static const uint32_t uids[] = {7, UINT32_MAX, 1};
	struct fixture *f = *state;
	struct act_undo in = {.kind = ACT_UNDO_RESTORE,
	    .from = TEXT("Trash, \303\244"),
	    .to = TEXT("INBOX"),
	    .uid_validity = UINT32_MAX,
	    .set = mail_set_of(f->req->arena, uids, 3),
	    .to_validity = 9,
	    .originals = mail_set_of(f->req->arena, uids, 1)};
	struct act_undos all;
	const struct act_undo *out;
	struct str token = sealed(f, &in);
	struct str moved;

	assert_non_null(token.ptr);
	assert_int_equal(act_undo_open(f->req, token, &all, &f->err), ERR_OK);
	assert_int_equal(all.count, 1);
	out = &all.list[0];
	assert_int_equal(out->kind, ACT_UNDO_RESTORE);
	assert_true(str_eq(out->from.s, in.from.s));
	assert_true(str_eq(out->to.s, in.to.s));
	assert_int_equal(out->uid_validity, UINT32_MAX);
	assert_int_equal(out->to_validity, 9);
	assert_true(str_eq(
	    mail_set_text(f->req->arena, &out->set), STR("1,7,4294967295")));
	assert_true(
	    str_eq(mail_set_text(f->req->arena, &out->originals), STR("7")));
	assert_true(act_undo_is_fresh(f->req, token));
	/* Another session, a broken and an invented token. */
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_int_not_equal(
	    act_undo_open(f->req, token, &all, &f->err), ERR_OK);
	f->session.cookie_secret.ptr[0] ^= 1;
	moved = str_slice(token, 0, token.len - 4);
	assert_int_not_equal(
	    act_undo_open(f->req, moved, &all, &f->err), ERR_OK);
	assert_int_not_equal(
	    act_undo_open(f->req, STR("AAAA"), &all, &f->err), ERR_OK);
	assert_int_not_equal(
	    act_undo_open(f->req, STR(""), &all, &f->err), ERR_OK);
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
	struct act_undos all = {0};
	struct act_undos out;

	act_undo_add_token(f->req, &all, sealed(f, &in));
	in.set = mail_set_of(f->req->arena, more, 2);
	act_undo_add(f->req, &all, &in);
	assert_int_equal(
	    act_undo_open(f->req, act_undo_seal(f->req, &all), &out, &f->err),
	    ERR_OK);
	assert_int_equal(out.count, 1);
	assert_int_equal(out.list[0].kind, ACT_UNDO_MARK);
	assert_int_equal(out.list[0].flag, MAIL_SEEN);
	assert_true(out.list[0].on);
	assert_true(str_eq(
	    mail_set_text(f->req->arena, &out.list[0].set), STR("3:5,9")));
	/* Of the folder that was made anew: something else. */
	in.uid_validity = 8;
	act_undo_add(f->req, &all, &in);
	assert_int_equal(all.count, 2);
	/* Not all of it can be taken back: nothing is offered. */
	act_undo_add_token(f->req, &all, STR("AAAA"));
	assert_true(all.is_lost);
	assert_null(act_undo_seal(f->req, &all).ptr);
}

/* 2,000 lone UIDs are more than an address may hold: the database has them. */
static void
test_long(void **state)
{
	static uint32_t uids[2000];
	struct fixture *f = *state;
	struct act_undo in = {
	    .kind = ACT_UNDO_MOVE, .from = TEXT("a"), .to = TEXT("b")};
	struct act_undos out;
	struct str token;

	for (size_t i = 0; i < 2000; i++)
		uids[i] = UINT32_MAX - (uint32_t)i * 2;
	in.set = mail_set_of(f->req->arena, uids, 2000);
	token = sealed(f, &in);
	assert_true(token.len > 0 && token.len < 100);
	assert_int_equal(act_undo_open(f->req, token, &out, &f->err), ERR_OK);
	assert_int_equal(out.list[0].set.total, 2000);
	f->session.cookie_secret.ptr[0] ^= 1;
	assert_int_not_equal(
	    act_undo_open(f->req, token, &out, &f->err), ERR_OK);
	f->session.cookie_secret.ptr[0] ^= 1;
	f->session.account = STR("somebody@else");
	assert_int_not_equal(
	    act_undo_open(f->req, token, &out, &f->err), ERR_OK);
	f->session.account = STR("anna");
}

/* Years and years: one token for all of them. */
static void
test_many_folders(void **state)
{
	static const uint32_t uids[] = {1, 2, 3, 5};
	struct fixture *f = *state;
	struct act_undos all = {0};
	struct act_undos out;
	struct str token;

	for (unsigned i = 0; i < 500; i++) {
		struct act_undo in = {.kind = ACT_UNDO_MOVE,
		    .from = {str_printf(f->req->arena, "Archive/%u", i)},
		    .to = TEXT("INBOX"),
		    .uid_validity = 1000 + i,
		    .set = mail_set_of(f->req->arena, uids, 4)};

		act_undo_add(f->req, &all, &in);
	}
	token = act_undo_seal(f->req, &all);
	assert_true(token.len > 0 && token.len < 100);
	assert_int_equal(act_undo_open(f->req, token, &out, &f->err), ERR_OK);
	assert_int_equal(out.count, 500);
	assert_true(str_eq(out.list[499].from.s, STR("Archive/499")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_undo),
	    cmocka_unit_test(test_mark),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_many_folders),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
