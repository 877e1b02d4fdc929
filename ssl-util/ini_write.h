#ifndef SSL_UTIL_INI_WRITE_H
#define SSL_UTIL_INI_WRITE_H
/*
 * Changes of the server's ini file in two steps: what it would be, which the
 * server's own parser must take, and writing it in one step with a backup.
 */
#include "base/buf.h"
#include "config/config.h"
#include "ini_edit.h"
#include "path.h"

struct ini_write {
	char path[PATH_BYTES]; /* links followed */
	struct arena *arena;   /* borrowed */
	bool is_new;           /* there is no such file yet */
	int mode;
	struct str before, after;   /* the bytes */
	const struct config *old;   /* NULL: the server refuses it already */
	const struct config *fresh; /* what `after` says */
};

void ini_write_end(struct ini_write *write); /* for CLEANUP */

/*
 * Reads the file. Without one: ERR_NOT_FOUND, or, when `sample` is true,
 * begins with the sample file. `write` is the caller's, all zero.
 */
enum err_code ini_write_begin(struct ini_write *write, const char *path,
    bool sample, struct arena *arena, struct err *err) WARN_UNUSED;
/* The edits, one after the other, on what is there so far. */
enum err_code ini_write_edit(struct ini_write *write,
    const struct ini_edit *edits, size_t count, struct err *err) WARN_UNUSED;
/*
 * Would the server take it? ERR_CONFIG; then `out` has what it complains of,
 * and nothing may be written.
 */
enum err_code ini_write_try(
    struct ini_write *write, struct buf *out, struct err *err) WARN_UNUSED;
/* Writes it, keeps a backup beside it, and says what changed. */
enum err_code ini_write_save(
    struct ini_write *write, struct buf *out, struct err *err) WARN_UNUSED;
/* "Next: systemctl reload iwebmsg", or restart and what needs it. */
void ini_write_next(const struct ini_write *write, struct buf *out);

#endif
