#include "cert.h"

#include <openssl/pem.h>

#include "build.h"
#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"
#include "san.h"

#define COMMON_NAME_MAX 64

static enum err_code
make_extensions(const struct options *options, const EVP_PKEY *key,
    STACK_OF(X509_EXTENSION) * *out, struct err *err)
{
	CLEANUP(san_free) GENERAL_NAMES *names = NULL;
	enum err_code rc = san_make(options, &names, err);

	/* Critical when the subject is empty (RFC 5280, 4.2.1.6). */
	return rc == ERR_OK ? build_extensions(BUILD_SERVER, key, names,
	                          options->name.len > COMMON_NAME_MAX, out, err)
	                    : rc;
}

static enum err_code
fill_cert(
    X509 *cert, const struct options *options, EVP_PKEY *key, struct err *err)
{
	CLEANUP(own_extensions_free) STACK_OF(X509_EXTENSION) *list = NULL;
	enum err_code rc = make_extensions(options, key, &list, err);

	if (rc == ERR_OK)
		rc = build_subject(X509_get_subject_name(cert), options, err);
	if (rc == ERR_OK)
		rc = build_cert(cert, key, options->days, list, err);
	if (rc == ERR_OK)
		rc = build_issuer(cert, cert, err);
	return rc;
}

static enum err_code
fill_request(X509_REQ *request, const struct options *options, EVP_PKEY *key,
    struct err *err)
{
	CLEANUP(own_extensions_free) STACK_OF(X509_EXTENSION) *list = NULL;
	enum err_code rc = make_extensions(options, key, &list, err);

	if (rc == ERR_OK)
		rc = build_subject(
		    X509_REQ_get_subject_name(request), options, err);
	if (rc == ERR_OK &&
	    (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	        X509_REQ_set_pubkey(request, key) != 1 ||
	        X509_REQ_add_extensions(request, list) != 1))
		rc = key_fail("fill the request", err);
	return rc;
}

static enum err_code
refuse_existing(const char *path, const char *more, struct err *err)
{
	if (!file_exists(path))
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "%s exists and is not overwritten. Choose another folder with "
	    "--out-dir%s.",
	    path, more);
}

/* A key that was named and is there serves once more. */
static bool
takes_key(const struct options *options)
{
	return options->key_is_given && file_exists(options->key_path);
}

/* Before the key is made: a wish that cannot be fulfilled costs nothing. */
static enum err_code
prepare(const struct options *options, struct secret *password, EVP_PKEY **key,
    struct err *err)
{
	enum err_code rc = takes_key(options)
	                       ? ERR_OK
	                       : refuse_existing(options->key_path,
	                             ", or use that key with --key-file", err);

	if (rc == ERR_OK)
		rc = refuse_existing(
		    options->out_path, ", or move the file away by hand", err);
	if (rc == ERR_OK)
		rc = load_password(options->password_file, password, err);
	if (rc == ERR_OK && takes_key(options)) {
		rc = load_key(options->key_path, password, key, err);
		if (rc == ERR_OK && key_is_weak(*key))
			rc = err_sayf(err, ERR_INPUT,
			    "The key %s is too weak for use today. Name a "
			    "file that is not there for a new one.",
			    options->key_path);
		return rc;
	}
	if (rc == ERR_OK && !file_exists(options->out_dir))
		rc = file_make_folder(options->out_dir, err);
	return rc == ERR_OK ? key_make(options->key_kind, key, err) : rc;
}

/* The key first: a certificate without its key helps nobody. */
static enum err_code
write_both(const struct options *options, EVP_PKEY *key,
    const struct secret *password, BIO *pem, struct err *err)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(pem, &bytes);
	bool is_new = !takes_key(options);
	enum err_code rc = ERR_OK;

	if (is_new)
		rc = key_write(key, password, options->key_path, err);
	if (rc != ERR_OK)
		return rc;
	rc = file_write_new(
	    options->out_path, str_of(bytes, (size_t)len), 0644, err);
	if (rc != ERR_OK && is_new) {
		struct err ignored = ERR_NONE;
		err_ignore(file_remove(options->key_path, &ignored));
	}
	return rc;
}

enum err_code
cert_selfsigned_pem(
    const struct options *options, EVP_PKEY *key, BIO *out, struct err *err)
{
	CLEANUP(own_cert_free) X509 *cert = X509_new();
	enum err_code rc = cert != NULL ? fill_cert(cert, options, key, err)
	                                : key_fail("start", err);

	if (rc != ERR_OK)
		return rc;
	if (X509_sign(cert, key, key_digest(key)) <= 0 ||
	    PEM_write_bio_X509(out, cert) != 1)
		return key_fail("sign the certificate", err);
	return ERR_OK;
}

enum err_code
cert_request_pem(
    const struct options *options, EVP_PKEY *key, BIO *out, struct err *err)
{
	CLEANUP(own_request_free) X509_REQ *request = X509_REQ_new();
	enum err_code rc = request != NULL
	                       ? fill_request(request, options, key, err)
	                       : key_fail("start", err);

	if (rc != ERR_OK)
		return rc;
	if (X509_REQ_sign(request, key, key_digest(key)) <= 0 ||
	    PEM_write_bio_X509_REQ(out, request) != 1)
		return key_fail("sign the request", err);
	return ERR_OK;
}

enum err_code
cert_selfsigned(const struct options *options, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(own_bio_free) BIO *pem = BIO_new(BIO_s_mem());
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum err_code rc = prepare(options, &password, &key, err);

	if (rc == ERR_OK && pem == NULL)
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = cert_selfsigned_pem(options, key, pem, err);
	return rc == ERR_OK ? write_both(options, key, &password, pem, err)
	                    : rc;
}

enum err_code
cert_request(const struct options *options, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(own_bio_free) BIO *pem = BIO_new(BIO_s_mem());
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum err_code rc = prepare(options, &password, &key, err);

	if (rc == ERR_OK && pem == NULL)
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = cert_request_pem(options, key, pem, err);
	return rc == ERR_OK ? write_both(options, key, &password, pem, err)
	                    : rc;
}
