#ifndef OS_DAEMON_H
#define OS_DAEMON_H
/*
 * What makes a program a Unix daemon: signals, pid file, going to the
 * background, telling the service manager, the privileged parent.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "os/socket.h"

enum daemon_signal {
	DAEMON_NONE,
	DAEMON_STOP,   /* SIGTERM, SIGINT */
	DAEMON_RELOAD, /* SIGHUP */
	DAEMON_REOPEN, /* SIGUSR1: log file */
	DAEMON_CHILD,  /* SIGCHLD, in the parent */
	DAEMON_CHANNEL /* the channel is readable, or closed by its peer */
};

/* Blocks the signals in all threads to come and ignores SIGPIPE. */
enum err_code daemon_signals_init(struct err *err) WARN_UNUSED;
/* Waits for one, at most wait_ms (-1: for ever). */
enum daemon_signal daemon_signal_wait(int wait_ms);
/* The same, or until `channel` has something (SOCK_NONE: none). */
enum daemon_signal daemon_signal_wait_or(sock_t channel, int wait_ms);

/* Forks into the background; the starter returns 0 when told ready. */
enum err_code daemon_background(struct err *err) WARN_UNUSED;
/* Ready: ends the starter's wait, tells systemd READY=1 (NOTIFY_SOCKET). */
void daemon_tell_ready(void);
/* Another process told it: lets go of the starter and its terminal. */
void daemon_leave_starter(void);
void daemon_tell_reloading(void);
void daemon_tell_stopping(void);
void daemon_tell_status(const char *status);
/* systemd's watchdog interval in ms (WATCHDOG_USEC), 0 when off. */
int daemon_watchdog_ms(void);
void daemon_tell_watchdog(void);

/* Writes the pid; ERR_CONFIG when a living process holds the file. */
enum err_code daemon_pid_file(const char *path, struct err *err) WARN_UNUSED;
void daemon_pid_file_remove(const char *path);

bool daemon_is_root(void);
/* False with ERR_CONFIG and how to make the user; root is none. */
bool daemon_find_user(const char *user, uid_t *out_uid, gid_t *out_gid,
    struct err *err) WARN_UNUSED;
/* Becomes `user` for good (setgroups, setgid, setuid), no new privileges. */
enum err_code daemon_drop_to(const char *user, struct err *err) WARN_UNUSED;
/* No core dumps (prctl PR_SET_DUMPABLE, RLIMIT_CORE); more descriptors. */
void daemon_harden(void);
/* What this process may have at most: descriptors, bytes of locked memory. */
uint64_t daemon_most_files(void);
uint64_t daemon_most_locked(void);
/* SIGTERM for us when the parent dies; call after daemon_drop_to. */
void daemon_end_with_parent(void);

/*
 * Two ends of a channel between parent and child: whole messages, blocking
 * for at most wait_ms.
 */
enum err_code daemon_channel(
    sock_t out[2], int wait_ms, struct err *err) WARN_UNUSED;
/*
 * Sends and receives one descriptor (SCM_RIGHTS; -1: none) and a number.
 * The received one is the caller's. False: peer gone or too slow.
 */
bool daemon_send_fd(sock_t channel, int fd, int status) WARN_UNUSED;
bool daemon_recv_fd(sock_t channel, int *out_fd, int *out_status) WARN_UNUSED;
/* One message of bytes, not empty; false also when it did not fit. */
bool daemon_send_text(sock_t channel, struct str text) WARN_UNUSED;
bool daemon_recv_text(
    sock_t channel, char *room, size_t room_bytes, size_t *out_len) WARN_UNUSED;

#endif
