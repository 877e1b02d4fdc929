#ifndef SSL_UTIL_CHECK_H
#define SSL_UTIL_CHECK_H
/* Is everything right that the secure port needs? */
#include "base/buf.h"
#include "options.h"

/*
 * Looks at --cert and --key-file, or at what the ini file names, and says
 * what is well and what is not, each with what mends it. ERR_CONFIG when
 * something is not well.
 */
enum err_code check_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
