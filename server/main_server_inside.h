#ifndef MAIN_SERVER_INSIDE_H
#define MAIN_SERVER_INSIDE_H
/* Between the files of main_server_*. */
#include "main_server.h"
#include "page/app.h"

struct server {
	struct app app;
	struct main_door *door;
	const struct main_share *share;
	char *key_path;     /* StateDir/server.key; owned */
	char *spool_folder; /* StateDir/spool; owned */
	int64_t ticked_ms, cleaned_ms, barked_ms;
	int watchdog_ms;
};

/* main_server_start.c: everything inside out, the street door last. */
enum err_code main_server_start(struct server *server, const struct config *cfg,
    struct err *err) WARN_UNUSED;
/* main_server_state.c: a state of this config: whole, or nothing and why. */
enum err_code main_server_state(struct server *server, const struct config *cfg,
    struct app_state **out, struct err *err) WARN_UNUSED;
/*
 * main_server_state.c: SIGHUP. Everything anew, or everything stays and the
 * log says why.
 */
void main_server_reload(struct server *server);

#endif
