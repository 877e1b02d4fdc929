/* The PROXY protocol's header, from exact-size blocks, whole and in pieces. */
#include "net/net_forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* STR() for tables: they are constants, and may hold NUL. */
#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

#define V2      "\r\n\r\n\0\r\nQUIT\n"
#define V4_WAY  "\300\0\2\1\177\0\0\1\177\220\1\273" /* :32656 to :443 */
#define ZEROS_8 "\0\0\0\0\0\0\0\0"
#define V6_WAY                                                             \
	"\x20\x01\x0d\xb8" ZEROS_8 "\0\0\0\x07" ZEROS_8 ZEROS_8 "\0\x51\0" \
	"\x50"
#define LINE_107                                                           \
	"PROXY UNKNOWN "                                                   \
	"1234567890123456789012345678901234567890123456789012345678901234" \
	"567890123456789012345678901\r\n"

struct row {
	const char *name;
	struct str bytes; /* what follows the header is in it too */
	enum net_forward_result expected;
	size_t header_bytes;
	const char *address;
	uint16_t port;
};

static const struct row rows[] = {
    {"v4", BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /"),
        NET_FORWARD_PEER, 45, "192.0.2.1", 56324},
    {"v6", BYTES("PROXY TCP6 2001:DB8:0::1 ::1 1 65535\r\n"), NET_FORWARD_PEER,
        38, "2001:db8::1", 1},
    {"v6 mapped", BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 1\r\n"),
        NET_FORWARD_PEER, 37, "192.0.2.1", 0},
    {"unknown", BYTES("PROXY UNKNOWN\r\n\x16"), NET_FORWARD_LOCAL, 15, "", 0},
    {"unknown with more", BYTES("PROXY UNKNOWN ffff::1 what ever\r\n"),
        NET_FORWARD_LOCAL, 33, "", 0},
    {"longest", BYTES(LINE_107), NET_FORWARD_LOCAL, 107, "", 0},
    {"too long", BYTES("x" LINE_107), NET_FORWARD_BAD, 0, "", 0},
    {"too long 2", BYTES("PROXY UNKNOWN x" LINE_107), NET_FORWARD_BAD, 0, "",
        0},
    {"unknown glued", BYTES("PROXY UNKNOWNS\r\n"), NET_FORWARD_BAD, 0, "", 0},
    {"family", BYTES("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"), NET_FORWARD_BAD,
        0, "", 0},
    {"family 2", BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), NET_FORWARD_BAD, 0, "",
        0},
    {"udp", BYTES("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"), NET_FORWARD_BAD, 0,
        "", 0},
    {"brackets", BYTES("PROXY TCP6 [::1] ::1 1 2\r\n"), NET_FORWARD_BAD, 0, "",
        0},
    {"port", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"),
        NET_FORWARD_BAD, 0, "", 0},
    {"sign", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n"), NET_FORWARD_BAD,
        0, "", 0},
    {"no destination port", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"),
        NET_FORWARD_BAD, 0, "", 0},
    {"more words", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"),
        NET_FORWARD_BAD, 0, "", 0},
    {"two blanks", BYTES("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"),
        NET_FORWARD_BAD, 0, "", 0},
    {"no words", BYTES("PROXY TCP4 \r\n"), NET_FORWARD_BAD, 0, "", 0},
    {"nul", BYTES("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2\r\n"), NET_FORWARD_BAD,
        0, "", 0},
    {"lf only", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"), NET_FORWARD_MORE,
        0, "", 0},
    {"lower case", BYTES("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"),
        NET_FORWARD_BAD, 0, "", 0},
    {"http", BYTES("GET / HTTP/1.1\r\n"), NET_FORWARD_BAD, 0, "", 0},
    {"http like", BYTES("PUT / HTTP/1.1\r\n"), NET_FORWARD_BAD, 0, "", 0},
    {"tls", BYTES("\x16\x03\x01"), NET_FORWARD_BAD, 0, "", 0},
    {"nothing", BYTES(""), NET_FORWARD_MORE, 0, "", 0},

    {"2: v4", BYTES(V2 "\x21\x11\0\x0c" V4_WAY "GET"), NET_FORWARD_PEER, 28,
        "192.0.2.1", 32656},
    {"2: v4 with TLV",
        BYTES(V2 "\x21\x11\0\x11" V4_WAY "\x04\0\2hi"
                 "\x16"),
        NET_FORWARD_PEER, 33, "192.0.2.1", 32656},
    {"2: v6", BYTES(V2 "\x21\x21\0\x24" V6_WAY), NET_FORWARD_PEER, 52,
        "2001:db8::7", 81},
    {"2: local", BYTES(V2 "\x20\0\0\0GET"), NET_FORWARD_LOCAL, 16, "", 0},
    {"2: local with address", BYTES(V2 "\x20\x11\0\x0c" V4_WAY),
        NET_FORWARD_LOCAL, 28, "", 0},
    {"2: unix", BYTES(V2 "\x21\x31\0\1x"), NET_FORWARD_LOCAL, 17, "", 0},
    {"2: datagrams", BYTES(V2 "\x21\x12\0\x0c" V4_WAY), NET_FORWARD_LOCAL, 28,
        "", 0},
    {"2: unspecified", BYTES(V2 "\x21\0\0\0"), NET_FORWARD_LOCAL, 16, "", 0},
    {"2: short v4", BYTES(V2 "\x21\x11\0\x0b" V4_WAY), NET_FORWARD_BAD, 0, "",
        0},
    {"2: short v6", BYTES(V2 "\x21\x21\0\x0c" V4_WAY), NET_FORWARD_BAD, 0, "",
        0},
    {"2: version", BYTES(V2 "\x11\x11\0\x0c" V4_WAY), NET_FORWARD_BAD, 0, "",
        0},
    {"2: command", BYTES(V2 "\x22\x11\0\x0c" V4_WAY), NET_FORWARD_BAD, 0, "",
        0},
    {"2: huge", BYTES(V2 "\x21\x11\x10\1" V4_WAY), NET_FORWARD_BAD, 0, "", 0},
    {"2: largest", BYTES(V2 "\x21\x11\x10\0" V4_WAY), NET_FORWARD_MORE, 0, "",
        0},
    {"2: other signature", BYTES("\r\n\r\n\0\r\nQUIX\n\x21\x11\0\x0c" V4_WAY),
        NET_FORWARD_BAD, 0, "", 0},
};

