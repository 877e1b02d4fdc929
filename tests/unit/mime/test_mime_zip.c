#include "base/buf.h"
#include "mime/mime_zip.h"
#include "mime_test.h"

struct taken {
	struct buf bytes;
	size_t max; /* then nobody takes more */
};

static bool
take(void *ctx, struct str bytes)
{
	struct taken *taken = ctx;

	if (taken->bytes.len + bytes.len > taken->max)
		return false;
	buf_add(&taken->bytes, bytes);
	return true;
}

static void
taken_init(struct taken *taken, size_t max)
{
	buf_init(&taken->bytes, (size_t)8 << 20);
	taken->max = max;
}

static bool
has(const struct taken *taken, struct str what)
{
	struct str all = buf_str(&taken->bytes);

	return str_find(all, what, 0) < all.len;
}

static void
test_two_files(void **state)
{
	struct taken taken;
	struct mime_zip *zip = NULL;

	(void)state;
	taken_init(&taken, SIZE_MAX / 2);
	assert_int_equal(mime_zip_open(take, &taken, &zip, NULL), ERR_OK);
	assert_int_equal(
	    mime_zip_add(zip, TEXT("größe 桜.txt"), 11, 1700000000, NULL),
	    ERR_OK);
	assert_true(mime_zip_write(zip, STR("hello ")));
	/* What is there goes out at once. */
	assert_true(has(&taken, STR("hello ")));
	assert_true(mime_zip_write(zip, STR("world")));
	assert_int_equal(mime_zip_end_file(zip, NULL), ERR_OK);
	assert_int_equal(
	    mime_zip_add(zip, TEXT("b"), UINT64_MAX, 0, NULL), ERR_OK);
	assert_true(mime_zip_write(zip, STR("not known before")));
	assert_int_equal(mime_zip_end_file(zip, NULL), ERR_OK);
	assert_int_equal(mime_zip_end(zip, NULL), ERR_OK);
	mime_zip_free(zip);
	assert_true(has(&taken, STR("hello world")));
	assert_true(str_starts(buf_str(&taken.bytes), STR("PK\x03\x04")));
	/* Bit 11 (APPNOTE 4.4.4): the name is UTF-8. */
	assert_true((taken.bytes.ptr[7] & 8) != 0);
	assert_true(has(&taken, STR("größe 桜.txt")));
	assert_true(has(&taken, STR("PK\x05\x06")));
	buf_free(&taken.bytes);
}

/* A file is as long as was said, or there is no archive. */
static void
test_wrong_length(void **state)
{
	static const char *const contents[] = {"1234", "123456"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct taken taken;
		struct mime_zip *zip = NULL;
		struct err err = ERR_NONE;

		taken_init(&taken, SIZE_MAX / 2);
		assert_int_equal(
		    mime_zip_open(take, &taken, &zip, &err), ERR_OK);
		assert_int_equal(
		    mime_zip_add(zip, TEXT("a"), 5, 0, &err), ERR_OK);
		assert_int_equal(
		    mime_zip_write(zip, str_c(contents[i])), i == 0);
		assert_int_not_equal(mime_zip_end_file(zip, &err), ERR_OK);
		assert_int_not_equal(mime_zip_end(zip, &err), ERR_OK);
		mime_zip_free(zip);
		assert_false(has(&taken, STR("PK\x05\x06")));
		buf_free(&taken.bytes);
	}
}

/* Wherever the browser leaves, it is told and nothing more comes. */
static void
test_nobody_takes(void **state)
{
	(void)state;
	for (size_t max = 0; max < 260; max += 7) {
		struct taken taken;
		struct mime_zip *zip = NULL;
		enum err_code rc;

		taken_init(&taken, max);
		assert_int_equal(
		    mime_zip_open(take, &taken, &zip, NULL), ERR_OK);
		rc = mime_zip_add(zip, TEXT("name"), 20, 0, NULL);
		if (rc == ERR_OK) {
			(void)mime_zip_write(zip, STR("12345678901234567890"));
			rc = mime_zip_end_file(zip, NULL);
		}
		if (rc == ERR_OK)
			rc = mime_zip_end(zip, NULL);
		assert_true(rc == ERR_OK || rc == ERR_AWAY);
		assert_int_equal(rc == ERR_OK, has(&taken, STR("PK\x05\x06")));
		mime_zip_free(zip);
		buf_free(&taken.bytes);
	}
	mime_zip_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_files),
	    cmocka_unit_test(test_wrong_length),
	    cmocka_unit_test(test_nobody_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
