#ifndef VIEW_TMPL_PROGRAM_H
#define VIEW_TMPL_PROGRAM_H
/* A compiled template: a flat list of steps, its parts written into it. */
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
	TMPL_STEP_CLOSE
};

struct tmpl_name {
	struct str s;
	uint32_t hash;
};

struct tmpl_step {
	enum tmpl_step_kind kind;
	enum tmpl_place place; /* of a value */
	uint32_t partner;      /* section: its close; close: its section */
	uint32_t line;
	struct str file; /* where it was written */
	struct str literal;
	struct tmpl_name *names; /* a.b.c */
	size_t name_count;
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
/* Compiles one of the sources. All results live in the arena. */
enum err_code tmpl_program_compile(const struct tmpl_sources *sources,
    const struct tmpl_source *source, struct arena *arena,
    struct tmpl_program *out, struct err *err) WARN_UNUSED;
/* See tmpl_render. */
enum err_code tmpl_program_run(const struct tmpl_program *program,
    const struct view *view, struct arena *arena, struct html *out,
    struct err *err) WARN_UNUSED;

#endif
