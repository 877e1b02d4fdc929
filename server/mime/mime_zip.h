#ifndef MIME_MIME_ZIP_H
#define MIME_MIME_ZIP_H
/*
 * Writes a zip archive piece by piece, in constant memory: the only user of
 * libarchive. Files whose size is known are stored, so that any program can
 * read them; others are deflated (APPNOTE 4.4.4: a size that follows the data
 * needs an end that can be seen). Zip64 where sizes need it.
 */
#include "mime/mime.h"

struct mime_zip;

/* `sink` takes the archive's bytes; false from it ends everything. */
enum err_code mime_zip_open(mime_sink_fn *sink, void *ctx,
    struct mime_zip **out, struct err *err) WARN_UNUSED;
/*
 * The next file; `name` is UTF-8, `bytes` UINT64_MAX when not known. ERR_AWAY:
 * the sink did not want more.
 */
enum err_code mime_zip_add(struct mime_zip *zip, struct text name,
    uint64_t bytes, int64_t date_s, struct err *err) WARN_UNUSED;
/* Its bytes; a sink for mail_part_stream(): false when something is wrong. */
bool mime_zip_write(void *zip, struct str bytes);
/* Was all well since mime_zip_add(), and is the file as long as was said? */
enum err_code mime_zip_end_file(
    struct mime_zip *zip, struct err *err) WARN_UNUSED;
/* Writes the directory of the archive. */
enum err_code mime_zip_end(struct mime_zip *zip, struct err *err) WARN_UNUSED;
/* NULL accepted; without mime_zip_end() nothing more is written. */
void mime_zip_free(struct mime_zip *zip);

#endif
