#include "mail/imap_find.h"

#include "base/limits.h"
#include "os/clock.h"

#define FIND_LOOK_MS ((int64_t)100)
/* A folder that is ready waits so long for one that stands before it. */
#define FIND_ORDER_MS    ((int64_t)300)
#define FIND_STACK_BYTES ((size_t)512 << 10)
/* So many folders in a row that get no answer: the server is away. */
#define FIND_FAILURES 2u
/* All of it at most, in times of one folder. */
#define FIND_WAITS 20

/* ---- between the threads ---- */
struct find_job *
imap_find_take(struct find *find, bool waits)
{
	struct find_job *job = NULL;

	lock_take(&find->lock);
	while (waits && !find->is_stopped && find->ahead >= FIND_AHEAD)
		(void)lock_cond_wait_ms(
		    &find->changed, &find->lock, FIND_LOOK_MS);
	if (!find->is_stopped && find->ahead < FIND_AHEAD &&
	    find->next < find->asked->folder_count) {
		job = &find->jobs[find->next];
		job->state = FIND_RUNNING;
		job->hits.number = find->next;
		job->hits.folder = find->asked->folders[find->next];
		find->next++;
	}
	lock_give(&find->lock);
	return job;
}

bool
imap_find_is_stopped(struct find *find)
{
	bool is_stopped;

	lock_take(&find->lock);
	is_stopped = find->is_stopped;
	lock_give(&find->lock);
	return is_stopped;
}

size_t
imap_find_left(struct find *find)
{
	size_t left;

	lock_take(&find->lock);
	left = find->is_stopped ? 0 : find->asked->folder_count - find->next;
	lock_give(&find->lock);
	return left;
}

void
imap_find_done(struct find *find, struct find_job *job, enum err_code rc,
    const struct err *err)
{
	struct text words = {{0}};

	if (rc != ERR_OK && job->arena != NULL)
		words = text_line(
		    job->arena, str_dup(job->arena, str_c(err->message)));
	lock_take(&find->lock);
	job->hits.rc = rc;
	job->hits.words = words;
	job->state = FIND_DONE;
	job->done_mono_ms = clock_mono_ms();
	find->ahead++;
	if (rc == ERR_OK)
		find->failures = 0;
	lock_cond_broadcast(&find->changed);
	lock_give(&find->lock);
}

void
imap_find_give_up(struct find *find, enum err_code rc, const struct err *err)
{
	lock_take(&find->lock);
	if (!find->is_stopped) {
		find->rc = rc;
		find->err = *err;
	}
	find->is_stopped = true;
	lock_cond_broadcast(&find->changed);
	lock_give(&find->lock);
}

void
imap_find_lost(struct find *find, enum err_code rc, const struct err *err)
{
	bool is_enough;

	lock_take(&find->lock);
	is_enough = ++find->failures >= FIND_FAILURES;
	lock_give(&find->lock);
	if (is_enough)
		imap_find_give_up(find, rc, err);
}

/* ---- telling ---- */
/* Under the lock: the next that can be told, or NULL. */
static struct find_job *
find_ready(struct find *find)
{
	size_t count = find->asked->folder_count;
	size_t first = 0;

	while (first < count && find->jobs[first].state == FIND_TOLD)
		first++;
	for (size_t i = first; i < find->next; i++) {
		struct find_job *job = &find->jobs[i];

		if (job->state == FIND_DONE &&
		    (i == first || find->running == 0 ||
		        clock_mono_ms() - job->done_mono_ms >= FIND_ORDER_MS))
			return job;
	}
	return NULL;
}

/* What can be told now; NULL and *out_is_over: no more will come. */
static struct find_job *
find_wait(struct find *find, bool *out_is_over)
{
	struct find_job *job;

	lock_take(&find->lock);
	job = find_ready(find);
	if (job == NULL && find->running > 0) {
		(void)lock_cond_wait_ms(
		    &find->changed, &find->lock, FIND_LOOK_MS);
		job = find_ready(find);
	}
	*out_is_over = job == NULL && find->running == 0;
	lock_give(&find->lock);
	return job;
}

