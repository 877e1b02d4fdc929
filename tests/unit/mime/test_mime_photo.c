/* Photos lose what stands beside the picture, and nothing of the picture. */
#include "base/buf.h"
#include "base/limits.h"
#include "mime/mime_photo.h"
#include "mime_test.h"

#define JPEG_EXIF                            \
	"\xff\xe1\0\x30"                     \
	"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01"   \
	"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" \
	"\0\0\0\0"                           \
	"secret 52N13E"                      \
	"!"
#define JPEG_TURNED                          \
	"\xff\xe1\0\x22"                     \
	"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01"   \
	"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" \
	"\0\0\0\0"
#define JPEG_XMP     "\xff\xe1\0\x11http:secret/xmp"
#define JPEG_COMMENT "\xff\xfe\0\x08secret"
#define JPEG_JFIF    "\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define JPEG_COLOURS "\xff\xe2\0\x10ICC_PROFILE\0\1\1"
#define JPEG_OTHER   "\xff\xe2\0\x0cMPF secret"
#define JPEG_ADOBE       \
	"\xff\xee\0\x0e" \
	"Adobe\0d\0\0\0\0\1"
#define JPEG_TABLE "\xff\xdb\0\x05\0\1\2"
#define JPEG_FRAME "\xff\xc0\0\x0b\x08\0\x10\0\x20\1\1\x11\0"
#define JPEG_LARGE "\xff\xc2\0\x0b\x08\x40\0\0\x20\1\1\x11\0"
#define JPEG_SCAN                                      \
	"\xff\xda\0\x08\1\1\0\0\x3f\0a\xff\0b\xff\xd0" \
	"c"
#define JPEG_SCAN_2 "\xff\xda\0\x08\1\1\0\0\x3f\0more"

#define PNG_HEAD "\x89PNG\r\n\x1a\n"
#define PNG_SIZE "\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x10\x08\2\0\0\0CRC1"
#define PNG_WIDE "\0\0\0\x0dIHDR\0\1\0\0\0\0\0\x10\x08\2\0\0\0CRC1"
#define PNG_TEXT "\0\0\0\x06tEXtsecretCRC2"
#define PNG_EXIF     \
	"\0\0\0\x06" \
	"eXIfsecretCRC3"
#define PNG_DATA  "\0\0\0\x03IDATabcCRC4"
#define PNG_CLEAR "\0\0\0\x01tRNS\0CRC5"
#define PNG_END   "\0\0\0\0IENDCRC6"

static int
setup(void **state)
{
	*state = arena_new(TEST_ARENA_BYTES);
	assert_non_null(*state);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
test_rows(void **state)
{
	const struct {
		const char *name;
		struct str in, out; /* out empty: refused */
		const char *type;
	} rows[] = {
	    {"a camera's",
	        STR("\xff\xd8" JPEG_EXIF JPEG_JFIF JPEG_XMP JPEG_COMMENT
	                JPEG_COLOURS JPEG_OTHER JPEG_ADOBE JPEG_TABLE JPEG_FRAME
	                    JPEG_SCAN JPEG_TABLE JPEG_SCAN_2
	            "\xff\xd9\xff\xd8secret"),
	        STR("\xff\xd8" JPEG_TURNED JPEG_JFIF JPEG_COLOURS JPEG_ADOBE
	                JPEG_TABLE JPEG_FRAME JPEG_SCAN JPEG_TABLE JPEG_SCAN_2
	            "\xff\xd9"),
	        "image/jpeg"},
	    {"one that is cut off", STR("\xff\xd8" JPEG_FRAME JPEG_SCAN),
	        STR("\xff\xd8" JPEG_FRAME JPEG_SCAN "\xff\xd9"), "image/jpeg"},
	    {"nothing but a frame", STR("\xff\xd8" JPEG_FRAME "\xff\xd9"),
	        STR(""), NULL},
	    {"no frame", STR("\xff\xd8" JPEG_SCAN "\xff\xd9"), STR(""), NULL},
	    {"too large", STR("\xff\xd8" JPEG_LARGE JPEG_SCAN "\xff\xd9"),
	        STR(""), NULL},
	    {"a length past the end",
	        STR("\xff\xd8\xff\xdb\0\x7f"
	            "abc"),
	        STR(""), NULL},
	    {"a length of one", STR("\xff\xd8\xff\xdb\0\1abcd"), STR(""), NULL},
	    {"a png",
	        STR(PNG_HEAD PNG_SIZE PNG_TEXT PNG_CLEAR PNG_EXIF PNG_DATA
	                PNG_DATA PNG_END "secret"),
	        STR(PNG_HEAD PNG_SIZE PNG_CLEAR PNG_DATA PNG_DATA PNG_END),
	        "image/png"},
	    {"a wide png", STR(PNG_HEAD PNG_WIDE PNG_DATA PNG_END), STR(""),
	        NULL},
	    {"a png without pixels", STR(PNG_HEAD PNG_SIZE PNG_END), STR(""),
	        NULL},
	    {"a png without size", STR(PNG_HEAD PNG_DATA PNG_END), STR(""),
	        NULL},
	    {"two sizes", STR(PNG_HEAD PNG_SIZE PNG_WIDE PNG_DATA PNG_END),
	        STR(""), NULL},
	    {"a png that is cut off", STR(PNG_HEAD PNG_SIZE PNG_DATA), STR(""),
	        NULL},
	    {"a chunk past the end",
	        STR(PNG_HEAD PNG_SIZE "\xff\xff\xff\xff"
	                              "IDATabcCRC4"),
	        STR(""), NULL},
	    {"a drawing", STR("<svg/>"), STR(""), NULL},
	    {"nothing", STR(""), STR(""), NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str copy = heap_copy(rows[i].in.ptr, rows[i].in.len);
		struct str out = {NULL, 0};
		struct str again = {NULL, 0};
		const char *type = NULL;
		bool is_clean = mime_photo_clean(*state, copy, &out, &type);

		if (is_clean != (rows[i].out.len > 0))
			fail_msg("%s: %d", rows[i].name, is_clean);
		expect_str(rows[i].name, out, rows[i].out);
		heap_free(copy);
		if (!is_clean)
			continue;
		assert_string_equal(type, rows[i].type);
		/* What is clean stays as it is. */
		assert_true(mime_photo_clean(*state, out, &again, &type));
		expect_str(rows[i].name, again, out);
	}
}

/* Whatever is cut off or turned over: within its bounds, or refused. */
static void
test_damage(void **state)
{
	const struct str whole[] = {
	    STR("\xff\xd8" JPEG_EXIF JPEG_JFIF JPEG_COMMENT JPEG_FRAME JPEG_SCAN
	        "\xff\xd9"),
	    STR(PNG_HEAD PNG_SIZE PNG_TEXT PNG_DATA PNG_END)};

	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at < whole[i].len; at++) {
			struct str copy = heap_copy(whole[i].ptr, whole[i].len);
			struct str cut = heap_copy(whole[i].ptr, at);
			struct str out = {NULL, 0};
			const char *type = NULL;

			(void)mime_photo_clean(*state, cut, &out, &type);
			((char *)(uintptr_t)copy.ptr)[at] ^= 0x55;
			if (mime_photo_clean(*state, copy, &out, &type))
				assert_true(out.len <= copy.len + 64);
			heap_free(copy);
			heap_free(cut);
			arena_reset(*state);
		}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_rows),
	    T(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
