#include "cert.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "key.h"
#include "os/file.h"
#include "san.h"

/* X.520: what a common name may hold; longer names stand in the SAN only. */
#define COMMON_NAME_MAX 64
/* Clocks differ: valid from a little before now. */
#define SKEW_S 300
#define DAY_S  (24L * 60 * 60)
/* RFC 5280, 4.1.2.2: at most 20 octets, positive. */
#define SERIAL_BITS 127

static void
bio_free(BIO **bio)
{
	BIO_free_all(*bio);
}

static void
x509_free(X509 **cert)
{
	X509_free(*cert);
}

static void
request_free(X509_REQ **request)
{
	X509_REQ_free(*request);
}

static bool
add_entry(X509_NAME *name, const char *field, struct str value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
	           (const unsigned char *)value.ptr, (int)value.len, -1,
	           0) == 1;
}

static enum err_code
fill_subject(X509_NAME *name, const struct options *options, struct err *err)
{
	struct str common = options->name;

	if (str_starts_nocase(common, STR("dns:")))
		common = str_slice(common, 4, common.len);
	else if (str_starts_nocase(common, STR("ip:")))
		common = str_slice(common, 3, common.len);
	if (options->organization.len > 0 &&
	    !add_entry(name, "O", options->organization))
		return err_sayf(
		    err, ERR_INPUT, "--org takes 1 to 64 letters of UTF-8.");
	if (common.len <= COMMON_NAME_MAX && !add_entry(name, "CN", common))
		return key_fail("set the name", err);
	return ERR_OK;
}

static enum err_code
add_extension(STACK_OF(X509_EXTENSION) * *list, int nid, void *value,
    int critical, struct err *err)
{
	if (X509V3_add1_i2d(list, nid, value, critical, X509V3_ADD_APPEND) != 1)
		return key_fail("add an extension", err);
	return ERR_OK;
}

static enum err_code
add_usage(
    STACK_OF(X509_EXTENSION) * *list, const EVP_PKEY *key, struct err *err)
{
	/* RSA key transport is of TLS 1.2 without forward secrecy; some
	 * clients still look for the bit. */
	unsigned char bits = EVP_PKEY_is_a(key, "RSA")
	                         ? KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT
	                         : KU_DIGITAL_SIGNATURE;
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	EXTENDED_KEY_USAGE *extended = EXTENDED_KEY_USAGE_new();
	ASN1_OBJECT *server = OBJ_nid2obj(NID_server_auth);
	enum err_code rc = ERR_OK;

	if (usage == NULL || extended == NULL ||
	    ASN1_BIT_STRING_set(usage, &bits, 1) != 1 ||
	    sk_ASN1_OBJECT_push(extended, server) <= 0)
		rc = key_fail("add an extension", err);
	if (rc == ERR_OK)
		rc = add_extension(list, NID_key_usage, usage, 1, err);
	if (rc == ERR_OK)
		rc = add_extension(list, NID_ext_key_usage, extended, 0, err);
	ASN1_BIT_STRING_free(usage);
	EXTENDED_KEY_USAGE_free(extended);
	return rc;
}

/*
 * What both a certificate and a request carry. Not a CA: who trusts this one
 * certificate must not trust others made with its key, and Firefox refuses
 * an authority as a server.
 */
static enum err_code
make_extensions(const struct options *options, const EVP_PKEY *key,
    STACK_OF(X509_EXTENSION) * *out, struct err *err)
{
	CLEANUP(san_free) GENERAL_NAMES *names = NULL;
	BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();
	enum err_code rc = san_make(options, &names, err);

	if (rc == ERR_OK && basic == NULL)
		rc = key_fail("add an extension", err);
	if (rc == ERR_OK)
		rc = add_extension(out, NID_basic_constraints, basic, 1, err);
	if (rc == ERR_OK)
		rc = add_usage(out, key, err);
	if (rc == ERR_OK)
		rc = add_extension(out, NID_subject_alt_name, names,
		    options->name.len > COMMON_NAME_MAX, err);
	BASIC_CONSTRAINTS_free(basic);
	return rc;
}

static enum err_code
set_serial(X509 *cert, struct err *err)
{
	BIGNUM *number = BN_new();
	bool ok =
	    number != NULL &&
	    BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ==
	        1 &&
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

	BN_free(number);
	return ok ? ERR_OK : key_fail("make a serial number", err);
}

/* RFC 5280, 4.2.1.2 (1): SHA-1 of the key's bits, a name, not a protection. */
static enum err_code
set_key_id(X509 *cert, struct err *err)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	bool ok = id != NULL &&
	          X509_pubkey_digest(cert, EVP_sha1(), hash, &len) == 1 &&
	          ASN1_OCTET_STRING_set(id, hash, (int)len) == 1 &&
	          X509_add1_ext_i2d(cert, NID_subject_key_identifier, id, 0,
	              X509V3_ADD_APPEND) == 1;

	ASN1_OCTET_STRING_free(id);
	return ok ? ERR_OK : key_fail("name the key", err);
}

