#include "base/limits.h"
#include "mail/imap_find.h"

/*
 * One write asks for rows of folders that were searched and for searches of
 * the next ones, so that the server rarely waits for us. A server that keeps
 * what it found (SEARCHRES, RFC 5182) tells the newest row with it: a folder
 * with one hit or none, or with few messages, is done then. Others are opened
 * once more for their rows, but for the last of the write.
 */

/* ---- asking ---- */
static void
step_open(struct find_step *step, struct find_job *job)
{
	struct imap_writer *writer = &step->batch.writer;

	imap_conn_deselect(step->thread->conn);
	step->thread->conn->has_view = true;
	job->open_at = writer->command_count;
	imap_write_begin(writer, "EXAMINE ");
	imap_write_string(writer, job->wire);
	imap_write_end(writer);
}

static void
step_write_rows(struct find_step *step, struct find_job *job)
{
	struct imap_writer *writer = &step->batch.writer;

	job->open_at = job->search_at = SIZE_MAX;
	if (!job->is_open)
		step_open(step, job);
	job->is_open = false;
	job->rows_at = writer->command_count;
	imap_write_begin(writer, "UID FETCH ");
	imap_write_set(writer, job->listing.wanted, job->listing.row_room);
	imap_listing_fetch_wanted(&job->listing, step->thread->conn, writer);
	imap_write_end(writer);
}

/* "$" is what the search found; of many messages, only the newest of it. */
static void
step_write_sure(struct find_step *step, struct find_job *job, bool is_small)
{
	struct imap_writer *writer = &step->batch.writer;

	if (!is_small) {
		imap_write_begin(writer, "UID SEARCH RETURN (SAVE MAX) UID $");
		imap_write_end(writer);
	}
	job->rows_at = writer->command_count;
	imap_write_begin(writer, "UID FETCH $");
	imap_listing_fetch_wanted(&job->listing, step->thread->conn, writer);
	imap_write_end(writer);
}

static enum err_code
step_write_search(struct find_step *step, struct find_job *job, struct err *err)
{
	const struct imap_conn *conn = step->thread->conn;
	const struct mail_search *search = job->what.search;
	const struct mail_folder *folder = job->hits.folder;
	uint32_t most = job->query.row_count;
	bool is_small = folder->is_counted && folder->messages <= most;
	enum err_code rc = ERR_OK;

	step_open(step, job);
	job->search_at = job->rows_at = SIZE_MAX;
	job->found = (struct imap_found){0};
	job->is_sure = false;
	if (search != NULL && search->needs_structures)
		return ERR_OK;
	job->is_sure = !step->thread->find->asked->with_sets &&
	               imap_conn_has(conn, IMAP_CAP_ESEARCH) &&
	               imap_conn_has(conn, IMAP_CAP_SEARCHRES);
	job->what.is_saved = job->is_sure;
	job->search_at = step->batch.writer.command_count;
	imap_search_command(&step->batch, &job->what);
	if (!job->is_sure)
		return ERR_OK;
	job->listing.wanted = ARENA_ARRAY(job->arena, most, uint32_t);
	rc = imap_listing_reset(&job->listing, is_small ? most : 1, err);
	step_write_sure(step, job, is_small);
	return rc;
}

/* Answers come while a literal waits for the server's consent, then. */
static bool
step_may_pause(const struct imap_conn *conn)
{
	return !imap_conn_has(
	    conn, IMAP_CAP_LITERAL_PLUS | IMAP_CAP_LITERAL_MINUS);
}

/* *out_searches: how many of them are asked for. */
static enum err_code
step_write(struct find_step *step, size_t *out_searches, struct err *err)
{
	size_t most = step->search_most;
	enum err_code rc = ERR_OK;

	if (step_may_pause(step->thread->conn))
		most = step->row_count > 0 ? 0 : 1;
	if (most > step->search_count)
		most = step->search_count;
	for (size_t i = 0; i < step->row_count; i++)
		step_write_rows(step, step->rows[i]);
	for (size_t i = 0; rc == ERR_OK && i < most; i++)
		rc = step_write_search(step, step->searches[i], err);
	*out_searches = most;
	return rc;
}

