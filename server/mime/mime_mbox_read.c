#include "mime/mime_mbox_read.h"

#include "base/num.h"
#include "base/scan.h"

/* So much of a line tells what it is. */
#define LINE_HEAD 300u
/* Words of a From_ line that its date may stand behind. */
#define FROM_WORDS 6

/* A line of the file; its head is a copy. */
struct line {
	uint64_t start;
	uint64_t content_end; /* before its end of line */
	uint64_t next;
	bool has_end; /* the file does not stop in it */
	bool has_nul;
	size_t head_len;
	char head[LINE_HEAD];
};

/* ---- the window ---- */
/* What stands at `at`: `want` bytes at least, unless the file ends. */
static struct str
reader_view(struct mime_reader *reader, uint64_t at, size_t want)
{
	uint64_t end = reader->window_at + reader->window_len;

	if (at >= reader->window_at && at <= end && end - at >= want &&
	    end > at)
		return str_of(reader->window + (at - reader->window_at),
		    (size_t)(end - at));
	reader->window_at = at;
	reader->window_len = 0;
	while (!reader->is_failed && reader->window_len < MIME_READ_WINDOW) {
		size_t room = MIME_READ_WINDOW - reader->window_len;
		int64_t got = reader->read(reader->ctx, at + reader->window_len,
		    reader->window + reader->window_len, room);

		if (got <= 0 || (uint64_t)got > room) {
			reader->is_failed = got != 0;
			break;
		}
		reader->window_len += (size_t)got;
	}
	return str_of(reader->window, reader->window_len);
}

static struct str
line_head(const struct line *line)
{
	return str_of(line->head, line->head_len);
}

/* False at the end of the file. */
static bool
reader_line(struct mime_reader *reader, uint64_t at, struct line *out)
{
	struct str view = reader_view(reader, at, LINE_HEAD);
	char last = '\0';

	memset(out, 0, offsetof(struct line, head));
	out->start = out->next = at;
	if (view.len == 0)
		return false;
	while (view.len > 0 && !out->has_end) {
		size_t lf = str_find_byte(view, '\n', 0);
		size_t room = LINE_HEAD - out->head_len;
		size_t kept = lf < room ? lf : room;

		memcpy(out->head + out->head_len, view.ptr, kept);
		out->head_len += kept;
		out->has_nul |= memchr(view.ptr, '\0', lf) != NULL;
		if (lf > 0)
			last = view.ptr[lf - 1];
		out->has_end = lf < view.len;
		out->content_end = out->next + lf;
		out->next = out->content_end + (out->has_end ? 1 : 0);
		if (!out->has_end)
			view = reader_view(reader, out->next, 1);
	}
	/* In an mbox of bare LFs a CR belongs to the line. */
	if (out->has_end && last == '\r' &&
	    (!reader->is_mbox || reader->is_crlf)) {
		out->content_end--;
		if (out->head_len > out->content_end - out->start)
			out->head_len--;
	}
	return !reader->is_failed;
}

/* Only its beginning, and its end where that is near. */
static bool
reader_peek(struct mime_reader *reader, uint64_t at, struct line *out)
{
	struct str view = reader_view(reader, at, LINE_HEAD);
	size_t lf = str_find_byte(view, '\n', 0);

	memset(out, 0, offsetof(struct line, head));
	out->start = at;
	out->head_len = lf < LINE_HEAD ? lf : LINE_HEAD;
	memcpy(out->head, view.ptr, out->head_len);
	if (out->head_len > 0 && out->head_len == lf &&
	    out->head[lf - 1] == '\r' && (!reader->is_mbox || reader->is_crlf))
		out->head_len--;
	out->content_end = at + out->head_len;
	out->next = at + (lf < view.len ? lf + 1 : lf);
	return view.len > 0;
}

/* ---- what a line is ---- */
static bool
line_is_empty(const struct line *line)
{
	return line->content_end == line->start;
}

/* field-name ":" (RFC 5322, 3.6.8); obsolete forms have spaces before it. */
static bool
line_is_field(const struct line *line)
{
	struct str head = line_head(line);
	size_t at = 0;

	while (at < head.len && head.ptr[at] > ' ' && head.ptr[at] < 127 &&
	       head.ptr[at] != ':')
		at++;
	if (at == 0)
		return false;
	while (at < head.len && (head.ptr[at] == ' ' || head.ptr[at] == '\t'))
		at++;
	return at < head.len && head.ptr[at] == ':';
}

