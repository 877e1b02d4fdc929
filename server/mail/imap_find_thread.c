#include "base/limits.h"
#include "mail/imap_find.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/*
 * One write asks for the rows of a folder that was searched and for the
 * search of the next: the server never waits for us, and no folder is opened
 * twice.
 */
struct find_step {
	struct find_thread *thread;
	struct find_job *rows;   /* searched, its rows are wanted; or NULL */
	struct find_job *search; /* to be searched; or NULL */
	struct imap_batch batch;
	size_t rows_at, open_at, search_at; /* commands */
	bool is_anew; /* the folder of the rows was opened once more */
};

/* ---- jobs ---- */
static enum err_code
job_begin(struct find_thread *thread, struct find_job *job, struct err *err)
{
	const struct mail_find *asked = thread->find->asked;
	struct arena *arena = arena_new(FIND_JOB_BYTES);

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "imap: find");
	job->arena = arena;
	job->mail = (struct mail){.account = thread->mail.account,
	    .arena = arena,
	    .wait = thread->mail.wait};
	job->query = (struct mail_query){.row_count = asked->row_count};
	job->what = (struct imap_search){.search = asked->search};
	job->listing = (struct imap_listing){.mail = &job->mail,
	    .query = &job->query,
	    .out = &job->hits.list,
	    .found = &job->found};
	job->wire = imap_utf7_encode(arena, job->hits.folder->name);
	if (job->wire.len == 0)
		return err_set(
		    err, ERR_NOT_FOUND, NULL, "imap: find, folder name");
	return ERR_OK;
}

/* Rows that came, in the order asked for: newest first. */
static void
job_collect(struct find_job *job)
{
	struct imap_listing *listing = &job->listing;
	size_t count = 0;

	for (size_t i = 0; i < listing->row_room; i++)
		if (listing->rows[i].uid != 0)
			listing->rows[count++] = listing->rows[i];
	job->hits.list.rows = listing->rows;
	job->hits.list.row_count = count;
}

static enum err_code
job_choose_rows(struct find_job *job, struct err *err)
{
	uint32_t most = job->query.row_count;
	size_t count;

	job->hits.list.total = job->found.total;
	job->listing.wanted = ARENA_ARRAY(job->arena, most, uint32_t);
	if (job->listing.wanted == NULL)
		return imap_arena_check(job->arena, err);
	count =
	    imap_found_page(&job->found, true, 0, most, job->listing.wanted);
	return imap_listing_reset(&job->listing, count, err);
}

/* ---- one write ---- */
static enum err_code
step_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct find_step *step = ctx;
	bool is_row = str_eq_nocase(response->name, STR("FETCH"));
	struct find_job *job = is_row ? step->rows : step->search;

	if (job == NULL ||
	    (!is_row && !str_eq_nocase(response->name, STR("SEARCH")) &&
	        !str_eq_nocase(response->name, STR("ESEARCH"))))
		return ERR_OK;
	return imap_listing_untagged(&job->listing, reader, response, err);
}

static size_t
step_open(struct find_step *step, struct find_job *job)
{
	struct imap_writer *writer = &step->batch.writer;

	imap_conn_deselect(step->thread->conn);
	step->thread->conn->has_view = true;
	imap_write_begin(writer, "EXAMINE ");
	imap_write_string(writer, job->wire);
	imap_write_end(writer);
	return writer->command_count - 1;
}

static void
step_write(struct find_step *step)
{
	struct imap_writer *writer = &step->batch.writer;
	struct find_job *rows = step->rows;

	if (rows != NULL) {
		/* The connection is another one than that of the search. */
		step->is_anew = !rows->is_open;
		if (step->is_anew)
			(void)step_open(step, rows);
		imap_write_begin(writer, "UID FETCH ");
		imap_write_set(
		    writer, rows->listing.wanted, rows->listing.row_room);
		imap_listing_fetch_items(writer);
		imap_write_end(writer);
		step->rows_at = writer->command_count - 1;
		rows->is_open = false;
	}
	if (step->search != NULL)
		step->open_at = step_open(step, step->search);
	if (step->search != NULL && step->search->what.search != NULL &&
	    step->search->what.search->needs_structures)
		return;
	if (step->search != NULL) {
		step->search_at = writer->command_count;
		imap_search_command(&step->batch, &step->search->what);
	}
}

