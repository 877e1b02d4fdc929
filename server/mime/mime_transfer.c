#include "base/scan.h"
#include "mime/mime.h"

/*
 * Own decoders, because real mail is broken in ways that libraries answer
 * with lost bytes: base64 without padding, "=ZZ", soft breaks with padding.
 */

#define CHUNK_BYTES 12288u

/* Output is collected so that the sink is called once per piece. */
struct chunk {
	struct mime_decoder *decoder;
	char bytes[CHUNK_BYTES];
	size_t len;
};

static void
chunk_flush(struct chunk *chunk)
{
	struct mime_decoder *decoder = chunk->decoder;

	if (chunk->len > 0 && !decoder->stopped &&
	    !decoder->sink(decoder->ctx, str_of(chunk->bytes, chunk->len)))
		decoder->stopped = true;
	chunk->len = 0;
}

static void
chunk_add(struct chunk *chunk, unsigned char byte)
{
	if (chunk->len == sizeof(chunk->bytes))
		chunk_flush(chunk);
	chunk->bytes[chunk->len] = (char)byte;
	chunk->len++;
}

static void
chunk_add_held(struct chunk *chunk)
{
	struct mime_decoder *decoder = chunk->decoder;

	for (size_t i = 0; i < decoder->held_len; i++)
		chunk_add(chunk, decoder->held[i]);
	decoder->held_len = 0;
}

static void
hold(struct mime_decoder *decoder, unsigned char byte)
{
	ensure(decoder->held_len < sizeof(decoder->held));
	decoder->held[decoder->held_len] = byte;
	decoder->held_len++;
}

/* Values of the alphabet; 64: none of it. */
/* clang-format off */
static const unsigned char base64_table[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};
/* clang-format on */
#define BASE64_NONE 64u

static int
base64_value(unsigned char byte)
{
	unsigned value = base64_table[byte];

	return value == BASE64_NONE ? -1 : (int)value;
}

/*
 * Behind padding more data may come (joined pieces of some senders), but a
 * line of anything else, or an empty line, ends it: mailing lists put their
 * footer there in clear. True when the byte is of no more use.
 */
static bool
base64_behind(struct mime_decoder *decoder, unsigned char byte)
{
	if (byte == '=') {
		if (decoder->padding == MIME_PADDING_NONE)
			decoder->padding = MIME_PADDING_SEEN;
		return false;
	}
	if (decoder->padding == MIME_PADDING_NONE)
		return false;
	if (decoder->padding == MIME_PADDING_END)
		return true;
	if (byte == '\n')
		decoder->padding = decoder->padding == MIME_PADDING_SEEN
		                       ? MIME_PADDING_LINE
		                       : MIME_PADDING_END;
	else if (base64_value(byte) >= 0)
		decoder->padding = MIME_PADDING_NONE;
	else if (byte != ' ' && byte != '\t' && byte != '\r')
		decoder->padding = MIME_PADDING_END;
	return decoder->padding == MIME_PADDING_END;
}

/*
 * RFC 2045, 6.8: characters outside the alphabet are ignored. Bytes go out as
 * soon as they are whole, so missing padding loses nothing; padding ends a
 * group, and what follows begins anew.
 */
static void
base64_byte(struct chunk *chunk, unsigned char byte)
{
	struct mime_decoder *decoder = chunk->decoder;
	int value = base64_value(byte);

	if (base64_behind(decoder, byte))
		return;
	if (byte == '=') {
		decoder->bits = 0;
		decoder->bit_count = 0;
	}
	if (value < 0)
		return;
	decoder->bits = (decoder->bits << 6 | (uint32_t)value) & 0xffffu;
	decoder->bit_count += 6;
	if (decoder->bit_count < 8)
		return;
	decoder->bit_count -= 8;
	chunk_add(chunk,
	    (unsigned char)(decoder->bits >> decoder->bit_count & 0xffu));
}

/*
 * The same at its place in a group of 24 bits, with a mark that it is a letter
 * at all: a table for each place costs half of what shifting does.
 */
