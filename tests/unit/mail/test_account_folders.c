/* Very many folders: what is kept of them, namespaces, names of folders. */
#include "mail_test.h"

#include "base/limits.h"
#include "mail/imap_space.h"
#include "mail/mail_folder.h"

#define MANY 300u

static struct imap_folder *
folders_make(struct arena *arena, size_t count)
{
	struct imap_folder *list =
	    ARENA_ARRAY(arena, count, struct imap_folder);

	for (size_t i = 0; i < count; i++)
		list[i] = (struct imap_folder){
		    .wire = str_printf(arena, "&AMQ-%03zu", count - i),
		    .delimiter = '/',
		    .is_selectable = true,
		    .is_news = true,
		    .is_counted = true,
		    .unseen = (uint32_t)(count - i)};
	return list;
}

static struct account_tree
tree_of(struct arena *arena, size_t count, const struct imap_spaces *spaces)
{
	static const struct imap_folder_rules rules = {0};
	struct account_tree tree = {.list = folders_make(arena, count),
	    .count = count,
	    .stamp = imap_folder_rules_stamp(&rules),
	    .spaces = spaces};

	imap_folder_order(tree.list, count, &rules, arena);
	return tree;
}

static void
many_are_kept_in_order(void **state)
{
	struct arena *arena = arena_new(4 << 20);
	struct arena *other = arena_new(4 << 20);
	struct account_folders folders;
	struct imap_spaces spaces = {.is_known = true};
	struct imap_spaces told = {0};
	struct account_tree tree = tree_of(arena, MANY, &spaces);
	struct account_tree found;

	(void)state;
	account_folders_init(&folders);
	assert_false(
	    account_folders_find(&folders, false, arena, &told, &found));
	tree.generation = found.generation;
	account_folders_put(&folders, &tree);
	arena_free(arena);
	/* The copies stand on their own. */
	assert_true(
	    account_folders_find(&folders, false, other, &told, &found));
	assert_true(told.is_known);
	assert_int_equal(found.count, MANY);
	assert_true(found.stamp == tree.stamp);
	assert_true(str_eq(found.list[0].wire, STR("&AMQ-001")));
	assert_true(str_eq(found.list[0].name.s, STR("\xC3\x84"
	                                             "001")));
	assert_true(str_eq(found.list[MANY - 1].label.s, STR("\xC3\x84"
	                                                     "300")));
	assert_int_equal(found.list[0].unseen, 1);
	assert_false(found.list[0].is_news);
	/* Subscriptions were not asked for. */
	assert_false(
	    account_folders_find(&folders, true, other, &told, &found));
	/* New counts are taken over, of the right ones. */
	assert_true(
	    account_folders_find(&folders, false, other, &told, &found));
	found.list[7].unseen = 99;
	found.list[7].is_news = true;
	found.list[8].unseen = 77;
	account_folders_counted(&folders, &found);
	assert_true(
	    account_folders_find(&folders, false, other, &told, &found));
	assert_int_equal(found.list[7].unseen, 99);
	assert_int_equal(found.list[8].unseen, 9);
	account_folders_forget(&folders);
	assert_false(
	    account_folders_find(&folders, false, other, &told, &found));
	account_folders_end(&folders);
	arena_free(other);
}

static void
what_is_not_kept(void **state)
{
	struct arena *arena = arena_new(4 << 20);
	struct account_folders folders;
	struct imap_spaces spaces = {0};
	struct account_tree few = tree_of(arena, MAIL_MANY, &spaces);
	struct account_tree many = tree_of(arena, MANY, &spaces);
	struct account_tree found;

	(void)state;
	account_folders_init(&folders);
	account_folders_put(&folders, &few);
	assert_false(
	    account_folders_find(&folders, false, arena, &spaces, &found));
	/* Changed while it was listed. */
	many.generation = found.generation;
	account_folders_forget(&folders);
	account_folders_put(&folders, &many);
	assert_false(
	    account_folders_find(&folders, false, arena, &spaces, &found));
	account_folders_end(&folders);
	arena_free(arena);
}

