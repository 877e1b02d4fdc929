#ifndef SSL_UTIL_SHOW_H
#define SSL_UTIL_SHOW_H
/* Says what is in a PEM file, public facts only. */
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Certificates, requests and keys in the order they stand. ERR_INPUT when
 * there is none of these; ERR_NOT_FOUND and others of the file.
 */
enum err_code show_file(
    const char *path, struct buf *out, struct err *err) WARN_UNUSED;
/* The lines of one certificate. */
void show_x509(X509 *cert, struct buf *out);

#endif
