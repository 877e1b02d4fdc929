#ifndef SSL_UTIL_SAN_H
#define SSL_UTIL_SAN_H
/*
 * The names a certificate is for (subjectAltName, RFC 5280, 4.2.1.6): host
 * names and IP addresses, checked before they are put in.
 */
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "options.h"

void san_free(GENERAL_NAMES **names); /* for CLEANUP */

/*
 * --name first, then every --san ("dns:", "ip:", "email:", or neither: what
 * it looks like), each once. A client's --name is a person's: it goes in only
 * when it is an e-mail address. ERR_INPUT names the one that cannot be.
 */
enum err_code san_make(const struct options *options, GENERAL_NAMES **out,
    struct err *err) WARN_UNUSED;
/* "dns:a.example, ip:192.0.2.1"; bytes that are not printable as \xHH. */
void san_describe(const GENERAL_NAMES *names, struct buf *out);

#endif
