#include "main_parent_inside.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "main_bundle.h"
#include "main_ini.h"
#include "os/daemon.h"
#include "os/file.h"

struct search {
	struct str path;
	bool is_found;
};

static void
compare_path(void *ctx, const char *key, struct str path, bool may_be_folder)
{
	struct search *search = ctx;

	(void)key;
	(void)may_be_folder;
	search->is_found = search->is_found || str_eq(path, search->path);
}

/* Only what the ini file names is opened, however the child asks. */
static bool
ini_names(const struct config *cfg, struct str path)
{
	struct search search = {path, false};

	if (!str_is_empty(path))
		config_files(cfg, compare_path, &search);
	return search.is_found;
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
	/* Before the child reads the files: what changes now is seen. */
	main_watch_set(&parent->watch, parent->door.ini, parent->cfg);
	return ERR_OK;
}

static enum err_code
give_file(const struct parent *parent, enum main_ask ask, struct str path,
    int *out_fd, struct err *err)
{
	char name[MAIN_ASK_BYTES];

	if (!ini_names(parent->cfg, path) || path.len >= sizeof(name))
		return err_set(err, ERR_FORBIDDEN,
		    "the ini file does not name this file", NULL);
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	return ask == MAIN_ASK_TRUST ? main_bundle_open(name, out_fd, err)
	                             : main_open_file(path, out_fd, err);
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

void
main_parent_answer(struct parent *parent)
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
		daemon_leave_starter();
		return;
	case MAIN_ASK_INI:
		rc = give_ini(parent, &fd, &err);
		break;
	case MAIN_ASK_FILE:
	case MAIN_ASK_TRUST:
		rc = give_file(parent, (enum main_ask)question[0],
		    str_of(question + 1, len - 1), &fd, &err);
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

static bool
folder_is_empty(const char *path)
{
	size_t count = 0;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return false;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): one process, one thread. */
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count <= 2; /* itself and its parent */
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
