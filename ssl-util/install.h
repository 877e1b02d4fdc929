#ifndef SSL_UTIL_INSTALL_H
#define SSL_UTIL_INSTALL_H
/* Puts a file in its place in one step, and keeps what was there. */
#include "base/buf.h"
#include "base/err.h"

/* ERR_INPUT when it exists and may not be replaced. */
enum err_code install_may(
    const char *path, bool force, struct err *err) WARN_UNUSED;
/*
 * A new file of `mode`, or, with force, instead of the old one, which stays
 * as PATH.DATE.bak; says both in `out`. The owner stays. Readers see the old
 * file or the new one, whole. ERR_INPUT, ERR_FORBIDDEN and others of files.
 */
enum err_code install_file(const char *path, struct str bytes, int mode,
    bool force, struct buf *out, struct err *err) WARN_UNUSED;
/* The same without a backup, with the mode of the old file; it must be there.
 */
enum err_code install_replace(
    const char *path, struct str bytes, struct err *err) WARN_UNUSED;

#endif
