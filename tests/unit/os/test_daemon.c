#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/daemon.h"
#include "os/file.h"

/* Long enough for a busy machine; only a failing test waits for it. */
#define WAIT_MS 10000

static void
test_signals(void **state)
{
	static const struct {
		int number;
		enum daemon_signal meaning;
	} rows[] = {{SIGTERM, DAEMON_STOP}, {SIGINT, DAEMON_STOP},
	    {SIGHUP, DAEMON_RELOAD}, {SIGUSR1, DAEMON_REOPEN},
	    {SIGCHLD, DAEMON_CHILD}};

	(void)state;
	assert_int_equal(daemon_signal_wait(0), DAEMON_NONE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(kill(getpid(), rows[i].number), 0);
		assert_int_equal(daemon_signal_wait(WAIT_MS), rows[i].meaning);
	}
	assert_int_equal(daemon_signal_wait(0), DAEMON_NONE);
	assert_int_equal(kill(getpid(), SIGPIPE), 0); /* ignored */
}

static void
test_channel(void **state)
{
	sock_t ends[2];
	struct err err = ERR_NONE;
	CLEANUP(file_close) int sent = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CLEANUP(file_close) int got = -1;
	char text[8];
	size_t len = 0;
	int status = 0;
	struct stat a;
	struct stat b;

	(void)state;
	assert_int_equal(daemon_channel(ends, WAIT_MS, &err), ERR_OK);
	assert_int_equal(daemon_signal_wait_or(ends[0], 0), DAEMON_NONE);
	assert_true(daemon_send_fd(ends[1], sent, 42));
	assert_int_equal(
	    daemon_signal_wait_or(ends[0], WAIT_MS), DAEMON_CHANNEL);
	assert_true(daemon_recv_fd(ends[0], &got, &status));
	assert_int_equal(status, 42);
	assert_int_equal(fstat(sent, &a), 0);
	assert_int_equal(fstat(got, &b), 0);
	assert_true(a.st_rdev == b.st_rdev);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);

	assert_true(daemon_send_fd(ends[1], -1, 7));
	file_close(&got);
	assert_true(daemon_recv_fd(ends[0], &got, &status));
	assert_int_equal(got, -1);
	assert_int_equal(status, 7);

	assert_true(daemon_send_text(ends[0], STR("12345678")));
	assert_true(daemon_recv_text(ends[1], text, sizeof(text), &len));
	assert_int_equal(len, 8);
	assert_memory_equal(text, "12345678", 8);
	assert_true(daemon_send_text(ends[0], STR("123456789")));
	assert_false(daemon_recv_text(ends[1], text, sizeof(text), &len));
	/* A message of another kind is refused, and leaks nothing. */
	assert_true(daemon_send_text(ends[0], STR("?")));
	assert_false(daemon_recv_fd(ends[1], &got, &status));

	file_close(&ends[1]);
	assert_int_equal(
	    daemon_signal_wait_or(ends[0], WAIT_MS), DAEMON_CHANNEL);
	assert_false(daemon_recv_fd(ends[0], &got, &status));
	assert_false(daemon_recv_text(ends[0], text, sizeof(text), &len));
	assert_false(daemon_send_fd(ends[0], -1, 1));
	file_close(&ends[0]);
}

static void
test_channel_waits(void **state)
{
	sock_t ends[2];
	struct err err = ERR_NONE;
	int fd = -1;
	int status = 0;

	(void)state;
	assert_int_equal(daemon_channel(ends, 1, &err), ERR_OK);
	assert_false(daemon_recv_fd(ends[0], &fd, &status));
	file_close(&ends[0]);
	file_close(&ends[1]);
}

/* The manager's socket, by path and by abstract name. */
static void
assert_told(const char *name, bool is_abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(file_close)
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char got[128] = "";

	memcpy(address.sun_path, name, strlen(name));
	if (is_abstract)
		address.sun_path[0] = '\0';
	assert_int_equal(
	    bind(manager, (const struct sockaddr *)&address,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	                    strlen(name))),
	    0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	daemon_tell_ready();
	assert_int_equal(recv(manager, got, sizeof(got), MSG_DONTWAIT), 7);
	assert_string_equal(got, "READY=1");
	memset(got, 0, sizeof(got));
	daemon_tell_status("two\nlines");
	assert_true(recv(manager, got, sizeof(got), MSG_DONTWAIT) > 0);
	assert_string_equal(got, "STATUS=two");
	memset(got, 0, sizeof(got));
	daemon_tell_reloading();
	assert_true(recv(manager, got, sizeof(got), MSG_DONTWAIT) > 0);
	assert_memory_equal(got, "RELOADING=1\nMONOTONIC_USEC=", 27);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static void
test_notify(void **state)
{
	char path[64];

	(void)state;
	daemon_tell_ready(); /* nobody listens: nothing happens */
	(void)snprintf(
	    path, sizeof(path), "/tmp/iwebmsg-test-%ld", (long)getpid());
	assert_told(path, false);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "@iwebmsg-%ld", (long)getpid());
	assert_told(path, true);
}

