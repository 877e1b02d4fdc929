#ifndef PAGE_PAGE_PUSH_H
#define PAGE_PAGE_PUSH_H
/*
 * Streams of events to open pages: one per browser's session, of the inbox
 * and the folder that is shown. They say that something changed, never what:
 * the page asks for that. A stream is no use of its session, and ends with it.
 */
#include "page/page.h"

/* After app->store, sessions and watch; none of them ends before it. */
enum err_code push_hub_new(struct app *app, struct err *err) WARN_UNUSED;
/* After http_free(): all streams have ended. NULL accepted. */
void push_hub_free(struct push_hub *hub);
/* Heartbeats, and sessions that ended; every few seconds. */
void push_hub_tick(struct push_hub *hub);
/* Its stream ends and says so, with its connection to the mail server. */
void push_end_session(struct push_hub *hub, struct str selector);
/* After a reload: everybody asks anew, with what is now in force. */
void push_end_all(struct push_hub *hub);
/*
 * The request's answer becomes its session's stream; an older one of it ends.
 * ERR_BUSY: too many.
 */
enum err_code push_open(struct request *req, struct response *res,
    struct text folder, struct err *err) WARN_UNUSED;
/* Are there streams at all (PushStreams, WatchConnections)? */
bool push_is_on(const struct config *cfg);
/* push_url and what static/push.js needs beside it; on every page. */
void push_view(struct request *req, struct view *view);

/*
 * On a list: what a notification says, and where it is asked for anew when
 * there is no JavaScript; `here` is its address.
 */
void push_view_list(struct request *req, const struct page_prefs *prefs,
    struct view_url here, struct view *view);

/* An event as it goes out, pure: shown to its test. */
struct mail_watch_event;
void push_write_event(const struct mail_watch_event *event, struct buf *out);

#endif
