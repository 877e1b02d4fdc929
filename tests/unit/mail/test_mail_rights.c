/* Rights of folders: letters, names, who would lock themselves out; hostile
 * answers. */
#include "mail_test.h"

#include "mail/imap_acl.h"

#define ALL MAIL_RIGHTS_KNOWN

static void
letters(void **state)
{
	static const struct {
		const char *told, *given, *given_old;
	} table[] = {
	    {"", "", ""},
	    {"lr", "lr", "lr"},
	    {"rl", "lr", "lr"},
	    {"llrr", "lr", "lr"},
	    {"lrswipkxtea", "lrswipkxtea", "lrswipacd"},
	    /* Virtual ones beside the others, and alone (RFC 2086). */
	    {"lrswipkxteacd", "lrswipkxtea", "lrswipacd"},
	    {"lrswipcda", "lrswipkxtea", "lrswipacd"},
	    {"lc", "lk", "lc"},
	    {"ld", "lxte", "ld"},
	    {"ltd", "lt", "ld"},
	    {"l9n0", "ln09", "ln09"},
	    {"L R\t\x80\xff-", "", ""},
	};
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t rights = mail_rights_parse(str_c(table[i].told));
		struct str given = mail_rights_letters(arena, rights, false);
		struct str old = mail_rights_letters(arena, rights, true);

		if (!str_eq(given, str_c(table[i].given)) ||
		    !str_eq(old, str_c(table[i].given_old)))
			fail_msg("%s: %.*s %.*s", table[i].told, STR_ARG(given),
			    STR_ARG(old));
		assert_true(mail_rights_parse(given) == rights);
	}
	arena_free(arena);
}

static void
names(void **state)
{
	static const struct {
		const char *name, *login;
		bool is_self;
	} table[] = {
	    {"anna", "anna", true},
	    {"Anna", "anna", true},
	    {"owner", "anna", true},
	    {"anna", "anna@demo.test", true},
	    {"anna@demo.test", "anna", true},
	    {"anna@demo.test", "anna@demo.test", true},
	    {"anna@other.test", "anna@demo.test", false},
	    {"ann", "anna", false},
	    {"anna", "ann@demo.test", false},
	    {"anyone", "anna", false},
	};
	char long_name[MAIL_RIGHTS_NAME_BYTES + 2];
	static const char *const bad[] = {
	    "", "-ben", "b\nen", "b\ren", "b\x7f", "\xc2\x85", "b\tn"};
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (mail_rights_is_self(str_c(table[i].name),
		        str_c(table[i].login)) != table[i].is_self)
			fail_msg("%s %s", table[i].name, table[i].login);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		test_is(
		    mail_rights_check_name((struct text){str_c(bad[i])}, &err),
		    ERR_INPUT, &err);
	memset(long_name, 'x', sizeof(long_name));
	test_is(
	    mail_rights_check_name(
	        (struct text){str_of(long_name, sizeof(long_name) - 2)}, &err),
	    ERR_OK, &err);
	test_is(
	    mail_rights_check_name(
	        (struct text){str_of(long_name, sizeof(long_name) - 1)}, &err),
	    ERR_INPUT, &err);
	test_is(mail_rights_check_name(
	            (struct text){STR("Zo\xC3\xAB \"x\"")}, &err),
	    ERR_OK, &err);
}

static void
locking_out(void **state)
{
	struct mail_rights_row list[] = {
	    {.who = TEXT("anna"), .rights = ALL, .is_self = true},
	    {.who = TEXT("$team"), .rights = ALL},
	    {.who = TEXT("ben"),
	        .rights = MAIL_RIGHT_FLAGS,
	        .is_negative = true},
	};
	struct mail_rights all = {.is_known = true,
	    .mine = ALL,
	    .has_list = true,
	    .list = list,
	    .count = 3};
	/* The own rights come from the group alone. */
	struct mail_rights by_group = {.is_known = true,
	    .mine = ALL,
	    .has_list = true,
	    .list = list + 1,
	    .count = 2};
	struct mail_rights_row row = list[0];

	(void)state;
	assert_false(mail_rights_locks_out(&all, &row));
	row.rights &= ~MAIL_RIGHT_POST;
	assert_false(mail_rights_locks_out(&all, &row));
	row.rights &= ~MAIL_RIGHT_ADMIN;
	assert_true(mail_rights_locks_out(&all, &row));
	row.rights = 0;
	assert_true(mail_rights_locks_out(&all, &row));
	row = (struct mail_rights_row){.who = TEXT("$team")};
	assert_false(mail_rights_locks_out(&all, &row));
	assert_true(mail_rights_locks_out(&by_group, &row));
	row = list[2];
	assert_false(mail_rights_locks_out(&all, &row));
	row.rights |= MAIL_RIGHT_READ;
	assert_true(mail_rights_locks_out(&all, &row));
	assert_ptr_equal(
	    mail_rights_find(&all, (struct text){STR("ben")}, true), &list[2]);
	assert_null(mail_rights_find(&all, (struct text){STR("ben")}, false));
}

