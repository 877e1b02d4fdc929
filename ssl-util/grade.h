#ifndef SSL_UTIL_GRADE_H
#define SSL_UTIL_GRADE_H
/*
 * A grade from what was seen of a server, by the rules of the SSL Labs "SSL
 * Server Rating Guide", version 2009q: three scores, and caps. Pure: it asks
 * nobody. What the guide tests of known attacks (Heartbleed, ROBOT, …) is not
 * looked at.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum grade_version {
	GRADE_SSL2,
	GRADE_SSL3,
	GRADE_TLS1_0,
	GRADE_TLS1_1,
	GRADE_TLS1_2,
	GRADE_TLS1_3,
	GRADE_VERSION_COUNT
};

/* The guide's "long" age of HSTS: 180 days. */
#define GRADE_HSTS_S (INT64_C(180) * 24 * 60 * 60)

struct grade_facts {
	bool has_version[GRADE_VERSION_COUNT];
	/* Of all suites that are taken; 0 when one does not encrypt. */
	unsigned cipher_bits_least, cipher_bits_most;
	/* The weakest of key, DH and groups, as bits of RSA; 0: anonymous. */
	unsigned exchange_bits;
	bool has_secrecy, has_aead;
	/* What caps the grade: */
	bool has_anonymous, has_no_encryption, has_export;
	bool has_rc4_old; /* before TLS 1.1 only */
	bool has_rc4_new; /* with TLS 1.1 or newer */
	bool has_small_block;
	bool has_poodle;   /* SSL 3.0 with a block cipher */
	bool has_tiny_dh;  /* below 1024 bits */
	bool has_short_dh; /* below 2048 */
	bool has_compression;
	bool lacks_secure_renegotiation;
	bool lacks_fallback;    /* older versions without TLS_FALLBACK_SCSV */
	bool has_tiny_key;      /* RSA below 1024 bits */
	bool has_short_key;     /* RSA below 2048, EC below 256 */
	bool has_md5, has_sha1; /* signatures of leaf or chain */
	bool is_incomplete;
	bool is_untrusted; /* no way to a trusted root, expired, …: T */
	bool is_revoked;
	bool is_misnamed; /* M */
	bool has_warning; /* anything else that keeps an A from being A+ */
	bool is_http;     /* HSTS counts; else A is the best there is */
	bool has_hsts;
	bool is_self_signed; /* our server sends no HSTS then */
	bool is_silent;      /* no answer in HTTP: HSTS cannot be seen */
	int64_t hsts_age_s;
};

/* Why it is no better than `letter`, and what mends it. Constants. */
struct grade_cap {
	const char *letter; /* "B" */
	const char *why;
	/* For a server of ours: the key of the ini file; NULL: nothing. */
	const char *mend;
};

#define GRADE_CAPS_MAX 32
struct grade {
	/* 0 to 100 */
	unsigned protocol, exchange, cipher, total;
	const char *letter;     /* "A+", "A", "A-", "B" … "F", "T", "M" */
	const char *if_trusted; /* the same without T and M */
	struct grade_cap caps[GRADE_CAPS_MAX]; /* the lowest first */
	size_t cap_count;
};

void grade_of(const struct grade_facts *facts, struct grade *out);
/* A+, A or A-: nothing has to be mended. */
bool grade_is_good(const struct grade *grade);

#endif
