#include "mail/imap_guard.h"

#include "base/limits.h"
#include "base/scan.h"

/* libetpan gets small answers only; lists go to our own reader. */
#define GUARD_COMMAND_BYTES ((uint64_t)2 << 20)
/* Each costs libetpan up to 1 KB, however short it is. */
#define GUARD_COMMAND_LINES 30000u
#define GUARD_LITERAL_BYTES ((uint64_t)1 << 20)

enum guard_brace {
	BRACE_NONE,
	BRACE_DIGITS, /* after '{' */
	BRACE_PLUS,   /* after "{12+" */
	BRACE_DONE,   /* after "{12}" */
	BRACE_CR      /* after "{12}" CR */
};

void
imap_guard_init(struct imap_guard *guard, imap_line_fn *on_line, void *ctx)
{
	memset(guard, 0, sizeof(*guard));
	guard->on_line = on_line;
	guard->ctx = ctx;
}

void
imap_guard_command(struct imap_guard *guard)
{
	guard->command_bytes = 0;
	guard->command_lines = 0;
}

void
imap_guard_line_start(struct imap_guard *guard)
{
	guard->literal_left = 0;
	guard->line_bytes = 0;
	guard->prefix_len = 0;
	guard->depth = 0;
	guard->brace = BRACE_NONE;
	guard->in_quotes = false;
	guard->is_escaped = false;
}

bool
imap_guard_is_status(struct str line)
{
	static const struct str words[] = {
	    {"OK", 2}, {"NO", 2}, {"BAD", 3}, {"BYE", 3}, {"PREAUTH", 7}};
	struct str rest = line;
	struct str word;

	(void)str_cut(&rest, ' ');
	word = str_cut(&rest, ' ');
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(str_trim(word), words[i]))
			return true;
	}
	return false;
}

/* permanent flags: "[PERMANENTFLAGS" SP "(" flags ")]" (RFC 9051, 7.1) */
static bool
guard_flags_fine(struct str line)
{
	const struct str name = STR("PERMANENTFLAGS");
	size_t at = str_find_nocase(line, name, 0);
	struct scan scan = scan_of(str_slice(line, at + name.len, line.len));

	if (at == line.len)
		return true;
	if (!scan_str(&scan, STR(" (")))
		return false;
	(void)scan_until(&scan, "()[]\"{}");
	return scan_str(&scan, STR(")]"));
}

static bool
guard_refuse(struct err *err, const char *why)
{
	(void)err_set(err, ERR_MAIL,
	    "The mail server sent something that cannot be understood. Please "
	    "try again.",
	    why);
	return false;
}

/* At LF: does a literal follow? Else the line is whole. */
static bool
guard_line_end(struct imap_guard *guard, struct err *err)
{
	struct str line = str_of(guard->prefix, guard->prefix_len);
	bool has_literal =
	    guard->brace == BRACE_DONE || guard->brace == BRACE_CR;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (has_literal && !imap_guard_is_status(line)) {
		if (guard->number > GUARD_LITERAL_BYTES)
			return guard_refuse(err, "literal too large");
		guard->literal_left = guard->number;
		guard->brace = BRACE_NONE;
		guard->in_quotes = false;
		return true;
	}
	if (++guard->command_lines > GUARD_COMMAND_LINES)
		return guard_refuse(err, "too many lines");
	if (!guard_flags_fine(line))
		return guard_refuse(err, "malformed PERMANENTFLAGS");
	if (guard->on_line != NULL)
		guard->on_line(guard->ctx, line);
	imap_guard_line_start(guard);
	return true;
}

/* "{" 1*DIGIT ["+"] "}" CRLF */
static void
guard_brace(struct imap_guard *guard, char c)
{
	bool is_digit = c >= '0' && c <= '9';

	if (c == '{') {
		guard->brace = BRACE_DIGITS;
		guard->number = 0;
	} else if (guard->brace == BRACE_DIGITS && is_digit) {
		if (guard->number < UINT64_MAX / 100)
			guard->number =
			    guard->number * 10 + (uint64_t)(c - '0');
	} else if (guard->brace == BRACE_DIGITS && c == '+') {
		guard->brace = BRACE_PLUS;
	} else if ((guard->brace == BRACE_DIGITS ||
	               guard->brace == BRACE_PLUS) &&
	           c == '}') {
		guard->brace = BRACE_DONE;
	} else if (guard->brace == BRACE_DONE && c == '\r') {
		guard->brace = BRACE_CR;
	} else {
		guard->brace = BRACE_NONE;
	}
}

static void
guard_quoted(struct imap_guard *guard, char c)
{
	if (guard->is_escaped)
		guard->is_escaped = false;
	else if (c == '\\')
		guard->is_escaped = true;
	else if (c == '"')
		guard->in_quotes = false;
}

static bool
guard_byte(struct imap_guard *guard, char c, struct err *err)
{
	if (c == '\n')
		return guard_line_end(guard, err);
	if (guard->prefix_len < sizeof(guard->prefix))
		guard->prefix[guard->prefix_len++] = c;
	if (++guard->line_bytes > LIMIT_IMAP_LINE)
		return guard_refuse(err, "line too long");
	if (guard->in_quotes) {
		guard_quoted(guard, c);
		return true;
	}
	guard_brace(guard, c);
	if (c == '"')
		guard->in_quotes = true;
	else if (c == '(' && ++guard->depth > LIMIT_IMAP_DEPTH)
		return guard_refuse(err, "parentheses too deep");
	else if (c == ')' && guard->depth > 0)
		guard->depth--;
	return true;
}

bool
imap_guard_add(struct imap_guard *guard, struct str bytes, struct err *err)
{
	guard->command_bytes += bytes.len;
	if (guard->command_bytes > GUARD_COMMAND_BYTES)
		return guard_refuse(err, "answer too long");
	for (size_t at = 0; at < bytes.len;) {
		if (guard->literal_left > 0) {
			size_t left = bytes.len - at;
			size_t take = left < guard->literal_left
			                  ? left
			                  : (size_t)guard->literal_left;

			guard->literal_left -= take;
			at += take;
			continue;
		}
		if (!guard_byte(guard, bytes.ptr[at], err))
			return false;
		at++;
	}
	return true;
}
