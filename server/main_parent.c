#include "main_parent.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "main_log.h"
#include "main_server.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/file.h"

#define BACK_OFF_MIN_MS 100
#define BACK_OFF_MAX_MS 30000
/* A child that lived this long starts anew without waiting. */
#define HEALTHY_MS 60000
/* Past StopWait, a child that does not end is killed. */
#define KILL_GRACE_MS 15000

struct parent {
	const struct config *cfg; /* counted; the last one without mistakes */
	struct main_door door;    /* our own: no channel, listening */
	struct main_share *share;
	uid_t uid;
	gid_t gid;
	sock_t channel; /* to the child */
	pid_t child;    /* 0: none now */
	bool was_ready; /* some child has served */
	bool is_stopping;
	int64_t started_ms;
	int64_t next_ms; /* monotonic: start again, or kill while stopping */
	int64_t back_off_ms;
};

/* ---- answering the child ---------------------------------------------- */

static bool
site_names(const struct config_site *site, struct str path)
{
	return str_eq(site->imap_ca, path) || str_eq(site->smtp_ca, path);
}

/* Only what the ini file names is opened, however the child asks. */
static bool
ini_names(const struct config *cfg, struct str path)
{
	if (str_is_empty(path))
		return false;
	if (str_eq(cfg->certificate, path) || str_eq(cfg->private_key, path) ||
	    str_eq(cfg->key_password_file, path) ||
	    site_names(&cfg->site, path))
		return true;
	for (size_t i = 0; i < cfg->host_count; i++)
		if (site_names(&cfg->hosts[i], path))
			return true;
	return false;
}

/*
 * The child reads the ini file from our descriptor; what it names from now
 * on may be opened. With mistakes in it the child keeps the old one, so do we.
 */
static enum err_code
give_ini(struct parent *parent, int *out_fd, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes;
	const struct config *fresh = NULL;
	struct err ignored = ERR_NONE;
	enum err_code rc = main_open_ini(parent->door.ini, out_fd, err);

	if (rc != ERR_OK)
		return rc;
	if (arena == NULL)
		return ERR_OK;
	if (main_ini_read_fd(parent->door.ini, *out_fd, arena, &notes, &fresh,
	        &ignored) == ERR_OK) {
		config_unref(parent->cfg);
		parent->cfg = fresh;
	}
	return ERR_OK;
}

static enum err_code
give_file(
    const struct parent *parent, struct str path, int *out_fd, struct err *err)
{
	char name[MAIN_ASK_BYTES];

	if (!ini_names(parent->cfg, path) || path.len >= sizeof(name))
		return err_set(err, ERR_FORBIDDEN,
		    "the ini file does not name this file", NULL);
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	return file_open(name, out_fd, err);
}

static enum err_code
give_log(const struct parent *parent, int *out_fd, struct err *err)
{
	const char *path = parent->cfg->log_file.ptr;
	enum err_code rc = ERR_OK;

	if (str_is_empty(parent->cfg->log_file))
		return err_set(
		    err, ERR_FORBIDDEN, "the ini file names no log", NULL);
	rc = main_open_log(path, out_fd, err);
	/* The user may read its own log; root writes it all the same. */
	if (rc == ERR_OK && fchown(*out_fd, parent->uid, parent->gid) != 0)
		rc = file_fail(err, "give away", path);
	return rc;
}

static void
reply(const struct parent *parent, enum err_code rc, int fd,
    const struct err *err)
{
	bool is_sent =
	    daemon_send_fd(parent->channel, rc == ERR_OK ? fd : -1, (int)rc);

	if (is_sent && rc != ERR_OK)
		is_sent =
		    daemon_send_text(parent->channel, str_c(err->message));
	if (!is_sent)
		log_plain(LOG_WARN, "parent.no_reply");
}

static void
answer_child(struct parent *parent)
{
	char question[MAIN_ASK_BYTES];
	CLEANUP(file_close) int fd = -1;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;
	size_t len = 0;

	if (!daemon_recv_text(
	        parent->channel, question, sizeof(question), &len)) {
		/* It closed its end: SIGCHLD comes, or it is past help. */
		socket_close(&parent->channel);
		return;
	}
	switch ((enum main_ask)question[0]) {
	case MAIN_SAY_READY:
		parent->was_ready = true;
		return;
	case MAIN_ASK_INI:
		rc = give_ini(parent, &fd, &err);
		break;
	case MAIN_ASK_FILE:
		rc =
		    give_file(parent, str_of(question + 1, len - 1), &fd, &err);
		break;
	case MAIN_ASK_LOG:
		rc = give_log(parent, &fd, &err);
		break;
	default:
		rc = err_set(&err, ERR_INPUT, "no such question", NULL);
		break;
	}
	reply(parent, rc, fd, &err);
}

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
		return -1;
	return left_ms < 0 ? 0 : (int)left_ms;
}

/* Nothing came until next_ms. */
static void
time_is_up(struct parent *parent)
{
	if (clock_mono_ms() < parent->next_ms)
		return;
	if (parent->is_stopping)
		forward(parent, SIGKILL);
	else if (parent->child == 0)
		start_child(parent);
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
			answer_child(parent);
			break;
		case DAEMON_NONE:
			time_is_up(parent);
			break;
		}
	}
}

/* ---- before the first child ---------------------------------------------- */

static bool
folder_is_empty(const char *path)
{
	DIR *dir = opendir(path);
	bool is_empty = dir != NULL;
	struct dirent *entry = NULL;

	if (dir == NULL)
		return false;
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			is_empty = false;
	(void)closedir(dir);
	return is_empty;
}

enum err_code
main_parent_state_dir(const struct config *cfg, struct err *err)
{
	const char *path = cfg->state_dir.ptr;
	struct stat info;
	uid_t uid = 0;
	gid_t gid = 0;
	enum err_code rc = ERR_OK;

	if (!daemon_find_user(cfg->user.ptr, &uid, &gid, err))
		return ERR_CONFIG;
	rc = file_make_folder(path, err);
	if (rc != ERR_OK)
		return rc;
	if (lstat(path, &info) != 0)
		return file_fail(err, "look at", path);
	if (info.st_uid == uid)
		return ERR_OK;
	/* Never /etc by a slip of the pen: only what holds nothing yet. */
	if (info.st_uid != 0 || !S_ISDIR(info.st_mode) ||
	    !folder_is_empty(path))
		return err_sayf(err, ERR_CONFIG,
		    "StateDir=%s does not belong to %s; mend it with: chown -R "
		    "%s: %s",
		    path, cfg->user.ptr, cfg->user.ptr, path);
	if (lchown(path, uid, gid) != 0)
		return file_fail(err, "give away", path);
	return ERR_OK;
}

static enum err_code
prepare(struct parent *parent, struct err *err)
{
	const struct config *cfg = parent->cfg;
	enum err_code rc = ERR_OK;

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
	main_ini_print(&notes, ERR_OK, err);
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
