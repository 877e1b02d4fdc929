#include "view/tmpl_lex.h"

struct tmpl_lex
tmpl_lex_of(struct str file, struct str source)
{
	if (str_starts(source, STR("\xEF\xBB\xBF")))
		source = str_slice(source, 3, source.len);
	return (struct tmpl_lex){
	    .source = source, .file = file, .at = 0, .line = 1};
}

enum err_code
tmpl_lex_error(const struct tmpl_lex *lex, uint32_t line, struct err *err,
    const char *message, struct str what)
{
	what = what.len == 0 ? STR("") : str_slice(what, 0, 60);
	return err_sayf(err, ERR_CONFIG, "%.*s:%u: %s%s%.*s",
	    STR_ARG(lex->file), line, message, what.len > 0 ? ": " : "",
	    STR_ARG(what));
}

static void
tmpl_lex_move(struct tmpl_lex *lex, size_t to)
{
	for (; lex->at < to; lex->at++)
		lex->line += lex->source.ptr[lex->at] == '\n';
}

/* May a tag of this kind take its line with it? */
static bool
tmpl_lex_is_block(int sigil)
{
	return sigil == '#' || sigil == '^' || sigil == '/' || sigil == '>' ||
	       sigil == '!';
}

/* Start of the blanks before `tag` if only blanks stand before it. */
static bool
tmpl_lex_line_start(struct str source, size_t tag, size_t *start)
{
	size_t at = tag;

	while (
	    at > 0 && (source.ptr[at - 1] == ' ' || source.ptr[at - 1] == '\t'))
		at--;
	*start = at;
	return at == 0 || source.ptr[at - 1] == '\n';
}

/* What follows the line break if only blanks stand behind the tag. */
static bool
tmpl_lex_line_end(struct str source, size_t behind, size_t *next)
{
	size_t at = behind;

	while (at < source.len &&
	       (source.ptr[at] == ' ' || source.ptr[at] == '\t' ||
	           source.ptr[at] == '\r'))
		at++;
	*next = at < source.len ? at + 1 : at;
	return at == source.len || source.ptr[at] == '\n';
}

static int
tmpl_lex_sigil(struct str source, size_t tag)
{
	return tag + 2 < source.len ? (unsigned char)source.ptr[tag + 2] : -1;
}

/* End of the tag that opens at `tag`, behind its braces; 0: none. */
static size_t
tmpl_lex_tag_end(struct str source, size_t tag)
{
	size_t end = str_find(source, STR("}}"), tag + 2);

	return end < source.len ? end + 2 : 0;
}

/* Does a tag of words begin at `tag`: {{#t}}, {{#t CONTEXT}}, {{#tn NAME}}? */
static bool
tmpl_lex_is_words(struct str source, size_t tag)
{
	struct str rest = str_slice(source, tag, source.len);

	return str_starts(rest, STR("{{#t}}")) ||
	       str_starts(rest, STR("{{#t ")) ||
	       str_starts(rest, STR("{{#tn "));
}

/* Does the tag at `tag` stand alone on its line? */
static bool
tmpl_lex_alone(struct str source, size_t tag, size_t *start, size_t *next)
{
	size_t end = tmpl_lex_tag_end(source, tag);

	return tmpl_lex_is_block(tmpl_lex_sigil(source, tag)) && end > 0 &&
	       !tmpl_lex_is_words(source, tag) &&
	       tmpl_lex_line_start(source, tag, start) &&
	       tmpl_lex_line_end(source, end, next);
}

static bool
tmpl_lex_name_is_good(struct str name)
{
	bool dot_before = true;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool is_dot = c == '.';

		if (!is_dot && c != '_' && c != '-' &&
		    !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9'))
			return false;
		if (is_dot && dot_before)
			return false;
		dot_before = is_dot;
	}
	return name.len > 0 && !dot_before;
}

static enum tmpl_token_kind
tmpl_lex_kind(char sigil)
{
	switch (sigil) {
	case '#':
		return TMPL_SECTION;
	case '^':
		return TMPL_INVERTED;
	case '/':
		return TMPL_CLOSE;
	case '>':
		return TMPL_PART;
	default:
		return TMPL_VALUE;
	}
}

