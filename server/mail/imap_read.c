#include "mail/imap_read.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/scan.h"

#define READ_TOKENS_FIRST 1024u
#define READ_TOKENS_MOST  400000u
#define READ_KEEP_BYTES   ((size_t)256 << 10) /* memory kept between batches */

void
imap_reader_init(struct imap_reader *reader, struct stream *stream,
    imap_line_fn *on_line, void *ctx)
{
	memset(reader, 0, sizeof(*reader));
	reader->stream = stream;
	reader->on_line = on_line;
	reader->ctx = ctx;
	buf_init(&reader->line, LIMIT_IMAP_RESPONSE);
}

void
imap_reader_end(struct imap_reader *reader)
{
	buf_free(&reader->line);
	free(reader->tokens);
	reader->tokens = NULL;
}

void
imap_reader_begin(struct imap_reader *reader)
{
	reader->kept_bytes = 0;
	reader->sink = NULL;
	reader->has_sunk = false;
	reader->sunk_bytes = 0;
	if (reader->line.capacity > READ_KEEP_BYTES)
		buf_free(&reader->line);
	if (reader->token_capacity > READ_TOKENS_FIRST) {
		free(reader->tokens);
		reader->tokens = NULL;
		reader->token_capacity = 0;
	}
}

/* Bytes in memory end as a closed connection does. */
static struct str
read_peek(struct imap_reader *reader)
{
	if (reader->stream == NULL)
		return reader->bytes.len == 0 ? (struct str){0} : reader->bytes;
	return stream_peek(reader->stream);
}

static void
read_skip(struct imap_reader *reader, size_t bytes)
{
	if (reader->stream == NULL)
		reader->bytes =
		    str_slice(reader->bytes, bytes, reader->bytes.len);
	else
		stream_skip(reader->stream, bytes);
}

static enum err_code
read_away(struct imap_reader *reader, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = ERR_AWAY;

	if (reader->stream != NULL)
		rc = stream_error(reader->stream, &why);
	if (rc == ERR_AWAY)
		return err_set(err, rc,
		    "The mail server does not answer or closed the "
		    "connection. Please try again in a moment.",
		    why.detail);
	if (rc == ERR_OK)
		rc = ERR_AWAY;
	return err_set(err, rc, why.message, why.detail);
}

static enum err_code
read_garbled(struct err *err, const char *why)
{
	return err_set(err, ERR_MAIL,
	    "The mail server sent something that cannot be understood. Please "
	    "try again.",
	    why);
}

/* Long lines of numbers are the answer to a search in a large folder. */
static size_t
read_line_limit(struct str line)
{
	bool is_numbers = str_starts_nocase(line, STR("* SEARCH")) ||
	                  str_starts_nocase(line, STR("* SORT")) ||
	                  str_starts_nocase(line, STR("* THREAD")) ||
	                  str_starts_nocase(line, STR("* ESEARCH"));

	return is_numbers ? LIMIT_IMAP_RESPONSE : LIMIT_IMAP_LINE;
}

/* Adds up to and with LF. `start` is where this piece of the line begins. */
static enum err_code
read_piece(struct imap_reader *reader, size_t start, struct err *err)
{
	for (;;) {
		struct str has = read_peek(reader);
		size_t end = str_find_byte(has, '\n', 0);
		bool is_whole = end < has.len;

		if (has.ptr == NULL)
			return read_away(reader, err);
		if (is_whole)
			end++;
		buf_add(&reader->line, str_slice(has, 0, end));
		read_skip(reader, end);
		reader->kept_bytes += end;
		if (reader->line.failed != ERR_OK ||
		    reader->kept_bytes > LIMIT_IMAP_RESPONSE)
			return read_garbled(err, "answer too long");
		if (is_whole)
			return ERR_OK;
		if (reader->line.len - start > LIMIT_IMAP_LINE &&
		    reader->line.len - start >
		        read_line_limit(buf_str(&reader->line)))
			return read_garbled(err, "line too long");
	}
}

