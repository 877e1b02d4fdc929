#ifndef SSL_UTIL_SETUP_H
#define SSL_UTIL_SETUP_H
/*
 * From nothing to a server in secure mode, in one pass: key, self-signed
 * certificate and request of the same key, and the ini file that names them.
 */
#include "base/buf.h"
#include "options.h"

/*
 * Everything is made in memory and tried first; then it is written, and what
 * was new is taken away again when a step fails. ERR_CONFIG: the ini file or
 * the folder is not the one the server uses, or the server would refuse the
 * result. ERR_INPUT: a file exists already, or a name cannot be.
 */
enum err_code setup_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

/*
 * Is `ini` the file that this machine's server uses? ERR_CONFIG says which
 * one it uses instead. ERR_OK when there is no server.
 */
enum err_code setup_check_ini(const char *ini, struct err *err) WARN_UNUSED;

#endif
