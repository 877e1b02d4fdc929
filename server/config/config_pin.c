#include "config/config.h"

#include "base/codec.h"

#define PIN_LETTERS 44 /* of 32 bytes in Base64, one of them padding */

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	char small = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
	const char *found = c == '\0' ? NULL : strchr(digits, small);

	return found == NULL ? -1 : (int)(found - digits);
}

/* pin-hex = 2HEXDIG 31( [":"] 2HEXDIG ) */
static bool
read_hex(struct str value, unsigned char *out)
{
	size_t at = 0;

	for (size_t i = 0; i < CONFIG_PIN_BYTES; i++) {
		if (i > 0 && at < value.len && value.ptr[at] == ':')
			at++;
		if (at + 2 > value.len || hex_value(value.ptr[at]) < 0 ||
		    hex_value(value.ptr[at + 1]) < 0)
			return false;
		out[i] = (unsigned char)(hex_value(value.ptr[at]) * 16 +
		                         hex_value(value.ptr[at + 1]));
		at += 2;
	}
	return at == value.len;
}

/* RFC 7469, 2.4 writes the same bytes in Base64. */
static bool
read_base64(struct str value, unsigned char *out)
{
	char letters[PIN_LETTERS];
	struct buf decoded;
	bool is_fine = false;

	if (str_starts_nocase(value, STR("sha256//")))
		value = str_slice(value, 8, value.len);
	else if (str_starts_nocase(value, STR("sha256/")))
		value = str_slice(value, 7, value.len);
	if (value.len == PIN_LETTERS && !str_ends(value, STR("=")))
		return false;
	if (value.len != PIN_LETTERS && value.len != PIN_LETTERS - 1)
		return false;
	memcpy(letters, value.ptr, value.len);
	letters[PIN_LETTERS - 1] = '=';
	buf_init(&decoded, 64);
	if (codec_base64_decode(&decoded, str_of(letters, PIN_LETTERS), NULL) ==
	        ERR_OK &&
	    buf_str(&decoded).len == CONFIG_PIN_BYTES) {
		memcpy(out, buf_str(&decoded).ptr, CONFIG_PIN_BYTES);
		is_fine = true;
	}
	buf_free(&decoded);
	return is_fine;
}

bool
config_pin(struct str value, unsigned char out[CONFIG_PIN_BYTES])
{
	return read_hex(value, out) || read_base64(value, out);
}
