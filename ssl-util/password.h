#ifndef SSL_UTIL_PASSWORD_H
#define SSL_UTIL_PASSWORD_H
/* Sets, changes and takes away the password of a key. */
#include "base/buf.h"
#include "options.h"

/* The key's file is replaced in one step; a failure leaves it as it was. */
enum err_code password_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
