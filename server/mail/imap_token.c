#include "base/limits.h"
#include "base/scan.h"
#include "mail/imap_read.h"

/*
 * value  = atom / quoted / literal / "(" [value *(SP value)] ")"
 * quoted = DQUOTE *QUOTED-CHAR DQUOTE;  literal = "{" number "}" CRLF *OCTET
 * An atom may hold "[" … "]" with anything inside: BODY[HEADER.FIELDS (TO)]
 */
struct token_parser {
	char *bytes;
	size_t len;
	size_t at;
	struct imap_token *list;
	uint32_t capacity;
	uint32_t count;
	uint32_t open[LIMIT_IMAP_DEPTH]; /* lists we are in */
	unsigned depth;
	unsigned too_deep; /* lists past the depth: not kept */
	bool is_cut;
};

static struct imap_token *
token_add(struct token_parser *parser, enum imap_token_kind kind)
{
	struct imap_token *token;

	if (parser->too_deep > 0 || parser->count == parser->capacity) {
		parser->is_cut = true;
		return NULL;
	}
	token = &parser->list[parser->count++];
	*token = (struct imap_token){.kind = kind, .end = parser->count};
	return token;
}

static void
token_open(struct token_parser *parser)
{
	parser->at++;
	if (parser->too_deep > 0 || parser->depth == LIMIT_IMAP_DEPTH ||
	    parser->count == parser->capacity) {
		parser->too_deep++;
		parser->is_cut = true;
		return;
	}
	parser->open[parser->depth++] = parser->count;
	(void)token_add(parser, IMAP_LIST);
}

static void
token_close(struct token_parser *parser)
{
	parser->at++;
	if (parser->too_deep > 0)
		parser->too_deep--;
	else if (parser->depth > 0)
		parser->list[parser->open[--parser->depth]].end = parser->count;
}

static void
token_quoted(struct token_parser *parser)
{
	char *start = parser->bytes + ++parser->at;
	size_t len = 0;
	struct imap_token *token;

	while (parser->at < parser->len && parser->bytes[parser->at] != '"') {
		if (parser->bytes[parser->at] == '\\' &&
		    parser->at + 1 < parser->len)
			parser->at++;
		start[len++] = parser->bytes[parser->at++];
	}
	if (parser->at < parser->len)
		parser->at++;
	token = token_add(parser, IMAP_STRING);
	if (token != NULL)
		token->s = str_of(start, len);
}

/* False: not a literal after all. */
static bool
token_literal(struct token_parser *parser)
{
	struct scan scan = scan_of(
	    str_of(parser->bytes + parser->at, parser->len - parser->at));
	uint64_t size = 0;
	struct imap_token *token;

	if (!scan_byte(&scan, '{') || !scan_u64(&scan, UINT32_MAX, &size))
		return false;
	(void)scan_byte(&scan, '+');
	if (!scan_byte(&scan, '}'))
		return false;
	(void)scan_byte(&scan, '\r');
	if (!scan_byte(&scan, '\n') || size > scan.in.len - scan.at)
		return false;
	token = token_add(parser, IMAP_STRING);
	if (token != NULL)
		token->s = scan_take(&scan, (size_t)size);
	parser->at += (size_t)(scan.at);
	if (token == NULL)
		parser->at += (size_t)size;
	return true;
}

/* Past "[…]"; quotes inside count. */
static void
token_brackets(struct token_parser *parser)
{
	bool in_quotes = false;

	for (; parser->at < parser->len; parser->at++) {
		char c = parser->bytes[parser->at];

		if (c == '"')
			in_quotes = !in_quotes;
		else if (c == ']' && !in_quotes)
			return;
	}
}

static void
token_atom(struct token_parser *parser)
{
	size_t start = parser->at;
	struct imap_token *token;

	while (parser->at < parser->len) {
		char c = parser->bytes[parser->at];

		if (c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n')
			break;
		if (c == '"' && parser->at > start)
			break;
		if (c == '[')
			token_brackets(parser);
		if (parser->at < parser->len)
			parser->at++;
	}
	token = token_add(parser, IMAP_ATOM);
	if (token != NULL)
		token->s = str_of(parser->bytes + start, parser->at - start);
}

static void
token_next(struct token_parser *parser)
{
	char c = parser->bytes[parser->at];
	bool is_literal8 = c == '~' && parser->at + 1 < parser->len &&
	                   parser->bytes[parser->at + 1] == '{';

	if (c == ' ' || c == '\r' || c == '\n') {
		parser->at++;
	} else if (c == '(') {
		token_open(parser);
	} else if (c == ')') {
		token_close(parser);
	} else if (c == '"') {
		token_quoted(parser);
	} else {
		if (is_literal8)
			parser->at++;
		if ((c != '{' && !is_literal8) || !token_literal(parser))
			token_atom(parser);
	}
}

struct imap_tokens
imap_tokens_parse(
    /* NOLINTNEXTLINE(readability-non-const-parameter): parsed in place */
    char *bytes, size_t len, struct imap_token *list, uint32_t capacity)
{
	struct token_parser parser = {
	    .bytes = bytes, .len = len, .list = list, .capacity = capacity};

	while (parser.at < parser.len)
		token_next(&parser);
	while (parser.depth > 0) {
		parser.is_cut = true;
		parser.list[parser.open[--parser.depth]].end = parser.count;
	}
	return (struct imap_tokens){
	    .list = list, .count = parser.count, .is_cut = parser.is_cut};
}

struct str
imap_token_str(const struct imap_tokens *tokens, uint32_t at)
{
	if (at >= tokens->count || tokens->list[at].kind == IMAP_LIST)
		return (struct str){0};
	if (tokens->list[at].kind == IMAP_ATOM &&
	    str_eq_nocase(tokens->list[at].s, STR("NIL")))
		return (struct str){0};
	return tokens->list[at].s;
}

bool
imap_token_is(const struct imap_tokens *tokens, uint32_t at, struct str atom)
{
	return at < tokens->count && tokens->list[at].kind == IMAP_ATOM &&
	       str_eq_nocase(tokens->list[at].s, atom);
}

bool
imap_token_is_list(const struct imap_tokens *tokens, uint32_t at)
{
	return at < tokens->count && tokens->list[at].kind == IMAP_LIST;
}

uint64_t
imap_token_u64(const struct imap_tokens *tokens, uint32_t at)
{
	struct scan scan = scan_of(imap_token_str(tokens, at));
	uint64_t number = 0;

	if (!scan_u64(&scan, UINT64_MAX, &number))
		return 0;
	return number;
}

uint32_t
imap_token_next(const struct imap_tokens *tokens, uint32_t at)
{
	return at < tokens->count ? tokens->list[at].end : tokens->count;
}