static enum err_code
tmpl_lex_tag(
    struct tmpl_lex *lex, size_t end, struct tmpl_token *out, struct err *err)
{
	struct str body = str_slice(lex->source, lex->at + 2, end - 2);

	if (str_starts(body, STR("{")) || str_starts(body, STR("&")))
		return tmpl_lex_error(lex, lex->line, err,
		    "there is no unescaped output; write {{name}}", body);
	if (str_starts(body, STR("=")))
		return tmpl_lex_error(lex, lex->line, err,
		    "the braces cannot be changed; write {{name}}", body);
	out->kind = body.len > 0 ? tmpl_lex_kind(body.ptr[0]) : TMPL_VALUE;
	if (out->kind != TMPL_VALUE)
		body = str_slice(body, 1, body.len);
	out->s = str_trim(body);
	out->line = lex->line;
	if (!tmpl_lex_name_is_good(out->s))
		return tmpl_lex_error(lex, lex->line, err,
		    "a name is letters, digits and _, with dots between",
		    out->s);
	return ERR_OK;
}

/* Words to translate, up to what ends them; `end` is behind their tag. */
static enum err_code
tmpl_lex_take_words(
    struct tmpl_lex *lex, size_t end, struct tmpl_token *out, struct err *err)
{
	struct str tag = str_slice(lex->source, lex->at + 3, end - 2);
	bool is_many = str_starts(tag, STR("tn"));
	struct str close = is_many ? STR("{{/tn}}") : STR("{{/t}}");
	size_t behind = str_find(lex->source, close, end);

	out->kind = is_many ? TMPL_MANY : TMPL_WORDS;
	out->line = lex->line;
	out->with = str_trim(str_slice(tag, is_many ? 2 : 1, tag.len));
	if (out->with.len > 0 && !tmpl_lex_name_is_good(out->with))
		return tmpl_lex_error(lex, lex->line, err,
		    "a name is letters, digits and _, with dots between",
		    out->with);
	if (behind >= lex->source.len)
		return tmpl_lex_error(
		    lex, lex->line, err, "these words are not closed", close);
	out->s = str_slice(lex->source, end, behind);
	if (str_find(out->s, STR("{{#t}}"), 0) < out->s.len)
		return tmpl_lex_error(lex, lex->line, err,
		    "words to translate within such words", str_of(NULL, 0));
	tmpl_lex_move(lex, behind + close.len);
	return ERR_OK;
}

/* The tag at the cursor; a comment leaves kind TMPL_END. */
static enum err_code
tmpl_lex_take_tag(struct tmpl_lex *lex, struct tmpl_token *out, struct err *err)
{
	size_t end = tmpl_lex_tag_end(lex->source, lex->at);
	size_t start;
	size_t next = end;
	enum err_code rc = ERR_OK;

	if (end == 0)
		return tmpl_lex_error(
		    lex, lex->line, err, "this {{ has no }}", str_of(NULL, 0));
	if (tmpl_lex_is_words(lex->source, lex->at))
		return tmpl_lex_take_words(lex, end, out, err);
	out->is_alone = tmpl_lex_alone(lex->source, lex->at, &start, &next);
	if (!out->is_alone)
		next = end;
	if (tmpl_lex_sigil(lex->source, lex->at) != '!')
		rc = tmpl_lex_tag(lex, end, out, err);
	tmpl_lex_move(lex, next);
	return rc;
}

enum err_code
tmpl_lex_next(struct tmpl_lex *lex, struct tmpl_token *out, struct err *err)
{
	*out = (struct tmpl_token){.kind = TMPL_END, .line = lex->line};
	while (lex->at < lex->source.len) {
		size_t tag = str_find(lex->source, STR("{{"), lex->at);
		size_t start = tag;
		size_t next;
		enum err_code rc;

		if (tag < lex->source.len &&
		    !tmpl_lex_alone(lex->source, tag, &start, &next))
			start = tag;
		if (start > lex->at) {
			out->kind = TMPL_LITERAL;
			out->s = str_slice(lex->source, lex->at, start);
			out->line = lex->line;
			tmpl_lex_move(lex, start);
			return ERR_OK;
		}
		tmpl_lex_move(lex, tag);
		rc = tmpl_lex_take_tag(lex, out, err);
		if (rc != ERR_OK || out->kind != TMPL_END)
			return rc;
	}
	return ERR_OK;
}
