#ifndef SSL_UTIL_IMPORT_H
#define SSL_UTIL_IMPORT_H
/* Takes what came back from an authority into use. */
#include "base/buf.h"
#include "options.h"

/*
 * Reads certificates of --files in any order and form, finds the one that
 * fits the key, puts its chain in order, judges it as check does, and writes
 * it only when all is well. A key of PKCS#12 is written when the key's file
 * is not there yet. ERR_CONFIG when something is not well: nothing was
 * written then; ERR_INPUT when a file exists and --force was not said.
 */
enum err_code import_run(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
