#include "base/codec.h"
#include "base/num.h"
#include "base/scan.h"
#include "os/clock.h"
#include "page/page_folder.h"

/* A page that is opened again later offers nothing any more. */
#define FOLDER_UNDO_S      (10 * 60)
#define FOLDER_UNDO_BYTES  ((size_t)2 << 20)
#define FOLDER_UNDO_RANGES ((size_t)500000)

static const char folder_undo_purpose[] = "folder undo";

/* ---- what can be taken back ---- */
/*
 * Lines: kind, time, from, to, subscribed; for each folder marked as read a
 * line for its name, one "validity" and one of ranges, each as the distance
 * from the last: "7,3-2" are 7 and 10 to 12.
 */
void
folder_undo_pack(const struct folder_undo *undo, struct buf *out)
{
	buf_addf(out, "%u\n%lld\n%.*s\n%.*s\n%u\n", (unsigned)undo->kind,
	    (long long)undo->made_s, STR_ARG(undo->from.s), STR_ARG(undo->to.s),
	    undo->was_subscribed ? 1u : 0u);
	for (size_t i = 0; i < undo->mark_count; i++) {
		const struct mail_marks *marks = &undo->marks[i];
		uint32_t at = 0;

		buf_addf(out, "%.*s\n%u\n", STR_ARG(marks->folder.s),
		    marks->uid_validity);
		for (size_t k = 0; k < marks->count; k++) {
			const struct mail_range *range = &marks->ranges[k];

			buf_addf(
			    out, "%s%u", k == 0 ? "" : ",", range->first - at);
			if (range->last > range->first)
				buf_addf(
				    out, "-%u", range->last - range->first);
			at = range->last;
		}
		buf_add_byte(out, '\n');
	}
}

static enum err_code
undo_bad(struct err *err)
{
	return err_set(
	    err, ERR_INPUT, "This can no longer be undone.", "undo token");
}

static enum err_code
undo_ranges(struct str line, struct arena *arena, struct mail_marks *out,
    struct err *err)
{
	struct scan scan = scan_of(line);
	size_t capacity = 0;
	uint64_t at = 0;
	uint64_t step = 0;

	while (scan_u64(&scan, UINT32_MAX, &step)) {
		struct mail_range *bigger = arena_grow(
		    arena, out->ranges, out->count, &capacity, sizeof(*bigger));
		uint64_t more = 0;

		if (bigger == NULL || out->count >= FOLDER_UNDO_RANGES)
			return undo_bad(err);
		out->ranges = bigger;
		at += step;
		bigger[out->count].first = (uint32_t)at;
		if (scan_byte(&scan, '-') &&
		    !scan_u64(&scan, UINT32_MAX, &more))
			return undo_bad(err);
		if (step == 0 || at + more > UINT32_MAX)
			return undo_bad(err);
		at += more;
		bigger[out->count++].last = (uint32_t)at;
		out->total += (uint32_t)more + 1;
		if (!scan_byte(&scan, ','))
			break;
	}
	return scan_end(&scan) ? ERR_OK : undo_bad(err);
}

static enum err_code
undo_marks(struct str rest, struct arena *arena, struct folder_undo *out,
    struct err *err)
{
	enum err_code rc = ERR_OK;
	size_t lines = 0;

	for (size_t i = 0; i < rest.len; i++)
		lines += rest.ptr[i] == '\n';
	out->marks = ARENA_ARRAY(arena, lines / 3 + 1, struct mail_marks);
	if (out->marks == NULL)
		return undo_bad(err);
	while (rc == ERR_OK && rest.len > 0) {
		struct mail_marks *marks = &out->marks[out->mark_count];

		if (out->mark_count > lines / 3)
			return undo_bad(err);
		*marks = (struct mail_marks){
		    .folder = text_from(arena, str_cut(&rest, '\n'))};
		rc = num_u32(str_cut(&rest, '\n'), 0, UINT32_MAX,
		    &marks->uid_validity, err);
		if (rc == ERR_OK)
			rc = undo_ranges(
			    str_cut(&rest, '\n'), arena, marks, err);
		out->mark_count++;
	}
	return rc == ERR_OK ? ERR_OK : undo_bad(err);
}

enum err_code
folder_undo_unpack(struct str plain, struct arena *arena,
    struct folder_undo *out, struct err *err)
{
	uint32_t kind = 0;
	uint64_t made_s = 0;

	*out = (struct folder_undo){0};
	if (num_u32(str_cut(&plain, '\n'), 0, FOLDER_UNDO_UNREAD, &kind, err) !=
	        ERR_OK ||
	    num_u64(str_cut(&plain, '\n'), 0, INT64_MAX, &made_s, err) !=
	        ERR_OK)
		return undo_bad(err);
	out->kind = (enum folder_undo_kind)kind;
	out->made_s = (int64_t)made_s;
	out->from = text_from(arena, str_cut(&plain, '\n'));
	out->to = text_from(arena, str_cut(&plain, '\n'));
	out->was_subscribed = str_eq(str_cut(&plain, '\n'), STR("1"));
	return undo_marks(plain, arena, out, err);
}

