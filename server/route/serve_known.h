#ifndef ROUTE_SERVE_KNOWN_H
#define ROUTE_SERVE_KNOWN_H
/*
 * Whose mail server a session waits for. People of one site may have several
 * ([Domain] sections), and which one is known only after the session was read;
 * what the request before it found counts for the next. Keys are of any
 * thread, never 0; two sessions that share a slot forget each other's.
 */
#include <stdatomic.h>
#include <stdint.h>

#define SERVE_KNOWN_SLOTS 16384u

struct serve_known {
	/* Upper half: of the session's key; lower half: the server's key. */
	_Atomic uint64_t slots[SERVE_KNOWN_SLOTS]; /* all 0: none is known */
};

void serve_known_learn(
    struct serve_known *known, uint64_t session, uint32_t server);
/* The server's key; `or_else` when it is not known. */
uint32_t serve_known_find(
    const struct serve_known *known, uint64_t session, uint32_t or_else);

#endif