/* ---- answers ---- */
/* A row of "$" tells itself which one it is. */
static void
step_take_row(struct find_job *job, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_listing *listing = &job->listing;
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct imap_item item;

	size_t at = 0;

	if (listing->wanted == NULL || !imap_item_parse(&tokens, &item))
		return;
	while (at < listing->row_room && listing->wanted[at] != 0 &&
	       listing->wanted[at] != item.uid)
		at++;
	if (job->is_sure && item.envelope != 0 && at < listing->row_room)
		listing->wanted[at] = item.uid;
	imap_listing_take_item(listing, response->number, &tokens, &item);
}

static enum err_code
step_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct find_step *step = ctx;
	struct find_job *job = step->now;

	if (job == NULL)
		return ERR_OK;
	if (str_eq_nocase(response->name, STR("FETCH")))
		step_take_row(job, reader, response);
	else if (job->search_at != SIZE_MAX)
		imap_found_add(&job->found, job->arena, reader, response);
	return imap_arena_check(job->arena, err);
}

/* All that was asked for this folder; SearchWait is for each. */
static enum err_code
step_wait(struct find_step *step, struct find_job *job, struct err *err)
{
	const size_t commands[] = {job->open_at, job->search_at, job->rows_at};
	enum err_code rc = ERR_OK;

	/* Of the one before, which nothing of this one has passed. */
	if (job != step->now && job->open_at != SIZE_MAX)
		imap_conn_deselect(step->thread->conn);
	step->now = job;
	imap_conn_command(step->thread->conn);
	for (size_t i = 0; rc == ERR_OK && i < 3; i++) {
		if (commands[i] != SIZE_MAX)
			rc = imap_batch_wait(&step->batch, commands[i], err);
	}
	return rc;
}

/* ---- rows ---- */
static int
step_newest_first(const void *a, const void *b)
{
	const struct mail_row *left = a;
	const struct mail_row *right = b;

	return (left->uid < right->uid) - (left->uid > right->uid);
}

/* Rows that came. */
static size_t
step_collect(struct find_job *job)
{
	struct imap_listing *listing = &job->listing;
	size_t count = 0;

	for (size_t i = 0; i < listing->row_room; i++)
		if (listing->rows[i].uid != 0)
			listing->rows[count++] = listing->rows[i];
	if (count > 1)
		qsort(listing->rows, count, sizeof(*listing->rows),
		    step_newest_first);
	job->hits.list.rows = listing->rows;
	job->hits.list.row_count = count;
	return count;
}

static enum err_code
step_choose_rows(struct find_job *job, struct err *err)
{
	uint32_t most = job->query.row_count;
	size_t count;

	job->is_sure = false;
	job->listing.wanted = ARENA_ARRAY(job->arena, most, uint32_t);
	if (job->listing.wanted == NULL)
		return imap_arena_check(job->arena, err);
	count =
	    imap_found_page(&job->found, true, 0, most, job->listing.wanted);
	return imap_listing_reset(&job->listing, count, err);
}

/* Rows that others removed meanwhile do not come. */
static void
step_tell_rows(struct find_step *step, struct find_job *job)
{
	struct err why = ERR_NONE;
	enum err_code rc = ERR_OK;

	if (job->open_at != SIZE_MAX &&
	    step->thread->conn->uid_validity != job->hits.list.uid_validity)
		rc = err_set(&why, ERR_NOT_FOUND, NULL, "imap: find, anew");
	else if (step_collect(job) == 0)
		rc = imap_batch_need(
		    &step->batch, job->rows_at, "list the messages", &why);
	imap_find_done(step->thread->find, job, rc, &why);
}

/* ---- searches ---- */
/* Those with attachments, in the folder that the batch left open. */
static enum err_code
step_search_attached(
    struct find_step *step, struct find_job *job, struct err *err)
{
	struct imap_conn *conn = step->thread->conn;
	struct imap_batch batch;
	enum err_code rc;

