#ifndef MAIN_LOG_H
#define MAIN_LOG_H
/* Where log lines go: stderr, the journal, or a file. */
#include "main_door.h"

/*
 * By Target= and File= in [Log]. Lines on stderr carry the journal's level
 * marks instead of the time when stderr is the journal. Before any thread.
 */
enum err_code main_log_open(const struct main_door *door,
    const struct config *cfg, struct err *err) WARN_UNUSED;
/* SIGUSR1: a new file under the same name; lines under way are not lost. */
enum err_code main_log_reopen(const struct main_door *door,
    const struct config *cfg, struct err *err) WARN_UNUSED;
/* Lines go to a file: a person at the terminal does not see them. */
bool main_log_is_file(void);
void main_log_level(const struct config *cfg);

#endif
