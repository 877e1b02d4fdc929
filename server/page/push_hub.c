#include "mail/mail_watch.h"
#include "os/clock.h"
#include "page/page_push.h"

/* Without a heartbeat for so long the connection is cut. */
#define PUSH_QUIET_MS    ((int64_t)90000)
#define PUSH_BUCKETS     256u
#define PUSH_EVENT_BYTES ((size_t)1800)
/* Sessions that are looked at in one turn; the others in the next one. */
#define PUSH_LOOKS 1000u

struct push_stream {
	struct push_hub *hub;
	struct push_stream *next; /* in its bucket */
	struct http_events *events;
	struct mail_watcher *watchers[MAIL_WATCH_FOLDERS];
	char selector[16];
	int64_t beat_ms;
	bool is_logged_off; /* its connections are of no use to others */
};

struct push_hub {
	struct app *app;
	struct lock lock; /* guards the streams' lists */
	struct push_stream *buckets[PUSH_BUCKETS];
	uint32_t count;
	struct metric *gauge;
};

/* What ends a stream: whether and when the page asks again. */
static const char push_end_session_words[] = "event: end\ndata: session\n\n";
static const char push_end_newer_words[] = "event: end\ndata: newer\n\n";
static const char push_end_busy_words[] = "event: end\ndata: busy\n\n";

enum err_code
push_hub_new(struct app *app, struct err *err)
{
	struct push_hub *hub = calloc(1, sizeof(*hub));

	if (hub == NULL)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is out of memory.", NULL);
	hub->app = app;
	lock_init(&hub->lock);
	hub->gauge = metrics_gauge(app->metrics, "iwebmsg_push_streams",
	    "Browsers that are told of new mail", NULL);
	app->push = hub;
	return ERR_OK;
}

void
push_hub_free(struct push_hub *hub)
{
	if (hub == NULL)
		return;
	ensure(hub->count == 0);
	lock_end(&hub->lock);
	free(hub);
}

/* ---- streams; the lock is held ---- */
static struct push_stream **
push_bucket(struct push_hub *hub, const char *selector)
{
	/* Selectors are random. */
	return &hub->buckets[(unsigned char)selector[0] % PUSH_BUCKETS];
}

static void
push_end(struct push_stream *stream, const char *words)
{
	(void)http_events_send(stream->events, str_c(words));
	http_events_close(stream->events);
}

/* All streams of a session; those that end already hear nothing. */
static void
push_end_of(struct push_hub *hub, struct str selector, bool is_over)
{
	if (selector.len != sizeof(hub->buckets[0]->selector))
		return;
	for (struct push_stream *at = *push_bucket(hub, selector.ptr);
	     at != NULL; at = at->next) {
		if (memcmp(at->selector, selector.ptr, selector.len) != 0)
			continue;
		at->is_logged_off = is_over;
		push_end(at,
		    is_over ? push_end_session_words : push_end_newer_words);
	}
}

void
push_end_session(struct push_hub *hub, struct str selector)
{
	lock_take(&hub->lock);
	push_end_of(hub, selector, true);
	lock_give(&hub->lock);
}

void
push_end_all(struct push_hub *hub)
{
	lock_take(&hub->lock);
	for (size_t i = 0; i < PUSH_BUCKETS; i++)
		for (struct push_stream *at = hub->buckets[i]; at != NULL;
		     at = at->next)
			http_events_close(at->events);
	lock_give(&hub->lock);
}

/* ---- heartbeats ---- */
struct push_look {
	int64_t now_ms, silent_ms;
	char (*selectors)[16];
	size_t count;
};

static void
push_beat(struct push_stream *stream, struct push_look *look)
{
	if (look->now_ms - stream->beat_ms < look->silent_ms ||
	    look->count == PUSH_LOOKS)
		return;
	stream->beat_ms = look->now_ms;
	if (http_events_send(stream->events, STR(":\n\n")))
		memcpy(look->selectors[look->count++], stream->selector,
		    sizeof(stream->selector));
}

/* Not under the lock: the database may take its time. */
static void
push_look_at(struct push_hub *hub, const struct app_state *state,
    const struct push_look *look)
{
	enum session_found found = SESSION_NONE;

	for (size_t i = 0; i < look->count; i++) {
		struct str selector =
		    str_of(look->selectors[i], sizeof(look->selectors[i]));

		/* In doubt it goes on: there is a next time. */
		if (session_is_going_on(hub->app->sessions, state->cfg,
		        selector, &found, NULL) == ERR_OK &&
		    found != SESSION_ACTIVE)
			push_end_session(hub, selector);
	}
}

void
push_hub_tick(struct push_hub *hub)
{
	struct app_state *state = app_state_get(hub->app);
	struct push_look look = {
	    .now_ms = clock_mono_ms(), .silent_ms = state->cfg->push_beat_ms};

	lock_take(&hub->lock);
	if (hub->count > 0)
		look.selectors = malloc(PUSH_LOOKS * sizeof(*look.selectors));
	for (size_t i = 0; look.selectors != NULL && i < PUSH_BUCKETS; i++)
		for (struct push_stream *at = hub->buckets[i]; at != NULL;
		     at = at->next)
			push_beat(at, &look);
	lock_give(&hub->lock);
	if (look.count > 0)
		push_look_at(hub, state, &look);
	free(look.selectors);
	app_state_unref(state);
}

