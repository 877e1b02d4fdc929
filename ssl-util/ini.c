#include "ini.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"

enum err_code
ini_read(const char *path, struct arena *arena, struct config_notes *out_notes,
    const struct config **out, struct err *err)
{
	char folder[PATH_MAX] = "";
	struct str bytes;
	struct str whole = str_c(path);

	*out = NULL;
	*out_notes = (struct config_notes){0};
	if (path[0] != '/') {
		if (getcwd(folder, sizeof(folder)) == NULL)
			return file_fail(err, "find", "this folder");
		whole = str_printf(arena, "%s/%s", folder, path);
	}
	enum err_code rc =
	    file_read(path, LIMIT_INI_BYTES + 1, arena, &bytes, err);
	return rc == ERR_OK
	           ? config_parse(whole, bytes, arena, out_notes, out, err)
	           : rc;
}

const char *
ini_host_of(struct str url, struct arena *arena)
{
	size_t at = str_find(url, STR("://"), 0);
	struct str rest = at < url.len ? str_slice(url, at + 3, url.len) : url;

	rest = str_cut(&rest, '/');
	if (str_starts(rest, STR("[")))
		rest = str_slice(rest, 1, str_find_byte(rest, ']', 0));
	else
		rest = str_slice(rest, 0, str_find_byte(rest, ':', 0));
	return rest.len > 0 ? str_dup_c(arena, rest) : NULL;
}

bool
ini_is_same_file(const char *a, const char *b)
{
	struct stat one;
	struct stat two;

	if (str_eq(str_c(a), str_c(b)))
		return true;
	return stat(a, &one) == 0 && stat(b, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}
