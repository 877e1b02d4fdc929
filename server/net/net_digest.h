#ifndef NET_NET_DIGEST_H
#define NET_NET_DIGEST_H
/* A short name for many bytes that nobody can give to others. Any thread. */
#include "base/err.h"
#include "base/str.h"

#define NET_DIGEST_BYTES 32u

/* SHA-256 (FIPS 180-4). False: OpenSSL has none. */
bool net_digest(
    struct str bytes, unsigned char out[NET_DIGEST_BYTES]) WARN_UNUSED;

#endif
