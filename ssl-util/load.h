#ifndef SSL_UTIL_LOAD_H
#define SSL_UTIL_LOAD_H
/* Reads certificates, keys and passwords in the forms people have them. */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/secret.h"

/*
 * The first line of a file nobody else may read; ->ptr ends with NUL, which
 * counts in ->len. "credential:NAME" is one of systemd's. A NULL path gives an
 * empty secret (ptr NULL).
 */
enum err_code load_password(
    const char *path, struct secret *out, struct err *err) WARN_UNUSED;
/* For OpenSSL: NULL when there is none. */
const char *load_password_c(const struct secret *password);

/* A private key in PEM form. ERR_CONFIG when its password is missing or
 * wrong, ERR_INPUT when it is none. */
enum err_code load_key(const char *path, const struct secret *password,
    EVP_PKEY **out, struct err *err) WARN_UNUSED;

enum load_form {
	LOAD_PEM,
	LOAD_DER,
	LOAD_PKCS7,
	LOAD_PKCS12
};
struct load_found {
	STACK_OF(X509) * certs; /* at least one, as they stood; owned */
	EVP_PKEY *key;          /* of PKCS#12, or NULL; owned */
	enum load_form form;
};
void load_found_free(struct load_found *found); /* for CLEANUP */
/*
 * Certificates as PEM, DER, PKCS#7 or PKCS#12 (which `password` opens).
 * Keys in PEM form are passed over. ERR_INPUT when there is no certificate,
 * ERR_CONFIG when the password does not fit.
 */
enum err_code load_certs(const char *path, const struct secret *password,
    struct load_found *out, struct err *err) WARN_UNUSED;
/* The same of bytes; `name` is for messages. */
enum err_code load_certs_of(const char *name, struct str bytes,
    const struct secret *password, struct load_found *out,
    struct err *err) WARN_UNUSED;

#endif
