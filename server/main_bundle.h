#ifndef MAIN_BUNDLE_H
#define MAIN_BUNDLE_H
/*
 * Trust in a folder: what TrustStore and MailTrustStore may name instead of a
 * PEM file.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The longest chain, list of revoked ones, or trust store anybody has. */
#define MAIN_PEM_BYTES ((size_t)4 << 20)

/*
 * Opens `path` for reading. Of a folder: the certificates of its files *.pem,
 * *.crt and *.cer (PEM, or one in DER), by name, as one PEM file in memory;
 * nothing else of them is handed on, least of all keys. ERR_CONFIG when there
 * is none or it is too much.
 */
enum err_code main_bundle_open(
    const char *path, int *out_fd, struct err *err) WARN_UNUSED;
/*
 * PEM as it is; DER (RFC 5280; begins with a SEQUENCE) as PEM with this label
 * ("CERTIFICATE"), in the arena.
 */
struct str main_bundle_pem(
    struct arena *arena, struct str bytes, const char *label);

#endif
