#ifndef SSL_UTIL_HELLO_H
#define SSL_UTIL_HELLO_H
/*
 * The first words of a TLS connection, written and read by hand: so a server
 * can be asked for what our OpenSSL no longer knows. Nothing here is secret,
 * and no key is ever agreed on.
 */
#include "base/buf.h"
#include "base/str.h"

#define HELLO_SSL3   0x0300
#define HELLO_TLS1_0 0x0301
#define HELLO_TLS1_1 0x0302
#define HELLO_TLS1_2 0x0303
#define HELLO_TLS1_3 0x0304
/* The longest first flight of a server that is read. */
#define HELLO_ANSWER_BYTES ((size_t)128 << 10)

struct hello {
	uint16_t version; /* HELLO_… */
	const uint16_t *suites;
	size_t suite_count;
	const uint16_t *groups; /* NULL: all that are common */
	size_t group_count;
	struct str name; /* for SNI (RFC 6066, 3); empty: none */
	bool offers_deflate;
	bool is_fallback; /* TLS_FALLBACK_SCSV (RFC 7507) */
};

/* The record with the ClientHello (RFC 8446, 4.1.2; RFC 6101, 5.6.1.2). */
void hello_write(const struct hello *hello, struct buf *out);
/* The same of SSL 2.0. */
void hello_write_ssl2(struct buf *out);

enum hello_result {
	HELLO_MORE,     /* the answer goes on */
	HELLO_ACCEPTED, /* the fields below are set */
	HELLO_REFUSED,  /* alert says how */
	HELLO_NO_TLS    /* something else answers there */
};
struct hello_answer {
	uint16_t version;
	uint16_t suite;
	uint16_t group;   /* of the key exchange; 0: none or not said */
	unsigned dh_bits; /* DHE: of the prime; else 0 */
	bool has_deflate;
	bool has_secure_renegotiation; /* RFC 5746; TLS 1.3 needs none */
	unsigned char alert;
};
/*
 * Reads all bytes that came so far. HELLO_ACCEPTED as soon as suite and, where
 * there is one, the server's key exchange are known.
 */
enum hello_result hello_read(struct str bytes, struct hello_answer *out);
/* Is this the answer to hello_write_ssl2 by a server that speaks it? */
bool hello_is_ssl2(struct str bytes);
/* "X25519", "P-256"; "group 0x…" has no name here: then NULL. */
const char *hello_group_name(uint16_t group);
/* Its strength as that of an RSA key (NIST SP 800-57, table 2); 0: unknown. */
unsigned hello_group_bits(uint16_t group);
/* Every group that has a name, for questions one by one. */
size_t hello_group_count(void);
uint16_t hello_group_at(size_t index);

#endif
