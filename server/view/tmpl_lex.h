#ifndef VIEW_TMPL_LEX_H
#define VIEW_TMPL_LEX_H
/*
 * Cuts a template into literals and tags (Mustache, the part we take). A
 * section, part or comment that stands alone on its line takes the whole line
 * with it.
 */
#include "base/err.h"
#include "base/str.h"

enum tmpl_token_kind {
	TMPL_END,
	TMPL_LITERAL,
	TMPL_VALUE,    /* {{name}} */
	TMPL_SECTION,  /* {{#name}} */
	TMPL_INVERTED, /* {{^name}} */
	TMPL_CLOSE,    /* {{/name}} */
	TMPL_PART,     /* {{> name}} */
	TMPL_WORDS,    /* {{#t}}words{{/t}} */
	TMPL_MANY      /* {{#tn count}}one word|many words{{/tn}} */
};

struct tmpl_token {
	enum tmpl_token_kind kind;
	struct str s;    /* the literal, words, or the tag's name; borrowed */
	struct str with; /* {{#t with}}: which meaning; {{#tn with}}: a name */
	uint32_t line;
	bool is_alone; /* took its line with it */
};

struct tmpl_lex {
	struct str source;
	struct str file; /* for messages: "list.html" */
	size_t at;
	uint32_t line;
};

struct tmpl_lex tmpl_lex_of(struct str file, struct str source);
/* ERR_CONFIG names file and line. */
enum err_code tmpl_lex_next(
    struct tmpl_lex *lex, struct tmpl_token *out, struct err *err) WARN_UNUSED;
/* "list.html:12: MESSAGE" as ERR_CONFIG. */
enum err_code tmpl_lex_error(const struct tmpl_lex *lex, uint32_t line,
    struct err *err, const char *message, struct str what);

#endif
