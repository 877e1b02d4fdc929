#include "mail/imap_utf7.h"
#include "mail/imap_write.h"
#include "mail/watch_inside.h"
#include "os/clock.h"

/* Between two pages of one person there is a moment without a watcher. */
#define WATCH_GRACE_MS ((int64_t)20000)

enum err_code
mail_watch_new(struct accounts *accounts, const struct config *cfg,
    struct metrics *metrics, struct mail_watch **out, struct err *err)
{
	struct mail_watch *watch = calloc(1, sizeof(*watch));

	*out = watch;
	if (watch == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "watch");
	lock_init(&watch->lock);
	lock_cond_init(&watch->due);
	watch->accounts = accounts;
	watch->queue_end = &watch->queue;
	watch->poller = poller_new(err);
	watch->cancel = cancel_new(err);
	if (metrics != NULL) {
		watch->metric_open =
		    metrics_gauge(metrics, "iwebmsg_watch_connections",
		        "IMAP connections that watch a folder", NULL);
		watch->metric_told =
		    metrics_counter(metrics, "iwebmsg_watch_changes_total",
		        "Changes of watched folders", NULL);
		watch->metric_failed = metrics_counter(metrics,
		    "iwebmsg_watch_lost_total",
		    "IMAP connections for watching that failed or were lost",
		    NULL);
	}
	mail_watch_configure(watch, cfg);
	if (watch->poller != NULL && watch->cancel != NULL)
		return ERR_OK;
	mail_watch_free(watch);
	*out = NULL;
	return err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
	    "mail_watch_new");
}

void
mail_watch_configure(struct mail_watch *watch, const struct config *cfg)
{
	lock_take(&watch->lock);
	watch->max_targets = cfg->watch_connections;
	watch->settings =
	    (struct imap_idle_settings){.renew_ms = cfg->watch_renew_ms,
	        .poll_ms = cfg->watch_poll_ms,
	        .wait_ms = cfg->imap_wait_ms};
	lock_give(&watch->lock);
}

/* ---- targets; the lock is held ---- */
static size_t
watch_bucket(const struct account *account)
{
	return ((uintptr_t)account / sizeof(void *)) % WATCH_BUCKETS;
}

void
watch_enqueue(struct watch_target *target)
{
	struct mail_watch *watch = target->watch;

	target->stage = WATCH_QUEUED;
	target->next_open = NULL;
	*watch->queue_end = target;
	watch->queue_end = &target->next_open;
	lock_cond_signal(&watch->due);
}

void
watch_unqueue(struct watch_target *target)
{
	struct mail_watch *watch = target->watch;
	struct watch_target **at = &watch->queue;

	if (target->stage != WATCH_QUEUED)
		return;
	while (*at != target)
		at = &(*at)->next_open;
	*at = target->next_open;
	if (*at == NULL)
		watch->queue_end = at;
	target->stage = WATCH_WAITING;
	target->due_ms = INT64_MAX;
}

void
watch_wake(struct mail_watch *watch)
{
	atomic_store(&watch->must_look, true);
	poller_wake(watch->poller);
}

/* Nobody joins it any more; the watch thread frees it. */
static void
watch_end(struct watch_target *target)
{
	target->is_over = true;
	watch_unqueue(target);
	watch_wake(target->watch);
}

static void
watch_free_str(struct str s)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): our own copy */
	free((char *)(uintptr_t)s.ptr);
}

static bool
watch_copy(struct str *out, struct str s)
{
	char *copy = malloc(s.len + 1);

	if (copy == NULL)
		return false;
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	*out = str_of(copy, s.len);
	return true;
}

void
watch_target_free(struct watch_target *target)
{
	struct mail_watch *watch = target->watch;
	struct watch_target **at =
	    &watch->buckets[watch_bucket(target->account)];

	while (*at != NULL && *at != target)
		at = &(*at)->next;
	if (*at == target) {
		*at = target->next;
		watch->targets--;
	}
	imap_idle_input_end(&target->input);
	account_unref(target->account);
	watch_free_str(target->folder.s);
	watch_free_str(target->wire);
	watch_free_str(target->count);
	free(target);
}