struct str
folder_undo_seal(struct request *req, const struct folder_undo *undo)
{
	struct folder_undo now = *undo;
	struct buf plain;
	struct buf token;
	struct str sealed;

	now.made_s = clock_now_s();
	buf_init_arena(&plain, req->arena, FOLDER_UNDO_BYTES);
	buf_init_arena(&token, req->arena, FOLDER_UNDO_BYTES * 2);
	folder_undo_pack(&now, &plain);
	if (plain.failed != ERR_OK ||
	    session_seal(req->app->sessions, req, folder_undo_purpose, true,
	        STR(""), buf_str(&plain), &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	codec_base64url_encode(&token, sealed);
	return token.failed == ERR_OK ? buf_str(&token) : str_of(NULL, 0);
}

enum err_code
folder_undo_unseal(struct request *req, struct str token,
    struct folder_undo *out, struct err *err)
{
	struct buf bytes;
	struct str plain;
	enum err_code rc;

	*out = (struct folder_undo){0};
	buf_init_arena(&bytes, req->arena, FOLDER_UNDO_BYTES * 2);
	rc = codec_base64url_decode(&bytes, token, err);
	if (rc == ERR_OK)
		rc =
		    session_unseal(req->app->sessions, req, folder_undo_purpose,
		        true, STR(""), buf_str(&bytes), &plain, err);
	if (rc != ERR_OK)
		return err_set(err, rc,
		    "This can no longer be undone: the session has changed.",
		    "undo token");
	return folder_undo_unpack(plain, req->arena, out, err);
}

/* ---- words ---- */
static const struct {
	const char *name;
	const char *words;
} folder_notes[] = {
    {"made", N_("The folder is made.")},
    {"renamed", N_("The folder is renamed.")},
    {"moved", N_("The folder is moved.")},
    {"trashed", N_("The folder is in the trash now, with all that is in it.")},
    {"removed", N_("The folder was empty and is deleted.")},
    {"deleted", N_("The folder is deleted for good.")},
    {"subscribed", N_("You are subscribed to this folder now.")},
    {"unsubscribed", N_("You are not subscribed to this folder any more.")},
    {"noneread", N_("Nothing was marked as read.")},
    {"allread", N_("Everything was read already: nothing was changed.")},
    {"nothing", N_("There was nothing in it any more: nothing was deleted.")},
    {"used", N_("From now on this folder is used for that.")},
    {"unused", N_("It is chosen by itself again.")},
    {"undone", N_("That is undone.")},
    {"opened",
        N_("What is inside it is always shown beside your messages now.")},
    {"closed",
        N_("What is inside it is shown beside your messages when something "
           "in it is unread.")},
    {"archiving", N_("From now on archived messages go there.")},
    {"shared", N_("Who may use this folder is changed.")},
};

/* Those with a number; empty: it is none of them. */
static struct str
folder_note_counted(struct arena *arena, const char *note, uint64_t count)
{
	unsigned long long number = count;

	if (strcmp(note, "read") == 0)
		return str_printf(arena,
		    trn("%llu message marked as read.",
		        "%llu messages marked as read.", count),
		    number);
	if (strcmp(note, "unread") == 0)
		return str_printf(arena,
		    trn("%llu message marked as unread again.",
		        "%llu messages marked as unread again.", count),
		    number);
	if (strcmp(note, "emptied") == 0)
		return str_printf(arena,
		    trn("%llu message deleted for good.",
		        "%llu messages deleted for good.", count),
		    number);
	if (strcmp(note, "marked") == 0)
		return str_printf(arena,
		    trn("%llu message marked as deleted. This mail server "
		        "removes it later.",
		        "%llu messages marked as deleted. This mail server "
		        "removes them later.",
		        count),
		    number);
	return STR("");
}

void
folder_view_done(struct request *req, struct view *view, const char *note,
    uint64_t count, struct str token)
{
	struct str counted = folder_note_counted(req->arena, note, count);
	struct view *undo;

	for (size_t i = 0; i < sizeof(folder_notes) / sizeof(folder_notes[0]);
	     i++) {
		if (strcmp(folder_notes[i].name, note) == 0)
			view_word(view, "notice", tr(folder_notes[i].words));
	}
	if (counted.len > 0)
		view_str(view, "notice", counted);
	if (token.len == 0)
		return;
	undo = view_child(view, "undo");
	view_set_url(undo, "url", view_url_own(req->arena, STR("/folder")));
	view_text(undo, "token", text_line(req->arena, token));
	view_str(undo, "back", STR("/folders"));
}

void
folder_view_note(struct request *req, struct view *view)
{
	struct str note = request_query(req, "note");
	struct str token = request_query(req, "undo");
	struct folder_undo undo;
	uint64_t count = 1;
	int64_t age_s;

	if (note.len == 0)
		return;
	if (token.len > 0) {
		if (folder_undo_unseal(req, token, &undo, NULL) != ERR_OK)
			return;
		age_s = clock_now_s() - undo.made_s;
		if (age_s < 0 || age_s > FOLDER_UNDO_S)
			return;
	}
	err_ignore(
	    num_u64(request_query(req, "n"), 1, UINT32_MAX, &count, NULL));
	folder_view_done(
	    req, view, str_dup_bytes(req->arena, note), count, token);
}
