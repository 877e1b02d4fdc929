#ifndef SSL_UTIL_CHECK_PART_H
#define SSL_UTIL_CHECK_PART_H
/* What the parts of check share. For check*.c only. */
#include <openssl/x509.h>

#include "base/arena.h"
#include "config/config.h"
#include "report.h"

#define CHECK_SEEN_MAX  400
#define CHECK_NAMES_MAX 32

struct check {
	struct report report;
	struct arena *arena;
	const char *root; /* an authority that is trusted too, or NULL */
	const char *seen[CHECK_SEEN_MAX]; /* what several sites name */
	size_t seen_count;
};
/* Said for the first time? Then it is looked at. */
bool check_is_new(struct check *check, const char *what, const char *path);
/* A secret's file: closed to others? */
void check_secret(struct check *check, const char *path);
/* A text of the configuration, or NULL when it is empty. */
const char *check_path(struct check *check, struct str path);

/* A certificate and its key, with the keys of the ini that name them. */
struct check_pair {
	const char *cert_word, *key_word, *password_word, *ocsp_word;
	/* NULL: not said. */
	const char *cert, *key, *password_file, *ocsp;
	const char *names[CHECK_NAMES_MAX]; /* that it must have */
	size_t name_count;
	bool is_client; /* shown to mail servers */
};
/*
 * Key, certificate, whether they fit, order, chain, names, response. The
 * chain, leaf first, is the caller's (own_certs_free); NULL when there is
 * none to be read.
 */
enum err_code check_pair(struct check *check, const struct check_pair *pair,
    STACK_OF(X509) * *out_chain, struct err *err) WARN_UNUSED;

/* A trust store and its revocation lists. */
struct check_store {
	const char *word; /* "TrustStore" */
	const char *path; /* NULL: none of ours, the list only */
	bool is_mail;
	const char *crl_word;
	const char *crl; /* NULL: none */
	bool accepts_stale;
	const STACK_OF(X509) * own; /* the server's certificates, or NULL */
};
enum err_code check_store(struct check *check, const struct check_store *ask,
    struct err *err) WARN_UNUSED;

/* check_site.c: all that the ini file names. */
enum err_code check_sites(struct check *check, const struct config *cfg,
    const struct check_pair *by_hand, struct err *err) WARN_UNUSED;

#endif
