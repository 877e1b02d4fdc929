#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "net/net_client_inside.h"
#include "net/net_policy.h"

enum {
	HOST_BYTES = 256,
	REASON_BYTES = 128
};

/* ---- names ---- */

/* NUL-terminated, without the last dot: "mail.example." is the same host. */
static bool
copy_name(struct str host, char name[HOST_BYTES])
{
	if (host.len == 0 || host.len >= HOST_BYTES ||
	    memchr(host.ptr, '\0', host.len) != NULL)
		return false;
	memcpy(name, host.ptr, host.len);
	if (host.len > 1 && host.ptr[host.len - 1] == '.')
		host.len--;
	name[host.len] = '\0';
	return true;
}

static bool
is_address(const char *name)
{
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
	const bool is_one = address != NULL;

	ASN1_OCTET_STRING_free(address);
	ERR_clear_error();
	return is_one;
}

/*
 * The name to check (RFC 9525): the configured one, else the host's; DNS or
 * address, only as a subjectAltName. SNI (RFC 6066, 3) is the host we connect
 * to, or the name to check where that is an address.
 */
static bool
set_names(struct net_client *client, struct str host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(client->ssl);
	const char *own = client->tls->name;
	char name[HOST_BYTES];
	const char *sni = name;
	const char *checked = client->checked_name;

	if (!copy_name(host, name) ||
	    !copy_name(own == NULL ? host : str_c(own), client->checked_name))
		return false;
	if (is_address(name))
		sni = is_address(checked) ? NULL : checked;
	if (sni != NULL && SSL_set_tlsext_host_name(client->ssl, sni) != 1)
		return false;
	if (client->tls->check != NET_TLS_CHECK_FULL)
		return true;
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return is_address(checked)
	           ? X509_VERIFY_PARAM_set1_ip_asc(param, checked) == 1
	           : X509_VERIFY_PARAM_set1_host(param, checked, 0) == 1;
}

/* ---- what went wrong, in words ---- */

static const char *
version_words(unsigned version)
{
	switch (version) {
	case SSL3_VERSION:
		return "SSL 3.0";
	case TLS1_VERSION:
		return "TLS 1.0";
	case TLS1_1_VERSION:
		return "TLS 1.1";
	case TLS1_2_VERSION:
		return "TLS 1.2";
	default:
		return "another version";
	}
}

/* What we require: "TLS 1.2 or TLS 1.3" */
static const char *
wanted_words(const struct net_client *client)
{
	SSL *ssl = client->ssl;

	if (SSL_get_min_proto_version(ssl) == TLS1_3_VERSION)
		return "TLS 1.3";
	return SSL_get_max_proto_version(ssl) == TLS1_2_VERSION
	           ? "TLS 1.2"
	           : "TLS 1.2 or TLS 1.3";
}

static void
blame_protocol(struct net_client *client)
{
	const char *offered = version_words(client->server_version);
	const char *wanted = wanted_words(client);
	char message[ERR_MESSAGE_BYTES];
	char detail[REASON_BYTES];

	client->trouble = NET_CLIENT_PROTOCOL;
	if (client->server_version == 0) {
		(void)snprintf(detail, sizeof(detail),
		    "the server refused %s, which is required", wanted);
		(void)net_client_fail(client, ERR_AWAY,
		    "The mail server speaks no version of TLS that is safe "
		    "enough, so nothing was sent to it. Please tell the "
		    "administrator.",
		    detail);
		return;
	}
	(void)snprintf(detail, sizeof(detail),
	    "the server offered only %s; %s is required", offered, wanted);
	(void)snprintf(message, sizeof(message),
	    "The mail server offered only %s, so nothing was sent to it. "
	    "Please tell the administrator.",
	    offered);
	(void)net_client_fail(client, ERR_AWAY, message, detail);
}

/* What OpenSSL's reasons mean, once no certificate of theirs is at fault. */
static enum net_client_trouble
trouble_of(const struct net_client *client, int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return NET_CLIENT_PROTOCOL;
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
		/* TLS 1.2 has no alert of its own for a missing one. */
		if (client->wants_identity)
			return net_tls_client_has_identity(client->tls)
			           ? NET_CLIENT_BAD_IDENTITY
			           : NET_CLIENT_NO_IDENTITY;
		return client->server_version == 0 ? NET_CLIENT_CIPHER
		                                   : NET_CLIENT_HANDSHAKE;
	case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
	case SSL_R_DH_KEY_TOO_SMALL:
	case SSL_R_WRONG_SIGNATURE_TYPE:
	case SSL_R_WRONG_CIPHER_RETURNED:
		return NET_CLIENT_CIPHER;
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return NET_CLIENT_NO_IDENTITY;
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return net_tls_client_has_identity(client->tls)
		           ? NET_CLIENT_BAD_IDENTITY
		           : NET_CLIENT_NO_IDENTITY;
	case SSL_R_TLSV1_UNRECOGNIZED_NAME:
		return NET_CLIENT_UNKNOWN_NAME;
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
		return client->server_version == 0 ? NET_CLIENT_NOT_TLS
		                                   : NET_CLIENT_HANDSHAKE;
	default:
		return NET_CLIENT_NO_TROUBLE;
	}
}

