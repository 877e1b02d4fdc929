#ifndef NET_NET_CERT_H
#define NET_NET_CERT_H
/* What people are told of a certificate that stands in a file. */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Strings live in the arena; names as RFC 4514 writes them, UTF-8. */
struct net_cert_facts {
	struct str subject;
	struct str fingerprint_sha256, fingerprint_sha1; /* "AB:CD:…" */
	int64_t not_before_s, not_after_s;
	bool is_self_signed;
};
/* ERR_INPUT: `der` is not exactly one certificate in DER. */
enum err_code net_cert_read(struct arena *arena, struct str der,
    struct net_cert_facts *out, struct err *err) WARN_UNUSED;

#endif
