/*
 * The PROXY protocol's header: read in pieces or whole, its end and its name
 * are the same, and there is an end to waiting.
 */
#include <stdint.h>

#include "base/err.h"
#include "net/net_forward.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_peer(const struct socket_peer *peer)
{
	struct socket_peer again;

	ensure(socket_peer_parse(str_c(peer->address), &again));
	ensure(strcmp(again.address, peer->address) == 0);
	ensure(again.is_loopback == peer->is_loopback);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct str all = str_of((const char *)data, len);
	struct socket_peer peer;
	size_t bytes = 0;
	enum net_forward_result result = net_forward_parse(all, &bytes, &peer);

	if (result == NET_FORWARD_MORE) {
		ensure(len < NET_FORWARD_BYTES_MOST);
		return 0;
	}
	if (result == NET_FORWARD_BAD)
		return 0;
	ensure(bytes > 0 && bytes <= len && bytes <= NET_FORWARD_BYTES_MOST);
	if (result == NET_FORWARD_PEER)
		check_peer(&peer);
	for (size_t end = 0; end <= bytes; end++) {
		size_t part_bytes = 0;
		struct socket_peer part;

		ensure(net_forward_parse(str_slice(all, 0, end), &part_bytes,
		           &part) == (end < bytes ? NET_FORWARD_MORE : result));
	}
	return 0;
}
