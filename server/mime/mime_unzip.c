#include "mime/mime_unzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

#include "os/locale.h"

#define UNZIP_CHUNK ((size_t)64 << 10)

struct mime_unzip {
	struct archive *archive;
	struct archive_entry *entry; /* borrowed */
	/* NULL: names that are no ASCII are not told. */
	struct locale_utf8 *locale;
	mime_read_fn *read;
	void *ctx;
	uint64_t at, bytes;
	char chunk[UNZIP_CHUNK];
};

static enum err_code
unzip_broken(const struct mime_unzip *unzip, struct err *err)
{
	const char *why = archive_error_string(unzip->archive);

	return err_set(err, ERR_INPUT,
	    "the archive is broken here, or of a form that is not known",
	    why != NULL ? why : "mime: unzip");
}

static la_ssize_t
unzip_take(struct archive *archive, void *ctx, const void **out)
{
	struct mime_unzip *unzip = ctx;
	int64_t got =
	    unzip->read(unzip->ctx, unzip->at, unzip->chunk, UNZIP_CHUNK);

	*out = unzip->chunk;
	if (got < 0) {
		archive_set_error(archive, EIO, "the file cannot be read");
		return ARCHIVE_FATAL;
	}
	unzip->at += (uint64_t)got;
	return (la_ssize_t)got;
}

static la_int64_t
unzip_skip(struct archive *archive, void *ctx, la_int64_t wanted)
{
	struct mime_unzip *unzip = ctx;
	uint64_t left = unzip->bytes - unzip->at;

	(void)archive;
	if (wanted <= 0)
		return 0;
	if ((uint64_t)wanted > left)
		wanted = (la_int64_t)left;
	unzip->at += (uint64_t)wanted;
	return wanted;
}

static la_int64_t
unzip_seek(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
	struct mime_unzip *unzip = ctx;
	la_int64_t base = whence == SEEK_END   ? (la_int64_t)unzip->bytes
	                  : whence == SEEK_CUR ? (la_int64_t)unzip->at
	                                       : 0;
	la_int64_t to;

	if (__builtin_add_overflow(base, offset, &to) || to < 0 ||
	    (uint64_t)to > unzip->bytes) {
		archive_set_error(archive, EINVAL, "past the end");
		return ARCHIVE_FATAL;
	}
	unzip->at = (uint64_t)to;
	return to;
}

static bool
unzip_begin(struct mime_unzip *unzip)
{
	struct archive *archive = unzip->archive;

	return archive_read_support_format_zip(archive) == ARCHIVE_OK &&
	       archive_read_set_callback_data(archive, unzip) == ARCHIVE_OK &&
	       archive_read_set_read_callback(archive, unzip_take) ==
	           ARCHIVE_OK &&
	       archive_read_set_skip_callback(archive, unzip_skip) ==
	           ARCHIVE_OK &&
	       archive_read_set_seek_callback(archive, unzip_seek) ==
	           ARCHIVE_OK;
}

enum err_code
mime_unzip_open(mime_read_fn *read, void *ctx, uint64_t bytes,
    struct mime_unzip **out, struct err *err)
{
	struct mime_unzip *unzip = calloc(1, sizeof(*unzip));
	enum err_code rc;

	*out = NULL;
	if (unzip == NULL || bytes > INT64_MAX) {
		free(unzip);
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: unzip");
	}
	unzip->read = read;
	unzip->ctx = ctx;
	unzip->bytes = bytes;
	unzip->locale = locale_utf8_new();
	unzip->archive = archive_read_new();
	if (unzip->archive == NULL || !unzip_begin(unzip)) {
		mime_unzip_free(unzip);
		return err_set(err, ERR_NO_MEMORY, NULL, "mime: unzip");
	}
	if (archive_read_open1(unzip->archive) != ARCHIVE_OK) {
		rc = unzip_broken(unzip, err);
		mime_unzip_free(unzip);
		return rc;
	}
	*out = unzip;
	return ERR_OK;
}

/* Lives in the arena: the entry's bytes go with it. */
static struct text
unzip_name(const struct mime_unzip *unzip, struct arena *arena)
{
	const char *name = archive_entry_pathname(unzip->entry);

	if (name == NULL)
		name = archive_entry_pathname_utf8(unzip->entry);
	return text_shorten(
	    arena, text_line(arena, str_dup(arena, str_c(name))), 100);
}

/* Names are in UTF-8, whatever the process speaks. */
static int
unzip_header(struct mime_unzip *unzip, struct arena *arena, struct text *name)
{
	int rc;

	locale_utf8_enter(unzip->locale);
	rc = archive_read_next_header(unzip->archive, &unzip->entry);
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
		*name = unzip_name(unzip, arena);
	locale_utf8_leave(unzip->locale);
	return rc;
}

enum err_code
mime_unzip_next(struct mime_unzip *unzip, struct arena *arena,
    struct text *out_name, bool *out_found, struct err *err)
{
	*out_found = false;
	for (;;) {
		int rc = unzip_header(unzip, arena, out_name);

		if (rc == ARCHIVE_EOF)
			return ERR_OK;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return unzip_broken(unzip, err);
		if (archive_entry_filetype(unzip->entry) != AE_IFREG)
			continue;
		*out_found = true;
		return ERR_OK;
	}
}

/*
 * The methods that take little memory, as libarchive names them ("ZIP 2.0
 * (deflation)"). LZMA takes up to 4 GB because the archive says so.
 */
static bool
unzip_is_small(const struct mime_unzip *unzip)
{
	static const char *const methods[] = {
	    "(uncompressed)", "(deflation)", "(bzip)"};
	struct str name = str_c(archive_format_name(unzip->archive));

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_ends(name, str_c(methods[i])))
			return true;
	return false;
}

enum err_code
mime_unzip_read(struct mime_unzip *unzip, uint64_t max_bytes,
    mime_sink_fn *sink, void *ctx, struct err *err)
{
	uint64_t at = 0;

	if (archive_entry_is_encrypted(unzip->entry))
		return err_set(
		    err, ERR_INPUT, "it is encrypted with a password", NULL);
	if (!unzip_is_small(unzip))
		return unzip_broken(unzip, err);
	for (;;) {
		const void *bytes = NULL;
		size_t len = 0;
		la_int64_t offset = 0;
		int rc = archive_read_data_block(
		    unzip->archive, &bytes, &len, &offset);

		if (rc == ARCHIVE_EOF)
			return ERR_OK;
		/* A zip has no holes. */
		if (rc != ARCHIVE_OK || offset < 0 || (uint64_t)offset != at)
			return unzip_broken(unzip, err);
		if (len > max_bytes - at)
			return err_set(
			    err, ERR_LIMIT, "it is too large", "mime: unzip");
		at += len;
		if (len > 0 && !sink(ctx, str_of(bytes, len)))
			return err_set(err, ERR_INTERNAL,
			    "The server cannot store uploads at the moment.",
			    "unzip: sink");
	}
}

void
mime_unzip_free(struct mime_unzip *unzip)
{
	if (unzip == NULL)
		return;
	if (unzip->archive != NULL)
		(void)archive_read_free(unzip->archive);
	locale_utf8_free(unzip->locale);
	free(unzip);
}
