#ifndef SSL_UTIL_EXPORT_H
#define SSL_UTIL_EXPORT_H
/* Certificates in the forms other programs want. */
#include "base/buf.h"
#include "options.h"

/*
 * Writes --cert as --format into --out: pem (with its chain), der and cer
 * (Base-64; both the certificate alone), p12 (with key and chain). The key is
 * in p12 and with --with-key only, in files of mode 0600.
 */
enum err_code export_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
