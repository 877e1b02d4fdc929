#include <openssl/err.h>
#include <openssl/ssl.h>

#include "chain.h"
#include "judge_ocsp.h"
#include "os/clock.h"
#include "os/poller.h"
#include "own.h"
#include "remote.h"

#define HEAD_BYTES_MAX ((size_t)32 << 10)
#define REQUEST_BYTES  1024

/* One connection through OpenSSL. */
struct visit {
	struct remote *remote;
	SSL_CTX *ctx;
	SSL *ssl;
	sock_t sock;
	int64_t deadline_ms;
	STACK_OF(X509) * chain; /* as it was shown; owned */
	SSL_SESSION *session;   /* the last one given; owned */
};

static void
visit_end(struct visit *visit)
{
	SSL_free(visit->ssl);
	SSL_CTX_free(visit->ctx);
	SSL_SESSION_free(visit->session);
	own_certs_free(&visit->chain);
	socket_close(&visit->sock);
}

/* Everything is let in: what it is worth is said afterwards. */
static int
keep_chain(X509_STORE_CTX *store, void *arg)
{
	struct visit *visit = arg;

	if (visit->chain == NULL)
		visit->chain =
		    X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(store));
	return 1;
}

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct visit *visit = SSL_get_app_data(ssl);

	SSL_SESSION_free(visit->session);
	visit->session = session;
	return 1;
}

static int
see_question(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	struct visit *visit = SSL_get_app_data(ssl);

	(void)cert;
	(void)key;
	visit->remote->asks_certificate = true;
	return 0;
}

static bool
wait_for(struct visit *visit, int result)
{
	struct err ignored = ERR_NONE;
	int why = SSL_get_error(visit->ssl, result);

	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		return false;
	return poller_wait_one(visit->sock,
	           why == SSL_ERROR_WANT_READ ? POLLER_READ : POLLER_WRITE,
	           visit->deadline_ms, NULL, &ignored) == ERR_OK;
}

static bool
shake(struct visit *visit)
{
	int result = 0;

	ERR_clear_error();
	do {
		result = SSL_do_handshake(visit->ssl);
	} while (result != 1 && wait_for(visit, result));
	return result == 1;
}

