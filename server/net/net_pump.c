#include "net/net_pump.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "base/log.h"
#include "net/net_conn.h"
#include "net/net_policy.h"

enum {
	TURNS = 4,         /* of NET_PLAIN_BYTES, before others have theirs */
	HELD_BYTES = 4096, /* few enough to be copied */
	LAST_BYTES = 32 << 10 /* sealed ones that the end may go along with */
};

struct net_pump *
net_pump_new(struct net_conn *conn, struct net_tls *tls)
{
	struct net_pump *pump = calloc(1, sizeof(*pump));
	BIO *bio = NULL;

	if (pump == NULL)
		return NULL;
	pump->pair = SOCK_NONE;
	pump->bio = (struct net_bio){
	    .sock = conn->sock,
	    .out = &pump->down,
	    .out_max_bytes = NET_WAITING_BYTES,
	    .has_edges = true,
	};
	ERR_clear_error();
	pump->ssl = net_tls_shake_begin(&pump->shake, tls, conn->is_proxy);
	bio = net_bio_new(conn->net->method, &pump->bio);
	if (pump->ssl == NULL || bio == NULL) {
		BIO_free(bio);
		net_pump_free(pump);
		return NULL;
	}
	SSL_set_bio(pump->ssl, bio, bio);
	return pump;
}

void
net_pump_free(struct net_pump *pump)
{
	if (pump == NULL)
		return;
	net_tls_shake_end(&pump->shake, pump->ssl);
	socket_close(&pump->pair);
	net_bytes_end(&pump->up);
	net_bytes_end(&pump->down);
	free(pump);
}

void
net_pump_notice(struct net_pump *pump, bool is_pair, unsigned flags)
{
	const bool is_gone = (flags & POLLER_GONE) != 0;

	if (is_pair) {
		pump->is_pair_drained = false;
		pump->is_pair_gone = pump->is_pair_gone || is_gone;
	} else {
		pump->bio.is_drained = false;
		pump->bio.is_gone = pump->bio.is_gone || is_gone;
	}
}

/* ---- the thread's buffer for sealed bytes ---- */

/*
 * OpenSSL writes into the thread's large buffer for this turn, unless many
 * bytes of an earlier turn still wait.
 */
static void
borrow(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	struct net_bytes *cipher = &conn->thread->cipher;
	const size_t left = net_bytes_left(&pump->down);

	if (cipher->ptr == NULL || left > HELD_BYTES)
		return;
	if (left > 0 && !net_bytes_add(cipher, pump->down.ptr + pump->down.at,
	                    left, NET_CIPHER_BYTES))
		return;
	net_bytes_end(&pump->down);
	pump->down = conn->thread->cipher;
	conn->thread->cipher = (struct net_bytes){.ptr = NULL};
}

/* What the socket did not take moves to a buffer of its own size. */
static bool
give_back(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	struct net_bytes own = {.ptr = NULL};
	const size_t left = net_bytes_left(&pump->down);
	bool is_fine = true;

	if (conn->thread->cipher.ptr != NULL) {
		/* It was the pump's own, of an earlier turn. */
		if (left == 0)
			net_bytes_end(&pump->down);
		return true;
	}
	if (left > 0)
		is_fine = net_bytes_add(
		    &own, pump->down.ptr + pump->down.at, left, left);
	conn->thread->cipher = pump->down;
	conn->thread->cipher.at = 0;
	conn->thread->cipher.len = 0;
	pump->down = own;
	return is_fine;
}

/* ---- towards the browser ---- */

/* Sends what is sealed. True: all of it. */
static bool
send_down(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;

	if (net_bytes_write(&pump->down, conn->sock, &pump->bio.is_broken))
		return true;
	if (!pump->waits_for_sock && !pump->bio.is_broken) {
		/* Stays on: TCP tells of room only after it had none. */
		pump->waits_for_sock = true;
		if (!poller_change(conn->thread->poller, conn->sock,
		        POLLER_READ | POLLER_WRITE | POLLER_EDGE,
		        &conn->source))
			pump->bio.is_broken = true;
	}
	return false;
}

