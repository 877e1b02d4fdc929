#include "mime/mime_photo.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mime/mime_thumb.h"

/* What is added: an orientation. */
#define ADDED_BYTES ((size_t)64)

struct photo {
	struct str in;
	size_t at;
	struct buf out;
	bool has_size, has_pixels, is_done;
};

static uint32_t
number_at(struct str s, size_t at, unsigned count)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < count; i++)
		value = value << 8 | (unsigned char)s.ptr[at + i];
	return value;
}

static bool
take_size(struct photo *photo, uint32_t width, uint32_t height)
{
	photo->has_size = width > 0 && height > 0 &&
	                  width <= LIMIT_PHOTO_SIDE &&
	                  height <= LIMIT_PHOTO_SIDE;
	return photo->has_size;
}

/* ---- JPEG -----------------------------------------------------------------
 */
/*
 * JPEG = SOI *( segment / scan ) EOI; segment = %xFF marker length data (ITU
 * T.81, B.1.1), where the length counts itself; a scan is the segment SOS and
 * bytes in which %xFF is followed by 0 or a restart marker (%xD0-D7).
 */
#define JPEG_SOS 0xDAu
#define JPEG_EOI 0xD9u

/* The frame: how the picture is coded, and its size. */
static bool
is_frame(unsigned marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
	       marker != 0xC8 && marker != 0xCC;
}

/*
 * Tables, frame, scans; APP0 (JFIF: density), APP2 when it is a colour
 * profile, APP14 (Adobe: which colours). Other APPn and comments go.
 */
static bool
is_kept(unsigned marker, struct str data)
{
	if (marker == 0xE0)
		return str_starts(data, STR("JFIF\0"));
	if (marker == 0xE2)
		return str_starts(data, STR("ICC_PROFILE\0"));
	if (marker == 0xEE)
		return str_starts(data, STR("Adobe"));
	return marker < 0xE0;
}

static void
pass_scan(struct photo *photo)
{
	struct str in = photo->in;
	size_t from = photo->at;

	for (;;) {
		size_t at = str_find_byte(in, '\xff', photo->at);
		unsigned next;

		photo->at = at;
		if (at + 1 >= in.len) {
			photo->at = in.len;
			break;
		}
		next = (unsigned char)in.ptr[at + 1];
		if (next != 0 && !(next >= 0xD0 && next <= 0xD7))
			break;
		photo->at = at + 2;
	}
	buf_add(&photo->out, str_slice(in, from, photo->at));
	photo->has_pixels = photo->at > from;
}

static bool
jpeg_segment(struct photo *photo)
{
	struct str in = photo->in;
	struct str whole;
	struct str data;
	unsigned marker;
	uint32_t len;

	/* Any number of %xFF may stand before a marker. */
	while (photo->at + 1 < in.len && in.ptr[photo->at] == '\xff' &&
	       in.ptr[photo->at + 1] == '\xff')
		photo->at++;
	if (photo->at + 2 > in.len || in.ptr[photo->at] != '\xff')
		return false;
	marker = (unsigned char)in.ptr[photo->at + 1];
	if (marker == JPEG_EOI) {
		photo->is_done = true;
		buf_add(&photo->out, STR("\xff\xd9"));
		return true;
	}
	if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xD8) ||
	    photo->at + 4 > in.len)
		return false;
	len = number_at(in, photo->at + 2, 2);
	if (len < 2 || in.len - photo->at - 2 < len)
		return false;
	whole = str_slice(in, photo->at, photo->at + 2 + len);
	data = str_slice(whole, 4, whole.len);
	if (is_frame(marker) &&
	    (data.len < 6 || !take_size(photo, number_at(data, 3, 2),
	                         number_at(data, 1, 2))))
		return false;
	if (is_kept(marker, data))
		buf_add(&photo->out, whole);
	photo->at += whole.len;
	if (marker == JPEG_SOS)
		pass_scan(photo);
	return true;
}

static bool
jpeg_clean(struct arena *arena, struct photo *photo)
{
	struct str turned = mime_thumb_orientation(arena, photo->in);

	buf_add(&photo->out, STR("\xff\xd8"));
	buf_add(&photo->out, turned);
	photo->at = 2;
	while (!photo->is_done && photo->at < photo->in.len)
		if (!jpeg_segment(photo))
			return false;
	/* Cut off: browsers show what there is, and so it stays. */
	if (!photo->is_done)
		buf_add(&photo->out, STR("\xff\xd9"));
	return photo->has_size && photo->has_pixels;
}

/* ---- PNG ------------------------------------------------------------------
 */
/*
 * PNG = signature IHDR *chunk IEND; chunk = length type data CRC (W3C PNG, 5).
 */
#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"

static bool
png_is_kept(struct str type)
{
	static const char *const types[] = {"IHDR", "PLTE", "IDAT", "IEND",
	    "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(type, str_c(types[i])))
			return true;
	return false;
}

static bool
png_chunk(struct photo *photo)
{
	struct str in = photo->in;
	struct str type;
	uint32_t len;

	if (in.len - photo->at < 12)
		return false;
	len = number_at(in, photo->at, 4);
	if (len > in.len - photo->at - 12)
		return false;
	type = str_slice(in, photo->at + 4, photo->at + 8);
	if (str_eq(type, STR("IHDR")) == photo->has_size)
		return false; /* the first one, and only that */
	if (!photo->has_size &&
	    (len != 13 || !take_size(photo, number_at(in, photo->at + 8, 4),
	                      number_at(in, photo->at + 12, 4))))
		return false;
	if (png_is_kept(type))
		buf_add(&photo->out,
		    str_slice(in, photo->at, photo->at + 12 + len));
	photo->has_pixels = photo->has_pixels || str_eq(type, STR("IDAT"));
	photo->is_done = str_eq(type, STR("IEND"));
	photo->at += (size_t)12 + len;
	return true;
}

static bool
png_clean(struct photo *photo)
{
	buf_add(&photo->out, STR(PNG_SIGNATURE));
	photo->at = STR(PNG_SIGNATURE).len;
	while (!photo->is_done)
		if (!png_chunk(photo))
			return false;
	return photo->has_pixels;
}

bool
mime_photo_clean(struct arena *arena, struct str bytes, struct str *out,
    const char **out_type)
{
	struct photo photo = {.in = bytes};
	bool is_png = str_starts(bytes, STR(PNG_SIGNATURE));
	bool is_clean = false;

	buf_init_arena(&photo.out, arena, bytes.len + ADDED_BYTES);
	if (is_png)
		is_clean = png_clean(&photo);
	else if (str_starts(bytes, STR("\xff\xd8\xff")))
		is_clean = jpeg_clean(arena, &photo);
	if (!is_clean || photo.out.failed != ERR_OK)
		return false;
	*out = buf_str(&photo.out);
	*out_type = is_png ? "image/png" : "image/jpeg";
	return true;
}
