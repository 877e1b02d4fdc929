#include "base/scan.h"

struct scan
scan_of(struct str in)
{
	return (struct scan){in, 0};
}

bool
scan_end(const struct scan *scan)
{
	return scan->at >= scan->in.len;
}

int
scan_peek(const struct scan *scan)
{
	return scan_peek_at(scan, 0);
}

int
scan_peek_at(const struct scan *scan, size_t offset)
{
	if (offset >= scan->in.len - scan->at)
		return -1;
	return (unsigned char)scan->in.ptr[scan->at + offset];
}

int
scan_next(struct scan *scan)
{
	int byte = scan_peek(scan);

	if (byte >= 0)
		scan->at++;
	return byte;
}

bool
scan_byte(struct scan *scan, char byte)
{
	if (scan_peek(scan) != (unsigned char)byte)
		return false;
	scan->at++;
	return true;
}

bool
scan_str(struct scan *scan, struct str s)
{
	if (!str_starts(scan_rest(scan), s))
		return false;
	scan->at += s.len;
	return true;
}

bool
scan_str_nocase(struct scan *scan, struct str s)
{
	if (!str_starts_nocase(scan_rest(scan), s))
		return false;
	scan->at += s.len;
	return true;
}

/* The bytes of `set` as bits: looked at for every byte that is read. */
struct scan_set {
	uint64_t bits[4];
};

static struct scan_set
scan_set_of(const char *set)
{
	struct scan_set all = {{0}};

	for (; *set != '\0'; set++) {
		unsigned char byte = (unsigned char)*set;

		all.bits[byte >> 6] |= (uint64_t)1 << (byte & 63);
	}
	return all;
}

static struct str
scan_run(struct scan *scan, const char *set, bool in_set)
{
	struct scan_set all = scan_set_of(set);
	size_t from = scan->at;
	size_t at = from;

	for (; at < scan->in.len; at++) {
		unsigned char byte = (unsigned char)scan->in.ptr[at];

		if ((all.bits[byte >> 6] >> (byte & 63) & 1u) != in_set)
			break;
	}
	scan->at = at;
	return str_slice(scan->in, from, at);
}

struct str
scan_while(struct scan *scan, const char *set)
{
	return scan_run(scan, set, true);
}

struct str
scan_until(struct scan *scan, const char *set)
{
	return scan_run(scan, set, false);
}

struct str
scan_until_byte(struct scan *scan, char byte)
{
	size_t from = scan->at;

	scan->at = str_find_byte(scan->in, byte, from);
	return str_slice(scan->in, from, scan->at);
}

struct str
scan_take(struct scan *scan, size_t count)
{
	size_t from = scan->at;
	size_t left = scan->in.len - from;

	scan->at += count < left ? count : left;
	return str_slice(scan->in, from, scan->at);
}

void
scan_blank(struct scan *scan)
{
	(void)scan_while(scan, " \t");
}

bool
scan_u64(struct scan *scan, uint64_t max, uint64_t *out)
{
	size_t at = scan->at;
	uint64_t number = 0;

	while (at < scan->in.len && scan->in.ptr[at] >= '0' &&
	       scan->in.ptr[at] <= '9') {
		uint64_t digit = (uint64_t)(scan->in.ptr[at] - '0');

		if (__builtin_mul_overflow(number, 10u, &number) ||
		    __builtin_add_overflow(number, digit, &number) ||
		    number > max)
			return false;
		at++;
	}
	if (at == scan->at)
		return false;
	scan->at = at;
	*out = number;
	return true;
}

struct str
scan_rest(const struct scan *scan)
{
	return str_slice(scan->in, scan->at, scan->in.len);
}
