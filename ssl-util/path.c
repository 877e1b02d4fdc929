#include "path.h"

#include <limits.h>
#include <unistd.h>

#include "base/str.h"
#include "os/file.h"

enum err_code
path_absolute(const char *path, char out[PATH_BYTES], struct err *err)
{
	char folder[PATH_BYTES] = "";
	struct str rest = str_c(path);
	int len = 0;

	while (str_starts(rest, STR("./")))
		rest = str_slice(rest, 2, rest.len);
	if (path[0] == '/')
		len = snprintf(out, PATH_BYTES, "%s", path);
	else if (getcwd(folder, sizeof(folder)) == NULL)
		return file_fail(err, "find", "this folder");
	else if (rest.len == 0 || str_eq(rest, STR(".")))
		len = snprintf(out, PATH_BYTES, "%s", folder);
	else
		len =
		    snprintf(out, PATH_BYTES, "%s/%.*s", folder, STR_ARG(rest));
	if (len < 0 || len >= PATH_BYTES)
		return err_sayf(err, ERR_LIMIT,
		    "A path may have at most %d bytes.", PATH_BYTES - 1);
	return ERR_OK;
}

enum err_code
path_real(const char *path, char out[PATH_BYTES], struct err *err)
{
	char *real = realpath(path, NULL);
	int len = 0;

	if (real == NULL)
		return path_absolute(path, out, err);
	len = snprintf(out, PATH_BYTES, "%s", real);
	free(real);
	if (len < 0 || len >= PATH_BYTES)
		return err_sayf(err, ERR_LIMIT,
		    "A path may have at most %d bytes.", PATH_BYTES - 1);
	return ERR_OK;
}

void
path_folder(const char *path, char out[PATH_BYTES])
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] != '/')
		len--;
	if (len > 1)
		len--;
	if (len == 0 || len >= PATH_BYTES)
		len = 1;
	memcpy(out, path, len);
	out[len] = '\0';
}
