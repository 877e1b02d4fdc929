#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "net/net_client_inside.h"
#include "net/net_policy.h"

enum {
	HOST_BYTES = 256,
	REASON_BYTES = 128
};

/* Name or number (RFC 9525), for the check and for SNI (RFC 6066, 3). */
static bool
set_name(SSL *ssl, struct str host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char name[HOST_BYTES];

	if (host.len == 0 || host.len >= sizeof(name) ||
	    memchr(host.ptr, '\0', host.len) != NULL)
		return false;
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	/* "mail.example.org." is the same host without its last dot. */
	if (name[host.len - 1] == '.')
		name[host.len - 1] = '\0';
	return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
	       SSL_set_tlsext_host_name(ssl, name) == 1;
}

/* Turns a failed handshake into words. */
static enum err_code
explain(struct net_client *client, struct err *err)
{
	const long verdict = SSL_get_verify_result(client->ssl);
	const unsigned long code = ERR_peek_last_error();
	char reason[REASON_BYTES];

	if (client->err.code != ERR_OK)
		return net_client_error(client, err);
	net_policy_reason(reason, sizeof(reason));
	if (verdict != X509_V_OK) {
		const char *why = X509_verify_cert_error_string(verdict);
		char message[ERR_MESSAGE_BYTES];

		(void)snprintf(message, sizeof(message),
		    "The mail server's certificate cannot be trusted: %s.",
		    why);
		(void)net_client_fail(client, ERR_TRUST, message, why);
	} else if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
	           ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
		(void)net_client_fail(client, ERR_AWAY,
		    "The mail server does not speak TLS on this port.", reason);
	} else {
		char detail[REASON_BYTES + 32];

		(void)snprintf(
		    detail, sizeof(detail), "TLS handshake: %s", reason);
		(void)net_client_fail(client, ERR_AWAY,
		    "No secure connection to the mail server could be made.",
		    detail);
	}
	return net_client_error(client, err);
}

static enum err_code
refuse_waiting_bytes(struct net_client *client, struct err *err)
{
	char byte = 0;
	const int64_t got = socket_peek(client->sock, &byte, 1);

	if (got == -1)
		return ERR_OK;
	if (got > 0)
		(void)net_client_fail(client, ERR_FORBIDDEN,
		    "The mail server spoke unencrypted where encryption was to "
		    "begin.",
		    "plaintext before the TLS handshake");
	else
		(void)net_client_fail(client, ERR_AWAY, net_client_lost,
		    "closed before the TLS handshake");
	return net_client_error(client, err);
}

static bool
attach(struct net_client *client, struct net_tls_client *tls, struct str host)
{
	BIO *bio = NULL;

	client->tls = net_tls_client_ref(tls);
	client->bio = (struct net_bio){.sock = client->sock};
	client->ssl = SSL_new(net_tls_client_context(tls));
	if (client->ssl == NULL)
		return false;
	bio = net_bio_new(net_tls_client_bio(tls), &client->bio);
	if (bio == NULL)
		return false;
	SSL_set_bio(client->ssl, bio, bio);
	return set_name(client->ssl, host);
}

enum err_code
net_client_start_tls(struct net_client *client, struct net_tls_client *tls,
    struct str host, struct err *err)
{
	enum err_code rc = ERR_OK;

	ensure(client->ssl == NULL);
	if (client->err.code != ERR_OK)
		return net_client_error(client, err);
	rc = refuse_waiting_bytes(client, err);
	if (rc != ERR_OK)
		return rc;
	ERR_clear_error();
	if (!attach(client, tls, host)) {
		client->bio.is_broken = true;
		(void)net_client_fail(
		    client, ERR_INTERNAL, NULL, "SSL_new or host name");
		return net_client_error(client, err);
	}
	for (;;) {
		bool is_end = false;
		int result = 0;

		if (!net_client_may_go_on(client))
			return explain(client, err);
		ERR_clear_error();
		result = SSL_connect(client->ssl);
		if (result == 1)
			return ERR_OK;
		if (net_client_settle(client, result, &is_end) != 0)
			return explain(client, err);
	}
}

const struct net_client_facts *
net_client_facts(struct net_client *client)
{
	return client->ssl == NULL ? NULL : &client->facts;
}
