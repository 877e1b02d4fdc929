#include "hello.h"

#include <openssl/rand.h>

#include "base/scan.h"
#include "suite.h"

#define RANDOM_BYTES      32
#define MESSAGE_MAX       ((size_t)16 << 10)
#define RECORD_HANDSHAKE  22
#define RECORD_ALERT      21
#define ALERT_FATAL       2
#define SERVER_HELLO      2
#define SERVER_EXCHANGE   12
#define SERVER_DONE       14
#define EXT_NAME          0
#define EXT_GROUPS        10
#define EXT_POINTS        11
#define EXT_SIGNATURES    13
#define EXT_MASTER        23
#define EXT_VERSIONS      43
#define EXT_PSK_MODES     45
#define EXT_KEY_SHARE     51
#define EXT_RENEGOTIATION 0xff01
#define SCSV_FALLBACK     0x5600
#define CURVE_NAMED       3

static const struct {
	const char *name;
	unsigned bits;
	uint16_t number;
} GROUPS[] = {{"X25519", 3072, 29}, {"P-256", 3072, 23}, {"X448", 7680, 30},
    {"P-384", 7680, 24}, {"P-521", 15360, 25}, {"X25519MLKEM768", 3072, 0x11ec},
    {"secp256k1", 3072, 22}, {"brainpoolP256r1", 3072, 26},
    {"brainpoolP384r1", 7680, 27}, {"brainpoolP512r1", 15360, 28},
    {"P-224", 2048, 21}, {"P-192", 1536, 19}, {"secp192k1", 1536, 18},
    {"secp160r1", 1024, 16}, {"ffdhe2048", 2048, 256}, {"ffdhe3072", 3072, 257},
    {"ffdhe4096", 4096, 258}, {"ffdhe6144", 6144, 259},
    {"ffdhe8192", 8192, 260}};

/* The common ones, and those of old; post-quantum ones want their share. */
static const uint16_t COMMON_GROUPS[] = {
    29, 23, 30, 24, 25, 256, 257, 258, 26, 27, 28, 22, 21, 19, 18, 16};
static const uint16_t SIGNATURES[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808,
    0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
    0x0203, 0x0201, 0x0402, 0x0202, 0x0101};

static void
add_number(struct buf *out, size_t number, unsigned bytes)
{
	while (bytes > 0)
		buf_add_byte(out, (char)(number >> 8 * --bytes & 0xff));
}

/* Length before contents: of `bytes` octets. */
static void
add_sized(struct buf *out, const struct buf *part, unsigned bytes)
{
	add_number(out, buf_str(part).len, bytes);
	buf_add(out, buf_str(part));
}

static void
add_extension(struct buf *out, size_t kind, struct str contents)
{
	add_number(out, kind << 16 | contents.len, 4);
	buf_add(out, contents);
}

/* A list of 16 bit numbers with its length before it. */
static void
add_list(struct buf *out, size_t kind, const uint16_t *list, size_t count)
{
	add_number(out, kind, 2);
	add_number(out, count * 2 + 2, 2);
	add_number(out, count * 2, 2);
	for (size_t i = 0; i < count; i++)
		add_number(out, list[i], 2);
}

static void
add_name(struct buf *out, struct str name)
{
	if (name.len == 0)
		return;
	add_number(out, EXT_NAME, 2);
	add_number(out, name.len + 5, 2);
	add_number(out, name.len + 3, 2);
	add_number(out, 0, 1);
	add_number(out, name.len, 2);
	buf_add(out, name);
}

static void
add_extensions(const struct hello *hello, struct buf *out)
{
	bool has_groups = hello->groups != NULL;

	add_name(out, hello->name);
	add_list(out, EXT_GROUPS, has_groups ? hello->groups : COMMON_GROUPS,
	    has_groups ? hello->group_count
	               : sizeof(COMMON_GROUPS) / sizeof(COMMON_GROUPS[0]));
	add_extension(out, EXT_POINTS, STR("\1\0"));
	if (hello->version >= HELLO_TLS1_2)
		add_list(out, EXT_SIGNATURES, SIGNATURES,
		    sizeof(SIGNATURES) / sizeof(SIGNATURES[0]));
	add_extension(out, EXT_MASTER, STR(""));
	if (hello->version < HELLO_TLS1_3) {
		add_extension(out, EXT_RENEGOTIATION, STR("\0"));
		return;
	}
	add_extension(out, EXT_VERSIONS, STR("\2\3\4"));
	add_extension(out, EXT_PSK_MODES, STR("\1\1"));
	/* No share: the server then names the group it wants (RFC 8446,
	 * 4.2.8), and no key has to be made. */
	add_extension(out, EXT_KEY_SHARE, STR("\0\0"));
}

