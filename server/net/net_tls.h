#ifndef NET_NET_TLS_H
#define NET_NET_TLS_H
/*
 * OpenSSL contexts: one policy for every door. Contexts are immutable after
 * they are made (but for the keys of session tickets, which rotate inside),
 * counted, and swapped whole on reload.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

/* Version limits for both doors. */
enum net_tls_version {
	NET_TLS_ANY, /* oldest: TLS 1.2; newest: what OpenSSL has */
	NET_TLS_1_2,
	NET_TLS_1_3
};

/* RFC 9325, and the two profiles that admins know by these names. */
enum net_tls_strength {
	NET_TLS_INTERMEDIATE, /* TLS 1.2 with ECDHE and AEAD, and TLS 1.3 */
	NET_TLS_MODERN,       /* TLS 1.3 only */
	NET_TLS_CUSTOM        /* the lists below */
};

/* What may be negotiated. All zero is the policy of a careful admin. */
struct net_tls_policy {
	enum net_tls_version min_version, max_version;
	enum net_tls_strength strength;
	const char *cipher_list;   /* CUSTOM: TLS 1.2, OpenSSL's words; NULL
	                              or empty: as INTERMEDIATE */
	const char *cipher_suites; /* CUSTOM: TLS 1.3; likewise OpenSSL's */
	const char *groups;        /* NULL or empty: X25519:P-256:P-384 */
	bool client_order;         /* a server lets the client's order count */
};
/*
 * Whether a policy can be: ERR_CONFIG says which key is wrong and names the
 * first cipher that is anonymous, unencrypted, export, RC4, 3DES, DES, or
 * signed by DSA, and a list that is empty or unknown to OpenSSL.
 */
enum err_code net_tls_policy_check(
    const struct net_tls_policy *policy, struct err *err) WARN_UNUSED;

/*
 * A certificate with its key. PEM texts, not paths: main opens the files
 * (possibly through the parent). Borrowed during the call that takes it.
 */
struct net_tls_identity {
	struct str certificate_pem; /* leaf first, then the chain */
	const struct secret *key_pem;
	const struct secret *key_password; /* NULL: none */
	struct str ocsp_der; /* empty: nothing is stapled (RFC 6066, 8) */
	const char *certificate_name; /* paths, for messages */
	const char *key_name;
	const char *ocsp_name;
};

/* Whom we believe, and whom no more. */
struct net_tls_trust {
	struct str pem;     /* authorities, or self-signed certificates, which
	                       then count for themselves only */
	const char *name;   /* path, for messages */
	struct str crl_pem; /* empty: revocation is not looked at */
	const char *crl_name;
	bool accept_stale_crl;
};

/* ---- the browser door -----------------------------------------------------
 */

enum net_tls_verify {
	NET_TLS_VERIFY_NONE,
	NET_TLS_VERIFY_OPTIONAL, /* asked for; none is fine, a bad one is not:
	                            refused in the handshake */
	NET_TLS_VERIFY_REQUIRED, /* refused in the handshake */
	NET_TLS_VERIFY_EXPLAIN   /* let in; the HTTP side refuses with words */
};

/* One SNI name (RFC 6066, 3) with what holds for it. */
struct net_tls_site {
	struct str host; /* lower case; empty: every other name, and none */
	struct net_tls_identity identities[2]; /* RSA and EC side by side */
	size_t identity_count;                 /* 1 or 2 */
	enum net_tls_verify verify;
	struct net_tls_trust trust; /* for verify */
};

struct net_tls_server_settings {
	struct net_tls_policy policy;
	const struct net_tls_site *sites; /* [0] has the empty host */
	size_t site_count;
	bool has_tickets; /* session tickets (RFC 5077; RFC 8446, 4.6.1) */
	int64_t ticket_key_life_ms;
	/* A trusted proxy must show a certificate of these; NULL: need not. */
	const struct net_tls_trust *proxy_trust;
};

struct net_tls; /* the server contexts of all sites; counted */

/*
 * Builds them: AEAD with forward secrecy unless CUSTOM says otherwise, no
 * compression, no renegotiation, no early data, ALPN http/1.1. The site is
 * chosen by SNI before anything of an old session is looked at; a session is
 * resumed only on its own site, never across a reload, and never where
 * client certificates are asked for: there every handshake verifies anew.
 * ERR_CONFIG says exactly why (no PEM, wrong password, key does not fit,
 * chain out of order, two keys of one kind, trust store empty, CRL unsigned;
 * expired is a warning, not an error).
 */
enum err_code net_tls_new(const struct net_tls_server_settings *settings,
    struct net_tls **out, struct err *err) WARN_UNUSED;
