#include "mail/imap_batch.h"
#include "mail/imap_part.h"

/*
 * Where a byte of a base64 part stands without decoding what is before it:
 * lines are of one length, as all programs write them (RFC 2045, 6.8). The
 * first and the last lines are looked at; what does not fit them has no size.
 */
#define RANGE_LOOK_BYTES ((size_t)1024)

struct range_lines {
	uint64_t line; /* characters of a line */
	uint64_t step; /* with its end */
	uint64_t bytes;
};

static bool
range_is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

static bool
range_is_break(char c)
{
	return c == '\r' || c == '\n';
}

/* Do these bytes, which stand at `at`, look like lines of that length? */
static bool
range_fits(const struct range_lines *lines, uint64_t at, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		uint64_t column = (at + i) % lines->step;
		bool fits = column < lines->line ? range_is_base64(bytes.ptr[i])
		                                 : range_is_break(bytes.ptr[i]);

		if (!fits)
			return false;
	}
	return true;
}

static bool
range_first(struct str head, struct range_lines *out)
{
	size_t end = str_find_byte(head, '\n', 0);
	size_t line = end;

	if (end == head.len)
		return false;
	if (line > 0 && head.ptr[line - 1] == '\r')
		line--;
	*out = (struct range_lines){.line = line, .step = end + 1};
	return line > 0 && line % 4 == 0 && range_fits(out, 0, head);
}

/* `tail` is the end of the part, up to `size`. */
static bool
range_last(struct str tail, uint64_t size, struct range_lines *lines)
{
	uint64_t at = size - tail.len;
	uint64_t pads = 0;
	uint64_t column;
	uint64_t characters;

	while (tail.len > 0 && range_is_break(tail.ptr[tail.len - 1]))
		tail.len--;
	column = (at + tail.len) % lines->step;
	characters = (at + tail.len) / lines->step * lines->line +
	             (column < lines->line ? column : lines->line);
	while (tail.len > 0 && tail.ptr[tail.len - 1] == '=' && pads < 3) {
		tail.len--;
		pads++;
	}
	lines->bytes = characters / 4 * 3 - pads;
	return characters > 0 && characters % 4 == 0 && pads < 3 &&
	       tail.len > 0 && range_fits(lines, at, tail);
}

/* False in *out_fits: no lines of one length. */
static enum err_code
range_look(struct imap_part *call, uint64_t size, struct range_lines *out,
    bool *out_fits, struct err *err)
{
	enum err_code rc = imap_part_next(call, RANGE_LOOK_BYTES, err);

	*out_fits = rc == ERR_OK && call->piece_len == RANGE_LOOK_BYTES &&
	            size > RANGE_LOOK_BYTES &&
	            range_first(str_of(call->piece, call->piece_len), out);
	if (!*out_fits)
		return rc;
	/* One more byte would be there if the server's size were wrong. */
	call->offset = size - RANGE_LOOK_BYTES;
	rc = imap_part_next(call, RANGE_LOOK_BYTES + 1, err);
	*out_fits = rc == ERR_OK && call->piece_len == RANGE_LOOK_BYTES &&
	            range_last(str_of(call->piece, call->piece_len), size, out);
	return rc;
}

/* Small ones are decoded, however they are written. */
static bool
range_is_small(const struct mime_part *part)
{
	return part->content.len > 0 || part->bytes <= IMAP_FIRST_BYTES;
}

static bool
range_count(void *ctx, struct str bytes)
{
	uint64_t *count = ctx;

	*count += bytes.len;
	return true;
}

