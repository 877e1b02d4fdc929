#ifndef SSL_UTIL_SHOW_H
#define SSL_UTIL_SHOW_H
/* Says what is in a file, public facts only. */
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "options.h"

/* The command: every file, with --in-password-file for PKCS#12. */
enum err_code show_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/*
 * Certificates, requests, keys, revocation lists, OCSP responses, PKCS#7 and
 * PKCS#12, in PEM or DER, in the order they stand. `password` (see
 * load_password; NULL: none) opens PKCS#12. ERR_INPUT when there is none of
 * these, ERR_CONFIG for a password; ERR_NOT_FOUND and others of the file.
 */
enum err_code show_locked_file(const char *path, const struct secret *password,
    struct buf *out, struct err *err) WARN_UNUSED;
enum err_code show_file(
    const char *path, struct buf *out, struct err *err) WARN_UNUSED;
/* The same of bytes; `path` is for messages. */
enum err_code show_bytes(const char *path, struct str bytes,
    const struct secret *password, struct buf *out,
    struct err *err) WARN_UNUSED;

/* The lines of one thing; show_part.c. */
void show_x509(X509 *cert, struct buf *out);
void show_request(X509_REQ *request, struct buf *out);
void show_pkey(EVP_PKEY *key, struct buf *out); /* NULL accepted */
void show_crl(X509_CRL *crl, struct buf *out);
void show_ocsp(OCSP_RESPONSE *response, struct buf *out);

#endif
