#ifndef OS_SOCKET_H
#define OS_SOCKET_H
/* Sockets, as small as possible: what differs between Unix and Windows. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

typedef int sock_t; /* SOCKET on Windows */
#define SOCK_NONE            ((sock_t)-1)
#define SOCKET_ADDRESS_BYTES 64

/* A peer: numeric address and port. */
struct socket_peer {
	char address[SOCKET_ADDRESS_BYTES]; /* "192.0.2.1", "2001:db8::1" */
	uint16_t port;
	bool is_loopback;
};

/*
 * Listens on `address` ("*", "127.0.0.1", "::1") and port (0: any free one);
 * "*" is both IPv6 and IPv4. Non-blocking, close-on-exec.
 * ERR_CONFIG with a message that names address, port and reason.
 */
enum err_code socket_listen(struct str address, uint16_t port, sock_t *out,
    struct err *err) WARN_UNUSED;
uint16_t socket_port(sock_t sock);
/* One waiting connection, non-blocking; SOCK_NONE when there is none. */
sock_t socket_accept(sock_t listener, struct socket_peer *out_peer);
/* A connected pair of stream sockets, both non-blocking. */
enum err_code socket_pair(sock_t out[2], struct err *err) WARN_UNUSED;
sock_t socket_dup(sock_t sock);
void socket_close(sock_t *sock); /* sets SOCK_NONE */
/* Ends both directions; readers elsewhere see the end. */
void socket_shutdown(sock_t sock);
/* Ends our direction only: the peer reads the end after what was written. */
void socket_shutdown_write(sock_t sock);
void socket_set_nodelay(sock_t sock);
void socket_set_nonblocking(sock_t sock, bool on);
void socket_set_keepalive(sock_t sock);
/* > 0 bytes; 0 end; -1 would block; -2 broken. */
int64_t socket_read(sock_t sock, void *buf, size_t len);
int64_t socket_peek(sock_t sock, void *buf, size_t len);
int64_t socket_write(sock_t sock, const void *buf, size_t len);

/* Of an address in network order; IPv4-mapped IPv6 is IPv4. */
struct socket_peer socket_peer_from_ipv4(
    const unsigned char address[4], uint16_t port);
struct socket_peer socket_peer_from_ipv6(
    const unsigned char address[16], uint16_t port);
/*
 * A numeric address of either family, IPv6 with or without brackets, no port:
 * in its one spelling, port 0. False: it is none.
 */
bool socket_peer_parse(struct str address, struct socket_peer *out);
/*
 * What the peer's neighbours share: the IPv4 address, or the first 64 bits of
 * an IPv6 address (one customer's network). For counting per address.
 */
uint64_t socket_peer_network(const struct socket_peer *peer);

/* An address to connect to; opaque bytes of the system's own struct. */
#define SOCKET_RAW_ADDRESS_BYTES 128
struct socket_target {
	uint64_t raw[SOCKET_RAW_ADDRESS_BYTES / sizeof(uint64_t)];
	unsigned raw_bytes;
	int family;
};

/* Addresses of a host, in the order to try them. */
#define SOCKET_TARGETS_MOST 8
struct socket_targets {
	struct socket_target list[SOCKET_TARGETS_MOST];
	size_t count;
};

/*
 * Addresses of `host` (NUL-terminated name or number). May block as long as
 * the system's name service likes; with `is_number_only` it never blocks.
 * ERR_AWAY when there are none.
 */
enum err_code socket_lookup(const char *host, uint16_t port,
    bool is_number_only, struct socket_targets *out,
    struct err *err) WARN_UNUSED;
/* Begins to connect, non-blocking; writable when done. SOCK_NONE: cannot. */
sock_t socket_connect(const struct socket_target *target);
/* After it became writable: 0 connected, else the system's error number. */
int socket_connect_result(sock_t sock);
/* The system's words for such a number; never NULL. */
const char *socket_error_words(int number);
/* Both ends of a connected socket, numeric; false when it is none. */
bool socket_ends(
    sock_t sock, struct socket_peer *out_far, struct socket_peer *out_near);

#endif