struct net_tls *net_tls_ref(struct net_tls *tls);
void net_tls_unref(struct net_tls *tls); /* NULL accepted */

/* What people are told of a certificate. Strings live as long as tls. */
struct net_tls_facts {
	const char *host;               /* of the SNI site, "" for all others */
	const char *file;               /* its certificate_name */
	const char *fingerprint_sha256; /* "AB:CD:…" of the leaf */
	const char *subject;
	const char *issuer;
	const char *key_kind; /* "RSA 2048", "EC P-256" */
	int64_t not_before_s;
	int64_t not_after_s;
	bool is_self_signed;
};
/* The first certificate of the site of every other name. */
const struct net_tls_facts *net_tls_facts(const struct net_tls *tls);
/* The first certificate of the site that serves this Host (with or without
 * port). Never NULL. */
const struct net_tls_facts *net_tls_facts_of(
    const struct net_tls *tls, struct str host);
/* Every certificate, for logs and metrics; NULL past the last one. */
const struct net_tls_facts *net_tls_facts_at(
    const struct net_tls *tls, size_t index);
/* What VerifyClient is for the site that serves this Host. */
enum net_tls_verify net_tls_verify_of(
    const struct net_tls *tls, struct str host);

/* What became of a client certificate. */
enum net_tls_verdict {
	NET_TLS_CERT_NONE, /* none was asked for, or none was shown */
	NET_TLS_CERT_GOOD,
	NET_TLS_CERT_UNKNOWN_CA,
	NET_TLS_CERT_EXPIRED,
	NET_TLS_CERT_NOT_YET,
	NET_TLS_CERT_REVOKED,
	NET_TLS_CERT_STALE_CRL,
	NET_TLS_CERT_WRONG_PURPOSE,
	NET_TLS_CERT_BAD /* anything else: broken, weak, too long a chain */
};

/*
 * One browser connection after its handshake. Strings belong to the
 * connection's record and end with it; texts of the certificate are UTF-8,
 * without control characters, and hostile until the verdict is GOOD.
 */
struct net_tls_peer {
	const char *protocol; /* "TLSv1.3" */
	const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
	const char *group;    /* "X25519", "" when none */
	const char *host;     /* of the SNI site that shook hands, "" for the
	                         site of every other name */
	bool is_resumed;
	/* Showed a certificate of proxy_trust. Such a one is let in whatever
	 * the site asks for, and `verdict` is NONE unless the site's own trust
	 * knows it too: it is a machine's, not a person's. */
	bool is_proxy;
	enum net_tls_verify verify; /* of that site */
	enum net_tls_verdict verdict;
	const char *reason; /* OpenSSL's words for the verdict, or "" */
	const char *subject, *common_name, *email, *issuer; /* "" without */
	const char *fingerprint_sha256;                     /* "" without */
	int64_t not_after_s;
};

/* ---- the mail door ---------------------------------------------------------
 */

enum net_tls_check {
	NET_TLS_CHECK_FULL,  /* chain and name */
	NET_TLS_CHECK_CHAIN, /* any name */
	NET_TLS_CHECK_OFF    /* nothing: only against listening */
};

/* A client context for the mail door: verifies chain and name. */
struct net_tls_client;
struct net_tls_client_settings {
	struct net_tls_policy policy;
	struct net_tls_trust trust; /* pem empty: the system's trust store */
	bool trust_system_too;      /* with a pem: the system's besides */
	enum net_tls_check check;
	struct str name;    /* the name to check for; empty: the host's */
	struct str key_pin; /* 32 bytes, SHA-256 of SubjectPublicKeyInfo, which
	                       is trusted instead of authorities and name
	                       (RFC 7469, 2.4); empty: none */
	const struct net_tls_identity *identity; /* ours; NULL: none */
};
enum err_code net_tls_client_new(const struct net_tls_client_settings *settings,
    struct net_tls_client **out, struct err *err) WARN_UNUSED;
/*
 * For --check alone: shakes hands with anybody by any version and cipher that
 * OpenSSL still has, so that one can say what a server offers. Nothing may be
 * sent on such a connection.
 */
enum err_code net_tls_client_new_probe(
    struct net_tls_client **out, struct err *err) WARN_UNUSED;
struct net_tls_client *net_tls_client_ref(struct net_tls_client *tls);
void net_tls_client_unref(struct net_tls_client *tls); /* NULL accepted */
bool net_tls_client_has_identity(const struct net_tls_client *tls);
/*
 * SHA-256 in hex of all settings but our key: equal where two contexts trust
 * and offer the same. Lives as long as tls.
 */
const char *net_tls_client_digest(const struct net_tls_client *tls);

#endif
