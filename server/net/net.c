#include "net/net.h"

#include "net/net_inside.h"
#include "net/net_thread.h"
#include "os/clock.h"

enum {
	STOP_GRACE_MS = 1500 /* past the deadline, for records to be ended */
};

static void
make_meters(struct net_meters *meters, struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	meters->open = metrics_gauge(
	    metrics, "iwebmsg_connections", "Open browser connections", NULL);
	meters->accepted[NET_DOOR_PLAIN] =
	    metrics_counter(metrics, "iwebmsg_connections_total",
	        "Accepted browser connections", "door=\"plain\"");
	meters->accepted[NET_DOOR_SECURE] =
	    metrics_counter(metrics, "iwebmsg_connections_total",
	        "Accepted browser connections", "door=\"secure\"");
	meters->full =
	    metrics_counter(metrics, "iwebmsg_connections_refused_total",
	        "Connections refused", "why=\"full\"");
	meters->crowded =
	    metrics_counter(metrics, "iwebmsg_connections_refused_total",
	        "Connections refused", "why=\"address\"");
	meters->unnamed =
	    metrics_counter(metrics, "iwebmsg_connections_refused_total",
	        "Connections refused", "why=\"proxy_header\"");
	meters->unshaken =
	    metrics_counter(metrics, "iwebmsg_handshakes_failed_total",
	        "TLS handshakes that failed", NULL);
	meters->late =
	    metrics_counter(metrics, "iwebmsg_connections_late_total",
	        "Connections ended by their deadline", NULL);
}

