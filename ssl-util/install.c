#include "install.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"

#define PATH_BYTES 4200
#define TRIES      100

enum err_code
install_may(const char *path, bool force, struct err *err)
{
	if (force || !file_exists(path))
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "%s exists and is not overwritten. With --force it is replaced "
	    "and a backup stays.",
	    path);
}

/* A second name for the old file: when its own is given away, this stays. */
static enum err_code
keep_backup(const char *path, char backup[PATH_BYTES], struct err *err)
{
	struct clock_date now = clock_date_of(clock_now_s(), 0);
	int rc = -1;

	for (int i = 0; i < TRIES && rc != 0; i++) {
		(void)snprintf(backup, PATH_BYTES,
		    "%s.%04d%02d%02d-%02d%02d%02d%s%.0d.bak", path, now.year,
		    now.month, now.day, now.hour, now.minute, now.second,
		    i > 0 ? "-" : "", i);
		rc = link(path, backup);
		if (rc != 0 && errno != EEXIST)
			return file_fail(err, "keep a backup", backup);
	}
	if (rc != 0)
		return file_fail(err, "keep a backup", backup);
	return ERR_OK;
}

/* Its owner stays, whoever writes it. */
static enum err_code
replace(const char *path, struct str bytes, int mode, const struct stat *old,
    struct err *err)
{
	enum err_code rc = file_replace(path, bytes, mode, err);

	if (rc != ERR_OK)
		return rc;
	if ((old->st_uid != geteuid() || old->st_gid != getegid()) &&
	    chown(path, old->st_uid, old->st_gid) != 0)
		return file_fail(err, "give to its owner", path);
	return ERR_OK;
}

enum err_code
install_replace(const char *path, struct str bytes, struct err *err)
{
	struct stat old;

	if (stat(path, &old) != 0)
		return file_fail(err, "read", path);
	return replace(path, bytes,
	    (int)(old.st_mode & 07777 & ~(mode_t)S_IWOTH), &old, err);
}

enum err_code
install_file(const char *path, struct str bytes, int mode, bool force,
    struct buf *out, struct err *err)
{
	struct stat old;
	struct stat now;
	char backup[PATH_BYTES];
	enum err_code rc = install_may(path, force, err);

	if (rc != ERR_OK)
		return rc;
	if (stat(path, &old) != 0)
		return file_write_new(path, bytes, mode, err);
	rc = keep_backup(path, backup, err);
	if (rc != ERR_OK)
		return rc;
	rc = replace(path, bytes, mode, &old, err);
	/* Only the second name of what is still in its place. */
	if (rc != ERR_OK && stat(path, &now) == 0 && now.st_ino == old.st_ino)
		(void)unlink(backup);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "Backup of the old file: %s\n", backup);
	return ERR_OK;
}
