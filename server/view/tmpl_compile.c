#include "view/tmpl_compile.h"

struct str
tmpl_program_name(struct str name)
{
	if (str_ends(name, STR(".html")))
		return str_slice(name, 0, name.len - 5);
	return name;
}

enum err_code
tmpl_compile_no_memory(struct tmpl_compile *compile)
{
	return err_set(compile->err, ERR_NO_MEMORY,
	    "The server is out of memory.", "compiling templates");
}

struct tmpl_step *
tmpl_compile_add(struct tmpl_compile *compile, enum tmpl_step_kind kind)
{
	struct tmpl_program *program = compile->program;
	struct tmpl_step *steps;

	if (program->count >= TMPL_MAX_STEPS)
		return NULL;
	steps = arena_grow(compile->arena, program->steps, program->count,
	    &compile->capacity, sizeof(*steps));
	if (steps == NULL)
		return NULL;
	program->steps = steps;
	steps[program->count] = (struct tmpl_step){.kind = kind};
	return &steps[program->count++];
}

enum err_code
tmpl_compile_flush(struct tmpl_compile *compile)
{
	struct tmpl_step *step;
	struct str literal;
	enum err_code rc = buf_end(&compile->literal, &literal, compile->err);

	if (rc != ERR_OK || literal.len == 0)
		return rc;
	step = tmpl_compile_add(compile, TMPL_STEP_LITERAL);
	literal = str_dup(compile->arena, literal);
	if (step == NULL || literal.ptr == NULL)
		return tmpl_compile_no_memory(compile);
	step->literal = literal;
	buf_clear(&compile->literal);
	return ERR_OK;
}

enum err_code
tmpl_compile_names(
    struct tmpl_compile *compile, struct tmpl_step *step, struct str name)
{
	size_t count = 1;

	for (size_t i = 0; i < name.len; i++)
		count += name.ptr[i] == '.';
	name = str_dup(compile->arena, name);
	step->names = ARENA_ARRAY(compile->arena, count, struct tmpl_name);
	if (step->names == NULL || name.ptr == NULL)
		return tmpl_compile_no_memory(compile);
	while (step->name_count < count) {
		struct tmpl_name *part = &step->names[step->name_count++];

		part->s = str_cut(&name, '.');
		part->hash = view_value_hash(part->s);
	}
	return ERR_OK;
}

/* A step for a tag: everything before it, then the tag itself. */
static enum err_code
tmpl_compile_tag(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, enum tmpl_step_kind kind,
    struct tmpl_step **out)
{
	enum err_code rc = tmpl_compile_flush(compile);
	struct tmpl_step *step;

	if (rc != ERR_OK)
		return rc;
	if (compile->program->count >= TMPL_MAX_STEPS)
		return tmpl_lex_error(lex, token->line, compile->err,
		    "this template with its parts is too long",
		    str_of(NULL, 0));
	step = tmpl_compile_add(compile, kind);
	if (step == NULL)
		return tmpl_compile_no_memory(compile);
	step->line = token->line;
	step->file = lex->file;
	*out = step;
	return tmpl_compile_names(compile, step, token->s);
}

static enum err_code
tmpl_compile_value(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	enum tmpl_place place;
	const char *wrong = tmpl_html_value(&compile->html, &place);
	struct tmpl_step *step = NULL;
	enum err_code rc;

	if (wrong != NULL)
		return tmpl_lex_error(
		    lex, token->line, compile->err, wrong, token->s);
	rc = tmpl_compile_tag(compile, lex, token, TMPL_STEP_VALUE, &step);
	if (rc == ERR_OK && step != NULL) {
		step->place = place;
		step->is_count = compile->counted.len > 0 &&
		                 str_eq(token->s, compile->counted);
	}
	return rc;
}

static enum err_code
tmpl_compile_section(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	const char *wrong = tmpl_html_section(&compile->html, token->is_alone);
	struct tmpl_open *open;
	struct tmpl_step *step = NULL;
	enum err_code rc;

	if (wrong == NULL && compile->open_count >= TMPL_MAX_SECTIONS)
		wrong = "too many sections within each other";
	if (wrong != NULL)
		return tmpl_lex_error(
		    lex, token->line, compile->err, wrong, token->s);
	rc = tmpl_compile_tag(compile, lex, token,
	    token->kind == TMPL_SECTION ? TMPL_STEP_SECTION
	                                : TMPL_STEP_INVERTED,
	    &step);
	if (rc != ERR_OK)
		return rc;
	open = &compile->open[compile->open_count++];
	open->step = (uint32_t)(compile->program->count - 1);
	open->name = token->s;
	open->line = token->line;
	open->html = compile->html;
	return ERR_OK;
}

