#include "net/net_policy.h"

#include <openssl/err.h>

#include "net/net_fips.h"
#include "net/net_policy_words.h"

/*
 * RFC 9325 (4.2): forward secrecy and AEAD only. TLS 1.3 has nothing else, so
 * this list is about 1.2.
 */
static const char policy_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char policy_suites[] =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
    "TLS_AES_128_GCM_SHA256";
static const char policy_groups[] = "X25519:P-256:P-384";
static const char fips_ciphers[] = "ECDHE+AESGCM";
static const char fips_suites[] =
    "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
static const char fips_groups[] = "P-256:P-384";

enum {
	SECURITY_LEVEL = 2 /* 112 bits: RSA 2048, no SHA-1 */
};

void
net_policy_reason(char *buf, size_t len)
{
	const unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	if (code == 0)
		(void)snprintf(buf, len, "connection lost");
	else if (reason == NULL)
		(void)snprintf(buf, len, "OpenSSL error %lx", code);
	else
		(void)snprintf(buf, len, "%s", reason);
	ERR_clear_error();
}

static bool
is_given(const char *words)
{
	return words != NULL && words[0] != '\0';
}

/* ---- the context ---- */

static bool
apply_versions(SSL_CTX *context, const struct net_tls_policy *policy)
{
	const bool is_new = policy->min_version == NET_TLS_1_3 ||
	                    policy->strength == NET_TLS_MODERN;
	/* 0: whatever OpenSSL has. */
	const int newest =
	    policy->max_version == NET_TLS_1_2 ? TLS1_2_VERSION : 0;

	return SSL_CTX_set_min_proto_version(
	           context, is_new ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(context, newest) == 1;
}

/* Empty lists of CUSTOM are those of INTERMEDIATE. */
static enum err_code
apply_lists(
    SSL_CTX *context, const struct net_tls_policy *policy, struct err *err)
{
	const bool is_custom = policy->strength == NET_TLS_CUSTOM;
	const bool is_fips = net_fips_is_on();
	const char *ciphers = is_fips ? fips_ciphers : policy_ciphers;
	const char *suites = is_fips ? fips_suites : policy_suites;
	const char *groups = is_fips ? fips_groups : policy_groups;
	enum err_code rc = ERR_OK;

	if (is_custom && is_given(policy->cipher_list))
		ciphers = policy->cipher_list;
	if (is_custom && is_given(policy->cipher_suites))
		suites = policy->cipher_suites;
	if (is_given(policy->groups))
		groups = policy->groups;
	if (ciphers == policy->cipher_list)
		rc = net_policy_set_ciphers(context, ciphers, err);
	else if (SSL_CTX_set_cipher_list(context, ciphers) != 1)
		rc = ERR_INTERNAL;
	if (rc == ERR_OK)
		rc = net_policy_set_suites(context, suites, err);
	if (rc == ERR_OK)
		rc = net_policy_set_groups(context, groups, err);
	return rc;
}

static void
apply_rest(SSL_CTX *context, const struct net_tls_policy *policy)
{
	uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;

	if (!policy->client_order)
		options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
	/* Devices that put ChaCha20 first have no AES in their processor; an
	 * admin's own order stands as it is. */
	if (!policy->client_order && policy->strength != NET_TLS_CUSTOM)
		options |= SSL_OP_PRIORITIZE_CHACHA;
	(void)SSL_CTX_set_options(context, options);
	(void)SSL_CTX_set_mode(context,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	        SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_security_level(context, SECURITY_LEVEL);
	/* For DHE in a list of the admin's: sized by the key. */
	(void)SSL_CTX_set_dh_auto(context, 1);
	/* One system call takes record header and record. */
	SSL_CTX_set_read_ahead(context, 1);
}

/* Wishes that contradict each other. */
static enum err_code
check(const struct net_tls_policy *policy, struct err *err)
{
	if (policy->max_version != NET_TLS_1_2)
		return ERR_OK;
	if (policy->strength == NET_TLS_MODERN)
		return err_set(err, ERR_CONFIG,
		    "The strength \"modern\" is TLS 1.3 only, but the newest "
		    "protocol is set to TLS 1.2: raise the one, or choose "
		    "\"intermediate\".",
		    NULL);
	if (policy->min_version == NET_TLS_1_3)
		return err_set(err, ERR_CONFIG,
		    "The oldest protocol (TLS 1.3) is newer than the newest "
		    "(TLS 1.2), so that none is left.",
		    NULL);
	return ERR_OK;
}

enum err_code
net_policy_context(const SSL_METHOD *method,
    const struct net_tls_policy *policy, SSL_CTX **out, struct err *err)
{
	enum err_code rc = check(policy, err);
	char reason[128];

	*out = NULL;
	if (rc != ERR_OK)
		return rc;
	ERR_clear_error();
	*out = SSL_CTX_new(method);
	if (*out == NULL || !apply_versions(*out, policy))
		rc = ERR_INTERNAL;
	if (rc == ERR_OK) {
		apply_rest(*out, policy);
		rc = apply_lists(*out, policy, err);
	}
	if (rc == ERR_OK)
		return ERR_OK;
	SSL_CTX_free(*out);
	*out = NULL;
	if (rc != ERR_INTERNAL)
		return rc;
	net_policy_reason(reason, sizeof(reason));
	return err_setf(err, rc,
	    "TLS cannot be set up with the OpenSSL of this machine.",
	    "SSL_CTX: %s", reason);
}

enum err_code
net_tls_policy_check(const struct net_tls_policy *policy, struct err *err)
{
	SSL_CTX *context = NULL;
	const enum err_code rc =
	    net_policy_context(TLS_server_method(), policy, &context, err);

	SSL_CTX_free(context);
	return rc;
}
