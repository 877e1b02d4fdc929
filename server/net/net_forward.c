#include "net/net_forward.h"

#include "base/num.h"
#include "base/scan.h"

enum {
	V1_LINE_BYTES = 107, /* with CR LF (2.1) */
	V2_HEAD_BYTES = 16,
	V2_VERSION = 0x2,
	V2_LOCAL = 0x0,
	V2_PROXY = 0x1,
	V2_TCP4 = 0x11, /* AF_INET, STREAM */
	V2_TCP6 = 0x21, /* AF_INET6, STREAM */
	V2_TCP4_BYTES = 12,
	V2_TCP6_BYTES = 36,
};

/* Could be `whole` when more has come? */
static bool
begins_like(struct str bytes, struct str whole)
{
	size_t len = bytes.len < whole.len ? bytes.len : whole.len;

	return str_eq(str_slice(bytes, 0, len), str_slice(whole, 0, len));
}

/*
 * Version 1 (2.1), one line:
 *   "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP port SP port CRLF
 *   "PROXY UNKNOWN" anything CRLF
 */
static bool
read_addresses(struct str words, bool is_ipv6, struct socket_peer *out_peer)
{
	struct str rest = words;
	struct str source = str_cut(&rest, ' ');
	struct str destination = str_cut(&rest, ' ');
	struct str source_port = str_cut(&rest, ' ');
	struct socket_peer unused;
	uint32_t port = 0;
	uint32_t other = 0;

	/* The family is the spelling's: an IPv4 address has no colon. */
	if (is_ipv6 != (str_find_byte(source, ':', 0) < source.len) ||
	    is_ipv6 != (str_find_byte(destination, ':', 0) < destination.len) ||
	    source.ptr[0] == '[' || !socket_peer_parse(source, out_peer) ||
	    !socket_peer_parse(destination, &unused) ||
	    num_u32(source_port, 0, 65535, &port, NULL) != ERR_OK ||
	    num_u32(rest, 0, 65535, &other, NULL) != ERR_OK)
		return false;
	out_peer->port = (uint16_t)port;
	return true;
}

static enum net_forward_result
parse_line(struct str bytes, size_t *out_bytes, struct socket_peer *out_peer)
{
	struct str line = str_slice(bytes, 0, V1_LINE_BYTES);
	size_t end = str_find(line, STR("\r\n"), 0);
	struct scan scan = scan_of(str_slice(line, 0, end));
	bool is_ipv6 = false;

	if (end == line.len)
		return line.len < V1_LINE_BYTES ? NET_FORWARD_MORE
		                                : NET_FORWARD_BAD;
	*out_bytes = end + 2;
	if (scan_str(&scan, STR("PROXY UNKNOWN")))
		return scan_end(&scan) || scan_peek(&scan) == ' '
		           ? NET_FORWARD_LOCAL
		           : NET_FORWARD_BAD;
	is_ipv6 = scan_str(&scan, STR("PROXY TCP6 "));
	if (!is_ipv6 && !scan_str(&scan, STR("PROXY TCP4 ")))
		return NET_FORWARD_BAD;
	if (scan_end(&scan) ||
	    !read_addresses(scan_rest(&scan), is_ipv6, out_peer))
		return NET_FORWARD_BAD;
	return NET_FORWARD_PEER;
}

static uint16_t
u16_at(const unsigned char *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/*
 * Version 2 (2.2): signature, version and command, family, length (2 bytes),
 * addresses, TLVs. The length counts what follows it.
 */
static enum net_forward_result
parse_binary(struct str bytes, size_t *out_bytes, struct socket_peer *out_peer)
{
	const unsigned char *head = (const unsigned char *)bytes.ptr;
	const unsigned char *body = head + V2_HEAD_BYTES;
	size_t len = 0;

	if (bytes.len < V2_HEAD_BYTES)
		return NET_FORWARD_MORE;
	len = u16_at(head + 14);
	if (head[12] >> 4 != V2_VERSION || (head[12] & 0xF) > V2_PROXY ||
	    V2_HEAD_BYTES + len > NET_FORWARD_BYTES_MOST)
		return NET_FORWARD_BAD;
	if (bytes.len < V2_HEAD_BYTES + len)
		return NET_FORWARD_MORE;
	*out_bytes = V2_HEAD_BYTES + len;
	if ((head[12] & 0xF) == V2_LOCAL)
		return NET_FORWARD_LOCAL;
	if (head[13] == V2_TCP4 && len >= V2_TCP4_BYTES) {
		*out_peer = socket_peer_from_ipv4(body, u16_at(body + 8));
		return NET_FORWARD_PEER;
	}
	if (head[13] == V2_TCP6 && len >= V2_TCP6_BYTES) {
		*out_peer = socket_peer_from_ipv6(body, u16_at(body + 32));
		return NET_FORWARD_PEER;
	}
	/* Unix sockets, datagrams, unspecified: nobody we could name. */
	return head[13] == V2_TCP4 || head[13] == V2_TCP6 ? NET_FORWARD_BAD
	                                                  : NET_FORWARD_LOCAL;
}

enum net_forward_result
net_forward_parse(
    struct str bytes, size_t *out_bytes, struct socket_peer *out_peer)
{
	static const struct str line = {"PROXY ", 6};
	static const struct str signature = {
	    "\r\n\r\n\0\r\nQUIT\n", 12}; /* 2.2 */

	*out_bytes = 0;
	if (begins_like(bytes, line))
		return bytes.len < line.len
		           ? NET_FORWARD_MORE
		           : parse_line(bytes, out_bytes, out_peer);
	if (begins_like(bytes, signature))
		return parse_binary(bytes, out_bytes, out_peer);
	return NET_FORWARD_BAD;
}
