#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/num.h"
#include "os/file.h"

/* Who has it, by what it wrote there; 0: nobody says. */
static uint64_t
read_holder(int fd)
{
	char bytes[32];
	int64_t len = file_read_at(fd, bytes, sizeof(bytes), 0);
	uint64_t pid = 0;

	if (len > 0)
		err_ignore(num_u64(str_trim(str_of(bytes, (size_t)len)), 1,
		    UINT32_MAX, &pid, NULL));
	return pid;
}

static enum err_code
write_holder(int fd, const char *path, struct err *err)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0)
		return file_fail(err, "write", path);
	return file_write_all(fd, str_of(line, (size_t)len), err);
}

enum err_code
file_lock(
    const char *path, int *out_fd, uint64_t *out_holder_pid, struct err *err)
{
	CLEANUP(file_close)
	int fd =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, (mode_t)0600);
	enum err_code rc;

	*out_fd = -1;
	*out_holder_pid = 0;
	if (fd < 0)
		return file_fail(err, "open", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return file_fail(err, "lock", path);
		*out_holder_pid = read_holder(fd);
		return err_setf(err, ERR_BUSY,
		    "Another process has locked the file.", "%s", path);
	}
	rc = write_holder(fd, path, err);
	if (rc == ERR_OK)
		*out_fd = file_take(&fd);
	return rc;
}
