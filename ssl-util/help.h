#ifndef SSL_UTIL_HELP_H
#define SSL_UTIL_HELP_H
/* What --help prints. */
#include "base/buf.h"

/* Of one command ("trust"); NULL or a word without a section: of all. */
void help_write(const char *topic, struct buf *out);

#endif
