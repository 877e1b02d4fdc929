/* What was encoded decodes to itself; what was not does not crash. */
#include "base/codec.h"
#include "mime/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void encode_fn(struct buf *out, struct str in);
typedef enum err_code decode_fn(
    struct buf *out, struct str in, struct err *err);

static void
check_pair(struct str in, encode_fn *encode, decode_fn *decode)
{
	struct buf encoded;
	struct buf decoded;
	struct err err = ERR_NONE;
	enum err_code rc;

	buf_init(&encoded, in.len * 4 + 16);
	buf_init(&decoded, in.len * 4 + 16);
	encode(&encoded, in);
	ensure(encoded.failed == ERR_OK);
	ensure(decode(&decoded, buf_str(&encoded), &err) == ERR_OK);
	ensure(str_eq(buf_str(&decoded), in));
	buf_clear(&decoded);
	rc = decode(&decoded, in, &err); /* as it came: any answer */
	ensure(rc == ERR_OK || rc == ERR_INPUT);
	buf_free(&encoded);
	buf_free(&decoded);
}

static enum err_code
percent_decode(struct buf *out, struct str in, struct err *err)
{
	(void)err;
	codec_percent_decode(out, in, false);
	return out->failed;
}

static bool
collect(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

/* However the input is cut, the decoded bytes are the same. */
static void
check_pieces(struct arena *arena, struct str in, enum mime_encoding encoding)
{
	struct str whole =
	    mime_decode_transfer(arena, encoding, in, in.len + 1);
	size_t step = in.len > 0 ? 1 + (unsigned char)in.ptr[0] % 7 : 1;
	struct mime_decoder decoder;
	struct buf out;

	buf_init(&out, in.len + 1);
	mime_decoder_init(&decoder, encoding, collect, &out);
	for (size_t at = 0; at < in.len; at += step)
		ensure(
		    mime_decoder_add(&decoder, str_slice(in, at, at + step)));
	ensure(mime_decoder_end(&decoder));
	ensure(str_eq(buf_str(&out), whole));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of((const char *)data, size);
	struct arena *arena = arena_new((size_t)64 << 20);
	struct buf encoded;

	ensure(arena != NULL);
	check_pair(in, codec_base64_encode, codec_base64_decode);
	check_pair(in, codec_base64url_encode, codec_base64url_decode);
	check_pair(in, codec_hex_encode, codec_hex_decode);
	check_pair(in, buf_add_percent, percent_decode);
	check_pieces(arena, in, MIME_BASE64);
	check_pieces(arena, in, MIME_QUOTED_PRINTABLE);
	check_pieces(arena, in, MIME_IDENTITY);
	buf_init(&encoded, size * 2 + 16);
	codec_base64_encode(&encoded, in);
	ensure(str_eq(in, mime_decode_transfer(arena, MIME_BASE64,
	                      buf_str(&encoded), size + 1)));
	buf_free(&encoded);
	arena_free(arena);
	return 0;
}
