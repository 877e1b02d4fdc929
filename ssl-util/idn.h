#ifndef SSL_UTIL_IDN_H
#define SSL_UTIL_IDN_H
/* Names of other alphabets as certificates and the DNS have them (RFC 5891). */
#include "base/err.h"
#include "base/str.h"

#define IDN_BYTES 256

/*
 * "bücher.example" gives "xn--bcher-kva.example"; "*." at the front stays;
 * what is ASCII already stays as it is. ERR_INPUT says why it cannot be.
 */
enum err_code idn_to_ascii(
    struct str name, char out[IDN_BYTES], struct err *err) WARN_UNUSED;

#endif
