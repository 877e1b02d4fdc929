/*
 * In front of the archive in iwebmsgd-faults: fault points that work. The file
 * IWEBMSG_FAULT_FILE holds lines "kill NAME" or "fail NAME"; a kill happens
 * once, and its file goes with it; a failure lasts until its line goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/str.h"
#include "os/fault.h"

static bool
fault_is_asked(const char *verb, const char *name)
{
	char *path = getenv("IWEBMSG_FAULT_FILE");
	char text[4096] = "";
	char line[128];
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	(void)snprintf(line, sizeof(line), "%s %s\n", verb, name);
	return strstr(text, line) != NULL;
}

void
fault_point(const char *name)
{
	int before = errno;

	if (fault_is_asked("kill", name)) {
		/* Whoever removes the file is the one who dies. */
		if (unlink(getenv("IWEBMSG_FAULT_FILE")) == 0)
			(void)kill(getpid(), SIGKILL);
	}
	errno = before;
}

bool
fault_fails(const char *name)
{
	return fault_is_asked("fail", name);
}
