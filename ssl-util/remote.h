#ifndef SSL_UTIL_REMOTE_H
#define SSL_UTIL_REMOTE_H
/*
 * What a running server shows to whoever comes: `check HOST:PORT`. Only
 * questions every browser may ask; nothing is changed, no attack is tried.
 */
#include <openssl/x509.h>

#include "base/arena.h"
#include "grade.h"
#include "hello.h"
#include "options.h"
#include "os/socket.h"

enum remote_starttls {
	REMOTE_TLS, /* at once */
	REMOTE_IMAP,
	REMOTE_SMTP
};

struct remote_target {
	struct str host; /* without brackets */
	uint16_t port;
	const char *name; /* whom we ask for: SNI, and what must be certified */
	struct str sni;   /* the same; empty for an address (RFC 6066, 3) */
	enum remote_starttls starttls;
	int64_t wait_ms; /* of one connection */
};

#define REMOTE_SUITES_MAX 200
#define REMOTE_GROUPS_MAX 30
#define REMOTE_CERTS_MAX  2 /* RSA and EC */

struct remote_suite {
	uint16_t number;
	unsigned versions; /* bit 1 << enum grade_version */
	unsigned dh_bits;  /* the fewest seen; 0: none */
};
enum remote_staple {
	REMOTE_STAPLE_NONE,
	REMOTE_STAPLE_GOOD,
	REMOTE_STAPLE_REVOKED,
	REMOTE_STAPLE_BAD /* stale, or for another certificate */
};
struct remote_http {
	bool is_http;
	bool has_hsts, has_subdomains, has_preload;
	int64_t hsts_age_s;
};
struct remote {
	const struct remote_target *target;
	int64_t answer_ms; /* how long the last hello took */
	bool has_version[GRADE_VERSION_COUNT];
	struct remote_suite suites[REMOTE_SUITES_MAX];
	size_t suite_count;
	uint16_t groups[REMOTE_GROUPS_MAX];
	size_t group_count;
	bool has_deflate;
	bool lacks_secure_renegotiation;
	bool lacks_fallback;
	bool renegotiates; /* when the client wants to */
	bool resumes[GRADE_VERSION_COUNT];
	bool asks_certificate;
	enum remote_staple staple;
	char staple_why[200];
	STACK_OF(X509) * chains[REMOTE_CERTS_MAX]; /* as sent; owned */
	size_t chain_count;
	struct remote_http http;
	struct grade_facts facts; /* of judging */
	struct grade grade;
};
void remote_end(struct remote *remote); /* for CLEANUP */

/* The command. ERR_CONFIG when the grade is below A-, ERR_AWAY. */
enum err_code remote_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

/* "mail.example.org:443", "[2001:db8::1]:443". ERR_INPUT. */
enum err_code remote_target_parse(const struct options *options,
    struct arena *arena, struct remote_target *out,
    struct err *err) WARN_UNUSED;
/*
 * Connects, and says STARTTLS where that is asked for. *out is non-blocking.
 * ERR_AWAY.
 */
enum err_code remote_open(const struct remote_target *target,
    int64_t deadline_ms, sock_t *out, struct err *err) WARN_UNUSED;
/* All of it, or false: refused, or too late. */
bool remote_send(sock_t sock, struct str bytes, int64_t deadline_ms);
/* Some more bytes at the end of `into`; false: no more come. */
bool remote_receive(sock_t sock, struct buf *into, int64_t deadline_ms);

/* remote_probe.c: protocols, suites, groups, by hellos. ERR_AWAY. */
enum err_code remote_probe(struct remote *remote, struct err *err) WARN_UNUSED;
/* remote_tls.c: certificates, resumption, renegotiation, stapling, HSTS. */
enum err_code remote_visit(struct remote *remote, struct err *err) WARN_UNUSED;
/* remote_http.c: the head of an answer. */
void remote_http_read(struct str bytes, struct remote_http *out);

/* remote_report.c: what was seen, for people and for scripts. */
void remote_say(const struct remote *remote, struct buf *out);
void remote_say_grade(const struct remote *remote, struct buf *out);
/* The members of a JSON object, without its braces. */
void remote_write_json(const struct remote *remote, struct buf *out);

#endif
