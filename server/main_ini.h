#ifndef MAIN_INI_H
#define MAIN_INI_H
/* The ini file: where it is, and reading it whole. */
#include "base/arena.h"
#include "main_door.h"

#define MAIN_INI_PATH "/etc/iwebmsg/iwebmsg.ini"

/* Makes `given` (NULL: the documented place) absolute. NULL: no memory. */
char *main_ini_path(const char *given);
/*
 * Opens, reads and parses it. Notes live in `arena`; ERR_CONFIG with notes,
 * or without any when the file itself cannot be read (see err).
 */
enum err_code main_ini_read(const struct main_door *door, struct arena *arena,
    struct config_notes *out_notes, const struct config **out,
    struct err *err) WARN_UNUSED;
/* The same from an open file. */
enum err_code main_ini_read_fd(const char *path, int fd, struct arena *arena,
    struct config_notes *out_notes, const struct config **out,
    struct err *err) WARN_UNUSED;
/*
 * For the terminal of who starts the server, on stderr: every note when the
 * file has mistakes (cfg NULL) or the log, which has the notes too, goes
 * elsewhere.
 */
void main_ini_say(const struct config_notes *notes, const struct config *cfg);

#endif