static bool
is_digit(struct str s, size_t at)
{
	return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* "12:34", and four digits. */
static bool
has_moment(struct str s)
{
	bool has_time = false;
	bool has_year = false;
	size_t digits = 0;

	for (size_t at = 0; at <= s.len; at++) {
		if (is_digit(s, at)) {
			digits++;
			continue;
		}
		has_year |= digits == 4;
		has_time |= digits > 0 && at < s.len && s.ptr[at] == ':' &&
		            is_digit(s, at + 1) && is_digit(s, at + 2);
		digits = 0;
	}
	return has_time && has_year;
}

/* When it came, of a From_ line; false: it is none. */
static bool
from_date(struct str head, int64_t *out_s)
{
	size_t at = 0;
	int offset_minutes;

	*out_s = 0;
	if (!str_starts(head, STR("From ")))
		return false;
	head = str_slice(head, 5, head.len);
	if (!has_moment(head))
		return false;
	/* "sender Thu Jan  1 00:00:00 1970"; a sender may have spaces. */
	for (int words = 0; words < FROM_WORDS && *out_s == 0; words++) {
		at = str_find_byte(head, ' ', at);
		while (at < head.len && head.ptr[at] == ' ')
			at++;
		*out_s = mime_parse_date(
		    str_slice(head, at, head.len), &offset_minutes);
	}
	return true;
}

/* Does a message begin here? out->next stands behind From_ then. */
static bool
reader_is_border(
    struct mime_reader *reader, const struct line *line, int64_t *out_arrived_s)
{
	struct line next;

	if (line->head_len < 5 || line->head[0] != 'F' ||
	    !from_date(line_head(line), out_arrived_s))
		return false;
	return !reader_peek(reader, line->next, &next) || line_is_field(&next);
}

/* ">From ", ">>From " */
static bool
reader_is_quoted(struct mime_reader *reader, const struct line *line)
{
	uint64_t at = line->start;

	if (line->head_len == 0 || line->head[0] != '>')
		return false;
	for (;;) {
		struct str view = reader_view(reader, at, 5);
		size_t marks = 0;

		while (marks < view.len && view.ptr[marks] == '>')
			marks++;
		if (marks == 0 || view.len < 5)
			return str_starts(view, STR("From "));
		at += marks;
	}
}

/* ---- one message ---- */
/* Where Content-Length says that its text ends; false: it says nothing. */
static bool
line_length(const struct line *line, uint64_t *out)
{
	struct str head = line_head(line);

	return str_starts_nocase(head, STR("Content-Length:")) &&
	       num_u64(str_trim(str_slice(head, 15, head.len)), 0,
	           (uint64_t)INT64_MAX, out, NULL) == ERR_OK;
}

/* Does one end here? Empty lines may follow, then From_ or nothing. */
static bool
reader_ends_at(struct mime_reader *reader, uint64_t at)
{
	struct line line;
	int64_t arrived_s;

	if (at == 0 || reader_view(reader, at - 1, 1).len == 0 ||
	    reader_view(reader, at - 1, 1).ptr[0] != '\n')
		return false;
	for (int i = 0; i < 3; i++) {
		if (!reader_peek(reader, at, &line))
			return !reader->is_failed;
		if (!line_is_empty(&line))
			return reader_is_border(reader, &line, &arrived_s);
		at = line.next;
	}
	return false;
}

/* Its bytes as they are copied. */
static void
found_count(struct mime_reader *reader, struct mime_found *found)
{
	uint64_t quoted = 0;
	bool is_bare = false; /* a From_ line that is not quoted */
	struct line line;

	found->bytes = 0;
	for (uint64_t at = found->start; at < found->end; at = line.next) {
		if (!reader_line(reader, at, &line))
			break;
		found->has_nul |= line.has_nul;
		found->bytes += line.content_end - line.start;
		found->bytes += line.has_end ? 2 : 0;
		is_bare |= str_starts(line_head(&line), STR("From "));
		quoted += reader->is_mbox && reader_is_quoted(reader, &line);
	}
	found->is_quoted = quoted > 0 && !is_bare;
	if (found->is_quoted)
		found->bytes -= quoted;
}

/* Its end, by what stands in it. */
static void
found_end(struct mime_reader *reader, struct mime_found *found)
{
	struct line line;
	uint64_t before = found->start; /* an empty line before the end */
	uint64_t length = 0;
	bool has_length = false;
	bool in_header = true;
	bool was_empty = false;
	int64_t arrived_s;

	found->end = reader->at = found->start;
	while (reader_line(reader, reader->at, &line)) {
		if (reader_is_border(reader, &line, &arrived_s))
			break;
		if (in_header && !has_length)
			has_length = line_length(&line, &length);
		was_empty = line_is_empty(&line);
		before = line.start;
		reader->at = line.next;
		if (!in_header || !was_empty)
			continue;
		in_header = false;
		if (!has_length || (reader->is_begun && !reader->has_lengths) ||
		    length > UINT64_MAX / 2 ||
		    !reader_ends_at(reader, line.next + length))
			continue;
		reader->has_lengths = true;
		found->end = line.next + length;
		for (reader->at = found->end;
		     reader_line(reader, reader->at, &line) &&
		     line_is_empty(&line);)
			reader->at = line.next;
		return;
	}
	found->end = was_empty ? before : reader->at;
}

void
mime_reader_init(struct mime_reader *reader, mime_read_fn *read, void *ctx)
{
	/* Not the window. */
	memset(reader, 0, offsetof(struct mime_reader, window));
	reader->read = read;
	reader->ctx = ctx;
}

enum mime_file_kind
mime_reader_kind(struct mime_reader *reader)
{
	struct str view = reader_view(reader, 0, LINE_HEAD);
	struct line line;

	reader->at = str_starts(view, STR("\xef\xbb\xbf")) ? 3 : 0;
	if (str_starts(view, STR("PK\3\4")) || str_starts(view, STR("PK\5\6")))
		return MIME_FILE_ZIP;
	do {
		if (!reader_line(reader, reader->at, &line))
			return MIME_FILE_OTHER;
		if (line_is_empty(&line))
			reader->at = line.next;
	} while (line_is_empty(&line) && reader->at < LINE_HEAD);
	if (str_starts(line_head(&line), STR("From "))) {
		reader->is_mbox = true;
		reader->is_crlf = line.next - line.content_end == 2;
		return MIME_FILE_MBOX;
	}
	return line_is_field(&line) ? MIME_FILE_MESSAGE : MIME_FILE_OTHER;
}

bool
mime_reader_next(struct mime_reader *reader, struct mime_found *out)
{
	struct line line;

	*out = (struct mime_found){.start = reader->at};
	if (!reader_line(reader, reader->at, &line))
		return false;
	if (reader->is_mbox) {
		(void)from_date(line_head(&line), &out->arrived_s);
		out->start = line.next;
		found_end(reader, out);
		reader->is_begun = true;
	} else {
		while (reader_line(reader, reader->at, &line))
			reader->at = line.next;
		out->end = reader->at;
	}
	found_count(reader, out);
	return !reader->is_failed;
}

/* ---- copying ---- */
struct copier {
	struct mime_reader *reader;
	mime_sink_fn *sink;
	void *ctx;
	bool goes_on;
};

static void
copy_flush(struct copier *copier)
{
	struct mime_reader *reader = copier->reader;

	if (copier->goes_on && reader->out_len > 0)
		copier->goes_on = copier->sink(
		    copier->ctx, str_of(reader->out, reader->out_len));
	reader->out_len = 0;
}

static void
copy_add(struct copier *copier, struct str bytes)
{
	struct mime_reader *reader = copier->reader;

	while (bytes.len > 0) {
		size_t room = MIME_READ_OUT - reader->out_len;
		size_t len = bytes.len < room ? bytes.len : room;

		memcpy(reader->out + reader->out_len, bytes.ptr, len);
		reader->out_len += len;
		bytes = str_slice(bytes, len, bytes.len);
		if (reader->out_len == MIME_READ_OUT)
			copy_flush(copier);
	}
}

static void
copy_range(struct copier *copier, uint64_t at, uint64_t end)
{
	while (at < end && copier->goes_on) {
		struct str view = reader_view(copier->reader, at, 1);

		if (view.len > end - at)
			view.len = (size_t)(end - at);
		if (view.len == 0)
			copier->goes_on = false;
		copy_add(copier, view);
		at += view.len;
	}
}

bool
mime_reader_copy(struct mime_reader *reader, const struct mime_found *found,
    mime_sink_fn *sink, void *ctx)
{
	struct copier copier = {
	    .reader = reader, .sink = sink, .ctx = ctx, .goes_on = true};
	struct line line;

	reader->out_len = 0;
	for (uint64_t at = found->start; at < found->end && copier.goes_on;
	     at = line.next) {
		if (!reader_line(reader, at, &line))
			return false;
		copy_range(&copier,
		    line.start +
		        (found->is_quoted && reader_is_quoted(reader, &line)),
		    line.content_end);
		if (line.has_end)
			copy_add(&copier, STR("\r\n"));
	}
	copy_flush(&copier);
	return copier.goes_on && !reader->is_failed;
}
