#ifndef CERT_MAKER_H
#define CERT_MAKER_H
/* Certificates for tests, made as they are needed. */
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/secret.h"
#include "base/str.h"

/* One certificate with its key. */
struct cert {
	EVP_PKEY *key;
	X509 *x509;
	char *pem;
	char *key_pem;
};

struct cert_wish {
	const char *name;          /* CN */
	const char *alt;           /* "DNS:a,IP:127.0.0.1" or NULL */
	const struct cert *issuer; /* NULL: self-signed */
	bool is_ca;
	long from_s; /* of now */
	long to_s;
	const char *use;   /* extended key usage, as "serverAuth", or NULL */
	const char *email; /* emailAddress of the subject, or NULL */
	int rsa_bits;      /* 0: EC P-256 */
};

static inline char *
cert_take_text(BIO *bio)
{
	char *text = NULL;
	const long len = BIO_get_mem_data(bio, &text);
	char *copy = calloc(1, (size_t)len + 1);

	ensure(copy != NULL);
	memcpy(copy, text, (size_t)len);
	BIO_free(bio);
	return copy;
}

static inline void
cert_extend(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension = NULL;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ensure(extension != NULL);
	ensure(X509_add_ext(x509, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static inline struct cert
cert_make(const struct cert_wish *wish)
{
	static long serial = 1;
	struct cert cert = {0};
	X509_NAME *name = NULL;
	BIO *bio = NULL;
	const struct cert *issuer = wish->issuer;

	cert.key = wish->rsa_bits == 0 ? EVP_EC_gen("P-256")
	                               : EVP_RSA_gen((unsigned)wish->rsa_bits);
	cert.x509 = X509_new();
	ensure(cert.key != NULL && cert.x509 != NULL);
	X509_set_version(cert.x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert.x509), wish->from_s);
	X509_gmtime_adj(X509_getm_notAfter(cert.x509), wish->to_s);
	name = X509_get_subject_name(cert.x509);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
	    (const unsigned char *)wish->name, -1, -1, 0);
	if (wish->email != NULL)
		X509_NAME_add_entry_by_NID(name, NID_pkcs9_emailAddress,
		    MBSTRING_ASC, (const unsigned char *)wish->email, -1, -1,
		    0);
	X509_set_issuer_name(cert.x509,
	    issuer == NULL ? name : X509_get_subject_name(issuer->x509));
	X509_set_pubkey(cert.x509, cert.key);
	if (wish->is_ca) {
		cert_extend(cert.x509, cert.x509, NID_basic_constraints,
		    "critical,CA:TRUE");
		cert_extend(cert.x509, cert.x509, NID_key_usage,
		    "critical,keyCertSign,cRLSign");
	}
	if (wish->use != NULL)
		cert_extend(cert.x509, cert.x509, NID_ext_key_usage, wish->use);
	if (wish->alt != NULL)
		cert_extend(cert.x509,
		    issuer == NULL ? cert.x509 : issuer->x509,
		    NID_subject_alt_name, wish->alt);
	ensure(X509_sign(cert.x509, issuer == NULL ? cert.key : issuer->key,
	           EVP_sha256()) > 0);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, cert.x509);
	cert.pem = cert_take_text(bio);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, cert.key, NULL, NULL, 0, NULL, NULL);
	cert.key_pem = cert_take_text(bio);
	return cert;
}

/* The key's PEM under a password. */
static inline char *
cert_lock_key(const struct cert *cert, const char *password)
{
	BIO *bio = BIO_new(BIO_s_mem());

	ensure(PEM_write_bio_PKCS8PrivateKey(bio, cert->key, EVP_aes_256_cbc(),
	           password, (int)strlen(password), NULL, NULL) == 1);
	return cert_take_text(bio);
}

/* The authority's revocation list in PEM; `revoked` may be NULL. */
static inline char *
cert_revoke(const struct cert *authority, const struct cert *revoked,
    long from_s, long to_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, from_s);
	ASN1_TIME *to = X509_gmtime_adj(NULL, to_s);
	BIO *bio = BIO_new(BIO_s_mem());

	ensure(crl != NULL && from != NULL && to != NULL);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority->x509));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, to);
	if (revoked != NULL) {
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(
		    entry, X509_get_serialNumber(revoked->x509));
		X509_REVOKED_set_revocationDate(entry, from);
		ensure(X509_CRL_add0_revoked(crl, entry) == 1);
	}
	X509_CRL_sort(crl);
	ensure(X509_CRL_sign(crl, authority->key, EVP_sha256()) > 0);
	PEM_write_bio_X509_CRL(bio, crl);
	X509_CRL_free(crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return cert_take_text(bio);
}

/* What the authority says of a certificate (RFC 6960), in DER, owned. */
static inline struct str
cert_status(const struct cert *authority, const struct cert *signer,
    const struct cert *about, int status, long from_s, long to_s)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *response = NULL;
	OCSP_CERTID *id =
	    OCSP_cert_to_id(EVP_sha1(), about->x509, authority->x509);
	ASN1_TIME *from = X509_gmtime_adj(NULL, from_s);
	ASN1_TIME *to = X509_gmtime_adj(NULL, to_s);
	unsigned char *der = NULL;
	int len = 0;

	ensure(OCSP_basic_add1_status(basic, id, status, 0, from, from, to) !=
	       NULL);
	ensure(OCSP_basic_sign(basic, signer->x509, signer->key, EVP_sha256(),
	           NULL, 0) == 1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	len = i2d_OCSP_RESPONSE(response, &der);
	ensure(len > 0);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return (struct str){(const char *)der, (size_t)len};
}

static inline void
cert_end(struct cert *cert)
{
	EVP_PKEY_free(cert->key);
	X509_free(cert->x509);
	free(cert->pem);
	free(cert->key_pem);
	memset(cert, 0, sizeof(*cert));
}

static inline struct secret
cert_secret(const char *text)
{
	struct secret secret = {0};
	struct err err = ERR_NONE;

	ensure(secret_init(&secret, str_c(text), &err) == ERR_OK);
	return secret;
}

#endif