/* A page is tried once more for the counts of folders, and only once. */
static void
counts_that_are_slow(void **state)
{
	struct account_folders folders;

	(void)state;
	account_folders_init(&folders);
	assert_false(account_folders_try_slowly(&folders, false));
	assert_false(account_folders_are_slow(&folders));
	account_folders_note_many(&folders);
	assert_true(account_folders_try_slowly(&folders, false));
	assert_true(account_folders_are_slow(&folders));
	assert_false(account_folders_try_slowly(&folders, false));
	account_folders_note_slow(&folders, false);
	assert_false(account_folders_are_slow(&folders));
	assert_true(account_folders_try_slowly(&folders, false));
	account_folders_end(&folders);

	/* Few, but they stood in the batch that did not come to an end. */
	account_folders_init(&folders);
	assert_true(account_folders_try_slowly(&folders, true));
	assert_true(account_folders_are_slow(&folders));
	assert_false(account_folders_try_slowly(&folders, true));
	account_folders_end(&folders);
}

static void
rules_have_a_stamp(void **state)
{
	struct mail_uses uses = {.is_known = true};
	struct config_site site = {0};
	struct imap_folder_rules rules = {NULL, NULL};
	uint64_t none = imap_folder_rules_stamp(&rules);
	uint64_t sent;

	(void)state;
	rules.uses = &uses;
	rules.site = &site;
	assert_true(imap_folder_rules_stamp(&rules) == none);
	uses.names[MAIL_SENT] = TEXT("x");
	sent = imap_folder_rules_stamp(&rules);
	assert_false(sent == none);
	uses.names[MAIL_SENT] = (struct text){{0}};
	uses.names[MAIL_TRASH] = TEXT("x");
	assert_false(imap_folder_rules_stamp(&rules) == sent);
	uses.names[MAIL_TRASH] = (struct text){{0}};
	site.sent_folder = STR("x");
	assert_false(imap_folder_rules_stamp(&rules) == none);
}

static void
an_order_can_be_made_anew(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mail_uses uses = {.is_known = true};
	struct imap_folder_rules rules = {NULL, &uses};
	struct imap_folder list[] = {
	    {.wire = STR("a/Sent"), .delimiter = '/', .is_selectable = true},
	    {.wire = STR("b"), .delimiter = '/', .is_selectable = true},
	};

	(void)state;
	imap_folder_order(list, 2, &rules, arena);
	assert_int_equal(list[0].special, MAIL_SENT);
	assert_int_equal(list[0].depth, 1);
	uses.names[MAIL_SENT] = TEXT("b");
	imap_folder_unorder(list, 2);
	imap_folder_order(list, 2, &rules, arena);
	for (size_t i = 0; i < 2; i++) {
		bool is_b = str_eq(list[i].wire, STR("b"));

		assert_int_equal(
		    list[i].special, is_b ? MAIL_SENT : MAIL_ORDINARY);
		assert_int_equal(list[i].depth, is_b ? 0 : 1);
	}
	arena_free(arena);
}

/* ---- namespaces ---- */
static struct imap_spaces
spaces_told(const char *words)
{
	struct imap_token tokens[128];
	struct imap_spaces spaces = {0};
	size_t len = strlen(words);
	char *copy = malloc(len == 0 ? 1 : len);
	struct imap_tokens parsed;

	assert_non_null(copy);
	memcpy(copy, words, len);
	parsed = imap_tokens_parse(copy, len, tokens, 128);
	imap_space_parse(&parsed, &spaces);
	free(copy);
	return spaces;
}

static void
namespaces(void **state)
{
	struct imap_spaces spaces = spaces_told(
	    "((\"INBOX.\" \".\")) "
	    "((\"user.\" \".\")) ((\"Shared/\" \"/\")(\"#news.\" NIL))");
	static const struct {
		const char *wire;
		int kind; /* -1: of none */
	} table[] = {
	    {"INBOX.Sent", MAIL_SPACE_OWN},
	    {"INBOX", MAIL_SPACE_OWN},
	    {"user.anna.Team", MAIL_SPACE_OTHERS},
	    {"user", MAIL_SPACE_OTHERS},
	    {"Shared/x", MAIL_SPACE_SHARED},
	    {"#news.c", MAIL_SPACE_SHARED},
	    {"users", -1},
	    {"", -1},
	};

	(void)state;
	assert_true(spaces.is_known);
	assert_int_equal(spaces.count, 4);
	assert_ptr_equal(imap_space_own(&spaces), &spaces.list[0]);
	assert_int_equal(spaces.list[3].delimiter, '\0');
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct imap_space *at =
		    imap_space_find(&spaces, str_c(table[i].wire));

		if ((at == NULL) != (table[i].kind < 0) ||
		    (at != NULL && (int)at->kind != table[i].kind))
			fail_msg("%s", table[i].wire);
	}
}

