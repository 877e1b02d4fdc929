#include "base/buf.h"
#include "mime/mime_thumb.h"
#include "mime_test.h"

#define THUMB_BYTES 80u

static void
add_number(struct buf *out, bool is_big, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_add_byte(out,
		    (char)(value >> (8 * (is_big ? bytes - 1 - i : i)) & 255));
}

static void
add_entry(struct buf *out, bool is_big, unsigned tag, uint32_t value)
{
	bool is_short = tag == 0x0112;

	add_number(out, is_big, 2, tag);
	add_number(out, is_big, 2, is_short ? 3 : 4);
	add_number(out, is_big, 4, 1);
	add_number(out, is_big, is_short ? 2 : 4, value);
	if (is_short)
		add_number(out, is_big, 2, 0);
}

/* What a camera writes: orientation in front, a picture of 80 bytes behind. */
static struct str
camera(struct arena *arena, bool is_big, unsigned orientation, uint32_t at,
    uint32_t len)
{
	struct buf tiff;
	struct buf file;

	buf_init_arena(&tiff, arena, 4096);
	buf_add_c(&tiff, is_big ? "MM" : "II");
	add_number(&tiff, is_big, 2, 42);
	add_number(&tiff, is_big, 4, 8);
	add_number(&tiff, is_big, 2, 1);
	add_entry(&tiff, is_big, 0x0112, orientation);
	add_number(&tiff, is_big, 4, 26);
	add_number(&tiff, is_big, 2, 2);
	add_entry(&tiff, is_big, 0x0201, at);
	add_entry(&tiff, is_big, 0x0202, len);
	add_number(&tiff, is_big, 4, 0);
	buf_add(&tiff, STR("\xff\xd8\xff\xdb"));
	for (unsigned i = 4; i < THUMB_BYTES; i++)
		buf_add_byte(&tiff, (char)i);
	buf_init_arena(&file, arena, 8192);
	buf_add(&file, STR("\xff\xd8\xff\xe0\0\x04JF\xff\xe1"));
	add_number(&file, true, 2, (uint32_t)tiff.len + 8);
	buf_add(&file, STR("Exif\0\0"));
	buf_add(&file, buf_str(&tiff));
	buf_add(&file, STR("\xff\xda\0\x02pixels"));
	return buf_str(&file);
}

#define AT 56u

static void
test_found(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct str made = camera(arena, i == 1, 1, AT, THUMB_BYTES);
		struct str in = heap_copy(made.ptr, made.len);
		struct str out;

		assert_true(mime_thumb_find(arena, in, &out));
		assert_int_equal(out.len, THUMB_BYTES);
		assert_true(str_starts(out, STR("\xff\xd8\xff\xdb")));
		heap_free(in);
	}
	arena_free(arena);
}

/* The browser turns it: the orientation goes along. */
static void
test_turned(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str made = camera(arena, false, 6, AT, THUMB_BYTES);
	struct str out;

	(void)state;
	assert_true(mime_thumb_find(arena, made, &out));
	assert_int_equal(out.len, THUMB_BYTES + 36);
	assert_true(str_starts(out, STR("\xff\xd8\xff\xe1\0\x22"
	                                "Exif\0\0MM")));
	assert_int_equal(out.ptr[31], 6);
	assert_true(
	    str_starts(str_slice(out, 38, out.len), STR("\xff\xdb\x04")));
	made = camera(arena, true, 4000, AT, THUMB_BYTES);
	assert_true(mime_thumb_find(arena, made, &out));
	assert_int_equal(out.len, THUMB_BYTES);
	arena_free(arena);
}

static void
test_none(void **state)
{
	static const struct {
		uint32_t at, len;
	} bad[] = {
	    {AT, THUMB_BYTES + 1},
	    {AT, 0},
	    {AT, 0xffffffff},
	    {0xffffffff, THUMB_BYTES},
	    {0xfffffff0, 0xfffffff0},
	    {AT + 1, THUMB_BYTES - 1}, /* no JPEG begins there */
	    {0, THUMB_BYTES},
	};
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str made =
		    camera(arena, false, 1, bad[i].at, bad[i].len);
		struct str in = heap_copy(made.ptr, made.len);

		if (mime_thumb_find(arena, in, &out))
			fail_msg("row %zu", i);
		heap_free(in);
	}
	assert_false(mime_thumb_find(arena, STR(""), &out));
	assert_false(mime_thumb_find(arena, STR("\xff\xd8"), &out));
	assert_false(mime_thumb_find(arena, STR("\x89PNG\r\n\x1a\n"), &out));
	assert_false(mime_thumb_find(arena, STR("\xff\xd8\xff\xe1\0\0"), &out));
	arena_free(arena);
}

/* Every cut and every changed byte: nothing is read past the end. */
static void
test_damaged(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str made = camera(arena, true, 3, AT, THUMB_BYTES);
	struct str out;

	(void)state;
	for (size_t len = 0; len < made.len; len++) {
		struct str in = heap_copy(made.ptr, len);

		(void)mime_thumb_find(arena, in, &out);
		heap_free(in);
	}
	for (size_t at = 0; at < made.len - 80; at++) {
		for (unsigned value = 0; value < 256; value += 51) {
			char *copy = malloc(made.len);

			assert_non_null(copy);
			memcpy(copy, made.ptr, made.len);
			copy[at] = (char)value;
			if (mime_thumb_find(
			        arena, str_of(copy, made.len), &out))
				assert_true(str_starts(out, STR("\xff\xd8")));
			free(copy);
		}
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_turned),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
