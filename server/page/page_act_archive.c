#include "mail/mail_dates.h"
#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_folder.h"
#include "page/page_time.h"

/* Folders of years and months that one page moves into. */
#define ARCHIVE_FOLDERS 200u
/* For each of them perhaps that of its year, and one nothing went to. */
#define ARCHIVE_MADE (2 * ARCHIVE_FOLDERS + 2)

/* Archiving by year or month under way. */
struct archiving {
	struct request *req;
	struct act *act;
	struct mail mail;
	struct mail_tree tree;
	const struct mail_folder *archive;
	bool by_month;
	int64_t until_mono_ms;
	struct act_result *out;
	bool is_full; /* the rest is for the next page */
	/* Made since the tree was listed: each time anew would be slow. */
	struct mail_folder made[ARCHIVE_MADE];
	size_t made_count;
	struct text targets[ARCHIVE_FOLDERS]; /* that something went to */
	size_t target_count;
};

/* "2026", or "2026-03", where the person is. */
static struct str
archive_period(struct archiving *run, int64_t arrived_s)
{
	struct buf iso;
	struct str text;

	buf_init_arena(&iso, run->req->arena, 64);
	clock_add_iso(&iso, arrived_s + 60 * (int64_t)page_time_offset_minutes(
	                                         run->req, arrived_s));
	text = buf_str(&iso);
	return str_slice(text, 0, run->by_month ? 7 : 4);
}

static const struct mail_folder *
archive_find(const struct archiving *run, struct text name)
{
	for (size_t i = 0; i < run->made_count; i++)
		if (str_eq(run->made[i].name.s, name.s))
			return &run->made[i];
	return mail_tree_find(&run->tree.folders, name);
}

/* Another program made it a moment ago. */
static enum err_code
archive_list_again(struct archiving *run, struct text name,
    const struct mail_folder **out, struct err *err)
{
	enum err_code rc;

	mail_folders_forget(&run->mail);
	rc = mail_tree(&run->mail, &run->tree, err);
	if (rc != ERR_OK)
		return rc;
	run->archive =
	    mail_special_find(&run->mail, &run->tree.folders, MAIL_ARCHIVE);
	*out = mail_tree_find(&run->tree.folders, name);
	if (*out != NULL && run->archive != NULL)
		return ERR_OK;
	return err_set(err, ERR_MAIL,
	    "The mail server did not make the folder for this year. Nothing "
	    "more was moved.",
	    "archive: not in the list");
}

/* A folder below another, made when it is not there. */
static enum err_code
archive_below(struct archiving *run, const struct mail_folder *parent,
    struct str label, const struct mail_folder **out, struct err *err)
{
	struct text name;
	enum err_code rc = mail_folder_name(
	    &run->tree, parent, label, run->req->arena, &name, err);

	if (rc != ERR_OK)
		return rc;
	*out = archive_find(run, name);
	if (*out != NULL && (*out)->is_selectable)
		return ERR_OK;
	rc = mail_folder_create(&run->mail, name, MAIL_ORDINARY, err);
	if (rc == ERR_INPUT)
		return archive_list_again(run, name, out, err);
	if (rc != ERR_OK)
		return rc;
	ensure(run->made_count < ARCHIVE_MADE);
	run->made[run->made_count] = *parent;
	run->made[run->made_count].name = name;
	run->made[run->made_count].is_selectable = true;
	*out = &run->made[run->made_count++];
	return ERR_OK;
}

static enum err_code
archive_folder(
    struct archiving *run, struct str period, struct text *out, struct err *err)
{
	const struct mail_folder *folder = NULL;
	enum err_code rc = archive_below(
	    run, run->archive, str_slice(period, 0, 4), &folder, err);

	if (rc == ERR_OK && run->by_month)
		rc = archive_below(run, folder, period, &folder, err);
	if (rc == ERR_OK)
		*out = folder->name;
	return rc;
}

/* One more folder that something goes to; false: there are too many. */
static bool
archive_target(struct archiving *run, struct text to)
{
	for (size_t i = 0; i < run->target_count; i++)
		if (str_eq(run->targets[i].s, to.s))
			return true;
	if (run->target_count == ARCHIVE_FOLDERS)
		return false;
	run->targets[run->target_count++] = to;
	return true;
}

/* Messages of one period; *out_rest: those there was no time for. */
static enum err_code
archive_move(struct archiving *run, const struct mail_set *set,
    struct str period, struct mail_set *out_rest, struct err *err)
{
	struct act part = *run->act;
	struct text to;
	enum err_code rc;

	*out_rest = *set;
	run->is_full = run->target_count == ARCHIVE_FOLDERS;
	if (run->is_full)
		return ERR_OK;
	rc = archive_folder(run, period, &to, err);
	if (rc != ERR_OK)
		return rc;
	part.set = *set;
	/* There already. */
	if (str_eq(to.s, run->act->folder.s)) {
		*out_rest = (struct mail_set){0};
		run->out->done += set->total;
		return ERR_OK;
	}
	run->is_full = !archive_target(run, to);
	if (run->is_full)
		return ERR_OK;
	rc = act_do_move(run->req, &part, to, run->out, err);
	*out_rest = run->out->rest;
	return rc;
}

static int
archive_by_date(const void *a, const void *b)
{
	const struct mail_arrival *left = a;
	const struct mail_arrival *right = b;

	return left->arrived_s < right->arrived_s
	           ? -1
	           : left->arrived_s > right->arrived_s;
}