static enum err_code
fill_cert(
    X509 *cert, const struct options *options, EVP_PKEY *key, struct err *err)
{
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	X509_NAME *name = X509_get_subject_name(cert);
	long seconds = (long)options->days * DAY_S;
	enum err_code rc = make_extensions(options, key, &extensions, err);

	if (rc == ERR_OK)
		rc = fill_subject(name, options, err);
	if (rc == ERR_OK)
		rc = set_serial(cert, err);
	if (rc == ERR_OK &&
	    (X509_set_version(cert, X509_VERSION_3) != 1 ||
	        X509_set_issuer_name(cert, name) != 1 ||
	        X509_set_pubkey(cert, key) != 1 ||
	        X509_gmtime_adj(X509_getm_notBefore(cert), -SKEW_S) == NULL ||
	        X509_gmtime_adj(X509_getm_notAfter(cert), seconds) == NULL))
		rc = key_fail("fill the certificate", err);
	for (int i = 0; rc == ERR_OK && i < sk_X509_EXTENSION_num(extensions);
	     i++)
		if (X509_add_ext(
		        cert, sk_X509_EXTENSION_value(extensions, i), -1) != 1)
			rc = key_fail("add an extension", err);
	if (rc == ERR_OK)
		rc = set_key_id(cert, err);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return rc;
}

static enum err_code
fill_request(X509_REQ *request, const struct options *options, EVP_PKEY *key,
    struct err *err)
{
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	enum err_code rc = make_extensions(options, key, &extensions, err);

	if (rc == ERR_OK)
		rc = fill_subject(
		    X509_REQ_get_subject_name(request), options, err);
	if (rc == ERR_OK &&
	    (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	        X509_REQ_set_pubkey(request, key) != 1 ||
	        X509_REQ_add_extensions(request, extensions) != 1))
		rc = key_fail("fill the request", err);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return rc;
}

static enum err_code
refuse_existing(const char *path, struct err *err)
{
	if (!file_exists(path))
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "%s exists and is not overwritten. Choose another folder with "
	    "--out-dir, or move the file away by hand.",
	    path);
}

/* Before the key is made: a wish that cannot be fulfilled costs nothing. */
static enum err_code
prepare(const struct options *options, struct err *err)
{
	enum err_code rc = refuse_existing(options->key_path, err);

	if (rc == ERR_OK)
		rc = refuse_existing(options->out_path, err);
	if (rc == ERR_OK && !file_exists(options->out_dir))
		rc = file_make_folder(options->out_dir, err);
	return rc;
}

/* The key first: a certificate without its key helps nobody. */
static enum err_code
write_both(
    const struct options *options, EVP_PKEY *key, BIO *pem, struct err *err)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(pem, &bytes);
	enum err_code rc = key_write(key, options->key_path, err);

	if (rc != ERR_OK)
		return rc;
	rc = file_write_new(
	    options->out_path, str_of(bytes, (size_t)len), 0644, err);
	if (rc != ERR_OK) {
		struct err ignored = ERR_NONE;
		(void)!file_remove(options->key_path, &ignored);
	}
	return rc;
}

enum err_code
cert_selfsigned(const struct options *options, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(x509_free) X509 *cert = X509_new();
	CLEANUP(bio_free) BIO *pem = BIO_new(BIO_s_mem());
	enum err_code rc = prepare(options, err);

	if (rc == ERR_OK && (cert == NULL || pem == NULL))
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = key_make(options->key_kind, &key, err);
	if (rc == ERR_OK)
		rc = fill_cert(cert, options, key, err);
	if (rc != ERR_OK)
		return rc;
	if (X509_sign(cert, key, key_digest(key)) <= 0 ||
	    PEM_write_bio_X509(pem, cert) != 1)
		return key_fail("sign the certificate", err);
	return write_both(options, key, pem, err);
}

enum err_code
cert_request(const struct options *options, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(request_free) X509_REQ *request = X509_REQ_new();
	CLEANUP(bio_free) BIO *pem = BIO_new(BIO_s_mem());
	enum err_code rc = prepare(options, err);

	if (rc == ERR_OK && (request == NULL || pem == NULL))
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = key_make(options->key_kind, &key, err);
	if (rc == ERR_OK)
		rc = fill_request(request, options, key, err);
	if (rc != ERR_OK)
		return rc;
	if (X509_REQ_sign(request, key, key_digest(key)) <= 0 ||
	    PEM_write_bio_X509_REQ(pem, request) != 1)
		return key_fail("sign the request", err);
	return write_both(options, key, pem, err);
}
