/* Reading, ordering and verifying chains; certificates of build.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../ssl-util/build.h"
#include "../../../ssl-util/chain.h"
#include "../../../ssl-util/install.h"
#include "../../../ssl-util/key.h"
#include "../../../ssl-util/load.h"
#include "../../../ssl-util/own.h"
#include "os/file.h"

#define LEVELS 3 /* root, middle, leaf */

struct fixture {
	char folder[64];
	char path[100];
	EVP_PKEY *keys[LEVELS];
	X509 *certs[LEVELS];
	struct err err;
};

/* Level 0 signs itself, every other one is signed by the level above. */
static void
make_level(struct fixture *f, int level)
{
	const struct str names[] = {STR("Root"), STR("Middle"), STR("Leaf")};
	struct options options = {.name = names[level]};
	STACK_OF(X509_EXTENSION) *list = NULL;
	X509 *cert = X509_new();
	X509 *issuer = level == 0 ? cert : f->certs[level - 1];
	EVP_PKEY *signer = NULL;

	assert_int_equal(
	    key_make(STR("ec:p256"), &f->keys[level], &f->err), ERR_OK);
	signer = level == 0 ? f->keys[0] : f->keys[level - 1];
	assert_int_equal(
	    build_subject(X509_get_subject_name(cert), &options, &f->err),
	    ERR_OK);
	/* The root's path length of 0 is of no weight for ordering. */
	assert_int_equal(
	    build_extensions(level < 2 ? BUILD_AUTHORITY : BUILD_SERVER,
	        f->keys[level], NULL, false, &list, &f->err),
	    ERR_OK);
	assert_int_equal(
	    build_cert(cert, f->keys[level], 10, list, &f->err), ERR_OK);
	assert_int_equal(build_issuer(cert, issuer, &f->err), ERR_OK);
	assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
	own_extensions_free(&list);
	f->certs[level] = cert;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/iwebmsg-ssl-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/file", f->folder);
	for (int i = 0; i < LEVELS; i++)
		make_level(f, i);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0);
	for (int i = 0; i < LEVELS; i++) {
		key_free(&f->keys[i]);
		own_cert_free(&f->certs[i]);
	}
	free(f);
	return 0;
}

/* "210": the leaf, then the middle, then the root. */
static STACK_OF(X509) * stack_of(struct fixture *f, const char *levels)
{
	STACK_OF(X509) *certs = sk_X509_new_null();

	for (const char *at = levels; *at != '\0'; at++)
		assert_int_equal(X509_add_cert(certs, f->certs[*at - '0'],
		                     X509_ADD_FLAG_UP_REF),
		    1);
	return certs;
}

static void
test_order(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *given, *expected;
		int leaf;
	} rows[] = {{"210", "21", 0}, {"012", "21", 2}, {"102", "21", 2},
	    {"21", "21", 0}, {"12", "21", 1}, {"2", "2", 0}, {"20", "2", 0},
	    {"0", "0", 0}, {"2121", "21", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		STACK_OF(X509) *certs = stack_of(f, rows[i].given);
		STACK_OF(X509) *ordered = NULL;
		int leaf = chain_leaf(certs);
		bool has_leaf = strchr(rows[i].given, '2') != NULL;
		assert_int_equal(leaf, rows[i].leaf);
		assert_int_equal(
		    chain_leaf_of(certs, f->keys[has_leaf ? 2 : 0]), leaf);
		assert_int_equal(
		    chain_order(certs, leaf, &ordered, &f->err), ERR_OK);
		assert_int_equal(
		    sk_X509_num(ordered), strlen(rows[i].expected));
		for (int j = 0; j < sk_X509_num(ordered); j++)
			assert_ptr_equal(sk_X509_value(ordered, j),
			    f->certs[rows[i].expected[j] - '0']);
		own_certs_free(&certs);
		own_certs_free(&ordered);
	}
	EVP_PKEY *other = NULL;
	STACK_OF(X509) *certs = stack_of(f, "210");
	assert_int_equal(key_make(STR("ec:p256"), &other, &f->err), ERR_OK);
	assert_int_equal(chain_leaf_of(certs, other), -1);
	key_free(&other);
	own_certs_free(&certs);
}

static void
write_pem(struct fixture *f, const char *levels)
{
	BIO *bio = BIO_new_file(f->path, "w");

	for (const char *at = levels; *at != '\0'; at++)
		assert_int_equal(
		    PEM_write_bio_X509(bio, f->certs[*at - '0']), 1);
	BIO_free(bio);
}

static void
test_verdicts(void **state)
{
	struct fixture *f = *state;
	/* The root allows no authority below it, so a leaf of one is broken. */
	static const struct {
		const char *certs, *all, *root;
		enum chain_state state;
	} rows[] = {{"1", "1", "0", CHAIN_WHOLE}, {"0", "0", "0", CHAIN_WHOLE},
	    {"0", "0", NULL, CHAIN_SELF_SIGNED},
	    {"21", "21", NULL, CHAIN_INCOMPLETE},
	    {"2", "2", "0", CHAIN_INCOMPLETE},
	    {"21", "210", NULL, CHAIN_UNKNOWN_ROOT},
	    {"21", "21", "0", CHAIN_BROKEN}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		STACK_OF(X509) *certs = stack_of(f, rows[i].certs);
		STACK_OF(X509) *all = stack_of(f, rows[i].all);
		struct chain_verdict verdict;
		if (rows[i].root != NULL)
			write_pem(f, rows[i].root);
		assert_int_equal(chain_verify(certs, all,
		                     rows[i].root != NULL ? f->path : NULL,
		                     &verdict, &f->err),
		    ERR_OK);
		if (verdict.state != rows[i].state)
			print_error("row %zu: %s\n", i, verdict.why);
		assert_int_equal(verdict.state, rows[i].state);
		own_certs_free(&certs);
		own_certs_free(&all);
	}
	STACK_OF(X509) *certs = stack_of(f, "2");
	struct chain_verdict verdict;
	assert_int_equal(
	    chain_verify(certs, certs, "/nowhere", &verdict, &f->err),
	    ERR_INPUT);
	own_certs_free(&certs);
}

