#ifndef NET_FIPS_H
#define NET_FIPS_H
/*
 * FIPS=1: all cryptography of this process, both doors', the sessions' and
 * the utility's, comes from OpenSSL's FIPS provider (fips_module(7)). Before
 * any other use of OpenSSL, so that nothing is fetched from elsewhere.
 */
#include <stdbool.h>

#include "base/err.h"

/*
 * Loads the providers "fips" and "base" and lets every fetch be of "fips=yes".
 * A second call changes nothing. ERR_CONFIG: the provider is missing, or does
 * not start (it tests itself first); everything is then as before. Once,
 * before any thread.
 */
enum err_code net_fips_start(struct err *err) WARN_UNUSED;
bool net_fips_is_on(void);

#endif
