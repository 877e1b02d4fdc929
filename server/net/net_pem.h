#ifndef NET_PEM_H
#define NET_PEM_H
/*
 * What PEM texts say (RFC 7468), for those who only hand them on or watch how
 * long they last: contexts read them by themselves.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The first certificate of the text in DER, in the arena. ERR_CONFIG when the
 * text holds a private key, of whatever kind, or no certificate; the message
 * begins with `name`, the file's path.
 */
enum err_code net_pem_to_der(struct arena *arena, struct str pem,
    const char *name, struct str *out, struct err *err) WARN_UNUSED;
/* How many certificates, or revocation lists, can be read in the text. */
unsigned net_pem_certificate_count(struct str pem);
unsigned net_pem_crl_count(struct str pem);
/* The end of the first certificate's time, Unix seconds; false: none. */
bool net_pem_certificate_end(struct str pem, int64_t *out_s);
/* When the first of the revocation lists is past its time; false: never. */
bool net_pem_crl_end(struct str pem, int64_t *out_s);

#endif