/* clang-format off */
#define LETTERS(E) \
	['A'] = E(0), ['B'] = E(1), ['C'] = E(2), ['D'] = E(3), ['E'] = E(4), ['F'] = E(5), ['G'] = E(6), ['H'] = E(7), \
	['I'] = E(8), ['J'] = E(9), ['K'] = E(10), ['L'] = E(11), ['M'] = E(12), ['N'] = E(13), ['O'] = E(14), ['P'] = E(15), \
	['Q'] = E(16), ['R'] = E(17), ['S'] = E(18), ['T'] = E(19), ['U'] = E(20), ['V'] = E(21), ['W'] = E(22), ['X'] = E(23), \
	['Y'] = E(24), ['Z'] = E(25), ['a'] = E(26), ['b'] = E(27), ['c'] = E(28), ['d'] = E(29), ['e'] = E(30), ['f'] = E(31), \
	['g'] = E(32), ['h'] = E(33), ['i'] = E(34), ['j'] = E(35), ['k'] = E(36), ['l'] = E(37), ['m'] = E(38), ['n'] = E(39), \
	['o'] = E(40), ['p'] = E(41), ['q'] = E(42), ['r'] = E(43), ['s'] = E(44), ['t'] = E(45), ['u'] = E(46), ['v'] = E(47), \
	['w'] = E(48), ['x'] = E(49), ['y'] = E(50), ['z'] = E(51), ['0'] = E(52), ['1'] = E(53), ['2'] = E(54), ['3'] = E(55), \
	['4'] = E(56), ['5'] = E(57), ['6'] = E(58), ['7'] = E(59), ['8'] = E(60), ['9'] = E(61), ['+'] = E(62), ['/'] = E(63)
#define PLACE_1(value) ((value##u) << 18 | 1u << 24)
#define PLACE_2(value) ((value##u) << 12 | 1u << 25)
#define PLACE_3(value) ((value##u) << 6 | 1u << 26)
#define PLACE_4(value) ((value##u) | 1u << 27)
static const uint32_t base64_places[4][256] = {
	{LETTERS(PLACE_1)}, {LETTERS(PLACE_2)}, {LETTERS(PLACE_3)}, {LETTERS(PLACE_4)},
};
/* clang-format on */
#define BASE64_ALL_LETTERS 15u /* the four marks */

/* The four letters of a group as 24 bits, and their marks above. */
static uint32_t
base64_group(const unsigned char *in)
{
	return base64_places[0][in[0]] | base64_places[1][in[1]] |
	       base64_places[2][in[2]] | base64_places[3][in[3]];
}

/*
 * Whole groups of four and the line ends between them, as nearly all of it
 * is; returns how many bytes were used up. In locals, because a char written
 * could be any of them.
 */
static size_t
base64_groups(struct chunk *chunk, const unsigned char *in, size_t len)
{
	char *out = chunk->bytes + chunk->len;
	const char *out_end = chunk->bytes + sizeof(chunk->bytes) - 2;
	size_t i = 0;

	while (len - i >= 4 && out < out_end) {
		uint32_t group = base64_group(in + i);

		if (group >> 24 == BASE64_ALL_LETTERS) {
			out[0] = (char)(group >> 16 & 0xffu);
			out[1] = (char)(group >> 8 & 0xffu);
			out[2] = (char)(group & 0xffu);
			out += 3;
			i += 4;
		} else if (in[i] == '\r' && in[i + 1] == '\n') {
			i += 2;
		} else {
			break;
		}
	}
	chunk->len = (size_t)(out - chunk->bytes);
	return i;
}

static void
base64_add(struct chunk *chunk, struct str bytes)
{
	const struct mime_decoder *decoder = chunk->decoder;
	const unsigned char *in = (const unsigned char *)bytes.ptr;
	size_t at = 0;

	while (at < bytes.len && !decoder->stopped) {
		if (decoder->bit_count == 0 &&
		    decoder->padding == MIME_PADDING_NONE)
			at += base64_groups(chunk, in + at, bytes.len - at);
		if (at < bytes.len)
			base64_byte(chunk, in[at++]);
	}
}

