#ifndef SSL_UTIL_FIPS_H
#define SSL_UTIL_FIPS_H
/* --fips, and FIPS=1 in the ini file of the command. */
#include "options.h"

/*
 * Before anything else of OpenSSL. ERR_CONFIG without a provider: nothing is
 * done then with other cryptography.
 */
enum err_code fips_start(
    const struct options *options, struct err *err) WARN_UNUSED;

#endif
