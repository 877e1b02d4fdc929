#ifndef MAIN_SERVER_INSIDE_H
#define MAIN_SERVER_INSIDE_H
/* Between the files of main_server_*. */
#include "main_expiry.h"
#include "main_server.h"
#include "main_watch.h"
#include "page/app.h"

struct server {
	struct app app;
	struct main_door *door;
	const struct main_share *share;
	char *key_path;     /* StateDir/server.key; owned */
	char *spool_folder; /* StateDir/spool; owned */
	int state_lock;     /* StateDir/iwebmsgd.lock, while this runs */
	char node[32];      /* StateDir/node.id */
	int64_t ticked_ms, cleaned_ms, barked_ms, expiry_ms;
	int watchdog_ms;
	struct main_watch watch; /* without a parent, who watches else */
	struct lock lock;        /* guards expiry */
	struct main_expiry *expiry;
};

/* What a reload replaces, before it is in force. */
struct server_fresh {
	struct app_state *state;
	struct main_expiry *expiry;
};

/* main_server_start.c: everything inside out, the street door last. */
enum err_code main_server_start(struct server *server, const struct config *cfg,
    struct err *err) WARN_UNUSED;
/* main_server_state.c: a state of this config: whole, or nothing and why. */
enum err_code main_server_state(struct server *server, const struct config *cfg,
    struct server_fresh *out, struct err *err) WARN_UNUSED;
/* main_server_state.c: puts the expiry in force and logs what is near. */
void main_server_expiry(struct server *server, struct main_expiry *expiry);
/* main_server_state.c: what was worth saying of the ini file. */
void main_server_notes(const struct config_notes *notes);
/*
 * main_server_state.c: SIGHUP. Everything anew, or everything stays and the
 * log says why.
 */
void main_server_reload(struct server *server);

#endif
