#include "base/num.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_list.h"
#include "page/pages.h"

/* What was ticked: numbers, or one set of them (a page that asked before). */
static enum err_code
act_read_uids(struct request *req, struct act *act, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(req, &form, err);
	struct buf text;
	size_t count = 0; /* rows: each a message, or a conversation */

	if (rc != ERR_OK)
		return rc;
	buf_init_arena(&text, req->arena, (size_t)LIMIT_TICKED * 22);
	while ((field = form_next(form, "uid", field)) != NULL) {
		if (++count > LIMIT_LIST_ROWS)
			text.failed = ERR_LIMIT;
		if (text.len > 0)
			buf_add_byte(&text, ',');
		buf_add(&text, field->value);
	}
	if (text.failed != ERR_OK)
		return err_set(err, ERR_LIMIT,
		    "These are more messages than can be ticked on one page.",
		    NULL);
	if (text.len == 0)
		return ERR_OK;
	rc = mail_set_parse(req->arena, buf_str(&text), &act->set, err);
	if (rc == ERR_OK && act->set.total > LIMIT_TICKED)
		return err_set(err, ERR_LIMIT,
		    "These are more messages than can be ticked on one page.",
		    NULL);
	return rc;
}

/* "All that match" instead of what was ticked. */
static enum err_code
act_read_all(struct request *req, struct act *act, struct err *err)
{
	struct str all = request_field(req, "all");
	struct str from = request_field(req, "from");
	struct str words = request_field(req, "words");
	enum err_code rc;

	act->before = request_field(req, "before");
	if (all.len == 0)
		return act_read_uids(req, act, err);
	if (words.len > LIST_WORDS_BYTES)
		return err_set(err, ERR_INPUT,
		    "These are too many words to search for.", NULL);
	act->is_all = true;
	act->stamp = request_field(req, "stamp");
	act->words = text_line(req->arena, words);
	act->scope = str_slice(request_field(req, "in"), 0, 20);
	act->origin = text_line(req->arena,
	    str_slice(request_field(req, "of"), 0, LIMIT_FOLDER_BYTES));
	rc = num_u32(all, 0, UINT32_MAX, &act->expected, err);
	if (rc == ERR_OK && from.len > 0)
		rc = num_u32(from, 0, UINT32_MAX, &act->from, err);
	return rc;
}

/* A page of ours that actions come back to, or empty. */
static struct str
act_own(struct request *req, const char *name)
{
	struct str path = session_own_path(request_field(req, name));

	return str_starts(path, STR("/list")) ||
	               str_starts(path, STR("/search?")) ||
	               str_starts(path, STR("/message?"))
	           ? path
	           : STR("");
}

static enum err_code
act_parse(struct request *req, struct act *out, struct err *err)
{
	struct str validity = request_field(req, "uidvalidity");
	struct str to = request_field(req, "to");
	enum err_code rc = page_folder_param(req, &out->folder, err);

	if (rc == ERR_OK && validity.len > 0)
		rc = num_u32(validity, 0, UINT32_MAX, &out->uid_validity, err);
	if (rc == ERR_OK)
		rc = act_read_all(req, out, err);
	if (rc != ERR_OK)
		return rc;
	if (to.len > LIMIT_FOLDER_BYTES || !str_is_utf8(to) ||
	    str_has_line_break(to))
		return err_set(
		    err, ERR_INPUT, "There is no such folder.", NULL);
	out->to = text_from(req->arena, to);
	out->verb = request_field(req, "do");
	out->label = str_slice(request_field(req, "label"), 0, 100);
	err_ignore(num_u32(request_field(req, "done"), 0, UINT32_MAX / 2,
	    &out->done_before, NULL));
	out->stay = act_own(req, "stay");
	out->after = act_own(req, "after");
	out->back = act_own(req, "back");
	if (out->back.len == 0)
		out->back = page_list_url(req->arena, out->folder).s;
	return ERR_OK;
}

static bool
act_is_label(struct str verb)
{
	return str_eq(verb, STR("label")) || str_eq(verb, STR("unlabel"));
}

