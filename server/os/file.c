#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fault.h"

/* A path with a temporary suffix; PATH_MAX of Linux. */
#define FILE_PATH_BYTES 4096

static enum err_code
file_err_code(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_FORBIDDEN;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_LIMIT;
	case ENOMEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_INTERNAL;
	}
}

enum err_code
file_fail(struct err *err, const char *verb, const char *path)
{
	int errnum = errno;
	char reason[128];

	return err_sayf(err, file_err_code(errnum), "cannot %s %s: %s", verb,
	    path, strerror_r(errnum, reason, sizeof(reason)));
}

void
file_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

int
file_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

enum err_code
file_open_plain(const char *path, int *out_fd, struct err *err)
{
	struct stat info;
	CLEANUP(file_close)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	*out_fd = -1;
	if (fd < 0 && errno == ELOOP)
		errno = ENOENT;
	if (fd < 0 || fstat(fd, &info) != 0)
		return file_fail(err, "open", path);
	if (!S_ISREG(info.st_mode))
		return err_sayf(
		    err, ERR_NOT_FOUND, "%s is not a regular file", path);
	*out_fd = file_take(&fd);
	return ERR_OK;
}

enum err_code
file_open(const char *path, int *out_fd, struct err *err)
{
	struct stat info;
	/* O_NONBLOCK: a FIFO without a writer must not hang the start. */
	CLEANUP(file_close)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*out_fd = -1;
	if (fd < 0) {
		enum err_code rc = file_fail(err, "open", path);

		if (rc == ERR_INTERNAL && err != NULL)
			err->code = ERR_CONFIG;
		return rc == ERR_INTERNAL ? ERR_CONFIG : rc;
	}
	if (fstat(fd, &info) != 0)
		return file_fail(err, "open", path);
	if (!S_ISREG(info.st_mode))
		return err_sayf(
		    err, ERR_CONFIG, "cannot read %s: it is not a file", path);
	*out_fd = file_take(&fd);
	return ERR_OK;
}

int64_t
file_read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	size_t done = 0;

	if (offset > INT64_MAX - len)
		return -1;
	while (done < len) {
		ssize_t got = pread(
		    fd, (char *)buf + done, len - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (int64_t)done;
}

/* Fills `room` bytes; one more than the limit tells "too large" apart. */
static enum err_code
file_fill(
    int fd, void *room, size_t max_bytes, size_t *out_len, struct err *err)
{
	int64_t got = file_read_at(fd, room, max_bytes + 1, 0);

	if (got < 0)
		return file_fail(err, "read", "the file");
	if ((uint64_t)got > max_bytes)
		return err_sayf(err, ERR_LIMIT,
		    "the file is larger than %zu bytes", max_bytes);
	*out_len = (size_t)got;
	return ERR_OK;
}

/*
 * How much to make room for: the size now, and no more than allowed. A file
 * that grows meanwhile is cut or refused by the caller's limit.
 */
static size_t
file_expect(int fd, size_t max_bytes)
{
	uint64_t size = file_size(fd);

	return size < max_bytes ? (size_t)size : max_bytes;
}

enum err_code
file_read_fd(int fd, size_t max_bytes, struct arena *arena, struct str *out,
    struct err *err)
{
	size_t len = 0;
	size_t expected = file_expect(fd, max_bytes);
	char *room = NULL;
	enum err_code rc = ERR_OK;

	*out = (struct str){0};
	if (file_size(fd) > max_bytes)
		return err_sayf(err, ERR_LIMIT,
		    "the file is larger than %zu bytes", max_bytes);
	/* + 2: the byte past the limit, and the NUL. */
	room = arena_alloc(arena, expected + 2);
	if (room == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	rc = file_fill(fd, room, expected, &len, err);
	if (rc != ERR_OK)
		return rc;
	room[len] = '\0';
	*out = str_of(room, len);
	return ERR_OK;
}

enum err_code
file_read(const char *path, size_t max_bytes, struct arena *arena,
    struct str *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);

	*out = (struct str){0};
	if (rc == ERR_OK)
		rc = file_read_fd(fd, max_bytes, arena, out, err);
	if (rc == ERR_LIMIT)
		return err_sayf(err, ERR_LIMIT, "%s is larger than %zu bytes",
		    path, max_bytes);
	return rc;
}

enum err_code
file_read_secret_fd(
    int fd, size_t max_bytes, struct secret *out, struct err *err)
{
	CLEANUP(secret_end) struct secret room = {0};
	size_t len = 0;
	size_t expected = file_expect(fd, max_bytes);
	enum err_code rc = ERR_OK;

	*out = (struct secret){0};
	if (file_size(fd) > max_bytes)
		return err_sayf(err, ERR_LIMIT,
		    "the file is larger than %zu bytes", max_bytes);
	rc = secret_room(&room, expected + 1, err);
	if (rc == ERR_OK)
		rc = file_fill(fd, room.ptr, expected, &len, err);
	if (rc == ERR_OK)
		rc = secret_init(out, str_of((char *)room.ptr, len), err);
	return rc;
}

/* In words for people: what they write goes through here. */
static enum err_code
file_full(struct err *err)
{
	return err_set(err, ERR_LIMIT,
	    "No space is left on the disk of this server, so nothing could be "
	    "kept. Please tell the administrator, and try again later.",
	    "write: no space left");
}

enum err_code
file_write_all(int fd, struct str bytes, struct err *err)
{
	size_t done = 0;

	if (fault_fails("disk"))
		return file_full(err);
	while (done < bytes.len) {
		ssize_t put = write(fd, bytes.ptr + done, bytes.len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == ENOSPC || errno == EDQUOT))
			return file_full(err);
		if (put < 0)
			return file_fail(err, "write", "the file");
		done += (size_t)put;
	}
	return ERR_OK;
}

