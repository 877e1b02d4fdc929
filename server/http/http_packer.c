/*
 * Packs a stream while it is written. zlib, because libdeflate packs only
 * what it has whole.
 */
#include <stdlib.h>
#include <zlib.h>

#include "http/http_inner.h"

/* A page is hardly larger than the window: 64 KB for it, 64 KB for tables. */
#define PACKER_WINDOW_BITS (14 + 16) /* 16: gzip's header and end */
#define PACKER_MEMORY      7
#define PACKER_LEVEL       4
#define PACKER_BLOCK_BYTES 8192u

struct http_packer {
	z_stream zlib;
	struct http_gzip *gzip; /* borrowed */
	bool is_out;            /* nothing more comes of what went in */
	unsigned char block[PACKER_BLOCK_BYTES];
};

static bool
packer_reserve(struct http_gzip *gzip)
{
	bool is_free;

	lock_take(&gzip->lock);
	is_free = gzip->packers < HTTP_GZIP_PACKERS;
	if (is_free)
		gzip->packers++;
	lock_give(&gzip->lock);
	return is_free;
}

static void
packer_release(struct http_gzip *gzip)
{
	lock_take(&gzip->lock);
	ensure(gzip->packers > 0);
	gzip->packers--;
	lock_give(&gzip->lock);
}

struct http_packer *
http_packer_new(struct http_gzip *gzip)
{
	struct http_packer *packer;

	if (!packer_reserve(gzip))
		return NULL;
	packer = calloc(1, sizeof(*packer));
	if (packer != NULL && deflateInit2(&packer->zlib, PACKER_LEVEL,
	                          Z_DEFLATED, PACKER_WINDOW_BITS, PACKER_MEMORY,
	                          Z_DEFAULT_STRATEGY) == Z_OK) {
		packer->gzip = gzip;
		return packer;
	}
	free(packer);
	packer_release(gzip);
	return NULL;
}

void
http_packer_free(struct http_packer *packer)
{
	if (packer == NULL)
		return;
	(void)deflateEnd(&packer->zlib);
	packer_release(packer->gzip);
	free(packer);
}

void
http_packer_feed(struct http_packer *packer, struct str bytes)
{
	/* zlib's type is not const; it only reads. */
	union {
		const char *in;
		unsigned char *out;
	} from = {.in = bytes.ptr};

	ensure(bytes.len <= UINT32_MAX);
	packer->zlib.next_in = from.out;
	packer->zlib.avail_in = (uInt)bytes.len;
	packer->is_out = false;
}

struct str
http_packer_take(struct http_packer *packer, enum http_pack how)
{
	static const int flush[] = {
	    [HTTP_PACK_MORE] = Z_NO_FLUSH,
	    [HTTP_PACK_SEEN] = Z_SYNC_FLUSH,
	    [HTTP_PACK_LAST] = Z_FINISH,
	};
	int rc;

	if (packer->is_out)
		return STR("");
	packer->zlib.next_out = packer->block;
	packer->zlib.avail_out = sizeof(packer->block);
	rc = deflate(&packer->zlib, flush[how]);
	ensure(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
	/* With room left over, zlib has no more to give. */
	packer->is_out = packer->zlib.avail_out > 0;
	return str_of((const char *)packer->block,
	    sizeof(packer->block) - packer->zlib.avail_out);
}
