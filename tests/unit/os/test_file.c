#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

/* One folder per test, gone at its end. */
struct place {
	char folder[64];
	char path[128]; /* of one file in it */
	struct arena *arena;
	struct err err;
};

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	(void)snprintf(
	    place->folder, sizeof(place->folder), "/tmp/iwebmsg-test-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/file", place->folder);
	place->arena = arena_new((size_t)1 << 20);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	(void)unlink(place->path);
	assert_int_equal(rmdir(place->folder), 0); /* nothing was left */
	arena_free(place->arena);
	free(place);
	return 0;
}

static void
test_write_and_read(void **state)
{
	struct place *place = *state;
	struct str got;
	struct stat info;
	CLEANUP(file_close) int fd = -1;
	CLEANUP(secret_end) struct secret secret = {0};

	assert_false(file_exists(place->path));
	assert_int_equal(
	    file_write_new(place->path, STR("a\0bc"), 0640, &place->err),
	    ERR_OK);
	assert_true(file_exists(place->path));
	assert_int_equal(stat(place->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0640);
	assert_int_equal(
	    file_write_new(place->path, STR("x"), 0600, &place->err),
	    ERR_INPUT);

	assert_int_equal(
	    file_read(place->path, 4, place->arena, &got, &place->err), ERR_OK);
	assert_true(str_eq(got, STR("a\0bc")));
	assert_int_equal(got.ptr[got.len], '\0');
	assert_int_equal(
	    file_read(place->path, 3, place->arena, &got, &place->err),
	    ERR_LIMIT);
	assert_non_null(strstr(place->err.message, place->path));

	assert_int_equal(file_open(place->path, &fd, &place->err), ERR_OK);
	assert_int_equal(file_size(fd), 4);
	assert_int_equal(
	    file_read_secret_fd(fd, 4, &secret, &place->err), ERR_OK);
	assert_true(str_eq(secret_str(&secret), STR("a\0bc")));
	secret_end(&secret);
	assert_int_equal(
	    file_read_secret_fd(fd, 3, &secret, &place->err), ERR_LIMIT);
	assert_int_equal(file_remove(place->path, &place->err), ERR_OK);
	assert_int_equal(file_remove(place->path, &place->err), ERR_NOT_FOUND);
}

static void
test_replace(void **state)
{
	struct place *place = *state;
	struct str got;
	struct stat info;

	assert_int_equal(
	    file_replace(place->path, STR("one"), 0600, &place->err), ERR_OK);
	assert_int_equal(
	    file_replace(place->path, STR("two"), 0644, &place->err), ERR_OK);
	assert_int_equal(
	    file_read(place->path, 99, place->arena, &got, &place->err),
	    ERR_OK);
	assert_true(str_eq(got, STR("two")));
	assert_int_equal(stat(place->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
}

/* Every way of not being readable has its code, and names the path. */
static void
test_open_errors(void **state)
{
	struct place *place = *state;
	int fd = 7;

	assert_int_equal(
	    file_open(place->path, &fd, &place->err), ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
	assert_non_null(strstr(place->err.message, place->path));
	assert_int_equal(
	    file_open(place->folder, &fd, &place->err), ERR_CONFIG);
	/* A FIFO without a writer must not hang us. */
	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_int_equal(file_open(place->path, &fd, &place->err), ERR_CONFIG);
	assert_int_equal(unlink(place->path), 0);
	if (geteuid() == 0)
		return; /* root opens everything */
	assert_int_equal(
	    file_write_new(place->path, STR("x"), 0, &place->err), ERR_OK);
	assert_int_equal(
	    file_open(place->path, &fd, &place->err), ERR_FORBIDDEN);
}

static void
test_permissions(void **state)
{
	static const struct {
		mode_t mode;
		bool is_open;
	} rows[] = {{0600, false}, {0640, false}, {0604, true}, {0601, true},
	    {0602, true}, {0400, false}};
	struct place *place = *state;
	CLEANUP(file_close) int fd = -1;

	assert_int_equal(
	    file_write_new(place->path, STR("k"), 0600, &place->err), ERR_OK);
	assert_int_equal(file_open(place->path, &fd, &place->err), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(chmod(place->path, rows[i].mode), 0);
		assert_int_equal(file_is_open_to_others(fd), rows[i].is_open);
	}
	assert_true(file_is_open_to_others(-1));
}

static void
test_folders(void **state)
{
	struct place *place = *state;
	char deep[160];
	struct stat info;
	struct file_list list;

	(void)snprintf(deep, sizeof(deep), "%s/a//b/", place->folder);
	assert_int_equal(file_make_folder(deep, &place->err), ERR_OK);
	assert_int_equal(file_make_folder(deep, &place->err), ERR_OK);
	assert_int_equal(stat(deep, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(
	    file_write_new(place->path, STR("x"), 0600, &place->err), ERR_OK);
	assert_int_not_equal(
	    file_make_folder(place->path, &place->err), ERR_OK);
	assert_int_equal(
	    file_list(place->path, STR(""), place->arena, &list, &place->err),
	    ERR_NOT_FOUND);
	assert_int_equal(rmdir(deep), 0);
	(void)snprintf(deep, sizeof(deep), "%s/a", place->folder);
	assert_int_equal(rmdir(deep), 0);
}

static void
test_list(void **state)
{
	static const char *const names[] = {"b.html", "a.html", "c.css"};
	struct place *place = *state;
	struct file_list list;
	char path[160];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", place->folder, names[i]);
		assert_int_equal(
		    file_write_new(path, STR("x"), 0600, &place->err), ERR_OK);
	}
	(void)snprintf(path, sizeof(path), "%s/d.html", place->folder);
	assert_int_equal(mkdir(path, 0700), 0); /* a folder is no file */
	assert_int_equal(file_list(place->folder, STR(".html"), place->arena,
	                     &list, &place->err),
	    ERR_OK);
	assert_int_equal(list.count, 2);
	assert_true(str_eq(list.names[0], STR("a.html")));
	assert_true(str_eq(list.names[1], STR("b.html")));
	assert_int_equal(rmdir(path), 0);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", place->folder, names[i]);
		assert_int_equal(unlink(path), 0);
	}
}

static void
test_spool(void **state)
{
	struct place *place = *state;
	CLEANUP(file_close) int fd = -1;
	char got[8];

	assert_int_equal(
	    file_open_spool(place->folder, &fd, &place->err), ERR_OK);
	assert_int_equal(
	    file_write_all(fd, STR("0123456789"), &place->err), ERR_OK);
	assert_int_equal(file_sync(fd, &place->err), ERR_OK);
	assert_int_equal(file_read_at(fd, got, 4, 3), 4);
	assert_memory_equal(got, "3456", 4);
	assert_int_equal(file_read_at(fd, got, 8, 7), 3);
	assert_int_equal(file_read_at(fd, got, 8, 99), 0);
	assert_int_equal(file_read_at(fd, got, 8, UINT64_MAX), -1);
	assert_int_equal(file_read_at(-1, got, 8, 0), -1);
	file_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(
	    file_open_spool(place->path, &fd, &place->err), ERR_NOT_FOUND);
}

static void
test_memory(void **state)
{
	struct place *place = *state;
	struct str back;
	int fd = -1;

	assert_int_equal(
	    file_open_memory(STR("a\0b"), &fd, &place->err), ERR_OK);
	assert_int_equal(
	    file_read_fd(fd, 100, place->arena, &back, &place->err), ERR_OK);
	assert_true(str_eq(back, STR("a\0b")));
	file_close(&fd);
	assert_true(file_is_folder(place->folder));
	assert_false(file_is_folder(place->path));
}

static void
write_at(struct place *place, const char *path, const char *text)
{
	(void)unlink(path);
	assert_int_equal(
	    file_write_new(path, str_c(text), 0600, &place->err), ERR_OK);
}

/* Whatever happens to a file or in a folder gives another mark. */
static void
test_mark(void **state)
{
	struct place *place = *state;
	char other[192];
	uint64_t empty = file_mark(place->path, 1);
	uint64_t folder = file_mark(place->folder, 1);
	uint64_t first = 0;
	uint64_t second = 0;

	(void)snprintf(other, sizeof(other), "%s.new", place->path);
	write_at(place, place->path, "one");
	first = file_mark(place->path, 1);
	assert_true(first != empty);
	assert_true(first == file_mark(place->path, 1));
	assert_true(first != file_mark(place->path, 2));
	assert_true(folder != file_mark(place->folder, 1));
	folder = file_mark(place->folder, 1);
	/* As renewals do it, with the same size. */
	write_at(place, other, "two");
	assert_int_equal(rename(other, place->path), 0);
	second = file_mark(place->path, 1);
	assert_true(first != second);
	assert_true(folder != file_mark(place->folder, 1));
	/* A link that leads elsewhere now. */
	write_at(place, other, "three");
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(symlink(other, place->path), 0);
	assert_true(second != file_mark(place->path, 1));
	second = file_mark(place->path, 1);
	write_at(place, other, "four!");
	assert_true(second != file_mark(place->path, 1));
	assert_int_equal(unlink(other), 0);
	assert_true(file_mark(place->path, 1) == empty);
}

static void
test_disk_full(void **state)
{
	struct place *place = *state;
	CLEANUP(file_close) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, STR("x"), &place->err), ERR_LIMIT);
}

/* A link, a pipe, a folder are not files that somebody put there for us. */
static void
test_open_plain(void **state)
{
	struct place *place = *state;
	CLEANUP(file_close) int fd = -1;

	assert_int_equal(
	    file_open_plain(place->path, &fd, &place->err), ERR_NOT_FOUND);
	assert_int_equal(symlink("/etc/passwd", place->path), 0);
	assert_int_equal(
	    file_open_plain(place->path, &fd, &place->err), ERR_NOT_FOUND);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_int_equal(
	    file_open_plain(place->path, &fd, &place->err), ERR_NOT_FOUND);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(
	    file_open_plain(place->folder, &fd, &place->err), ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
	assert_int_equal(
	    file_write_new(place->path, STR("a"), 0600, &place->err), ERR_OK);
	assert_int_equal(
	    file_open_plain(place->path, &fd, &place->err), ERR_OK);
	assert_int_equal(file_size(fd), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_write_and_read),
	    TEST(test_open_plain),
	    TEST(test_replace),
	    TEST(test_open_errors),
	    TEST(test_permissions),
	    TEST(test_folders),
	    TEST(test_list),
	    TEST(test_spool),
	    TEST(test_memory),
	    TEST(test_mark),
	    TEST(test_disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