enum err_code
file_sync(int fd, struct err *err)
{
	if (fsync(fd) != 0)
		return file_fail(err, "save", "the file");
	return ERR_OK;
}

void
file_sync_begin(int fd, uint64_t offset, uint64_t len)
{
	if (offset <= INT64_MAX && len <= INT64_MAX)
		(void)sync_file_range(
		    fd, (off_t)offset, (off_t)len, SYNC_FILE_RANGE_WRITE);
}

uint64_t
file_size(int fd)
{
	struct stat info;

	if (fstat(fd, &info) != 0 || info.st_size < 0)
		return 0;
	return (uint64_t)info.st_size;
}

/* A name is data of its folder. */
enum err_code
file_sync_folder(const char *path, struct err *err)
{
	char folder[FILE_PATH_BYTES];
	size_t len = strlen(path);
	CLEANUP(file_close) int fd = -1;

	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len >= sizeof(folder))
		return err_sayf(
		    err, ERR_LIMIT, "the path %s is too long", path);
	if (len == 0)
		folder[len++] = '.';
	else
		memcpy(folder, path, len);
	folder[len] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(err, "open", folder);
	/* Some file systems cannot sync a folder and say EINVAL. */
	if (fsync(fd) != 0 && errno != EINVAL)
		return file_fail(err, "save", folder);
	return ERR_OK;
}

/* Mode, contents, fsync: what a file needs before its name may count. */
static enum err_code
file_fill_new(int fd, struct str bytes, int mode, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (fchmod(fd, (mode_t)mode) != 0)
		rc = file_fail(err, "set the permissions of", "the file");
	if (rc == ERR_OK)
		rc = file_write_all(fd, bytes, err);
	if (rc == ERR_OK)
		rc = file_sync(fd, err);
	return rc;
}

/*
 * A second name is given only when there is none yet, and in one step. Where
 * file systems know no second names (FAT) there is a moment between looking
 * and renaming.
 */
static enum err_code
file_name_new(const char *temporary, const char *path, struct err *err)
{
	if (link(temporary, path) == 0) {
		(void)unlink(temporary);
		return ERR_OK;
	}
	if (errno == EEXIST)
		return err_sayf(err, ERR_INPUT, "%s exists already", path);
	if (errno != EPERM && errno != EOPNOTSUPP)
		return file_fail(err, "make", path);
	if (file_exists(path))
		return err_sayf(err, ERR_INPUT, "%s exists already", path);
	return rename(temporary, path) == 0 ? ERR_OK
	                                    : file_fail(err, "make", path);
}

enum err_code
file_write_new(const char *path, struct str bytes, int mode, struct err *err)
{
	char temporary[FILE_PATH_BYTES];
	int len = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = ERR_OK;

	if (len < 0 || (size_t)len >= sizeof(temporary))
		return err_sayf(
		    err, ERR_LIMIT, "the path %s is too long", path);
	if (file_exists(path))
		return err_sayf(err, ERR_INPUT, "%s exists already", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return file_fail(err, "make", path);
	rc = file_fill_new(fd, bytes, mode, err);
	if (rc == ERR_OK)
		rc = file_name_new(temporary, path, err);
	if (rc != ERR_OK) {
		(void)unlink(temporary);
		return rc;
	}
	return file_sync_folder(path, err);
}

enum err_code
file_replace(const char *path, struct str bytes, int mode, struct err *err)
{
	char temporary[FILE_PATH_BYTES];
	int len = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = ERR_OK;

	if (len < 0 || (size_t)len >= sizeof(temporary))
		return err_sayf(
		    err, ERR_LIMIT, "the path %s is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return file_fail(err, "make", path);
	rc = file_fill_new(fd, bytes, mode, err);
	if (rc == ERR_OK && rename(temporary, path) != 0)
		rc = file_fail(err, "replace", path);
	if (rc != ERR_OK) {
		(void)unlink(temporary);
		return rc;
	}
	return file_sync_folder(path, err);
}

bool
file_is_open_to_others(int fd)
{
	struct stat info;

	/* What cannot be asked counts as open: the caller refuses it. */
	return fstat(fd, &info) != 0 || (info.st_mode & 007) != 0;
}

bool
file_exists(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0;
}

enum err_code
file_remove(const char *path, struct err *err)
{
	if (unlink(path) != 0)
		return file_fail(err, "remove", path);
	return ERR_OK;
}
