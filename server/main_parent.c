#include "main_parent_inside.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "main_log.h"
#include "main_server.h"
#include "os/clock.h"
#include "os/daemon.h"

#define BACK_OFF_MIN_MS 100
#define BACK_OFF_MAX_MS 30000
/* A child that lived this long starts anew without waiting. */
#define HEALTHY_MS 60000
/* Past StopWait, a child that does not end is killed. */
#define KILL_GRACE_MS 15000

/* ---- starting and ending the child ------------------------------------- */

/* In the child: gives up root and serves. Does not return. */
static void
be_child(struct parent *parent, sock_t channel)
{
	struct main_door door = {.channel = channel,
	    .ini = parent->door.ini,
	    .plain = parent->door.plain,
	    .secure = parent->door.secure};
	struct err err = ERR_NONE;

	main_share_enter(parent->share);
	if (daemon_drop_to(parent->cfg->user.ptr, &err) != ERR_OK) {
		log_event(
		    LOG_ERROR, "child.failed", LOG_C("reason", err.message));
		_exit(1);
	}
	daemon_end_with_parent();
	daemon_harden();
	main_share_settle(parent->share);
	_exit(main_server_run(&door, parent->share, true));
}

static void
start_child(struct parent *parent)
{
	sock_t ends[2] = {SOCK_NONE, SOCK_NONE};
	struct err err = ERR_NONE;

	parent->started_ms = clock_mono_ms();
	if (daemon_channel(ends, MAIN_ASK_WAIT_MS, &err) != ERR_OK) {
		parent->next_ms = parent->started_ms + BACK_OFF_MAX_MS;
		log_event(LOG_ERROR, "parent.no_channel",
		    LOG_C("reason", err.message));
		return;
	}
	parent->child = fork();
	if (parent->child == 0) {
		socket_close(&ends[0]);
		be_child(parent, ends[1]);
	}
	socket_close(&ends[1]);
	parent->channel = ends[0];
	if (parent->child < 0) {
		parent->child = 0;
		parent->next_ms = parent->started_ms + BACK_OFF_MAX_MS;
		log_plain(LOG_ERROR, "parent.cannot_fork");
	}
}

