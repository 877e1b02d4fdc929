/* The editor of ini files: what changes, and that nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../ssl-util/ini_edit.h"

#define ARENA_BYTES ((size_t)1 << 20)

/* The text in a block of its exact size, without NUL. */
static struct str
exact(const char *text)
{
	size_t len = strlen(text);
	char *bytes = malloc(len > 0 ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	return str_of(bytes, len);
}

static const struct {
	const char *name, *section, *key, *value, *before, *after;
} ROWS[] = {
    {"a line is replaced in place", "SSL", "ForceSSL", "1",
        "[SSL]\nEnableSSL=1\nForceSSL=0\n[Mail]\n",
        "[SSL]\nEnableSSL=1\nForceSSL=1\n[Mail]\n"},
    {"spelling, blanks and comment stay", "SSL", "MinProtocol", "TLSv1.3",
        "[ssl]\n  minprotocol = TLSv1.2   ; for old ones\n",
        "[ssl]\n  minprotocol = TLSv1.3   ; for old ones\n"},
    {"a commented line is followed", "SSL", "TrustStore", "/a b/t.pem",
        "[SSL]\n; PEM file\n;TrustStore=\n\n;ClientCRL=\n",
        "[SSL]\n; PEM file\n;TrustStore=\nTrustStore=/a b/t.pem\n\n"
        ";ClientCRL=\n"},
    {"the key of another section is another key", "Host a.example",
        "TrustStore", "t",
        "[SSL]\nTrustStore=x\n[Host A.example]\nTitle=A\n\n; next\n[Mail]\n",
        "[SSL]\nTrustStore=x\n[Host A.example]\nTitle=A\nTrustStore=t\n\n"
        "; next\n[Mail]\n"},
    {"a comment before the next section stays there", "SSL", "FIPS", "1",
        "[SSL]\nEnableSSL=1\n\n; Mail servers\n[Mail]\n",
        "[SSL]\nEnableSSL=1\nFIPS=1\n\n; Mail servers\n[Mail]\n"},
    {"an empty section", "SSL", "FIPS", "1", "[SSL]\n[Mail]\n",
        "[SSL]\nFIPS=1\n[Mail]\n"},
    {"a missing section is appended", "SSL", "FIPS", "1",
        "[Mail]\nImapHost=a\n", "[Mail]\nImapHost=a\n\n[SSL]\nFIPS=1\n"},
    {"a last line without its end", "SSL", "FIPS", "1", "[SSL]\nEnableSSL=1",
        "[SSL]\nEnableSSL=1\nFIPS=1\n"},
    {"a last section without its end", "SSL", "FIPS", "1", "[Mail]",
        "[Mail]\n\n[SSL]\nFIPS=1\n"},
    {"an empty file", "SSL", "FIPS", "1", "", "[SSL]\nFIPS=1\n"},
    {"CRLF", "SSL", "FIPS", "1", "[SSL]\r\nEnableSSL=1\r\n;FIPS=0\r\n",
        "[SSL]\r\nEnableSSL=1\r\n;FIPS=0\r\nFIPS=1\r\n"},
    {"CRLF is kept in a changed line", "SSL", "FIPS", "1",
        "[SSL]\r\nFIPS=0\r\nCurves=X\r\n", "[SSL]\r\nFIPS=1\r\nCurves=X\r\n"},
    {"CR", "SSL", "FIPS", "1", "[SSL]\rEnableSSL=1\r",
        "[SSL]\rEnableSSL=1\rFIPS=1\r"},
    {"a byte order mark", "SSL", "FIPS", "1", "\xef\xbb\xbf[SSL]\nFIPS=0\n",
        "\xef\xbb\xbf[SSL]\nFIPS=1\n"},
    {"a colon is a sign too", "SSL", "FIPS", "1", "[SSL]\nFIPS: 0\n",
        "[SSL]\nFIPS: 1\n"},
    {"no value before a comment", "SSL", "FIPS", "1", "[SSL]\nFIPS= ;none\n",
        "[SSL]\nFIPS= 1 ;none\n"},
    {"a semicolon without a blank is a value", "SSL", "FIPS", "1",
        "[SSL]\nFIPS=;none\n", "[SSL]\nFIPS=1\n"},
    {"no value at all", "SSL", "FIPS", "1", "[SSL]\nFIPS=", "[SSL]\nFIPS=1"},
    {"a value becomes empty", "SSL", "TrustStore", "",
        "[SSL]\nTrustStore=a ; b\n", "[SSL]\nTrustStore= ; b\n"},
    {"switches count in any section", "SSL", "EnableSSL", "1",
        "[Server]\nEnableSSL=0\n[SSL]\n;EnableSSL=0\n",
        "[Server]\nEnableSSL=1\n[SSL]\n;EnableSSL=0\n"},
    {"switches count before any section", "SSL", "ForceSSL", "1",
        "ForceSSL=0\n[Server]\n", "ForceSSL=1\n[Server]\n"},
    {"the second part of a section counts too", "SSL", "FIPS", "1",
        "[SSL]\nEnableSSL=1\n[Mail]\n[SSL]\nFIPS=0\n",
        "[SSL]\nEnableSSL=1\n[Mail]\n[SSL]\nFIPS=1\n"},
    {"prose is no commented key", "SSL", "FIPS", "1",
        "[SSL]\n; FIPS is said so: FIPS=1\nEnableSSL=1\n",
        "[SSL]\n; FIPS is said so: FIPS=1\nEnableSSL=1\nFIPS=1\n"},
    {"the same again changes nothing", "SSL", "FIPS", "1",
        "[SSL]\nFIPS = 1 ; yes\n", "[SSL]\nFIPS = 1 ; yes\n"},
    {"a semicolon inside a value is no comment", "SSL", "CipherList", "x",
        "[SSL]\nCipherList=a;b ; c\n", "[SSL]\nCipherList=x ; c\n"},
    {"# after a value is none either", "SSL", "Certificate", "x",
        "[SSL]\nCertificate=a # b\n", "[SSL]\nCertificate=x\n"},
};

static void
test_edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct arena *arena = arena_new(ARENA_BYTES);
		struct str before = exact(ROWS[i].before);
		struct str after;
		struct err err = ERR_NONE;
		const struct ini_edit edit = {str_c(ROWS[i].section),
		    str_c(ROWS[i].key), str_c(ROWS[i].value)};

		assert_int_equal(
		    ini_edit_set(before, &edit, arena, &after, &err), ERR_OK);
		if (!str_eq(after, str_c(ROWS[i].after)))
			fail_msg("%s:\n%.*s", ROWS[i].name, STR_ARG(after));
		free((void *)(uintptr_t)before.ptr);
		arena_free(arena);
	}
}

