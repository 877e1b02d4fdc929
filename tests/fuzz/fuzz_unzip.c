/*
 * Zip archives of strangers: names are words, no file gives more than was
 * allowed, and it ends.
 */
#include <stdint.h>

#include "base/limits.h"
#include "mime/mime_unzip.h"

#define FILES_MOST 2000
#define FILE_BYTES ((uint64_t)1 << 20)

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
count_bytes(void *ctx, struct str bytes)
{
	*(uint64_t *)ctx += bytes.len;
	return true;
}

/* False: there are no more, or nothing more can be read. */
static bool
read_one(struct mime_unzip *unzip, struct arena *arena, uint64_t most)
{
	struct text name;
	bool is_found = false;
	uint64_t bytes = 0;
	enum err_code rc;

	if (mime_unzip_next(unzip, arena, &name, &is_found, NULL) != ERR_OK ||
	    !is_found)
		return false;
	ensure(str_is_utf8(name.s));
	rc = mime_unzip_read(unzip, most, count_bytes, &bytes, NULL);
	ensure(rc == ERR_OK || rc == ERR_LIMIT || rc == ERR_INPUT ||
	       rc == ERR_NO_MEMORY);
	ensure(bytes <= most);
	return rc == ERR_OK;
}

/* How much a file may have depends on the length: little, or much. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str file = str_of((const char *)data, len);
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct mime_unzip *unzip = NULL;
	uint64_t most = len % 2 == 0 ? 10 : FILE_BYTES;

	ensure(arena != NULL);
	if (mime_unzip_open(bytes_read, &file, len, &unzip, NULL) == ERR_OK) {
		for (unsigned i = 0; i < FILES_MOST; i++)
			if (!read_one(unzip, arena, most))
				break;
	}
	mime_unzip_free(unzip);
	arena_free(arena);
	return 0;
}
