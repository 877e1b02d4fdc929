#include "http/http.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "http/http_inner.h"
#include "os/clock.h"

/* Room in MHD's memory of a connection beside the request's header. */
#define ANSWER_HEAD_BYTES ((size_t)16 << 10)

/* MHD complains of TCP options that a socket pair does not have. */
static void
mhd_log(void *ctx, const char *format, va_list args)
{
	char line[256];

	(void)ctx;
	if (!log_wants(LOG_DEBUG))
		return;
	(void)vsnprintf(line, sizeof(line), format, args);
	log_event(
	    LOG_DEBUG, "http.mhd", LOG_STR("text", str_trim(str_c(line))));
}

/* request.path is decoded by ourselves, once: MHD's own decoding is off. */
static size_t
leave_encoded(void *ctx, struct MHD_Connection *mhd, char *text)
{
	(void)ctx;
	(void)mhd;
	return strlen(text);
}

static struct MHD_Daemon *
start_daemon(struct http *http)
{
	const struct http_settings *settings = &http->settings;
	struct MHD_OptionItem options[] = {
	    {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)mhd_log, NULL},
	    {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_conn_notify, http},
	    {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_handle_completed,
	        http},
	    {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_handle_line, http},
	    {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_encoded, NULL},
	    /* Each has room for all: net counts the connections. */
	    {MHD_OPTION_CONNECTION_LIMIT,
	        (intptr_t)settings->max_connections + 100, NULL},
	    {MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	        (intptr_t)(settings->max_header_bytes + ANSWER_HEAD_BYTES),
	        NULL},
	    /* net has the deadlines; MHD's would know of inactivity only. */
	    {MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL},
	    {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
	    {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
	    {MHD_OPTION_END, 0, NULL}};

	return MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL |
	                            MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
	                            MHD_USE_ERROR_LOG,
	    0, NULL, NULL, http_handle_request, http, MHD_OPTION_ARRAY, options,
	    MHD_OPTION_END);
}

/* One daemon for each network thread, which gives it its turns. */
static bool
start_daemons(struct http *http)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned count = http->settings.threads;

	if (count == 0)
		count = cores > 0 ? (unsigned)cores : 1;
	http->daemons = calloc(count, sizeof(struct MHD_Daemon *));
	if (!http->daemons)
		return false;
	for (; http->daemon_count < count; http->daemon_count++) {
		http->daemons[http->daemon_count] = start_daemon(http);
		if (!http->daemons[http->daemon_count])
			return false;
	}
	return true;
}

static void
make_metrics(struct http *http)
{
	static const char *const labels[] = {NULL, NULL, "class=\"2xx\"",
	    "class=\"3xx\"", "class=\"4xx\"", "class=\"5xx\""};
	struct metrics *metrics = http->settings.metrics;

	if (!metrics)
		return;
	for (size_t i = 2; i < 6; i++)
		http->classes[i] =
		    metrics_counter(metrics, "iwebmsg_http_requests_total",
		        "Answers to browsers by class of status", labels[i]);
	http->bytes_in = metrics_counter(metrics, "iwebmsg_http_body_in_bytes",
	    "Bytes of request bodies", NULL);
	http->bytes_out = metrics_counter(metrics,
	    "iwebmsg_http_body_out_bytes", "Bytes of answers' bodies", NULL);
	http->open_gauge = metrics_gauge(metrics, "iwebmsg_http_requests_open",
	    "Requests being read, worked on or answered", NULL);
}

enum err_code
http_start(const struct http_settings *settings,
    const struct http_handler *handler, struct http **out, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	*out = NULL;
	if (!http)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	http->settings = *settings;
	http->handler = *handler;
	secret_fill_random(&http->id_key, sizeof(http->id_key));
	lock_init(&http->lock);
	http_gzip_init(&http->gzip);
	lock_cond_init(&http->less_open);
	make_metrics(http);
	if (!start_daemons(http)) {
		http_free(http);
		return err_set(err, ERR_INTERNAL,
		    "The HTTP side could not be started.", "MHD_start_daemon");
	}
	*out = http;
	return ERR_OK;
}

static void
fire_all(struct http *http)
{
	for (struct http_conn *conn = http->conns; conn; conn = conn->next) {
		lock_take(&conn->lock);
		if (conn->active)
			request_inner_gone(conn->active);
		lock_give(&conn->lock);
	}
}

/* Streams of events have no end of their own that could be waited for. */
static void
end_events(struct http *http)
{
	for (struct http_conn *conn = http->conns; conn; conn = conn->next) {
		struct request_inner *inner;

		lock_take(&conn->lock);
		inner = conn->active;
		if (inner) {
			lock_take(&inner->lock);
			if (inner->res.events)
				http_events_close(inner->res.events);
			lock_give(&inner->lock);
		}
		lock_give(&conn->lock);
	}
}

void
http_stop(struct http *http, int64_t deadline_mono_ms)
{
	atomic_store(&http->is_stopping, true);
	lock_take(&http->lock);
	end_events(http);
	while (atomic_load(&http->open) > 0) {
		int64_t left = deadline_mono_ms - clock_mono_ms();

		if (left <= 0 ||
		    !lock_cond_wait_ms(&http->less_open, &http->lock, left))
			break;
	}
	http->is_closed = true;
	fire_all(http);
	lock_give(&http->lock);
}

void
http_free(struct http *http)
{
	if (!http)
		return;
	lock_take(&http->lock);
	http->is_closed = true;
	fire_all(http);
	/* MHD cannot stop while a connection is suspended. */
	while (http->jobs > 0)
		lock_cond_wait(&http->less_open, &http->lock);
	lock_give(&http->lock);
	for (unsigned i = 0; i < http->daemon_count; i++)
		MHD_stop_daemon(http->daemons[i]);
	http_conn_end_rest(http);
	free(http->daemons);
	lock_cond_end(&http->less_open);
	http_gzip_end(&http->gzip);
	lock_end(&http->lock);
	free(http);
}

/*
 * Without a thread of its own MHD works when it is told to: then nothing is
 * handed from a network thread to another and back.
 */
sock_t
http_guest(void *ctx, unsigned index)
{
	struct http *http = ctx;
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemons[index], MHD_DAEMON_INFO_EPOLL_FD);

	return info->epoll_fd;
}

bool
http_turn(void *ctx, unsigned index)
{
	struct http *http = ctx;
	MHD_UNSIGNED_LONG_LONG wait_ms = 1;

	(void)MHD_run(http->daemons[index]);
	return MHD_get_timeout(http->daemons[index], &wait_ms) == MHD_YES &&
	       wait_ms == 0;
}

uint32_t
http_requests_open(const struct http *http)
{
	return atomic_load(&http->open);
}
