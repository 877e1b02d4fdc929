#ifndef MAIN_PARENT_H
#define MAIN_PARENT_H
/*
 * Started as root: a small parent keeps root, listens on the ports, opens the
 * files that the ini file names, and starts the child, which serves as User=,
 * again when it dies. The parent reads nothing that browsers or mail servers
 * send.
 */
#include "main_args.h"
#include "main_door.h"
#include "main_share.h"

/* The exit status. `share` is entered before the child loses root. */
int main_parent_run(
    const struct main_args *args, const char *ini, struct main_share *share);

#endif
