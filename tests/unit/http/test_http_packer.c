/* Packing while it is written: what went in can be read at once. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>

#include "http/http_inner.h"

#define PIECE_BYTES ((size_t)40000)

/* A browser that unpacks what came so far. */
struct reader {
	z_stream zlib;
	char text[8 * PIECE_BYTES];
	size_t len, packed;
	int rc;
};

static void
read_packed(struct reader *reader, struct str bytes)
{
	union {
		const char *in;
		unsigned char *out;
	} from = {.in = bytes.ptr};

	reader->packed += bytes.len;
	reader->zlib.next_in = from.out;
	reader->zlib.avail_in = (uInt)bytes.len;
	reader->zlib.next_out = (unsigned char *)reader->text + reader->len;
	reader->zlib.avail_out = (uInt)(sizeof(reader->text) - reader->len);
	reader->rc = inflate(&reader->zlib, Z_SYNC_FLUSH);
	assert_true(reader->rc == Z_OK || reader->rc == Z_STREAM_END ||
	            reader->rc == Z_BUF_ERROR);
	reader->len = sizeof(reader->text) - reader->zlib.avail_out;
}

static void
take_all(struct http_packer *packer, enum http_pack how, struct reader *reader)
{
	struct str packed;

	while ((packed = http_packer_take(packer, how)).len > 0)
		read_packed(reader, packed);
}

/* `shape` 0: all alike; else nothing alike, so that it gets larger. */
static void
fill(char *piece, unsigned shape)
{
	uint32_t seed = 1 + shape;

	for (size_t i = 0; i < PIECE_BYTES; i++) {
		seed = seed * 1664525u + 1013904223u;
		piece[i] = shape == 0 ? 'x' : (char)(seed >> 24);
	}
}

static void
test_pieces(void **state)
{
	static char piece[PIECE_BYTES], all[4 * PIECE_BYTES];
	struct reader *reader = calloc(1, sizeof(*reader));
	struct http_gzip gzip;
	struct http_packer *packer;

	(void)state;
	http_gzip_init(&gzip);
	packer = http_packer_new(&gzip);
	assert_non_null(packer);
	assert_int_equal(inflateInit2(&reader->zlib, 15 + 16), Z_OK);
	for (unsigned i = 0; i < 4; i++) {
		fill(piece, i);
		memcpy(all + i * PIECE_BYTES, piece, PIECE_BYTES);
		http_packer_feed(packer, str_of(piece, PIECE_BYTES));
		take_all(packer, HTTP_PACK_MORE, reader);
		http_packer_feed(packer, STR(""));
		take_all(packer, HTTP_PACK_SEEN, reader);
		/* Again, with nothing new: nothing comes of it. */
		http_packer_feed(packer, STR(""));
		assert_int_equal(
		    http_packer_take(packer, HTTP_PACK_SEEN).len, 0);
		assert_int_equal(reader->len, (i + 1) * PIECE_BYTES);
		assert_int_equal(reader->rc, Z_OK);
		if (i == 0)
			assert_true(reader->packed < 200);
	}
	http_packer_feed(packer, STR(""));
	take_all(packer, HTTP_PACK_LAST, reader);
	assert_int_equal(reader->rc, Z_STREAM_END);
	assert_memory_equal(reader->text, all, sizeof(all));
	http_packer_free(packer);
	assert_int_equal(gzip.packers, 0);
	(void)inflateEnd(&reader->zlib);
	free(reader);
	http_gzip_end(&gzip);
}

static void
test_bound(void **state)
{
	struct http_packer *at_work[HTTP_GZIP_PACKERS];
	struct http_gzip gzip;

	(void)state;
	http_gzip_init(&gzip);
	for (size_t i = 0; i < HTTP_GZIP_PACKERS; i++) {
		at_work[i] = http_packer_new(&gzip);
		assert_non_null(at_work[i]);
	}
	assert_null(http_packer_new(&gzip));
	http_packer_free(at_work[0]);
	at_work[0] = http_packer_new(&gzip);
	assert_non_null(at_work[0]);
	for (size_t i = 0; i < HTTP_GZIP_PACKERS; i++)
		http_packer_free(at_work[i]);
	http_packer_free(NULL);
	assert_int_equal(gzip.packers, 0);
	http_gzip_end(&gzip);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