static void
add_random(struct buf *out)
{
	unsigned char random[RANDOM_BYTES] = {0};

	/* Without randomness the question is still a good one. */
	(void)RAND_bytes(random, RANDOM_BYTES);
	buf_add(out, str_of((const char *)random, RANDOM_BYTES));
}

static void
add_suites(const struct hello *hello, struct buf *out)
{
	add_number(
	    out, (hello->suite_count + (hello->is_fallback ? 1 : 0)) * 2, 2);
	for (size_t i = 0; i < hello->suite_count; i++)
		add_number(out, hello->suites[i], 2);
	if (hello->is_fallback)
		add_number(out, SCSV_FALLBACK, 2);
}

void
hello_write(const struct hello *hello, struct buf *out)
{
	CLEANUP(buf_free) struct buf body;
	CLEANUP(buf_free) struct buf extensions;
	bool is_new = hello->version == HELLO_TLS1_3;

	buf_init(&body, MESSAGE_MAX);
	buf_init(&extensions, MESSAGE_MAX);
	add_number(&body, is_new ? HELLO_TLS1_2 : hello->version, 2);
	add_random(&body);
	/* RFC 8446, D.4: what stands in between likes to see a session. */
	add_number(&body, is_new ? RANDOM_BYTES : 0, 1);
	if (is_new)
		add_random(&body);
	add_suites(hello, &body);
	buf_add(&body, hello->offers_deflate ? STR("\2\1\0") : STR("\1\0"));
	if (hello->version > HELLO_SSL3) {
		add_extensions(hello, &extensions);
		add_sized(&body, &extensions, 2);
	}
	add_number(out, RECORD_HANDSHAKE, 1);
	add_number(out,
	    hello->version > HELLO_TLS1_0 ? HELLO_TLS1_0 : hello->version, 2);
	add_number(out, buf_str(&body).len + 4, 2);
	add_number(out, 1, 1);
	add_sized(out, &body, 3);
}

void
hello_write_ssl2(struct buf *out)
{
	/* RC4, RC2, DES and 3DES as SSL 2.0 numbers them. */
	const struct str specs =
	    STR("\1\0\200\2\0\200\3\0\200\4\0\200\6\0\100\7\0\300");

	add_number(out, 0x8000 | (9 + specs.len + 16), 2);
	buf_add(out, STR("\1\0\2"));
	add_number(out, specs.len, 2);
	add_number(out, 0, 2);
	add_number(out, 16, 2);
	buf_add(out, specs);
	buf_add(out, STR("0123456789abcdef"));
}

bool
hello_is_ssl2(struct str bytes)
{
	/* Two octets of length with the high bit, then SERVER-HELLO. */
	return bytes.len >= 7 && ((unsigned char)bytes.ptr[0] & 0x80) != 0 &&
	       bytes.ptr[2] == 4 && bytes.ptr[5] == 0 && bytes.ptr[6] == 2;
}

static bool
take_number(struct scan *scan, unsigned bytes, size_t *out)
{
	struct str part = scan_take(scan, bytes);

	*out = 0;
	for (size_t i = 0; i < part.len; i++)
		*out = *out << 8 | (unsigned char)part.ptr[i];
	return part.len == bytes;
}

/* What stands behind its length; false when that is more than there is. */
static bool
take_sized(struct scan *scan, unsigned bytes, struct str *out)
{
	size_t len = 0;

	*out = (struct str){0};
	if (!take_number(scan, bytes, &len) || len > scan_rest(scan).len)
		return false;
	*out = scan_take(scan, len);
	return true;
}

static void
read_extension(size_t kind, struct str contents, struct hello_answer *out)
{
	struct scan scan = scan_of(contents);
	size_t number = 0;

	if (kind == EXT_RENEGOTIATION)
		out->has_secure_renegotiation = true;
	else if (kind == EXT_VERSIONS && take_number(&scan, 2, &number))
		out->version = (uint16_t)number;
	else if (kind == EXT_KEY_SHARE && take_number(&scan, 2, &number))
		out->group = (uint16_t)number;
}

static bool
read_server_hello(struct str message, struct hello_answer *out)
{
	struct scan scan = scan_of(message);
	struct scan list;
	struct str part;
	size_t version = 0;
	size_t suite = 0;
	size_t compression = 0;
	size_t kind = 0;

	if (!take_number(&scan, 2, &version) ||
	    scan_take(&scan, RANDOM_BYTES).len != RANDOM_BYTES ||
	    !take_sized(&scan, 1, &part) || !take_number(&scan, 2, &suite) ||
	    !take_number(&scan, 1, &compression))
		return false;
	out->version = (uint16_t)version;
	out->suite = (uint16_t)suite;
	out->has_deflate = compression != 0;
	if (scan_end(&scan))
		return true;
	if (!take_sized(&scan, 2, &part))
		return false;
	list = scan_of(part);
	while (!scan_end(&list)) {
		if (!take_number(&list, 2, &kind) ||
		    !take_sized(&list, 2, &part))
			return false;
		read_extension(kind, part, out);
	}
	return true;
}

