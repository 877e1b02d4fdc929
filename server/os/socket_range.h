#ifndef OS_SOCKET_RANGE_H
#define OS_SOCKET_RANGE_H
/* Addresses and networks (RFC 4632; RFC 4291, 2.3), for whom we believe. */
#include "base/arena.h"
#include "base/err.h"
#include "os/socket.h"

struct socket_range {
	unsigned char address[16]; /* IPv4 as IPv4-mapped (RFC 4291, 2.5.5.2) */
	unsigned prefix_bits;      /* of the 128 */
};
struct socket_ranges {
	struct socket_range *list;
	size_t count;
};

/*
 * "127.0.0.1 10.0.0.0/8, ::1 2001:db8::/32", separated by blanks or commas;
 * empty is none. In the arena. ERR_INPUT names the word that is none and what
 * is allowed; so is one with bits set behind its prefix.
 */
enum err_code socket_ranges_parse(struct arena *arena, struct str words,
    struct socket_ranges *out, struct err *err) WARN_UNUSED;
/* A numeric address, IPv6 with or without brackets; else false. */
bool socket_ranges_hold(const struct socket_ranges *ranges, struct str address);

#endif
