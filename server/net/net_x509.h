#ifndef NET_X509_H
#define NET_X509_H
/* What a certificate says, as text. Inside net. */
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
	NET_X509_PIN_BYTES = 32,         /* SHA-256 */
	NET_X509_FINGERPRINT_BYTES = 96, /* "AB:CD:…" with its end */
	NET_X509_DATE_BYTES = 16         /* "2026-11-21" with its end */
};

/* RFC 4514, UTF-8, no control characters; cut to fit. */
void net_x509_name(const X509_NAME *name, char *buf, size_t len);
/* Unix seconds; 0 when it is no time. */
int64_t net_x509_time(const ASN1_TIME *time);
/* "2026-11-21", or "?" */
void net_x509_date(const ASN1_TIME *time, char buf[NET_X509_DATE_BYTES]);
/* SHA-256 of the certificate as "AB:CD:…"; empty when it cannot be made. */
void net_x509_fingerprint(
    const X509 *certificate, char buf[NET_X509_FINGERPRINT_BYTES]);
/* SHA-256 of its SubjectPublicKeyInfo (RFC 7469, 2.4). */
bool net_x509_pin(
    const X509 *certificate, unsigned char out[NET_X509_PIN_BYTES]);
/* DNS names and addresses it is for: "a.example, 192.0.2.1"; cut to fit. */
void net_x509_alt_names(const X509 *certificate, char *buf, size_t len);

#endif
