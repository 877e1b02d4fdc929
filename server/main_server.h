#ifndef MAIN_SERVER_H
#define MAIN_SERVER_H
/* The serving process: builds struct app, runs until SIGTERM, reloads. */
#include "main_door.h"
#include "main_share.h"

/* The exit status. `is_quiet`: the notes were printed by the parent. */
int main_server_run(
    struct main_door *door, const struct main_share *share, bool is_quiet);

#endif