/* The first of the list that came in the same period, as a set. */
static struct mail_set
archive_group(struct archiving *run, const struct mail_arrival *list,
    size_t count, struct str *out_period, size_t *out_len)
{
	uint32_t *uids = ARENA_ARRAY(run->req->arena, count, uint32_t);
	size_t len = 0;

	*out_period = archive_period(run, list[0].arrived_s);
	while (uids != NULL && len < count &&
	       str_eq(archive_period(run, list[len].arrived_s), *out_period)) {
		uids[len] = list[len].uid;
		len++;
	}
	*out_len = len;
	return mail_set_of(run->req->arena, uids, len);
}

/* What is left of the piece, and all behind it. */
static struct mail_set
archive_rest(struct archiving *run, const struct mail_set *left,
    const struct mail_arrival *list, size_t count, const struct mail_set *more)
{
	struct arena *arena = run->req->arena;
	uint32_t *uids = ARENA_ARRAY(arena, count + 1, uint32_t);
	struct mail_set both = {0};
	struct buf text;

	if (uids == NULL)
		return both;
	for (size_t i = 0; i < count; i++)
		uids[i] = list[i].uid;
	both = mail_set_of(arena, uids, count);
	buf_init_arena(&text, arena, (size_t)16 << 20);
	for (size_t i = 0; i < 3; i++) {
		const struct mail_set *at = i == 0   ? left
		                            : i == 1 ? &both
		                                     : more;

		if (at->total == 0)
			continue;
		if (text.len > 0)
			buf_add_byte(&text, ',');
		buf_add(&text, mail_set_text(arena, at));
	}
	both = (struct mail_set){0};
	if (text.len > 0)
		err_ignore(mail_set_parse(arena, buf_str(&text), &both, NULL));
	return both;
}

/* One piece; out->rest: what is still to be done. */
static enum err_code
archive_piece(struct archiving *run, const struct mail_set *piece,
    const struct mail_set *more, struct err *err)
{
	struct mail_arrival *list = NULL;
	size_t count = 0;
	size_t at = 0;
	struct mail_set left = {0};
	enum err_code rc = mail_set_dates(&run->mail, run->act->folder,
	    run->act->uid_validity, piece, &list, &count, err);

	if (rc == ERR_OK && count > 0)
		qsort(list, count, sizeof(*list), archive_by_date);
	while (rc == ERR_OK && at < count && left.total == 0 &&
	       clock_mono_ms() < run->until_mono_ms) {
		struct str period;
		size_t len = 0;
		struct mail_set group =
		    archive_group(run, list + at, count - at, &period, &len);

		rc = len == 0 ? err_set(err, ERR_NO_MEMORY,
		                    "The server is out of memory.", "archive")
		              : archive_move(run, &group, period, &left, err);
		at += len;
	}
	run->out->rest = archive_rest(run, &left, list + at, count - at, more);
	return rc;
}

/* Each message into the folder of its year; piece by piece. */
static enum err_code
archive_by(struct archiving *run, struct err *err)
{
	struct arena *arena = run->req->arena;
	int64_t now_ms = clock_mono_ms();
	struct mail_set rest = run->act->set;
	enum err_code rc = ERR_OK;

	run->until_mono_ms =
	    now_ms + (run->mail.wait.deadline_mono_ms - now_ms) / 2;
	while (rc == ERR_OK && rest.total > 0 && !run->is_full &&
	       clock_mono_ms() < run->until_mono_ms) {
		struct mail_set piece =
		    mail_set_from(arena, &rest, 0, MAIL_DATES_MOST, 250);
		struct mail_set more;
		uint64_t end;

		if (arena_failed(arena))
			return err_set(err, ERR_NO_MEMORY,
			    "The server is out of memory.", "archive");
		end = (uint64_t)piece.ranges[piece.count - 1].last + 1;
		more = mail_set_from(arena, &rest, end, UINT32_MAX, SIZE_MAX);
		rc = archive_piece(run, &piece, &more, err);
		rest = run->out->rest;
	}
	run->out->rest = rest;
	return rc;
}

static enum err_code
archive_begin(struct request *req, struct act *act, struct act_result *out,
    bool by_month, struct err *err)
{
	struct archiving *run = ARENA_NEW(req->arena, struct archiving);
	enum err_code rc;

	if (run == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "archive");
	run->req = req;
	run->act = act;
	run->mail = page_mail(req);
	run->by_month = by_month;
	run->out = out;
	rc = mail_tree(&run->mail, &run->tree, err);
	if (rc != ERR_OK)
		return rc;
	run->archive =
	    mail_special_find(&run->mail, &run->tree.folders, MAIL_ARCHIVE);
	if (run->archive == NULL)
		return err_set(err, ERR_MAIL,
		    "There is no folder for the archive any more. Nothing was "
		    "moved.",
		    "archive: none");
	/* Where no folder can be inside it, all goes into the one. */
	if (!run->archive->takes_folders)
		return act_do_move(req, act, run->archive->name, out, err);
	return archive_by(run, err);
}

/* Where there is no folder for it yet, it is asked for once. */
enum err_code
act_do_archive(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	struct mail mail = page_mail(req);
	enum folder_archive_by by = page_folder_prefs_archive(req);
	const struct mail_folder *archive;
	struct mail_folders folders;
	struct text made = TEXT(ACT_ARCHIVE);
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	archive = mail_special_find(&mail, &folders, MAIL_ARCHIVE);
	out->ask =
	    archive == NULL && !str_eq(request_field(req, "make"), STR("1"));
	if (out->ask)
		return ERR_OK;
	if (archive == NULL)
		rc = mail_folder_make(&mail, made, &made, err);
	else
		made = archive->name;
	if (rc != ERR_OK)
		return rc;
	if (by == FOLDER_ARCHIVE_FLAT)
		return act_do_move(req, act, made, out, err);
	return archive_begin(req, act, out, by == FOLDER_ARCHIVE_MONTH, err);
}