static bool
find_tell(struct find *find, struct find_job *job)
{
	bool goes_on = find->asked->found(find->asked->ctx, &job->hits);

	arena_free(job->arena);
	lock_take(&find->lock);
	job->arena = NULL;
	job->state = FIND_TOLD;
	find->ahead--;
	lock_cond_broadcast(&find->changed);
	lock_give(&find->lock);
	return goes_on;
}

/* False: the caller has had enough. */
static bool
find_listen(struct find *find)
{
	const struct mail_wait *wait = &find->mail->wait;
	bool is_over = false;

	while (!is_over) {
		int64_t start_us = clock_mono_us();
		struct find_job *job = find_wait(find, &is_over);

		if (wait->waited_us != NULL)
			*wait->waited_us +=
			    (uint64_t)(clock_mono_us() - start_us);
		if (wait->cancel != NULL && cancel_is_fired(wait->cancel))
			return false;
		if (job != NULL ? !find_tell(find, job)
		                : !find->asked->wait(find->asked->ctx))
			return false;
	}
	return true;
}

/* ---- threads ---- */
static bool
find_start(struct find *find, struct find_thread *thread)
{
	pthread_attr_t attributes;
	bool is_fine = pthread_attr_init(&attributes) == 0;

	if (!is_fine)
		return false;
	thread->find = find;
	thread->mail.account = find->mail->account;
	thread->mail.wait = (struct mail_wait){
	    .deadline_mono_ms =
	        clock_mono_ms() +
	        FIND_WAITS * find->mail->account->server->cfg->search_wait_ms,
	    .cancel = find->cancel,
	};
	lock_take(&find->lock);
	find->running++;
	lock_give(&find->lock);
	(void)pthread_attr_setstacksize(&attributes, FIND_STACK_BYTES);
	is_fine = pthread_create(&thread->thread, &attributes, imap_find_thread,
	              thread) == 0;
	(void)pthread_attr_destroy(&attributes);
	if (is_fine)
		return true;
	lock_take(&find->lock);
	find->running--;
	lock_give(&find->lock);
	return false;
}

static void
find_stop(struct find *find)
{
	lock_take(&find->lock);
	find->is_stopped = true;
	lock_cond_broadcast(&find->changed);
	lock_give(&find->lock);
	cancel_fire(find->cancel);
}

static void
find_free(struct find *find)
{
	for (size_t i = 0; find->jobs != NULL && i < find->asked->folder_count;
	     i++)
		arena_free(find->jobs[i].arena);
	free(find->jobs);
	cancel_free(find->cancel);
	lock_cond_end(&find->changed);
	lock_end(&find->lock);
}

static enum err_code
find_run(struct find *find, struct err *err)
{
	struct find_thread threads[FIND_THREADS] = {{.is_first = true}};
	uint32_t most = find->mail->account->owner->max_per_account;
	const struct cancel *left = find->mail->wait.cancel;
	size_t count = 0;
	bool is_whole;

	while (count < FIND_THREADS && count < find->asked->folder_count &&
	       (count == 0 || count + 1 < most) &&
	       find_start(find, &threads[count]))
		count++;
	if (count == 0)
		return err_set(err, ERR_NO_MEMORY, NULL, "imap: find, thread");
	is_whole = find_listen(find);
	if (!is_whole)
		find_stop(find);
	for (size_t i = 0; i < count; i++)
		(void)pthread_join(threads[i].thread, NULL);
	if (left != NULL && cancel_is_fired(left))
		return err_set(err, ERR_CANCELED, NULL, "mail: canceled");
	if (is_whole && find->rc != ERR_OK)
		return err_set(
		    err, find->rc, find->err.message, find->err.detail);
	return ERR_OK;
}

enum err_code
mail_find(struct mail *mail, const struct mail_find *asked, struct err *err)
{
	struct find find = {.asked = asked, .mail = mail};
	enum err_code rc = ERR_NO_MEMORY;

	ensure(asked->row_count > 0 && asked->row_count <= LIMIT_LIST_ROWS);
	if (asked->folder_count == 0)
		return ERR_OK;
	lock_init(&find.lock);
	lock_cond_init(&find.changed);
	find.cancel = cancel_new(NULL);
	find.jobs = calloc(asked->folder_count, sizeof(*find.jobs));
	if (find.cancel != NULL && find.jobs != NULL)
		rc = find_run(&find, err);
	else
		(void)err_set(err, rc, NULL, "imap: find");
	find_free(&find);
	return rc;
}