/* The page after it: the message itself, the next one, or the list. */
static struct str
act_landing(const struct act *act)
{
	static const struct {
		const char *verb;
		bool stays;
	} verbs[] = {
	    {"flag", true},
	    {"unflag", true},
	    {"label", true},
	    {"unlabel", true},
	    {"copy", true},
	    {"delete", false},
	    {"expunge", false},
	    {"move", false},
	    {"archive", false},
	    {"junk", false},
	    {"notjunk", false},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct str path = verbs[i].stays ? act->stay : act->after;

		if (str_eq(act->verb, str_c(verbs[i].verb)) && path.len > 0)
			return path;
	}
	return act->back;
}

/* A page that says what was done (and offers Undo). */
static struct str
act_done_path(struct request *req, const struct act *act, struct str note,
    uint32_t count, struct str undo)
{
	struct str place = act_landing(act);
	struct str path = str_cut(&place, '#');
	struct buf url;

	/* Only one note at a time: what an earlier action said goes. */
	path = str_slice(path, 0, str_find(path, STR("&note="), 0));
	buf_init_arena(&url, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&url, path);
	buf_add_byte(&url, str_find_byte(path, '?', 0) < path.len ? '&' : '?');
	buf_add_c(&url, "note=");
	buf_add_percent(&url, note);
	if (count > 0)
		buf_addf(&url, "&n=%u", (unsigned)count);
	if (undo.len > 0) {
		buf_add_c(&url, "&undo=");
		buf_add_percent(&url, undo);
	}
	if (place.len > 0) {
		buf_add_byte(&url, '#');
		buf_add(&url, place);
	}
	return buf_str(&url);
}

static enum err_code
act_done(struct request *req, struct response *res, const struct act *act,
    struct str note, uint32_t count, struct str undo, struct err *err)
{
	return page_redirect(req, res,
	    view_url_own(
	        req->arena, act_done_path(req, act, note, count, undo)),
	    err);
}

/* Marks that were taken back are not messages that were put back. */
static struct str
act_note(struct request *req, const struct act *act)
{
	struct act_undos undos;

	if (!str_eq(act->verb, STR("undo")) ||
	    act_undo_open(req, request_field(req, "undo"), &undos, NULL) !=
	        ERR_OK)
		return act->verb;
	if (undos.list[0].kind == ACT_UNDO_MARK)
		return STR("unmark");
	return undos.list[0].kind == ACT_UNDO_COPY ? STR("uncopy") : act->verb;
}

/* Those that are still to be done, as one. */
static const struct act *
act_chain(struct act *picks, size_t first, size_t count)
{
	for (size_t i = first; i < count; i++)
		picks[i].more = i + 1 < count ? &picks[i + 1] : NULL;
	return &picks[first];
}

/* Does it put messages elsewhere? */
static bool
act_is_moving(const struct act *act)
{
	static const char *const moves[] = {
	    "archive", "copy", "delete", "junk", "move", "notjunk"};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (str_eq(act->verb, str_c(moves[i])))
			return true;
	return false;
}

/* Moved, before the page that goes on, and nobody can take that back. */
static bool
act_is_past_undo(const struct act *act)
{
	return act_is_moving(act) && act->done_before > 0 &&
	       act->before.len == 0;
}

/* A token, or nothing; where somebody would look for it, that there is none. */
static struct str
act_token(
    struct request *req, const struct act *act, const struct act_undos *undos)
{
	struct str token = act_undo_seal(req, undos);

	if (token.len > 0 || !act_is_moving(act))
		return token;
	return undos->is_lost || undos->count > 0 ? STR(ACT_UNDO_NONE) : token;
}

/* All that `more` has, too. */
static void
act_add_all(
    struct request *req, struct act_undos *all, const struct act_undos *more)
{
	all->is_lost |= more->is_lost;
	for (size_t i = 0; i < more->count; i++)
		act_undo_add(req, all, &more->list[i]);
}

/* Ticked in several folders, under way. */
struct picking {
	struct request *req;
	struct act *act;
	struct act *picks;
	size_t at, count;
	struct act_undos undos;
	struct act_failures failures; /* as many, at the list's beginning */
	int64_t until_mono_ms;
	bool is_turned;
};

/* The folder did not do it: the others may. */
static bool
picking_is_of_folder(enum err_code rc)
{
	return rc == ERR_MAIL || rc == ERR_NOT_FOUND;
}