/* Does the line end in "{123}" CRLF? *out_brace is where '{' stands. */
static bool
read_literal_size(struct str line, uint64_t *out_size, size_t *out_brace)
{
	struct str digits = str_slice(line, 0, line.len - 1);
	size_t brace;

	if (digits.len > 0 && digits.ptr[digits.len - 1] == '\r')
		digits.len--;
	if (!str_ends(digits, STR("}")))
		return false;
	digits.len--;
	if (str_ends(digits, STR("+")))
		digits.len--;
	brace = digits.len;
	while (brace > 0 && digits.ptr[brace - 1] >= '0' &&
	       digits.ptr[brace - 1] <= '9')
		brace--;
	if (brace == 0 || brace == digits.len || digits.ptr[brace - 1] != '{')
		return false;
	*out_brace = brace - 1;
	if (num_u64(str_slice(digits, brace, digits.len), 0, UINT64_MAX,
	        out_size, NULL) != ERR_OK)
		*out_size = UINT64_MAX;
	return true;
}

static enum err_code
read_literal_kept(struct imap_reader *reader, uint64_t size, struct err *err)
{
	if (size > LIMIT_IMAP_RESPONSE - reader->kept_bytes)
		return read_garbled(err, "literal too large");
	reader->kept_bytes += size;
	reader->literal_bytes += size;
	while (size > 0) {
		struct str has = read_peek(reader);

		if (has.ptr == NULL)
			return read_away(reader, err);
		if (has.len > size)
			has.len = (size_t)size;
		buf_add(&reader->line, has);
		read_skip(reader, has.len);
		size -= has.len;
	}
	if (reader->line.failed != ERR_OK)
		return read_garbled(err, "answer too long");
	return ERR_OK;
}

static enum err_code
read_literal_sunk(struct imap_reader *reader, uint64_t size, struct err *err)
{
	reader->has_sunk = true;
	while (size > 0) {
		struct str has = read_peek(reader);

		if (has.ptr == NULL)
			return read_away(reader, err);
		if (has.len > size)
			has.len = (size_t)size;
		if (!reader->sink(reader->sink_ctx, has))
			return read_garbled(err, "more than was asked for");
		reader->sunk_bytes += has.len;
		read_skip(reader, has.len);
		size -= has.len;
	}
	return ERR_OK;
}

/* "* 1 FETCH (… BODY[2]<0> " stands before the literal. */
static bool
read_wants_sink(const struct imap_reader *reader, struct str before)
{
	struct str end = str_trim(before);
	size_t at = end.len;

	if (reader->sink == NULL || !str_starts(before, STR("* ")))
		return false;
	if (at > 0 && end.ptr[at - 1] == '>') {
		while (at > 0 && end.ptr[at - 1] != '<')
			at--;
		at = at > 0 ? at - 1 : 0;
	}
	return at > 0 && end.ptr[at - 1] == ']';
}

/* One line with all its literals. */
static enum err_code
read_line(struct imap_reader *reader, struct err *err)
{
	size_t start = 0;

	buf_clear(&reader->line);
	reader->literal_bytes = 0;
	for (;;) {
		enum err_code rc = read_piece(reader, start, err);
		struct str line = buf_str(&reader->line);
		uint64_t size = 0;
		size_t brace = 0;

		if (rc != ERR_OK)
			return rc;
		if (!read_literal_size(line, &size, &brace) || brace < start ||
		    imap_guard_is_status(line))
			return ERR_OK;
		if (read_wants_sink(reader, str_slice(line, 0, brace))) {
			rc = read_literal_sunk(reader, size, err);
			reader->line.len = brace;
			buf_add_c(&reader->line, "\"\"");
		} else {
			rc = read_literal_kept(reader, size, err);
		}
		if (rc != ERR_OK)
			return rc;
		start = reader->line.len;
	}
}

