#include "net/net_tls_verify.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
	SELF_BITS_LEAST = 112 /* as OpenSSL's security level 2 */
};

static int
on_trouble(int is_fine, X509_STORE_CTX *ctx)
{
	const bool *accepts_stale = X509_STORE_CTX_get_app_data(ctx);
	const int reason = X509_STORE_CTX_get_error(ctx);
	const int depth = X509_STORE_CTX_get_error_depth(ctx);

	if (is_fine)
		return 1;
	/* Whoever issued the leaf must have a list; those above may. */
	if ((reason == X509_V_ERR_UNABLE_TO_GET_CRL && depth > 0) ||
	    (reason == X509_V_ERR_CRL_HAS_EXPIRED && *accepts_stale)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return 0;
}

static int
check_against(const struct net_tls_trusted *trusted, X509_STORE *store,
    X509 *leaf, STACK_OF(X509) * others, int security_level)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool accepts_stale = trusted->accepts_stale_crl;
	int reason = X509_V_ERR_OUT_OF_MEM;

	if (ctx != NULL && X509_STORE_CTX_init(ctx, store, leaf, others) == 1 &&
	    /* Purpose and trust of a TLS client. */
	    X509_STORE_CTX_set_default(ctx, "ssl_client") == 1) {
		bool is_good = false;

		X509_STORE_CTX_set_verify_cb(ctx, on_trouble);
		(void)X509_STORE_CTX_set_app_data(ctx, &accepts_stale);
		X509_VERIFY_PARAM_set_auth_level(
		    X509_STORE_CTX_get0_param(ctx), security_level);
		is_good = X509_verify_cert(ctx) == 1;
		reason = is_good ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
		/* on_trouble() may have reset what then did not pass. */
		if (!is_good && reason == X509_V_OK)
			reason = X509_V_ERR_UNSPECIFIED;
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return reason;
}

/* The chain has no root: perhaps it ends at a subordinate we trust. */
static int
check_tops(const struct net_tls_trusted *trusted, X509 *leaf,
    STACK_OF(X509) * others, int security_level)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	int reason = X509_V_ERR_OUT_OF_MEM;

	if (all != NULL &&
	    X509_add_certs(all, others, X509_ADD_FLAG_DEFAULT) == 1 &&
	    X509_add_certs(all, trusted->authorities, X509_ADD_FLAG_DEFAULT) ==
	        1)
		reason = check_against(
		    trusted, trusted->tops, leaf, all, security_level);
	sk_X509_free(all);
	return reason;
}

/* One that counts for itself: no chain, no signature to follow. */
static int
check_self(X509 *leaf)
{
	if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
		return X509_V_ERR_CERT_NOT_YET_VALID;
	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) <= 0)
		return X509_V_ERR_CERT_HAS_EXPIRED;
	if (X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) != 1)
		return X509_V_ERR_INVALID_PURPOSE;
	if (EVP_PKEY_get_security_bits(X509_get0_pubkey(leaf)) <
	    SELF_BITS_LEAST)
		return X509_V_ERR_EE_KEY_TOO_SMALL;
	return X509_V_OK;
}

/* ---- inside net ---- */

int
net_tls_verify_check(const struct net_tls_trusted *trusted, X509 *leaf,
    STACK_OF(X509) * others, int security_level)
{
	int reason = X509_V_OK;

	for (int i = 0; i < sk_X509_num(trusted->selves); i++) {
		if (X509_cmp(sk_X509_value(trusted->selves, i), leaf) == 0)
			return check_self(leaf);
	}
	reason = check_against(
	    trusted, trusted->whole, leaf, others, security_level);
	if (trusted->tops != NULL &&
	    net_tls_verify_verdict(reason) == NET_TLS_CERT_UNKNOWN_CA)
		reason = check_tops(trusted, leaf, others, security_level);
	return reason;
}

enum net_tls_verdict
net_tls_verify_verdict(int reason)
{
	static const struct {
		int reason;
		enum net_tls_verdict verdict;
	} table[] = {
	    {X509_V_OK, NET_TLS_CERT_GOOD},
	    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_CERT_UNTRUSTED, NET_TLS_CERT_UNKNOWN_CA},
	    {X509_V_ERR_CERT_HAS_EXPIRED, NET_TLS_CERT_EXPIRED},
	    {X509_V_ERR_CERT_NOT_YET_VALID, NET_TLS_CERT_NOT_YET},
	    {X509_V_ERR_CERT_REVOKED, NET_TLS_CERT_REVOKED},
	    {X509_V_ERR_CRL_HAS_EXPIRED, NET_TLS_CERT_STALE_CRL},
	    {X509_V_ERR_CRL_NOT_YET_VALID, NET_TLS_CERT_STALE_CRL},
	    {X509_V_ERR_UNABLE_TO_GET_CRL, NET_TLS_CERT_STALE_CRL},
	    {X509_V_ERR_INVALID_PURPOSE, NET_TLS_CERT_WRONG_PURPOSE},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].reason == reason)
			return table[i].verdict;
	}
	return NET_TLS_CERT_BAD;
}
