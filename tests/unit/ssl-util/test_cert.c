/* Certificates, requests and keys as they lie on the disk afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../ssl-util/cert.h"
#include "../../../ssl-util/key.h"
#include "../../../ssl-util/san.h"
#include "../../../ssl-util/show.h"
#include "os/file.h"

struct fixture {
	char folder[64];
	struct options options;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/iwebmsg-ssl-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->options = (struct options){.name = STR("mail.example.org"),
	    .key_kind = STR("ec:p256"),
	    .days = 30,
	    .out_dir = f->folder};
	snprintf(f->options.key_path, sizeof(f->options.key_path), "%s/k",
	    f->folder);
	snprintf(f->options.out_path, sizeof(f->options.out_path), "%s/c",
	    f->folder);
	*state = f;
	return 0;
}

static void
clear(struct fixture *f)
{
	unlink(f->options.key_path);
	unlink(f->options.out_path);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	clear(f);
	rmdir(f->folder);
	free(f);
	return 0;
}

static X509 *
read_cert(struct fixture *f)
{
	BIO *bio = BIO_new_file(f->options.out_path, "r");

	assert_non_null(bio);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_non_null(cert);
	BIO_free(bio);
	return cert;
}

static EVP_PKEY *
read_key(struct fixture *f)
{
	struct stat st;
	BIO *bio = BIO_new_file(f->options.key_path, "r");

	assert_non_null(bio);
	assert_int_equal(stat(f->options.key_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	assert_non_null(key);
	BIO_free(bio);
	return key;
}

/* As a client that trusts just this certificate would. */
static int
verify(X509 *cert, const char *host, const char *address)
{
	X509_STORE *trust = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	assert_int_equal(X509_STORE_add_cert(trust, cert), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, trust, cert, NULL), 1);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
	if (host != NULL)
		X509_VERIFY_PARAM_set1_host(param, host, 0);
	if (address != NULL)
		X509_VERIFY_PARAM_set1_ip_asc(param, address);
	int ok = X509_verify_cert(ctx);
	if (ok != 1 && host != NULL && !str_eq(str_c(host), STR("other")))
		print_error("%s\n", X509_verify_cert_error_string(
		                        X509_STORE_CTX_get_error(ctx)));
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(trust);
	return ok;
}

static void
test_selfsigned(void **state)
{
	struct fixture *f = *state;
	static const char *const kinds[] = {"ec:p256", "EC:P384", "rsa:2048"};
	int days = 0;
	int seconds = 0;

	f->options.sans[0] = STR("dns:*.example.org");
	f->options.sans[1] = STR("ip:192.0.2.1");
	f->options.sans[2] = STR("2001:db8::1");
	f->options.san_count = 3;
	for (size_t i = 0; i < 3; i++) {
		f->options.key_kind = str_c(kinds[i]);
		assert_int_equal(cert_selfsigned(&f->options, &f->err), ERR_OK);
		X509 *cert = read_cert(f);
		EVP_PKEY *key = read_key(f);
		assert_int_equal(X509_check_private_key(cert, key), 1);
		assert_int_equal(X509_self_signed(cert, 1), 1);
		assert_int_equal(X509_check_ca(cert), 0);
		assert_int_equal(verify(cert, "mail.example.org", NULL), 1);
		assert_int_equal(verify(cert, "www.example.org", NULL), 1);
		assert_int_equal(verify(cert, NULL, "192.0.2.1"), 1);
		assert_int_equal(verify(cert, NULL, "2001:db8::1"), 1);
		assert_int_equal(verify(cert, "other", NULL), 0);
		assert_int_equal(
		    ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert),
		        X509_get0_notAfter(cert)),
		    1);
		/* Both ends count. */
		assert_int_equal(days, 29);
		assert_int_equal(seconds, 86399);
		EVP_PKEY_free(key);
		X509_free(cert);
		clear(f);
	}
}

static void
test_request(void **state)
{
	struct fixture *f = *state;

	f->options.organization = STR("B\xc3\xa4"
	                              "ckerei");
	f->options.sans[0] = STR("www.example.org");
	f->options.sans[1] = STR("mail.example.org"); /* once more */
	f->options.san_count = 2;
	assert_int_equal(cert_request(&f->options, &f->err), ERR_OK);
	BIO *bio = BIO_new_file(f->options.out_path, "r");
	X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	EVP_PKEY *key = read_key(f);
	assert_non_null(request);
	assert_int_equal(
	    X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
	assert_int_equal(X509_REQ_check_private_key(request, key), 1);
	STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(request);
	GENERAL_NAMES *names =
	    X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL);
	CLEANUP(buf_free) struct buf text;
	buf_init(&text, 1000);
	san_describe(names, &text);
	buf_add_byte(&text, '\0');
	assert_string_equal(
	    buf_str(&text).ptr, "dns:mail.example.org, dns:www.example.org");
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	EVP_PKEY_free(key);
	X509_REQ_free(request);
	BIO_free(bio);
}

