/*
 * Archives of strangers: what mime_zip writes is read as it was, in whatever
 * pieces the disk gives it; broken, encrypted and endless ones end with words.
 */
#include "base/buf.h"
#include "mime/mime_unzip.h"
#include "mime/mime_zip.h"
#include "mime_test.h"

#define PIECE_BYTES ((size_t)700)

struct disk {
	struct str bytes;
	uint64_t fails_at; /* UINT64_MAX: never */
};

static int64_t
disk_read(void *ctx, uint64_t offset, void *to, size_t len)
{
	const struct disk *disk = ctx;
	struct str left =
	    offset < disk->bytes.len
	        ? str_slice(disk->bytes, (size_t)offset, disk->bytes.len)
	        : STR("");

	if (offset + len > disk->fails_at)
		return -1;
	if (len > PIECE_BYTES)
		len = PIECE_BYTES;
	if (len > left.len)
		len = left.len;
	if (len > 0)
		memcpy(to, left.ptr, len);
	return (int64_t)len;
}

struct sink {
	struct buf bytes;
	size_t most; /* then it takes no more */
};

static bool
sink_take(void *ctx, struct str bytes)
{
	struct sink *sink = ctx;

	buf_add(&sink->bytes, bytes);
	return sink->bytes.len <= sink->most;
}

/* ---- archives to read ---- */
static bool
keep(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

/* Two messages; the second, of no known size, is deflated. */
static void
make_archive(struct buf *out, struct str first, struct str second)
{
	struct mime_zip *zip = NULL;

	buf_init(out, (size_t)16 << 20);
	assert_int_equal(mime_zip_open(keep, out, &zip, NULL), ERR_OK);
	assert_int_equal(mime_zip_add(zip, TEXT("Post/größe 桜.eml"), first.len,
	                     1700000000, NULL),
	    ERR_OK);
	assert_true(mime_zip_write(zip, first));
	assert_int_equal(mime_zip_end_file(zip, NULL), ERR_OK);
	assert_int_equal(
	    mime_zip_add(zip, TEXT("b.eml"), UINT64_MAX, 0, NULL), ERR_OK);
	assert_true(mime_zip_write(zip, second));
	assert_int_equal(mime_zip_end_file(zip, NULL), ERR_OK);
	assert_int_equal(mime_zip_end(zip, NULL), ERR_OK);
	mime_zip_free(zip);
}

/* Reads all of it; how many files came whole, and how it ended. */
static enum err_code
read_all(struct disk *disk, uint64_t most, struct text *names,
    struct sink *sinks, size_t *out_count, struct arena *arena, struct err *err)
{
	struct mime_unzip *unzip = NULL;
	bool is_found = false;
	enum err_code rc =
	    mime_unzip_open(disk_read, disk, disk->bytes.len, &unzip, err);

	*out_count = 0;
	while (rc == ERR_OK) {
		rc = mime_unzip_next(
		    unzip, arena, &names[*out_count], &is_found, err);
		if (rc != ERR_OK || !is_found)
			break;
		assert_true(*out_count < 2);
		expect_text("name", names[*out_count]);
		rc = mime_unzip_read(
		    unzip, most, sink_take, &sinks[*out_count], err);
		*out_count += rc == ERR_OK;
	}
	mime_unzip_free(unzip);
	return rc;
}

static struct str
long_mail(struct arena *arena, size_t len)
{
	char *bytes = arena_alloc(arena, len);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + i * i % 23);
	return str_of(bytes, len);
}

static void
sinks_init(struct sink *sinks, size_t most)
{
	for (size_t i = 0; i < 2; i++) {
		sinks[i].most = most;
		buf_init(&sinks[i].bytes, (size_t)8 << 20);
	}
}

static void
sinks_free(struct sink *sinks)
{
	for (size_t i = 0; i < 2; i++)
		buf_free(&sinks[i].bytes);
}

