/* Who is at the other end: addresses as bytes, as text, as networks. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "os/socket.h"

_Static_assert(SOCKET_ADDRESS_BYTES >= INET6_ADDRSTRLEN,
    "a peer's text must hold every address");

struct socket_peer
socket_peer_from_ipv4(const unsigned char address[4], uint16_t port)
{
	struct socket_peer peer = {.port = port};

	(void)inet_ntop(AF_INET, address, peer.address, sizeof(peer.address));
	peer.is_loopback = address[0] == 127;
	return peer;
}

struct socket_peer
socket_peer_from_ipv6(const unsigned char address[16], uint16_t port)
{
	static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	static const unsigned char loopback[16] = {[15] = 1};
	struct socket_peer peer = {.port = port};

	if (memcmp(address, mapped, sizeof(mapped)) == 0)
		return socket_peer_from_ipv4(address + sizeof(mapped), port);
	(void)inet_ntop(AF_INET6, address, peer.address, sizeof(peer.address));
	peer.is_loopback = memcmp(address, loopback, sizeof(loopback)) == 0;
	return peer;
}

bool
socket_peer_parse(struct str address, struct socket_peer *out)
{
	char text[SOCKET_ADDRESS_BYTES];
	unsigned char bytes[16];

	if (address.len >= 2 && address.ptr[0] == '[' &&
	    address.ptr[address.len - 1] == ']')
		address = str_slice(address, 1, address.len - 1);
	if (address.len == 0 || address.len >= sizeof(text) ||
	    memchr(address.ptr, '\0', address.len) != NULL)
		return false;
	memcpy(text, address.ptr, address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		*out = socket_peer_from_ipv4(bytes, 0);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*out = socket_peer_from_ipv6(bytes, 0);
	else
		return false;
	return true;
}

uint64_t
socket_peer_network(const struct socket_peer *peer)
{
	struct in_addr v4 = {0};
	struct in6_addr v6 = {0};
	uint64_t network = 0;

	if (inet_pton(AF_INET, peer->address, &v4) == 1)
		return v4.s_addr;
	if (inet_pton(AF_INET6, peer->address, &v6) == 1)
		memcpy(&network, v6.s6_addr, sizeof(network));
	return network;
}
