#include "mime/html_lines.h"

#define QUOTE_DEPTH_MAX 20u

static void
add_quotes(struct html_lines *lines, unsigned count)
{
	for (unsigned i = 0; i < count && i < QUOTE_DEPTH_MAX; i++)
		buf_add(&lines->out, STR("> "));
}

/* Blanks up to the text of the innermost list, or its mark. */
static void
add_item(struct html_lines *lines)
{
	size_t count = lines->list_count < HTML_LINES_LISTS ? lines->list_count
	                                                    : HTML_LINES_LISTS;
	struct html_lines_list *last = NULL;

	for (size_t i = 0; i < count; i++) {
		last = &lines->lists[i];
		if (i + 1 == count && lines->has_item)
			break;
		for (unsigned j = 0; j < last->width; j++)
			buf_add_byte(&lines->out, ' ');
	}
	if (!lines->has_item)
		return;
	if (last != NULL && last->is_counted) {
		size_t before = lines->out.len;
		buf_add_u64(&lines->out, last->next);
		buf_add(&lines->out, STR(". "));
		last->next++;
		last->width = (unsigned)(lines->out.len - before);
	} else {
		buf_add(&lines->out, STR("- "));
		if (last != NULL)
			last->width = 2;
	}
}

/* Pays what is owed before a text; nothing is owed before the first. */
static void
pay(struct html_lines *lines)
{
	bool is_first = lines->out.len == 0;

	for (unsigned i = 0; i < lines->breaks && !is_first; i++) {
		buf_add_byte(&lines->out, '\n');
		if (i + 1 < lines->breaks)
			add_quotes(lines, lines->owed_quotes);
	}
	if (is_first || lines->breaks > 0) {
		add_quotes(lines, lines->quotes);
		add_item(lines);
	} else if (lines->has_cell) {
		buf_add(&lines->out, STR("  "));
	} else if (lines->has_blank) {
		buf_add_byte(&lines->out, ' ');
	}
	lines->breaks = 0;
	lines->has_blank = false;
	lines->has_cell = false;
	lines->has_item = false;
	lines->owed_quotes = lines->quotes;
}

void
html_lines_break(struct html_lines *lines, unsigned count)
{
	if (lines->breaks < count)
		lines->breaks = count;
	lines->has_blank = false;
	lines->has_cell = false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
add_pre(struct html_lines *lines, struct str text)
{
	while (text.len > 0) {
		bool has_break = str_find_byte(text, '\n', 0) < text.len;
		struct str line = str_cut(&text, '\n');
		if (line.len > 0) {
			pay(lines);
			buf_add(&lines->out, line);
		}
		if (has_break)
			lines->breaks++;
	}
}

void
html_lines_text(struct html_lines *lines, struct str text)
{
	size_t at = 0;

	if (lines->pres > 0) {
		add_pre(lines, text);
		return;
	}
	while (at < text.len) {
		size_t end = at;
		while (end < text.len && !is_blank(text.ptr[end]))
			end++;
		if (end > at) {
			pay(lines);
			buf_add(&lines->out, str_slice(text, at, end));
		}
		at = end;
		while (at < text.len && is_blank(text.ptr[at]))
			at++;
		if (at > end)
			lines->has_blank = true;
	}
}

void
html_lines_list(struct html_lines *lines, bool is_counted, uint32_t start)
{
	/* A list in a list goes on in the next line. */
	html_lines_break(lines, lines->list_count == 0 ? 2 : 1);
	if (lines->list_count < HTML_LINES_LISTS)
		lines->lists[lines->list_count] = (struct html_lines_list){
		    .is_counted = is_counted, .next = start, .width = 2};
	lines->list_count++;
}

void
html_lines_end_list(struct html_lines *lines)
{
	if (lines->list_count > 0)
		lines->list_count--;
	html_lines_break(lines, lines->list_count == 0 ? 2 : 1);
}

void
html_lines_item(struct html_lines *lines, uint32_t number)
{
	html_lines_break(lines, 1);
	lines->has_item = true;
	if (number > 0 && lines->list_count > 0 &&
	    lines->list_count <= HTML_LINES_LISTS)
		lines->lists[lines->list_count - 1].next = number;
}

void
html_lines_quote(struct html_lines *lines)
{
	html_lines_break(lines, 1);
	lines->quotes++;
}

void
html_lines_end_quote(struct html_lines *lines)
{
	html_lines_break(lines, 1);
	if (lines->quotes > 0)
		lines->quotes--;
	if (lines->owed_quotes > lines->quotes)
		lines->owed_quotes = lines->quotes;
}

void
html_lines_init(struct html_lines *lines, size_t max_bytes)
{
	*lines = (struct html_lines){0};
	buf_init(&lines->out, max_bytes);
}

void
html_lines_end(struct html_lines *lines)
{
	buf_free(&lines->out);
}
