/* Paths that name a secret of systemd's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "os/credential.h"

static void
test_paths(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *path, *file; /* file NULL: refused */
	} rows[] = {
	    {"/run/c", "credential:word", "/run/c/word"},
	    {"/run/c", "/x/word", "/x/word"},
	    {"/run/c", "/x/credential:word", "/x/credential:word"},
	    {"/run/c", "", ""},
	    {"", "credential:word", CREDENTIAL_FOLDER "/word"},
	    {NULL, "credential:word", CREDENTIAL_FOLDER "/word"},
	    {"/run/c", "credential:", NULL},
	    {"/run/c", "credential:..", NULL},
	    {"/run/c", "credential:a/b", NULL},
	    {"/run/c", "credential:/etc/shadow", NULL},
	    {"/run/c", "credential:a-name-that-is-too-long-for-its-room", NULL},
	};
	char file[40];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].path);
		char *exact = malloc(len > 0 ? len : 1);
		struct err err = ERR_NONE;

		assert_non_null(exact);
		memcpy(exact, rows[i].path, len);
		if (rows[i].folder != NULL)
			setenv("CREDENTIALS_DIRECTORY", rows[i].folder, 1);
		else
			unsetenv("CREDENTIALS_DIRECTORY");
		assert_int_equal(credential_path(str_of(exact, len), file,
		                     sizeof(file), &err),
		    rows[i].file != NULL ? ERR_OK : ERR_CONFIG);
		if (rows[i].file != NULL)
			assert_string_equal(file, rows[i].file);
		free(exact);
	}
	unsetenv("CREDENTIALS_DIRECTORY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
