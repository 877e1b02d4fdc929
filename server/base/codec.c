#include "base/codec.h"

static const char codec_base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char codec_base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
codec_encode64(struct buf *out, struct str in, const char *letters, bool pad)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t have = in.len - i < 3 ? in.len - i : 3;
		uint32_t bits = (uint32_t)(unsigned char)in.ptr[i] << 16;

		if (have > 1)
			bits |= (uint32_t)(unsigned char)in.ptr[i + 1] << 8;
		if (have > 2)
			bits |= (unsigned char)in.ptr[i + 2];
		for (size_t j = 0; j < 4; j++) {
			if (j <= have)
				buf_add_byte(
				    out, letters[(bits >> (18 - 6 * j)) & 63]);
			else if (pad)
				buf_add_byte(out, '=');
		}
	}
}

void
codec_base64_encode(struct buf *out, struct str in)
{
	codec_encode64(out, in, codec_base64, true);
}

void
codec_base64url_encode(struct buf *out, struct str in)
{
	codec_encode64(out, in, codec_base64url, false);
}

static enum err_code
codec_bad(struct err *err)
{
	return err_set(err, ERR_INPUT, "This is not encoded as it should be.",
	    "codec: bad letter or length");
}

static enum err_code
codec_decode64(
    struct buf *out, struct str in, const char *letters, struct err *err)
{
	uint32_t bits = 0;
	unsigned bit_count = 0;

	if (in.len % 4 == 1)
		return codec_bad(err);
	for (size_t i = 0; i < in.len; i++) {
		const char *found =
		    in.ptr[i] == '\0' ? NULL : strchr(letters, in.ptr[i]);

		if (found == NULL)
			return codec_bad(err);
		bits = ((bits << 6) | (uint32_t)(found - letters)) & 0xFFFFFF;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			buf_add_byte(out, (char)((bits >> bit_count) & 0xFF));
		}
	}
	/* Left-over bits must be zero, or one value had two spellings. */
	if ((bits & ((1u << bit_count) - 1)) != 0)
		return codec_bad(err);
	return ERR_OK;
}

enum err_code
codec_base64_decode(struct buf *out, struct str in, struct err *err)
{
	size_t len = in.len;

	if (len % 4 != 0)
		return codec_bad(err);
	for (int i = 0; i < 2 && len > 0 && in.ptr[len - 1] == '='; i++)
		len--;
	return codec_decode64(out, str_slice(in, 0, len), codec_base64, err);
}

enum err_code
codec_base64url_decode(struct buf *out, struct str in, struct err *err)
{
	return codec_decode64(out, in, codec_base64url, err);
}

void
codec_hex_encode(struct buf *out, struct str in)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < in.len; i++) {
		unsigned char byte = (unsigned char)in.ptr[i];

		buf_add_byte(out, digits[byte >> 4]);
		buf_add_byte(out, digits[byte & 15]);
	}
}

static int
codec_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err_code
codec_hex_decode(struct buf *out, struct str in, struct err *err)
{
	if (in.len % 2 != 0)
		return codec_bad(err);
	for (size_t i = 0; i < in.len; i += 2) {
		int high = codec_hex_value(in.ptr[i]);
		int low = codec_hex_value(in.ptr[i + 1]);

		if (high < 0 || low < 0)
			return codec_bad(err);
		buf_add_byte(out, (char)(high * 16 + low));
	}
	return ERR_OK;
}

void
codec_percent_decode(struct buf *out, struct str in, bool plus_is_space)
{
	for (size_t i = 0; i < in.len; i++) {
		int high = -1;
		int low = -1;

		if (in.ptr[i] == '%' && in.len - i > 2) {
			high = codec_hex_value(in.ptr[i + 1]);
			low = codec_hex_value(in.ptr[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(out, (char)(high * 16 + low));
			i += 2;
		} else if (in.ptr[i] == '+' && plus_is_space) {
			buf_add_byte(out, ' ');
		} else {
			buf_add_byte(out, in.ptr[i]);
		}
	}
}
