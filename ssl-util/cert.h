#ifndef SSL_UTIL_CERT_H
#define SSL_UTIL_CERT_H
/* Makes certificates that sign themselves and requests for an authority. */
#include <openssl/x509.h>

#include "base/err.h"
#include "options.h"

/*
 * Writes a new key (0600, encrypted when there is --password-file) and a
 * certificate or request (0644) beside it. A key that --key-file names and
 * that is there is used instead. Nothing is overwritten, and on failure
 * nothing of ours stays. ERR_INPUT: a file exists, or a name cannot be;
 * ERR_CONFIG: a password is missing or wrong. Others as they come.
 */
enum err_code cert_selfsigned(
    const struct options *options, struct err *err) WARN_UNUSED;
enum err_code cert_request(
    const struct options *options, struct err *err) WARN_UNUSED;
/* The same of a key that is there already, in PEM form into `out`. */
enum err_code cert_selfsigned_pem(const struct options *options, EVP_PKEY *key,
    BIO *out, struct err *err) WARN_UNUSED;
enum err_code cert_request_pem(const struct options *options, EVP_PKEY *key,
    BIO *out, struct err *err) WARN_UNUSED;

#endif