static void
namespaces_that_are_none(void **state)
{
	static const char *const table[] = {"", "NIL", "NIL NIL NIL",
	    "() () ()", "(()) (()) (())", "((\"a\"))", "(a b) c",
	    "((\"a\r\nb\" \"/\"))"};
	char many[4096] = "(";
	struct imap_spaces spaces;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		spaces = spaces_told(table[i]);
		assert_true(spaces.is_known);
		assert_int_equal(spaces.count, 0);
		assert_null(imap_space_own(&spaces));
	}
	for (size_t i = 0; i < 30; i++)
		(void)snprintf(many + strlen(many), sizeof(many) - strlen(many),
		    "(\"n%zu/\" \"/\")", i);
	(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), ")");
	spaces = spaces_told(many);
	assert_int_equal(spaces.count, IMAP_SPACES);
}

/* ---- names ---- */
static void
folder_names(void **state)
{
	struct mail_tree tree = {.delimiter = '.', .prefix = TEXT("INBOX.")};
	struct mail_folder parent = {.name = TEXT("INBOX.B\xC3\xBCro"),
	    .delimiter = '.',
	    .takes_folders = true};
	struct mail_folder leaf = {.name = TEXT("Leaf"), .delimiter = '.'};
	char long_name[LIMIT_FOLDER_BYTES + 1];
	static const char *const bad[] = {"", "a.b", "a\tb", "a\nb", "\x7f",
	    "\xC2\x85", "\xE2\x80\xA8", "\xff"};
	struct arena *arena = arena_new(1 << 20);
	struct err err = ERR_NONE;
	struct text out;

	(void)state;
	test_is(mail_folder_name(
	            &tree, NULL, STR("\xE9\x82\xAE"), arena, &out, &err),
	    ERR_OK, &err);
	assert_true(str_eq(out.s, STR("INBOX.\xE9\x82\xAE")));
	test_is(mail_folder_name(
	            &tree, &parent, STR("R&D / \"x\""), arena, &out, &err),
	    ERR_OK, &err);
	assert_true(str_eq(out.s, STR("INBOX.B\xC3\xBCro.R&D / \"x\"")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		test_is(mail_folder_name(
		            &tree, &parent, str_c(bad[i]), arena, &out, &err),
		    ERR_INPUT, &err);
	test_is(mail_folder_name(&tree, &leaf, STR("x"), arena, &out, &err),
	    ERR_INPUT, &err);
	memset(long_name, 'x', sizeof(long_name));
	test_is(mail_folder_name(&tree, NULL,
	            str_of(long_name, sizeof(long_name)), arena, &out, &err),
	    ERR_INPUT, &err);
	parent.name = TEXT("INBOX.Old");
	leaf.name = TEXT("INBOX.a.b c");
	test_is(mail_folder_moved(&tree, &parent, &leaf, 2, arena, &out, &err),
	    ERR_OK, &err);
	assert_true(str_eq(out.s, STR("INBOX.Old.b c (2)")));
	test_is(mail_folder_moved(&tree, NULL, &leaf, 1, arena, &out, &err),
	    ERR_OK, &err);
	assert_true(str_eq(out.s, STR("INBOX.b c")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_are_kept_in_order),
	    cmocka_unit_test(what_is_not_kept),
	    cmocka_unit_test(counts_that_are_slow),
	    cmocka_unit_test(rules_have_a_stamp),
	    cmocka_unit_test(an_order_can_be_made_anew),
	    cmocka_unit_test(namespaces),
	    cmocka_unit_test(namespaces_that_are_none),
	    cmocka_unit_test(folder_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