/* What failed comes first in the list, to be tried again. */
static void
picking_note_failure(
    struct picking *run, const struct act_result *result, const struct err *err)
{
	struct act_failures *failures = &run->failures;
	struct act failed = run->picks[run->at];

	if (result->rest.total > 0)
		failed.set = result->rest;
	failures->list[failures->count] =
	    (struct act_failure){.folder = failed.folder,
	        .words = str_dup(run->req->arena, str_c(err->message))};
	run->picks[run->at] = run->picks[failures->count];
	run->picks[failures->count++] = failed;
}

/* What goes without asking (all but Trash) is done first. */
static bool
picking_turns(struct picking *run)
{
	struct act first = run->picks[run->at];

	if (run->is_turned)
		return false;
	run->is_turned = true;
	run->picks[run->at] = run->picks[run->count - 1];
	run->picks[run->count - 1] = first;
	return true;
}

/* One folder; *out_asks, *out_stops: a page has to go on with it. */
static enum err_code
picking_one(struct picking *run, struct act_result *result, bool *out_asks,
    bool *out_stops, struct err *err)
{
	struct act *pick = &run->picks[run->at];
	enum err_code rc;

	*result = (struct act_result){.rest = pick->set};
	*out_asks = false;
	*out_stops = run->at > 0 && clock_mono_ms() >= run->until_mono_ms;
	if (*out_stops)
		return ERR_OK;
	pick->before = STR("");
	rc = act_do(run->req, pick, result, err);
	if (rc == ERR_OK && result->ask) {
		*out_asks = !picking_turns(run);
		return ERR_OK;
	}
	act_add_all(run->req, &run->undos, &result->undos);
	run->act->done_before += result->done;
	if (rc != ERR_OK && !picking_is_of_folder(rc))
		return rc;
	if (rc != ERR_OK)
		picking_note_failure(run, result, err);
	*out_stops = rc == ERR_OK && result->rest.total > 0;
	run->at += *out_stops ? 0 : 1;
	return ERR_OK;
}

/* Where "Cancel" of a page that goes on leads: what is done is told there. */
static void
picking_set_done(struct picking *run, struct act *first)
{
	const struct act *act = run->act;

	first->done_before = act->done_before;
	first->leave =
	    act->done_before == 0
	        ? STR("")
	        : act_done_path(run->req, act, act->verb, act->done_before,
	              act_token(run->req, act, &run->undos));
}

/* Those that failed, and those there was no time for, as one. */
static enum err_code
picking_go_on(struct picking *run, struct response *res,
    struct act_result *result, struct err *err)
{
	size_t failed = run->failures.count;
	size_t left = run->count - run->at;
	struct act *first = run->picks;

	if (left > 0 && result->rest.total > 0)
		run->picks[run->at].set = result->rest;
	for (size_t i = 0; i < left; i++)
		run->picks[failed + i] = run->picks[run->at + i];
	(void)act_chain(run->picks, 0, failed + left);
	picking_set_done(run, first);
	*result = (struct act_result){.rest = first->set, .undos = run->undos};
	return act_ask_more(run->req, res, first, result,
	    failed > 0 ? &run->failures : NULL, err);
}

/* Ticked in several folders: the same for each, told as one. */
static enum err_code
act_answer_picks(struct request *req, struct response *res, struct act *act,
    struct act *picks, size_t count, struct err *err)
{
	int64_t now_ms = clock_mono_ms();
	struct picking run = {.req = req,
	    .act = act,
	    .picks = picks,
	    .count = count,
	    .undos = {.is_lost = act_is_past_undo(act)},
	    .failures = {.list = ARENA_ARRAY(
	                     req->arena, count, struct act_failure)},
	    .until_mono_ms = now_ms + (req->deadline_mono_ms - now_ms) / 2};
	struct act_result result = {0};
	bool asks = false;
	bool stops = false;

