#include "net/net_lookup.h"

#include <pthread.h>
#include <stdatomic.h>

#include "os/poller.h"

enum {
	HOST_BYTES = 256,
	LOOKUP_STACK_BYTES = 512 << 10
};

/* Shared by the asker and the thread; who lets go last frees it. */
struct lookup {
	atomic_int refs;
	struct cancel *done; /* fired by the thread; owned */
	char host[HOST_BYTES];
	uint16_t port;
	struct socket_targets found;
	enum err_code rc;
	struct err err;
};

static void
lookup_unref(struct lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->refs, 1) != 1)
		return;
	cancel_free(lookup->done);
	free(lookup);
}

static void *
lookup_run(void *ctx)
{
	struct lookup *lookup = ctx;

	lookup->rc = socket_lookup(
	    lookup->host, lookup->port, false, &lookup->found, &lookup->err);
	cancel_fire(lookup->done);
	lookup_unref(lookup);
	return NULL;
}

static bool
lookup_start(struct lookup *lookup)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool is_fine = pthread_attr_init(&attributes) == 0;

	if (!is_fine)
		return false;
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, LOOKUP_STACK_BYTES);
	is_fine = pthread_create(&thread, &attributes, lookup_run, lookup) == 0;
	(void)pthread_attr_destroy(&attributes);
	return is_fine;
}

static enum err_code
lookup_new(
    const char *host, uint16_t port, struct lookup **out, struct err *err)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	*out = NULL;
	if (lookup == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "lookup");
	lookup->done = cancel_new(err);
	if (lookup->done == NULL) {
		free(lookup);
		return ERR_LIMIT;
	}
	(void)snprintf(lookup->host, sizeof(lookup->host), "%s", host);
	lookup->port = port;
	atomic_init(&lookup->refs, 2);
	if (!lookup_start(lookup)) {
		cancel_free(lookup->done);
		free(lookup);
		return err_set(err, ERR_LIMIT, NULL, "no thread for a lookup");
	}
	*out = lookup;
	return ERR_OK;
}

/* By the name service, in a thread. */
static enum err_code
find_name(const char *host, uint16_t port, int64_t deadline_mono_ms,
    const struct cancel *cancel, struct socket_targets *out, struct err *err)
{
	struct lookup *lookup = NULL;
	enum err_code rc = lookup_new(host, port, &lookup, err);

	if (lookup == NULL)
		return rc;
	rc = poller_wait_one(cancel_descriptor(lookup->done), POLLER_READ,
	    deadline_mono_ms, cancel, err);
	if (rc == ERR_AWAY)
		(void)err_setf(err, ERR_AWAY, NULL,
		    "lookup of %s: no answer from the name service", host);
	/* Fired and read under its lock: what the thread wrote is ours. */
	if (rc == ERR_OK && cancel_is_fired(lookup->done)) {
		rc = lookup->rc;
		*out = lookup->found;
		if (rc != ERR_OK)
			(void)err_set(
			    err, rc, lookup->err.message, lookup->err.detail);
	}
	lookup_unref(lookup);
	return rc;
}

enum err_code
net_lookup_find(struct str host, uint16_t port, int64_t deadline_mono_ms,
    const struct cancel *cancel, struct socket_targets *out, struct err *err)
{
	char name[HOST_BYTES];

	out->count = 0;
	if (host.len == 0 || host.len >= sizeof(name) ||
	    memchr(host.ptr, '\0', host.len) != NULL)
		return err_set(err, ERR_AWAY, NULL, "not a host name");
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	if (socket_lookup(name, port, true, out, NULL) == ERR_OK)
		return ERR_OK;
	return find_name(name, port, deadline_mono_ms, cancel, out, err);
}
