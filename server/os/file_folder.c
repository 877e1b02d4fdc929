#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* PATH_MAX of Linux. */
#define FILE_PATH_BYTES 4096

static void
file_dir_close(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
	*dir = NULL;
}

/* One folder of a path; one that is there already is fine. */
static enum err_code
file_make_one(const char *path, struct err *err)
{
	struct stat info;

	if (mkdir(path, 0700) == 0)
		return ERR_OK;
	if (errno == EEXIST && stat(path, &info) == 0) {
		if (S_ISDIR(info.st_mode))
			return ERR_OK;
		errno = ENOTDIR;
	}
	return file_fail(err, "make the folder", path);
}

enum err_code
file_make_folder(const char *path, struct err *err)
{
	char part[FILE_PATH_BYTES];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return err_sayf(err, ERR_INPUT,
		    "the path of a folder is empty or too long");
	for (size_t i = 0; i < len; i++) {
		part[i] = path[i];
		part[i + 1] = '\0';
		if (i > 0 && path[i] != '/' && path[i + 1] == '/') {
			enum err_code rc = file_make_one(part, err);

			if (rc != ERR_OK)
				return rc;
		}
	}
	return file_make_one(part, err);
}

enum err_code
file_open_spool(const char *folder, int *out_fd, struct err *err)
{
	char path[FILE_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/spool.XXXXXX", folder);

	*out_fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*out_fd >= 0)
		return ERR_OK;
	/* Not every file system has O_TMPFILE. */
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return file_fail(err, "make a file in", folder);
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_sayf(
		    err, ERR_LIMIT, "the path %s is too long", folder);
	*out_fd = mkostemp(path, O_CLOEXEC);
	if (*out_fd < 0)
		return file_fail(err, "make a file in", folder);
	(void)unlink(path);
	return ERR_OK;
}

static int
file_compare_names(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool
file_is_regular(DIR *dir, const struct dirent *entry)
{
	struct stat info;

	if (entry->d_type == DT_REG)
		return true;
	/* A symbolic link may lead to one (packages do that). */
	return fstatat(dirfd(dir), entry->d_name, &info, 0) == 0 &&
	       S_ISREG(info.st_mode);
}

enum err_code
file_list(const char *folder, struct str suffix, struct arena *arena,
    struct file_list *out, struct err *err)
{
	size_t capacity = 0;
	CLEANUP(file_dir_close) DIR *dir = opendir(folder);

	*out = (struct file_list){0};
	if (dir == NULL)
		return file_fail(err, "open the folder", folder);
	for (;;) {
		struct dirent *entry = NULL;

		errno = 0;
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): dir is only ours. */
		entry = readdir(dir);
		if (entry == NULL && errno != 0)
			return file_fail(err, "read the folder", folder);
		if (entry == NULL)
			break;
		if (!str_ends(str_c(entry->d_name), suffix) ||
		    !file_is_regular(dir, entry))
			continue;
		out->names = arena_grow(arena, out->names, out->count,
		    &capacity, sizeof(*out->names));
		if (out->names == NULL)
			return err_set(
			    err, ERR_NO_MEMORY, "out of memory", NULL);
		out->names[out->count++] = str_dup(arena, str_c(entry->d_name));
	}
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	if (out->count > 1)
		qsort(out->names, out->count, sizeof(*out->names),
		    file_compare_names);
	return ERR_OK;
}
