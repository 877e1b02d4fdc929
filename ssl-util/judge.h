#ifndef SSL_UTIL_JUDGE_H
#define SSL_UTIL_JUDGE_H
/*
 * What check and import find wrong with certificates, in words and with the
 * command that mends it.
 */
#include <openssl/x509.h>

#include "report.h"

/* What was found, as bits. */
enum judge_finding {
	JUDGE_EXPIRED = 1,
	JUDGE_NOT_YET = 2,
	JUDGE_WEAK_KEY = 4,
	JUDGE_TINY_KEY = 8, /* below 1024 bits of RSA; WEAK_KEY too */
	JUDGE_SHA1 = 16,
	JUDGE_MD5 = 32, /* or older */
	JUDGE_PURPOSE = 64,
	JUDGE_NAME = 128,
	JUDGE_INCOMPLETE = 256,
	JUDGE_UNKNOWN_ROOT = 512,
	JUDGE_SELF_SIGNED = 1024,
	JUDGE_BROKEN = 2048,
	JUDGE_MISSING = 4096 /* INCOMPLETE, and not only for want of a root */
};

struct judge {
	struct report *report;
	unsigned *found; /* adds bits; NULL: nobody counts */
	const char *cert_path;
	const char *given;    /* import: what was brought; NULL: cert_path */
	const char *key_path; /* for the commands */
	bool is_client;       /* for a client's purposes, not a server's */
	const char *name;     /* a host name or address, or NULL */
	const char *root;     /* --root, or NULL */
	const STACK_OF(X509) * all; /* borrowed: what may lead to a root */
};

/* A key's or password's file: may others read it? Not there: nothing. */
void judge_secret(struct report *report, const char *path);
/* `certs`: the leaf first. Each says ok, or what is wrong. */
void judge_dates(const struct judge *judge, const STACK_OF(X509) * certs);
void judge_strength(const struct judge *judge, const STACK_OF(X509) * certs);
void judge_purpose(const struct judge *judge, X509 *leaf);
void judge_name(const struct judge *judge, X509 *leaf, const char *name);
enum err_code judge_chain(const struct judge *judge,
    const STACK_OF(X509) * certs, struct err *err) WARN_UNUSED;
/* All of these; without judge->name, whether it names any host. */
enum err_code judge_all(const struct judge *judge, const STACK_OF(X509) * certs,
    struct err *err) WARN_UNUSED;

#endif
