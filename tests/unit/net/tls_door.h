#ifndef TLS_DOOR_H
#define TLS_DOOR_H
/*
 * The browser door in a test: real connections over loopback, and what the
 * record of each says. One connection at a time.
 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/lock.h"
#include "cert_maker.h"
#include "net/net.h"
#include "os/clock.h"

enum {
	DOOR_DAY_S = 86400,
	DOOR_WAIT_S = 20 /* never reached when all is well */
};

struct door {
	struct net *net;
	uint16_t port;
	struct lock lock; /* guards the rest */
	struct net_tls_peer peer;
	char texts[6][600]; /* host, subject, name, email, issuer, print */
};

/* What the browser does. */
struct door_call {
	int version;      /* TLS1_2_VERSION or TLS1_3_VERSION */
	const char *name; /* SNI; NULL: none */
	const struct cert *cert;
	const char *more_pem; /* sent after cert */
	const char *signatures;
	const char *ciphers;
	const char *groups;
	SSL_SESSION *session; /* to be resumed; borrowed */
};

/* And what became of it. */
struct door_answer {
	bool is_open;
	bool is_resumed;          /* as the browser sees it */
	char server[64];          /* CN of the certificate shown */
	long staple_bytes;        /* -1: none */
	int authorities;          /* names in the CertificateRequest */
	SSL_SESSION *session;     /* owned; NULL: none given */
	struct net_tls_peer peer; /* as the record says, when it is open */
	long alert;               /* SSL_R_… when it is not */
};

static inline void
door_note(struct door *door, const struct net_tls_peer *peer)
{
	const char *from[6] = {peer->host, peer->subject, peer->common_name,
	    peer->email, peer->issuer, peer->fingerprint_sha256};

	lock_take(&door->lock);
	door->peer = *peer;
	for (int i = 0; i < 6; i++)
		(void)snprintf(
		    door->texts[i], sizeof(door->texts[i]), "%s", from[i]);
	door->peer.host = door->texts[0];
	door->peer.subject = door->texts[1];
	door->peer.common_name = door->texts[2];
	door->peer.email = door->texts[3];
	door->peer.issuer = door->texts[4];
	door->peer.fingerprint_sha256 = door->texts[5];
	lock_give(&door->lock);
}

/* Says "k" and ends the connection. */
static inline bool
door_ready(void *ctx, sock_t sock, struct net_conn *conn)
{
	const struct net_tls_peer *peer = net_conn_tls(conn);

	ensure(peer != NULL);
	door_note(ctx, peer);
	ensure(socket_write(sock, "k", 1) == 1);
	socket_close(&sock);
	net_conn_end(conn);
	return true;
}

static inline void
door_gone(void *ctx, struct net_conn *conn)
{
	(void)ctx;
	(void)conn;
}

static inline void
door_open(struct door *door, struct net_tls *tls)
{
	const struct net_settings settings = {
	    .threads = 1,
	    .max_connections = 100,
	    .max_connections_per_address = 100,
	    .handshake_wait_ms = DOOR_WAIT_S * 1000,
	    .header_wait_ms = DOOR_WAIT_S * 1000,
	    .keep_alive_wait_ms = DOOR_WAIT_S * 1000,
	};
	const struct net_handler handler = {
	    .ready = door_ready, .gone = door_gone, .ctx = door};
	sock_t sock = SOCK_NONE;

	*door = (struct door){.net = NULL};
	lock_init(&door->lock);
	ensure(net_start(&settings, &handler, tls, &door->net, NULL) == ERR_OK);
	ensure(socket_listen(STR("127.0.0.1"), 0, &sock, NULL) == ERR_OK);
	door->port = socket_port(sock);
	ensure(net_listen(door->net, sock, NET_DOOR_SECURE, NULL) == ERR_OK);
}

static inline void
door_close(struct door *door)
{
	net_stop(door->net, clock_mono_ms());
	net_free(door->net);
	lock_end(&door->lock);
}

/* Tickets of TLS 1.3 come after the handshake. */
static inline int
door_on_session(SSL *ssl, SSL_SESSION *session)
{
	struct door_answer *answer = SSL_get_app_data(ssl);

	SSL_SESSION_free(answer->session);
	answer->session = session;
	return 1;
}

