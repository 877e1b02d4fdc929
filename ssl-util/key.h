#ifndef SSL_UTIL_KEY_H
#define SSL_UTIL_KEY_H
/* Private keys: made, written as PKCS#8 PEM, described without the secret. */
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

#define KEY_RSA_BITS_MIN 2048
#define KEY_EC_BITS_MIN  256

void key_free(EVP_PKEY **key); /* for CLEANUP */

/*
 * "rsa:2048" … "rsa:4096", "ec:p256", "ec:p384", "ed25519" (not under FIPS).
 * ERR_INPUT for another kind, with what is allowed.
 */
enum err_code key_check_kind(struct str kind, struct err *err) WARN_UNUSED;
/* The same, and ERR_INTERNAL when OpenSSL cannot. */
enum err_code key_make(
    struct str kind, EVP_PKEY **out, struct err *err) WARN_UNUSED;
/* Too short for today, or of a kind nobody takes any more. */
bool key_is_weak(const EVP_PKEY *key);
/*
 * The digest that fits its strength: SHA-256, or SHA-384 for P-384; NULL for
 * Ed25519, which brings its own (RFC 8032).
 */
const EVP_MD *key_digest(const EVP_PKEY *key);
/*
 * PKCS#8 in PEM form, encrypted with AES-256 when there is a password (see
 * load_password; NULL or empty: none). The bytes live in `bio`, a new one in
 * memory that is wiped; the caller frees it.
 */
enum err_code key_pem(EVP_PKEY *key, const struct secret *password, BIO **bio,
    struct str *out, struct err *err) WARN_UNUSED;
/* A new file of mode 0600. ERR_INPUT when it exists: nothing is overwritten. */
enum err_code key_write(EVP_PKEY *key, const struct secret *password,
    const char *path, struct err *err) WARN_UNUSED;
/* "EC P-256" or "RSA 3072 bits", and the SHA-256 of the public key. */
void key_describe(EVP_PKEY *key, struct buf *out);
/* Says why OpenSSL could not do `what`, and forgets its queue of errors. */
enum err_code key_fail(const char *what, struct err *err);

#endif
