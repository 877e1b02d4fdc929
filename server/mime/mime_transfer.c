#include "mime/mime.h"

/*
 * Own decoders, because real mail is broken in ways that libraries answer
 * with lost bytes: base64 without padding, "=ZZ", soft breaks with padding.
 */

#define CHUNK_BYTES 2048u

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

static int
base64_value(unsigned char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+')
		return 62;
	return byte == '/' ? 63 : -1;
}

/*
 * RFC 2045, 6.8: characters outside the alphabet are ignored. Bytes go out as
 * soon as they are whole, so missing padding loses nothing; padding ends a
 * group, and what follows begins anew (joined pieces of some senders).
 */
static void
base64_byte(struct chunk *chunk, unsigned char byte)
{
	struct mime_decoder *decoder = chunk->decoder;
	int value = base64_value(byte);

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
	for (size_t i = 0; i < bytes.len && !decoder->stopped; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];
		if (decoder->encoding == MIME_BASE64)
			base64_byte(&chunk, byte);
		else
			qp_byte(&chunk, byte);
	}
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
