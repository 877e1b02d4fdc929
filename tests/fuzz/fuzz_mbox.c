/*
 * Mail files of strangers: every message that is found is copied as long as
 * was said, its lines end in CRLF, messages follow one another, and what we
 * write as mbox is read as it was.
 */
#include <stdint.h>

#include "base/buf.h"
#include "mime/mime_mbox.h"
#include "mime/mime_mbox_read.h"

#define FOUND_MOST 5000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int64_t
bytes_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct str *bytes = ctx;
	struct str piece = offset < bytes->len
	                       ? str_slice(*bytes, (size_t)offset, bytes->len)
	                       : STR("");

	/* In odd pieces, as a slow disk may give them. */
	if (piece.len > 1000)
		piece.len = 1000;
	if (piece.len > len)
		piece.len = len;
	if (piece.len > 0)
		memcpy(buf, piece.ptr, piece.len);
	return (int64_t)piece.len;
}

static bool
keep(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

static void
check_lines(struct str mail)
{
	for (size_t at = str_find_byte(mail, '\n', 0); at < mail.len;
	     at = str_find_byte(mail, '\n', at + 1))
		ensure(at > 0 && mail.ptr[at - 1] == '\r');
}

/* A message that ends its lines comes back from an mbox as it is. */
static void
check_round(struct str mail)
{
	static struct mime_reader reader;
	static struct mime_mbox mbox;
	struct mime_found found;
	struct str file;
	struct buf all;
	struct buf back;

	if (mail.len == 0 || !str_ends(mail, STR("\r\n")))
		return;
	buf_init(&all, (size_t)16 << 20);
	buf_init(&back, (size_t)16 << 20);
	mime_mbox_init(&mbox, keep, &all);
	ensure(mime_mbox_begin(&mbox, STR("a@b"), 1));
	ensure(mime_mbox_write(&mbox, mail));
	ensure(mime_mbox_end(&mbox));
	file = buf_str(&all);
	mime_reader_init(&reader, bytes_read, &file);
	ensure(mime_reader_kind(&reader) == MIME_FILE_MBOX);
	/* One that tells its length may be taken at its word. */
	if (str_find_nocase(mail, STR("Content-Length"), 0) == mail.len) {
		ensure(mime_reader_next(&reader, &found));
		ensure(mime_reader_copy(&reader, &found, keep, &back));
		ensure(str_eq(buf_str(&back), mail));
		ensure(!mime_reader_next(&reader, &found));
	}
	buf_free(&all);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct mime_reader reader;
	struct str file = str_of((const char *)data, len);
	struct mime_found found;
	enum mime_file_kind kind;
	uint64_t end = 0;

	mime_reader_init(&reader, bytes_read, &file);
	kind = mime_reader_kind(&reader);
	if (kind == MIME_FILE_OTHER || kind == MIME_FILE_ZIP)
		return 0;
	for (int i = 0; i < FOUND_MOST && mime_reader_next(&reader, &found);
	     i++) {
		struct buf mail;

		buf_init(&mail, (size_t)16 << 20);
		ensure(found.start >= end && found.end >= found.start);
		ensure(found.end <= len && reader.at >= found.end);
		ensure(reader.at > end);
		end = found.end;
		ensure(mime_reader_copy(&reader, &found, keep, &mail));
		ensure(mail.len == found.bytes);
		check_lines(buf_str(&mail));
		if (i < 3)
			check_round(buf_str(&mail));
		buf_free(&mail);
	}
	ensure(!reader.is_failed);
	return 0;
}
