#include "os/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ERROR_TEXT_BYTES = 96
};

/* Any address the system knows, without casting between struct types. */
union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

_Static_assert(sizeof(((struct socket_target *)NULL)->raw) >=
                   sizeof(struct sockaddr_storage),
    "a target must hold every address");

static const char *
error_text(int number, char *buf, size_t len)
{
	/* The GNU form: returns the text, which need not be in buf. */
	return strerror_r(number, buf, len);
}

/* ---- addresses ---- */

static void
peer_from(const union any_address *address, struct socket_peer *out)
{
	const struct in6_addr *v6 = &address->v6.sin6_addr;
	const struct in_addr *v4 = &address->v4.sin_addr;

	if (address->any.sa_family == AF_INET) {
		*out = socket_peer_from_ipv4(
		    (const unsigned char *)v4, ntohs(address->v4.sin_port));
	} else if (address->any.sa_family == AF_INET6) {
		*out = socket_peer_from_ipv6(
		    v6->s6_addr, ntohs(address->v6.sin6_port));
	} else {
		/* A Unix socket: only this machine can be there. */
		*out = (struct socket_peer){.is_loopback = true};
	}
}

/* ---- listening ---- */

/* Makes the listening socket; -1 with errno set. */
static int
listen_at(const struct addrinfo *info)
{
	const int on = 1;
	const int off = 0;
	const int sock = socket(
	    info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int problem = 0;

	if (sock < 0)
		return -1;
	(void)setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6) {
		/* "*" is both families; "::1" is itself in any case. */
		(void)setsockopt(
		    sock, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	}
	if (bind(sock, info->ai_addr, info->ai_addrlen) == 0 &&
	    listen(sock, SOMAXCONN) == 0)
		return sock;
	problem = errno;
	(void)close(sock);
	errno = problem;
	return -1;
}

/* The same for an address in letters; -1 with *out_why set. */
static int
listen_by_name(const char *address, const char *port, const char **out_why,
    char *why_buf, size_t why_bytes)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	const int rc = getaddrinfo(address, port, &hints, &found);
	int sock = -1;

	if (rc != 0) {
		*out_why = "this is no numeric address";
		errno = EINVAL;
		return -1;
	}
	sock = listen_at(found);
	if (sock < 0) {
		const int problem = errno;

		*out_why = error_text(problem, why_buf, why_bytes);
		freeaddrinfo(found);
		errno = problem;
		return -1;
	}
	freeaddrinfo(found);
	return sock;
}

enum err_code
socket_listen(struct str address, uint16_t port, sock_t *out, struct err *err)
{
	char name[SOCKET_ADDRESS_BYTES] = "";
	char number[8] = "";
	char why_buf[ERROR_TEXT_BYTES] = "";
	const char *why = "";
	const bool is_any = str_eq(address, STR("*"));

	*out = SOCK_NONE;
	if (address.len == 0 || address.len >= sizeof(name) ||
	    memchr(address.ptr, '\0', address.len) != NULL)
		return err_sayf(err, ERR_CONFIG,
		    "Cannot listen on \"%.*s\": this is no numeric address.",
		    address.len > 64 ? 64 : (int)address.len,
		    address.len == 0 ? "" : address.ptr);
	memcpy(name, address.ptr, address.len);
	(void)snprintf(number, sizeof(number), "%u", (unsigned)port);
	*out = listen_by_name(
	    is_any ? "::" : name, number, &why, why_buf, sizeof(why_buf));
	/* A kernel without IPv6. */
	if (*out == SOCK_NONE && is_any &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
		*out = listen_by_name(
		    "0.0.0.0", number, &why, why_buf, sizeof(why_buf));
	if (*out == SOCK_NONE)
		return err_sayf(err, ERR_CONFIG,
		    "Cannot listen on address %s, port %u: %s.", name,
		    (unsigned)port, why);
	return ERR_OK;
}

uint16_t
socket_port(sock_t sock)
{
	union any_address address = {0};
	socklen_t len = sizeof(address);
	struct socket_peer peer;

	if (getsockname(sock, &address.any, &len) != 0)
		return 0;
	peer_from(&address, &peer);
	return peer.port;
}

sock_t
socket_accept(sock_t listener, struct socket_peer *out_peer)
{
	union any_address address = {0};

	for (;;) {
		socklen_t len = sizeof(address);
		const int sock = accept4(
		    listener, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (sock >= 0) {
			peer_from(&address, out_peer);
			return sock;
		}
		/* accept(2): what went wrong with one peer is not the end. */
		if (errno != EINTR && errno != ECONNABORTED &&
		    errno != EPROTO && errno != ENETDOWN &&
		    errno != EHOSTUNREACH && errno != ENETUNREACH)
			return SOCK_NONE;
	}
}

/* ---- one socket ---- */

enum err_code
socket_pair(sock_t out[2], struct err *err)
{
	out[0] = SOCK_NONE;
	out[1] = SOCK_NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	        out) != 0)
		return err_setf(
		    err, ERR_LIMIT, NULL, "socketpair: errno %d", errno);
	return ERR_OK;
}

