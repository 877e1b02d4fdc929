#include "route/forward.h"

/* What stands behind the last comma; *rest is what stands before it. */
static struct str
cut_last(struct str *rest)
{
	size_t at = rest->len;
	struct str last;

	while (at > 0 && rest->ptr[at - 1] != ',')
		at--;
	last = str_trim(str_slice(*rest, at, rest->len));
	*rest = str_slice(*rest, 0, at > 0 ? at - 1 : 0);
	return last;
}

/* Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711". */
static struct str
without_port(struct str word)
{
	size_t colon = str_find_byte(word, ':', 0);

	if (word.len > 0 && word.ptr[0] == '[')
		return str_slice(word, 0, str_find_byte(word, ']', 0) + 1);
	if (str_find_byte(word, ':', colon + 1) == word.len)
		return str_slice(word, 0, colon);
	return word;
}

/* False: nobody was named that could be believed. */
static bool
find_browser(struct str chain, const struct socket_ranges *proxies,
    struct socket_peer *peer)
{
	while (chain.len > 0) {
		struct str word = without_port(cut_last(&chain));
		struct socket_peer named;

		if (!socket_peer_parse(word, &named))
			return false;
		*peer = named;
		if (!socket_ranges_hold(proxies, str_c(named.address)))
			return true;
	}
	/* Everybody in it is a proxy of ours: the first one asked itself. */
	return true;
}

/* The word of the proxy next to us, which is the last one. */
static void
apply_proto(struct request *req)
{
	struct str all = request_header_all(req, "X-Forwarded-Proto");
	struct str proto = cut_last(&all);
	bool is_https = str_eq_nocase(proto, STR("https"));

	if (!is_https && !str_eq_nocase(proto, STR("http")))
		return;
	req->is_forwarded = true;
	req->is_secure = is_https;
	req->door = is_https ? NET_DOOR_SECURE : NET_DOOR_PLAIN;
}

void
forward_apply(struct request *req)
{
	const struct app_state *state = app_state_of(req);
	struct str chain;

	if (!req->is_from_proxy || req->is_introduced)
		return;
	chain = request_header_all(req, "X-Forwarded-For");
	apply_proto(req);
	req->is_forwarded = req->is_forwarded || chain.ptr != NULL;
	if (req->is_forwarded &&
	    (chain.len == 0 ||
	        !find_browser(chain, &state->proxies, &req->peer)))
		req->peer.is_loopback = false;
}

bool
forward_is_by_header(const struct request *req)
{
	return req->is_forwarded && !req->is_introduced;
}