/* What the batch left of the folder that was opened. */
static enum err_code
step_searched(struct find_step *step, struct err *err)
{
	struct imap_conn *conn = step->thread->conn;
	struct find_job *job = step->search;
	struct imap_batch batch;
	enum err_code rc = imap_batch_need(
	    &step->batch, step->open_at, "open the folder", err);

	if (rc != ERR_OK)
		return rc;
	job->hits.list.uid_validity = conn->uid_validity;
	job->is_open = true;
	if (step->search_at != 0)
		return imap_batch_need(
		    &step->batch, step->search_at, "search the folder", err);
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

/* Rows that others removed meanwhile do not come. */
static void
step_tell_rows(struct find_step *step)
{
	struct find_job *job = step->rows;
	struct err why = ERR_NONE;
	enum err_code rc = ERR_OK;

	job_collect(job);
	if (step->is_anew &&
	    step->thread->conn->uid_validity != job->hits.list.uid_validity)
		rc = err_set(&why, ERR_NOT_FOUND, NULL, "imap: find, anew");
	else if (job->hits.list.row_count == 0)
		rc = imap_batch_need(
		    &step->batch, step->rows_at, "list the messages", &why);
	imap_find_done(step->thread->find, job, rc, &why);
}

/* ERR_OK: the connection is as it should be; jobs have their own end. */
static enum err_code
step_run(struct find_step *step, struct arena *arena, struct err *err)
{
	struct find_thread *thread = step->thread;
	struct find_job *search = step->search;
	enum err_code rc;

	imap_batch_init(&step->batch, thread->conn, step_untagged, step);
	step_write(step);
	rc = imap_batch_begin(&step->batch, arena, err);
	if (rc == ERR_OK && step->rows != NULL)
		rc = imap_batch_wait(&step->batch, step->rows_at, err);
	if (rc == ERR_OK && step->rows != NULL) {
		step_tell_rows(step);
		step->rows = NULL;
	}
	if (rc == ERR_OK)
		rc = imap_batch_finish(&step->batch, err);
	if (rc == ERR_OK && search != NULL) {
		struct err why = ERR_NONE;
		enum err_code said = step_searched(step, &why);

		if (said == ERR_OK)
			said = job_choose_rows(search, &why);
		if (thread->conn->is_broken) {
			rc = err_set(err, said, why.message, why.detail);
		} else if (said != ERR_OK || search->listing.row_room == 0) {
			imap_find_done(thread->find, search, said, &why);
			step->search = NULL;
		}
	}
	imap_batch_end(&step->batch);
	return rc;
}

/* ---- the thread ---- */
static enum err_code
thread_connect(struct find_thread *thread, struct err *err)
{
	const struct find *find = thread->find;
	struct mail mail = thread->mail;
	int64_t soon = clock_mono_ms() + FIND_OTHER_WAIT;
	enum err_code rc;

	if (!thread->is_first && mail.wait.deadline_mono_ms > soon)
		mail.wait.deadline_mono_ms = soon;
	rc = account_take_aside(&mail, thread->is_first, &thread->conn, err);
	if (rc != ERR_OK)
		return rc;
	imap_conn_begin(thread->conn, &thread->mail.wait);
	thread->conn->command_wait_ms =
	    find->mail->account->server->cfg->search_wait_ms;
	return ERR_OK;
}

static void
thread_disconnect(struct find_thread *thread)
{
	if (thread->conn != NULL)
		account_give(thread->conn);
	thread->conn = NULL;
}

/* Dead at once, and of the pool: worth another try on a fresh one. */
static bool
thread_may_retry(
    const struct find_thread *thread, enum err_code rc, int64_t start_mono_ms)
{
	return rc == ERR_AWAY && thread->conn->is_broken &&
	       !thread->conn->is_fresh &&
	       clock_mono_ms() - start_mono_ms <
	           thread->conn->server->cfg->imap_wait_ms / 2;
}

static void
thread_fail(struct find_thread *thread, struct find_step *step,
    enum err_code rc, const struct err *err)
{
	if (step->rows != NULL)
		imap_find_done(thread->find, step->rows, rc, err);
	if (step->search != NULL)
		imap_find_done(thread->find, step->search, rc, err);
	if (rc == ERR_AWAY || rc == ERR_MAIL)
		imap_find_lost(thread->find, rc, err);
	else
		imap_find_give_up(thread->find, rc, err);
	step->rows = NULL;
	step->search = NULL;
}

/* A step and, where that may help, the same once more. */
static enum err_code
thread_step(struct find_thread *thread, struct find_step *step,
    struct arena *arena, struct err *err)
{
	for (unsigned attempt = 0;; attempt++) {
		int64_t start_ms = clock_mono_ms();
		enum err_code rc = ERR_OK;

		arena_reset(arena);
		if (thread->conn == NULL)
			rc = thread_connect(thread, err);
		if (rc != ERR_OK)
			return rc;
		if (step->search != NULL)
			step->search->found = (struct imap_found){0};
		step->search_at = 0;
		rc = step_run(step, arena, err);
		if (rc == ERR_OK)
			return rc;
		if (attempt > 0 || !thread_may_retry(thread, rc, start_ms)) {
			thread_disconnect(thread);
			return rc;
		}
		thread_disconnect(thread);
	}
}

static struct find_job *
thread_take(struct find_thread *thread)
{
	struct find_job *job;

	for (;;) {
		struct err err = ERR_NONE;
		enum err_code rc;

		job = imap_find_take(thread->find);
		if (job == NULL)
			return NULL;
		rc = job_begin(thread, job, &err);
		if (rc == ERR_OK)
			return job;
		imap_find_done(thread->find, job, rc, &err);
	}
}

static void
thread_work(struct find_thread *thread, struct arena *arena)
{
	struct find_step step = {.thread = thread};
	struct err err = ERR_NONE;
	enum err_code rc = thread_connect(thread, &err);

	if (rc != ERR_OK) {
		if (thread->is_first)
			imap_find_give_up(thread->find, rc, &err);
		return;
	}
	for (;;) {
		step.search = thread_take(thread);
		if (step.search == NULL && step.rows == NULL)
			break;
		rc = thread_step(thread, &step, arena, &err);
		if (rc != ERR_OK)
			thread_fail(thread, &step, rc, &err);
		step.rows = step.search;
	}
	thread_disconnect(thread);
}

void *
imap_find_thread(void *ctx)
{
	struct find_thread *thread = ctx;
	struct find *find = thread->find;
	struct arena *arena = arena_new(FIND_JOB_BYTES);

	thread->mail.arena = arena;
	if (arena != NULL)
		thread_work(thread, arena);
	arena_free(arena);
	lock_take(&find->lock);
	find->running--;
	lock_cond_broadcast(&find->changed);
	lock_give(&find->lock);
	return NULL;
}
