#include "base/str.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

static char
str_lower_byte(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && str_starts_nocase(a, b);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool
str_starts_nocase(struct str s, struct str prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (str_lower_byte(s.ptr[i]) != str_lower_byte(prefix.ptr[i]))
			return false;
	return true;
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

int
str_compare(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order != 0)
		return order < 0 ? -1 : 1;
	if (a.len == b.len)
		return 0;
	return a.len < b.len ? -1 : 1;
}

size_t
str_find_byte(struct str s, char byte, size_t from)
{
	const char *found;

	if (from >= s.len)
		return s.len;
	found = memchr(s.ptr + from, byte, s.len - from);
	return found == NULL ? s.len : (size_t)(found - s.ptr);
}

size_t
str_find(struct str s, struct str needle, size_t from)
{
	const char *found;

	if (from >= s.len || needle.len == 0)
		return from <= s.len && needle.len == 0 ? from : s.len;
	found = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
	return found == NULL ? s.len : (size_t)(found - s.ptr);
}

size_t
str_find_nocase(struct str s, struct str needle, size_t from)
{
	for (size_t i = from; i + needle.len <= s.len; i++)
		if (str_starts_nocase(str_slice(s, i, s.len), needle))
			return i;
	return s.len;
}

static bool
str_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && str_is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && str_is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str
str_cut(struct str *rest, char byte)
{
	size_t at = str_find_byte(*rest, byte, 0);
	struct str head = str_slice(*rest, 0, at);

	if (at < rest->len)
		*rest = (struct str){rest->ptr + at + 1, rest->len - at - 1};
	else
		*rest = (struct str){NULL, 0};
	return head;
}

bool
str_has_line_break(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\r' || s.ptr[i] == '\n' || s.ptr[i] == '\0')
			return true;
	return false;
}

static size_t
least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

size_t
str_distance(struct str a, struct str b, size_t max)
{
	size_t row[65];

	if (a.len > 64 || b.len > 64)
		return str_eq_nocase(a, b) ? 0 : max + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = str_lower_byte(a.ptr[i - 1]) ==
			            str_lower_byte(b.ptr[j - 1]);
			size_t best = least_of(diagonal + (same ? 0 : 1),
			    row[j] + 1, row[j - 1] + 1);

			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b.len] > max ? max + 1 : row[b.len];
}

struct str
str_dup(struct arena *arena, struct str s)
{
	char *copy = str_dup_bytes(arena, s);

	return copy == NULL ? (struct str){NULL, 0} : (struct str){copy, s.len};
}

char *
str_dup_bytes(struct arena *arena, struct str s)
{
	char *copy = arena_room(arena, s.len + 1);

	if (copy == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}

char *
str_dup_c(struct arena *arena, struct str s)
{
	if (str_find_byte(s, '\0', 0) < s.len)
		return NULL;
	return str_dup_bytes(arena, s);
}

struct str
str_lower(struct arena *arena, struct str s)
{
	char *copy = str_dup_bytes(arena, s);

	if (copy == NULL)
		return (struct str){NULL, 0};
	for (size_t i = 0; i < s.len; i++)
		copy[i] = str_lower_byte(copy[i]);
	return (struct str){copy, s.len};
}

struct str
str_join(struct arena *arena, const struct str *parts, size_t count)
{
	size_t len = 0;
	size_t at = 0;
	char *joined;

	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(len, parts[i].len, &len))
			return (struct str){NULL, 0};
	joined = len == SIZE_MAX ? NULL : arena_alloc(arena, len + 1);
	if (joined == NULL)
		return (struct str){NULL, 0};
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len > 0)
			memcpy(joined + at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	return (struct str){joined, len};
}

struct str
str_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *result;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	ensure(len >= 0);
	result = arena_alloc(arena, (size_t)len + 1);
	if (result == NULL)
		return (struct str){NULL, 0};
	va_start(args, format);
	(void)vsnprintf(result, (size_t)len + 1, format, args);
	va_end(args);
	return (struct str){result, (size_t)len};
}