bool
watch_is_over(const struct watch_target *target, int64_t now_ms)
{
	return target->watchers == NULL &&
	       (target->is_over ||
	           now_ms - target->alone_since_ms >= WATCH_GRACE_MS);
}

void
watch_tell(struct watch_target *target, const struct mail_watch_event *event)
{
	for (struct mail_watcher *at = target->watchers; at != NULL;
	     at = at->next)
		at->fn(at->ctx, event);
}

bool
watch_has_own(const struct watch_target *target, struct str name)
{
	const struct watch_target *at =
	    target->watch->buckets[watch_bucket(target->account)];

	while (at != NULL &&
	       (at->account != target->account || at->stage != WATCH_OPEN ||
	           (!str_eq(at->wire, name) && !str_eq(at->folder.s, name))))
		at = at->next;
	return at != NULL;
}

/* The name as on the wire, and the command that counts; where it is plain. */
static enum err_code
watch_names(struct watch_target *target, struct text folder, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	struct imap_writer writer;
	struct str wire = {0};
	bool is_fine = arena != NULL;

	if (is_fine)
		wire = imap_utf7_encode(arena, folder);
	for (size_t i = 0; i < wire.len; i++)
		is_fine = is_fine && wire.ptr[i] >= ' ' && wire.ptr[i] < 0x7f;
	if (!is_fine || wire.len == 0)
		return err_set(err, ERR_INPUT, "This folder cannot be watched.",
		    "its name");
	imap_writer_init(&writer, 0, 0);
	imap_write_raw(&writer, "STATUS ");
	imap_write_string(&writer, wire);
	imap_write_raw(&writer, " (UNSEEN)\r\n");
	is_fine = writer.out.failed == ERR_OK &&
	          watch_copy(&target->count, buf_str(&writer.out)) &&
	          watch_copy(&target->wire, wire) &&
	          watch_copy(&target->folder.s, folder.s);
	imap_writer_end(&writer);
	return is_fine ? ERR_OK : err_set(err, ERR_NO_MEMORY, NULL, "watch");
}

static struct watch_target *
watch_target_new(struct mail_watch *watch, struct account *account,
    struct text folder, struct err *err)
{
	struct watch_target *target = calloc(1, sizeof(*target));
	struct watch_target **at = &watch->buckets[watch_bucket(account)];

	if (target == NULL) {
		(void)err_set(err, ERR_NO_MEMORY, NULL, "watch");
		return NULL;
	}
	target->watch = watch;
	target->account = account;
	account_ref(account);
	imap_idle_input_init(&target->input);
	if (watch_names(target, folder, err) != ERR_OK) {
		watch_target_free(target);
		return NULL;
	}
	target->event.folder = target->folder;
	target->next = *at;
	*at = target;
	watch->targets++;
	watch_enqueue(target);
	return target;
}

/*
 * The target of that folder, or room for it: of a folder that nobody watches
 * any more, when the account has as many as it may.
 */
static enum err_code
watch_find(struct mail_watch *watch, const struct account *account,
    struct text folder, struct watch_target **out, struct err *err)
{
	struct watch_target *alone = NULL;
	unsigned count = 0;
	unsigned ending = 0;

	*out = NULL;
	for (struct watch_target *at = watch->buckets[watch_bucket(account)];
	     at != NULL; at = at->next) {
		if (at->account != account)
			continue;
		if (at->is_over) {
			ending++;
			continue;
		}
		if (str_eq(at->folder.s, folder.s)) {
			*out = at;
			return ERR_OK;
		}
		count++;
		if (at->watchers == NULL)
			alone = at;
	}
	if (count >= MAIL_WATCH_FOLDERS && alone != NULL) {
		watch_end(alone);
		count--;
		ending++;
	}
	if (count >= MAIL_WATCH_FOLDERS || ending > WATCH_ENDING ||
	    watch->targets >= watch->max_targets) {
		return err_set(err, ERR_LIMIT,
		    "No more folders can be watched at the moment.",
		    "watch: all connections are taken");
	}
	return ERR_OK;
}