static int
hex_value(unsigned char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

/* What stands after "=": true when the byte is used up. */
static bool
qp_after_equals(struct chunk *chunk, unsigned char byte)
{
	struct mime_decoder *decoder = chunk->decoder;
	unsigned char last = decoder->held[decoder->held_len - 1];

	if (last == '\r') { /* "=" CR: a soft break, with or without LF */
		decoder->held_len = 0;
		return byte == '\n';
	}
	if (byte == '\n') {
		if (decoder->held_len == 2 && hex_value(last) >= 0)
			return chunk_add_held(chunk), false;
		decoder->held_len = 0;
		return true;
	}
	if (decoder->held_len == 1 && hex_value(byte) >= 0)
		return hold(decoder, byte), true;
	if (decoder->held_len == 2 && hex_value(last) >= 0) {
		if (hex_value(byte) < 0) /* "=A?": shown as it came */
			return chunk_add_held(chunk), false;
		chunk_add(chunk,
		    (unsigned char)(hex_value(last) << 4 | hex_value(byte)));
		decoder->held_len = 0;
		return true;
	}
	/* Blanks between "=" and the line's end are padding of a transport. */
	if (byte == '\r' ||
	    (is_blank(byte) && decoder->held_len < sizeof(decoder->held) - 1))
		return hold(decoder, byte), true;
	return chunk_add_held(chunk), false;
}

/* Blanks are held: at the end of a line they do not count (RFC 2045, 6.7). */
static bool
qp_after_blanks(struct chunk *chunk, unsigned char byte)
{
	struct mime_decoder *decoder = chunk->decoder;

	if (byte == '\r' || byte == '\n') {
		decoder->held_len = 0;
		return false;
	}
	if (is_blank(byte) && decoder->held_len < sizeof(decoder->held))
		return hold(decoder, byte), true;
	return chunk_add_held(chunk), false;
}

static void
qp_byte(struct chunk *chunk, unsigned char byte)
{
	struct mime_decoder *decoder = chunk->decoder;

	if (decoder->held_len > 0) {
		bool used = decoder->held[0] == '='
		                ? qp_after_equals(chunk, byte)
		                : qp_after_blanks(chunk, byte);
		if (used)
			return;
	}
	if (byte == '=' || is_blank(byte))
		hold(decoder, byte);
	else
		chunk_add(chunk, byte);
}

static void
qp_add(struct chunk *chunk, struct str bytes)
{
	for (size_t i = 0; i < bytes.len && !chunk->decoder->stopped; i++)
		qp_byte(chunk, (unsigned char)bytes.ptr[i]);
}

void
mime_decoder_init(struct mime_decoder *decoder, enum mime_encoding encoding,
    mime_sink_fn *sink, void *ctx)
{
	*decoder = (struct mime_decoder){
	    .encoding = encoding, .sink = sink, .ctx = ctx};
}

bool
mime_decoder_add(struct mime_decoder *decoder, struct str bytes)
{
	struct chunk chunk;

	if (decoder->stopped || bytes.len == 0)
		return !decoder->stopped;
	if (decoder->encoding == MIME_IDENTITY) {
		decoder->stopped = !decoder->sink(decoder->ctx, bytes);
		return !decoder->stopped;
	}
	chunk.decoder = decoder;
	chunk.len = 0;
	if (decoder->encoding == MIME_BASE64)
		base64_add(&chunk, bytes);
	else
		qp_add(&chunk, bytes);
	chunk_flush(&chunk);
	return !decoder->stopped;
}

bool
mime_decoder_end(struct mime_decoder *decoder)
{
	struct chunk chunk;

	if (decoder->encoding != MIME_QUOTED_PRINTABLE || decoder->stopped)
		return !decoder->stopped;
	chunk.decoder = decoder;
	chunk.len = 0;
	/* Of what is held only "=A" is text; "=" and blanks end a line. */
	if (decoder->held_len == 2 && decoder->held[0] == '=' &&
	    hex_value(decoder->held[1]) >= 0)
		chunk_add_held(&chunk);
	decoder->held_len = 0;
	chunk_flush(&chunk);
	return !decoder->stopped;
}

struct into_arena {
	char *ptr;
	size_t len;
	size_t max_bytes;
};

static bool
into_arena_sink(void *ctx, struct str bytes)
{
	struct into_arena *into = ctx;
	size_t room = into->max_bytes - into->len;
	size_t len = bytes.len < room ? bytes.len : room;

	if (len > 0)
		memcpy(into->ptr + into->len, bytes.ptr, len);
	into->len += len;
	return into->len < into->max_bytes;
}

struct str
mime_decode_transfer(struct arena *arena, enum mime_encoding encoding,
    struct str bytes, size_t max_bytes)
{
	struct mime_decoder decoder;
	struct into_arena into = {0};

	if (encoding == MIME_IDENTITY)
		return str_slice(bytes, 0, max_bytes);
	/* No encoding here makes more bytes than it takes. */
	into.max_bytes = bytes.len < max_bytes ? bytes.len : max_bytes;
	if (into.max_bytes == 0)
		return STR("");
	into.ptr = arena_alloc(arena, into.max_bytes);
	if (into.ptr == NULL)
		return (struct str){0};
	mime_decoder_init(&decoder, encoding, into_arena_sink, &into);
	if (mime_decoder_add(&decoder, bytes))
		(void)mime_decoder_end(&decoder);
	return str_of(into.ptr, into.len);
}

enum mime_encoding
mime_encoding_of(struct str field)
{
	static const char ends[] = " \t\r\n\"'(;";
	struct scan scan = scan_of(field);
	struct str word = {0};

	(void)scan_while(&scan, " \t\r\n\"'");
	word = scan_until(&scan, ends);
	if (str_eq_nocase(word, STR("base64")))
		return MIME_BASE64;
	return str_eq_nocase(word, STR("quoted-printable"))
	           ? MIME_QUOTED_PRINTABLE
	           : MIME_IDENTITY;
}
