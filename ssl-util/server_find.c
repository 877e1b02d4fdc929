#include "server_find.h"

#include <dirent.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/num.h"
#include "ini.h"
#include "os/file.h"

#define ARENA_BYTES ((size_t)1 << 20)
#define FILE_BYTES  ((size_t)64 << 10)
#define SHORT_BYTES 64
#define WORDS_BYTES 2048

static const char *const UNITS[] = {"/etc/systemd/system/iwebmsg.service",
    "/run/systemd/system/iwebmsg.service",
    "/usr/local/lib/systemd/system/iwebmsg.service",
    "/lib/systemd/system/iwebmsg.service",
    "/usr/lib/systemd/system/iwebmsg.service"};

enum err_code
server_find_config(
    struct str words, const char *folder, char out[PATH_BYTES], struct err *err)
{
	struct str rest = words;
	struct str path = STR(INI_PATH);
	int len = 0;

	while (rest.ptr != NULL && rest.len > 0) {
		struct str word = str_cut(&rest, '\0');

		if (str_eq(word, STR("--config")) && rest.ptr != NULL)
			path = str_cut(&rest, '\0');
		else if (str_starts(word, STR("--config=")))
			path = str_slice(word, 9, word.len);
	}
	len = str_starts(path, STR("/"))
	          ? snprintf(out, PATH_BYTES, "%.*s", STR_ARG(path))
	          : snprintf(out, PATH_BYTES, "%s/%.*s", folder, STR_ARG(path));
	return len > 0 && len < PATH_BYTES
	           ? ERR_OK
	           : err_sayf(err, ERR_LIMIT, "The path is too long.");
}

/* What /proc/PID/NAME leads to; empty when it may not be known. */
static void
read_link(int pid, const char *name, char *out, size_t size)
{
	char path[SHORT_BYTES];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	ssize_t len = readlink(path, out, size - 1);
	out[len > 0 ? len : 0] = '\0';
}

/* Files of /proc have no size: they are read to their end. */
static size_t
read_proc(int pid, const char *name, char *out, size_t size)
{
	char path[SHORT_BYTES];
	struct err ignored = ERR_NONE;
	CLEANUP(file_close) int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (file_open(path, &fd, &ignored) != ERR_OK)
		return 0;
	int64_t len = file_read_at(fd, out, size, 0);
	return len > 0 ? (size_t)len : 0;
}

/* Another root of the file system is another machine's business. */
static bool
is_ours(int pid)
{
	char theirs[SHORT_BYTES];
	char ours[SHORT_BYTES];
	char name[SHORT_BYTES] = "";
	size_t len = read_proc(pid, "comm", name, sizeof(name) - 1);

	if (!str_eq(str_trim(str_of(name, len)), STR("iwebmsgd")))
		return false;
	read_link(pid, "ns/mnt", theirs, sizeof(theirs));
	read_link((int)getpid(), "ns/mnt", ours, sizeof(ours));
	return theirs[0] == '\0' || str_eq(str_c(theirs), str_c(ours));
}

static bool
look_at(int pid, const char *wanted, struct server_find *out)
{
	char words[WORDS_BYTES];
	char folder[WORDS_BYTES];
	char ini[PATH_BYTES];
	struct err ignored = ERR_NONE;

	if (!is_ours(pid))
		return false;
	size_t len = read_proc(pid, "cmdline", words, sizeof(words));
	read_link(pid, "cwd", folder, sizeof(folder));
	if (len == 0 || server_find_config(str_of(words, len), folder, ini,
	                    &ignored) != ERR_OK)
		return false;
	out->how = SERVER_FIND_PROCESS;
	out->pid = pid;
	(void)snprintf(out->ini, sizeof(out->ini), "%s", ini);
	return wanted != NULL && ini_is_same_file(ini, wanted);
}

static void
folder_close(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

static bool
find_process(const char *wanted, struct server_find *out)
{
	CLEANUP(folder_close) DIR *dir = opendir("/proc");
	struct err ignored = ERR_NONE;
	uint32_t pid = 0;

	while (dir != NULL) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): dir is only ours. */
		const struct dirent *entry = readdir(dir);

		if (entry == NULL)
			break;
		if (num_u32(str_c(entry->d_name), 1, INT32_MAX, &pid,
		        &ignored) == ERR_OK &&
		    look_at((int)pid, wanted, out))
			return true;
	}
	return false;
}

/* The words of "ExecStart=…", ended by NUL as those of a process. */
static bool
read_unit(const char *path, struct server_find *out)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	struct err ignored = ERR_NONE;
	struct str rest;

	if (arena == NULL || !file_exists(path) ||
	    file_read(path, FILE_BYTES, arena, &rest, &ignored) != ERR_OK)
		return false;
	while (rest.ptr != NULL) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		if (!str_starts(line, STR("ExecStart=")))
			continue;
		char *words = str_dup_c(arena, line);
		for (char *at = words; at != NULL && *at != '\0'; at++)
			if (*at == ' ' || *at == '\t')
				*at = '\0';
		out->how = SERVER_FIND_UNIT;
		(void)snprintf(out->unit, sizeof(out->unit), "%s", path);
		/* systemd starts services in the root folder. */
		return words != NULL &&
		       server_find_config(str_of(words, line.len), "/",
		           out->ini, &ignored) == ERR_OK;
	}
	return false;
}

bool
server_find(const char *wanted, struct server_find *out)
{
	struct server_find unit = {.how = SERVER_FIND_NONE};
	bool has_unit = false;

	*out = (struct server_find){.how = SERVER_FIND_NONE};
	if (find_process(wanted, out))
		return true;
	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]) && !has_unit;
	     i++)
		has_unit = read_unit(UNITS[i], &unit);
	/* What is installed counts more than what somebody tries out. */
	if (has_unit)
		*out = unit;
	return out->how == SERVER_FIND_NONE ||
	       (has_unit && wanted != NULL &&
	           ini_is_same_file(unit.ini, wanted));
}
