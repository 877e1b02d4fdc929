#ifndef SSL_UTIL_CONFIGURE_H
#define SSL_UTIL_CONFIGURE_H
/* Sets keys of the server's ini file from the command line. */
#include "base/arena.h"
#include "base/buf.h"
#include "ini_edit.h"
#include "options.h"

#define CONFIGURE_EDITS_MAX 16

struct configure_edits {
	struct ini_edit edits[CONFIGURE_EDITS_MAX];
	size_t count;
};

/*
 * The keys that --protocol, --strength, --ciphers, --verify-client and so on
 * stand for; paths are made absolute, texts live in `arena`. ERR_INPUT names
 * a list of ciphers that nobody should offer.
 */
enum err_code configure_edits(const struct options *options,
    struct arena *arena, struct configure_edits *out,
    struct err *err) WARN_UNUSED;
/*
 * `configure`: edits the ini file, when the server would take the result.
 * ERR_CONFIG and what is wrong in `out` otherwise.
 */
enum err_code configure_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
