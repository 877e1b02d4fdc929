#include "export.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "chain.h"
#include "install.h"
#include "key.h"
#include "load.h"
#include "own.h"

#define ITERATIONS 100000
/* What Windows Server 2012, Java 8 and old macOS read. */
#define COMPAT_ITERATIONS 2048
#define COMPAT_PBE        NID_pbe_WithSHA1And3_Key_TripleDES_CBC

static enum err_code
write_pem(
    BIO *bio, const STACK_OF(X509) * certs, EVP_PKEY *key, struct err *err)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (PEM_write_bio_X509(bio, sk_X509_value(certs, i)) != 1)
			return key_fail("write the certificate", err);
	if (key != NULL && PEM_write_bio_PKCS8PrivateKey(
	                       bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return key_fail("write the key", err);
	return ERR_OK;
}

/* Windows' name for PEM; its lines end as there. */
static enum err_code
write_cer(BIO *bio, X509 *cert, struct err *err)
{
	CLEANUP(own_bio_free) BIO *pem = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	bool ok = pem != NULL && PEM_write_bio_X509(pem, cert) == 1;
	long len = ok ? BIO_get_mem_data(pem, &bytes) : 0;

	for (long i = 0; ok && i < len; i++)
		ok = (bytes[i] != '\n' || BIO_write(bio, "\r", 1) == 1) &&
		     BIO_write(bio, bytes + i, 1) == 1;
	return ok ? ERR_OK : key_fail("write the certificate", err);
}

enum err_code
export_p12(const struct export_p12 *what, BIO *bio, struct err *err)
{
	const char *word = load_password_c(what->password);
	char name[CHAIN_NAME_BYTES];
	int pbe = what->compat ? COMPAT_PBE : NID_aes_256_cbc;
	int iterations = what->compat ? COMPAT_ITERATIONS : ITERATIONS;
	X509 *leaf = sk_X509_value(what->certs, 0);
	enum err_code rc = ERR_OK;

	CLEANUP(own_certs_free)
	STACK_OF(X509) *others = X509_chain_up_ref(what->certs);
	if (others == NULL || word == NULL)
		return key_fail("write the PKCS#12 file", err);
	X509_free(sk_X509_shift(others));
	chain_name(X509_get_subject_name(leaf), name);
	/* -1: the MAC comes below, with the hash we want. */
	PKCS12 *file = PKCS12_create(
	    word, name, what->key, leaf, others, pbe, pbe, iterations, -1, 0);
	if (file == NULL ||
	    PKCS12_set_mac(file, word, -1, NULL, 0, iterations,
	        what->compat ? EVP_sha1() : EVP_sha256()) != 1 ||
	    i2d_PKCS12_bio(bio, file) != 1) {
		ERR_clear_error();
		rc = err_sayf(err, ERR_CONFIG,
		    "This OpenSSL cannot write PKCS#12%s: what that form needs "
		    "is switched off here, as with --fips. Use --format pem "
		    "--with-key.",
		    what->compat ? " for older systems (Triple DES and SHA-1)"
		                 : "");
	}
	PKCS12_free(file);
	return rc;
}

static enum err_code
write_p12(const struct options *options, BIO *bio, STACK_OF(X509) * certs,
    EVP_PKEY *key, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	const struct export_p12 what = {.certs = certs,
	    .key = key,
	    .password = &password,
	    .compat = options->compat};
	enum err_code rc = load_password(options->out_password_file != NULL
	                                     ? options->out_password_file
	                                     : options->password_file,
	    &password, err);

	return rc == ERR_OK ? export_p12(&what, bio, err) : rc;
}

static enum err_code
write_format(const struct options *options, BIO *bio, STACK_OF(X509) * certs,
    EVP_PKEY *key, struct err *err)
{
	struct str format = str_c(options->format);
	X509 *leaf = sk_X509_value(certs, 0);

	if (str_eq(format, STR("p12")))
		return write_p12(options, bio, certs, key, err);
	if (str_eq(format, STR("cer")))
		return write_cer(bio, leaf, err);
	if (str_eq(format, STR("der")))
		return i2d_X509_bio(bio, leaf) == 1
		           ? ERR_OK
		           : key_fail("write the certificate", err);
	return write_pem(bio, certs, key, err);
}

/* The key, only when it goes into the file. */
static enum err_code
read_key(const struct options *options, const STACK_OF(X509) * certs,
    EVP_PKEY **key, int *leaf, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum err_code rc =
	    load_password(options->password_file, &password, err);

	*key = NULL;
	*leaf = chain_leaf(certs);
	if (!options->with_key && !str_eq(str_c(options->format), STR("p12")))
		return rc;
	if (rc == ERR_OK)
		rc = load_key(options->key_path, &password, key, err);
	if (rc != ERR_OK)
		return rc;
	*leaf = chain_leaf_of(certs, *key);
	return *leaf >= 0 ? ERR_OK
	                  : err_sayf(err, ERR_INPUT,
	                        "The key %s does not fit the certificate %s.",
	                        options->key_path, options->out_path);
}

enum err_code
export_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	CLEANUP(own_certs_free) STACK_OF(X509) *ordered = NULL;
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	/* Memory that is wiped when it is given back: a key may be in it. */
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_secmem());
	char *bytes = NULL;
	int leaf = 0;
	enum err_code rc = install_may(options->out, options->force, err);

	if (rc == ERR_OK && bio == NULL)
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = load_certs(options->out_path, NULL, &found, err);
	if (rc == ERR_OK)
		rc = read_key(options, found.certs, &key, &leaf, err);
	if (rc == ERR_OK)
		rc = chain_order(found.certs, leaf, &ordered, err);
	if (rc == ERR_OK)
		rc = write_format(options, bio, ordered, key, err);
	if (rc != ERR_OK)
		return rc;
	long len = BIO_get_mem_data(bio, &bytes);
	rc = install_file(options->out, str_of(bytes, (size_t)len),
	    key != NULL ? 0600 : 0644, options->force, out, err);
	if (rc == ERR_OK)
		buf_addf(out, "%s: %s\n",
		    key != NULL ? "With the key, keep it secret"
		                : "Certificate, without the key",
		    options->out);
	return rc;
}
