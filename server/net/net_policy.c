#include "net/net_policy.h"

#include <openssl/err.h>

/*
 * RFC 9325 (4.2): forward secrecy and AEAD only. TLS 1.3 has nothing else, so
 * this list is about 1.2.
 */
static const char policy_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char policy_groups[] = "X25519:P-256:P-384";

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
apply(SSL_CTX *context, const struct net_tls_policy *policy)
{
	const uint64_t options =
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
	const int version = policy->min_version == NET_TLS_1_3 ? TLS1_3_VERSION
	                                                       : TLS1_2_VERSION;

	(void)SSL_CTX_set_options(context, options);
	(void)SSL_CTX_set_mode(context,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One system call takes record header and record. */
	SSL_CTX_set_read_ahead(context, 1);
	return SSL_CTX_set_min_proto_version(context, version) == 1 &&
	       SSL_CTX_set_max_proto_version(context, 0) == 1 &&
	       SSL_CTX_set_cipher_list(context, policy_ciphers) == 1 &&
	       SSL_CTX_set1_groups_list(context, policy_groups) == 1;
}

enum err_code
net_policy_context(const SSL_METHOD *method,
    const struct net_tls_policy *policy, SSL_CTX **out, struct err *err)
{
	char reason[128];

	ERR_clear_error();
	*out = SSL_CTX_new(method);
	if (*out != NULL && apply(*out, policy))
		return ERR_OK;
	SSL_CTX_free(*out);
	*out = NULL;
	net_policy_reason(reason, sizeof(reason));
	return err_setf(err, ERR_INTERNAL,
	    "TLS cannot be set up with the OpenSSL of this machine.",
	    "SSL_CTX: %s", reason);
}

enum err_code
net_tls_policy_check(const struct net_tls_policy *policy, struct err *err)
{
	SSL_CTX *context = NULL;
	enum err_code rc =
	    net_policy_context(TLS_server_method(), policy, &context, err);

	SSL_CTX_free(context);
	return rc == ERR_OK ? ERR_OK : ERR_CONFIG;
}
