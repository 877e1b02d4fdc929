#ifndef SESSION_SESSION_TOKEN_H
#define SESSION_SESSION_TOKEN_H
/*
 * What a cookie or an address carries: a selector that finds the row, and a
 * secret that opens it, of which the database has only the hash.
 */
#include "session/session_own.h"

/* Selector and secret of a session, a device or a ticket. */
struct session_token {
	unsigned char selector[SESSION_SELECTOR_BYTES];
	unsigned char secret[SESSION_SECRET_BYTES];
};
void session_token_new(struct session_token *out);
void session_token_wipe(struct session_token *token); /* for CLEANUP */
struct str session_token_selector(const struct session_token *token);
struct str session_token_secret(const struct session_token *token);
/* Letters for a cookie or an address, in the arena. */
struct str session_token_write(
    const struct session_token *token, struct arena *arena);
/* False when it does not look like one. */
bool session_token_parse(struct str letters, struct session_token *out);

#endif
