#ifndef SESSION_SESSION_KEY_H
#define SESSION_SESSION_KEY_H
/*
 * The server key and what is done with it: derived keys (HKDF-SHA256, RFC
 * 5869), sealing (AES-256-GCM), hashes.
 */
#include "session/session_own.h"

/* Reads the key's file or makes it: 32 random bytes, 0600. ERR_CONFIG. */
enum err_code session_key_load(
    const char *path, struct secret *out, struct err *err) WARN_UNUSED;

/* HMAC-SHA256 for sessions->hmac; NULL: there is none. */
EVP_MAC_CTX *session_key_hmac(void);

/*
 * 32 bytes for one purpose from the server key and `secret` (may be empty).
 * The purposes are literals and must differ.
 */
enum err_code session_key_derive(const struct sessions *sessions,
    struct str secret, const char *purpose, struct str context,
    unsigned char out[SESSION_HASH_BYTES], struct err *err) WARN_UNUSED;

/* What a sealed text is bound to, besides its key. */
struct session_key_use {
	const char *purpose;
	struct str secret;   /* of the cookie or ticket; may be empty */
	struct str bound[3]; /* authenticated with it; may be empty */
};
/* Result: version, nonce, ciphertext, tag; in the arena. */
enum err_code session_key_seal(const struct sessions *sessions,
    const struct session_key_use *use, struct str plain, struct arena *arena,
    struct str *out, struct err *err) WARN_UNUSED;
/* ERR_FORBIDDEN when it was not sealed for this use, or is damaged. */
enum err_code session_key_unseal(const struct sessions *sessions,
    const struct session_key_use *use, struct str sealed, struct secret *out,
    struct err *err) WARN_UNUSED;

/* SHA-256, in the arena; ptr NULL when the arena is used up. */
struct str session_key_hash(
    const struct sessions *sessions, struct arena *arena, struct str bytes);

#endif
