#include "base/tr.h"
#include "mail/mail_folder.h"
#include "mime/mime_fold.h"
#include "page/page_act.h"
#include "page/page_folder.h"

/* The folder to move to: the menu has no room for all, or none was chosen. */
#define CHOOSE_ROWS        200u
#define CHOOSE_WORDS_BYTES ((size_t)200)

bool
act_is_choosing(const struct act *act)
{
	return (text_is_empty(act->to) || str_eq(act->to.s, STR(ACT_CHOOSE))) &&
	       (str_eq(act->verb, STR("move")) ||
	           str_eq(act->verb, STR("copy")));
}

static void
choose_view_rows(struct request *req, const struct act *act,
    const struct mail_folders *folders, struct text words, struct view *view)
{
	struct view_list *rows = view_list(view, "rows");
	struct str folded = mime_fold(req->arena, words.s);
	size_t count = 0;

	for (size_t i = 0; i < folders->count; i++) {
		const struct mail_folder *at = &folders->list[i];
		struct view *row;

		if (!at->is_selectable ||
		    (!act->is_pick && str_eq(at->name.s, act->folder.s)) ||
		    (folded.len > 0 &&
		        !folder_has_words(req->arena, at, folded)))
			continue;
		if (++count > CHOOSE_ROWS)
			continue;
		row = view_list_add(rows);
		view_text(row, "value", at->name);
		view_word(row, "icon", folder_icon(at->special));
		view_text(row, "name", page_folder_words(at, at->path));
	}
	view_bool(view, "no_rows", count == 0);
	view_bool(view, "has_left", count > CHOOSE_ROWS);
	view_u64(view, "left", count > CHOOSE_ROWS ? count - CHOOSE_ROWS : 0);
}

enum err_code
act_choose(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	bool copies = str_eq(act->verb, STR("copy"));
	struct mail mail = page_mail(req);
	struct act plain = *act;
	struct mail_folders folders;
	struct view *view = NULL;
	struct text words = text_line(req->arena,
	    str_slice(request_field(req, "find"), 0, CHOOSE_WORDS_BYTES));
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK)
		rc = page_view(req, res,
		    copies ? tr_text("Copy to which folder?")
		           : tr_text("Move to which folder?"),
		    &view, err);
	if (rc != ERR_OK)
		return rc;
	plain.to = TEXT("");
	(void)act_hidden(req, &plain, view);
	view_text(view, "verb", text_from(req->arena, act->verb));
	view_u64(view, "messages", act_messages(act));
	view_bool(view, "is_one", act_messages(act) == 1);
	view_text(view, "words", words);
	choose_view_rows(req, act, &folders, words, view);
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_set_url(view, "cancel_url",
	    view_url_own(
	        req->arena, act->stay.len > 0 ? act->stay : act->back));
	return page_send(req, res, "act_choose.html", view, err);
}
