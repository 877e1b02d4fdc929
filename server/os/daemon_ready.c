#include "os/daemon.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"
#include "os/clock.h"
#include "os/daemon_inside.h"
#include "os/file.h"

/* Set before any thread, by daemon_background; -1 in the foreground. */
static int starter_pipe = -1;

void
daemon_notify_starter(int pipe_end)
{
	starter_pipe = pipe_end;
}

/* One datagram to the service manager: sd_notify(3) without libsystemd. */
static void
notify(const char *words)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): never set by us. */
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path == NULL ? 0 : strlen(path);
	socklen_t address_len = 0;
	CLEANUP(file_close) int fd = -1;

	if (len < 2 || len >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* an abstract name */
	address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)sendto(fd, words, strlen(words), MSG_NOSIGNAL,
		    (const struct sockaddr *)&address, address_len);
}

void
daemon_leave_starter(void)
{
	CLEANUP(file_close) int nowhere = -1;

	if (starter_pipe < 0)
		return;
	file_close(&starter_pipe);
	/* From now on there is no terminal. */
	nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nowhere >= 0)
		(void)dup2(nowhere, STDERR_FILENO);
}

void
daemon_tell_ready(void)
{
	notify("READY=1");
	if (starter_pipe < 0)
		return;
	/* A starter that was killed does not wait. */
	(void)!write(starter_pipe, "r", 1);
	daemon_leave_starter();
}

void
daemon_tell_reloading(void)
{
	char words[64];

	(void)snprintf(words, sizeof(words), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_mono_us());
	notify(words);
}

void
daemon_tell_stopping(void)
{
	notify("STOPPING=1");
}

void
daemon_tell_status(const char *status)
{
	char words[256];

	(void)snprintf(words, sizeof(words), "STATUS=%s", status);
	words[strcspn(words, "\n")] = '\0';
	notify(words);
}

int
daemon_watchdog_ms(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): never set by us. */
	const char *text = getenv("WATCHDOG_USEC");
	uint64_t us = 0;

	if (text == NULL || num_u64(str_c(text), 1000, UINT64_C(86400000000),
	                        &us, NULL) != ERR_OK)
		return 0;
	return (int)(us / 1000);
}

void
daemon_tell_watchdog(void)
{
	notify("WATCHDOG=1");
}
