#include "os/socket_holder.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LINE_BYTES = 512,
	PATH_BYTES = 320, /* two names of a folder, and room to spare */
	STATE_LISTEN = 0x0A
};

/*
 * sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
 * (proc(5)); the addresses end in ":PORT" in hex.
 */
static bool
listens(const char *line, uint16_t port, unsigned long *out_inode)
{
	unsigned local_port = 0;
	unsigned state = 0;
	unsigned long inode = 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel wrote it */
	int got = sscanf(line,
	    " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u "
	    "%lu",
	    &local_port, &state, &inode);

	*out_inode = inode;
	return got == 3 && local_port == port && state == STATE_LISTEN;
}

static bool
find_inode(const char *table, uint16_t port, unsigned long *out_inode)
{
	char line[LINE_BYTES];
	FILE *file = fopen(table, "re");
	bool is_found = false;

	while (file != NULL && !is_found &&
	       fgets(line, sizeof(line), file) != NULL)
		is_found = listens(line, port, out_inode);
	if (file != NULL)
		(void)fclose(file);
	return is_found;
}

static bool
holds(const char *process, const char *wanted)
{
	char folder[PATH_BYTES];
	char target[PATH_BYTES];
	bool is_found = false;
	DIR *dir = NULL;

	(void)snprintf(folder, sizeof(folder), "/proc/%s/fd", process);
	dir = opendir(folder);
	while (dir != NULL && !is_found) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): dir is only ours. */
		const struct dirent *entry = readdir(dir);
		ssize_t len = 0;

		if (entry == NULL)
			break;
		len = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		is_found = strcmp(target, wanted) == 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return is_found;
}

static bool
read_name(const char *process, char *name, size_t len)
{
	char path[PATH_BYTES];
	FILE *file = NULL;
	bool is_read = false;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", process);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	is_read = fgets(name, (int)len, file) != NULL;
	if (is_read)
		name[strcspn(name, "\n")] = '\0';
	(void)fclose(file);
	return is_read;
}

bool
socket_holder(uint16_t port, char *name, size_t len)
{
	char wanted[64];
	unsigned long inode = 0;
	bool is_found = false;
	DIR *dir = NULL;

	if (!find_inode("/proc/net/tcp", port, &inode) &&
	    !find_inode("/proc/net/tcp6", port, &inode))
		return false;
	(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	dir = opendir("/proc");
	while (dir != NULL && !is_found) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): dir is only ours. */
		const struct dirent *entry = readdir(dir);

		if (entry == NULL)
			break;
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    holds(entry->d_name, wanted))
			is_found = read_name(entry->d_name, name, len);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return is_found;
}