	if (conn->exists == 0)
		return ERR_OK;
	rc = imap_search_attached(
	    conn, job->arena, &job->what, &job->hits.list.unlooked, err);
	if (rc != ERR_OK)
		return rc;
	imap_batch_init(&batch, conn, imap_listing_untagged, &job->listing);
	imap_search_command(&batch, &job->what);
	rc = imap_batch_run(&batch, job->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

/* *out_is_whole: nothing has to be asked for any more. */
static enum err_code
step_searched(struct find_step *step, struct find_job *job, bool *out_is_whole,
    struct err *err)
{
	enum err_code rc =
	    imap_batch_need(&step->batch, job->open_at, "open the folder", err);

	*out_is_whole = true;
	if (rc != ERR_OK)
		return rc;
	job->hits.list.uid_validity = step->thread->conn->uid_validity;
	if (job->search_at != SIZE_MAX)
		rc = imap_batch_need(
		    &step->batch, job->search_at, "search the folder", err);
	else
		rc = step_search_attached(step, job, err);
	if (rc != ERR_OK)
		return rc;
	job->hits.list.total = job->found.total;
	if (step->thread->find->asked->with_sets) {
		job->hits.set = imap_found_set(job->arena, &job->found);
		return imap_arena_check(job->arena, err);
	}
	if (job->found.total == 0 ||
	    (job->is_sure && step_collect(job) == job->found.total))
		return ERR_OK;
	job->hits.list.row_count = 0;
	*out_is_whole = false;
	return step_choose_rows(job, err);
}

/* NO [NOTSAVED], or a server that is not what it says: without it, then. */
static bool
step_is_refused(struct find_step *step, const struct find_job *job)
{
	if (!job->is_sure || !imap_batch_is_ok(&step->batch, job->open_at) ||
	    imap_batch_is_ok(&step->batch, job->search_at))
		return false;
	step->thread->conn->lacks |= IMAP_CAP_SEARCHRES;
	return true;
}

/* ---- one write ---- */
static void
step_drop(struct find_job **list, size_t *count, size_t at)
{
	(*count)--;
	memmove(list + at, list + at + 1, (*count - at) * sizeof(*list));
}

/* The rows of a search that was done come with the next write. */
static void
step_keep(struct find_step *step, struct find_job *job, bool is_last)
{
	size_t at = is_last ? 0 : step->row_count;

	job->is_open = is_last;
	memmove(step->rows + at + 1, step->rows + at,
	    (step->row_count - at) * sizeof(*step->rows));
	step->rows[at] = job;
	step->row_count++;
}

static enum err_code
step_take_rows(struct find_step *step, size_t count, struct err *err)
{
	for (; count > 0; count--) {
		struct find_job *job = step->rows[0];
		enum err_code rc = step_wait(step, job, err);

		if (rc != ERR_OK)
			return rc;
		step_drop(step->rows, &step->row_count, 0);
		step_tell_rows(step, job);
	}
	return ERR_OK;
}

static enum err_code
step_take_searches(struct find_step *step, size_t count, struct err *err)
{
	struct imap_conn *conn = step->thread->conn;
	size_t at = 0; /* those before it are asked for once more */

	for (; count > 0; count--) {
		struct find_job *job = step->searches[at];
		struct err why = ERR_NONE;
		bool is_whole;
		enum err_code said;
		enum err_code rc = step_wait(step, job, err);

		if (rc == ERR_OK && count == 1)
			rc = imap_batch_finish(&step->batch, err);
		if (rc != ERR_OK)
			return rc;
		if (step_is_refused(step, job)) {
			at++;
			continue;
		}
		said = step_searched(step, job, &is_whole, &why);
		if (conn->is_broken)
			return err_set(err, said, why.message, why.detail);
		step_drop(step->searches, &step->search_count, at);
		if (said != ERR_OK || is_whole)
			imap_find_done(step->thread->find, job, said, &why);
		else
			step_keep(step, job, count == 1);
	}
	return ERR_OK;
}

enum err_code
imap_find_step(struct find_step *step, struct arena *arena, struct err *err)
{
	size_t rows = step->row_count;
	size_t searches = 0;
	enum err_code rc;

	imap_batch_init(&step->batch, step->thread->conn, step_untagged, step);
	rc = step_write(step, &searches, err);
	step->now = rows > 0 ? step->rows[0] : step->searches[0];
	if (rc == ERR_OK)
		rc = imap_batch_begin(&step->batch, arena, err);
	if (rc == ERR_OK)
		rc = step_take_rows(step, rows, err);
	if (rc == ERR_OK)
		rc = step_take_searches(step, searches, err);
	if (rc == ERR_OK)
		rc = imap_batch_finish(&step->batch, err);
	imap_batch_end(&step->batch);
	return rc;
}
