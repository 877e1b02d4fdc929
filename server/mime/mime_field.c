#include "mime/mime_field.h"

#include "base/buf.h"
#include "base/scan.h"

#define PARAMS_MAX 100u

struct str
mime_field_lines(struct arena *arena, struct str bytes)
{
	char *copy = NULL;

	if (str_find_byte(bytes, '\n', 0) < bytes.len ||
	    str_find_byte(bytes, '\r', 0) == bytes.len)
		return bytes;
	copy = str_dup_bytes(arena, bytes);
	for (size_t i = 0; copy != NULL && i < bytes.len; i++) {
		if (copy[i] == '\r')
			copy[i] = '\n';
	}
	return copy == NULL ? bytes : str_of(copy, bytes.len);
}

/* One line without its end; *rest moves behind the end. */
static struct str
cut_line(struct str *rest)
{
	size_t end = str_find_byte(*rest, '\n', 0);
	struct str line = str_slice(*rest, 0, end);

	*rest = str_slice(*rest, end < rest->len ? end + 1 : end, rest->len);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool
is_folded(struct str rest)
{
	return rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t');
}

/* RFC 5322, 2.2: printable ASCII without colon; blanks before it are old. */
static bool
split_field(struct str line, struct mime_field *out)
{
	size_t colon = str_find_byte(line, ':', 0);
	struct str name = str_trim(str_slice(line, 0, colon));

	if (colon == line.len || name.len == 0)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
			return false;
	}
	out->name = name;
	out->value = str_trim(str_slice(line, colon + 1, line.len));
	return true;
}

bool
mime_field_next(struct str *rest, struct mime_field *out)
{
	while (rest->len > 0) {
		const char *start = rest->ptr;
		struct str line = cut_line(rest);
		bool is_field = false;

		if (line.len == 0)
			return false;
		while (is_folded(*rest))
			line = cut_line(rest);
		/* The lines of a field are neighbours in memory. */
		line = str_of(start, (size_t)(line.ptr + line.len - start));
		is_field = split_field(line, out);
		if (is_field)
			return true;
	}
	return false;
}

static struct str
read_quoted(struct scan *scan, struct arena *arena)
{
	struct buf out;

	buf_init_arena(&out, arena, scan->in.len + 1);
	while (!scan_end(scan)) {
		int byte = scan_next(scan);
		if (byte == '"')
			break;
		/*
		 * Backslashes of Windows paths are not escapes; only those
		 * before a quote or another backslash are.
		 */
		if (byte == '\\' &&
		    (scan_peek(scan) == '"' || scan_peek(scan) == '\\'))
			byte = scan_next(scan);
		if (byte != '\r' && byte != '\n')
			buf_add_byte(&out, (char)byte);
	}
	return buf_str(&out);
}

static void
skip_blanks_and_comments(struct scan *scan)
{
	size_t depth = 0;

	while (!scan_end(scan)) {
		int byte = scan_peek(scan);
		if (byte == '(')
			depth++;
		else if (byte == ')' && depth > 0)
			depth--;
		else if (depth == 0 && byte != ' ' && byte != '\t' &&
		         byte != '\r' && byte != '\n')
			return;
		(void)scan_next(scan);
	}
}

static struct str
read_param_value(struct scan *scan, struct arena *arena)
{
	size_t start = 0;

	skip_blanks_and_comments(scan);
	if (scan_byte(scan, '"')) {
		struct str quoted = read_quoted(scan, arena);
		(void)scan_until_byte(scan, ';');
		return quoted;
	}
	start = scan->at;
	(void)scan_until(scan, ";\r\n");
	/* An unquoted value with spaces is kept whole: file names have them. */
	return str_trim(str_slice(scan->in, start, scan->at));
}

static void
read_params(
    struct scan *scan, struct arena *arena, struct mime_field_value *out)
{
	size_t capacity = 0;

	while (!scan_end(scan) && out->param_count < PARAMS_MAX) {
		struct mime_param param = {0};
		(void)scan_while(scan, "; \t\r\n");
		skip_blanks_and_comments(scan);
		param.name = str_trim(scan_until(scan, "=;"));
		if (!scan_byte(scan, '='))
			continue;
		param.value = read_param_value(scan, arena);
		out->params = arena_grow(arena, out->params, out->param_count,
		    &capacity, sizeof(param));
		if (out->params == NULL) {
			out->param_count = 0;
			return;
		}
		out->params[out->param_count] = param;
		out->param_count++;
	}
}

struct mime_field_value
mime_field_params(struct arena *arena, struct str value)
{
	struct scan scan = scan_of(value);
	struct mime_field_value out = {0};

	skip_blanks_and_comments(&scan);
	out.type = str_lower(arena, str_trim(scan_until(&scan, "/;( \t\r\n")));
	skip_blanks_and_comments(&scan);
	if (scan_byte(&scan, '/')) {
		skip_blanks_and_comments(&scan);
		out.subtype =
		    str_lower(arena, str_trim(scan_until(&scan, ";( \t\r\n")));
	}
	(void)scan_until_byte(&scan, ';');
	read_params(&scan, arena, &out);
	return out;
}
