#ifndef NET_BIO_H
#define NET_BIO_H
/*
 * OpenSSL's hands on a socket: no SIGPIPE, no system call that is known to
 * find nothing, and records gathered so that one call sends many. Inside net.
 */
#include <openssl/bio.h>
#include <stdbool.h>

#include "os/socket.h"

/* Bytes that wait to be written: [at, len) of ptr. */
struct net_bytes {
	char *ptr; /* heap; owned */
	size_t at;
	size_t len;
	size_t capacity;
};

/* Appends; false past `max_bytes` waiting or without memory. */
bool net_bytes_add(
    struct net_bytes *bytes, const void *ptr, size_t len, size_t max_bytes);
/* Makes room for `capacity` bytes in all; false without memory. */
bool net_bytes_room(struct net_bytes *bytes, size_t capacity);
void net_bytes_end(struct net_bytes *bytes);
static inline size_t
net_bytes_left(const struct net_bytes *bytes)
{
	return bytes->len - bytes->at;
}
/*
 * Writes what waits. True when nothing is left; false when it would block,
 * or *out_is_broken.
 */
bool net_bytes_write(struct net_bytes *bytes, sock_t sock, bool *out_is_broken);

/* What one BIO works on; belongs to the connection, outlives the BIO. */
struct net_bio {
	sock_t sock;           /* borrowed */
	struct net_bytes *out; /* gathers records; NULL: sent at once */
	size_t out_max_bytes;
	bool has_edges; /* the poller is edge-triggered: short reads empty it */
	bool is_drained; /* nothing to read until the poller says so */
	bool is_gone;    /* the peer closed: read until the end shows */
	bool is_end;     /* the end was read */
	bool is_broken;
};

/* The method lives as long as the longest BIO made of it. */
BIO_METHOD *net_bio_method_new(void);
BIO *net_bio_new(const BIO_METHOD *method, struct net_bio *bio);

#endif
