#include "page/page_act.h"

#include "base/tr.h"
struct view_list *
act_hidden(struct request *req, const struct act *act, struct view *view)
{
	struct view_list *hidden = view_list(view, "hidden");
	struct str uids = mail_set_text(req->arena, &act->set);

	if (!act->is_pick) {
		page_hidden(req, hidden, "folder", act->folder.s);
		page_hidden(req, hidden, "uidvalidity",
		    page_u64(req->arena, act->uid_validity));
	}
	page_hidden(req, hidden, "back", act->back);
	page_hidden(req, hidden, "after", act->after);
	page_hidden(req, hidden, "stay", act->stay);
	if (!text_is_empty(act->to))
		page_hidden(req, hidden, "to", act->to.s);
	if (act->label.len > 0)
		page_hidden(req, hidden, "label", act->label);
	if (act->done_before > 0)
		page_hidden(req, hidden, "done",
		    page_u64(req->arena, act->done_before));
	if (act->before.len > 0)
		page_hidden(req, hidden, "before", act->before);
	for (const struct act *at = act; at != NULL && act->is_pick;
	     at = at->more)
		page_hidden(req, hidden, "pick",
		    str_printf(req->arena, "%u.%.*s.%.*s",
		        (unsigned)at->uid_validity,
		        STR_ARG(mail_set_text(req->arena, &at->set)),
		        STR_ARG(at->folder.s)));
	if (!act->is_all) {
		if (uids.len > 0 && !act->is_pick)
			page_hidden(req, hidden, "uid", uids);
		return hidden;
	}
	page_hidden(req, hidden, "all", page_u64(req->arena, act->set.total));
	page_hidden(req, hidden, "stamp", act_stamp(req, &act->set));
	page_hidden(req, hidden, "words", act->words.s);
	page_hidden(req, hidden, "from", page_u64(req->arena, act->from));
	return hidden;
}

static enum err_code
ask_send(struct request *req, struct response *res, const struct act *act,
    struct view *view, struct err *err)
{
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	struct str leave = act->stay.len > 0 ? act->stay : act->back;

	view_set_url(view, "cancel_url",
	    view_url_own(req->arena, act->leave.len > 0 ? act->leave : leave));
	return page_send(req, res, "confirm.html", view, err);
}

static struct str
ask_final(struct request *req, const struct act *act)
{
	if (act->set.total == 1)
		return str_c(tr("Delete this message for good? It cannot be "
		                "brought back."));
	return str_printf(req->arena,
	    trn("Delete this %u message for good? It cannot be brought back.",
	        "Delete these %u messages for good? They cannot be brought "
	        "back.",
	        act->set.total),
	    (unsigned)act->set.total);
}

/* What the button does, for people. */
static const char *
ask_label(struct str verb)
{
	static const struct {
		const char *verb, *label;
	} table[] = {{"read", N_("Mark all as read")},
	    {"unread", N_("Mark all as unread")}, {"flag", N_("Flag all")},
	    {"unflag", N_("Unflag all")}, {"label", N_("Label all")},
	    {"unlabel", N_("Remove the label from all")},
	    {"move", N_("Move all")}, {"copy", N_("Copy all")},
	    {"delete", N_("Delete all")}, {"archive", N_("Archive all")},
	    {"junk", N_("Mark all as junk")},
	    {"notjunk", N_("Mark all as not junk")},
	    {"expunge", N_("Delete all for good")}, {"save", N_("Save all")},
	    {"zip", N_("Save all")}, {"mbox", N_("Save all")}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq(verb, str_c(table[i].verb)))
			return tr(table[i].label);
	}
	return tr("Go on");
}

/* Nobody acts on more than the person saw. */
static enum err_code
ask_differs(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	struct view *view = NULL;
	bool is_final = str_eq(act->verb, STR("expunge"));
	uint32_t total = act_messages(act);
	struct str text;
	enum err_code rc = page_view(
	    req, res, tr_text("Other messages match now"), &view, err);

	if (rc != ERR_OK)
		return rc;
	if (act->expected == total)
		text = str_printf(req->arena,
		    tr("There are still %u messages, but others than when you "
		       "chose them. Nothing was done yet. Go on with these "
		       "%u?"),
		    (unsigned)total, (unsigned)total);
	else
		text = str_printf(req->arena,
		    tr("When you chose them there were %u messages; now there "
		       "are %u. Nothing was done yet. Go on with all %u?"),
		    (unsigned)act->expected, (unsigned)total, (unsigned)total);
	if (is_final)
		text = str_printf(req->arena, "%.*s %s", STR_ARG(text),
		    tr("They cannot be brought back."));
	view_str(view, "text", text);
	view_word(view, "yes_label", ask_label(act->verb));
	view_word(view, "yes_name", "do");
	view_text(view, "yes_value", text_from(req->arena, act->verb));
	view_bool(view, "is_harmless",
	    !is_final && !str_eq(act->verb, STR("delete")));
	(void)act_hidden(req, act, view);
	return ask_send(req, res, act, view, err);
}