static inline SSL_CTX *
door_context(const struct door_call *call)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	ensure(context != NULL);
	SSL_CTX_set_min_proto_version(context, call->version);
	SSL_CTX_set_max_proto_version(context, call->version);
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_session_cache_mode(
	    context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, door_on_session);
	SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
	if (call->cert != NULL) {
		ensure(SSL_CTX_use_certificate(context, call->cert->x509) == 1);
		ensure(SSL_CTX_use_PrivateKey(context, call->cert->key) == 1);
	}
	if (call->more_pem != NULL) {
		BIO *bio = BIO_new_mem_buf(call->more_pem, -1);
		X509 *more = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		ensure(SSL_CTX_add0_chain_cert(context, more) == 1);
		BIO_free(bio);
	}
	if (call->signatures != NULL)
		ensure(
		    SSL_CTX_set1_sigalgs_list(context, call->signatures) == 1);
	if (call->ciphers != NULL)
		ensure(SSL_CTX_set_cipher_list(context, call->ciphers) == 1);
	if (call->groups != NULL)
		ensure(SSL_CTX_set1_groups_list(context, call->groups) == 1);
	return context;
}

static inline int
door_socket(const struct door *door)
{
	const struct timeval wait = {.tv_sec = DOOR_WAIT_S};
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(door->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ensure(sock >= 0);
	(void)setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	ensure(
	    connect(sock, (struct sockaddr *)&address, sizeof(address)) == 0);
	return sock;
}

static inline void
door_look(struct door *door, SSL *ssl, struct door_answer *answer)
{
	X509 *shown = SSL_get0_peer_certificate(ssl);
	const unsigned char *staple = NULL;
	char byte = 0;

	answer->is_resumed = SSL_session_reused(ssl) == 1;
	answer->staple_bytes = SSL_get_tlsext_status_ocsp_resp(ssl, &staple);
	answer->authorities = sk_X509_NAME_num(SSL_get0_peer_CA_list(ssl));
	if (shown != NULL)
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(shown),
		    NID_commonName, answer->server, sizeof(answer->server));
	/* In TLS 1.3 a refusal comes after our "done". */
	answer->is_open = SSL_read(ssl, &byte, 1) == 1 && byte == 'k';
	if (!answer->is_open)
		return;
	lock_take(&door->lock);
	answer->peer = door->peer;
	lock_give(&door->lock);
	(void)SSL_read(ssl, &byte, 1); /* the end, and tickets before it */
	if (SSL_version(ssl) == TLS1_2_VERSION && answer->session == NULL)
		answer->session = SSL_get1_session(ssl); /* perhaps renewed */
}

static inline struct door_answer
door_call(struct door *door, const struct door_call *call)
{
	struct door_answer answer = {.staple_bytes = -1};
	SSL_CTX *context = door_context(call);
	SSL *ssl = SSL_new(context);
	const int sock = door_socket(door);

	ERR_clear_error();
	(void)SSL_set_app_data(ssl, &answer);
	SSL_set_fd(ssl, sock);
	if (call->name != NULL)
		ensure(SSL_set_tlsext_host_name(ssl, call->name) == 1);
	if (call->session != NULL)
		ensure(SSL_set_session(ssl, call->session) == 1);
	if (SSL_connect(ssl) == 1)
		door_look(door, ssl, &answer);
	if (!answer.is_open)
		answer.alert = ERR_GET_REASON(ERR_peek_last_error());
	ERR_clear_error();
	/* So that the session can be used again. */
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(ssl);
	SSL_CTX_free(context);
	(void)close(sock);
	return answer;
}

/* When only the record counts. */
static inline struct door_answer
door_try(struct door *door, const struct door_call *call)
{
	struct door_answer answer = door_call(door, call);

	SSL_SESSION_free(answer.session);
	answer.session = NULL;
	return answer;
}

/* An identity of a test; `key` is made by cert_secret(). */
static inline struct net_tls_identity
door_identity(const char *pem, const struct secret *key)
{
	return (struct net_tls_identity){.certificate_pem = str_c(pem),
	    .key_pem = key,
	    .certificate_name = "cert.pem",
	    .key_name = "key.pem",
	    .ocsp_name = "ocsp.der"};
}

#endif