/* ---- what servers tell ---- */
static void
tell(struct imap_acl *acl, const char *lines, size_t len)
{
	struct imap_reader reader;
	struct imap_response response;
	struct err err = ERR_NONE;
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, lines, len);
	imap_reader_init(&reader, NULL, NULL, NULL);
	reader.bytes = str_of(copy, len);
	while (reader.bytes.len > 0 &&
	       imap_read(&reader, &response, &err) == ERR_OK)
		imap_acl_untagged(acl, &reader, &response);
	imap_reader_end(&reader);
	free(copy);
}

static void
told(void **state)
{
	static const char lines[] =
	    "* MYRIGHTS Team lrswipkxteacd\r\n"
	    "* MYRIGHTS Other l\r\n"
	    "* ACL Other mallory lrswipkxtea\r\n"
	    "* ACL Team anna lrswipkxtea -ben w {3}\r\nzoe lr \"#x\" l "
	    "\"a\tb\" l\r\n"
	    "* ACL Team mallory lrswipkxtea\r\n"
	    "* LISTRIGHTS Team anna \"\" l r te x\r\n";
	struct arena *arena = arena_new(1 << 20);
	struct mail_rights out = {0};
	struct imap_acl acl = {.arena = arena,
	    .folder = STR("Team"),
	    .login = STR("anna"),
	    .out = &out};

	(void)state;
	tell(&acl, lines, sizeof(lines) - 1);
	assert_true(out.is_known && out.has_list && !out.is_cut);
	assert_true(out.mine == ALL);
	assert_int_equal(out.count, 5);
	assert_true(out.list[0].is_self && !out.list[0].is_fixed);
	assert_true(out.list[1].is_negative);
	assert_true(str_eq(out.list[1].who.s, STR("ben")));
	assert_true(str_eq(out.list[2].who.s, STR("zoe")));
	assert_true(out.list[3].is_fixed); /* of the administrator */
	assert_true(out.list[4].is_fixed); /* cannot be said as it is shown */
	assert_true(out.offered ==
	            (MAIL_RIGHT_SEE | MAIL_RIGHT_READ | MAIL_RIGHT_DELETE |
	                MAIL_RIGHT_EXPUNGE | MAIL_RIGHT_REMOVE));
	arena_free(arena);
}

static void
floods_are_cut(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mail_rights out = {0};
	struct imap_acl acl = {.arena = arena,
	    .folder = STR("INBOX"),
	    .login = STR("anna"),
	    .out = &out};
	struct buf lines;

	(void)state;
	buf_init(&lines, (size_t)8 << 20);
	for (int round = 0; round < 50; round++) {
		buf_add_c(&lines, "* ACL inbox");
		for (int i = 0; i < 3000; i++)
			buf_addf(&lines, " u%d lr", i);
		buf_add_c(&lines, "\r\n");
	}
	buf_add_c(&lines, "* ACL INBOX (((( x\r\n* MYRIGHTS\r\n* ACL\r\n");
	tell(&acl, lines.ptr, lines.len);
	assert_true(out.is_cut);
	assert_true(out.count > 0 && out.count <= MAIL_RIGHTS_MOST);
	assert_false(out.is_known);
	assert_false(arena_failed(arena));
	buf_free(&lines);
	arena_free(arena);
}

static void
nonsense_is_survived(void **state)
{
	static const char *const table[] = {"* ACL\r\n", "* ACL (a b) c d\r\n",
	    "* ACL Team\r\n", "* ACL Team a\r\n", "* ACL Team (a) (b)\r\n",
	    "* ACL Team a (l)\r\n", "* ACL Team \"\" l\r\n",
	    "* ACL Team - l\r\n", "* MYRIGHTS\r\n", "* MYRIGHTS Team\r\n",
	    "* LISTRIGHTS\r\n", "* LISTRIGHTS Team\r\n",
	    "* ACL NIL NIL NIL\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct mail_rights out = {0};
		struct imap_acl acl = {.arena = arena,
		    .folder = STR("Team"),
		    .login = STR("anna"),
		    .out = &out};

		tell(&acl, table[i], strlen(table[i]));
		assert_false(out.is_known);
		for (size_t k = 0; k < out.count; k++)
			assert_true(out.list[k].is_fixed);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(letters),
	    cmocka_unit_test(names),
	    cmocka_unit_test(locking_out),
	    cmocka_unit_test(told),
	    cmocka_unit_test(floods_are_cut),
	    cmocka_unit_test(nonsense_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