static void
test_watchdog(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	assert_int_equal(daemon_watchdog_ms(), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
	assert_int_equal(daemon_watchdog_ms(), 30000);
	assert_int_equal(setenv("WATCHDOG_USEC", "soon", 1), 0);
	assert_int_equal(daemon_watchdog_ms(), 0);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
}

/* Runs `step` in a child of its own; its exit status. */
static int
in_child(int (*step)(const char *), const char *argument)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(step(argument));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
step_pid_file(const char *path)
{
	struct err err = ERR_NONE;

	return (int)daemon_pid_file(path, &err);
}

static void
test_pid_file(void **state)
{
	char path[64];
	char expected[32];
	CLEANUP(arena_free_at) struct arena *arena = arena_new(65536);
	struct err err = ERR_NONE;
	struct str got;

	(void)state;
	(void)snprintf(
	    path, sizeof(path), "/tmp/iwebmsg-test-pid-%ld", (long)getpid());
	/* One that ended holds nothing. */
	assert_int_equal(in_child(step_pid_file, path), ERR_OK);
	assert_int_equal(daemon_pid_file(path, &err), ERR_OK);
	(void)snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
	assert_int_equal(file_read(path, 64, arena, &got, &err), ERR_OK);
	assert_string_equal(got.ptr, expected);
	assert_int_equal(in_child(step_pid_file, path), ERR_CONFIG);
	daemon_pid_file_remove(path);
	assert_false(file_exists(path));
}

static int
step_drop(const char *user)
{
	struct err err = ERR_NONE;

	if (daemon_drop_to(user, &err) != ERR_OK)
		return 1;
	if (geteuid() == 0 || getuid() == 0 || getegid() == 0)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	return setuid(0) == 0 || seteuid(0) == 0 ? 4 : 0;
}

static void
test_drop(void **state)
{
	struct err err = ERR_NONE;
	uid_t uid = 0;
	gid_t gid = 0;

	(void)state;
	assert_false(daemon_find_user("no-such-user", &uid, &gid, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.message, "useradd --system"));
	assert_non_null(strstr(err.message, "no-such-user"));
	assert_false(daemon_find_user("root", &uid, &gid, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	if (!daemon_is_root())
		return; /* the rest needs root */
	assert_int_equal(in_child(step_drop, "nobody"), 0);
	assert_int_equal(in_child(step_drop, "no-such-user"), 1);
}

static int
step_harden(const char *unused)
{
	struct rlimit limit = {0, 0};
	mode_t mask = 0;

	(void)unused;
	daemon_harden();
	mask = umask(0);
	if (mask != 077)
		return 1;
	if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0)
		return 2;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 3;
	return limit.rlim_cur == limit.rlim_max ? 0 : 4;
}

static void
test_harden(void **state)
{
	(void)state;
	assert_int_equal(in_child(step_harden, NULL), 0);
}

/* What a daemon does that becomes ready, or does not. */
static int
step_background(const char *becomes_ready)
{
	struct err err = ERR_NONE;

	if (daemon_background(&err) != ERR_OK)
		return 99;
	if (becomes_ready == NULL)
		_exit(3);
	daemon_tell_ready();
	_exit(4); /* the starter has been told: this is not its status */
}

static void
test_background(void **state)
{
	(void)state;
	assert_int_equal(in_child(step_background, "yes"), 0);
	assert_int_equal(in_child(step_background, NULL), 3);
}

static int
group_setup(void **state)
{
	struct err err = ERR_NONE;

	(void)state;
	return daemon_signals_init(&err) == ERR_OK ? 0 : 1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signals),
	    cmocka_unit_test(test_channel),
	    cmocka_unit_test(test_channel_waits),
	    cmocka_unit_test(test_notify),
	    cmocka_unit_test(test_watchdog),
	    cmocka_unit_test(test_pid_file),
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_harden),
	    cmocka_unit_test(test_background),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