static void
test_load(void **state)
{
	struct fixture *f = *state;
	struct load_found found;
	struct secret none = {.ptr = NULL};

	write_pem(f, "210");
	assert_int_equal(load_certs(f->path, NULL, &found, &f->err), ERR_OK);
	assert_int_equal(sk_X509_num(found.certs), 3);
	assert_int_equal(found.form, LOAD_PEM);
	load_found_free(&found);
	/* A file that is cut off is not half a chain. */
	struct stat st;
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(truncate(f->path, st.st_size - 40), 0);
	assert_int_equal(load_certs(f->path, NULL, &found, &f->err), ERR_INPUT);
	load_found_free(&found);
	static const char *const bad[] = {"", "x",
	    "-----BEGIN CERTIFICATE-----", "\x30\x82\xff\xff",
	    "-----BEGIN X-----\nTWFu\n-----END X-----\n"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    file_replace(f->path, str_c(bad[i]), 0600, &f->err),
		    ERR_OK);
		assert_int_equal(
		    load_certs(f->path, &none, &found, &f->err), ERR_INPUT);
		load_found_free(&found);
	}
}

static void
test_password(void **state)
{
	struct fixture *f = *state;
	const struct {
		struct str bytes;
		int mode;
		const char *expected;
	} rows[] = {{STR("one"), 0600, "one"}, {STR("one\ntwo\n"), 0600, "one"},
	    {STR("o ne\r\n"), 0640, "o ne"}, {STR(""), 0600, NULL},
	    {STR("\none"), 0600, NULL}, {STR("o\0ne\n"), 0600, NULL},
	    {STR("one\n"), 0604, NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret secret;
		assert_int_equal(
		    file_replace(f->path, rows[i].bytes, rows[i].mode, &f->err),
		    ERR_OK);
		enum err_code rc = load_password(f->path, &secret, &f->err);
		assert_int_equal(
		    rc, rows[i].expected != NULL ? ERR_OK : ERR_CONFIG);
		if (rc == ERR_OK)
			assert_string_equal(
			    load_password_c(&secret), rows[i].expected);
		secret_end(&secret);
	}
}

static void
test_locked_key(void **state)
{
	struct fixture *f = *state;
	struct secret right;
	struct secret wrong;
	EVP_PKEY *key = NULL;

	assert_int_equal(secret_init(&right, STR("right\0"), &f->err), ERR_OK);
	assert_int_equal(secret_init(&wrong, STR("wrong\0"), &f->err), ERR_OK);
	assert_int_equal(
	    key_write(f->keys[0], &right, f->path, &f->err), ERR_OK);
	assert_int_equal(load_key(f->path, NULL, &key, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "no password"));
	assert_int_equal(load_key(f->path, &wrong, &key, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "does not open"));
	assert_int_equal(load_key(f->path, &right, &key, &f->err), ERR_OK);
	assert_int_equal(EVP_PKEY_eq(key, f->keys[0]), 1);
	key_free(&key);
	assert_int_equal(
	    file_replace(f->path, STR("words"), 0600, &f->err), ERR_OK);
	assert_int_equal(load_key(f->path, &right, &key, &f->err), ERR_INPUT);
	secret_end(&right);
	secret_end(&wrong);
}

static void
test_install(void **state)
{
	struct fixture *f = *state;
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	CLEANUP(buf_free) struct buf out;
	struct file_list backups;
	char path[200];
	struct str bytes;

	buf_init(&out, 10000);
	assert_int_equal(
	    install_file(f->path, STR("one"), 0644, false, &out, &f->err),
	    ERR_OK);
	assert_int_equal(
	    install_file(f->path, STR("two"), 0644, false, &out, &f->err),
	    ERR_INPUT);
	assert_non_null(strstr(f->err.message, "--force"));
	assert_int_equal(
	    install_file(f->path, STR("two"), 0644, true, &out, &f->err),
	    ERR_OK);
	/* In the same second: another name. */
	assert_int_equal(
	    install_file(f->path, STR("six"), 0644, true, &out, &f->err),
	    ERR_OK);
	assert_int_equal(
	    file_list(f->folder, STR(".bak"), arena, &backups, &f->err),
	    ERR_OK);
	assert_int_equal(backups.count, 2);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%.*s", f->folder,
		    STR_ARG(backups.names[i]));
		assert_int_equal(
		    file_read(path, 10, arena, &bytes, &f->err), ERR_OK);
		assert_false(str_eq(bytes, STR("six")));
		unlink(path);
	}
	assert_int_equal(
	    file_read(f->path, 10, arena, &bytes, &f->err), ERR_OK);
	assert_true(str_eq(bytes, STR("six")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_order),
	    T(test_verdicts),
	    T(test_load),
	    T(test_password),
	    T(test_locked_key),
	    T(test_install),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
