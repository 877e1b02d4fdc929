#ifndef SSL_UTIL_SUITE_H
#define SSL_UTIL_SUITE_H
/* Cipher suites of TLS 1.3 and of all before it, and what each is worth. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum suite_exchange {
	SUITE_ANY,    /* TLS 1.3: always with forward secrecy */
	SUITE_ECDHE,  /* forward secrecy */
	SUITE_DHE,    /* forward secrecy */
	SUITE_STATIC, /* DH or ECDH with the certificate's key */
	SUITE_RSA,
	SUITE_ANONYMOUS /* anybody can sit in between */
};

struct suite {
	uint16_t number;
	const char *name; /* IANA's */
	enum suite_exchange exchange;
	unsigned bits; /* of the cipher; 0: not encrypted; 3DES: 112 */
	bool is_aead;
	bool is_rc4;
	bool is_small_block; /* of 64 bits (SWEET32): 3DES, DES, IDEA, RC2 */
	bool is_export;
};

/* Groups for people, from the best to none at all. */
enum suite_group {
	SUITE_STRONG,     /* forward secrecy and AEAD */
	SUITE_CBC,        /* forward secrecy, without AEAD */
	SUITE_NO_SECRECY, /* the key opens what was recorded before */
	SUITE_WEAK,       /* RC4, 3DES and other small blocks */
	SUITE_BROKEN,     /* export, anonymous, not encrypted, DES */
	SUITE_GROUP_COUNT
};

/* How many there are in the table. */
size_t suite_count(void);
/* The one at `index`, below suite_count(). */
struct suite suite_at(size_t index);
/* By its number; one that the table lacks has the name "unknown". */
struct suite suite_of(uint16_t number);
enum suite_group suite_group_of(const struct suite *suite);
bool suite_has_secrecy(const struct suite *suite);

#endif
