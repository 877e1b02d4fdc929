#ifndef SSL_UTIL_CERT_H
#define SSL_UTIL_CERT_H
/* Makes certificates that sign themselves and requests for an authority. */
#include "base/err.h"
#include "options.h"

/*
 * Writes a new key (0600) and a certificate or request (0644) beside it.
 * Nothing is overwritten, and on failure nothing of ours stays.
 * ERR_INPUT: a file exists, or a name cannot be. Others as they come.
 */
enum err_code cert_selfsigned(
    const struct options *options, struct err *err) WARN_UNUSED;
enum err_code cert_request(
    const struct options *options, struct err *err) WARN_UNUSED;

#endif