static enum err_code
tmpl_compile_close(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, size_t open_at_start)
{
	struct tmpl_open *open;
	struct tmpl_step *step = NULL;
	const char *wrong = NULL;
	enum err_code rc;

	if (compile->open_count <= open_at_start)
		return tmpl_lex_error(lex, token->line, compile->err,
		    "no section is open here", token->s);
	open = &compile->open[compile->open_count - 1];
	if (!str_eq(open->name, token->s))
		wrong = "another section is open here";
	if (wrong == NULL)
		wrong = tmpl_html_join(&compile->html, &open->html);
	if (wrong != NULL)
		return tmpl_lex_error(
		    lex, token->line, compile->err, wrong, token->s);
	rc = tmpl_compile_tag(compile, lex, token, TMPL_STEP_CLOSE, &step);
	if (rc != ERR_OK || step == NULL)
		return rc;
	step->partner = open->step;
	compile->program->steps[open->step].partner =
	    (uint32_t)(compile->program->count - 1);
	compile->open_count--;
	return ERR_OK;
}

static enum err_code tmpl_compile_source(
    struct tmpl_compile *compile, const struct tmpl_source *source);

static enum err_code
tmpl_compile_part(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	struct str name = tmpl_program_name(token->s);
	const char *wrong = "there is no template of this name";
	const struct tmpl_source *found = NULL;

	for (size_t i = 0; i < compile->sources->count; i++) {
		if (str_eq(compile->sources->items[i].name, name))
			found = &compile->sources->items[i];
	}
	if (found != NULL)
		wrong = NULL;
	for (size_t i = 0; i < compile->part_count; i++) {
		if (str_eq(compile->parts[i], name))
			wrong = "this part holds itself";
	}
	if (wrong == NULL && compile->part_count >= TMPL_MAX_PARTS)
		wrong = "too many parts within each other";
	if (wrong == NULL && !tmpl_html_is_text(&compile->html))
		wrong = "a part may only stand between tags";
	if (wrong != NULL)
		return tmpl_lex_error(
		    lex, token->line, compile->err, wrong, token->s);
	return tmpl_compile_source(compile, found);
}

static enum err_code
tmpl_compile_literal(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	uint32_t line = token->line;
	const char *wrong =
	    tmpl_html_feed(&compile->html, token->s, &compile->literal, &line);

	if (wrong != NULL)
		return tmpl_lex_error(
		    lex, line, compile->err, wrong, str_of(NULL, 0));
	return ERR_OK;
}

static enum err_code
tmpl_compile_token(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, size_t open_at_start)
{
	switch (token->kind) {
	case TMPL_LITERAL:
		return tmpl_compile_literal(compile, lex, token);
	case TMPL_VALUE:
		return tmpl_compile_value(compile, lex, token);
	case TMPL_SECTION:
	case TMPL_INVERTED:
		return tmpl_compile_section(compile, lex, token);
	case TMPL_CLOSE:
		return tmpl_compile_close(compile, lex, token, open_at_start);
	case TMPL_PART:
		return tmpl_compile_part(compile, lex, token);
	case TMPL_WORDS:
		return tmpl_compile_words(compile, lex, token);
	case TMPL_MANY:
		return tmpl_compile_many(compile, lex, token);
	case TMPL_END:
	default:
		return ERR_OK;
	}
}

enum err_code
tmpl_compile_tokens(struct tmpl_compile *compile, struct tmpl_lex *lex)
{
	struct tmpl_token token;
	size_t open_at_start = compile->open_count;
	enum err_code rc;

	do {
		rc = tmpl_lex_next(lex, &token, compile->err);
		if (rc == ERR_OK)
			rc = tmpl_compile_token(
			    compile, lex, &token, open_at_start);
	} while (rc == ERR_OK && token.kind != TMPL_END);
	if (rc == ERR_OK && compile->open_count > open_at_start)
		return tmpl_lex_error(lex,
		    compile->open[compile->open_count - 1].line, compile->err,
		    "this section is not closed",
		    compile->open[compile->open_count - 1].name);
	return rc;
}

static enum err_code
tmpl_compile_source(
    struct tmpl_compile *compile, const struct tmpl_source *source)
{
	struct tmpl_lex lex = tmpl_lex_of(source->file, source->text);
	enum err_code rc;

	compile->parts[compile->part_count++] = source->name;
	rc = tmpl_compile_tokens(compile, &lex);
	if (rc != ERR_OK)
		return rc;
	if (!tmpl_html_is_text(&compile->html))
		return tmpl_lex_error(&lex, lex.line, compile->err,
		    "the template ends within a tag, comment or raw element",
		    str_of(NULL, 0));
	compile->part_count--;
	return ERR_OK;
}

enum err_code
tmpl_program_compile(const struct tmpl_sources *sources,
    const struct tmpl_source *source, const struct tr_words *words,
    struct arena *arena, struct tmpl_program *out, struct err *err)
{
	struct tmpl_compile compile = {.sources = sources,
	    .words = words,
	    .arena = arena,
	    .err = err,
	    .program = out,
	    .html = tmpl_html_start()};
	enum err_code rc;

	*out = (struct tmpl_program){.name = source->name};
	buf_init(&compile.literal, LIMIT_PAGE_BYTES);
	rc = tmpl_compile_source(&compile, source);
	if (rc == ERR_OK)
		rc = tmpl_compile_flush(&compile);
	buf_free(&compile.literal);
	return rc;
}
