#include "net/net_tls_read.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

enum {
	PEM_BYTES_MOST = 64 << 20
};

static BIO *
bio_of(struct str pem)
{
	if (pem.len == 0 || pem.len > PEM_BYTES_MOST)
		return NULL;
	return BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

static bool
holds(struct str pem, struct str what)
{
	return str_find(pem, what, 0) < pem.len;
}

/* After a failed read: "no start line" is the text's end. */
static bool
is_at_end(void)
{
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

/* ---- lists ---- */

STACK_OF(X509) *
    net_tls_read_certificates(struct str pem, int most, size_t *out_good)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = bio_of(pem);
	bool is_fine = chain != NULL && bio != NULL;

	*out_good = 0;
	while (is_fine) {
		X509 *one = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (one == NULL) {
			is_fine = is_at_end();
			break;
		}
		is_fine =
		    sk_X509_num(chain) < most && sk_X509_push(chain, one) > 0;
		if (is_fine)
			(*out_good)++;
		else
			X509_free(one);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (is_fine)
		return chain;
	net_tls_free_chain(chain);
	return NULL;
}

void
net_tls_free_chain(STACK_OF(X509) * chain)
{
	sk_X509_pop_free(chain, X509_free);
}

STACK_OF(X509_CRL) *
    net_tls_read_crls(struct str pem, int most, size_t *out_good)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	BIO *bio = bio_of(pem);
	bool is_fine = crls != NULL && bio != NULL;

	*out_good = 0;
	while (is_fine) {
		X509_CRL *one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

		if (one == NULL) {
			is_fine = is_at_end();
			break;
		}
		is_fine = sk_X509_CRL_num(crls) < most &&
		          sk_X509_CRL_push(crls, one) > 0;
		if (is_fine)
			(*out_good)++;
		else
			X509_CRL_free(one);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (is_fine)
		return crls;
	net_tls_free_crls(crls);
	return NULL;
}

void
net_tls_free_crls(STACK_OF(X509_CRL) * crls)
{
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
}

/* ---- keys ---- */

/* PEM's question for the password; -1 is "no". */
static int
tell_password(char *buf, int size, int is_writing, void *ctx)
{
	const struct secret *password = ctx;

	(void)is_writing;
	if (password->len == 0 || size < 0 || password->len > (size_t)size)
		return -1;
	memcpy(buf, password->ptr, password->len);
	return (int)password->len;
}

static enum err_code
read_key(
    const struct net_tls_identity *settings, EVP_PKEY **out, struct err *err)
{
	const struct str pem = secret_str(settings->key_pem);
	struct secret borrowed = {.ptr = NULL};
	const bool is_locked = holds(pem, STR("BEGIN ENCRYPTED PRIVATE KEY")) ||
	                       holds(pem, STR("Proc-Type: 4,ENCRYPTED"));
	const char *name = settings->key_name;
	BIO *bio = NULL;

	*out = NULL;
	if (settings->key_password != NULL)
		borrowed = *settings->key_password;
	if (!holds(pem, STR("PRIVATE KEY-----")))
		return err_sayf(err, ERR_CONFIG,
		    "The key file %s holds no private key in PEM form "
		    "(-----BEGIN PRIVATE KEY-----).",
		    name);
	if (is_locked && borrowed.len == 0)
		return err_sayf(err, ERR_CONFIG,
		    "The key in %s is encrypted and no password for it is "
		    "configured.",
		    name);
	bio = bio_of(pem);
	/* A password nobody asked for is no harm. */
	if (bio != NULL)
		*out = PEM_read_bio_PrivateKey(
		    bio, NULL, tell_password, &borrowed);
	BIO_free(bio);
	ERR_clear_error();
	if (*out != NULL)
		return ERR_OK;
	if (is_locked)
		return err_sayf(err, ERR_CONFIG,
		    "The configured password does not open the key in %s.",
		    name);
	return err_sayf(err, ERR_CONFIG,
	    "The private key in %s is damaged or of an unknown kind.", name);
}

/* ---- what must fit ---- */

bool
net_tls_is_issued(X509 *issuer, X509 *subject)
{
	const bool is_issued =
	    X509_NAME_cmp(X509_get_subject_name(issuer),
	        X509_get_issuer_name(subject)) == 0 &&
	    X509_verify(subject, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return is_issued;
}

static enum err_code
check_key(const STACK_OF(X509) * chain, EVP_PKEY *key,
    const struct net_tls_identity *settings, struct err *err)
{
	bool is_fitting = X509_check_private_key(sk_X509_value(chain, 0), key);

	if (is_fitting)
		return ERR_OK;
	for (int i = 1; i < sk_X509_num(chain) && !is_fitting; i++)
		is_fitting =
		    X509_check_private_key(sk_X509_value(chain, i), key) == 1;
	ERR_clear_error();
	if (is_fitting)
		return err_sayf(err, ERR_CONFIG,
		    "The certificates in %s are out of order: the server's "
		    "own must come first.",
		    settings->certificate_name);
	return err_sayf(err, ERR_CONFIG,
	    "The key in %s does not belong to the certificate in %s.",
	    settings->key_name, settings->certificate_name);
}

static enum err_code
check_chain(const STACK_OF(X509) * chain, const char *name, struct err *err)
{
	for (int i = 1; i < sk_X509_num(chain); i++) {
		if (net_tls_is_issued(
		        sk_X509_value(chain, i), sk_X509_value(chain, i - 1)))
			continue;
		return err_sayf(err, ERR_CONFIG,
		    "The certificates in %s are out of order: number %d did "
		    "not issue number %d. Put each one's issuer after it.",
		    name, i + 1, i);
	}
	return ERR_OK;
}

static enum err_code
read_chain(const struct net_tls_identity *settings, STACK_OF(X509) * *out,
    struct err *err)
{
	const bool is_empty = settings->certificate_pem.len == 0;
	size_t good = 0;

	*out = net_tls_read_certificates(
	    settings->certificate_pem, NET_TLS_CHAIN_MOST, &good);
	if (*out != NULL && sk_X509_num(*out) > 0)
		return ERR_OK;
	if (*out == NULL && !is_empty)
		return err_sayf(err, ERR_CONFIG,
		    good == NET_TLS_CHAIN_MOST
		        ? "The certificate file %s holds more certificates "
		          "than a chain can have."
		        : "A certificate in %s is damaged: its PEM text "
		          "cannot be read.",
		    settings->certificate_name);
	net_tls_free_chain(*out);
	*out = NULL;
	return err_sayf(err, ERR_CONFIG,
	    "The certificate file %s holds no certificate in PEM form "
	    "(-----BEGIN CERTIFICATE-----).",
	    settings->certificate_name);
}

enum err_code
net_tls_read_identity(const struct net_tls_identity *settings,
    STACK_OF(X509) * *out_chain, EVP_PKEY **out_key, struct err *err)
{
	enum err_code rc = read_chain(settings, out_chain, err);

	*out_key = NULL;
	if (rc == ERR_OK)
		rc = read_key(settings, out_key, err);
	if (rc == ERR_OK)
		rc = check_key(*out_chain, *out_key, settings, err);
	if (rc == ERR_OK)
		rc = check_chain(*out_chain, settings->certificate_name, err);
	if (rc == ERR_OK)
		return ERR_OK;
	net_tls_free_chain(*out_chain);
	EVP_PKEY_free(*out_key);
	*out_chain = NULL;
	*out_key = NULL;
	return rc;
}
