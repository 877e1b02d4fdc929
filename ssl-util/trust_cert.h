#ifndef SSL_UTIL_TRUST_CERT_H
#define SSL_UTIL_TRUST_CERT_H
/* What a certificate is for who may trust it, in words. */
#include <openssl/x509.h>

#include "base/buf.h"

#define TRUST_CERT_PRINT_BYTES 96 /* "AB:CD:…" of 32 bytes */

enum trust_cert_kind {
	TRUST_CERT_AUTHORITY, /* whatever it signs is believed */
	TRUST_CERT_ITSELF,    /* signs itself; counts for itself only */
	TRUST_CERT_NEITHER    /* of an authority: trusting it means nothing */
};
enum trust_cert_kind trust_cert_kind(X509 *cert);
const char *trust_cert_kind_words(enum trust_cert_kind kind);
/* SHA-256 of the whole certificate. */
void trust_cert_print(const X509 *cert, char out[TRUST_CERT_PRINT_BYTES]);
/* Is it what a person wrote: with or without colons, any case? */
bool trust_cert_has_print(const X509 *cert, struct str wanted);
/* SHA-256 of its public key, in hex, as ImapKeyPin= takes it. */
void trust_cert_pin(const X509 *cert, char out[TRUST_CERT_PRINT_BYTES]);
/* "2027-01-31 10:00 UTC" */
void trust_cert_until(const X509 *cert, char out[32]);
/* Subject, fingerprint, end and kind; lines begin with `indent`. */
void trust_cert_say(X509 *cert, const char *indent, struct buf *out);

#endif