/* ---- threads ---- */
static bool
watch_start(struct mail_watch *watch)
{
	if (watch->is_running)
		return true;
	while (watch->opener_count < WATCH_OPENERS &&
	       pthread_create(&watch->openers[watch->opener_count], NULL,
	           watch_opener, watch) == 0)
		watch->opener_count++;
	watch->is_running =
	    watch->opener_count > 0 &&
	    pthread_create(&watch->thread, NULL, watch_run, watch) == 0;
	return watch->is_running;
}

static void
watch_stop(struct mail_watch *watch)
{
	lock_take(&watch->lock);
	watch->is_stopping = true;
	if (watch->cancel != NULL)
		cancel_fire(watch->cancel);
	lock_cond_broadcast(&watch->due);
	lock_give(&watch->lock);
	if (watch->poller != NULL)
		watch_wake(watch);
	for (unsigned i = 0; i < watch->opener_count; i++)
		(void)pthread_join(watch->openers[i], NULL);
	if (watch->is_running)
		(void)pthread_join(watch->thread, NULL);
}

void
mail_watch_free(struct mail_watch *watch)
{
	if (watch == NULL)
		return;
	watch_stop(watch);
	for (size_t i = 0; i < WATCH_BUCKETS; i++) {
		while (watch->buckets[i] != NULL) {
			struct watch_target *target = watch->buckets[i];

			ensure(target->watchers == NULL);
			imap_conn_close(target->conn);
			watch_target_free(target);
		}
	}
	poller_free(watch->poller);
	cancel_free(watch->cancel);
	lock_cond_end(&watch->due);
	lock_end(&watch->lock);
	free(watch);
}

/* ---- watchers ---- */
static void
watch_add(struct watch_target *target, struct mail_watcher *watcher)
{
	watcher->target = target;
	watcher->next = target->watchers;
	target->watchers = watcher;
	if (target->is_known) {
		struct mail_watch_event event = target->event;

		event.kind = MAIL_WATCH_STATE;
		watcher->fn(watcher->ctx, &event);
	} else if (target->stage == WATCH_WAITING &&
	           target->due_ms == INT64_MAX) {
		watch_enqueue(target);
	}
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_watch_join(struct mail_watch *watch, struct account *account,
    struct text folder, mail_watch_fn *fn, void *ctx, struct mail_watcher **out,
    struct err *err)
{
	struct mail_watcher *watcher = calloc(1, sizeof(*watcher));
	struct watch_target *target = NULL;
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (watcher == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "watcher");
	watcher->fn = fn;
	watcher->ctx = ctx;
	lock_take(&watch->lock);
	rc = watch_find(watch, account, folder, &target, err);
	if (rc == ERR_OK && !watch_start(watch))
		rc = err_set(err, ERR_NO_MEMORY, NULL, "watch: threads");
	if (rc == ERR_OK && target == NULL) {
		target = watch_target_new(watch, account, folder, err);
		if (target == NULL)
			rc = ERR_INPUT;
	}
	if (rc == ERR_OK)
		watch_add(target, watcher);
	lock_give(&watch->lock);
	if (rc != ERR_OK) {
		free(watcher);
		return rc;
	}
	*out = watcher;
	return ERR_OK;
}

void
mail_watch_leave(struct mail_watcher *watcher, bool at_once)
{
	struct watch_target *target;
	struct mail_watch *watch;
	struct mail_watcher **at;

	if (watcher == NULL)
		return;
	target = watcher->target;
	watch = target->watch;
	lock_take(&watch->lock);
	for (at = &target->watchers; *at != watcher; at = &(*at)->next)
		;
	*at = watcher->next;
	if (target->watchers == NULL) {
		target->alone_since_ms = clock_mono_ms();
		if (at_once)
			watch_end(target);
	}
	lock_give(&watch->lock);
	free(watcher);
}

uint32_t
mail_watch_connections(struct mail_watch *watch)
{
	uint32_t count = 0;

	lock_take(&watch->lock);
	for (size_t i = 0; i < WATCH_BUCKETS; i++)
		for (const struct watch_target *at = watch->buckets[i];
		     at != NULL; at = at->next)
			count += at->stage == WATCH_OPEN;
	lock_give(&watch->lock);
	return count;
}
