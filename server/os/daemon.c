#include "os/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/daemon_inside.h"
#include "os/file.h"

#define REASON_BYTES 128
/* Descriptors for which there is room at once: 128 KB of the system's. */
#define DAEMON_FILES_ROOM ((uint64_t)16384)

static const struct {
	int number;
	enum daemon_signal meaning;
} signals[] = {
    {SIGTERM, DAEMON_STOP},
    {SIGINT, DAEMON_STOP},
    {SIGHUP, DAEMON_RELOAD},
    {SIGUSR1, DAEMON_REOPEN},
    {SIGCHLD, DAEMON_CHILD},
};

static sigset_t
signal_set(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&set, signals[i].number);
	return set;
}

static enum daemon_signal
signal_meaning(int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == number)
			return signals[i].meaning;
	return DAEMON_NONE;
}

static enum err_code
fail(struct err *err, const char *what)
{
	int errnum = errno;
	char reason[REASON_BYTES];

	return err_sayf(err, ERR_INTERNAL, "%s: %s", what,
	    strerror_r(errnum, reason, sizeof(reason)));
}

enum err_code
daemon_signals_init(struct err *err)
{
	sigset_t set = signal_set();
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0)
		return fail(err, "cannot set up signals");
	return ERR_OK;
}

enum daemon_signal
daemon_signal_wait(int wait_ms)
{
	return daemon_signal_wait_or(SOCK_NONE, wait_ms);
}

enum daemon_signal
daemon_signal_wait_or(sock_t channel, int wait_ms)
{
	sigset_t set = signal_set();
	struct signalfd_siginfo info = {0};
	CLEANUP(file_close)
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* poll() skips an entry whose descriptor is negative. */
	struct pollfd waiting[2] = {
	    {.fd = fd, .events = POLLIN},
	    {.fd = channel, .events = POLLIN},
	};

	if (poll(waiting, 2, wait_ms) <= 0)
		return DAEMON_NONE;
	if (waiting[0].revents != 0 &&
	    read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		return signal_meaning((int)info.ssi_signo);
	return waiting[1].revents != 0 ? DAEMON_CHANNEL : DAEMON_NONE;
}

/* The starter: ends when the daemon is ready, or as the daemon ended. */
static void
wait_for_daemon(int pipe_end, pid_t daemon)
{
	char byte = 0;
	int status = 0;
	ssize_t got = 0;

	do {
		got = read(pipe_end, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 1)
		_exit(0);
	while (waitpid(daemon, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0
	          ? WEXITSTATUS(status)
	          : 1);
}

enum err_code
daemon_background(struct err *err)
{
	int ends[2] = {-1, -1};
	pid_t daemon = -1;
	CLEANUP(file_close) int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nowhere < 0)
		return file_fail(err, "open", "/dev/null");
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(err, "cannot make a pipe");
	daemon = fork();
	if (daemon < 0) {
		file_close(&ends[0]);
		file_close(&ends[1]);
		return fail(err, "cannot fork");
	}
	if (daemon > 0) {
		file_close(&ends[1]);
		wait_for_daemon(ends[0], daemon);
	}
	file_close(&ends[0]);
	(void)setsid();
	/* stderr stays until we are ready: mistakes go to the terminal. */
	(void)dup2(nowhere, STDIN_FILENO);
	(void)dup2(nowhere, STDOUT_FILENO);
	daemon_notify_starter(ends[1]);
	return ERR_OK;
}

enum err_code
daemon_pid_file(const char *path, struct err *err)
{
	char text[32];
	int len = 0;
	CLEANUP(file_close)
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return file_fail(err, "write", path);
	/* The lock says whether it lives: a number alone may be another's. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		len = (int)read(fd, text, sizeof(text) - 1);
		text[len > 0 ? len : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		return err_sayf(err, ERR_CONFIG,
		    "%s is held by a server that runs already (process %s)",
		    path, text);
	}
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* The umask must not keep others from reading it. */
	if (fchmod(fd, 0644) != 0 || ftruncate(fd, 0) != 0 ||
	    write(fd, text, (size_t)len) != len)
		return file_fail(err, "write", path);
	/* It stays open, and locked, as long as the process lives. */
	(void)file_take(&fd);
	return ERR_OK;
}

void
daemon_pid_file_remove(const char *path)
{
	(void)unlink(path);
}

bool
daemon_is_root(void)
{
	return geteuid() == 0;
}

bool
daemon_find_user(
    const char *user, uid_t *out_uid, gid_t *out_gid, struct err *err)
{
	struct passwd entry = {0};
	struct passwd *found = NULL;
	char room[4096];

	/* An unknown user and an unreadable list look alike to an admin. */
	if (getpwnam_r(user, &entry, room, sizeof(room), &found) != 0 ||
	    found == NULL) {
		(void)err_sayf(err, ERR_CONFIG,
		    "there is no user %s (User= in [Server]); make it with: "
		    "useradd --system --no-create-home --shell "
		    "/usr/sbin/nologin %s",
		    user, user);
		return false;
	}
	if (found->pw_uid == 0) {
		(void)err_sayf(err, ERR_CONFIG,
		    "User=%s is root; allowed: an ordinary user", user);
		return false;
	}
	*out_uid = found->pw_uid;
	*out_gid = found->pw_gid;
	return true;
}

enum err_code
daemon_drop_to(const char *user, struct err *err)
{
	uid_t uid = 0;
	gid_t gid = 0;

	if (!daemon_find_user(user, &uid, &gid, err))
		return ERR_CONFIG;
	if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return fail(err, "cannot become the user of User=");
	/* If this works, the above did not. */
	ensure(setuid(0) != 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(err, "cannot give up new privileges");
	return ERR_OK;
}

void
daemon_end_with_parent(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

/* LeakSanitizer looks at its own process as a debugger does. */
#if defined(__SANITIZE_ADDRESS__)
#define DAEMON_MAY_BE_TRACED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DAEMON_MAY_BE_TRACED 1
#endif
#endif
#ifndef DAEMON_MAY_BE_TRACED
#define DAEMON_MAY_BE_TRACED 0
#endif

/*
 * Linux makes the table of descriptors twice as large whenever it is full, and
 * where threads share it, whoever opened one waits some 10 ms for that
 * (synchronize_rcu in expand_fdtable). Before there are threads it is free.
 */
static void
daemon_make_room(uint64_t most)
{
	uint64_t last = most < DAEMON_FILES_ROOM ? most : DAEMON_FILES_ROOM;
	int fd = last == 0 ? -1 : fcntl(0, F_DUPFD_CLOEXEC, (int)last - 1);

	if (fd >= 0)
		(void)close(fd);
}

void
daemon_harden(void)
{
	struct rlimit none = {0, 0};
	struct rlimit files = {0, 0};

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!DAEMON_MAY_BE_TRACED)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
		daemon_make_room(files.rlim_cur);
	}
}

static uint64_t
daemon_most(int what)
{
	struct rlimit limit = {0, 0};

	if (getrlimit((__rlimit_resource_t)what, &limit) != 0 ||
	    limit.rlim_max == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_max;
}

uint64_t
daemon_most_files(void)
{
	return daemon_most(RLIMIT_NOFILE);
}

uint64_t
daemon_most_locked(void)
{
	return daemon_most(RLIMIT_MEMLOCK);
}
