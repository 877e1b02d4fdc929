#include <inttypes.h>

#include "base/secret.h"
#include "main_check_inside.h"
#include "os/daemon.h"

/*
 * A browser's connection in secure mode: its socket and both ends of the pair
 * that leads to HTTP; in plain mode its socket and a duplicate.
 */
#define LIMITS_BROWSER_FILES 3u
/* A worker: a spool file, a message, the database, what ends a wait, … */
#define LIMITS_WORKER_FILES 16u
#define LIMITS_OTHER_FILES  256u

static uint64_t
limits_files_needed(const struct config *cfg)
{
	return (uint64_t)cfg->max_connections * LIMITS_BROWSER_FILES +
	       cfg->imap_connections + cfg->watch_connections +
	       (uint64_t)cfg->workers * LIMITS_WORKER_FILES +
	       LIMITS_OTHER_FILES;
}

static void
limits_files(const struct config *cfg)
{
	uint64_t needed = limits_files_needed(cfg);
	uint64_t most = daemon_most_files();

	if (most >= needed) {
		main_check_ok("open files", "%" PRIu64 " are enough", needed);
		return;
	}
	main_check_note("open files",
	    "at most %" PRIu64 " here (RLIMIT_NOFILE); with MaxConnections=%u "
	    "(3 each), ImapConnections=%u, WatchConnections=%u and Workers=%u "
	    "it may need %" PRIu64 ": then browsers are refused",
	    most, cfg->max_connections, cfg->imap_connections,
	    cfg->watch_connections, cfg->workers, needed);
	main_check_mend("with systemd: LimitNOFILE=%" PRIu64
	                " in the unit (systemctl edit iwebmsg); else "
	                "\"%s hard nofile %" PRIu64
	                "\" in /etc/security/limits.conf; or smaller numbers "
	                "there",
	    needed, cfg->user.ptr, needed);
}

static void
limits_locked(const struct config *cfg)
{
	uint64_t needed = SECRET_SLAB_BYTES;
	uint64_t most = daemon_most_locked();

	if (most >= needed) {
		main_check_ok(
		    "locked memory", "%" PRIu64 " KB are enough", needed >> 10);
		return;
	}
	main_check_note("locked memory",
	    "at most %" PRIu64 " KB here (RLIMIT_MEMLOCK), %" PRIu64
	    " KB are needed: then keys and passwords may be written to swap",
	    most >> 10, needed >> 10);
	main_check_mend("with systemd: LimitMEMLOCK=%" PRIu64
	                "M in the unit (systemctl edit iwebmsg); else \"%s "
	                "hard memlock %" PRIu64
	                "\" in /etc/security/limits.conf",
	    (needed >> 20) * 2, cfg->user.ptr, (needed >> 10) * 2);
}

/* Of this process: a service manager may set others. */
void
main_check_limits(const struct check *check)
{
	limits_files(check->cfg);
	limits_locked(check->cfg);
}
