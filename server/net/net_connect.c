#include "net/net_connect.h"

#include "net/net_lookup.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	/* One dead address must not use up the time of the next. */
	CONNECT_LEAST_MS = 250
};

/* One address, until `until_ms`. */
static enum err_code
try_target(const struct socket_target *target, int64_t until_ms,
    const struct cancel *cancel, sock_t *out, struct err *err)
{
	sock_t sock = socket_connect(target);
	enum err_code rc = ERR_OK;
	int problem = 0;

	*out = SOCK_NONE;
	if (sock == SOCK_NONE)
		return err_set(err, ERR_AWAY, NULL, "no way to the address");
	rc = poller_wait_one(sock, POLLER_WRITE, until_ms, cancel, err);
	if (rc == ERR_OK) {
		problem = socket_connect_result(sock);
		if (problem != 0)
			rc = err_set(
			    err, ERR_AWAY, NULL, socket_error_words(problem));
	} else if (rc == ERR_AWAY) {
		(void)err_set(err, rc, NULL, "no answer to connect");
	}
	if (rc != ERR_OK)
		socket_close(&sock);
	*out = sock;
	return rc;
}

/* All addresses in turn: each gets its share of the time that is left. */
static enum err_code
try_all(const struct socket_targets *found, int64_t deadline_mono_ms,
    const struct cancel *cancel, sock_t *out, struct err *err)
{
	enum err_code rc = ERR_AWAY;

	*out = SOCK_NONE;
	for (size_t i = 0; i < found->count; i++) {
		const int64_t now_ms = clock_mono_ms();
		int64_t share_ms =
		    (deadline_mono_ms - now_ms) / (int64_t)(found->count - i);

		if (share_ms < CONNECT_LEAST_MS)
			share_ms = CONNECT_LEAST_MS;
		if (share_ms > deadline_mono_ms - now_ms)
			share_ms = deadline_mono_ms - now_ms;
		rc = try_target(
		    &found->list[i], now_ms + share_ms, cancel, out, err);
		if (rc != ERR_AWAY)
			return rc;
	}
	return rc;
}

enum err_code
net_connect_open(struct str host, uint16_t port, int64_t deadline_mono_ms,
    const struct cancel *cancel, sock_t *out, struct err *err)
{
	struct socket_targets found;
	enum err_code rc =
	    net_lookup_find(host, port, deadline_mono_ms, cancel, &found, err);

	*out = SOCK_NONE;
	if (rc != ERR_OK)
		return rc;
	return try_all(&found, deadline_mono_ms, cancel, out, err);
}
