#ifndef MAIN_EXPIRY_H
#define MAIN_EXPIRY_H
/*
 * How long certificates and revocation lists last: for the log, --check and
 * /metrics.
 */
#include "base/buf.h"
#include "main_files.h"
#include "net/net_tls.h"

/* How near the end is. */
enum main_expiry_level {
	MAIN_EXPIRY_FAR,
	MAIN_EXPIRY_SOON, /* 30 days; of a revocation list 7 */
	MAIN_EXPIRY_NEAR, /* 7 days; of a revocation list 1 */
	MAIN_EXPIRY_OVER  /* 1 day, or past; of a revocation list past */
};

struct main_expiry_item {
	struct str host; /* of the site, "*" for all others */
	const char *key; /* of the ini file: "Certificate", "ImapCRL" */
	struct str file;
	int64_t end_s;
	bool is_crl;
	bool is_server;              /* of the browser door */
	bool is_first;               /* of those with the same file */
	enum main_expiry_level said; /* in the log already */
	int64_t said_s;              /* when */
};

struct main_expiry {
	struct arena *arena; /* owned */
	struct main_expiry_item *items;
	size_t count;
};

/*
 * Of what was loaded: the browser door's certificates (tls; NULL: none), ours
 * for mail servers, and all revocation lists.
 */
enum err_code main_expiry_new(struct main_files *files,
    const struct net_tls *tls, struct main_expiry **out,
    struct err *err) WARN_UNUSED;
void main_expiry_free(struct main_expiry *expiry); /* NULL accepted */

enum main_expiry_level main_expiry_level(
    const struct main_expiry_item *item, int64_t now_s);
/* Whole days from now; negative when past. */
int64_t main_expiry_days(const struct main_expiry_item *item, int64_t now_s);
/*
 * tls.certificate_expires and tls.crl_expires, of each file once when it
 * comes nearer its end, and once a day when it is there.
 */
void main_expiry_log(struct main_expiry *expiry, int64_t now_s);
/* Lines for /metrics. */
void main_expiry_write(const struct main_expiry *expiry, struct buf *out);

#endif
