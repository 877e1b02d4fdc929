#ifndef SSL_UTIL_INI_H
#define SSL_UTIL_INI_H
/* The server's own ini file, as the server reads it. */
#include "base/arena.h"
#include "config/config.h"

#define INI_PATH "/etc/iwebmsg/iwebmsg.ini"

/*
 * ERR_CONFIG with notes when the server would refuse it; *out is then NULL.
 * The caller gives the configuration back with config_unref.
 */
enum err_code ini_read(const char *path, struct arena *arena,
    struct config_notes *out_notes, const struct config **out,
    struct err *err) WARN_UNUSED;
/* The host of "https://host:port/…", in the arena; NULL when empty. */
const char *ini_host_of(struct str url, struct arena *arena);
/* Two paths of one file, or of one that is not there yet. */
bool ini_is_same_file(const char *a, const char *b);

#endif
