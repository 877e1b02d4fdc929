#ifndef SSL_UTIL_TRUST_H
#define SSL_UTIL_TRUST_H
/* `trust`: whom the server believes, of its clients and of mail servers. */
#include "base/buf.h"
#include "config/config.h"
#include "options.h"
#include "trust_store.h"

enum err_code trust_add(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
enum err_code trust_list(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* Asks on a terminal; elsewhere it wants --yes. */
enum err_code trust_remove(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* ERR_TRUST, and why in `out`, when the server would not take it. */
enum err_code trust_test(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* Shows what HOST:PORT sends, and stores its authority when told to. */
enum err_code trust_fetch(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

/* ---- for the files of trust only ---- */

/* What the options mean: the store, and what the ini file says about it. */
struct trust {
	struct arena *arena;            /* owned */
	const struct config *cfg;       /* NULL with --file; owned */
	const struct config_site *site; /* of cfg */
	bool is_mail;
	const char *path;
	struct trust_store store;
};
void trust_end(struct trust *trust); /* for CLEANUP */
/* ERR_CONFIG when the ini names no store: the message says what to add. */
enum err_code trust_open(const struct options *options, struct trust *out,
    struct err *err) WARN_UNUSED;
/* Why it may not be trusted, ERR_INPUT; `name` is for the message. */
enum err_code trust_may_add(
    X509 *cert, const char *name, struct err *err) WARN_UNUSED;
void trust_say_next(const struct trust *trust, struct buf *out);

#endif
