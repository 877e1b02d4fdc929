#ifndef MIME_MIME_UNZIP_H
#define MIME_MIME_UNZIP_H
/*
 * Reads a zip archive of a stranger, file by file, in constant memory
 * (libarchive, as mime_zip.h; nothing but zip is tried).
 */
#include "mime/mime_mbox_read.h"

struct mime_unzip;

/* Reads by offset from an archive of so many bytes. */
enum err_code mime_unzip_open(mime_read_fn *read, void *ctx, uint64_t bytes,
    struct mime_unzip **out, struct err *err) WARN_UNUSED;
/*
 * The next file (no folder); *out_found false: there are no more. Its name, in
 * the arena, is for people. ERR_INPUT: what follows cannot be read.
 */
enum err_code mime_unzip_next(struct mime_unzip *unzip, struct arena *arena,
    struct text *out_name, bool *out_found, struct err *err) WARN_UNUSED;
/*
 * Its bytes. ERR_LIMIT: more than max_bytes; ERR_INPUT: broken, encrypted, or
 * packed by anything but deflate and bzip2, which need little memory;
 * ERR_INTERNAL: the sink ended it. The next file can be read after all of
 * them.
 */
enum err_code mime_unzip_read(struct mime_unzip *unzip, uint64_t max_bytes,
    mime_sink_fn *sink, void *ctx, struct err *err) WARN_UNUSED;
void mime_unzip_free(struct mime_unzip *unzip); /* NULL accepted */

#endif