/* Old and weak is welcome here. */
static bool
visit_prepare(struct visit *visit, int newest, const char *signatures)
{
	visit->ctx = SSL_CTX_new(TLS_client_method());
	if (visit->ctx == NULL)
		return false;
	SSL_CTX_set_security_level(visit->ctx, 0);
	(void)SSL_CTX_set_options(visit->ctx, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_cert_verify_callback(visit->ctx, keep_chain, visit);
	SSL_CTX_set_session_cache_mode(
	    visit->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(visit->ctx, keep_session);
	SSL_CTX_set_client_cert_cb(visit->ctx, see_question);
	if (SSL_CTX_set_min_proto_version(visit->ctx, 0) != 1 ||
	    SSL_CTX_set_max_proto_version(visit->ctx, newest) != 1 ||
	    SSL_CTX_set_cipher_list(
	        visit->ctx, "ALL:COMPLEMENTOFALL:@SECLEVEL=0") != 1 ||
	    (signatures != NULL &&
	        SSL_CTX_set1_sigalgs_list(visit->ctx, signatures) != 1))
		return false;
	visit->ssl = SSL_new(visit->ctx);
	return visit->ssl != NULL;
}

static bool
visit_dress(struct visit *visit)
{
	static const unsigned char alpn[] = "\10http/1.1";
	const struct remote_target *target = visit->remote->target;

	SSL_set_verify(visit->ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_app_data(visit->ssl, visit);
	SSL_set_connect_state(visit->ssl);
	if (target->sni.len > 0 &&
	    SSL_set_tlsext_host_name(visit->ssl, target->name) != 1)
		return false;
	if (target->starttls == REMOTE_TLS &&
	    SSL_set_alpn_protos(visit->ssl, alpn, sizeof(alpn) - 1) != 0)
		return false;
	return SSL_set_tlsext_status_type(visit->ssl, TLSEXT_STATUSTYPE_ocsp) ==
	           1 &&
	       SSL_set_fd(visit->ssl, visit->sock) == 1;
}

/* ERR_OK also when the handshake fails: *out says whether it was done. */
static enum err_code
visit_begin(struct visit *visit, int newest, const char *signatures,
    SSL_SESSION *session, bool *out, struct err *err)
{
	visit->deadline_ms = clock_mono_ms() + visit->remote->target->wait_ms;
	enum err_code rc = remote_open(
	    visit->remote->target, visit->deadline_ms, &visit->sock, err);

	*out = false;
	if (rc != ERR_OK)
		return rc;
	if (!visit_prepare(visit, newest, signatures) || !visit_dress(visit) ||
	    (session != NULL && SSL_set_session(visit->ssl, session) != 1))
		return err_set(
		    err, ERR_INTERNAL, "OpenSSL cannot begin.", NULL);
	*out = shake(visit);
	return ERR_OK;
}

static void
judge_staple(struct visit *visit)
{
	struct remote *remote = visit->remote;
	const unsigned char *bytes = NULL;
	long len = SSL_get_tlsext_status_ocsp_resp(visit->ssl, &bytes);
	struct judge_ocsp verdict;

	if (bytes == NULL || len <= 0 || visit->chain == NULL ||
	    remote->staple != REMOTE_STAPLE_NONE)
		return;
	judge_ocsp_read(
	    str_of((const char *)bytes, (size_t)len), visit->chain, &verdict);
	remote->staple = verdict.state == JUDGE_OCSP_GOOD ? REMOTE_STAPLE_GOOD
	                 : verdict.state == JUDGE_OCSP_REVOKED
	                     ? REMOTE_STAPLE_REVOKED
	                     : REMOTE_STAPLE_BAD;
	(void)snprintf(
	    remote->staple_why, sizeof(remote->staple_why), "%s", verdict.why);
}

static void
keep_certificate(struct visit *visit)
{
	struct remote *remote = visit->remote;

	if (visit->chain == NULL || sk_X509_num(visit->chain) < 1)
		return;
	for (size_t i = 0; i < remote->chain_count; i++)
		if (X509_cmp(sk_X509_value(remote->chains[i], 0),
		        sk_X509_value(visit->chain, 0)) == 0)
			return;
	if (remote->chain_count == REMOTE_CERTS_MAX)
		return;
	remote->chains[remote->chain_count] = X509_chain_up_ref(visit->chain);
	if (remote->chains[remote->chain_count] != NULL)
		remote->chain_count++;
}

/* Whatever it shows, then what it has beside: RSA and EC. */
static enum err_code
visit_certificates(struct remote *remote, struct err *err)
{
	static const char *const signatures[] = {NULL,
	    "RSA+SHA256:RSA-PSS+SHA256:RSA+SHA384:RSA-PSS+SHA384:RSA+SHA512:"
	    "RSA-PSS+SHA512:RSA+SHA1",
	    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:ECDSA+SHA1"};
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < 3 && rc == ERR_OK; i++) {
		CLEANUP(visit_end)
		struct visit visit = {.remote = remote, .sock = SOCK_NONE};
		bool is_done = false;
		rc = visit_begin(&visit, 0, signatures[i], NULL, &is_done, err);
		keep_certificate(&visit);
		if (rc == ERR_OK)
			judge_staple(&visit);
	}
	ERR_clear_error();
	return rc;
}

static bool
say(struct visit *visit, struct str bytes)
{
	int result = 0;

	do {
		result = SSL_write(visit->ssl, bytes.ptr, (int)bytes.len);
	} while (result <= 0 && wait_for(visit, result));
	return result > 0;
}

/* The head of the answer; for mail servers whatever comes first. */
static void
hear(struct visit *visit, struct buf *out)
{
	char chunk[4096];
	int result = 0;

	for (;;) {
		result = SSL_read(visit->ssl, chunk, sizeof(chunk));
		if (result > 0) {
			struct str text;
			buf_add(out, str_of(chunk, (size_t)result));
			text = buf_str(out);
			if (str_find(text, STR("\r\n\r\n"), 0) < text.len ||
			    out->failed != ERR_OK)
				return;
		} else if (!wait_for(visit, result)) {
			return;
		}
	}
}

/*
 * A request: its answer has HSTS, and with it come the sessions of TLS 1.3
 * (RFC 8446, 4.6.1).
 */
static void
ask_page(struct visit *visit)
{
	CLEANUP(buf_free) struct buf head;
	char request[REQUEST_BYTES];
	const struct remote_target *target = visit->remote->target;
	bool is_six = strchr(target->name, ':') != NULL;

	buf_init(&head, HEAD_BYTES_MAX);
	(void)snprintf(request, sizeof(request),
	    "GET / HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: iwebmsg-ssl\r\n"
	    "Accept: */*\r\nConnection: close\r\n\r\n",
	    is_six ? "[" : "", target->name, is_six ? "]" : "");
	if (target->starttls == REMOTE_IMAP)
		(void)snprintf(
		    request, sizeof(request), "b NOOP\r\nc LOGOUT\r\n\r\n");
	else if (target->starttls == REMOTE_SMTP)
		(void)snprintf(request, sizeof(request), "QUIT\r\n");
	if (!say(visit, str_c(request)))
		return;
	hear(visit, &head);
	if (target->starttls == REMOTE_TLS)
		remote_http_read(buf_str(&head), &visit->remote->http);
}

/* A first visit, which is over before the next: some serve one by one. */
static enum err_code
take_session(
    struct remote *remote, int newest, SSL_SESSION **out, struct err *err)
{
	CLEANUP(visit_end)
	struct visit visit = {.remote = remote, .sock = SOCK_NONE};
	bool is_done = false;
	enum err_code rc =
	    visit_begin(&visit, newest, NULL, NULL, &is_done, err);

	*out = NULL;
	if (rc != ERR_OK || !is_done)
		return rc;
	ask_page(&visit);
	(void)SSL_shutdown(visit.ssl);
	ERR_clear_error();
	if (visit.session != NULL && SSL_SESSION_is_resumable(visit.session)) {
		*out = visit.session;
		visit.session = NULL;
	}
	return ERR_OK;
}

static enum err_code
visit_twice(struct remote *remote, int newest, enum grade_version version,
    struct err *err)
{
	CLEANUP(visit_end)
	struct visit visit = {.remote = remote, .sock = SOCK_NONE};
	SSL_SESSION *session = NULL;
	bool is_done = false;
	enum err_code rc = take_session(remote, newest, &session, err);

	if (rc != ERR_OK || session == NULL)
		return rc;
	rc = visit_begin(&visit, newest, NULL, session, &is_done, err);
	if (rc == ERR_OK && is_done)
		remote->resumes[version] = SSL_session_reused(visit.ssl) == 1;
	SSL_SESSION_free(session);
	return rc;
}

/* RFC 5746: may the client begin anew? It costs the server, not us. */
static enum err_code
visit_anew(struct remote *remote, struct err *err)
{
	CLEANUP(visit_end)
	struct visit visit = {.remote = remote, .sock = SOCK_NONE};
	bool is_done = false;
	enum err_code rc =
	    visit_begin(&visit, TLS1_2_VERSION, NULL, NULL, &is_done, err);

	if (rc != ERR_OK || !is_done)
		return rc;
	remote->renegotiates = SSL_renegotiate(visit.ssl) == 1 && shake(&visit);
	ERR_clear_error();
	return ERR_OK;
}

enum err_code
remote_visit(struct remote *remote, struct err *err)
{
	enum err_code rc = visit_certificates(remote, err);

	if (rc == ERR_OK && remote->has_version[GRADE_TLS1_3])
		rc = visit_twice(remote, 0, GRADE_TLS1_3, err);
	if (rc == ERR_OK && remote->has_version[GRADE_TLS1_2])
		rc = visit_twice(remote, TLS1_2_VERSION, GRADE_TLS1_2, err);
	else if (rc == ERR_OK && !remote->has_version[GRADE_TLS1_3])
		rc = visit_twice(remote, 0, GRADE_TLS1_1, err);
	if (rc == ERR_OK && (remote->has_version[GRADE_TLS1_2] ||
	                        !remote->has_version[GRADE_TLS1_3]))
		rc = visit_anew(remote, err);
	return rc;
}