	if (run.failures.list == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "act: picks");
	act_undo_add_token(req, &run.undos, act->before);
	while (run.at < count && !asks && !stops) {
		enum err_code rc =
		    picking_one(&run, &result, &asks, &stops, err);

		if (rc != ERR_OK)
			return rc;
	}
	/* Nothing at all: the error itself says why. */
	if (run.failures.count == count && act->done_before == 0)
		return err->code;
	if (asks && run.failures.count == 0) {
		picking_set_done(&run, &picks[run.at]);
		return act_ask(
		    req, res, act_chain(picks, run.at, count), false, err);
	}
	if (stops || run.failures.count > 0)
		return picking_go_on(&run, res, &result, err);
	return act_done(req, res, act, act->verb, act->done_before,
	    act_token(req, act, &run.undos), err);
}

static enum err_code
act_answer(
    struct request *req, struct response *res, struct act *act, struct err *err)
{
	struct act_result result;
	enum err_code rc = act_do(req, act, &result, err);

	/* What an error left undone is told by the error; Undo would help, but
	 * the person sees in the list what is there. */
	if (rc != ERR_OK)
		return rc;
	/* All of them can be put back, or nothing is offered. */
	result.undos.is_lost |= act_is_past_undo(act);
	if (result.ask)
		return act_ask(req, res, act, false, err);
	if (result.rest.total > 0)
		return act_ask_more(req, res, act, &result, NULL, err);
	return act_done(req, res, act, act_note(req, act),
	    result.done + act->done_before,
	    str_eq(act->verb, STR("undo")) ? STR("")
	                                   : act_token(req, act, &result.undos),
	    err);
}

static bool
act_is_saving(const struct act *act)
{
	return str_eq(act->verb, STR("save")) ||
	       str_eq(act->verb, STR("zip")) || str_eq(act->verb, STR("mbox"));
}

static enum err_code
act_answer_save(struct request *req, struct response *res,
    const struct act *act, struct err *err)
{
	return str_eq(act->verb, STR("save")) ? act_ask_save(req, res, act, err)
	                                      : act_save(req, res, act, err);
}

/* In several folders. */
static enum err_code
act_post_picks(struct request *req, struct response *res, struct act *act,
    struct act *picks, size_t count, bool differs, struct err *err)
{
	const struct act *all = act_chain(picks, 0, count);

	if (differs)
		return act_ask(req, res, all, true, err);
	if (act_is_choosing(act))
		return act_choose(req, res, all, err);
	if (act_is_saving(act))
		return act_answer_save(req, res, all, err);
	return act_answer_picks(req, res, act, picks, count, err);
}

enum err_code
page_act_post(struct request *req, struct response *res, struct err *err)
{
	struct act act = {0};
	struct act *picks = NULL;
	size_t pick_count = 0;
	bool undoes;
	bool differs = false;
	enum err_code rc = act_parse(req, &act, err);

	if (rc != ERR_OK)
		return rc;
	undoes = str_eq(act.verb, STR("undo"));
	if (str_eq(act.verb, STR("move")) && text_is_empty(act.to) &&
	    act.stay.len > 0) {
		/* On its own page, which says so. */
		act.after = act.stay;
		return act_done(
		    req, res, &act, STR("nofolder"), 0, STR(""), err);
	}
	if (act_is_label(act.verb) && act.label.len == 0 && act.stay.len > 0)
		return act_done(
		    req, res, &act, STR("nolabel"), 0, STR(""), err);
	if (act.is_all && act.scope.len > 0 && !undoes)
		rc = act_find_across(
		    req, &act, &picks, &pick_count, &differs, err);
	else if (!undoes)
		rc = act_read_picks(req, &act, &picks, &pick_count, err);
	if (rc == ERR_OK && pick_count > 0)
		return act_post_picks(
		    req, res, &act, picks, pick_count, differs, err);
	if (rc == ERR_OK && act.is_all && act.scope.len == 0 && !undoes)
		rc = act_find_all(req, &act, &differs, err);
	if (rc != ERR_OK)
		return rc;
	if (act.set.total == 0 && !undoes)
		return act_done(req, res, &act, STR("none"), 0, STR(""), err);
	if (differs)
		return act_ask(req, res, &act, true, err);
	if (act_is_choosing(&act))
		return act_choose(req, res, &act, err);
	if (act_is_saving(&act))
		return act_answer_save(req, res, &act, err);
	return act_answer(req, res, &act, err);
}
