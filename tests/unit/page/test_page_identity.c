/* Who somebody writes as: choosing, tags, signatures, what a message gets. */
#include "page_test.h"

#include "page/page_identity.h"

static void
add(struct fixture *f, const char *id, const char *address, const char *bcc)
{
	struct store_identity row = {
	    .id = str_c(id),
	    .name = STR("Anna at Work"),
	    .address = str_c(address),
	    .reply_to = STR("desk@example.org"),
	    .organization = STR("Works"),
	    .signature = STR("Regards\nA."),
	    .bcc = str_c(bcc),
	    .created_s = 5,
	};

	assert_int_equal(
	    store_identity_put(f->store, f->session.account, &row, &f->err),
	    ERR_OK);
}

static void
assert_address(struct fixture *f, const char *chosen, const char *expected)
{
	struct page_identity one = {0};

	assert_int_equal(
	    page_identity_get(f->req, str_c(chosen), &one, &f->err), ERR_OK);
	if (!str_eq(one.address.s, str_c(expected)))
		fail_msg("%s: %.*s", chosen, STR_ARG(one.address.s));
}

static void
test_one_is_chosen(void **state)
{
	struct fixture *f = *state;

	assert_address(f, "", "anna@example.org");
	add(f, "work", "anna@work.example", "");
	assert_address(f, "", "anna@example.org");
	assert_address(f, "work", "anna@work.example");
	assert_address(f, "own", "anna@example.org");
	assert_address(f, "gone", "anna@example.org");
	assert_int_equal(
	    page_identity_default_set(f->req, STR("work"), &f->err), ERR_OK);
	assert_address(f, "", "anna@work.example");
	assert_address(f, "gone", "anna@work.example");
	assert_address(f, "own", "anna@example.org");
	/* The default is removed: the login's own is it again. */
	assert_int_equal(store_identity_delete(f->store, f->session.account,
	                     STR("work"), &f->err),
	    ERR_OK);
	assert_address(f, "", "anna@example.org");
}

static void
test_tags(void **state)
{
	struct fixture *f = *state;

	assert_address(f, "own+shop", "anna+shop@example.org");
	/* Not what could break a header or an address. */
	assert_address(f, "own+a b", "anna@example.org");
	assert_address(f, "own+a\r\nBcc: x", "anna@example.org");
	assert_address(f, "own+<x>", "anna@example.org");
	assert_address(f, "own+.x", "anna@example.org");
}

static void
assert_for(
    struct fixture *f, const char *raw, const char *to, const char *expected)
{
	struct mime_header header = {.raw = str_c(raw)};
	struct str chosen = STR("?");

	assert_int_equal(
	    mime_parse_addresses(str_c(to), f->arena, &header.to, &f->err),
	    ERR_OK);
	assert_int_equal(
	    page_identity_for(f->req, &header, &chosen, &f->err), ERR_OK);
	if (!str_eq(chosen, str_c(expected)))
		fail_msg("%s | %s: %.*s", raw, to, STR_ARG(chosen));
}

static void
test_whom_it_was_written_to(void **state)
{
	struct fixture *f = *state;

	add(f, "work", "anna@work.example", "");
	assert_for(f, "", "Anna <ANNA@Work.Example>", "work");
	assert_for(f, "", "list@x.example", "");
	assert_for(f, "", "x@y.example, anna+news@example.org", "own+news");
	/* The delivery knows better than To. */
	assert_for(f, "Delivered-To: anna@work.example\r\n\r\n",
	    "anna@example.org", "work");
	assert_for(f, "X-Original-To: anna+a@work.example\r\n\r\n",
	    "list@x.example", "work+a");
	assert_for(f, "Delivered-To: \r\n\r\n", "anna@example.org", "own");
}

