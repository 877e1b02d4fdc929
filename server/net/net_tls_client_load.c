#include <openssl/err.h>
#include <openssl/pem.h>

#include "net/net_policy.h"
#include "net/net_tls_client.h"

enum {
	REASON_BYTES = 128
};

static BIO *
text_bio(struct str pem)
{
	return pem.len == 0 || pem.len > (size_t)64 << 20
	           ? NULL
	           : BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

/* Whether reading stopped because the text was over. */
static bool
was_at_end(void)
{
	const bool is_end =
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return is_end;
}

/* ---- authorities ---- */

enum err_code
net_tls_client_trust(
    SSL_CTX *context, struct str pem, const char *name, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	BIO *bio = text_bio(pem);
	size_t count = 0;
	bool is_end = false;

	for (;;) {
		X509 *one = bio == NULL
		                ? NULL
		                : PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);

		if (one == NULL)
			break;
		if (X509_STORE_add_cert(store, one) == 1)
			count++;
		X509_free(one);
	}
	is_end = was_at_end();
	BIO_free(bio);
	if (count == 0)
		return err_sayf(err, ERR_CONFIG,
		    "The CA file %s holds no certificate in PEM form "
		    "(-----BEGIN CERTIFICATE-----).",
		    name);
	if (!is_end)
		return err_sayf(err, ERR_CONFIG,
		    "Certificate number %zu in the CA file %s is damaged.",
		    count + 1, name);
	return ERR_OK;
}

/* ---- revocation lists ---- */

static int
pass_stale(int is_fine, X509_STORE_CTX *context)
{
	if (is_fine ||
	    X509_STORE_CTX_get_error(context) != X509_V_ERR_CRL_HAS_EXPIRED)
		return is_fine;
	X509_STORE_CTX_set_error(context, X509_V_OK);
	return 1;
}

enum err_code
net_tls_client_revoked(
    SSL_CTX *context, const struct net_tls_trust *trust, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	BIO *bio = text_bio(trust->crl_pem);
	size_t count = 0;
	bool is_end = false;

	for (;;) {
		X509_CRL *one =
		    bio == NULL ? NULL
		                : PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

		if (one == NULL)
			break;
		if (X509_STORE_add_crl(store, one) == 1)
			count++;
		X509_CRL_free(one);
	}
	is_end = was_at_end();
	BIO_free(bio);
	if (count == 0 || !is_end)
		return err_sayf(err, ERR_CONFIG,
		    "The revocation list file %s %s.", trust->crl_name,
		    count == 0 ? "holds no list in PEM form (-----BEGIN X509 "
		                 "CRL-----)"
		               : "is damaged");
	(void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	if (trust->accept_stale_crl)
		X509_STORE_set_verify_cb(store, pass_stale);
	return ERR_OK;
}

/* ---- our certificate ---- */

/* PEM's question for the password; -1 is "no". */
static int
tell_password(char *buf, int size, int is_writing, void *ctx)
{
	const struct secret *password = ctx;

	(void)is_writing;
	if (password == NULL || password->len == 0 || size < 0 ||
	    password->len > (size_t)size)
		return -1;
	memcpy(buf, password->ptr, password->len);
	return (int)password->len;
}

static enum err_code
load_certificates(
    SSL_CTX *context, const struct net_tls_identity *identity, struct err *err)
{
	BIO *bio = text_bio(identity->certificate_pem);
	size_t count = 0;
	bool is_fine = true;

	while (bio != NULL && is_fine) {
		X509 *one = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (one == NULL)
			break;
		is_fine = (count == 0 ? SSL_CTX_use_certificate(context, one)
		                      : (int)SSL_CTX_add1_chain_cert(
		                            context, one)) == 1;
		X509_free(one);
		count++;
	}
	BIO_free(bio);
	if (count == 0 || (is_fine && !was_at_end()))
		return err_sayf(err, ERR_CONFIG,
		    "%s holds no certificate in PEM form (-----BEGIN "
		    "CERTIFICATE-----), or a damaged one.",
		    identity->certificate_name);
	if (!is_fine) {
		char reason[REASON_BYTES];

		net_policy_reason(reason, sizeof(reason));
		return err_sayf(err, ERR_CONFIG,
		    "The certificate in %s cannot be used: %s.",
		    identity->certificate_name, reason);
	}
	return ERR_OK;
}

enum err_code
net_tls_client_identity(
    SSL_CTX *context, const struct net_tls_identity *identity, struct err *err)
{
	const struct secret *password = identity->key_password;
	BIO *bio = NULL;
	EVP_PKEY *key = NULL;
	enum err_code rc = load_certificates(context, identity, err);
	bool is_fitting = false;

	if (rc != ERR_OK)
		return rc;
	bio = text_bio(secret_str(identity->key_pem));
	if (bio != NULL)
		/* The callback only reads it. */
		key = PEM_read_bio_PrivateKey(bio, NULL, tell_password,
		    /* NOLINTNEXTLINE(performance-no-int-to-ptr): as above */
		    (void *)(uintptr_t)password);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL)
		return err_sayf(err, ERR_CONFIG,
		    "%s holds no private key in PEM form, or its password is "
		    "%s.",
		    identity->key_name,
		    password == NULL ? "not configured" : "another one");
	is_fitting = SSL_CTX_use_PrivateKey(context, key) == 1;
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (!is_fitting)
		return err_sayf(err, ERR_CONFIG,
		    "The key in %s does not belong to the first certificate in "
		    "%s.",
		    identity->key_name, identity->certificate_name);
	return ERR_OK;
}