/* ---- what a person expects of it ---- */
static void
test_comes_back_as_it_was(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str second = long_mail(arena, 300000);
	struct text names[3];
	struct sink sinks[2];
	struct buf archive;
	struct err err = ERR_NONE;
	struct disk disk = {.fails_at = UINT64_MAX};
	size_t count = 0;

	(void)state;
	make_archive(&archive, STR("Subject: one\r\n\r\nHello.\r\n"), second);
	disk.bytes = heap_copy(archive.ptr, archive.len);
	sinks_init(sinks, SIZE_MAX);
	assert_int_equal(
	    read_all(&disk, 300000, names, sinks, &count, arena, &err), ERR_OK);
	assert_int_equal(count, 2);
	expect_str("name", names[0].s, STR("Post/größe 桜.eml"));
	expect_str("first", buf_str(&sinks[0].bytes),
	    STR("Subject: one\r\n\r\nHello.\r\n"));
	expect_str("second", buf_str(&sinks[1].bytes), second);
	sinks_free(sinks);
	heap_free(disk.bytes);
	buf_free(&archive);
	arena_free(arena);
}

/* A file that is too large, or that nobody takes, is said to be so. */
static void
test_bounds(void **state)
{
	static const struct {
		const char *name;
		uint64_t most;
		size_t taken;
		enum err_code rc;
	} table[] = {
	    {"as large as allowed", 5000, SIZE_MAX, ERR_OK},
	    {"a byte larger", 4999, SIZE_MAX, ERR_LIMIT},
	    {"nothing is allowed", 0, SIZE_MAX, ERR_LIMIT},
	    {"the disk is full", 5000, 100, ERR_INTERNAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str mail = long_mail(arena, 5000);
		struct text names[3];
		struct sink sinks[2];
		struct buf archive;
		struct err err = ERR_NONE;
		struct disk disk = {.fails_at = UINT64_MAX};
		size_t count = 0;
		enum err_code rc;

		make_archive(&archive, mail, mail);
		disk.bytes = buf_str(&archive);
		sinks_init(sinks, table[i].taken);
		rc = read_all(
		    &disk, table[i].most, names, sinks, &count, arena, &err);
		if (rc != table[i].rc || (rc != ERR_OK && !err.message[0]))
			fail_msg("%s: %s, %s", table[i].name, err_name(rc),
			    err.message);
		sinks_free(sinks);
		buf_free(&archive);
		arena_free(arena);
	}
}

/* Cut anywhere, or with any byte another: words, never more than was in it. */
static void
test_broken(void **state)
{
	struct buf archive;
	size_t refused = 0;

	(void)state;
	make_archive(&archive, STR("Subject: one\r\n\r\nHello.\r\n"),
	    STR("Subject: two\r\n\r\nHello again, and again, again.\r\n"));
	for (size_t at = 0; at < archive.len * 2; at++) {
		bool is_cut = at < archive.len;
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str copy =
		    heap_copy(archive.ptr, is_cut ? at : archive.len);
		struct disk disk = {.bytes = copy, .fails_at = UINT64_MAX};
		char *bytes = NULL;
		struct text names[3];
		struct sink sinks[2];
		struct err err = ERR_NONE;
		size_t count = 0;
		enum err_code rc;

		memcpy(&bytes, &copy.ptr, sizeof(bytes));
		if (!is_cut)
			bytes[at - archive.len] =
			    (char)(bytes[at - archive.len] ^ 0x41);
		sinks_init(sinks, SIZE_MAX);
		rc = read_all(&disk, 1000, names, sinks, &count, arena, &err);
		if (rc != ERR_OK) {
			refused++;
			assert_true(rc == ERR_INPUT || rc == ERR_LIMIT);
			assert_true(err.message[0] != '\0');
		}
		sinks_free(sinks);
		heap_free(copy);
		arena_free(arena);
	}
	assert_true(refused > archive.len / 2);
	buf_free(&archive);
}

/* A disk that fails is no end of the archive. */
static void
test_disk_that_fails(void **state)
{
	struct buf archive;

	(void)state;
	make_archive(&archive, STR("Subject: one\r\n\r\nHello.\r\n"), STR("b"));
	for (uint64_t at = 0; at < archive.len; at += 7) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct disk disk = {.bytes = buf_str(&archive), .fails_at = at};
		struct text names[3];
		struct sink sinks[2];
		struct err err = ERR_NONE;
		size_t count = 0;

		sinks_init(sinks, SIZE_MAX);
		assert_int_equal(
		    read_all(&disk, 1000, names, sinks, &count, arena, &err),
		    ERR_INPUT);
		assert_true(err.message[0] != '\0');
		sinks_free(sinks);
		arena_free(arena);
	}
	buf_free(&archive);
}