static unsigned
bits_of(struct str number)
{
	size_t at = 0;
	unsigned bits = 0;

	while (at < number.len && number.ptr[at] == 0)
		at++;
	if (at == number.len)
		return 0;
	bits = (unsigned)(number.len - at) * 8;
	for (unsigned top = (unsigned char)number.ptr[at]; top < 0x80;
	     top <<= 1)
		bits--;
	return bits;
}

/* RFC 5246, 7.4.3, and RFC 8422, 5.4. */
static void
read_exchange(struct str message, struct hello_answer *out)
{
	struct suite suite = suite_of(out->suite);
	struct str name = str_c(suite.name);
	struct scan scan = scan_of(message);
	struct str prime;
	size_t number = 0;

	if (str_find(name, STR("ECDH"), 0) < name.len) {
		if (take_number(&scan, 1, &number) && number == CURVE_NAMED &&
		    take_number(&scan, 2, &number))
			out->group = (uint16_t)number;
	} else if (str_find(name, STR("_DH"), 0) < name.len &&
	           take_sized(&scan, 2, &prime)) {
		out->dh_bits = bits_of(prime);
	}
}

static bool
wants_exchange(const struct hello_answer *answer)
{
	struct suite suite = suite_of(answer->suite);

	return answer->version < HELLO_TLS1_3 &&
	       (suite.exchange == SUITE_DHE || suite.exchange == SUITE_ECDHE ||
	           suite.exchange == SUITE_ANONYMOUS);
}

/* One message; *is_known: the hello was among those before it. */
static enum hello_result
read_message(
    size_t kind, struct str message, bool *is_known, struct hello_answer *out)
{
	if (!*is_known) {
		*is_known =
		    kind == SERVER_HELLO && read_server_hello(message, out);
		if (!*is_known)
			return HELLO_NO_TLS;
		return wants_exchange(out) ? HELLO_MORE : HELLO_ACCEPTED;
	}
	if (kind == SERVER_EXCHANGE)
		read_exchange(message, out);
	return kind == SERVER_EXCHANGE || kind == SERVER_DONE ? HELLO_ACCEPTED
	                                                      : HELLO_MORE;
}

static enum hello_result
read_messages(struct str bytes, struct hello_answer *out)
{
	struct scan scan = scan_of(bytes);
	struct str message;
	size_t kind = 0;
	bool is_known = false;
	enum hello_result result = HELLO_MORE;

	while (result == HELLO_MORE && take_number(&scan, 1, &kind) &&
	       take_sized(&scan, 3, &message))
		result = read_message(kind, message, &is_known, out);
	return result;
}

/* One record, of which all that came so far is in `messages`. */
static enum hello_result
read_record(size_t kind, struct str part, struct buf *messages,
    struct hello_answer *out)
{
	if (kind == RECORD_HANDSHAKE) {
		buf_add(messages, part);
		return read_messages(buf_str(messages), out);
	}
	if (part.len < 2 || part.ptr[0] != ALERT_FATAL)
		return HELLO_MORE;
	out->alert = (unsigned char)part.ptr[1];
	return HELLO_REFUSED;
}

enum hello_result
hello_read(struct str bytes, struct hello_answer *out)
{
	CLEANUP(buf_free) struct buf messages;
	struct scan scan = scan_of(bytes);
	struct str part;
	size_t kind = 0;
	size_t version = 0;
	enum hello_result result = HELLO_MORE;

	*out = (struct hello_answer){0};
	buf_init(&messages, HELLO_ANSWER_BYTES);
	while (result == HELLO_MORE && take_number(&scan, 1, &kind)) {
		if (kind != RECORD_HANDSHAKE && kind != RECORD_ALERT)
			return HELLO_NO_TLS;
		if (!take_number(&scan, 2, &version))
			return HELLO_MORE;
		if (version >> 8 != 3)
			return HELLO_NO_TLS;
		if (!take_sized(&scan, 2, &part))
			return HELLO_MORE;
		result = read_record(kind, part, &messages, out);
	}
	return result;
}

size_t
hello_group_count(void)
{
	return sizeof(GROUPS) / sizeof(GROUPS[0]);
}

uint16_t
hello_group_at(size_t index)
{
	return GROUPS[index].number;
}

const char *
hello_group_name(uint16_t group)
{
	for (size_t i = 0; i < hello_group_count(); i++)
		if (GROUPS[i].number == group)
			return GROUPS[i].name;
	return NULL;
}

unsigned
hello_group_bits(uint16_t group)
{
	for (size_t i = 0; i < hello_group_count(); i++)
		if (GROUPS[i].number == group)
			return GROUPS[i].bits;
	return 0;
}