enum err_code
mail_part_size(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, uint64_t *out, struct err *err)
{
	struct imap_part call = {0};
	struct range_lines lines = {0};
	uint64_t count = 0;
	bool fits = false;
	enum err_code rc;

	*out = UINT64_MAX;
	if (part == NULL)
		return ERR_OK;
	if (range_is_small(part)) {
		rc = mail_part_stream(mail, id, part, range_count, &count, err);
		if (rc == ERR_OK)
			*out = count;
		return rc;
	}
	if (part->encoding == MIME_IDENTITY)
		*out = part->bytes;
	if (part->encoding != MIME_BASE64)
		return ERR_OK;
	rc = imap_part_init(&call, mail, id, part, STR(""), err);
	if (rc == ERR_OK)
		rc = range_look(&call, part->bytes, &lines, &fits, err);
	imap_part_end(&call);
	if (rc == ERR_OK && fits)
		*out = lines.bytes;
	return rc;
}

/* ---- a range ---- */
struct range_window {
	uint64_t skip, left;
	mime_sink_fn *sink;
	void *ctx;
	bool is_stopped; /* by the sink */
};

static bool
range_sink(void *ctx, struct str bytes)
{
	struct range_window *window = ctx;
	uint64_t skip = window->skip < bytes.len ? window->skip : bytes.len;

	bytes = str_slice(bytes, (size_t)skip, bytes.len);
	window->skip -= skip;
	if (bytes.len > window->left)
		bytes.len = (size_t)window->left;
	window->left -= bytes.len;
	if (bytes.len > 0 && !window->sink(window->ctx, bytes))
		window->is_stopped = true;
	return !window->is_stopped && window->left > 0;
}

/* Encoded bytes that hold the window, and what of them is skipped. */
static void
range_place(const struct range_lines *lines, struct range_window *window,
    struct imap_part *call)
{
	uint64_t from = window->skip / 3 * 4;
	uint64_t to = (window->skip + window->left + 2) / 3 * 4;

	call->offset = from / lines->line * lines->step + from % lines->line;
	call->end = to / lines->line * lines->step + to % lines->line;
	window->skip %= 3;
}

static enum err_code
range_run(struct imap_part *call, const struct mime_part *part,
    struct range_window *window, struct err *err)
{
	struct range_lines lines = {0};
	struct imap_gather gather = {0};
	bool is_stopped = false;
	bool fits = false;
	enum err_code rc = imap_gather_init(&gather,
	    part == NULL ? MIME_IDENTITY : part->encoding, range_sink, window,
	    err);

	if (rc != ERR_OK)
		return rc;
	if (part == NULL || part->encoding == MIME_IDENTITY) {
		call->offset = window->skip;
		call->end = window->skip + window->left;
		window->skip = 0;
	} else if (part->encoding == MIME_BASE64 && window->skip > 0) {
		rc = range_look(call, part->bytes, &lines, &fits, err);
		call->offset = 0;
		if (fits)
			range_place(&lines, window, call);
	}
	if (rc == ERR_OK)
		rc = imap_part_rest(
		    call, imap_gather_decode, &gather, &is_stopped, err);
	if (rc == ERR_OK && !is_stopped)
		imap_gather_finish(&gather);
	imap_gather_end(&gather);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_part_range(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, uint64_t first, uint64_t len,
    mime_sink_fn *sink, void *ctx, struct err *err)
{
	struct range_window window = {
	    .skip = first, .left = len, .sink = sink, .ctx = ctx};
	struct imap_part call = {0};
	enum err_code rc;

	if (len == 0)
		return ERR_OK;
	if (len > UINT64_MAX / 4 || first > UINT64_MAX / 4)
		return err_set(err, ERR_INPUT, NULL, "mail: range");
	if (part != NULL && range_is_small(part)) {
		rc = mail_part_stream(mail, id, part, range_sink, &window, err);
	} else {
		rc = imap_part_init(&call, mail, id, part, STR(""), err);
		if (rc == ERR_OK)
			rc = range_run(&call, part, &window, err);
		imap_part_end(&call);
	}
	if (rc == ERR_OK && window.left > 0 && !window.is_stopped)
		rc = err_set(err, ERR_MAIL,
		    "The mail server sent less of this part than it said.",
		    "mail: part shorter than its size");
	return rc;
}
