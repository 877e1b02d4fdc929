#include "build.h"

#include <openssl/bn.h>

#include "key.h"
#include "own.h"

/* X.520: what a common name may hold; longer names stand in the SAN only. */
#define COMMON_NAME_MAX 64
/* Clocks differ: valid from a little before now. */
#define SKEW_S 300
#define DAY_S  (24L * 60 * 60)
/* RFC 5280, 4.1.2.2: at most 20 octets, positive. */
#define SERIAL_BITS 127

static bool
add_entry(X509_NAME *name, const char *field, struct str value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
	           (const unsigned char *)value.ptr, (int)value.len, -1,
	           0) == 1;
}

enum err_code
build_subject(X509_NAME *name, const struct options *options, struct err *err)
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

/* Bits of the first octet; keyCertSign and cRLSign are among them too. */
static unsigned char
usage_bits(enum build_purpose purpose, const EVP_PKEY *key)
{
	if (purpose == BUILD_AUTHORITY)
		return KU_KEY_CERT_SIGN | KU_CRL_SIGN;
	/* RSA key transport is of TLS 1.2 without forward secrecy; some
	 * clients still look for the bit. */
	if (purpose == BUILD_SERVER && EVP_PKEY_is_a(key, "RSA"))
		return KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT;
	return KU_DIGITAL_SIGNATURE;
}

static enum err_code
add_usage(STACK_OF(X509_EXTENSION) * *list, enum build_purpose purpose,
    const EVP_PKEY *key, struct err *err)
{
	unsigned char bits = usage_bits(purpose, key);
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	EXTENDED_KEY_USAGE *extended = EXTENDED_KEY_USAGE_new();
	ASN1_OBJECT *what = OBJ_nid2obj(
	    purpose == BUILD_CLIENT ? NID_client_auth : NID_server_auth);
	enum err_code rc = ERR_OK;

	if (usage == NULL || extended == NULL ||
	    ASN1_BIT_STRING_set(usage, &bits, 1) != 1 ||
	    sk_ASN1_OBJECT_push(extended, what) <= 0)
		rc = key_fail("add an extension", err);
	if (rc == ERR_OK)
		rc = add_extension(list, NID_key_usage, usage, 1, err);
	if (rc == ERR_OK && purpose != BUILD_AUTHORITY)
		rc = add_extension(list, NID_ext_key_usage, extended, 0, err);
	ASN1_BIT_STRING_free(usage);
	EXTENDED_KEY_USAGE_free(extended);
	return rc;
}

/* An authority signs certificates, no further authorities. */
static enum err_code
add_basic(STACK_OF(X509_EXTENSION) * *list, bool is_authority, struct err *err)
{
	BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();
	enum err_code rc = ERR_OK;

	if (basic == NULL)
		return key_fail("add an extension", err);
	if (is_authority) {
		basic->ca = 1;
		basic->pathlen = ASN1_INTEGER_new();
		if (basic->pathlen == NULL ||
		    ASN1_INTEGER_set(basic->pathlen, 0) != 1)
			rc = key_fail("add an extension", err);
	}
	if (rc == ERR_OK)
		rc = add_extension(list, NID_basic_constraints, basic, 1, err);
	BASIC_CONSTRAINTS_free(basic);
	return rc;
}

/*
 * Only authorities are CAs: who trusts a server's certificate must not trust
 * others made with its key, and Firefox refuses an authority as a server.
 */
enum err_code
build_extensions(enum build_purpose purpose, const EVP_PKEY *key,
    GENERAL_NAMES *names, bool names_are_critical,
    STACK_OF(X509_EXTENSION) * *out, struct err *err)
{
	enum err_code rc = add_basic(out, purpose == BUILD_AUTHORITY, err);

	if (rc == ERR_OK)
		rc = add_usage(out, purpose, key, err);
	if (rc == ERR_OK && names != NULL && sk_GENERAL_NAME_num(names) > 0)
		rc = add_extension(
		    out, NID_subject_alt_name, names, names_are_critical, err);
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

/* Both ends count (RFC 5280, 4.1.2.5): the last second belongs to the days. */
static bool
set_dates(X509 *cert, uint32_t days)
{
	long last = (long)days * DAY_S - SKEW_S - 1;

	return X509_gmtime_adj(X509_getm_notBefore(cert), -SKEW_S) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), last) != NULL;
}

enum err_code
build_cert(X509 *cert, EVP_PKEY *key, uint32_t days,
    const STACK_OF(X509_EXTENSION) * list, struct err *err)
{
	enum err_code rc = set_serial(cert, err);

	if (rc == ERR_OK &&
	    (X509_set_version(cert, X509_VERSION_3) != 1 ||
	        X509_set_pubkey(cert, key) != 1 || !set_dates(cert, days)))
		rc = key_fail("fill the certificate", err);
	for (int i = 0; rc == ERR_OK && i < sk_X509_EXTENSION_num(list); i++)
		if (X509_add_ext(cert, sk_X509_EXTENSION_value(list, i), -1) !=
		    1)
			rc = key_fail("add an extension", err);
	return rc;
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
set_issuer_id(X509 *cert, X509 *issuer, struct err *err)
{
	const ASN1_OCTET_STRING *theirs = X509_get0_subject_key_id(issuer);
	AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();

	if (theirs == NULL) {
		AUTHORITY_KEYID_free(id);
		return ERR_OK;
	}
	if (id != NULL)
		id->keyid = ASN1_OCTET_STRING_dup(theirs);
	bool ok = id != NULL && id->keyid != NULL &&
	          X509_add1_ext_i2d(cert, NID_authority_key_identifier, id, 0,
	              X509V3_ADD_APPEND) == 1;
	AUTHORITY_KEYID_free(id);
	return ok ? ERR_OK : key_fail("name the issuer's key", err);
}

enum err_code
build_issuer(X509 *cert, X509 *issuer, struct err *err)
{
	enum err_code rc = set_key_id(cert, err);

	if (rc == ERR_OK &&
	    X509_set_issuer_name(cert, X509_get_subject_name(issuer)) != 1)
		rc = key_fail("name the issuer", err);
	return rc == ERR_OK && issuer != cert ? set_issuer_id(cert, issuer, err)
	                                      : rc;
}
