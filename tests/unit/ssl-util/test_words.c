/*
 * Words from outside that become something else: names in other alphabets,
 * addresses of servers, fingerprints, command lines, kinds of keys, paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/pem.h>

#include "../../../ssl-util/dial.h"
#include "../../../ssl-util/idn.h"
#include "../../../ssl-util/key.h"
#include "../../../ssl-util/path.h"
#include "../../../ssl-util/server_find.h"
#include "../../../ssl-util/trust_cert.h"

/* The text in a block of its exact size, without NUL; the test frees it. */
static struct str
exact(const char *text, size_t len)
{
	char *bytes = malloc(len > 0 ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	return str_of(bytes, len);
}

static void
drop(struct str text)
{
	free((void *)(uintptr_t)text.ptr);
}

static void
test_idn(void **state)
{
	(void)state;
	static const struct {
		const char *name, *ascii; /* NULL: refused */
	} rows[] = {
	    {"mail.example.org", "mail.example.org"},
	    {"Mail.Example.org", "Mail.Example.org"},
	    {"bücher.example", "xn--bcher-kva.example"},
	    {"BÜCHER.example", "xn--bcher-kva.example"},
	    {"*.bücher.example", "*.xn--bcher-kva.example"},
	    {"straße.example", "xn--strae-oqa.example"},
	    {"почта.рф", "xn--80a1acny.xn--p1ai"},
	    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
	    {"a b", "a b"}, /* ASCII is judged elsewhere */
	    {"", ""},
	    {"\xff\xfe.example", NULL},
	    {"a\xcc\x88\xe2\x80\xae.example", NULL},
	    {"üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
	        NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str name = exact(rows[i].name, strlen(rows[i].name));
		char ascii[IDN_BYTES] = "";
		struct err err = ERR_NONE;
		enum err_code rc = idn_to_ascii(name, ascii, &err);

		assert_int_equal(
		    rc, rows[i].ascii != NULL ? ERR_OK : ERR_INPUT);
		if (rc == ERR_OK)
			assert_string_equal(ascii, rows[i].ascii);
		drop(name);
	}
	static char long_name[300];
	char ascii[IDN_BYTES];
	struct err err = ERR_NONE;
	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(
	    idn_to_ascii(str_of(long_name, 300), ascii, &err), ERR_INPUT);
	assert_int_equal(idn_to_ascii(STR("a\0b"), ascii, &err), ERR_INPUT);
}

static void
test_dial_parse(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		enum dial_way way;
		const char *host; /* NULL: refused */
		unsigned port;
	} rows[] = {
	    {"a.example:4993", DIAL_TLS, "a.example", 4993},
	    {"a.example", DIAL_TLS, "a.example", 993},
	    {"a.example", DIAL_IMAP, "a.example", 143},
	    {"a.example", DIAL_SMTP, "a.example", 587},
	    {"[::1]:993", DIAL_TLS, "::1", 993},
	    {"[::1]", DIAL_IMAP, "::1", 143},
	    {"2001:db8::1", DIAL_TLS, "2001:db8::1", 993},
	    {"127.0.0.1:1", DIAL_TLS, "127.0.0.1", 1},
	    {"", DIAL_TLS, NULL, 0},
	    {":993", DIAL_TLS, NULL, 0},
	    {"a:", DIAL_TLS, NULL, 0},
	    {"a:0", DIAL_TLS, NULL, 0},
	    {"a:65536", DIAL_TLS, NULL, 0},
	    {"a:x", DIAL_TLS, NULL, 0},
	    {"[::1", DIAL_TLS, NULL, 0},
	    {"[::1]x", DIAL_TLS, NULL, 0},
	    {"[]:993", DIAL_TLS, NULL, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str word = exact(rows[i].word, strlen(rows[i].word));
		struct dial_address address = {.port = 0};
		struct err err = ERR_NONE;
		enum err_code rc =
		    dial_parse(word, rows[i].way, &address, &err);

		assert_int_equal(rc, rows[i].host != NULL ? ERR_OK : ERR_INPUT);
		if (rc == ERR_OK) {
			assert_string_equal(address.host, rows[i].host);
			assert_int_equal(address.port, rows[i].port);
		}
		drop(word);
	}
}

/* Words as /proc has them: each ended by NUL. */
static void
test_server_command_lines(void **state)
{
	(void)state;
	static const char *const standard = "/etc/iwebmsg/iwebmsg.ini";
	static const struct {
		const char *words;
		size_t len;
		const char *ini; /* NULL: the standard one */
	} rows[] = {
	    {"iwebmsgd\0", 9, NULL},
	    {"iwebmsgd\0--config\0/x/y.ini\0", 27, "/x/y.ini"},
	    {"iwebmsgd\0--config=/x/y.ini\0--daemon\0", 36, "/x/y.ini"},
	    {"iwebmsgd\0--config\0y.ini\0", 24, "/folder/y.ini"},
	    {"iwebmsgd\0--config=y.ini", 23, "/folder/y.ini"},
	    {"iwebmsgd\0--config", 17, NULL},
	    {"iwebmsgd\0--configure\0a\0", 23, NULL},
	    {"", 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str words = exact(rows[i].words, rows[i].len);
		char ini[PATH_BYTES];
		struct err err = ERR_NONE;

		assert_int_equal(
		    server_find_config(words, "/folder", ini, &err), ERR_OK);
		assert_string_equal(
		    ini, rows[i].ini != NULL ? rows[i].ini : standard);
		drop(words);
	}
}

static void
test_key_kinds(void **state)
{
	(void)state;
	static const char *const good[] = {"ec:p256", "EC:P384", "rsa:2048",
	    "rsa:4096", "rsa:3333", "Ed25519"};
	static const char *const bad[] = {"", "rsa", "rsa:", "rsa:1024",
	    "rsa:4097", "rsa:2048 ", "rsa:-2048", "ec", "ec:p521", "ec:p256x",
	    "dsa", "ed448", "ed25519 "};
	struct err err = ERR_NONE;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(key_check_kind(str_c(good[i]), &err), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EVP_PKEY *key = NULL;

		assert_int_equal(
		    key_make(str_c(bad[i]), &key, &err), ERR_INPUT);
		assert_null(key);
		assert_non_null(strstr(err.message, "ec:p256"));
	}
}

static X509 *
make_cert(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *cert = X509_new();

	assert_non_null(cert);
	X509_set_pubkey(cert, key);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 60);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	EVP_PKEY_free(key);
	return cert;
}

static void
test_fingerprints(void **state)
{
	(void)state;
	X509 *cert = make_cert();
	X509 *other = make_cert();
	char print[TRUST_CERT_PRINT_BYTES];
	char bare[TRUST_CERT_PRINT_BYTES] = "";
	size_t at = 0;

	trust_cert_print(cert, print);
	assert_int_equal(strlen(print), 95);
	for (const char *c = print; *c != '\0'; c++)
		if (*c != ':')
			bare[at++] = (char)(*c >= 'A' ? *c + 32 : *c);
	struct str shorter = exact(bare, 63);
	assert_true(trust_cert_has_print(cert, str_c(print)));
	assert_true(trust_cert_has_print(cert, str_c(bare)));
	assert_false(trust_cert_has_print(other, str_c(print)));
	assert_false(trust_cert_has_print(cert, shorter));
	assert_false(trust_cert_has_print(cert, STR("")));
	assert_false(trust_cert_has_print(cert, STR(":")));
	bare[at++] = '0';
	assert_false(trust_cert_has_print(cert, str_of(bare, at)));
	assert_int_equal(trust_cert_kind(cert), TRUST_CERT_ITSELF);
	drop(shorter);
	X509_free(cert);
	X509_free(other);
}

static void
test_paths(void **state)
{
	(void)state;
	static const struct {
		const char *path, *folder;
	} rows[] = {{"/a/b/c", "/a/b"}, {"/a", "/"}, {"/", "/"}, {"/a/", "/a"}};
	char here[PATH_BYTES];
	char out[PATH_BYTES];
	struct err err = ERR_NONE;
	static char long_path[PATH_BYTES + 10];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		path_folder(rows[i].path, out);
		assert_string_equal(out, rows[i].folder);
	}
	assert_int_equal(path_absolute("/x/../y", out, &err), ERR_OK);
	assert_string_equal(out, "/x/../y");
	assert_int_equal(path_absolute(".", here, &err), ERR_OK);
	assert_int_equal(path_absolute("./././a/b", out, &err), ERR_OK);
	assert_int_equal(strncmp(out, here, strlen(here)), 0);
	assert_string_equal(out + strlen(here), "/a/b");
	memset(long_path, 'a', sizeof(long_path) - 1);
	assert_int_equal(path_absolute(long_path, out, &err), ERR_LIMIT);
	assert_int_equal(path_real("/nowhere/at/all", out, &err), ERR_OK);
	assert_string_equal(out, "/nowhere/at/all");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_idn),
	    cmocka_unit_test(test_dial_parse),
	    cmocka_unit_test(test_server_command_lines),
	    cmocka_unit_test(test_key_kinds),
	    cmocka_unit_test(test_fingerprints),
	    cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