bool
net_client_blame(struct net_client *client)
{
	static const char *const words[NET_CLIENT_TROUBLES] = {
	    [NET_CLIENT_CIPHER] =
	        "The mail server and this server have no way of encryption in "
	        "common, so nothing was sent to it. Please tell the "
	        "administrator.",
	    [NET_CLIENT_NOT_TLS] =
	        "The mail server does not speak TLS on this port. Please tell "
	        "the administrator.",
	    [NET_CLIENT_NO_IDENTITY] =
	        "The mail server wants a certificate of this server, which has "
	        "none for it. Please tell the administrator.",
	    [NET_CLIENT_BAD_IDENTITY] =
	        "The mail server does not take the certificate of this server. "
	        "Please tell the administrator.",
	    [NET_CLIENT_UNKNOWN_NAME] =
	        "The mail server does not know the name it was asked for. "
	        "Please tell the administrator.",
	};
	const unsigned long code = ERR_peek_last_error();
	char reason[REASON_BYTES];

	if (ERR_GET_LIB(code) != ERR_LIB_SSL || client->ssl == NULL)
		return false;
	client->trouble = trouble_of(client, ERR_GET_REASON(code));
	if (client->trouble == NET_CLIENT_PROTOCOL) {
		blame_protocol(client);
		return true;
	}
	if (words[client->trouble] == NULL)
		return false;
	net_policy_reason(reason, sizeof(reason));
	(void)net_client_fail(client, ERR_AWAY, words[client->trouble], reason);
	return true;
}

/* Turns a failed handshake into words. */
static enum err_code
explain(struct net_client *client, struct err *err)
{
	char reason[REASON_BYTES];
	char detail[REASON_BYTES + 32];

	if (client->err.code == ERR_OK && !net_client_blame(client)) {
		client->trouble = NET_CLIENT_HANDSHAKE;
		net_policy_reason(reason, sizeof(reason));
		(void)snprintf(
		    detail, sizeof(detail), "TLS handshake: %s", reason);
		(void)net_client_fail(client, ERR_AWAY,
		    "No secure connection to the mail server could be made. "
		    "Please tell the administrator if this happens again.",
		    detail);
	} else if (client->trouble == NET_CLIENT_NO_TROUBLE &&
	           client->err.code == ERR_AWAY) {
		(void)snprintf(client->err.detail, sizeof(client->err.detail),
		    "no end of the TLS handshake in time");
	}
	ERR_clear_error();
	return net_client_error(client, err);
}

/* ---- the handshake ---- */

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

/* Sees their messages go by: what a failure means depends on them. */
static void
/* NOLINTNEXTLINE(readability-function-size): OpenSSL's callback */
watch(int is_ours, int version, int kind, const void *bytes, size_t len,
    SSL *ssl, void *ctx)
{
	struct net_client *client = ctx;
	const unsigned char *message = bytes;

	(void)version;
	(void)ssl;
	/* HandshakeType, three bytes of length, legacy_version (RFC 8446, 4) */
	if (is_ours || kind != SSL3_RT_HANDSHAKE || len < 4)
		return;
	if (message[0] == SSL3_MT_SERVER_HELLO && len >= 6)
		client->server_version = (unsigned)message[4] << 8 | message[5];
	else if (message[0] == SSL3_MT_CERTIFICATE_REQUEST)
		client->wants_identity = true;
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
	SSL_set_app_data(client->ssl, client);
	SSL_set_msg_callback(client->ssl, watch);
	SSL_set_msg_callback_arg(client->ssl, client);
	return set_names(client, host);
}

static void
note_facts(struct net_client *client)
{
	const SSL *ssl = client->ssl;
	const X509 *leaf = SSL_get0_peer_certificate(ssl);
	unsigned char pin[NET_X509_PIN_BYTES];

	if (leaf != NULL) {
		net_x509_name(X509_get_subject_name(leaf), client->subject,
		    sizeof(client->subject));
		net_x509_name(X509_get_issuer_name(leaf), client->issuer,
		    sizeof(client->issuer));
		net_x509_alt_names(
		    leaf, client->alt_names, sizeof(client->alt_names));
		net_x509_fingerprint(leaf, client->fingerprint);
		client->facts.not_after_s =
		    net_x509_time(X509_get0_notAfter(leaf));
		if (!net_x509_pin(leaf, pin))
			memset(pin, 0, sizeof(pin));
		for (size_t i = 0; i < sizeof(pin); i++)
			(void)snprintf(
			    client->key_pin + 2 * i, 3, "%02x", pin[i]);
	}
	client->facts.protocol = SSL_get_version(ssl);
	client->facts.cipher = SSL_get_cipher_name(ssl);
	client->facts.subject = client->subject;
	client->facts.issuer = client->issuer;
	client->facts.names = client->alt_names;
	client->facts.fingerprint_sha256 = client->fingerprint;
	client->facts.key_pin_sha256 = client->key_pin;
	client->facts.check = client->tls->check;
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
			break;
		if (net_client_settle(client, result, &is_end) != 0)
			return explain(client, err);
	}
	note_facts(client);
	return ERR_OK;
}

const struct net_client_facts *
net_client_facts(struct net_client *client)
{
	return client->facts.protocol == NULL ? NULL : &client->facts;
}

enum net_client_trouble
net_client_trouble(const struct net_client *client)
{
	return client->trouble;
}
