#include "mime/mime_flow.h"

#include "base/buf.h"

/*
 * RFC 3676: a line that ends in a space goes on in the next one of the same
 * quote depth; a line that begins with a space, ">" or "From " gets a space
 * in front ("stuffing"); the signature's "-- " never flows.
 */

#define FLOW_COLUMNS    72u
#define QUOTE_DEPTH_MAX 50u
#define LINE_BYTES_MAX  900u /* RFC 5322, 2.1.1: 998 at most */

static const char sign[] = "-- ";

/* Cuts "> > " and ">>" off; what stands behind one space is the line. */
static unsigned
cut_quotes(struct str *line)
{
	unsigned depth = 0;
	size_t at = 0;

	while (at < line->len && depth < QUOTE_DEPTH_MAX) {
		size_t next = at;
		if (depth > 0 && line->ptr[next] == ' ' &&
		    next + 1 < line->len && line->ptr[next + 1] == '>')
			next++;
		if (line->ptr[next] != '>')
			break;
		depth++;
		at = next + 1;
	}
	*line = str_slice(*line, at, line->len);
	return depth;
}

static struct str
without_trailing_blanks(struct str line)
{
	while (line.len > 0 && (line.ptr[line.len - 1] == ' ' ||
	                           line.ptr[line.len - 1] == '\t'))
		line.len--;
	return line;
}

/* ---- reading ---- */

struct unflow {
	struct buf out;
	bool is_open; /* the last line goes on */
	unsigned depth;
};

static void
unflow_line(struct unflow *unflow, struct str line, bool delsp)
{
	unsigned depth = 0;
	bool is_sign = false;
	bool is_flowed = false;

	/* RFC 3676, 4.5 has no blanks between the marks; some write "> > ". */
	while (line.len > 0 && (line.ptr[0] == '>' ||
	                           (depth > 0 && line.ptr[0] == ' ' &&
	                               line.len > 1 && line.ptr[1] == '>'))) {
		line = str_slice(line, line.ptr[0] == '>' ? 1 : 2, line.len);
		depth++;
	}
	if (line.len > 0 && line.ptr[0] == ' ')
		line = str_slice(line, 1, line.len);
	is_sign = str_eq(line, str_c(sign));
	is_flowed = !is_sign && line.len > 0 && line.ptr[line.len - 1] == ' ';
	if (unflow->is_open && (depth != unflow->depth || is_sign)) {
		buf_add_byte(&unflow->out, '\n');
		unflow->is_open = false;
	}
	if (!unflow->is_open) {
		for (unsigned i = 0; i < depth && i < QUOTE_DEPTH_MAX; i++)
			buf_add(&unflow->out, STR("> "));
	}
	if (is_flowed && delsp)
		line.len--;
	buf_add(&unflow->out, line);
	if (!is_flowed)
		buf_add_byte(&unflow->out, '\n');
	unflow->is_open = is_flowed;
	unflow->depth = depth;
}

struct text
mime_unflow(struct arena *arena, struct text text, bool delsp)
{
	struct unflow unflow = {0};
	struct str rest = text.s;

	/* "> " is longer than ">", at most QUOTE_DEPTH_MAX times a line. */
	buf_init_arena(&unflow.out, arena, text.s.len * 3 + 1);
	while (rest.len > 0)
		unflow_line(&unflow, str_cut(&rest, '\n'), delsp);
	if (unflow.out.failed != ERR_OK)
		return (struct text){0};
	return (struct text){buf_str(&unflow.out)};
}

/* ---- writing ---- */

struct flow {
	mime_flow_fn *write_line;
	void *ctx;
	unsigned depth;
};

static bool
is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static size_t
columns_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || c == 0x200d ||
	    (c >= 0xfe00 && c <= 0xfe0f))
		return 0;
	return is_wide(c) ? 2 : 1;
}

size_t
mime_flow_columns(struct str s)
{
	size_t columns = 0;
	size_t at = 0;

	while (at < s.len)
		columns += columns_of(text_next(s, &at));
	return columns;
}

/*
 * How much of `line` fits: up to a blank within the columns, with the blank,
 * or up to the first blank, or all of it. A word longer than a line of mail
 * may be is cut between characters.
 */
static size_t
fitting(struct str line, size_t columns_max)
{
	size_t at = 0;
	size_t columns = 0;
	size_t after_blank = 0;

	while (at < line.len) {
		size_t before = at;
		uint32_t c = text_next(line, &at);
		columns += columns_of(c);
		if (c == ' ' && (columns <= columns_max || after_blank == 0))
			after_blank = at;
		if (columns > columns_max && after_blank > 0)
			return after_blank;
		if (at > LINE_BYTES_MAX)
			return before;
	}
	return line.len;
}

static bool
write_one(struct flow *flow, struct str line)
{
	char room[LINE_BYTES_MAX + 2 * QUOTE_DEPTH_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < flow->depth; i++)
		room[len++] = '>';
	/* One space after quote marks; else where a reader would be misled. */
	if ((flow->depth > 0 && line.len > 0) || str_starts(line, STR(" ")) ||
	    str_starts(line, STR(">")) || str_starts(line, STR("From ")))
		room[len++] = ' ';
	ensure(line.len <= sizeof(room) - len);
	memcpy(room + len, line.len > 0 ? line.ptr : "", line.len);
	return flow->write_line(flow->ctx, str_of(room, len + line.len));
}

static bool
flow_line(struct flow *flow, struct str line)
{
	size_t columns = FLOW_COLUMNS;

	flow->depth = cut_quotes(&line);
	if (flow->depth > 0 && str_starts(line, STR(" ")))
		line = str_slice(line, 1, line.len);
	if (str_eq(line, str_c(sign)))
		return write_one(flow, line);
	line = without_trailing_blanks(line);
	if (flow->depth > 0)
		columns -= flow->depth + 1;
	while (true) {
		size_t len = fitting(line, columns);
		if (!write_one(flow, str_slice(line, 0, len)))
			return false;
		line = str_slice(line, len, line.len);
		if (line.len == 0)
			return true;
	}
}

bool
mime_flow_write(struct text text, mime_flow_fn *write_line, void *ctx)
{
	struct flow flow = {.write_line = write_line, .ctx = ctx};
	struct str rest = text.s;

	while (rest.len > 0) {
		if (!flow_line(&flow, str_cut(&rest, '\n')))
			return false;
	}
	return true;
}

/* ---- quoting ---- */

struct text
mime_quote(struct arena *arena, struct text text)
{
	struct str rest = text.s;
	struct buf out;

	buf_init_arena(&out, arena, text.s.len * 3 + 3);
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		line = without_trailing_blanks(line);
		if (line.len == 0 || line.ptr[0] == '>')
			buf_add_byte(&out, '>');
		else
			buf_add(&out, STR("> "));
		buf_add(&out, line);
		buf_add_byte(&out, '\n');
	}
	if (out.failed != ERR_OK)
		return (struct text){0};
	return (struct text){buf_str(&out)};
}
