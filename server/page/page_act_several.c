#include "os/clock.h"
#include "page/page_act.h"

/* Those that are still to be done, as one. */
static const struct act *
several_chain(struct act *picks, size_t first, size_t count)
{
	for (size_t i = first; i < count; i++)
		picks[i].more = i + 1 < count ? &picks[i + 1] : NULL;
	return &picks[first];
}

/* All that `more` has, too. */
static void
several_add(
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
	struct buf done; /* names of the folders that did it all */
	bool is_turned;
	bool breaks; /* the rest was not tried */
};

/* The folder did not do it: the others may. */
static bool
picking_is_of_folder(enum err_code rc)
{
	return rc == ERR_MAIL || rc == ERR_NOT_FOUND;
}

/*
 * It broke off (the mail server went away): what is done is told, and the
 * others are not tried. Without anything done the error says it all.
 */
static bool
picking_breaks(const struct picking *run, enum err_code rc)
{
	return rc != ERR_LOGIN && rc != ERR_CANCELED && rc != ERR_NO_MEMORY &&
	       run->act->done_before + run->failures.count > 0;
}

static void
picking_name(struct buf *names, struct text folder)
{
	if (names->len > 0)
		buf_add_c(names, ", ");
	buf_add(names, folder.s);
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
	several_add(run->req, &run->undos, &result->undos);
	run->act->done_before += result->done;
	run->breaks = rc != ERR_OK && !picking_is_of_folder(rc);
	if (run->breaks && !picking_breaks(run, rc))
		return rc;
	if (rc == ERR_OK && result->rest.total == 0)
		picking_name(&run->done, pick->folder);
	if (rc != ERR_OK) {
		picking_note_failure(run, result, err);
		result->rest = (struct mail_set){0};
	}
	*out_stops = run->breaks || result->rest.total > 0;
	run->at += run->breaks || !*out_stops ? 1 : 0;
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
	struct buf names;

	buf_init_arena(&names, run->req->arena, LIMIT_FIELD_BYTES);
	for (size_t i = run->at; i < run->count; i++)
		picking_name(&names, run->picks[i].folder);
	run->failures.breaks = run->breaks;
	run->failures.done = text_line(run->req->arena, buf_str(&run->done));
	run->failures.untried = text_line(run->req->arena, buf_str(&names));
	if (left > 0 && result->rest.total > 0)
		run->picks[run->at].set = result->rest;
	for (size_t i = 0; i < left; i++)
		run->picks[failed + i] = run->picks[run->at + i];
	(void)several_chain(run->picks, 0, failed + left);
	picking_set_done(run, first);
	*result = (struct act_result){.rest = first->set, .undos = run->undos};
	return act_ask_more(run->req, res, first, result,
	    failed > 0 ? &run->failures : NULL, err);
}

/* Ticked in several folders: the same for each, told as one. */
static enum err_code
several_answer(struct request *req, struct response *res, struct act *act,
    const struct act_picks *picks, struct err *err)
{
	int64_t now_ms = clock_mono_ms();
	struct picking run = {.req = req,
	    .act = act,
	    .picks = picks->list,
	    .count = picks->count,
	    .undos = {.is_lost = act_is_past_undo(act)},
	    .failures = {.list = ARENA_ARRAY(
	                     req->arena, picks->count, struct act_failure)},
	    .until_mono_ms = now_ms + (req->deadline_mono_ms - now_ms) / 2};
	struct act_result result = {0};
	bool asks = false;
	bool stops = false;

	buf_init_arena(&run.done, req->arena, LIMIT_FIELD_BYTES);
	if (run.failures.list == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "act: picks");
	act_undo_add_token(req, &run.undos, act->before);
	while (run.at < run.count && !asks && !stops) {
		enum err_code rc =
		    picking_one(&run, &result, &asks, &stops, err);

		if (rc != ERR_OK)
			return rc;
	}
	/* Nothing at all: the error itself says why. */
	if (run.failures.count == run.count && act->done_before == 0)
		return err->code;
	if (asks && run.failures.count == 0) {
		picking_set_done(&run, &run.picks[run.at]);
		return act_ask(req, res,
		    several_chain(run.picks, run.at, run.count), false, err);
	}
	if (stops || run.failures.count > 0)
		return picking_go_on(&run, res, &result, err);
	return act_done(req, res, act, act->verb, act->done_before,
	    act_token(req, act, &run.undos), err);
}

enum err_code
act_answer_picks(struct request *req, struct response *res, struct act *act,
    const struct act_picks *picks, struct err *err)
{
	const struct act *all = several_chain(picks->list, 0, picks->count);

	if (picks->differ)
		return act_ask(req, res, all, true, err);
	if (act_is_choosing(act))
		return act_choose(req, res, all, err);
	if (act_is_saving(act))
		return act_answer_save(req, res, all, err);
	return several_answer(req, res, act, picks, err);
}
