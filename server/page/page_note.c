#include "base/num.h"
#include "base/tr.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_compose.h"

/* What an action did, in words, for one message and for several. */
static const struct {
	const char *name;
	const char *one;
	const char *many; /* or NULL: it has no number */
} page_notes[] = {
    {"read", NN_("%u message marked as read.", "%u messages marked as read.")},
    {"unread",
        NN_("%u message marked as unread.", "%u messages marked as unread.")},
    {"flag", NN_("%u message flagged.", "%u messages flagged.")},
    {"unflag", NN_("%u message unflagged.", "%u messages unflagged.")},
    {"label", NN_("The label is set on %u message.",
                  "%u messages have the label now.")},
    {"unlabel", NN_("The label is removed from %u message.",
                    "%u messages do not have the label any more.")},
    {"nolabel", N_("Nothing was changed: choose a label first."), NULL},
    {"move", NN_("%u message moved.", "%u messages moved.")},
    {"archive", NN_("%u message moved to the archive.",
                    "%u messages moved to the archive.")},
    {"junk", NN_("%u message marked as junk and moved to the junk folder.",
                 "%u messages marked as junk and moved to the junk folder.")},
    {"notjunk", NN_("%u message marked as not junk and moved to the inbox.",
                    "%u messages marked as not junk and moved to the inbox.")},
    {"delete", NN_("%u message moved to the trash.",
                   "%u messages moved to the trash.")},
    {"expunge",
        NN_("%u message deleted for good.", "%u messages deleted for good.")},
    {"copy", NN_("%u message copied.", "%u messages copied.")},
    {"uncopy", NN_("%u copy was taken away again.",
                   "%u copies were taken away again.")},
    {"unmark", NN_("%u message is marked as before.",
                   "%u messages are marked as before.")},
    {"undo", NN_("%u message put back.", "%u messages put back.")},
    {"none", N_("Nothing was ticked, so nothing was done."), NULL},
    {"nofolder",
        N_("Nothing was moved: choose a folder first, then press “Move”."),
        NULL},
    {"discard", N_("The message you were writing was discarded."), NULL},
    {"discard_kept",
        N_("What you were writing was discarded. The draft that it began with "
           "is still in Drafts."),
        NULL},
    {"others",
        N_("A message that was being written here belongs to another login. "
           "It is kept for whoever logs in with that one, and not shown here."),
        NULL},
    {"others_lost",
        N_("A message that was being written here belongs to another login, "
           "so it is not shown. It could not be kept there either: whoever "
           "wrote it can go back to the login page and log in there."),
        NULL},
    {"unopened",
        N_("What was being written before you logged in could not be opened "
           "any more."),
        NULL},
    {"plain",
        N_("Messages are shown as plain text from now on, where there is a "
           "choice."),
        NULL},
    {"html",
        N_("Messages are shown with their formatting from now on, where there "
           "is a choice."),
        NULL},
    {"receipt", N_("The receipt was sent."), NULL},
    {"no_receipt", N_("No receipt is sent, and you are not asked again."),
        NULL},
    {"receipt_before", N_("This was answered before: nothing was sent."), NULL},
    {"contact", N_("The sender is in your contacts now."), NULL},
    {"trusted",
        N_("Images from the internet are always shown for this sender now."),
        NULL},
    {"untrusted",
        N_("Images from the internet stay out for this sender from now on."),
        NULL},
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

/* The number takes the place of "%u", where the words have one. */
static struct str
note_counted(
    struct arena *arena, const char *one, const char *many, uint32_t count)
{
	struct str words = str_c(trn(one, many, count));
	size_t at = str_find(words, STR("%u"), 0);

	if (at >= words.len)
		return words;
	return str_printf(arena, "%.*s%u%.*s", (int)at, words.ptr, count,
	    STR_ARG(str_slice(words, at + 2, words.len)));
}

/* What was done, and whether there is no way back. */
static void
note_view_words(struct request *req, struct view *view, struct str note,
    uint32_t count, bool is_past_undo)
{
	struct str words = str_of(NULL, 0);

	for (size_t i = 0; i < sizeof(page_notes) / sizeof(page_notes[0]);
	     i++) {
		if (!str_eq(note, str_c(page_notes[i].name)))
			continue;
		words = page_notes[i].many == NULL
		            ? str_c(tr(page_notes[i].one))
		            : note_counted(req->arena, page_notes[i].one,
		                  page_notes[i].many, count);
	}
	if (words.len == 0)
		return;
	if (is_past_undo)
		words = str_printf(req->arena, "%.*s %s", STR_ARG(words),
		    tr("This cannot be taken back here: the mail server does "
		       "not tell which messages of the folder these are."));
	view_str(view, "notice", words);
}

void
page_view_note(struct request *req, struct view *view, struct str back)
{
	struct str note = request_query(req, "note");
	struct str token = request_query(req, "undo");
	bool is_past_undo = str_eq(token, STR(ACT_UNDO_NONE));
	uint32_t count = 1;
	struct view *undo;

	if (is_past_undo)
		token = STR("");
	if ((token.len > 0 && !act_undo_is_fresh(req, token)) ||
	    (str_starts(note, STR("discard")) &&
	        !note_view_discarded(req, view)))
		return;
	err_ignore(
	    num_u32(request_query(req, "n"), 1, UINT32_MAX, &count, NULL));
	note_view_words(req, view, note, count, is_past_undo);
	if (token.len == 0)
		return;
	undo = view_child(view, "undo");
	view_set_url(undo, "url", view_url_own(req->arena, STR("/act")));
	view_text(undo, "token", text_line(req->arena, token));
	view_str(undo, "back", back);
}