static void
test_nothing_is_overwritten(void **state)
{
	struct fixture *f = *state;
	const char *const paths[] = {f->options.key_path, f->options.out_path};

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    file_write_new(paths[i], STR("mine"), 0600, &f->err),
		    ERR_OK);
		assert_int_equal(
		    cert_selfsigned(&f->options, &f->err), ERR_INPUT);
		assert_non_null(strstr(f->err.message, "--out-dir"));
		assert_int_equal(cert_request(&f->options, &f->err), ERR_INPUT);
		assert_false(file_exists(paths[1 - i]));
		assert_int_equal(unlink(paths[i]), 0);
	}
}

/* The key goes again when the certificate cannot be written. */
static void
test_no_key_is_left_behind(void **state)
{
	struct fixture *f = *state;

	snprintf(f->options.out_path, sizeof(f->options.out_path), "%s/none/c",
	    f->folder);
	assert_int_not_equal(cert_selfsigned(&f->options, &f->err), ERR_OK);
	assert_false(file_exists(f->options.key_path));
}

static void
test_names_and_kinds(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *name;
		bool ok;
	} rows[] = {{"a", true}, {"a-b.example", true}, {"*.a.example", true},
	    {"192.0.2.1", true}, {"ip:::1", true}, {"", false}, {"a b", false},
	    {"-a.example", false}, {"a-.example", false}, {"a..example", false},
	    {"a.example.", false}, {"*", false}, {"*.example", false},
	    {"a.*.example", false}, {"*a.b.c", false},
	    {"b\xc3\xa4.example", true}, {"b\xff.example", false},
	    {"ip:a.example", false}, {"ip:300.1.1.1", false},
	    {"dns:a,DNS:evil", false}, {"dns:a\nb", false}};
	static const char *const kinds[] = {
	    "rsa:1024", "rsa:8192", "rsa:", "rsa", "ec:p521", "ed448", ""};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].name);
		char *exact = malloc(len > 0 ? len : 1);
		GENERAL_NAMES *names = NULL;
		memcpy(exact, rows[i].name, len);
		f->options.name = str_of(exact, len);
		enum err_code rc = san_make(&f->options, &names, &f->err);
		if ((rc == ERR_OK) != rows[i].ok)
			print_error("\"%s\"\n", rows[i].name);
		assert_int_equal(rc, rows[i].ok ? ERR_OK : ERR_INPUT);
		GENERAL_NAMES_free(names);
		free(exact);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		EVP_PKEY *key = NULL;
		assert_int_equal(
		    key_make(str_c(kinds[i]), &key, &f->err), ERR_INPUT);
		assert_non_null(strstr(f->err.message, "ec:p256"));
		assert_null(key);
	}
}

static bool
shows(struct fixture *f, const char *path, const char *words)
{
	CLEANUP(buf_free) struct buf out;

	buf_init(&out, 100000);
	assert_int_equal(show_file(path, &out, &f->err), ERR_OK);
	buf_add_byte(&out, '\0');
	bool found = strstr(buf_str(&out).ptr, words) != NULL;
	if (!found)
		print_error("%s\n", buf_str(&out).ptr);
	return found;
}

static void
test_show(void **state)
{
	struct fixture *f = *state;
	struct str pem;
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	CLEANUP(buf_free) struct buf out;

	assert_int_equal(cert_selfsigned(&f->options, &f->err), ERR_OK);
	assert_true(shows(f, f->options.out_path, "CN=mail.example.org"));
	assert_true(shows(f, f->options.out_path, "self-signed"));
	assert_true(shows(f, f->options.out_path, "EC P-256"));
	assert_true(shows(f, f->options.out_path, "(30 days left)") ||
	            shows(f, f->options.out_path, "(29 days left)"));
	assert_true(shows(f, f->options.key_path, "EC P-256"));
	assert_int_equal(chmod(f->options.key_path, 0604), 0);
	assert_true(shows(f, f->options.key_path, "OTHERS MAY READ"));
	/* Nothing of the key itself is shown. */
	assert_int_equal(
	    file_read(f->options.key_path, 10000, arena, &pem, &f->err),
	    ERR_OK);
	buf_init(&out, 100000);
	assert_int_equal(show_file(f->options.key_path, &out, &f->err), ERR_OK);
	struct str line = str_slice(pem, 28, 60);
	assert_true(str_find(buf_str(&out), line, 0) == buf_str(&out).len);
	/* Words instead of a certificate, and a block that is cut off. */
	clear(f);
	assert_int_equal(
	    file_write_new(f->options.out_path, STR("hello"), 0600, &f->err),
	    ERR_OK);
	assert_int_equal(
	    show_file(f->options.out_path, &out, &f->err), ERR_INPUT);
	clear(f);
	assert_int_equal(file_write_new(f->options.out_path,
	                     STR("-----BEGIN CERTIFICATE-----\nTWFu\n"
	                         "-----END CERTIFICATE-----\n"),
	                     0600, &f->err),
	    ERR_OK);
	assert_int_equal(
	    show_file(f->options.out_path, &out, &f->err), ERR_INPUT);
	assert_non_null(strstr(f->err.message, "cannot be read"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_selfsigned),
	    T(test_request),
	    T(test_nothing_is_overwritten),
	    T(test_no_key_is_left_behind),
	    T(test_names_and_kinds),
	    T(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
