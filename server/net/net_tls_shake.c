#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "net/net_tls_inside.h"
#include "net/net_tls_verify.h"

/* ---- choosing the site ---- */

/* The one host name of a server_name extension (RFC 6066, 3); or empty. */
static struct str
sni_of(SSL *ssl)
{
	const unsigned char *ext = NULL;
	size_t len = 0;

	/* ServerNameList: length (2), type (1) 0, length (2), name. OpenSSL
	 * itself refuses whatever is not exactly this. */
	if (SSL_client_hello_get0_ext(
	        ssl, TLSEXT_TYPE_server_name, &ext, &len) != 1 ||
	    len < 5 || ext[2] != TLSEXT_NAMETYPE_host_name ||
	    ((size_t)ext[3] << 8 | ext[4]) != len - 5)
		return (struct str){NULL, 0};
	return str_of((const char *)ext + 5, len - 5);
}

static bool
asks_proxy(const struct net_tls_shake *shake)
{
	return shake->is_from_proxy && shake->tls->proxies != NULL;
}

/* The site's authorities, and the proxies'. */
static bool
name_authorities(SSL *ssl, const struct net_tls_shake *shake)
{
	const STACK_OF(X509_NAME) * both[2] = {
	    shake->tls->proxies->names,
	    shake->place->trusted == NULL ? NULL : shake->place->trusted->names,
	};
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
	bool is_fine = names != NULL;

	for (int side = 0; side < 2 && is_fine; side++) {
		for (int i = 0; i < sk_X509_NAME_num(both[side]); i++) {
			X509_NAME *name =
			    X509_NAME_dup(sk_X509_NAME_value(both[side], i));

			is_fine = is_fine && name != NULL &&
			          sk_X509_NAME_push(names, name) > 0;
			if (!is_fine)
				X509_NAME_free(name);
		}
	}
	if (is_fine)
		SSL_set_client_CA_list(ssl, names);
	else
		sk_X509_NAME_pop_free(names, X509_NAME_free);
	return is_fine;
}

/*
 * SSL_set_SSL_CTX() takes over certificates, session id context, stores and
 * callbacks of the context; these are of the SSL and do not follow.
 */
static bool
follow(SSL *ssl, const struct net_tls_shake *shake)
{
	const struct net_tls_place *place = shake->place;
	const bool asks = place->verify != NET_TLS_VERIFY_NONE;
	int mode = SSL_VERIFY_NONE;

	if (asks || asks_proxy(shake))
		mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
	if (place->verify == NET_TLS_VERIFY_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_set_verify(ssl, mode, NULL);
	/* Where certificates are asked for, nothing is ever resumed: every
	 * handshake verifies anew. */
	if (mode != SSL_VERIFY_NONE || !shake->tls->has_tickets) {
		(void)SSL_set_options(ssl, SSL_OP_NO_TICKET);
		(void)SSL_set_num_tickets(ssl, 0);
	} else {
		(void)SSL_clear_options(ssl, SSL_OP_NO_TICKET);
		(void)SSL_set_num_tickets(ssl, 1);
	}
	return !asks_proxy(shake) || name_authorities(ssl, shake);
}

/*
 * Comes before OpenSSL looks at tickets and session ids; the servername
 * callback would come after. Again after a HelloRetryRequest, when the name
 * must be the same (RFC 8446, 4.1.2).
 */
static int
on_hello(SSL *ssl, int *alert, void *ctx)
{
	struct net_tls_shake *shake = SSL_get_app_data(ssl);
	const struct net_tls_place *place =
	    net_tls_place_of(shake->tls, sni_of(ssl));

	(void)ctx;
	if (shake->place != NULL) {
		*alert = SSL_AD_ILLEGAL_PARAMETER;
		return shake->place == place ? SSL_CLIENT_HELLO_SUCCESS
		                             : SSL_CLIENT_HELLO_ERROR;
	}
	*alert = SSL_AD_INTERNAL_ERROR;
	shake->place = place;
	if (SSL_set_SSL_CTX(ssl, place->context) == NULL || !follow(ssl, shake))
		return SSL_CLIENT_HELLO_ERROR;
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* Tells the browser that its name was understood (RFC 6066, 3). */
static int
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
on_name(SSL *ssl, int *alert, void *ctx)
{
	const struct net_tls_shake *shake = SSL_get_app_data(ssl);

	(void)alert;
	(void)ctx;
	return shake->place != NULL && shake->place->host.len > 0
	           ? SSL_TLSEXT_ERR_OK
	           : SSL_TLSEXT_ERR_NOACK;
}

/* ---- the other callbacks ---- */

/* ALPN (RFC 7301, 3.2): HTTP/1.1 or, when offered only others, an alert. */
static int
on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned int in_len, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)ctx;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in,
	        in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* OpenSSL asks the context the SSL began with: only the place counts. */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_sealing)
{
	const struct net_tls_shake *shake = SSL_get_app_data(ssl);

	if (shake->place == NULL || !shake->tls->has_tickets ||
	    shake->place->verify != NET_TLS_VERIFY_NONE || asks_proxy(shake))
		return is_sealing ? -1 : 0;
	return net_tls_tickets_answer(
	    shake->place->tickets, name, iv, cipher, mac, is_sealing != 0);
}

