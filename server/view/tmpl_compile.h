#ifndef VIEW_TMPL_COMPILE_H
#define VIEW_TMPL_COMPILE_H
/* Within tmpl_compile*.c. */
#include "base/limits.h"
#include "view/tmpl_lex.h"
#include "view/tmpl_program.h"
#include "view/view_value.h"

struct tmpl_open {
	uint32_t step;
	struct str name;
	uint32_t line;
	struct tmpl_html html; /* where it began */
};

struct tmpl_compile {
	const struct tmpl_sources *sources;
	struct arena *arena;
	struct err *err;
	struct tmpl_program *program;
	size_t capacity;
	struct buf literal; /* not yet a step; heap */
	struct tmpl_html html;
	struct tmpl_open open[TMPL_MAX_SECTIONS];
	size_t open_count;
	const struct tr_words *words;
	struct str counted; /* the number that the words around it count */
	struct str parts[TMPL_MAX_PARTS]; /* being read, for loops */
	size_t part_count;
};

/* The literal so far becomes a step. */
enum err_code tmpl_compile_flush(struct tmpl_compile *compile) WARN_UNUSED;
/* A new step at the end, or NULL: too many, or no memory. */
struct tmpl_step *tmpl_compile_add(
    struct tmpl_compile *compile, enum tmpl_step_kind kind);
/* The step's names from "a.b.c". */
enum err_code tmpl_compile_names(struct tmpl_compile *compile,
    struct tmpl_step *step, struct str name) WARN_UNUSED;
enum err_code tmpl_compile_no_memory(struct tmpl_compile *compile);
/* All that `lex` has. */
enum err_code tmpl_compile_tokens(
    struct tmpl_compile *compile, struct tmpl_lex *lex) WARN_UNUSED;

/* {{#t}}…{{/t}} and {{#tn count}}…|…{{/tn}} in the language. */
enum err_code tmpl_compile_words(struct tmpl_compile *compile,
    const struct tmpl_lex *lex, const struct tmpl_token *token) WARN_UNUSED;
enum err_code tmpl_compile_many(struct tmpl_compile *compile,
    const struct tmpl_lex *lex, const struct tmpl_token *token) WARN_UNUSED;

#endif
