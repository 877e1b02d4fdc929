#include "mime/mime_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "os/locale.h"

/* Fast: what is deflated is text, or a part that is broken anyway. */
#define ZIP_OPTIONS "zip:compression-level=1"

struct mime_zip {
	struct archive *archive;
	struct archive_entry *entry;
	struct locale_utf8 *locale; /* NULL: names are marked as they come */
	mime_sink_fn *sink;
	void *ctx;
	uint64_t expected; /* of this file, or UINT64_MAX */
	uint64_t written;
	bool is_failed, is_ended;
};

static enum err_code
zip_failed(struct mime_zip *zip, struct err *err)
{
	const char *why = archive_error_string(zip->archive);

	zip->is_failed = true;
	return err_set(err, ERR_AWAY, "The archive could not be made.",
	    why != NULL ? why : "mime: zip");
}

static la_ssize_t
zip_sink(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
	struct mime_zip *zip = ctx;

	if (!zip->is_failed && zip->sink(zip->ctx, str_of(bytes, len)))
		return (la_ssize_t)len;
	zip->is_failed = true;
	archive_set_error(archive, EIO, "nobody takes the archive");
	return -1;
}

static bool
zip_begin(struct mime_zip *zip)
{
	struct archive *archive = zip->archive;

	/* Piece by piece, and no bytes behind the end. */
	return archive_write_set_format_zip(archive) == ARCHIVE_OK &&
	       archive_write_set_options(archive, ZIP_OPTIONS) == ARCHIVE_OK &&
	       archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
	       archive_write_set_bytes_in_last_block(archive, 1) ==
	           ARCHIVE_OK &&
	       archive_write_open(archive, zip, NULL, zip_sink, NULL) ==
	           ARCHIVE_OK;
}

enum err_code
mime_zip_open(
    mime_sink_fn *sink, void *ctx, struct mime_zip **out, struct err *err)
{
	struct mime_zip *zip = calloc(1, sizeof(*zip));

	*out = NULL;
	if (zip == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: zip");
	zip->sink = sink;
	zip->ctx = ctx;
	zip->locale = locale_utf8_new();
	zip->archive = archive_write_new();
	zip->entry = archive_entry_new();
	if (zip->archive == NULL || zip->entry == NULL || !zip_begin(zip)) {
		mime_zip_free(zip);
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: zip");
	}
	*out = zip;
	return ERR_OK;
}

static int
zip_header(struct mime_zip *zip)
{
	int rc;

	/* libarchive marks names as UTF-8 when the system's are. */
	locale_utf8_enter(zip->locale);
	rc = archive_write_header(zip->archive, zip->entry);
	locale_utf8_leave(zip->locale);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mime_zip_add(struct mime_zip *zip, struct text name, uint64_t bytes,
    int64_t date_s, struct err *err)
{
	char *path = malloc(name.s.len + 1);
	bool is_known = bytes <= INT64_MAX;
	int rc;

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: zip");
	memcpy(path, name.s.ptr, name.s.len);
	path[name.s.len] = '\0';
	zip->entry = archive_entry_clear(zip->entry);
	archive_entry_copy_pathname(zip->entry, path);
	free(path);
	archive_entry_set_filetype(zip->entry, AE_IFREG);
	archive_entry_set_perm(zip->entry, 0644);
	archive_entry_set_mtime(zip->entry, date_s, 0);
	if (is_known)
		archive_entry_set_size(zip->entry, (la_int64_t)bytes);
	zip->expected = is_known ? bytes : UINT64_MAX;
	zip->written = 0;
	rc = is_known ? archive_write_zip_set_compression_store(zip->archive)
	              : archive_write_zip_set_compression_deflate(zip->archive);
	if (rc != ARCHIVE_OK || zip_header(zip) != ARCHIVE_OK)
		return zip_failed(zip, err);
	return ERR_OK;
}

bool
mime_zip_write(void *ctx, struct str bytes)
{
	struct mime_zip *zip = ctx;

	if (zip->is_failed)
		return false;
	if (bytes.len == 0)
		return true;
	/* libarchive would cut what is longer than was said. */
	if (zip->expected != UINT64_MAX &&
	    bytes.len > zip->expected - zip->written)
		zip->is_failed = true;
	else if (archive_write_data(zip->archive, bytes.ptr, bytes.len) !=
	         (la_ssize_t)bytes.len)
		zip->is_failed = true;
	zip->written += bytes.len;
	return !zip->is_failed;
}

enum err_code
mime_zip_end_file(struct mime_zip *zip, struct err *err)
{
	if (zip->is_failed)
		return zip_failed(zip, err);
	if (zip->expected != UINT64_MAX && zip->written != zip->expected) {
		zip->is_failed = true;
		return err_set(err, ERR_MAIL,
		    "The mail server sent less than it said.", "mime: zip");
	}
	return ERR_OK;
}

enum err_code
mime_zip_end(struct mime_zip *zip, struct err *err)
{
	if (zip->is_failed || archive_write_close(zip->archive) != ARCHIVE_OK)
		return zip_failed(zip, err);
	zip->is_ended = true;
	return ERR_OK;
}

void
mime_zip_free(struct mime_zip *zip)
{
	if (zip == NULL)
		return;
	if (zip->archive != NULL) {
		/* Closed in any case, else libarchive keeps its buffer; what
		 * it still writes then, a directory, goes nowhere. */
		zip->is_failed = true;
		if (!zip->is_ended)
			(void)archive_write_close(zip->archive);
		(void)archive_write_free(zip->archive);
	}
	archive_entry_free(zip->entry);
	locale_utf8_free(zip->locale);
	free(zip);
}