static int
on_status(SSL *ssl, void *ctx)
{
	const struct net_tls_shake *shake = SSL_get_app_data(ssl);
	const X509 *leaf = SSL_get_certificate(ssl);

	(void)ctx;
	for (size_t i = 0; i < shake->place->identity_count; i++) {
		if (net_tls_staple_give(&shake->place->staples[i], ssl, leaf))
			return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_NOACK;
}

/* Called when a certificate was shown; 0 refuses the handshake. */
static int
on_certificate(X509_STORE_CTX *store, void *ctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct net_tls_shake *shake = SSL_get_app_data(ssl);
	const struct net_tls_place *place = shake->place;
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	STACK_OF(X509) *others = X509_STORE_CTX_get0_untrusted(store);
	const int level = SSL_get_security_level(ssl);
	bool is_fine = true;

	(void)ctx;
	if (asks_proxy(shake))
		shake->is_proxy = net_tls_verify_check(shake->tls->proxies,
		                      leaf, others, level) == X509_V_OK;
	if (place->verify != NET_TLS_VERIFY_NONE) {
		shake->reason =
		    net_tls_verify_check(place->trusted, leaf, others, level);
		shake->verdict = net_tls_verify_verdict(shake->reason);
		is_fine = shake->verdict == NET_TLS_CERT_GOOD ||
		          place->verify == NET_TLS_VERIFY_EXPLAIN;
	}
	if (shake->is_proxy && shake->verdict != NET_TLS_CERT_GOOD) {
		/* It is the proxy's, not a person's bad one. */
		shake->verdict = NET_TLS_CERT_NONE;
		shake->reason = X509_V_OK;
		is_fine = true;
	}
	X509_STORE_CTX_set_error(store, is_fine ? X509_V_OK : shake->reason);
	return is_fine ? 1 : 0;
}

/* ---- inside net ---- */

void
net_tls_shake_prepare(struct net_tls_place *place)
{
	SSL_CTX *context = place->context;

	SSL_CTX_set_client_hello_cb(context, on_hello, NULL);
	(void)SSL_CTX_set_tlsext_servername_callback(context, on_name);
	SSL_CTX_set_alpn_select_cb(context, on_protocols, NULL);
	(void)SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
	(void)SSL_CTX_set_tlsext_status_cb(context, on_status);
	SSL_CTX_set_cert_verify_callback(context, on_certificate, NULL);
}

SSL *
net_tls_shake_begin(
    struct net_tls_shake *shake, struct net_tls *tls, bool is_from_proxy)
{
	SSL *ssl = SSL_new(tls->places[0].context);

	*shake = (struct net_tls_shake){.is_from_proxy = is_from_proxy};
	if (ssl == NULL)
		return NULL;
	shake->tls = net_tls_ref(tls);
	(void)SSL_set_app_data(ssl, shake);
	SSL_set_accept_state(ssl);
	return ssl;
}

void
net_tls_shake_end(struct net_tls_shake *shake, SSL *ssl)
{
	SSL_free(ssl);
	ERR_clear_error();
	net_tls_unref(shake->tls);
	shake->tls = NULL;
	shake->place = NULL;
}
