#include "os/socket_range.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/num.h"

enum {
	WHOLE_BITS = 128,
	MAPPED_BITS = 96, /* before an IPv4 address (RFC 4291, 2.5.5.2) */
	WORD_BYTES = 64
};

/* A number of either family; *out_first_bit is where its own bits begin. */
static bool
read_address(struct str word, unsigned char out[16], unsigned *out_first_bit)
{
	char text[WORD_BYTES];

	*out_first_bit = 0;
	if (word.len >= 2 && word.ptr[0] == '[' &&
	    word.ptr[word.len - 1] == ']')
		word = str_slice(word, 1, word.len - 1);
	if (word.len == 0 || word.len >= sizeof(text) ||
	    memchr(word.ptr, '\0', word.len) != NULL)
		return false;
	memcpy(text, word.ptr, word.len);
	text[word.len] = '\0';
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	memset(out, 0, 10);
	memset(out + 10, 0xFF, 2);
	*out_first_bit = MAPPED_BITS;
	return inet_pton(AF_INET, text, out + 12) == 1;
}

static bool
bit_of(const unsigned char address[16], unsigned index)
{
	return (address[index / 8] >> (7 - index % 8) & 1) != 0;
}

/* ADDRESS or ADDRESS/PREFIX, nothing set behind the prefix. */
static bool
read_range(struct str word, struct socket_range *out)
{
	struct str rest = word;
	struct str address = str_cut(&rest, '/');
	bool has_prefix = address.len < word.len;
	unsigned first_bit = 0;
	uint32_t prefix = 0;

	if (!read_address(address, out->address, &first_bit))
		return false;
	out->prefix_bits = WHOLE_BITS;
	if (!has_prefix)
		return true;
	if (num_u32(rest, 0, WHOLE_BITS - first_bit, &prefix, NULL) != ERR_OK)
		return false;
	out->prefix_bits = first_bit + prefix;
	for (unsigned i = out->prefix_bits; i < WHOLE_BITS; i++)
		if (bit_of(out->address, i))
			return false;
	return true;
}

static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static struct str
next_word(struct str *rest)
{
	size_t start = 0;
	size_t end = 0;
	struct str word;

	while (start < rest->len && is_gap(rest->ptr[start]))
		start++;
	end = start;
	while (end < rest->len && !is_gap(rest->ptr[end]))
		end++;
	word = str_slice(*rest, start, end);
	*rest = str_slice(*rest, end, rest->len);
	return word;
}

enum err_code
socket_ranges_parse(struct arena *arena, struct str words,
    struct socket_ranges *out, struct err *err)
{
	struct str rest = words;
	size_t most = 1;

	*out = (struct socket_ranges){0};
	for (size_t i = 0; i < words.len; i++)
		most += is_gap(words.ptr[i]);
	out->list = ARENA_ARRAY(arena, most, struct socket_range);
	if (out->list == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "socket_ranges");
	for (;;) {
		struct str word = next_word(&rest);

		if (word.len == 0)
			return ERR_OK;
		if (!read_range(word, &out->list[out->count++]))
			return err_sayf(err, ERR_INPUT,
			    "%.*s is no address or network; allowed: such as "
			    "127.0.0.1, 10.0.0.0/8, ::1, 2001:db8::/32, with "
			    "nothing set behind the prefix",
			    STR_ARG(str_slice(word, 0, 60)));
	}
}

bool
socket_ranges_hold(const struct socket_ranges *ranges, struct str address)
{
	unsigned char bytes[16];
	unsigned first_bit = 0;

	if (ranges->count == 0 || !read_address(address, bytes, &first_bit))
		return false;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct socket_range *range = &ranges->list[i];
		unsigned bit = 0;

		while (bit < range->prefix_bits &&
		       bit_of(bytes, bit) == bit_of(range->address, bit))
			bit++;
		if (bit == range->prefix_bits)
			return true;
	}
	return false;
}