/* ---- events ---- */
void
push_write_event(const struct mail_watch_event *event, struct buf *out)
{
	static const char *const kinds[] = {
	    [MAIL_WATCH_STATE] = "state",
	    [MAIL_WATCH_NEW] = "new",
	    [MAIL_WATCH_CHANGED] = "changed",
	    [MAIL_WATCH_OTHER] = "other",
	};

	buf_addf(
	    out, "data: {\"kind\":\"%s\",\"folder\":\"", kinds[event->kind]);
	buf_add_json(out, event->folder.s);
	buf_addf(out, "\",\"exists\":%u", event->exists);
	if (event->has_unseen)
		buf_addf(out, ",\"unseen\":%u", event->unseen);
	buf_add_c(out, "}\n\n");
}

/* On the watch thread. */
static void
push_hear(void *ctx, const struct mail_watch_event *event)
{
	struct push_stream *stream = ctx;
	CLEANUP(buf_free) struct buf out = {0};
	struct str bytes;

	buf_init(&out, PUSH_EVENT_BYTES);
	push_write_event(event, &out);
	if (buf_end(&out, &bytes, NULL) == ERR_OK)
		(void)http_events_send(stream->events, bytes);
}

/* ---- beginning and end of one ---- */
static enum err_code
push_reserve(struct push_hub *hub, uint32_t most, struct err *err)
{
	bool is_free;

	lock_take(&hub->lock);
	is_free = hub->count < most;
	hub->count += is_free;
	lock_give(&hub->lock);
	if (is_free)
		metric_add(hub->gauge, 1);
	return is_free ? ERR_OK
	               : err_set(err, ERR_BUSY,
	                     "Too many browsers are connected at the moment.",
	                     "PushStreams");
}

static void
push_give_back(struct push_hub *hub)
{
	lock_take(&hub->lock);
	hub->count--;
	lock_give(&hub->lock);
	metric_add(hub->gauge, -1);
}

static void
push_gone(void *ctx)
{
	struct push_stream *stream = ctx;
	struct push_hub *hub = stream->hub;
	struct push_stream **at;

	lock_take(&hub->lock);
	for (at = push_bucket(hub, stream->selector); *at != stream;
	     at = &(*at)->next)
		;
	*at = stream->next;
	lock_give(&hub->lock);
	push_give_back(hub);
	for (size_t i = 0; i < MAIL_WATCH_FOLDERS; i++)
		mail_watch_leave(stream->watchers[i], stream->is_logged_off);
	http_events_free(stream->events);
	free(stream);
}

/* An older stream of the session makes way. */
static void
push_enter(struct push_stream *stream)
{
	struct push_hub *hub = stream->hub;
	struct push_stream **bucket = push_bucket(hub, stream->selector);

	lock_take(&hub->lock);
	push_end_of(
	    hub, str_of(stream->selector, sizeof(stream->selector)), false);
	stream->next = *bucket;
	*bucket = stream;
	lock_give(&hub->lock);
}

/* The inbox, and what is shown. */
static void
push_join(struct request *req, struct push_stream *stream, struct text folder)
{
	struct mail_watch *watch = req->app->watch;
	bool is_inbox = str_eq_nocase(folder.s, STR("INBOX"));
	bool is_heard =
	    mail_watch_join(watch, req->account, TEXT("INBOX"), push_hear,
	        stream, &stream->watchers[0], NULL) == ERR_OK;

	if (!is_inbox && mail_watch_join(watch, req->account, folder, push_hear,
	                     stream, &stream->watchers[1], NULL) == ERR_OK)
		is_heard = true;
	if (!is_heard)
		push_end(stream, push_end_busy_words);
}

enum err_code
push_open(struct request *req, struct response *res, struct text folder,
    struct err *err)
{
	struct push_hub *hub = req->app->push;
	struct push_stream *stream = calloc(1, sizeof(*stream));
	struct http_events_owner owner = {
	    .gone = push_gone, .ctx = stream, .quiet_wait_ms = PUSH_QUIET_MS};
	enum err_code rc = push_reserve(hub, req->cfg->push_streams, err);

	ensure(req->session->selector.len == sizeof(stream->selector));
	if (rc == ERR_OK && stream == NULL) {
		push_give_back(hub);
		rc = err_set(
		    err, ERR_NO_MEMORY, "The server is out of memory.", NULL);
	}
	if (rc != ERR_OK) {
		free(stream);
		return rc;
	}
	stream->hub = hub;
	stream->beat_ms = clock_mono_ms();
	memcpy(stream->selector, req->session->selector.ptr,
	    sizeof(stream->selector));
	rc = response_events_open(req, res, &owner, &stream->events, err);
	if (rc != ERR_OK) {
		push_give_back(hub);
		free(stream);
		return rc;
	}
	push_enter(stream);
	/* How long a browser waits before it asks anew. */
	(void)http_events_send(stream->events, STR("retry: 3000\n\n"));
	push_join(req, stream, folder);
	return ERR_OK;
}
