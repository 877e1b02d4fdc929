#include "mail/imap_find.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/* Folders that take longer are asked for one at a time: waiting is no loss. */
#define THREAD_QUICK_MS ((int64_t)100)

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
	job->query = (struct mail_query){.row_count = asked->row_count,
	    .with_previews = asked->with_previews};
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

/* ---- the thread ---- */
static enum err_code
thread_connect(struct find_thread *thread, struct err *err)
{
	struct mail mail = thread->mail;
	int64_t soon = clock_mono_ms() + FIND_OTHER_WAIT;
	enum err_code rc;

	if (!thread->is_first && mail.wait.deadline_mono_ms > soon)
		mail.wait.deadline_mono_ms = soon;
	rc = account_take_aside(&mail, thread->is_first, &thread->conn, err);
	if (rc != ERR_OK)
		return rc;
	imap_conn_begin(thread->conn, &thread->mail.wait);
	imap_conn_be_patient(thread->conn);
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

/* The first of them is why; the others are tried by themselves. */
static void
thread_fail(struct find_thread *thread, struct find_step *step,
    enum err_code rc, const struct err *err)
{
	bool is_search = step->row_count == 0;
	struct find_job **list = is_search ? step->searches : step->rows;
	size_t *count = is_search ? &step->search_count : &step->row_count;

	if (*count > 0) {
		imap_find_done(thread->find, list[0], rc, err);
		(*count)--;
		memmove(list, list + 1, *count * sizeof(*list));
	}
	if (rc == ERR_AWAY || rc == ERR_MAIL)
		imap_find_lost(thread->find, rc, err);
	else
		imap_find_give_up(thread->find, rc, err);
	/* Nobody goes on; the page says what was not searched. */
	if (imap_find_is_stopped(thread->find))
		step->row_count = step->search_count = 0;
}

/* A step and, where that may help, once more with less in one write. */
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
		if (attempt > 0)
			step->search_most = 1;
		rc = imap_find_step(step, arena, err);
		if (rc == ERR_OK)
			return rc;
		for (size_t i = 0; i < step->row_count; i++)
			step->rows[i]->is_open = false;
		if (attempt > 0 || !thread_may_retry(thread, rc, start_ms)) {
			thread_disconnect(thread);
			return rc;
		}
		thread_disconnect(thread);
	}
}

/* Up to `most` to search in the next step, beside the rows that are left. */
static void
thread_take(struct find_thread *thread, struct find_step *step, size_t most)
{
	/* Nobody else shall wait for the end of ours. */
	size_t share = imap_find_left(thread->find) / (size_t)4;
	const struct mail_search *search = thread->find->asked->search;

	if (search != NULL && search->needs_structures)
		most = 1;
	step->search_most = most;
	if (most > share)
		most = share > 0 ? share : 1;
	while (step->search_count < most) {
		struct err err = ERR_NONE;
		bool is_idle = step->row_count + step->search_count == 0;
		struct find_job *job = imap_find_take(thread->find, is_idle);
		enum err_code rc;

		if (job == NULL)
			return;
		rc = job_begin(thread, job, &err);
		if (rc == ERR_OK)
			step->searches[step->search_count++] = job;
		else
			imap_find_done(thread->find, job, rc, &err);
	}
}

static void
thread_work(struct find_thread *thread, struct arena *arena)
{
	struct find_step step = {.thread = thread};
	struct err err = ERR_NONE;
	enum err_code rc = thread_connect(thread, &err);
	size_t most = 1;

	if (rc != ERR_OK) {
		if (thread->is_first)
			imap_find_give_up(thread->find, rc, &err);
		return;
	}
	for (;;) {
		int64_t start_ms = clock_mono_ms();

		thread_take(thread, &step, most);
		if (step.search_count == 0 && step.row_count == 0)
			break;
		rc = thread_step(thread, &step, arena, &err);
		if (rc != ERR_OK)
			thread_fail(thread, &step, rc, &err);
		if (rc == ERR_OK && step.row_count == 0 &&
		    clock_mono_ms() - start_ms < THREAD_QUICK_MS)
			most = most < FIND_STEP_MOST ? most * 2 : most;
		else
			most = 1;
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