enum err_code
act_ask(struct request *req, struct response *res, const struct act *act,
    bool differs, struct err *err)
{
	bool archives = str_eq(act->verb, STR("archive"));
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc;

	if (differs)
		return ask_differs(req, res, act, err);
	rc = page_view(req, res,
	    archives ? tr_text("Make an archive?")
	             : tr_text("Delete for good?"),
	    &view, err);
	if (rc != ERR_OK)
		return rc;
	view_word(view, "yes_label",
	    archives ? tr("Make the folder and archive")
	             : tr("Delete for good"));
	view_word(view, "yes_name", "do");
	view_word(view, "yes_value", archives ? "archive" : "expunge");
	view_bool(view, "is_harmless", archives);
	view_str(view, "text",
	    archives
	        ? str_printf(req->arena,
	              tr("There is no folder for the archive yet. Make one, "
	                 "called “%s”, and move there what you chose?"),
	              ACT_ARCHIVE)
	        : ask_final(req, act));
	hidden = act_hidden(req, act, view);
	if (archives)
		page_hidden(req, hidden, "make", STR("1"));
	return ask_send(req, res, act, view, err);
}

/* Folders that said no, and why. */
static void
ask_view_failures(const struct act_failures *failures, struct view *view)
{
	struct view_list *list = view_list(view, "failures");

	view_bool(view, "has_failures", failures != NULL);
	if (failures != NULL) {
		view_bool(view, "breaks", failures->breaks);
		view_text(view, "done_in", failures->done);
		view_text(view, "untried", failures->untried);
	}
	for (size_t i = 0; failures != NULL && i < failures->count; i++) {
		struct view *row = view_list_add(list);

		view_text(row, "name", failures->list[i].folder);
		view_str(row, "words", failures->list[i].words);
	}
}

enum err_code
act_ask_more(struct request *req, struct response *res, const struct act *act,
    const struct act_result *result, const struct act_failures *failures,
    struct err *err)
{
	bool undoes = str_eq(act->verb, STR("undo"));
	struct str token = act_undo_seal(req, &result->undos);
	struct view *view = NULL;
	struct act next = *act;
	struct view_list *hidden;
	enum err_code rc = page_view(req, res,
	    failures == NULL ? tr_text("This takes longer")
	                     : tr_text("Not everything was done"),
	    &view, err);

	if (rc != ERR_OK)
		return rc;
	view_str(view, "text",
	    str_printf(req->arena,
	        tr("%u messages are done, %u are left. Go on with them?"),
	        (unsigned)(result->done + act->done_before),
	        (unsigned)(result->rest.total + act_messages(act->more))));
	ask_view_failures(failures, view);
	view_word(view, "yes_label", tr("Go on"));
	view_word(view, "yes_name", "do");
	view_text(view, "yes_value", text_from(req->arena, act->verb));
	view_bool(view, "is_harmless", true);
	/* A token says itself which messages it is about. */
	next.set = undoes ? (struct mail_set){0} : result->rest;
	next.done_before += result->done;
	next.from = result->rest.ranges[0].first;
	next.before = undoes ? STR("") : token;
	hidden = act_hidden(req, &next, view);
	if (undoes)
		page_hidden(req, hidden, "undo", token);
	if (str_eq(request_field(req, "make"), STR("1")))
		page_hidden(req, hidden, "make", STR("1"));
	return ask_send(req, res, act, view, err);
}

enum err_code
act_ask_save(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	struct view *view = NULL;
	struct view *other;
	enum err_code rc =
	    page_view(req, res, tr_text("Save messages as a file"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_str(view, "text",
	    str_printf(req->arena,
	        trn("%u message. An archive (zip) holds each as a file of its "
	            "own (.eml) and opens everywhere. One mail file (mbox) is "
	            "what Thunderbird, Apple Mail and mutt take in.",
	            "%u messages. An archive (zip) holds each as a file of its "
	            "own (.eml) and opens everywhere. One mail file (mbox) is "
	            "what Thunderbird, Apple Mail and mutt take in.",
	            act_messages(act)),
	        (unsigned)act_messages(act)));
	view_word(view, "yes_label", tr("Archive (zip)"));
	view_word(view, "yes_name", "do");
	view_word(view, "yes_value", "zip");
	view_bool(view, "is_harmless", true);
	other = view_child(view, "other");
	view_word(other, "label", tr("One mail file (mbox)"));
	view_word(other, "value", "mbox");
	(void)act_hidden(req, act, view);
	return ask_send(req, res, act, view, err);
}
