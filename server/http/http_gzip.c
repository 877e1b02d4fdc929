#include <libdeflate.h>

#include "http/http_inner.h"

void
http_gzip_init(struct http_gzip *gzip)
{
	*gzip = (struct http_gzip){0};
	lock_init(&gzip->lock);
}

void
http_gzip_end(struct http_gzip *gzip)
{
	while (gzip->count > 0)
		libdeflate_free_compressor(gzip->idle[--gzip->count]);
	lock_end(&gzip->lock);
}

static struct libdeflate_compressor *
gzip_take(struct http_gzip *gzip)
{
	struct libdeflate_compressor *found = NULL;

	lock_take(&gzip->lock);
	if (gzip->count > 0)
		found = gzip->idle[--gzip->count];
	lock_give(&gzip->lock);
	return found != NULL ? found
	                     : libdeflate_alloc_compressor(HTTP_GZIP_PAGE);
}

static void
gzip_give(struct http_gzip *gzip, struct libdeflate_compressor *used)
{
	lock_take(&gzip->lock);
	if (gzip->count < HTTP_GZIP_KEPT) {
		gzip->idle[gzip->count++] = used;
		used = NULL;
	}
	lock_give(&gzip->lock);
	libdeflate_free_compressor(used);
}

static bool
gzip_pack(struct libdeflate_compressor *packer, struct arena *arena,
    struct str in, struct str *out)
{
	char *packed;
	size_t bytes;

	/* Less room than it came with: what is not smaller does not fit. */
	if (in.len < 2 || (packed = arena_room(arena, in.len - 1)) == NULL)
		return false;
	bytes = libdeflate_gzip_compress(
	    packer, in.ptr, in.len, packed, in.len - 1);
	if (bytes > 0)
		*out = str_of(packed, bytes);
	return bytes > 0;
}

bool
http_gzip_page(
    struct http_gzip *gzip, struct arena *arena, struct str in, struct str *out)
{
	struct libdeflate_compressor *packer = gzip_take(gzip);
	bool is_smaller = packer != NULL && gzip_pack(packer, arena, in, out);

	if (packer != NULL)
		gzip_give(gzip, packer);
	return is_smaller;
}

bool
http_gzip_file(struct arena *arena, struct str in, struct str *out)
{
	struct libdeflate_compressor *packer =
	    libdeflate_alloc_compressor(HTTP_GZIP_FILE);
	bool is_smaller = packer != NULL && gzip_pack(packer, arena, in, out);

	libdeflate_free_compressor(packer);
	return is_smaller;
}
