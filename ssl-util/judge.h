#ifndef SSL_UTIL_JUDGE_H
#define SSL_UTIL_JUDGE_H
/*
 * What check and import find wrong with certificates, in words and with the
 * command that mends it.
 */
#include <openssl/x509.h>

#include "report.h"

struct judge {
	struct report *report;
	const char *cert_path;
	const char *key_path;       /* for the commands */
	const char *name;           /* a host name or address, or NULL */
	const char *root;           /* --root, or NULL */
	const STACK_OF(X509) * all; /* borrowed: what may lead to a root */
};

/* `certs`: the leaf first. Each says ok, or what is wrong. */
void judge_dates(const struct judge *judge, const STACK_OF(X509) * certs);
void judge_strength(const struct judge *judge, const STACK_OF(X509) * certs);
void judge_purpose(const struct judge *judge, X509 *leaf);
void judge_name(const struct judge *judge, X509 *leaf, const char *name);
enum err_code judge_chain(const struct judge *judge,
    const STACK_OF(X509) * certs, struct err *err) WARN_UNUSED;
/* All of these, with judge->name when there is one. */
enum err_code judge_all(const struct judge *judge, const STACK_OF(X509) * certs,
    struct err *err) WARN_UNUSED;

#endif
