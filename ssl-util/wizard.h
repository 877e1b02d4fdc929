#ifndef SSL_UTIL_WIZARD_H
#define SSL_UTIL_WIZARD_H
/* setup for people: asks on the terminal and explains each choice. */
#include "base/buf.h"
#include "options.h"

/*
 * Asks, then does what setup_run does. ERR_CANCELED: somebody stopped it, and
 * nothing was changed. ERR_INPUT when there is no terminal.
 */
enum err_code wizard_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
