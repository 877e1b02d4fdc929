#ifndef SSL_UTIL_SERVER_FIND_H
#define SSL_UTIL_SERVER_FIND_H
/*
 * Which ini file the server of this machine uses: the one of a process that
 * runs, else the one its systemd unit names.
 */
#include "base/err.h"
#include "base/str.h"
#include "path.h"

enum server_find_how {
	SERVER_FIND_NONE, /* no server runs, no unit is installed */
	SERVER_FIND_PROCESS,
	SERVER_FIND_UNIT
};
struct server_find {
	enum server_find_how how;
	int pid;              /* of PROCESS */
	char unit[128];       /* of UNIT: its file */
	char ini[PATH_BYTES]; /* of both */
};

/*
 * Looks for one that uses `wanted`; without one, tells of another (with
 * `wanted` NULL, of any). True when it uses `wanted`, or there is none at all.
 */
bool server_find(const char *wanted, struct server_find *out);
/* The ini file of a command line, its words ended by NUL each. For tests. */
enum err_code server_find_config(struct str words, const char *folder,
    char out[PATH_BYTES], struct err *err) WARN_UNUSED;

#endif