static enum imap_status
response_status(struct str word)
{
	static const struct {
		const char *word;
		enum imap_status status;
	} table[] = {{"OK", IMAP_OK}, {"NO", IMAP_NO}, {"BAD", IMAP_BAD},
	    {"BYE", IMAP_BYE}, {"PREAUTH", IMAP_PREAUTH}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq_nocase(word, str_c(table[i].word)))
			return table[i].status;
	}
	return IMAP_NO_STATUS;
}

/* resp-text = ["[" resp-text-code "]" SP] text (RFC 9051, 9) */
static void
response_text(struct str rest, struct imap_response *out)
{
	size_t end;

	out->text = rest;
	if (!str_starts(rest, STR("[")))
		return;
	end = str_find_byte(rest, ']', 1);
	if (end == rest.len)
		return;
	out->code = str_slice(rest, 1, end);
	out->text = str_trim(str_slice(rest, end + 1, rest.len));
}

bool
imap_response_parse(struct str line, struct imap_response *out)
{
	struct str rest = line;
	struct str head = str_cut(&rest, ' ');
	struct str name;

	*out = (struct imap_response){0};
	if (str_eq(head, STR("+"))) {
		out->is_continue = true;
		out->rest = rest;
		return true;
	}
	out->is_untagged = str_eq(head, STR("*"));
	if (!out->is_untagged &&
	    (!str_starts(head, STR("i")) ||
	        num_u32(str_slice(head, 1, head.len), 0, UINT32_MAX, &out->tag,
	            NULL) != ERR_OK))
		return false;
	name = str_cut(&rest, ' ');
	out->status = response_status(name);
	if (out->status == IMAP_NO_STATUS && out->is_untagged &&
	    num_u32(name, 0, UINT32_MAX, &out->number, NULL) == ERR_OK) {
		out->has_number = true;
		name = str_cut(&rest, ' ');
	}
	out->name = name;
	out->rest = rest;
	if (out->status != IMAP_NO_STATUS)
		response_text(rest, out);
	return out->is_untagged ||
	       (out->status >= IMAP_OK && out->status <= IMAP_BAD);
}

enum err_code
imap_read(
    struct imap_reader *reader, struct imap_response *out, struct err *err)
{
	enum err_code rc = read_line(reader, err);
	struct str line;

	if (rc != ERR_OK)
		return rc;
	line = buf_str(&reader->line);
	line.len--; /* LF; the line's end is there, read_piece saw it */
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (reader->on_line != NULL)
		reader->on_line(
		    reader->ctx, str_slice(line, 0, IMAP_GUARD_PREFIX));
	if (!imap_response_parse(line, out))
		return read_garbled(err, "no response of IMAP");
	return ERR_OK;
}

struct imap_tokens
imap_read_tokens(
    struct imap_reader *reader, const struct imap_response *response)
{
	struct imap_tokens tokens = {0};
	size_t offset;
	size_t bytes;

	if (response->rest.len == 0)
		return tokens;
	offset = (size_t)(response->rest.ptr - reader->line.ptr);
	/*
	 * A token takes two bytes at least, but a lone list end none; what
	 * stands in a literal is no token.
	 */
	bytes = response->rest.len + 1;
	bytes -= reader->literal_bytes < bytes ? (size_t)reader->literal_bytes
	                                       : bytes - 1;
	if (reader->token_capacity < READ_TOKENS_MOST &&
	    reader->token_capacity < bytes) {
		size_t wanted = bytes;
		struct imap_token *bigger;

		if (wanted < READ_TOKENS_FIRST)
			wanted = READ_TOKENS_FIRST;
		if (wanted > READ_TOKENS_MOST)
			wanted = READ_TOKENS_MOST;
		bigger = malloc(wanted * sizeof(*bigger));
		if (bigger == NULL)
			return tokens;
		free(reader->tokens);
		reader->tokens = bigger;
		reader->token_capacity = (uint32_t)wanted;
	}
	return imap_tokens_parse(reader->line.ptr + offset, response->rest.len,
	    reader->tokens, reader->token_capacity);
}