static enum net_forward_result
parse(struct str bytes, size_t *out_bytes, struct socket_peer *out_peer)
{
	char *block = malloc(bytes.len > 0 ? bytes.len : 1);
	enum net_forward_result result = NET_FORWARD_BAD;

	assert_non_null(block);
	memcpy(block, bytes.ptr, bytes.len);
	result =
	    net_forward_parse(str_of(bytes.len > 0 ? block : NULL, bytes.len),
	        out_bytes, out_peer);
	free(block);
	return result;
}

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct socket_peer peer = {.port = 0};
		size_t len = 0;
		enum net_forward_result result = parse(row->bytes, &len, &peer);

		if (result != row->expected)
			print_error("%s: %d\n", row->name, (int)result);
		assert_int_equal(result, row->expected);
		if (result == NET_FORWARD_MORE || result == NET_FORWARD_BAD)
			continue;
		assert_int_equal(len, row->header_bytes);
		assert_string_equal(peer.address, row->address);
		assert_int_equal(peer.port, row->port);
	}
}

/* A good one is MORE at every byte before its last, and does not change. */
static void
test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct socket_peer peer;
		size_t len = 0;

		for (size_t end = 0; end < row->header_bytes; end++)
			assert_int_equal(
			    parse(str_slice(row->bytes, 0, end), &len, &peer),
			    NET_FORWARD_MORE);
		if (row->header_bytes == 0)
			continue;
		assert_int_equal(
		    parse(str_slice(row->bytes, 0, row->header_bytes), &len,
		        &peer),
		    row->expected);
		assert_int_equal(len, row->header_bytes);
	}
}

/* It ends: no input of the greatest size is still waited for. */
static void
test_bound(void **state)
{
	static char most[NET_FORWARD_BYTES_MOST];
	static const struct str heads[] = {
	    BYTES("PROXY "),
	    BYTES("PROXY UNKNOWN "),
	    BYTES(V2 "\x21\x11\x10\0"),
	    BYTES(V2 "\x20\0\x10\0"),
	    BYTES(""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct socket_peer peer;
		size_t len = 0;

		memset(most, ' ', sizeof(most));
		memcpy(most, heads[i].ptr, heads[i].len);
		assert_int_not_equal(
		    parse(str_of(most, sizeof(most)), &len, &peer),
		    NET_FORWARD_MORE);
		assert_true(len <= sizeof(most));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
