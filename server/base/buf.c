#include "base/buf.h"

#include <stdarg.h>

#include "base/arena.h"

void
buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){.max_bytes = max_bytes};
}

void
buf_init_arena(struct buf *buf, struct arena *arena, size_t max_bytes)
{
	*buf = (struct buf){.max_bytes = max_bytes, .arena = arena};
}

void
buf_free(struct buf *buf)
{
	if (buf->arena == NULL)
		free(buf->ptr);
	*buf = (struct buf){.max_bytes = buf->max_bytes, .arena = buf->arena};
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = ERR_OK;
}

static char *
buf_move(struct buf *buf, size_t capacity)
{
	char *bigger;

	if (buf->arena == NULL)
		return realloc(buf->ptr, capacity);
	if (buf->ptr != NULL &&
	    arena_stretch(buf->arena, buf->ptr, buf->capacity, capacity))
		return buf->ptr;
	bigger = arena_room(buf->arena, capacity);
	if (bigger != NULL && buf->len > 0)
		memcpy(bigger, buf->ptr, buf->len);
	return bigger;
}

/* Makes room for `more` bytes and a NUL; false when that failed. */
static bool
buf_make_room(struct buf *buf, size_t more)
{
	size_t capacity = buf->capacity == 0 ? 128 : buf->capacity;
	char *bigger;

	if (buf->failed != ERR_OK)
		return false;
	if (more > buf->max_bytes || buf->len > buf->max_bytes - more) {
		buf->failed = ERR_LIMIT;
		return false;
	}
	while (capacity <= buf->len + more)
		capacity *= 2;
	bigger = buf_move(buf, capacity);
	if (bigger == NULL) {
		buf->failed = ERR_NO_MEMORY;
		return false;
	}
	buf->ptr = bigger;
	buf->capacity = capacity;
	return true;
}

static inline bool
buf_room(struct buf *buf, size_t more)
{
	if (buf->failed == ERR_OK && more < buf->capacity - buf->len &&
	    buf->len + more <= buf->max_bytes)
		return true;
	return buf_make_room(buf, more);
}

void
buf_add(struct buf *buf, struct str s)
{
	if (s.len == 0 || !buf_room(buf, s.len))
		return;
	memcpy(buf->ptr + buf->len, s.ptr, s.len);
	buf->len += s.len;
	buf->ptr[buf->len] = '\0';
}

void
buf_add_c(struct buf *buf, const char *c)
{
	buf_add(buf, str_c(c));
}

void
buf_add_byte(struct buf *buf, char byte)
{
	if (!buf_room(buf, 1))
		return;
	buf->ptr[buf->len++] = byte;
	buf->ptr[buf->len] = '\0';
}

void
buf_add_u64(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add(buf, str_of(digits + at, sizeof(digits) - at));
}

void
buf_add_i64(struct buf *buf, int64_t number)
{
	uint64_t size = (uint64_t)number;

	if (number < 0) {
		buf_add_byte(buf, '-');
		size = 0 - size;
	}
	buf_add_u64(buf, size);
}

void
buf_addf(struct buf *buf, const char *format, ...)
{
	char small[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	ensure(len >= 0);
	if ((size_t)len < sizeof(small)) {
		buf_add(buf, str_of(small, (size_t)len));
		return;
	}
	if (!buf_room(buf, (size_t)len))
		return;
	va_start(args, format);
	(void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

static bool
buf_is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void
buf_add_percent(struct buf *buf, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char byte = (unsigned char)s.ptr[i];
		char code[3] = {'%', digits[byte >> 4], digits[byte & 15]};

		if (buf_is_unreserved(s.ptr[i]))
			continue;
		buf_add(buf, str_slice(s, from, i));
		buf_add(buf, str_of(code, sizeof(code)));
		from = i + 1;
	}
	buf_add(buf, str_slice(s, from, s.len));
}

/* Places in html_entities; 0: the byte stands as it is. */
static const unsigned char html_marks[256] = {
    ['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};
static const struct str html_entities[] = {{"", 0}, {"&amp;", 5}, {"&lt;", 4},
    {"&gt;", 4}, {"&quot;", 6}, {"&#39;", 5}};

void
buf_add_html(struct buf *buf, struct str s)
{
	const unsigned char *bytes = (const unsigned char *)s.ptr;
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char mark = html_marks[bytes[i]];

		if (mark == 0)
			continue;
		buf_add(buf, str_slice(s, from, i));
		buf_add(buf, html_entities[mark]);
		from = i + 1;
	}
	buf_add(buf, str_slice(s, from, s.len));
}

void
buf_add_utf8(struct buf *buf, uint32_t cp)
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	if (cp < 0x80) {
		buf_add_byte(buf, (char)cp);
	} else if (cp < 0x800) {
		buf_add_byte(buf, (char)(0xC0 | (cp >> 6)));
		buf_add_byte(buf, (char)(0x80 | (cp & 0x3F)));
	} else if (cp < 0x10000) {
		buf_add_byte(buf, (char)(0xE0 | (cp >> 12)));
		buf_add_byte(buf, (char)(0x80 | ((cp >> 6) & 0x3F)));
		buf_add_byte(buf, (char)(0x80 | (cp & 0x3F)));
	} else {
		buf_add_byte(buf, (char)(0xF0 | (cp >> 18)));
		buf_add_byte(buf, (char)(0x80 | ((cp >> 12) & 0x3F)));
		buf_add_byte(buf, (char)(0x80 | ((cp >> 6) & 0x3F)));
		buf_add_byte(buf, (char)(0x80 | (cp & 0x3F)));
	}
}

void
buf_add_json(struct buf *buf, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '"' || c == '\\') {
			buf_add_byte(buf, '\\');
			buf_add_byte(buf, c);
		} else if ((unsigned char)c < 0x20) {
			buf_addf(buf, "\\u%04x", (unsigned)c);
		} else {
			buf_add_byte(buf, c);
		}
	}
}

enum err_code
buf_end(struct buf *buf, struct str *out, struct err *err)
{
	*out = buf_str(buf);
	if (buf->failed == ERR_LIMIT)
		return err_setf(err, ERR_LIMIT, "This is too large.",
		    "buffer past %zu bytes", buf->max_bytes);
	if (buf->failed != ERR_OK)
		return err_set(
		    err, buf->failed, "The server is out of memory.", "buffer");
	return ERR_OK;
}

struct str
buf_str(const struct buf *buf)
{
	return str_of(buf->ptr, buf->len);
}