/* An archive by another program: a folder, and a file with a password. */
static void
test_of_others(void **state)
{
	static const char stored[] =
	    /* folder "f/" */
	    "PK\3\4\n\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0f/"
	    /* "x", encrypted: bit 0 (APPNOTE 4.4.4); 12 bytes of header */
	    "PK\3\4\n\0\1\0\0\0\0\0!\0\0\0\0\0\x0d\0\0\0\1\0\0\0\1\0\0\0x"
	    "0123456789abc"
	    "PK\1\2\x14\3\n\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0"
	    "\0\0\0\0\0\0\x10\0\xed\x41\0\0\0\0f/"
	    "PK\1\2\x14\3\n\0\1\0\0\0\0\0!\0\0\0\0\0\x0d\0\0\0\1\0\0\0\1\0"
	    "\0\0\0\0\0\0\0\0\0\0\xa4\x81\x20\0\0\0x"
	    "PK\5\6\0\0\0\0\2\0\2\0\x5f\0\0\0\x4c\0\0\0\0\0";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct disk disk = {.bytes = heap_copy(stored, sizeof(stored) - 1),
	    .fails_at = UINT64_MAX};
	struct text names[3];
	struct sink sinks[2];
	struct err err = ERR_NONE;
	size_t count = 0;

	(void)state;
	sinks_init(sinks, SIZE_MAX);
	assert_int_equal(
	    read_all(&disk, 1000, names, sinks, &count, arena, &err),
	    ERR_INPUT);
	assert_int_equal(count, 0);
	/* The folder is no file of it. */
	expect_str("name", names[0].s, STR("x"));
	assert_non_null(strstr(err.message, "encrypted"));
	sinks_free(sinks);
	heap_free(disk.bytes);
	arena_free(arena);
}

/* LZMA: whoever packed it says how much memory it takes, up to 4 GB. */
static void
test_memory_of_others(void **state)
{
	static const char packed[] =
	    "PK\3\4?\0\2\0\x0e\0\0\0!\0^9\xf1_\x15\0\0\0\2\0\0\0"
	    "\1\0\0\0x"
	    "\t\4\5\0]\xff\xff\xff\xff\0<\x82\x9c\xff\xff\xff\xff\xf0\0\0\0"
	    "PK\1\2?\3?\0\2\0\x0e\0\0\0!\0^9\xf1_\x15\0\0\0\2\0\0\0"
	    "\1\0\0\0\0\0\0\0\0\0\0\0\x80\1\0\0\0\0x"
	    "PK\5\6\0\0\0\0\1\0\1\0/\0\0\0"
	    "4\0\0\0\0\0";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct disk disk = {.bytes = heap_copy(packed, sizeof(packed) - 1),
	    .fails_at = UINT64_MAX};
	struct text names[3];
	struct sink sinks[2];
	struct err err = ERR_NONE;
	size_t count = 0;

	(void)state;
	sinks_init(sinks, SIZE_MAX);
	assert_int_equal(
	    read_all(&disk, 1000, names, sinks, &count, arena, &err),
	    ERR_INPUT);
	expect_str("name", names[0].s, STR("x"));
	assert_int_equal(count, 0);
	assert_int_equal(sinks[0].bytes.len, 0);
	assert_non_null(strstr(err.message, "of a form that is not known"));
	sinks_free(sinks);
	heap_free(disk.bytes);
	arena_free(arena);
}

static void
test_nothing_in_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum err_code rc;
	} table[] = {
	    {"", 0, ERR_INPUT},
	    {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, ERR_OK},
	    {"From me Sat Nov 21 10:00:00 2026\n\nHi\n", 37, ERR_INPUT},
	    {"PK\3\4", 4, ERR_INPUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct disk disk = {
		    .bytes = heap_copy(table[i].bytes, table[i].len),
		    .fails_at = UINT64_MAX};
		struct text names[3];
		struct sink sinks[2];
		struct err err = ERR_NONE;
		size_t count = 0;
		enum err_code rc;

		sinks_init(sinks, SIZE_MAX);
		rc = read_all(&disk, 1000, names, sinks, &count, arena, &err);
		if (rc != table[i].rc || count != 0)
			fail_msg("%zu: %s, %zu files, %s", i, err_name(rc),
			    count, err.message);
		sinks_free(sinks);
		heap_free(disk.bytes);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_comes_back_as_it_was),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_disk_that_fails),
	    cmocka_unit_test(test_of_others),
	    cmocka_unit_test(test_memory_of_others),
	    cmocka_unit_test(test_nothing_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
