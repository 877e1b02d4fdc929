#include <errno.h>
#include <fcntl.h>

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
