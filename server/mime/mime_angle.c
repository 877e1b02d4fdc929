#include "mime/mime_angle.h"

#include "base/buf.h"
#include "base/scan.h"

/* Behind an opening parenthesis: to behind the one that closes it. */
static void
skip_comment(struct scan *scan)
{
	size_t depth = 1;

	while (depth > 0 && !scan_end(scan)) {
		int byte = scan_next(scan);
		if (byte == '\\')
			(void)scan_next(scan);
		else if (byte == '(')
			depth++;
		else if (byte == ')')
			depth--;
	}
}

static bool
ends_with_mark(const struct buf *out)
{
	struct str made = buf_str(out);

	return made.len == 0 || made.ptr[made.len - 1] == '.' ||
	       made.ptr[made.len - 1] == '@';
}

struct str
mime_angle_clean(struct arena *arena, struct str raw)
{
	struct scan scan = scan_of(raw);
	struct buf out;
	bool is_quoted = false;
	bool has_blank = false;

	if (str_find_byte(raw, ' ', 0) == raw.len &&
	    str_find_byte(raw, '\t', 0) == raw.len &&
	    str_find_byte(raw, '\n', 0) == raw.len &&
	    str_find_byte(raw, '(', 0) == raw.len)
		return raw;
	buf_init_arena(&out, arena, raw.len * 2 + 1);
	while (!scan_end(&scan)) {
		int byte = scan_next(&scan);
		if (!is_quoted && byte == '(') {
			skip_comment(&scan);
			continue;
		}
		if (!is_quoted && strchr(" \t\r\n", byte) != NULL) {
			has_blank = true;
			continue;
		}
		if (has_blank && byte != '.' && byte != '@' &&
		    !ends_with_mark(&out))
			buf_add_byte(&out, ' ');
		has_blank = false;
		if (byte == '"')
			is_quoted = !is_quoted;
		buf_add_byte(&out, (char)byte);
		if (is_quoted && byte == '\\' && !scan_end(&scan))
			buf_add_byte(&out, (char)scan_next(&scan));
	}
	return buf_str(&out);
}
