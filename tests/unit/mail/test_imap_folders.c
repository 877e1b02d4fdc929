/* Folders as servers list them, and as people see them. */
#include "mail_test.h"

#include "mail/imap_folders.h"

static void
listen(struct imap_folders *folders, const char *lines)
{
	struct imap_reader reader;
	struct imap_response response;

	imap_reader_init(&reader, NULL, NULL, NULL);
	imap_reader_begin(&reader);
	reader.bytes = str_c(lines);
	while (imap_read(&reader, &response, NULL) == ERR_OK)
		(void)imap_folders_untagged(folders, &reader, &response);
	imap_reader_end(&reader);
}

/* A server need not list the levels between: they are made here. */
static void
levels_that_were_not_listed(void **state)
{
	static const struct {
		const char *lines, *names;
	} table[] = {
	    {"", ""},
	    {"* LIST () \"/\" a/b/c/d/e/f/g/h\r\n",
	        "a,a/b,a/b/c,a/b/c/d,a/b/c/d/e,a/b/c/d/e/f,a/b/c/d/e/f/g,"
	        "a/b/c/d/e/f/g/h"},
	    {"* LIST () \"/\" a/b\r\n* LIST () \"/\" INBOX\r\n"
	     "* LIST () \"/\" a/c/x\r\n",
	        "INBOX,a,a/b,a/c,a/c/x"},
	    {"* LIST () NIL a/b\r\n", "a/b"},
	};
	const struct config *cfg = test_config("");

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct mail mail = {.arena = arena};
		struct imap_spaces spaces = {0};
		struct imap_folders folders = {.arena = arena,
		    .mail = &mail,
		    .site = &cfg->site,
		    .spaces = &spaces,
		    .command = SIZE_MAX};
		struct mail_folders result;
		struct str names = {0};

		listen(&folders, table[i].lines);
		assert_int_equal(
		    imap_folders_result(&folders, &result, NULL), ERR_OK);
		for (size_t at = 0; at < result.count; at++)
			names = str_printf(arena, "%.*s%s%.*s", STR_ARG(names),
			    at > 0 ? "," : "", STR_ARG(result.list[at].name.s));
		if (!str_eq(names, str_c(table[i].names)))
			fail_msg("%s: %.*s", table[i].lines, STR_ARG(names));
		arena_free(arena);
	}
	config_unref(cfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(levels_that_were_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
