#include "mime/mime_thumb.h"

/*
 * JPEG = SOI *segment …; segment = %xFF marker length data (ITU T.81, B.1.1),
 * where the length counts itself. Exif stands in an APP1: "Exif" 0 0, then a
 * TIFF: byte order, 42, offset of the first directory. A directory is a
 * count, entries of 12 bytes (tag, type, count, value or offset), and the
 * offset of the next one; the second one is of the thumbnail.
 */
#define SEGMENTS_MAX 64u
#define ENTRIES_MAX  512u
#define ENTRY_BYTES  12u
#define THUMB_MIN    64u

#define TAG_ORIENTATION 0x0112u
#define TAG_JPEG_AT     0x0201u
#define TAG_JPEG_BYTES  0x0202u

struct tiff {
	struct str bytes;
	bool is_big_endian;
};

static unsigned char
byte_at(struct str s, size_t at)
{
	return (unsigned char)s.ptr[at];
}

/* `count` bytes (2 or 4) as a number; false past the end. */
static bool
number_at(const struct tiff *tiff, size_t at, unsigned count, uint32_t *out)
{
	uint32_t value = 0;

	if (at > tiff->bytes.len || tiff->bytes.len - at < count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		unsigned place = tiff->is_big_endian ? i : count - 1 - i;

		value = value << 8 | byte_at(tiff->bytes, at + place);
	}
	*out = value;
	return true;
}

/* The value of a tag of the directory at `at`: a SHORT or a LONG. */
static bool
find_tag(const struct tiff *tiff, size_t at, unsigned tag, uint32_t *out)
{
	uint32_t count = 0;

	if (!number_at(tiff, at, 2, &count) || count > ENTRIES_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t entry = at + 2 + i * ENTRY_BYTES;
		uint32_t found = 0;
		uint32_t type = 0;

		if (!number_at(tiff, entry, 2, &found) ||
		    !number_at(tiff, entry + 2, 2, &type))
			return false;
		if (found == tag)
			return (type == 3 || type == 4) &&
			       number_at(
			           tiff, entry + 8, type == 3 ? 2 : 4, out);
	}
	return false;
}

/* Where the directory behind the one at `at` begins; 0: there is none. */
static size_t
next_directory(const struct tiff *tiff, size_t at)
{
	uint32_t count = 0;
	uint32_t next = 0;

	if (!number_at(tiff, at, 2, &count) || count > ENTRIES_MAX ||
	    !number_at(tiff, at + 2 + (size_t)count * ENTRY_BYTES, 4, &next))
		return 0;
	return next;
}

static bool
tiff_open(struct str bytes, struct tiff *out, uint32_t *out_first)
{
	uint32_t magic = 0;

	out->bytes = bytes;
	out->is_big_endian = str_starts(bytes, STR("MM"));
	if (!out->is_big_endian && !str_starts(bytes, STR("II")))
		return false;
	return number_at(out, 2, 2, &magic) && magic == 42 &&
	       number_at(out, 4, 4, out_first);
}

/* A segment with nothing but the orientation; empty: it stands upright. */
static struct str
orientation_segment(struct arena *arena, uint32_t orientation)
{
	/* APP1, 34 bytes, big-endian, one directory of one SHORT. */
	static const char exif[] = "\xff\xe1\0\x22"
	                           "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01"
	                           "\x01\x12\0\x03\0\0\0\x01\0";
	char value = (char)orientation;
	struct str parts[3] = {str_of(exif, sizeof(exif) - 1),
	    str_of(&value, 1), str_of("\0\0\0\0\0\0", 6)};

	if (orientation < 2 || orientation > 8)
		return str_of(NULL, 0);
	return str_join(arena, parts, 3);
}

/* A JPEG with nothing but the orientation in front. */
static struct str
with_orientation(struct arena *arena, struct str jpeg, uint32_t orientation)
{
	struct str parts[3] = {str_slice(jpeg, 0, 2),
	    orientation_segment(arena, orientation),
	    str_slice(jpeg, 2, jpeg.len)};

	return str_join(arena, parts, 3);
}

static bool
find_in_tiff(struct arena *arena, struct str bytes, struct str *out)
{
	struct tiff tiff;
	uint32_t first = 0;
	uint32_t at = 0;
	uint32_t len = 0;
	uint32_t orientation = 1;
	size_t second;
	struct str jpeg;

	if (!tiff_open(bytes, &tiff, &first))
		return false;
	second = next_directory(&tiff, first);
	if (second == 0 || second == first ||
	    !find_tag(&tiff, second, TAG_JPEG_AT, &at) ||
	    !find_tag(&tiff, second, TAG_JPEG_BYTES, &len))
		return false;
	if (at > bytes.len || len > bytes.len - at || len < THUMB_MIN)
		return false;
	jpeg = str_slice(bytes, at, (size_t)at + len);
	if (!str_starts(jpeg, STR("\xff\xd8\xff")))
		return false;
	(void)find_tag(&tiff, first, TAG_ORIENTATION, &orientation);
	*out = with_orientation(arena, jpeg, orientation);
	return out->len > 0;
}

/* The TIFF of the first Exif segment; false: there is none. */
static bool
find_exif(struct str first, struct str *out)
{
	struct str file = str_slice(first, 0, MIME_THUMB_LOOK_BYTES);
	size_t at = 2;

	if (!str_starts(file, STR("\xff\xd8")))
		return false;
	for (unsigned i = 0; i < SEGMENTS_MAX; i++) {
		size_t len;
		struct str data;

		if (at + 4 > file.len || byte_at(file, at) != 0xff)
			return false;
		len =
		    (size_t)byte_at(file, at + 2) << 8 | byte_at(file, at + 3);
		/* Start of scan: pixels from here on. */
		if (len < 2 || byte_at(file, at + 1) == 0xda)
			return false;
		data = str_slice(file, at + 4, at + 2 + len);
		if (byte_at(file, at + 1) == 0xe1 &&
		    str_starts(data, STR("Exif\0\0"))) {
			*out = str_slice(data, 6, data.len);
			return true;
		}
		at += 2 + len;
	}
	return false;
}

bool
mime_thumb_find(struct arena *arena, struct str first, struct str *out)
{
	struct str exif;

	return find_exif(first, &exif) && find_in_tiff(arena, exif, out);
}

struct str
mime_thumb_orientation(struct arena *arena, struct str first)
{
	uint32_t orientation = 1;
	uint32_t directory = 0;
	struct tiff tiff;
	struct str exif;

	if (find_exif(first, &exif) && tiff_open(exif, &tiff, &directory))
		(void)find_tag(&tiff, directory, TAG_ORIENTATION, &orientation);
	return orientation_segment(arena, orientation);
}
