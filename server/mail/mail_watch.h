#ifndef MAIL_MAIL_WATCH_H
#define MAIL_MAIL_WATCH_H
/*
 * Watching folders: tells when one changes, by whomever. One thread looks
 * after the connections of all watched folders (IDLE, RFC 2177); connections
 * are made by a few others, so that a server that does not answer holds up
 * nobody else. Everybody who watches a folder of an account shares one
 * connection; they are no connections of the account's pool.
 */
#include "mail/mail.h"

/* Folders of one account that are watched at once. */
#define MAIL_WATCH_FOLDERS 2u

struct mail_watch;   /* all of this process */
struct mail_watcher; /* somebody watches a folder */

enum mail_watch_kind {
	MAIL_WATCH_STATE,   /* watching begins, or began anew: as it is now */
	MAIL_WATCH_NEW,     /* messages came */
	MAIL_WATCH_CHANGED, /* messages went, or their flags changed */
	/* To who watches the inbox: some other folder; no counts, no name. */
	MAIL_WATCH_OTHER,
	/* The server does not take the password any more: it is over. */
	MAIL_WATCH_REFUSED
};
struct mail_watch_event {
	enum mail_watch_kind kind;
	struct text folder; /* as it was asked for */
	uint32_t exists;
	uint32_t unseen;
	bool has_unseen; /* false: the server does not tell */
};
/*
 * On the watch thread; must not wait, nor call mail_watch_join or
 * mail_watch_leave. `event` lives during the call.
 */
typedef void mail_watch_fn(void *ctx, const struct mail_watch_event *event);

/* Threads begin with the first watcher. */
enum err_code mail_watch_new(struct accounts *accounts,
    const struct config *cfg, struct metrics *metrics, struct mail_watch **out,
    struct err *err) WARN_UNUSED;
/* New settings after a reload, for connections made from now on. */
void mail_watch_configure(struct mail_watch *watch, const struct config *cfg);
/* Ends the threads and all connections; nobody watches any more. */
void mail_watch_free(struct mail_watch *watch);

/*
 * From now on `fn` is called; first with MAIL_WATCH_STATE, as soon as that is
 * known. Any thread; makes no connection itself. ERR_LIMIT: so many folders
 * of this account, or of all, are watched already, or watching is off.
 * ERR_INPUT: no name of a folder.
 */
enum err_code mail_watch_join(struct mail_watch *watch, struct account *account,
    struct text folder, mail_watch_fn *fn, void *ctx, struct mail_watcher **out,
    struct err *err) WARN_UNUSED;
/*
 * `fn` is not called after this. The connection stays for a moment, because
 * the next page of the same person is about to ask for it; with `at_once`
 * it does not. NULL accepted.
 */
void mail_watch_leave(struct mail_watcher *watcher, bool at_once);
/* Connections that watch now; for tests and metrics. */
uint32_t mail_watch_connections(struct mail_watch *watch);

#endif
