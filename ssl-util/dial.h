#ifndef SSL_UTIL_DIAL_H
#define SSL_UTIL_DIAL_H
/*
 * A look at a server's certificates: connects and shakes hands, verifies
 * nothing, says nothing. Whoever needs the connection for more verifies.
 */
#include <openssl/ssl.h>

#include "base/err.h"
#include "base/str.h"
#include "net/net_client.h"

enum dial_way {
	DIAL_TLS,
	DIAL_IMAP, /* STARTTLS of RFC 9051, 6.2.1 */
	DIAL_SMTP  /* RFC 3207 */
};
#define DIAL_HOST_BYTES 256
struct dial_address {
	char host[DIAL_HOST_BYTES];
	uint16_t port;
};

/* "host:993", "[::1]:993", "host" with the usual port of the way. ERR_INPUT. */
enum err_code dial_parse(struct str word, enum dial_way way,
    struct dial_address *out, struct err *err) WARN_UNUSED;
/*
 * What the server sends, its own certificate first; the caller frees it with
 * own_certs_free. ERR_AWAY when it cannot be reached, speaks no TLS, or no
 * STARTTLS.
 */
enum err_code dial_certs(const struct dial_address *address, enum dial_way way,
    STACK_OF(X509) * *out, struct err *err) WARN_UNUSED;

#endif