static void
test_what_a_message_gets(void **state)
{
	struct fixture *f = *state;
	struct mime_draft draft = {0};

	add(f, "work", "anna@work.example", "archive@work.example, b@x.org");
	assert_int_equal(mime_parse_addresses(
	                     STR("B <b@x.org>"), f->arena, &draft.to, &f->err),
	    ERR_OK);
	assert_int_equal(
	    page_identity_dress(f->req, STR("work"), &draft, &f->err), ERR_OK);
	assert_true(str_eq(draft.from.address.s, STR("anna@work.example")));
	assert_true(str_eq(draft.from.name.s, STR("Anna at Work")));
	assert_true(str_eq(draft.organization.s, STR("Works")));
	assert_int_equal(draft.reply_to.count, 1);
	/* Who gets it already gets it once. */
	assert_int_equal(draft.bcc.count, 1);
	assert_true(
	    str_eq(draft.bcc.list[0].address.s, STR("archive@work.example")));
	/* Opened again, a draft must not show it as typed. */
	draft = (struct mime_draft){.is_draft = true};
	assert_int_equal(
	    page_identity_dress(f->req, STR("work"), &draft, &f->err), ERR_OK);
	assert_int_equal(draft.bcc.count, 0);
}

static void
assert_signed(struct fixture *f, const char *body, const char *before,
    const char *after, const char *expected)
{
	struct page_identity a = {.signature = text_known(str_c(before))};
	struct page_identity b = {.signature = text_known(str_c(after))};
	struct text now =
	    page_identity_sign(f->arena, text_known(str_c(body)), &a, &b);

	if (!str_eq(now.s, str_c(expected)))
		fail_msg("%s: %.*s", body, STR_ARG(now.s));
}

static void
test_the_signature_changes_with_the_sender(void **state)
{
	struct fixture *f = *state;

	assert_signed(
	    f, "Hi\n\n-- \nOld\n", "Old\n", "New\nme", "Hi\n\n-- \nNew\nme\n");
	assert_signed(f, "Hi\n\n-- \nOld\n\nOn Monday\n> x", "Old", "New",
	    "Hi\n\n-- \nNew\n\nOn Monday\n> x");
	assert_signed(f, "Hi\n\n-- \nOld", "Old", "", "Hi\n");
	assert_signed(f, "Hi\n", "", "New", "Hi\n\n-- \nNew");
	/* What somebody wrote by hand stays. */
	assert_signed(
	    f, "Hi\n\n-- \nOlder", "Olden", "New", "Hi\n\n-- \nOlder");
}

static void
test_each_account_its_own(void **state)
{
	struct fixture *f = *state;
	struct store_identity row = {
	    .id = STR("work"), .address = STR("x@y.z")};
	struct store_identity *list = NULL;
	size_t count = 9;

	add(f, "work", "anna@work.example", "");
	assert_int_equal(
	    store_identity_put(f->store, STR("mallory"), &row, &f->err),
	    ERR_FORBIDDEN);
	assert_int_equal(store_identity_delete(
	                     f->store, STR("mallory"), STR("work"), &f->err),
	    ERR_OK);
	assert_address(f, "work", "anna@work.example");
	assert_int_equal(store_identity_list(f->store, STR("mallory"), f->arena,
	                     &list, &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
}

static void
test_there_is_an_end_to_them(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < LIMIT_IDENTITIES; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "id%u", i);
		add(f, id, "a@b.example", "");
	}
	struct store_identity one = {.id = STR("more"), .address = STR("a@b")};
	assert_int_equal(
	    store_identity_put(f->store, f->session.account, &one, &f->err),
	    ERR_LIMIT);
	/* Those that are there can still be changed. */
	add(f, "id7", "c@d.example", "");
	assert_address(f, "id7", "c@d.example");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_one_is_chosen, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_tags, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_whom_it_was_written_to, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_what_a_message_gets, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_the_signature_changes_with_the_sender, fixture_up,
	        fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_each_account_its_own, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_there_is_an_end_to_them, fixture_up, fixture_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
