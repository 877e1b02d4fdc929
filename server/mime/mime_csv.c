#include "mime/mime_csv.h"

#include "base/tr.h"

static size_t
count_bare(struct str line, char byte)
{
	bool is_quoted = false;
	size_t count = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (line.ptr[i] == byte && !is_quoted)
			count++;
	}
	return count;
}

struct mime_csv
mime_csv_of(struct str in)
{
	static const char separators[] = {',', ';', '\t'};
	struct mime_csv csv = {.in = in, .separator = ','};
	size_t end = str_find_byte(in, '\n', 0);
	struct str line;
	size_t best = 0;

	/* A single CR ended lines once. */
	if (end == in.len)
		end = str_find_byte(in, '\r', 0);
	line = str_trim(str_slice(in, 0, end));
	if (line.len == 5 && str_starts_nocase(line, STR("sep="))) {
		csv.separator = line.ptr[4];
		csv.at = end < in.len ? end + 1 : in.len;
		csv.line = 1;
		return csv;
	}
	for (size_t i = 0; i < sizeof(separators); i++) {
		size_t count = count_bare(line, separators[i]);

		if (count > best) {
			best = count;
			csv.separator = separators[i];
		}
	}
	return csv;
}

static bool
is_end(const struct mime_csv *csv)
{
	return csv->at >= csv->in.len || csv->in.ptr[csv->at] == '\n' ||
	       csv->in.ptr[csv->at] == '\r';
}

/* Past CRLF, LF or CR. */
static void
next_line(struct mime_csv *csv)
{
	if (csv->at < csv->in.len && csv->in.ptr[csv->at] == '\r')
		csv->at++;
	else if (csv->at < csv->in.len) {
		csv->at++;
		csv->line++;
		return;
	}
	if (csv->at < csv->in.len && csv->in.ptr[csv->at] == '\n')
		csv->at++;
	csv->line++;
}

/* Where the quote that opens at `from` is closed, or the end. */
static size_t
find_close(struct str in, size_t from)
{
	size_t at = str_find_byte(in, '"', from + 1);

	while (at + 1 < in.len && in.ptr[at + 1] == '"')
		at = str_find_byte(in, '"', at + 2);
	return at;
}

static struct str
quoted_cell(struct mime_csv *csv, struct arena *arena, const char **out_broken)
{
	size_t close = find_close(csv->in, csv->at);
	struct str raw = str_slice(csv->in, csv->at + 1, close);
	struct buf out;

	if (close >= csv->in.len || raw.len > MIME_CSV_CELL_BYTES) {
		*out_broken = close >= csv->in.len
		                  ? tr("a quote is opened and never closed")
		                  : tr("a cell is longer than 64 KB");
		while (!is_end(csv))
			csv->at++;
		return str_of(NULL, 0);
	}
	csv->at = close + 1;
	buf_init_arena(&out, arena, raw.len + 1);
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		csv->line += c == '\n' ? 1 : 0;
		buf_add_byte(&out, c);
		if (c == '"')
			i++; /* two of them stand for one */
	}
	return buf_str(&out);
}

static struct str
next_cell(struct mime_csv *csv, struct arena *arena, const char **out_broken)
{
	struct str cell = {NULL, 0};
	size_t from;

	while (!is_end(csv) && csv->in.ptr[csv->at] == ' ' &&
	       csv->separator != ' ')
		csv->at++;
	if (!is_end(csv) && csv->in.ptr[csv->at] == '"')
		cell = quoted_cell(csv, arena, out_broken);
	from = csv->at;
	while (!is_end(csv) && csv->in.ptr[csv->at] != csv->separator)
		csv->at++;
	if (cell.len > 0)
		return cell; /* what follows the quote is none of it */
	cell = str_trim(str_slice(csv->in, from, csv->at));
	if (cell.len <= MIME_CSV_CELL_BYTES)
		return cell;
	*out_broken = tr("a cell is longer than 64 KB");
	return str_of(NULL, 0);
}

static void
read_row(struct mime_csv *csv, struct arena *arena, struct mime_csv_row *out)
{
	out->line = csv->line + 1;
	out->row = ++csv->row;
	for (;;) {
		struct str cell = next_cell(csv, arena, &out->broken);

		if (out->count < MIME_CSV_CELLS)
			out->cells[out->count++] = cell;
		else if (cell.len > 0)
			out->broken = tr("it has more than 250 cells");
		if (is_end(csv))
			break;
		csv->at++; /* the separator */
	}
	next_line(csv);
}

bool
mime_csv_next(
    struct mime_csv *csv, struct arena *arena, struct mime_csv_row *out)
{
	while (csv->at < csv->in.len) {
		*out = (struct mime_csv_row){0};
		read_row(csv, arena, out);
		if (out->broken != NULL)
			return true;
		for (size_t i = 0; i < out->count; i++) {
			if (out->cells[i].len > 0)
				return true;
		}
	}
	return false;
}

static bool
is_formula(struct str cell)
{
	return cell.len > 0 && strchr("=+-@\t\r", cell.ptr[0]) != NULL;
}

void
mime_csv_add(struct buf *out, struct str cell)
{
	bool needs_quotes = is_formula(cell);

	for (size_t i = 0; i < cell.len; i++)
		needs_quotes =
		    needs_quotes || strchr(",;\t\"\r\n", cell.ptr[i]) != NULL;
	if (!needs_quotes) {
		buf_add(out, cell);
		return;
	}
	buf_add_byte(out, '"');
	if (is_formula(cell))
		buf_add_byte(out, '\'');
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] == '"')
			buf_add_byte(out, '"');
		buf_add_byte(out, cell.ptr[i]);
	}
	buf_add_byte(out, '"');
}

struct str
mime_csv_unguarded(struct str cell)
{
	if (cell.len > 1 && cell.ptr[0] == '\'' &&
	    is_formula(str_slice(cell, 1, cell.len)))
		return str_slice(cell, 1, cell.len);
	return cell;
}