/* The HTTP side is done: says so to the browser (RFC 8446, 6.1). */
static void
end_down(struct net_pump *pump)
{
	pump->is_down_end = true;
	ERR_clear_error();
	(void)SSL_shutdown(pump->ssl);
}

/* Seals what the HTTP side wrote, one buffer full. True: there may be more. */
static bool
seal(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	char *plain = conn->thread->plain;
	size_t sealed = 0;
	int64_t got = 0;

	if (pump->is_pair_drained || pump->is_down_end)
		return false;
	got = socket_read(pump->pair, plain, NET_PLAIN_BYTES);
	if (got == -1) {
		pump->is_pair_drained = true;
		return false;
	}
	if (got <= 0) {
		end_down(pump);
		return true;
	}
	if (got < NET_PLAIN_BYTES && !pump->is_pair_gone)
		pump->is_pair_drained = true;
	ERR_clear_error();
	if (SSL_write_ex(pump->ssl, plain, (size_t)got, &sealed) != 1 ||
	    sealed != (size_t)got) {
		pump->bio.is_broken = true;
		return false;
	}
	return true;
}

/* The same; an answer's end goes out with its last bytes. */
static bool
seal_all(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;

	if (!seal(conn))
		return false;
	pump->is_held = false;
	if (pump->is_pair_gone && net_bytes_left(&pump->down) <= LAST_BYTES)
		(void)seal(conn);
	return true;
}

/* True: there may be more. */
static bool
run_down(struct net_conn *conn)
{
	for (int turn = 0; turn < TURNS; turn++) {
		/* Nothing is read while the browser does not take: the pair
		 * fills, and the HTTP side waits. */
		if (!conn->pump->is_held && !send_down(conn))
			return false;
		borrow(conn);
		if (!seal_all(conn))
			return false;
	}
	(void)send_down(conn);
	return true;
}

/* ---- towards the HTTP side ---- */

/* Writes what the pair did not take yet. True: all of it. */
static bool
send_up(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	bool is_broken = false;

	if (net_bytes_write(&pump->up, pump->pair, &is_broken)) {
		net_bytes_end(&pump->up);
		return true;
	}
	if (is_broken) {
		/* The HTTP side closed: the bytes have no reader. */
		net_bytes_end(&pump->up);
		return true;
	}
	if (!pump->waits_for_pair) {
		pump->waits_for_pair = true;
		if (!poller_change(conn->thread->poller, pump->pair,
		        POLLER_READ | POLLER_WRITE | POLLER_EDGE,
		        &conn->pair_source))
			pump->bio.is_broken = true;
	}
	return false;
}

/* Opens records into the thread's buffer; the number of bytes. */
static size_t
unseal(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	char *plain = conn->thread->plain;
	size_t count = 0;

	while (count < NET_PLAIN_BYTES) {
		size_t got = 0;

		/* Saves OpenSSL taking and giving back a buffer for nothing. */
		if (pump->bio.is_drained && SSL_has_pending(pump->ssl) == 0)
			break;
		ERR_clear_error();
		if (SSL_read_ex(pump->ssl, plain + count,
		        NET_PLAIN_BYTES - count, &got) == 1) {
			count += got;
			continue;
		}
		switch (SSL_get_error(pump->ssl, 0)) {
		case SSL_ERROR_WANT_READ:
			break;
		case SSL_ERROR_ZERO_RETURN:
			pump->is_up_end = true;
			break;
		default:
			pump->bio.is_broken = true;
			break;
		}
		break;
	}
	return count;
}

/* Hands bytes on; what the pair does not take waits in `up`. */
static void
pass_up(struct net_pump *pump, const char *plain, size_t count)
{
	int64_t put = socket_write(pump->pair, plain, count);

	if (put == -2)
		return; /* closed: the bytes have no reader */
	if (put < 0)
		put = 0;
	if ((size_t)put < count && !net_bytes_add(&pump->up, plain + put,
	                               count - (size_t)put, NET_PLAIN_BYTES))
		pump->bio.is_broken = true;
}

