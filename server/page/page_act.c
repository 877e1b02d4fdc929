#include "base/num.h"
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

bool
act_is_saving(const struct act *act)
{
	return str_eq(act->verb, STR("save")) ||
	       str_eq(act->verb, STR("zip")) || str_eq(act->verb, STR("mbox"));
}

enum err_code
act_answer_save(struct request *req, struct response *res,
    const struct act *act, struct err *err)
{
	return str_eq(act->verb, STR("save")) ? act_ask_save(req, res, act, err)
	                                      : act_save(req, res, act, err);
}

enum err_code
page_act_post(struct request *req, struct response *res, struct err *err)
{
	struct act act = {0};
	struct act_picks picks = {0};
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
		rc = act_find_across(req, &act, &picks, err);
	else if (!undoes)
		rc = act_read_picks(req, &act, &picks, err);
	if (rc == ERR_OK && picks.count > 0)
		return act_answer_picks(req, res, &act, &picks, err);
	differs = picks.differ;
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
