#include "base/buf.h"
#include "base/limits.h"
#include "view/tmpl_program.h"
#include "view/view_value.h"

/* An open section. */
struct tmpl_frame {
	const struct view *view; /* names of its own, or NULL */
	const struct view_list *list;
	size_t round;
};

struct tmpl_run {
	const struct tmpl_program *program;
	const struct tr_words *words;
	struct arena *arena;
	struct tmpl_frame frames[TMPL_MAX_SECTIONS + 1];
	size_t depth; /* of the innermost; 0 is the page */
	/* The section whose round is noted, 0: none; where it begins, and
	 * whether it took nothing from outside so far. */
	size_t noted;
	struct view_made made;
	struct buf out;
};

/* What NAME.any of a list is. */
static const struct view_value tmpl_run_any = {
    .kind = VIEW_BOOL, .is_true = true, .s = {"1", 1}};

/* From the inside out for the first name, then strictly within. */
static const struct view_value *
tmpl_run_find(struct tmpl_run *run, const struct tmpl_step *step)
{
	const struct view_value *value = NULL;

	for (size_t i = run->depth + 1; i > 0 && value == NULL; i--) {
		if (i - 1 < run->noted)
			run->made.is_whole = false;
		if (run->frames[i - 1].view != NULL)
			value = view_value_find(run->frames[i - 1].view,
			    step->names[0].s, step->names[0].hash);
	}
	for (size_t i = 1; i < step->name_count && value != NULL; i++) {
		if (value->kind == VIEW_LIST && value->list != NULL &&
		    str_eq(step->names[i].s, STR("any")))
			return value->list->count > 0 ? &tmpl_run_any : NULL;
		if (value->kind != VIEW_CHILD || value->child == NULL)
			return NULL;
		value = view_value_find(
		    value->child, step->names[i].s, step->names[i].hash);
	}
	return value;
}

static enum err_code
tmpl_run_wrong(const struct tmpl_step *step, const char *what, struct err *err)
{
	return err_setf(err, ERR_INTERNAL,
	    "This page could not be shown because of a mistake of ours.",
	    "%.*s:%u: {{%.*s}}: %s", STR_ARG(step->file), step->line,
	    STR_ARG(step->names[0].s), what);
}

/* Path on this server: what runs or frames must be ours. */
static bool
tmpl_run_is_own(struct str url)
{
	return url.len > 0 && url.ptr[0] == '/' &&
	       (url.len == 1 || (url.ptr[1] != '/' && url.ptr[1] != '\\'));
}

/* NULL, or why this value may not stand in this place. */
static const char *
tmpl_run_refuses(enum tmpl_place place, const struct view_value *value)
{
	bool is_url = value->kind == VIEW_URL;

	switch (place) {
	case TMPL_PLACE_URL:
		return is_url ? NULL : "only a view_url may stand here";
	case TMPL_PLACE_OWN_URL:
		return is_url && tmpl_run_is_own(value->s)
		           ? NULL
		           : "only an address of ours may stand here";
	case TMPL_PLACE_STYLE:
		return value->kind == VIEW_CSS
		           ? NULL
		           : "only a view_css may stand here";
	case TMPL_PLACE_TEXT:
	case TMPL_PLACE_ESCAPED:
	case TMPL_PLACE_FRAGMENT:
	default:
		return NULL;
	}
}

static enum err_code
tmpl_run_value(
    struct tmpl_run *run, const struct tmpl_step *step, struct err *err)
{
	const struct view_value *value = tmpl_run_find(run, step);
	const char *wrong;

	if (value == NULL || value->s.len == 0)
		return ERR_OK;
	wrong = tmpl_run_refuses(step->place, value);
	if (wrong != NULL)
		return tmpl_run_wrong(step, wrong, err);
	if ((step->place == TMPL_PLACE_URL ||
	        step->place == TMPL_PLACE_OWN_URL) &&
	    tmpl_run_is_own(value->s))
		buf_add_html(&run->out, view_url_base());
	if (step->place == TMPL_PLACE_TEXT && value->kind == VIEW_HTML)
		buf_add(&run->out, value->s);
	else if (step->place == TMPL_PLACE_FRAGMENT)
		buf_add_percent(&run->out, value->s);
	else if (step->is_count && value->kind == VIEW_NUMBER)
		buf_add_html(
		    &run->out, view_number(run->arena, value->number).s);
	else
		buf_add_html(&run->out, value->s);
	return ERR_OK;
}