/* An end that nobody asked for: wait, longer each time, and start anew. */
static void
plan_restart(struct parent *parent, int status)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - parent->started_ms >= HEALTHY_MS)
		parent->back_off_ms = 0;
	parent->next_ms = now_ms + parent->back_off_ms;
	log_event(LOG_ERROR, "parent.child_died",
	    LOG_U64("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
	    LOG_U64("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
	    LOG_U64("restart_ms", parent->back_off_ms));
	parent->back_off_ms = parent->back_off_ms == 0
	                          ? BACK_OFF_MIN_MS
	                          : parent->back_off_ms * 2;
	if (parent->back_off_ms > BACK_OFF_MAX_MS)
		parent->back_off_ms = BACK_OFF_MAX_MS;
}

/* True when we end too; *out_status is then our exit status. */
static bool
child_ended(struct parent *parent, int *out_status)
{
	int status = 0;

	if (parent->child == 0 ||
	    waitpid(parent->child, &status, WNOHANG) != parent->child)
		return false;
	parent->child = 0;
	socket_close(&parent->channel);
	*out_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	/* 0: it was told to end itself. Never ready: it said why. */
	if (parent->is_stopping || !parent->was_ready || *out_status == 0)
		return true;
	plan_restart(parent, status);
	return false;
}

/* ---- the loop ------------------------------------------------------------ */

static void
forward(const struct parent *parent, int number)
{
	if (parent->child > 0)
		(void)kill(parent->child, number);
}

static void
begin_stop(struct parent *parent)
{
	parent->is_stopping = true;
	/* While we held them open, browsers would wait for nothing. */
	socket_close(&parent->door.plain);
	socket_close(&parent->door.secure);
	parent->next_ms =
	    clock_mono_ms() + parent->cfg->stop_wait_ms + KILL_GRACE_MS;
	forward(parent, SIGTERM);
}

static void
reopen_log(const struct parent *parent)
{
	struct err err = ERR_NONE;

	if (main_log_reopen(&parent->door, parent->cfg, &err) != ERR_OK)
		log_event(
		    LOG_ERROR, "log.reopen", LOG_C("reason", err.message));
	forward(parent, SIGUSR1);
}

static int
wait_ms(const struct parent *parent)
{
	int64_t left_ms = parent->next_ms - clock_mono_ms();

	if (parent->child != 0 && !parent->is_stopping)
		return main_watch_is_on(&parent->watch) ? MAIN_WATCH_MS : -1;
	return left_ms < 0 ? 0 : (int)left_ms;
}

/* Nothing came until next_ms. */
static void
time_is_up(struct parent *parent)
{
	if (clock_mono_ms() < parent->next_ms)
		return;
	if (parent->is_stopping) {
		forward(parent, SIGKILL);
		parent->next_ms = clock_mono_ms() + KILL_GRACE_MS;
	}
	if (!parent->is_stopping && parent->child == 0)
		start_child(parent);
}

static void
look_at_files(struct parent *parent)
{
	if (parent->is_stopping || parent->child == 0 || !parent->was_ready ||
	    !main_watch_is_due(&parent->watch, clock_mono_ms()))
		return;
	log_plain(LOG_INFO, "reload.files_changed");
	forward(parent, SIGHUP);
}

static int
watch(struct parent *parent)
{
	int status = 0;

	start_child(parent);
	for (;;) {
		switch (
		    daemon_signal_wait_or(parent->channel, wait_ms(parent))) {
		case DAEMON_STOP:
			begin_stop(parent);
			if (parent->child == 0)
				return 0;
			break;
		case DAEMON_RELOAD:
			forward(parent, SIGHUP);
			break;
		case DAEMON_REOPEN:
			reopen_log(parent);
			break;
		case DAEMON_CHILD:
			if (child_ended(parent, &status))
				return status;
			break;
		case DAEMON_CHANNEL:
			main_parent_answer(parent);
			break;
		case DAEMON_NONE:
			time_is_up(parent);
			break;
		}
		look_at_files(parent);
	}
}

/* ---- before the first child ---------------------------------------------- */

static enum err_code
prepare(struct parent *parent, struct err *err)
{
	const struct config *cfg = parent->cfg;
	enum err_code rc = ERR_OK;

	ensure(cfg != NULL);
	if (!daemon_find_user(cfg->user.ptr, &parent->uid, &parent->gid, err))
		return ERR_CONFIG;
	rc = main_parent_state_dir(cfg, err);
	if (rc == ERR_OK && cfg->plain_port != 0)
		rc = socket_listen(cfg->listen_address, cfg->plain_port,
		    &parent->door.plain, err);
	if (rc == ERR_OK && cfg->enable_ssl)
		rc = socket_listen(cfg->listen_address, cfg->secure_port,
		    &parent->door.secure, err);
	return rc;
}

static enum err_code
read_first(struct parent *parent, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	enum err_code rc = ERR_NO_MEMORY;

	if (arena != NULL)
		rc = main_ini_read(
		    &parent->door, arena, &notes, &parent->cfg, err);
	main_ini_say(&notes, parent->cfg);
	return rc;
}

static void
end(struct parent *parent, const char *pid_file)
{
	if (pid_file != NULL)
		daemon_pid_file_remove(pid_file);
	socket_close(&parent->channel);
	socket_close(&parent->door.plain);
	socket_close(&parent->door.secure);
	main_watch_end(&parent->watch);
	config_unref(parent->cfg);
}

int
main_parent_run(
    const struct main_args *args, const char *ini, struct main_share *share)
{
	struct parent parent = {.door = {SOCK_NONE, ini, SOCK_NONE, SOCK_NONE},
	    .share = share,
	    .channel = SOCK_NONE};
	const char *pid_file = NULL;
	char *pid_path = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = read_first(&parent, &err);
	int status = 1;

	if (rc == ERR_OK)
		rc = prepare(&parent, &err);
	if (rc == ERR_OK && args->is_daemon)
		rc = daemon_background(&err);
	if (rc == ERR_OK && args->is_daemon &&
	    !str_is_empty(parent.cfg->pid_file)) {
		/* The name that was written, whatever a reload brings. */
		pid_path = strdup(parent.cfg->pid_file.ptr);
		rc = pid_path == NULL ? ERR_NO_MEMORY
		                      : daemon_pid_file(pid_path, &err);
		pid_file = rc == ERR_OK ? pid_path : NULL;
	}
	if (rc == ERR_OK)
		rc = main_log_open(&parent.door, parent.cfg, &err);
	if (rc == ERR_OK)
		status = watch(&parent);
	else
		(void)fprintf(stderr, "iwebmsgd: %s\n", err.message);
	end(&parent, pid_file);
	free(pid_path);
	return status;
}
