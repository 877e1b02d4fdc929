#include "main_door.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "main_bundle.h"
#include "os/credential.h"
#include "os/daemon.h"
#include "os/file.h"

enum err_code
main_open_ini(const char *path, int *out_fd, struct err *err)
{
	struct stat info;
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);

	*out_fd = -1;
	if (rc != ERR_OK)
		return rc;
	if (fstat(fd, &info) != 0)
		return file_fail(err, "open", path);
	/* It names files that root opens: only root may have written it. */
	if (daemon_is_root() && info.st_uid != 0)
		return err_sayf(err, ERR_CONFIG,
		    "%s belongs to another user; started as root, the server "
		    "reads it only when root owns it: chown root %s",
		    path, path);
	if (daemon_is_root() && (info.st_mode & 022) != 0)
		return err_sayf(err, ERR_CONFIG,
		    "%s may be changed by others; mend it with: chmod go-w %s",
		    path, path);
	*out_fd = file_take(&fd);
	return ERR_OK;
}

enum err_code
main_open_file(struct str path, int *out_fd, struct err *err)
{
	char file[MAIN_ASK_BYTES];
	enum err_code rc = credential_path(path, file, sizeof(file), err);

	*out_fd = -1;
	return rc == ERR_OK ? file_open(file, out_fd, err) : rc;
}

enum err_code
main_open_log(const char *path, int *out_fd, struct err *err)
{
	/* In a folder of the child's user a link or a pipe could wait, to have
	 * another file given away, or to hold the parent up. */
	struct stat info;
	CLEANUP(file_close)
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0640);

	*out_fd = -1;
	if (fd < 0 || fstat(fd, &info) != 0)
		return file_fail(err, "open the log file", path);
	if (!S_ISREG(info.st_mode) || info.st_nlink != 1)
		return err_sayf(err, ERR_CONFIG,
		    "%s is no plain file of one name; remove it", path);
	*out_fd = file_take(&fd);
	return ERR_OK;
}

static enum err_code
ask_parent(const struct main_door *door, enum main_ask ask, struct str path,
    int *out_fd, struct err *err)
{
	char question[MAIN_ASK_BYTES];
	char answer[ERR_MESSAGE_BYTES];
	size_t len = 0;
	int status = 0;

	*out_fd = -1;
	if (path.len >= sizeof(question))
		return err_set(err, ERR_CONFIG, "a path is too long", NULL);
	question[0] = (char)ask;
	if (path.len > 0)
		memcpy(question + 1, path.ptr, path.len);
	if (!daemon_send_text(door->channel, str_of(question, path.len + 1)) ||
	    !daemon_recv_fd(door->channel, out_fd, &status))
		return err_set(err, ERR_INTERNAL,
		    "the parent process does not answer", NULL);
	if (status == ERR_OK && *out_fd >= 0)
		return ERR_OK;
	file_close(out_fd);
	if (status <= ERR_OK || status >= ERR_COUNT ||
	    !daemon_recv_text(door->channel, answer, sizeof(answer), &len))
		return err_set(err, ERR_INTERNAL,
		    "the parent process gave no answer that makes sense", NULL);
	return err_sayf(err, (enum err_code)status, "%.*s", (int)len, answer);
}

enum err_code
main_door_ini(const struct main_door *door, int *out_fd, struct err *err)
{
	if (door->channel != SOCK_NONE)
		return ask_parent(
		    door, MAIN_ASK_INI, (struct str){0}, out_fd, err);
	return main_open_ini(door->ini, out_fd, err);
}

/* Texts of a config are NUL-terminated (config.h), so are all paths here. */
enum err_code
main_door_file(
    const struct main_door *door, struct str path, int *out_fd, struct err *err)
{
	if (door->channel != SOCK_NONE)
		return ask_parent(door, MAIN_ASK_FILE, path, out_fd, err);
	return main_open_file(path, out_fd, err);
}

enum err_code
main_door_trust(
    const struct main_door *door, struct str path, int *out_fd, struct err *err)
{
	if (door->channel != SOCK_NONE)
		return ask_parent(door, MAIN_ASK_TRUST, path, out_fd, err);
	return main_bundle_open(path.ptr, out_fd, err);
}

enum err_code
main_door_log(
    const struct main_door *door, struct str path, int *out_fd, struct err *err)
{
	if (door->channel != SOCK_NONE)
		return ask_parent(door, MAIN_ASK_LOG, path, out_fd, err);
	return main_open_log(path.ptr, out_fd, err);
}

void
main_door_tell_ready(const struct main_door *door)
{
	char letter = (char)MAIN_SAY_READY;

	/* A parent that is gone is noticed elsewhere (SIGTERM). */
	if (door->channel != SOCK_NONE)
		(void)!daemon_send_text(door->channel, str_of(&letter, 1));
	daemon_tell_ready();
}
