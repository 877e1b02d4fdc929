#ifndef SSL_UTIL_HELP_H
#define SSL_UTIL_HELP_H

/* What --help prints. */
extern const char help_text[];

#endif
