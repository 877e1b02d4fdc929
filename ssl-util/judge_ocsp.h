#ifndef SSL_UTIL_JUDGE_OCSP_H
#define SSL_UTIL_JUDGE_OCSP_H
/* OCSP responses (RFC 6960): as a file, or stapled by a server. */
#include <openssl/x509.h>

#include "base/str.h"

enum judge_ocsp_state {
	JUDGE_OCSP_GOOD,
	JUDGE_OCSP_REVOKED,
	JUDGE_OCSP_STALE,   /* past its time, or before it */
	JUDGE_OCSP_FOREIGN, /* for another certificate */
	JUDGE_OCSP_BAD      /* no response, or not signed by the authority */
};
struct judge_ocsp {
	enum judge_ocsp_state state;
	char why[200];  /* a sentence without its full stop */
	char until[32]; /* "2026-11-30 12:00 UTC", or empty */
};

/* DER bytes; `chain` is the leaf, then its issuer. */
void judge_ocsp_read(
    struct str bytes, const STACK_OF(X509) * chain, struct judge_ocsp *out);

#endif