/* True: there may be more. */
static bool
run_up(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;

	for (int turn = 0; turn < TURNS; turn++) {
		size_t count = 0;

		if (pump->is_up_closed || !send_up(conn))
			return false;
		if (!pump->is_up_end)
			count = unseal(conn);
		if (count > 0) {
			net_conn_note_bytes(conn);
			pass_up(pump, conn->thread->plain, count);
			conn->thread->must_turn = true;
		} else if (pump->is_up_end) {
			socket_shutdown_write(pump->pair);
			pump->is_up_closed = true;
		} else {
			return false;
		}
	}
	return true;
}

/* ---- exported ---- */

enum net_pump_result
net_pump_run(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	bool has_more = false;

	pump->is_busy = true;
	borrow(conn);
	if (!pump->is_down_end)
		has_more = run_up(conn);
	has_more = run_down(conn) || has_more;
	if (!give_back(conn) || pump->bio.is_broken)
		return NET_PUMP_BROKEN;
	if (pump->is_down_end && net_bytes_left(&pump->down) == 0)
		return NET_PUMP_FLUSHED;
	return has_more ? NET_PUMP_AGAIN : NET_PUMP_WAIT;
}

/* A refused person asks the admin why; a scanner asks nobody. */
static void
log_failure(const struct net_conn *conn)
{
	const struct net_tls_shake *shake = &conn->pump->shake;
	char reason[128];

	net_policy_reason(reason, sizeof(reason));
	if (shake->reason != X509_V_OK)
		log_event(LOG_WARN, "tls.client_certificate_refused",
		    LOG_C("peer", conn->peer.address),
		    LOG_STR("host", shake->place->host),
		    LOG_C("why", X509_verify_cert_error_string(shake->reason)));
	else
		log_event(LOG_DEBUG, "net.handshake_failed",
		    LOG_C("peer", conn->peer.address), LOG_C("why", reason));
}

enum net_pump_result
net_pump_shake(struct net_conn *conn)
{
	struct net_pump *pump = conn->pump;
	enum net_pump_result result = NET_PUMP_SHAKEN;
	int rc = 0;

	pump->is_busy = true;
	borrow(conn);
	ERR_clear_error();
	rc = SSL_do_handshake(pump->ssl);
	if (rc != 1)
		result = SSL_get_error(pump->ssl, rc) == SSL_ERROR_WANT_READ
		             ? NET_PUMP_WAIT
		             : NET_PUMP_FLUSHED;
	if (result == NET_PUMP_FLUSHED)
		log_failure(conn);
	if (result == NET_PUMP_SHAKEN &&
	    !net_tls_peer_fill(
	        &pump->shake, pump->ssl, &conn->tls_peer, &conn->tls_texts))
		pump->bio.is_broken = true;
	/* What is left in TLS 1.3 is the ticket: it goes with the answer. */
	pump->is_held = result == NET_PUMP_SHAKEN &&
	                SSL_version(pump->ssl) == TLS1_3_VERSION;
	if (!pump->is_held)
		(void)send_down(conn);
	if (!give_back(conn) || pump->bio.is_broken)
		return NET_PUMP_BROKEN;
	return result;
}

void
net_pump_rest(struct net_pump *pump)
{
	if (!pump->is_busy && pump->has_buffers)
		pump->has_buffers = SSL_free_buffers(pump->ssl) != 1;
	else if (pump->is_busy)
		pump->has_buffers = true;
	pump->is_busy = false;
}

bool
net_pump_open(struct net_conn *conn, sock_t pair)
{
	conn->pump->pair = pair;
	return poller_add(conn->thread->poller, pair, POLLER_READ | POLLER_EDGE,
	    &conn->pair_source);
}