/* The form that the number wants. */
static size_t
tmpl_run_many(struct tmpl_run *run, const struct tmpl_step *step)
{
	static const struct tr_plural english = {.forms = 2};
	const struct tr_plural *plural = &english;
	const struct view_value *value = tmpl_run_find(run, step);
	unsigned form;

	/* English words have the English rule, whatever is spoken. */
	if (run->words != NULL && !step->is_english)
		plural = &run->words->plural;
	form = tr_plural_form(plural,
	    value == NULL || value->kind != VIEW_NUMBER ? 0 : value->number);
	return step->forms[form < step->form_count ? form : 0];
}

/* ---- rounds ---- */
/*
 * Of the innermost section: those that are made already go out. False: there
 * is no round left to render.
 */
static bool
tmpl_run_round(struct tmpl_run *run)
{
	struct tmpl_frame *frame = &run->frames[run->depth];

	for (; frame->round < frame->list->count; frame->round++) {
		const struct view_round *round =
		    &frame->list->rounds[frame->round];

		if (round->view == NULL) {
			buf_add(&run->out, round->ready.s);
			continue;
		}
		frame->view = round->view;
		if (round->note != NULL && run->noted == 0) {
			run->noted = run->depth;
			run->made = (struct view_made){true, run->out.len, 0};
		}
		return true;
	}
	return false;
}

static void
tmpl_run_note(struct tmpl_run *run, const struct view_round *round)
{
	if (run->noted != run->depth)
		return;
	run->made.bytes = run->out.len - run->made.start;
	*round->note = run->made;
	run->noted = 0;
}

/* Opens a section; the next step, or the one behind its close. */
static size_t
tmpl_run_section(struct tmpl_run *run, const struct tmpl_step *step, size_t at)
{
	const struct view_value *value = tmpl_run_find(run, step);
	struct tmpl_frame frame = {NULL, NULL, 0};
	bool is_true = value != NULL && value->is_true;

	if (value != NULL && value->kind == VIEW_LIST && value->list != NULL) {
		is_true = value->list->count > 0;
		frame.list = value->list;
	}
	if (value != NULL && value->kind == VIEW_CHILD)
		frame.view = value->child;
	if (step->kind == TMPL_STEP_INVERTED) {
		is_true = !is_true;
		frame = (struct tmpl_frame){NULL, NULL, 0};
	}
	if (!is_true)
		return step->partner + 1u;
	ensure(run->depth < TMPL_MAX_SECTIONS);
	run->frames[++run->depth] = frame;
	if (frame.list != NULL && !tmpl_run_round(run)) {
		run->depth--;
		return step->partner + 1u;
	}
	return at + 1;
}

/* The next round, or out of the section. */
static size_t
tmpl_run_close(struct tmpl_run *run, const struct tmpl_step *step, size_t at)
{
	struct tmpl_frame *frame = &run->frames[run->depth];

	if (frame->list != NULL) {
		tmpl_run_note(run, &frame->list->rounds[frame->round]);
		frame->round++;
		if (tmpl_run_round(run))
			return step->partner + 1u;
	}
	run->depth--;
	return at + 1;
}

static enum err_code
tmpl_run_steps(struct tmpl_run *run, struct err *err)
{
	enum err_code rc = ERR_OK;
	size_t at = 0;

	while (at < run->program->count && rc == ERR_OK &&
	       run->out.failed == ERR_OK) {
		const struct tmpl_step *step = &run->program->steps[at];

		switch (step->kind) {
		case TMPL_STEP_LITERAL:
			buf_add(&run->out, step->literal);
			at++;
			break;
		case TMPL_STEP_VALUE:
			rc = tmpl_run_value(run, step, err);
			at++;
			break;
		case TMPL_STEP_SECTION:
		case TMPL_STEP_INVERTED:
			at = tmpl_run_section(run, step, at);
			break;
		case TMPL_STEP_MANY:
			at = tmpl_run_many(run, step);
			break;
		case TMPL_STEP_JUMP:
			at = step->partner;
			break;
		case TMPL_STEP_MISSING:
			tr_count_missing(run->words, step->literal);
			at++;
			break;
		case TMPL_STEP_CLOSE:
		default:
			at = tmpl_run_close(run, step, at);
			break;
		}
	}
	return rc;
}

enum err_code
tmpl_program_run(const struct tmpl_program *program,
    const struct tr_words *words, const struct view *view, struct arena *arena,
    struct html *out, struct err *err)
{
	struct tmpl_run run = {
	    .program = program, .words = words, .arena = arena};
	enum err_code rc = view_value_failed(view);

	if (rc != ERR_OK)
		return err_set(err, rc, "The server is out of memory.", "view");
	run.frames[0].view = view;
	buf_init_arena(&run.out, arena, LIMIT_PAGE_BYTES);
	rc = tmpl_run_steps(&run, err);
	if (rc != ERR_OK)
		return rc;
	return buf_end(&run.out, &out->s, err);
}
