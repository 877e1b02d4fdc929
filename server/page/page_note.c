#include "base/num.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_compose.h"

/* What an action did, in words, for one message and for several. */
static const struct {
	const char *name;
	const char *one;
	const char *many;
} page_notes[] = {
    {"read", "1 message marked as read.", "messages marked as read."},
    {"unread", "1 message marked as unread.", "messages marked as unread."},
    {"flag", "1 message flagged.", "messages flagged."},
    {"unflag", "1 message unflagged.", "messages unflagged."},
    {"label", "The label is set on 1 message.", "messages have the label now."},
    {"unlabel", "The label is removed from 1 message.",
        "messages do not have the label any more."},
    {"nolabel", "Nothing was changed: choose a label first.", ""},
    {"move", "1 message moved.", "messages moved."},
    {"archive", "1 message moved to the archive.",
        "messages moved to the archive."},
    {"junk", "1 message marked as junk and moved to the junk folder.",
        "messages marked as junk and moved to the junk folder."},
    {"notjunk", "1 message marked as not junk and moved to the inbox.",
        "messages marked as not junk and moved to the inbox."},
    {"delete", "1 message moved to the trash.", "messages moved to the trash."},
    {"expunge", "1 message deleted for good.", "messages deleted for good."},
    {"copy", "1 message copied.", "messages copied."},
    {"unmark", "1 message is marked as before.",
        "messages are marked as before."},
    {"undo", "1 message put back.", "messages put back."},
    {"none", "Nothing was ticked, so nothing was done.",
        "Nothing was ticked, so nothing was done."},
    {"nofolder", "Nothing was moved: choose a folder first, then press “Move”.",
        ""},
    {"discard", "The message you were writing was discarded.", ""},
    {"discard_kept",
        "What you were writing was discarded. The draft that it began with is "
        "still in Drafts.",
        ""},
    {"plain",
        "Messages are shown as plain text from now on, where there is a "
        "choice.",
        ""},
    {"html",
        "Messages are shown with their formatting from now on, where there is "
        "a choice.",
        ""},
    {"receipt", "The receipt was sent.", ""},
    {"no_receipt", "No receipt is sent, and you are not asked again.", ""},
    {"receipt_before", "This was answered before: nothing was sent.", ""},
    {"contact", "The sender is in your contacts now.", ""},
    {"trusted",
        "Images from the internet are always shown for this sender now.", ""},
    {"untrusted",
        "Images from the internet stay out for this sender from now on.", ""},
};

/* So long it can be brought back, in seconds. */
#define NOTE_UNDO_S (10 * 60)

/* A message that was being written can be brought back; false: it is. */
static bool
note_view_discarded(struct request *req, struct view *view)
{
	struct str id = request_query(req, "draft");
	int64_t gone_s = 0;
	struct view *undo;

	if (id.len == 0)
		return true;
	if (!page_compose_is_discarded(req, id, &gone_s) ||
	    clock_now_s() - gone_s > NOTE_UNDO_S)
		return false;
	undo = view_child(view, "undo_discard");
	view_set_url(undo, "url", view_url_own(req->arena, STR("/compose")));
	view_str(undo, "id", id);
	return true;
}

void
page_view_note(struct request *req, struct view *view, struct str back)
{
	struct str note = request_query(req, "note");
	struct str token = request_query(req, "undo");
	uint32_t count = 1;
	struct view *undo;

	if ((token.len > 0 && !act_undo_is_fresh(req, token)) ||
	    (str_starts(note, STR("discard")) &&
	        !note_view_discarded(req, view)))
		return;
	err_ignore(
	    num_u32(request_query(req, "n"), 1, UINT32_MAX, &count, NULL));
	for (size_t i = 0; i < sizeof(page_notes) / sizeof(page_notes[0]);
	     i++) {
		if (!str_eq(note, str_c(page_notes[i].name)))
			continue;
		if (count == 1)
			view_word(view, "notice", page_notes[i].one);
		else
			view_str(view, "notice",
			    str_printf(req->arena, "%u %s", count,
			        page_notes[i].many));
	}
	if (token.len == 0)
		return;
	undo = view_child(view, "undo");
	view_set_url(undo, "url", view_url_own(req->arena, STR("/act")));
	view_text(undo, "token", text_line(req->arena, token));
	view_str(undo, "back", back);
}
