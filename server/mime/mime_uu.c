#include "mime/mime_uu.h"

#include "base/buf.h"
#include "base/scan.h"

#define BAD_LINES_MAX 5u   /* in a row: the file is over */
#define NAME_BYTES    300u /* of a name that is looked at */

/* The line at `at` without its end; *next: where the next one begins. */
static struct str
line_at(struct str text, size_t at, size_t *next)
{
	size_t end = str_find_byte(text, '\n', at);
	struct str line = str_slice(text, at, end);

	*next = end < text.len ? end + 1 : end;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Bytes that a line of data says it holds; -1: no such line. */
static int
data_bytes(struct str line)
{
	size_t needed;
	int bytes;

	if (line.len == 0 || line.ptr[0] < ' ' || line.ptr[0] > '`')
		return -1;
	bytes = (line.ptr[0] - ' ') & 63;
	needed = ((size_t)bytes + 2) / 3 * 4;
	/* Blanks at the end get lost on the way; some add a check letter. */
	if (line.len > needed + 3 ||
	    (line.len < needed + 1 && bytes > 0 && line.len < 2))
		return -1;
	for (size_t i = 1; i < line.len; i++) {
		if (line.ptr[i] < ' ' || line.ptr[i] > '`')
			return -1;
	}
	/* Far too short is text that only looks like it. */
	return needed > line.len + 24 ? -1 : bytes;
}

static bool
is_base64_line(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '+' || c == '/' ||
		        c == '='))
			return false;
	}
	return line.len > 0;
}

/* "begin 644 name": the name; ptr NULL: no such line. */
static struct str
begin_name(struct str line, bool *is_base64)
{
	struct scan scan = scan_of(line);
	uint64_t mode = 0;
	struct str name;

	*is_base64 = scan_str(&scan, STR("begin-base64"));
	if (!*is_base64 && !scan_str(&scan, STR("begin")))
		return (struct str){0};
	if (!scan_byte(&scan, ' ') || !scan_u64(&scan, 7777, &mode) ||
	    !scan_byte(&scan, ' '))
		return (struct str){0};
	name = str_trim(scan_rest(&scan));
	return name.len > NAME_BYTES ? (struct str){0} : name;
}

/* base64 is counted by what it decodes to, at most. */
static void
count_base64(struct str line, struct mime_uu *out)
{
	size_t letters = line.len;

	while (letters > 0 && line.ptr[letters - 1] == '=')
		letters--;
	out->bytes += letters * 3 / 4;
}

/* From the first line of data to the end of the file. */
static void
find_end(struct str text, struct mime_uu *out)
{
	unsigned bad = 0;
	size_t at = out->data;

	out->end = at;
	while (at < text.len && bad < BAD_LINES_MAX) {
		size_t next = at;
		struct str line = line_at(text, at, &next);
		int bytes = data_bytes(line);

		at = next;
		if (out->is_base64 ? str_eq(line, STR("===="))
		                   : str_eq(str_trim(line), STR("end"))) {
			out->end = at;
			return;
		}
		if (out->is_base64 ? !is_base64_line(line) : bytes < 0) {
			bad++;
			out->is_broken = true;
			continue;
		}
		bad = 0;
		out->end = at;
		if (out->is_base64)
			count_base64(line, out);
		else
			out->bytes += (uint64_t)bytes;
	}
	out->is_broken = true;
}

static bool
find_yenc_end(struct str text, struct mime_uu *out)
{
	size_t found = str_find(text, STR("\n=yend"), out->data - 1);
	size_t next = text.len;

	if (found < text.len)
		(void)line_at(text, found + 1, &next);
	out->is_broken = found == text.len;
	out->end = next;
	return true;
}

/* A file that begins with this line? */
static bool
file_at(struct str text, size_t at, struct mime_uu *out)
{
	struct mime_uu file = {.start = at};
	struct str line = line_at(text, at, &file.data);
	struct str first;
	size_t next;

	if (str_starts(line, STR("=ybegin "))) {
		size_t name = str_find(line, STR(" name="), 0);
		file.name = str_trim(str_slice(line, name + 6, line.len));
		file.is_yenc = true;
		*out = file;
		return file.data < text.len && find_yenc_end(text, out);
	}
	file.name = begin_name(line, &file.is_base64);
	if (file.name.len == 0 || file.data >= text.len)
		return false;
	first = line_at(text, file.data, &next);
	if (file.is_base64 ? !is_base64_line(first) : data_bytes(first) < 0)
		return false;
	find_end(text, &file);
	*out = file;
	return true;
}

bool
mime_uu_next(struct str text, size_t from, struct mime_uu *out)
{
	while (from < text.len) {
		size_t next = from;
		char first = text.ptr[from];

		if ((first == 'b' || first == '=') && file_at(text, from, out))
			return true;
		next = str_find_byte(text, '\n', from);
		from = next < text.len ? next + 1 : next;
	}
	return false;
}

static unsigned
letter(struct str line, size_t at)
{
	return at < line.len ? (unsigned)(line.ptr[at] - ' ') & 63u : 0u;
}

static void
decode_line(struct buf *out, struct str line)
{
	int left = data_bytes(line);

	for (size_t at = 1; left > 0; at += 4, left -= 3) {
		unsigned bits =
		    letter(line, at) << 18 | letter(line, at + 1) << 12 |
		    letter(line, at + 2) << 6 | letter(line, at + 3);

		for (int i = 0; i < 3 && i < left; i++)
			buf_add_byte(out, (char)(bits >> (16 - 8 * i) & 0xff));
	}
}

struct str
mime_uu_decode(struct arena *arena, struct str text, const struct mime_uu *file)
{
	struct str data = str_slice(text, file->data, file->end);
	struct buf out;

	buf_init_arena(&out, arena, data.len + 4);
	for (size_t at = 0; at < data.len && !file->is_yenc;) {
		struct str line = line_at(data, at, &at);
		if (!file->is_base64) {
			if (!str_eq(str_trim(line), STR("end")))
				decode_line(&out, line);
		} else if (is_base64_line(line) && !str_eq(line, STR("===="))) {
			/* Each by itself, as they were counted. */
			buf_add(&out, mime_decode_transfer(
			                  arena, MIME_BASE64, line, line.len));
		}
	}
	return out.failed == ERR_OK ? buf_str(&out) : (struct str){0};
}
