#include "http/static_logo.h"

#include "base/scan.h"

/* PNG (ISO/IEC 15948), 5.2 and 11.2.2: signature, length, IHDR, two sizes. */
#define PNG_WIDTH_AT  16u
#define PNG_HEIGHT_AT 20u
#define PNG_HEAD      24u
#define SHAPE_LEAST   25u
#define SHAPE_MOST    800u
#define NUMBER_MOST   100000u

bool
static_logo_is_png(struct str bytes)
{
	return bytes.len > PNG_HEAD &&
	       str_starts(bytes, STR("\x89PNG\r\n\x1a\n")) &&
	       str_eq(str_slice(bytes, 12, 16), STR("IHDR"));
}

/*
 * prolog = [BOM] *( space / "?" … "?>" / "!--" … "-->" / "!" … ">" ), each
 * behind a "<". What follows the "<" of the first element.
 */
static struct str
first_element(struct str bytes)
{
	struct scan scan = scan_of(bytes);

	(void)scan_str(&scan, STR("\xef\xbb\xbf"));
	for (;;) {
		const char *end = ">";
		struct str rest;
		size_t at;

		(void)scan_while(&scan, " \t\r\n");
		if (!scan_byte(&scan, '<'))
			return STR("");
		if (scan_byte(&scan, '?'))
			end = "?>";
		else if (scan_str(&scan, STR("!--")))
			end = "-->";
		else if (!scan_byte(&scan, '!'))
			return scan_rest(&scan);
		rest = scan_rest(&scan);
		at = str_find(rest, str_c(end), 0);
		if (at >= rest.len)
			return STR("");
		(void)scan_take(&scan, at + strlen(end));
	}
}

bool
static_logo_is_svg(struct str bytes)
{
	struct str rest = first_element(bytes);

	return str_is_utf8(bytes) && str_starts(rest, STR("svg")) &&
	       rest.len > 3 && rest.ptr[3] != '\0' &&
	       strchr(" \t\r\n>", rest.ptr[3]) != NULL;
}

static uint32_t
big_endian(struct str bytes, size_t at)
{
	const unsigned char *four = (const unsigned char *)bytes.ptr + at;

	return (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 |
	       (uint32_t)four[2] << 8 | four[3];
}

/* Digits before a point; what stands behind it does not shape a logo. */
static bool
scan_number(struct scan *scan, uint64_t *out)
{
	(void)scan_while(scan, " ,\t\r\n");
	if (scan_byte(scan, '-') || !scan_u64(scan, NUMBER_MOST, out))
		return false;
	if (scan_byte(scan, '.'))
		(void)scan_while(scan, "0123456789");
	return true;
}

/* viewBox="0 0 WIDTH HEIGHT" (SVG 2, 8.6) */
static bool
read_view_box(struct str svg, uint64_t *out_width, uint64_t *out_height)
{
	struct str tag = str_slice(svg, 0, str_find_byte(svg, '>', 0));
	size_t at = str_find(tag, STR("viewBox="), 0);
	struct scan scan = scan_of(str_slice(tag, at, tag.len));
	uint64_t skipped = 0;

	(void)scan_str(&scan, STR("viewBox="));
	(void)scan_next(&scan);
	for (int i = 0; i < 2; i++) {
		(void)scan_while(&scan, " ,\t\r\n-");
		if (!scan_number(&scan, &skipped))
			return false;
	}
	return scan_number(&scan, out_width) && scan_number(&scan, out_height);
}

uint32_t
static_logo_width(struct str bytes)
{
	uint64_t width = 0;
	uint64_t height = 0;
	uint64_t shape = 100;

	if (static_logo_is_png(bytes)) {
		width = big_endian(bytes, PNG_WIDTH_AT);
		height = big_endian(bytes, PNG_HEIGHT_AT);
	} else if (!read_view_box(first_element(bytes), &width, &height)) {
		return 100;
	}
	if (width > 0 && height > 0)
		shape = width * 100 / height;
	if (shape < SHAPE_LEAST)
		return SHAPE_LEAST;
	return shape > SHAPE_MOST ? SHAPE_MOST : (uint32_t)shape;
}
