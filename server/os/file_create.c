#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/file.h"

enum err_code
file_create(const char *path, int mode, int *out_fd, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    (mode_t)mode);

	if (fd < 0 && (errno == ENOSPC || errno == EDQUOT))
		return err_set(err, ERR_LIMIT, "The server's disk is full.",
		    "file_create");
	if (fd < 0)
		return err_setf(err, ERR_INTERNAL,
		    "The server cannot write to its disk.",
		    "file_create: errno %d", errno);
	*out_fd = fd;
	return ERR_OK;
}

enum err_code
file_open_memory(struct str bytes, int *out_fd, struct err *err)
{
	CLEANUP(file_close) int fd = memfd_create("iwebmsg", MFD_CLOEXEC);
	enum err_code rc = ERR_OK;

	*out_fd = -1;
	if (fd < 0)
		return file_fail(err, "make", "a file in memory");
	rc = file_write_all(fd, bytes, err);
	if (rc == ERR_OK)
		*out_fd = file_take(&fd);
	return rc;
}

bool
file_is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}
