#ifndef OS_CREDENTIAL_H
#define OS_CREDENTIAL_H
/*
 * Secrets that systemd keeps for a service (systemd.exec(5), LoadCredential=):
 * "credential:NAME" where a path may stand.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* Where systemd puts them for the unit iwebmsg.service. */
#define CREDENTIAL_FOLDER "/run/credentials/iwebmsg.service"

bool credential_is(struct str path);
/*
 * The file of "credential:NAME", in $CREDENTIALS_DIRECTORY, without which in
 * CREDENTIAL_FOLDER; any other path as it is. ERR_CONFIG: NAME is empty or no
 * name of a file, or the path is too long. Reads the environment: not beside
 * threads that change it.
 */
enum err_code credential_path(
    struct str path, char *out, size_t size, struct err *err) WARN_UNUSED;

#endif