sock_t
socket_dup(sock_t sock)
{
	return fcntl(sock, F_DUPFD_CLOEXEC, 0);
}

void
socket_close(sock_t *sock)
{
	if (*sock == SOCK_NONE)
		return;
	(void)close(*sock);
	*sock = SOCK_NONE;
}

void
socket_shutdown(sock_t sock)
{
	(void)shutdown(sock, SHUT_RDWR);
}

void
socket_shutdown_write(sock_t sock)
{
	(void)shutdown(sock, SHUT_WR);
}

void
socket_set_nodelay(sock_t sock)
{
	const int on = 1;

	(void)setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void
socket_set_nonblocking(sock_t sock, bool on)
{
	const int flags = fcntl(sock, F_GETFL);

	if (flags < 0)
		return;
	(void)fcntl(
	    sock, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

void
socket_set_keepalive(sock_t sock)
{
	const int on = 1;
	const int idle_s = 120;
	const int interval_s = 30;
	const int probes = 4;

	(void)setsockopt(sock, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(
	    sock, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	(void)setsockopt(
	    sock, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
	(void)setsockopt(
	    sock, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

/* What a failed system call means: -1 would block, -2 broken. */
static int64_t
failure(void)
{
	return errno == EAGAIN ? -1 : -2;
}

static int64_t
receive(sock_t sock, void *buf, size_t len, int flags)
{
	for (;;) {
		const ssize_t got = recv(sock, buf, len, flags | MSG_DONTWAIT);

		if (got >= 0)
			return got;
		if (errno != EINTR)
			return failure();
	}
}

int64_t
socket_read(sock_t sock, void *buf, size_t len)
{
	return receive(sock, buf, len, 0);
}

int64_t
socket_peek(sock_t sock, void *buf, size_t len)
{
	return receive(sock, buf, len, MSG_PEEK);
}

int64_t
socket_write(sock_t sock, const void *buf, size_t len)
{
	for (;;) {
		const ssize_t put =
		    send(sock, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put >= 0)
			return put;
		if (errno != EINTR)
			return failure();
	}
}

/* ---- connecting ---- */

enum err_code
socket_lookup(const char *host, uint16_t port, bool is_number_only,
    struct socket_targets *out, struct err *err)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_NUMERICSERV | (is_number_only ? AI_NUMERICHOST : 0),
	    .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char number[8] = "";
	int rc = 0;

	out->count = 0;
	(void)snprintf(number, sizeof(number), "%u", (unsigned)port);
	rc = getaddrinfo(host, number, &hints, &found);
	if (rc != 0)
		return err_setf(err, ERR_AWAY, NULL, "lookup of %s: %s", host,
		    gai_strerror(rc));
	for (const struct addrinfo *at = found;
	     at != NULL && out->count < SOCKET_TARGETS_MOST; at = at->ai_next) {
		struct socket_target *target = &out->list[out->count];

		if (at->ai_addrlen > sizeof(target->raw))
			continue;
		memset(target, 0, sizeof(*target));
		memcpy(target->raw, at->ai_addr, at->ai_addrlen);
		target->raw_bytes = at->ai_addrlen;
		target->family = at->ai_family;
		out->count++;
	}
	freeaddrinfo(found);
	if (out->count == 0)
		return err_setf(
		    err, ERR_AWAY, NULL, "lookup of %s: no address", host);
	return ERR_OK;
}

sock_t
socket_connect(const struct socket_target *target)
{
	union any_address address = {0};
	const int sock = socket(
	    target->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return SOCK_NONE;
	memcpy(&address, target->raw, sizeof(address.storage));
	if (connect(sock, &address.any, target->raw_bytes) == 0 ||
	    errno == EINPROGRESS || errno == EINTR)
		return sock;
	(void)close(sock);
	return SOCK_NONE;
}

int
socket_connect_result(sock_t sock)
{
	int problem = 0;
	socklen_t len = sizeof(problem);

	if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &problem, &len) != 0)
		return errno;
	return problem;
}

const char *
socket_error_words(int number)
{
	const char *words = strerrordesc_np(number);

	return words == NULL ? "unknown error" : words;
}

bool
socket_ends(
    sock_t sock, struct socket_peer *out_far, struct socket_peer *out_near)
{
	union any_address far_end = {0};
	union any_address near_end = {0};
	socklen_t far_bytes = sizeof(far_end);
	socklen_t near_bytes = sizeof(near_end);

	if (getpeername(sock, &far_end.any, &far_bytes) != 0 ||
	    getsockname(sock, &near_end.any, &near_bytes) != 0)
		return false;
	peer_from(&far_end, out_far);
	peer_from(&near_end, out_near);
	return true;
}
