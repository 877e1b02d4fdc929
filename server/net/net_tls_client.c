#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>

#include "net/net_bio.h"
#include "net/net_policy.h"
#include "net/net_tls.h"

struct net_tls_client {
	atomic_uint refs;
	SSL_CTX *context;   /* owned */
	BIO_METHOD *method; /* owned; clients hold a reference to us */
};

/* Adds every certificate of the text to the trusted ones. */
static enum err_code
trust(SSL_CTX *context, struct str pem, const char *name, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	BIO *bio = NULL;
	size_t count = 0;
	bool is_end = false;

	if (pem.len <= (size_t)64 << 20)
		bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
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
	is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
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

static enum err_code
build(struct net_tls_client *tls,
    const struct net_tls_client_settings *settings, struct err *err)
{
	enum err_code rc = net_policy_context(
	    TLS_client_method(), &settings->policy, &tls->context, err);

	if (rc != ERR_OK)
		return rc;
	tls->method = net_bio_method_new();
	if (tls->method == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "BIO_meth_new");
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE);
	if (settings->trust.pem.len > 0)
		return trust(tls->context, settings->trust.pem,
		    settings->trust.name, err);
	if (SSL_CTX_set_default_verify_paths(tls->context) != 1)
		return err_set(err, ERR_CONFIG,
		    "The system's trusted certificates cannot be loaded.",
		    NULL);
	return ERR_OK;
}

enum err_code
net_tls_client_new(const struct net_tls_client_settings *settings,
    struct net_tls_client **out, struct err *err)
{
	struct net_tls_client *tls = calloc(1, sizeof(*tls));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (tls == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls_client");
	atomic_init(&tls->refs, 1);
	rc = build(tls, settings, err);
	ERR_clear_error();
	if (rc != ERR_OK) {
		net_tls_client_unref(tls);
		return rc;
	}
	*out = tls;
	return ERR_OK;
}

struct net_tls_client *
net_tls_client_ref(struct net_tls_client *tls)
{
	if (tls != NULL)
		atomic_fetch_add(&tls->refs, 1);
	return tls;
}

void
net_tls_client_unref(struct net_tls_client *tls)
{
	if (tls == NULL || atomic_fetch_sub(&tls->refs, 1) != 1)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->method);
	free(tls);
}

SSL_CTX *
net_tls_client_context(const struct net_tls_client *tls)
{
	return tls->context;
}

const BIO_METHOD *
net_tls_client_bio(const struct net_tls_client *tls)
{
	return tls->method;
}

bool
net_tls_client_has_identity(const struct net_tls_client *tls)
{
	return SSL_CTX_get0_certificate(tls->context) != NULL;
}
