#ifndef SSL_UTIL_PATH_H
#define SSL_UTIL_PATH_H
/* Paths as the ini file needs them: the server starts in another folder. */
#include "base/err.h"

#define PATH_BYTES 4096

/* From this folder when it is not absolute; links stay. ERR_LIMIT. */
enum err_code path_absolute(
    const char *path, char out[PATH_BYTES], struct err *err) WARN_UNUSED;
/* What the links lead to, or the path itself when it is not there yet. */
enum err_code path_real(
    const char *path, char out[PATH_BYTES], struct err *err) WARN_UNUSED;
/* The folder of an absolute path, "/" at least. */
void path_folder(const char *path, char out[PATH_BYTES]);

#endif
