#ifndef MAIN_DOOR_H
#define MAIN_DOOR_H
/*
 * How the files that the ini file names are opened: by ourselves, or by the
 * parent that kept root (main_parent.c). Used by the main thread only.
 */
#include "config/config.h"
#include "os/socket.h"

struct main_door {
	sock_t channel;       /* to the parent; SOCK_NONE: we open ourselves */
	const char *ini;      /* absolute path */
	sock_t plain, secure; /* listening already; SOCK_NONE: we do it */
};

/*
 * What the child asks for: one letter, then a path for FILE and TRUST. The
 * parent answers with a descriptor and 0, or an err_code and then a text.
 */
enum main_ask {
	MAIN_ASK_INI = 'i',
	MAIN_ASK_FILE = 'f',
	MAIN_ASK_TRUST = 't',
	MAIN_ASK_LOG = 'l',
	MAIN_SAY_READY = 'r' /* no answer */
};
#define MAIN_ASK_BYTES   4100 /* a letter and a path */
#define MAIN_ASK_WAIT_MS 20000

/* The ini file, safe to be read: a server started as root believes it. */
enum err_code main_door_ini(
    const struct main_door *door, int *out_fd, struct err *err) WARN_UNUSED;
/* A file that the ini file in force (of the parent) names. */
enum err_code main_door_file(const struct main_door *door, struct str path,
    int *out_fd, struct err *err) WARN_UNUSED;
/* The same; a folder gives the certificates of its files (main_bundle.h). */
enum err_code main_door_trust(const struct main_door *door, struct str path,
    int *out_fd, struct err *err) WARN_UNUSED;
/* The log file, for appending; made when it is not there. */
enum err_code main_door_log(const struct main_door *door, struct str path,
    int *out_fd, struct err *err) WARN_UNUSED;
void main_door_tell_ready(const struct main_door *door);

/* The same without a parent. */
enum err_code main_open_ini(
    const char *path, int *out_fd, struct err *err) WARN_UNUSED;
/* A file, or one of systemd's credentials (os/credential.h). */
enum err_code main_open_file(
    struct str path, int *out_fd, struct err *err) WARN_UNUSED;
enum err_code main_open_log(
    const char *path, int *out_fd, struct err *err) WARN_UNUSED;

#endif
