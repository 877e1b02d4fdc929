#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ca_folder.h"
#include "key.h"
#include "os/file.h"
#include "own.h"

#define SKEW_S       300
#define DAY_S        (24L * 60 * 60)
#define NUMBER_BYTES 100

static const struct {
	const char *word; /* as openssl-ca(1) writes it in index.txt */
	int code;
} REASONS[] = {
    {"unspecified", CRL_REASON_UNSPECIFIED},
    {"keyCompromise", CRL_REASON_KEY_COMPROMISE},
    {"affiliationChanged", CRL_REASON_AFFILIATION_CHANGED},
    {"superseded", CRL_REASON_SUPERSEDED},
    {"cessationOfOperation", CRL_REASON_CESSATION_OF_OPERATION},
};

enum err_code
ca_list_reason(const char *word, int *out, struct err *err)
{
	for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++)
		if (str_eq(str_c(word), str_c(REASONS[i].word))) {
			*out = REASONS[i].code;
			return ERR_OK;
		}
	return err_sayf(err, ERR_INPUT,
	    "--reason takes unspecified, keyCompromise, affiliationChanged, "
	    "superseded or cessationOfOperation, not \"%s\".",
	    word);
}

static bool
set_number(X509_REVOKED *revoked, const char *serial)
{
	BIGNUM *number = NULL;
	ASN1_INTEGER *integer = NULL;
	bool ok = BN_hex2bn(&number, serial) > 0;

	if (ok)
		integer = BN_to_ASN1_INTEGER(number, NULL);
	ok = integer != NULL &&
	     X509_REVOKED_set_serialNumber(revoked, integer) == 1;
	ASN1_INTEGER_free(integer);
	BN_free(number);
	return ok;
}

static bool
set_date(X509_REVOKED *revoked, const char *when)
{
	ASN1_TIME *time = ASN1_TIME_new();
	bool ok = time != NULL && ASN1_TIME_set_string(time, when) == 1 &&
	          X509_REVOKED_set_revocationDate(revoked, time) == 1;

	ASN1_TIME_free(time);
	return ok;
}

/* RFC 5280, 5.3.1: "unspecified" is left out. */
static bool
set_reason(X509_REVOKED *revoked, const char *word)
{
	int code = CRL_REASON_UNSPECIFIED;
	struct err ignored = ERR_NONE;
	ASN1_ENUMERATED *value = NULL;

	err_ignore(ca_list_reason(word, &code, &ignored));
	if (code == CRL_REASON_UNSPECIFIED)
		return true;
	value = ASN1_ENUMERATED_new();
	bool ok = value != NULL && ASN1_ENUMERATED_set(value, code) == 1 &&
	          X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, value, 0,
	              X509V3_ADD_DEFAULT) == 1;
	ASN1_ENUMERATED_free(value);
	return ok;
}

static bool
add_revoked(const struct ca *ca, X509_CRL *crl, const struct ca_entry *entry)
{
	struct str rest = entry->revoked;
	const char *when = str_dup_c(ca->arena, str_cut(&rest, ','));
	const char *word = str_dup_c(ca->arena, rest);
	const char *serial = str_dup_c(ca->arena, entry->serial);
	X509_REVOKED *revoked = X509_REVOKED_new();
	bool ok = revoked != NULL && when != NULL && serial != NULL &&
	          set_number(revoked, serial) && set_date(revoked, when) &&
	          set_reason(revoked, word != NULL ? word : "") &&
	          X509_CRL_add0_revoked(crl, revoked) == 1;

	if (!ok)
		X509_REVOKED_free(revoked);
	return ok;
}

/* The number of this list; the next one goes back into the file. */
static enum err_code
take_number(const struct ca *ca, X509_CRL *crl, struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	struct str text;
	BIGNUM *number = NULL;
	ASN1_INTEGER *integer = NULL;
	char *next = NULL;
	enum err_code rc = ca_path(ca->folder, "crlnumber", path, err);

	if (rc == ERR_OK)
		rc = file_read(path, NUMBER_BYTES, ca->arena, &text, err);
	if (rc != ERR_OK)
		return rc;
	const char *hex = str_dup_c(ca->arena, str_trim(text));
	bool ok = hex != NULL && BN_hex2bn(&number, hex) > 0;
	if (ok)
		integer = BN_to_ASN1_INTEGER(number, NULL);
	ok = integer != NULL &&
	     X509_CRL_add1_ext_i2d(
	         crl, NID_crl_number, integer, 0, X509V3_ADD_APPEND) == 1 &&
	     BN_add_word(number, 1) == 1;
	if (ok)
		next = BN_bn2hex(number);
	if (next == NULL)
		rc = key_fail("number the list", err);
	else
		rc = file_replace(
		    path, str_printf(ca->arena, "%s\n", next), 0600, err);
	OPENSSL_free(next);
	ASN1_INTEGER_free(integer);
	BN_free(number);
	return rc;
}

static bool
set_issuer(const struct ca *ca, X509_CRL *crl, uint32_t days)
{
	const ASN1_OCTET_STRING *key_id = X509_get0_subject_key_id(ca->cert);
	AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -SKEW_S);
	ASN1_TIME *until = X509_gmtime_adj(NULL, (long)days * DAY_S);

	if (id != NULL && key_id != NULL)
		id->keyid = ASN1_OCTET_STRING_dup(key_id);
	bool ok = id != NULL && id->keyid != NULL && from != NULL &&
	          until != NULL &&
	          X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	          X509_CRL_set_issuer_name(
	              crl, X509_get_subject_name(ca->cert)) == 1 &&
	          X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	          X509_CRL_set1_nextUpdate(crl, until) == 1 &&
	          X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id,
	              0, X509V3_ADD_APPEND) == 1;
	AUTHORITY_KEYID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return ok;
}

static enum err_code
write_form(const struct ca *ca, X509_CRL *crl, bool is_pem, struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char path[OPTIONS_PATH_BYTES];
	char *bytes = NULL;
	enum err_code rc =
	    ca_path(ca->folder, is_pem ? "crl.pem" : "crl.der", path, err);

	if (rc != ERR_OK)
		return rc;
	if (bio == NULL || (is_pem ? PEM_write_bio_X509_CRL(bio, crl)
	                           : i2d_X509_CRL_bio(bio, crl)) != 1)
		return key_fail("write the list", err);
	long len = BIO_get_mem_data(bio, &bytes);
	return file_replace(path, str_of(bytes, (size_t)len), 0644, err);
}

enum err_code
ca_list_write(const struct ca *ca, uint32_t days, struct err *err)
{
	CLEANUP(own_crl_free) X509_CRL *crl = X509_CRL_new();
	bool ok = crl != NULL && set_issuer(ca, crl, days);

	for (size_t i = 0; ok && i < ca->entry_count; i++)
		if (ca->entries[i].status == 'R')
			ok = add_revoked(ca, crl, &ca->entries[i]);
	if (!ok)
		return key_fail("make the list", err);
	enum err_code rc = take_number(ca, crl, err);
	if (rc != ERR_OK)
		return rc;
	if (X509_CRL_sort(crl) != 1 ||
	    X509_CRL_sign(crl, ca->key, key_digest(ca->key)) <= 0)
		return key_fail("sign the list", err);
	rc = write_form(ca, crl, true, err);
	return rc == ERR_OK ? write_form(ca, crl, false, err) : rc;
}