static enum err_code
start_threads(struct net *net, struct err *err)
{
	unsigned count = net->settings.threads;
	enum err_code rc = ERR_OK;

	if (count == 0)
		count = poller_core_count();
	net->threads = calloc(count, sizeof(*net->threads));
	if (net->threads == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net threads");
	net->thread_count = count;
	for (unsigned i = 0; i < count && rc == ERR_OK; i++) {
		net->threads[i].index = i;
		rc = net_thread_start(&net->threads[i], net, err);
	}
	return rc;
}

enum err_code
net_start(const struct net_settings *settings,
    const struct net_handler *handler, struct net_tls *tls, struct net **out,
    struct err *err)
{
	struct net *net = calloc(1, sizeof(*net));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (net == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net");
	net->settings = *settings;
	net->handler = *handler;
	lock_init(&net->lock);
	lock_cond_init(&net->emptied);
	atomic_init(&net->listener_count, 0);
	atomic_init(&net->count, 0);
	atomic_init(&net->is_accepting, true);
	atomic_init(&net->is_turning, true);
	atomic_init(&net->is_ending, false);
	atomic_init(&net->proxies_version, 0);
	atomic_init(&net->stop_by_ms, INT64_MAX);
	net->tls = net_tls_ref(tls);
	make_meters(&net->meters, settings->metrics);
	net->per_address = net_count_new();
	net->method = net_bio_method_new();
	if (net->per_address == NULL || net->method == NULL)
		rc = err_set(err, ERR_NO_MEMORY, NULL, "net");
	if (rc == ERR_OK)
		rc = start_threads(net, err);
	if (rc != ERR_OK) {
		net_free(net);
		return rc;
	}
	*out = net;
	return ERR_OK;
}

enum err_code
net_listen(
    struct net *net, sock_t listener, enum net_door door, struct err *err)
{
	struct net_listener *added = NULL;
	unsigned count = 0;
	bool is_fine = true;

	lock_take(&net->lock);
	count = atomic_load(&net->listener_count);
	if (count >= NET_LISTENERS_MOST || !atomic_load(&net->is_accepting)) {
		lock_give(&net->lock);
		socket_close(&listener);
		return err_sayf(err, ERR_CONFIG,
		    "No more than %d ports can be listened on.",
		    NET_LISTENERS_MOST);
	}
	added = &net->listeners[count];
	added->source = (struct net_source){NET_SOURCE_LISTENER, added};
	added->sock = listener;
	added->door = door;
	added->port = socket_port(listener);
	atomic_init(&added->users, net->thread_count);
	atomic_store(&net->listener_count, count + 1);
	for (unsigned i = 0; i < net->thread_count; i++)
		is_fine = poller_add(net->threads[i].poller, listener,
		              POLLER_READ | POLLER_EDGE | POLLER_ALONE,
		              &added->source) &&
		          is_fine;
	lock_give(&net->lock);
	if (!is_fine)
		return err_set(err, ERR_LIMIT, NULL, "poller_add");
	return ERR_OK;
}

void
net_set_tls(struct net *net, struct net_tls *tls)
{
	struct net_tls *old = NULL;

	lock_take(&net->lock);
	old = net->tls;
	net->tls = net_tls_ref(tls);
	lock_give(&net->lock);
	net_tls_unref(old);
}

static void
wake_all(struct net *net)
{
	for (unsigned i = 0; i < net->thread_count; i++) {
		if (net->threads[i].is_started)
			poller_wake(net->threads[i].poller);
	}
}

/* Under the lock: has every thread left every listener? */
static bool
is_deaf(const struct net *net)
{
	const unsigned count = atomic_load(&net->listener_count);

	for (unsigned i = 0; i < count; i++) {
		if (atomic_load(&net->listeners[i].users) > 0)
			return false;
	}
	return true;
}

void
net_stop_accepting(struct net *net)
{
	lock_take(&net->lock);
	atomic_store(&net->is_accepting, false);
	wake_all(net);
	while (!is_deaf(net))
		lock_cond_wait(&net->emptied, &net->lock);
	lock_give(&net->lock);
}

void
net_stop(struct net *net, int64_t deadline_mono_ms)
{
	const int64_t give_up_ms = deadline_mono_ms + STOP_GRACE_MS;

	net_stop_accepting(net);
	atomic_store(&net->stop_by_ms, deadline_mono_ms);
	wake_all(net);
	lock_take(&net->lock);
	while (atomic_load(&net->count) > 0) {
		const int64_t left_ms = give_up_ms - clock_mono_ms();

		if (left_ms <= 0 ||
		    !lock_cond_wait_ms(&net->emptied, &net->lock, left_ms))
			break;
	}
	lock_give(&net->lock);
}

void
net_free(struct net *net)
{
	unsigned count = 0;

	if (net == NULL)
		return;
	atomic_store(&net->is_ending, true);
	for (unsigned i = 0; i < net->thread_count; i++)
		net_thread_end(&net->threads[i]);
	count = atomic_load(&net->listener_count);
	for (unsigned i = 0; i < count; i++)
		socket_close(&net->listeners[i].sock);
	free(net->threads);
	net_tls_unref(net->tls);
	net_count_free(net->per_address);
	BIO_meth_free(net->method);
	lock_cond_end(&net->emptied);
	lock_end(&net->lock);
	free(net->proxies.list);
	free(net);
}

uint32_t
net_connection_count(const struct net *net)
{
	return atomic_load(&net->count);
}

enum err_code
net_set_proxies(struct net *net, const struct socket_ranges *ranges,
    bool speaks_proxy, struct err *err)
{
	struct socket_range *copy = NULL;
	struct socket_range *before = NULL;

	if (ranges->count > 0) {
		copy = calloc(ranges->count, sizeof(*copy));
		if (copy == NULL)
			return err_set(
			    err, ERR_NO_MEMORY, NULL, "net_set_proxies");
		memcpy(copy, ranges->list, ranges->count * sizeof(*copy));
	}
	lock_take(&net->lock);
	before = net->proxies.list;
	net->proxies =
	    (struct socket_ranges){.list = copy, .count = ranges->count};
	net->speaks_proxy = speaks_proxy;
	(void)atomic_fetch_add(&net->proxies_version, 1);
	lock_give(&net->lock);
	free(before);
	return ERR_OK;
}
