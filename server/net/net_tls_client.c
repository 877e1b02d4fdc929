#include "net/net_tls_client.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "net/net_bio.h"
#include "net/net_client_verify.h"
#include "net/net_policy.h"

/* ---- what makes two contexts the same ---- */

static bool
add_bytes(EVP_MD_CTX *hash, struct str bytes)
{
	const uint64_t len = bytes.len;

	/* Lengths first, so that no two lists of fields look alike. */
	return EVP_DigestUpdate(hash, &len, sizeof(len)) == 1 &&
	       (len == 0 || EVP_DigestUpdate(hash, bytes.ptr, len) == 1);
}

static bool
add_all(EVP_MD_CTX *hash, const struct net_tls_client_settings *settings)
{
	const struct net_tls_policy *policy = &settings->policy;
	const int numbers[] = {(int)policy->min_version,
	    (int)policy->max_version, (int)policy->strength,
	    (int)settings->check, settings->trust_system_too,
	    settings->trust.accept_stale_crl, settings->identity != NULL};

	return add_bytes(
	           hash, str_of((const char *)numbers, sizeof(numbers))) &&
	       add_bytes(hash, str_c(policy->cipher_list)) &&
	       add_bytes(hash, str_c(policy->cipher_suites)) &&
	       add_bytes(hash, str_c(policy->groups)) &&
	       add_bytes(hash, settings->trust.pem) &&
	       add_bytes(hash, settings->trust.crl_pem) &&
	       add_bytes(hash, settings->name) &&
	       add_bytes(hash, settings->key_pin) &&
	       (settings->identity == NULL ||
	           add_bytes(hash, settings->identity->certificate_pem));
}

static enum err_code
make_digest(struct net_tls_client *tls,
    const struct net_tls_client_settings *settings, struct err *err)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned raw_bytes = 0;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	const bool is_fine = hash != NULL &&
	                     EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
	                     add_all(hash, settings) &&
	                     EVP_DigestFinal_ex(hash, raw, &raw_bytes) == 1;

	EVP_MD_CTX_free(hash);
	if (!is_fine)
		return err_set(err, ERR_INTERNAL, NULL, "SHA-256");
	for (unsigned i = 0; i < raw_bytes; i++)
		(void)snprintf(tls->digest + 2 * (size_t)i, 3, "%02x", raw[i]);
	return ERR_OK;
}

/* ---- making one ---- */

static enum err_code
set_trust(struct net_tls_client *tls,
    const struct net_tls_client_settings *settings, struct err *err)
{
	const struct net_tls_trust *trust = &settings->trust;
	enum err_code rc = ERR_OK;

	/* A server's own certificate, or an intermediate one, may be trusted
	 * without what is above it. */
	(void)X509_STORE_set_flags(
	    SSL_CTX_get_cert_store(tls->context), X509_V_FLAG_PARTIAL_CHAIN);
	if (trust->pem.len > 0)
		rc = net_tls_client_trust(
		    tls->context, trust->pem, trust->name, err);
	if (rc == ERR_OK &&
	    (trust->pem.len == 0 || settings->trust_system_too) &&
	    SSL_CTX_set_default_verify_paths(tls->context) != 1)
		rc = err_set(err, ERR_CONFIG,
		    "The system's trusted certificates cannot be loaded.",
		    NULL);
	if (rc == ERR_OK && trust->crl_pem.len > 0)
		rc = net_tls_client_revoked(tls->context, trust, err);
	return rc;
}

static char *
copy(struct str s)
{
	char *out = malloc(s.len + 1);

	if (out == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return out;
}

static enum err_code
set_names(struct net_tls_client *tls,
    const struct net_tls_client_settings *settings, struct err *err)
{
	const struct net_tls_trust *trust = &settings->trust;

	if (settings->key_pin.len > 0) {
		ensure(settings->key_pin.len == sizeof(tls->pin));
		memcpy(tls->pin, settings->key_pin.ptr, sizeof(tls->pin));
		tls->has_pin = true;
	}
	if (settings->name.len > 0)
		tls->name = copy(settings->name);
	if (trust->crl_pem.len > 0)
		tls->crl_name = copy(str_c(trust->crl_name));
	if ((settings->name.len > 0 && tls->name == NULL) ||
	    (trust->crl_pem.len > 0 && tls->crl_name == NULL))
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls_client");
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
	tls->check = settings->check;
	tls->method = net_bio_method_new();
	if (tls->method == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "BIO_meth_new");
	/* 112 bits, whatever this machine's openssl.cnf says: no keys of
	 * 1024 bits, no SHA-1. A list of the admin's may say otherwise. */
	if (settings->policy.strength != NET_TLS_CUSTOM &&
	    SSL_CTX_get_security_level(tls->context) < 2)
		SSL_CTX_set_security_level(tls->context, 2);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(tls->context, net_client_verify, NULL);
	(void)SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE);
	rc = set_names(tls, settings, err);
	if (rc == ERR_OK)
		rc = set_trust(tls, settings, err);
	if (rc == ERR_OK && settings->identity != NULL)
		rc = net_tls_client_identity(
		    tls->context, settings->identity, err);
	return rc == ERR_OK ? make_digest(tls, settings, err) : rc;
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

enum err_code
net_tls_client_new_probe(struct net_tls_client **out, struct err *err)
{
	const struct net_tls_client_settings settings = {
	    .check = NET_TLS_CHECK_OFF};
	enum err_code rc = net_tls_client_new(&settings, out, err);
	SSL_CTX *context = NULL;

	if (rc != ERR_OK)
		return rc;
	ensure(*out != NULL);
	context = (*out)->context;
	SSL_CTX_set_security_level(context, 0);
	if (SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1)
		return ERR_OK;
	ERR_clear_error();
	net_tls_client_unref(*out);
	*out = NULL;
	return err_set(err, ERR_INTERNAL, NULL, "TLS 1.0 cannot be tried");
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
	free(tls->name);
	free(tls->crl_name);
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

const char *
net_tls_client_digest(const struct net_tls_client *tls)
{
	return tls->digest;
}
