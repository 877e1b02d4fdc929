#define ZLIB_CONST /* its input is const then */
#include <zlib.h>

#include "http/http_inner.h"

bool
http_gzip(struct arena *arena, struct str in, int level, struct str *out)
{
	z_stream z = {0};
	unsigned char *packed;
	size_t room;
	bool is_smaller;

	/* 15 bits of window, +16: gzip's wrapping (zlib.h). */
	if (in.len > UINT32_MAX / 2 ||
	    deflateInit2(
	        &z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	room = deflateBound(&z, in.len);
	packed = arena_alloc(arena, room);
	z.next_in = (const Bytef *)in.ptr;
	z.avail_in = (uInt)in.len;
	z.next_out = packed;
	z.avail_out = (uInt)room;
	is_smaller = packed && deflate(&z, Z_FINISH) == Z_STREAM_END &&
	             z.total_out < in.len;
	if (is_smaller)
		*out = str_of((const char *)packed, z.total_out);
	(void)deflateEnd(&z);
	return is_smaller;
}
