#ifndef VIEW_TMPL_PROGRAM_H
#define VIEW_TMPL_PROGRAM_H
/* A compiled template: a flat list of steps, its parts written into it. */
#include "base/tr_words.h"
#include "view/tmpl.h"
#include "view/tmpl_html.h"

#define TMPL_MAX_SECTIONS 32u /* open at once, through all parts */
#define TMPL_MAX_PARTS    16u /* parts within parts */
#define TMPL_MAX_STEPS    ((size_t)20000)

enum tmpl_step_kind {
	TMPL_STEP_LITERAL,
	TMPL_STEP_VALUE,
	TMPL_STEP_SECTION,
	TMPL_STEP_INVERTED,
	TMPL_STEP_CLOSE,
	TMPL_STEP_MANY,   /* goes on with the form of a number */
	TMPL_STEP_JUMP,   /* goes on at `partner` */
	TMPL_STEP_MISSING /* these words have no translation: `literal` */
};

struct tmpl_name {
	struct str s;
	uint32_t hash;
};

struct tmpl_step {
	enum tmpl_step_kind kind;
	enum tmpl_place place; /* of a value */
	bool is_count;         /* a value that the words around it count */
	uint32_t partner;      /* section: its close; close: its section */
	uint32_t line;
	struct str file; /* where it was written */
	struct str literal;
	struct tmpl_name *names; /* a.b.c */
	size_t name_count;
	bool is_english; /* of MANY: its forms are the English ones */
	uint32_t *forms; /* where each form begins */
	size_t form_count;
};

struct tmpl_program {
	struct str name; /* without ".html" */
	struct tmpl_step *steps;
	size_t count;
};

/* One source of a set, before it is compiled. */
struct tmpl_source {
	struct str name; /* without ".html" */
	struct str file; /* for messages */
	struct str text;
};
struct tmpl_sources {
	struct tmpl_source *items;
	size_t count;
};

/* `name` without ".html". */
struct str tmpl_program_name(struct str name);
/*
 * Compiles one of the sources with these words (NULL: its own). All results
 * live in the arena.
 */
enum err_code tmpl_program_compile(const struct tmpl_sources *sources,
    const struct tmpl_source *source, const struct tr_words *words,
    struct arena *arena, struct tmpl_program *out, struct err *err) WARN_UNUSED;
/* See tmpl_render; `words` are those it was compiled with. */
enum err_code tmpl_program_run(const struct tmpl_program *program,
    const struct tr_words *words, const struct view *view, struct arena *arena,
    struct html *out, struct err *err) WARN_UNUSED;

#endif
