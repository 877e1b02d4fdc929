#ifndef SSL_UTIL_EXPORT_H
#define SSL_UTIL_EXPORT_H
/* Certificates in the forms other programs want. */
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/secret.h"
#include "options.h"

/*
 * Writes --cert as --format into --out: pem (with its chain), der and cer
 * (Base-64; both the certificate alone), p12 (with key and chain). The key is
 * in p12 and with --with-key only, in files of mode 0600.
 */
enum err_code export_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* Key and certificates, the key's own first, as PKCS#12. */
struct export_p12 {
	STACK_OF(X509) * certs;
	EVP_PKEY *key;
	const struct secret *password; /* see load_password */
	bool compat;                   /* for systems of old */
};
/* ERR_CONFIG when this OpenSSL is not allowed to. */
enum err_code export_p12(
    const struct export_p12 *what, BIO *bio, struct err *err) WARN_UNUSED;

#endif