static void
test_twice_is_once(void **state)
{
	(void)state;
	struct arena *arena = arena_new(ARENA_BYTES);

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct str once;
		struct str twice;
		struct err err = ERR_NONE;
		const struct ini_edit edit = {str_c(ROWS[i].section),
		    str_c(ROWS[i].key), str_c(ROWS[i].value)};

		assert_int_equal(ini_edit_set(str_c(ROWS[i].before), &edit,
		                     arena, &once, &err),
		    ERR_OK);
		assert_int_equal(
		    ini_edit_set(once, &edit, arena, &twice, &err), ERR_OK);
		assert_true(str_eq(once, twice));
	}
	arena_free(arena);
}

static void
test_refused(void **state)
{
	(void)state;
	static const char *const values[] = {
	    "a\nb", "a\rb", " a", "a ", "a ;b", "a\t;b", ";a"};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct str out;
	struct err err = ERR_NONE;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const struct ini_edit edit = {
		    STR("SSL"), STR("Certificate"), str_c(values[i])};

		assert_int_equal(
		    ini_edit_set(STR("[SSL]\n"), &edit, arena, &out, &err),
		    ERR_INPUT);
		assert_non_null(strstr(err.message, "Certificate"));
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_edited),
	    cmocka_unit_test(test_twice_is_once),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
