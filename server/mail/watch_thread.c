#include "base/limits.h"
#include "mail/watch_inside.h"
#include "os/clock.h"

#define WATCH_EVENTS 64
/* Targets that are worked at between two looks at the poller. */
#define WATCH_BATCH 64u
/* One connection's share of a turn. */
#define WATCH_TURN_BYTES ((size_t)16 << 10)
/* A few bytes that do not go out in this time do not go out. */
#define WATCH_WRITE_MS ((int64_t)50)
/* Targets are looked at this often, whatever they wait for. */
#define WATCH_LOOK_MS ((int64_t)5000)
/* A connection that held this long is no failure. */
#define WATCH_GOOD_MS ((int64_t)60000)

struct watch_run {
	struct mail_watch *watch;
	struct imap_reader reader; /* of responses in memory */
	int64_t now_ms;
	int64_t next_ms; /* when targets are looked at again */
};

static void
run_at(struct watch_run *run, int64_t when_ms)
{
	if (when_ms < run->next_ms)
		run->next_ms = when_ms;
}

/* ---- one connection; the lock is not held ---- */
static void
target_hang_up(struct watch_run *run, struct watch_target *target)
{
	if (target->is_polled) {
		poller_remove(run->watch->poller,
		    net_client_socket(stream_client(target->conn->stream)));
		metric_add(run->watch->metric_open, -1);
	}
	target->is_polled = false;
	imap_conn_close(target->conn);
	target->conn = NULL;
}

/* It is lost: another one is made, after a while. */
static void
target_lose(struct watch_run *run, struct watch_target *target)
{
	target_hang_up(run, target);
	metric_add(run->watch->metric_failed, 1);
	lock_take(&run->watch->lock);
	target->is_known = false;
	target->is_overflowed =
	    target->is_overflowed || target->idle.is_overflowed;
	if (run->now_ms - target->opened_ms >= WATCH_GOOD_MS)
		target->failures = 0;
	watch_postpone(target, run->now_ms);
	run_at(run, target->due_ms);
	lock_give(&run->watch->lock);
}

/* Before anybody hears of it: the page they ask for then counts anew. */
static void
target_forget(struct watch_target *target)
{
	account_counts_forget(&target->account->counts, ACCOUNT_CHANGE_MARKS);
}

static void
target_tell(struct watch_run *run, struct watch_target *target)
{
	const struct imap_idle *idle = &target->idle;

	target_forget(target);
	lock_take(&run->watch->lock);
	target->event.kind = !target->is_known    ? MAIL_WATCH_STATE
	                     : idle->tells_growth ? MAIL_WATCH_NEW
	                                          : MAIL_WATCH_CHANGED;
	target->event.exists = idle->exists;
	target->event.unseen = idle->unseen;
	target->event.has_unseen = idle->was_counted;
	target->is_known = true;
	watch_tell(target, &target->event);
	lock_give(&run->watch->lock);
	metric_add(run->watch->metric_told, 1);
	imap_idle_told(&target->idle, run->now_ms);
}

/* Which ones does not matter: a page asks for all counts in one trip. */
static void
target_tell_others(struct watch_run *run, struct watch_target *target)
{
	struct mail_watch_event event = {.kind = MAIL_WATCH_OTHER};

	event.folder = TEXT("");
	lock_take(&run->watch->lock);
	watch_tell(target, &event);
	lock_give(&run->watch->lock);
	metric_add(run->watch->metric_told, 1);
}

static void
target_hear_other(struct watch_run *run, struct watch_target *target)
{
	target_forget(target);
	lock_take(&run->watch->lock);
	if (!watch_has_own(target, target->idle.other))
		imap_idle_other(&target->idle);
	lock_give(&run->watch->lock);
}

/* One whole response. */
static bool
target_take(struct watch_run *run, struct watch_target *target)
{
	struct imap_reader *reader = &run->reader;
	struct imap_response response;
	enum imap_idle_result result;

	imap_reader_begin(reader);
	reader->bytes = buf_str(&target->input.line);
	if (imap_read(reader, &response, NULL) != ERR_OK)
		return false;
	result = imap_idle_take(
	    &target->idle, target->wire, reader, &response, run->now_ms);
	if (result == IMAP_IDLE_TELL)
		target_tell(run, target);
	else if (result == IMAP_IDLE_OTHER)
		target_hear_other(run, target);
	buf_clear(&target->input.line);
	return result != IMAP_IDLE_BROKEN;
}

/* What came, as far as one turn goes; never waits. */
static bool
target_read(struct watch_run *run, struct watch_target *target)
{
	struct stream *stream = target->conn->stream;
	struct net_client *client = stream_client(stream);
	size_t taken = 0;

	target->is_again = false;
	stream_set_wait(stream, run->now_ms + WATCH_WRITE_MS, NULL);
	for (;;) {
		enum net_client_state state = NET_CLIENT_READABLE;
		struct str bytes;
		size_t len;

		if (stream_is_drained(stream))
			state = net_client_look(client);
		if (state != NET_CLIENT_READABLE)
			return state == NET_CLIENT_QUIET;
		if (taken >= WATCH_TURN_BYTES) {
			target->is_again = true;
			return true;
		}
		bytes = stream_peek(stream);
		len = bytes.len;
		if (len == 0)
			return false;
		while (bytes.len > 0) {
			enum imap_idle_fed fed =
			    imap_idle_feed(&target->input, &bytes);

			if (fed == IMAP_IDLE_FLOOD ||
			    (fed == IMAP_IDLE_WHOLE &&
			        !target_take(run, target)))
				return false;
		}
		stream_skip(stream, len);
		taken += len;
	}
}

/* What is to be said, if anything. */
static bool
target_write(struct watch_run *run, struct watch_target *target)
{
	CLEANUP(buf_free) struct buf out = {0};
	struct stream *stream = target->conn->stream;

	buf_init(&out, LIMIT_IMAP_LINE);
	if (!imap_idle_next(&target->idle, target->count, run->now_ms, &out))
		return false;
	run_at(run, imap_idle_due(&target->idle));
	if (out.len == 0)
		return true;
	if (target->idle.state == IMAP_IDLE_STARTING)
		imap_idle_input_begin(&target->input);
	stream_set_wait(stream, clock_mono_ms() + WATCH_WRITE_MS, NULL);
	return buf_end(&out, &(struct str){0}, NULL) == ERR_OK &&
	       stream_write(stream, buf_str(&out));
}

static void
target_turn(struct watch_run *run, struct watch_target *target)
{
	bool is_fine = target_read(run, target);

	if (is_fine && imap_idle_others(&target->idle, run->now_ms))
		target_tell_others(run, target);
	if (!is_fine || !target_write(run, target))
		target_lose(run, target);
	else if (target->is_again)
		run_at(run, run->now_ms);
}

/* An opener made it. */
static void
target_start(struct watch_run *run, struct watch_target *target)
{
	struct imap_conn *conn = target->conn;
	struct imap_idle_settings settings;

	lock_take(&run->watch->lock);
	settings = run->watch->settings;
	target->stage = WATCH_OPEN;
	lock_give(&run->watch->lock);
	target->opened_ms = run->now_ms;
	imap_idle_init(&target->idle, &settings,
	    imap_conn_has(conn, IMAP_CAP_IDLE), conn->next_tag, conn->exists);
	/* One connection of the account hears of all others. */
	target->idle.wants_others = imap_conn_has(conn, IMAP_CAP_NOTIFY) &&
	                            !target->is_overflowed &&
	                            str_eq_nocase(target->wire, STR("INBOX"));
	buf_clear(&target->input.line);
	target->input.literal_left = 0;
	imap_idle_input_begin(&target->input);
	stream_begin_own(conn->stream);
	target->is_polled = poller_add(run->watch->poller,
	    net_client_socket(stream_client(conn->stream)), POLLER_READ,
	    target);
	metric_add(run->watch->metric_open, target->is_polled);
	if (target->is_polled)
		target_turn(run, target);
	else
		target_lose(run, target);
}

static void
target_end(struct watch_run *run, struct watch_target *target)
{
	if (target->conn != NULL)
		target_hang_up(run, target);
	lock_take(&run->watch->lock);
	watch_target_free(target);
	lock_give(&run->watch->lock);
}

/* ---- all of them ---- */
/* Another password, or everybody logged off: it has to prove itself anew. */
static bool
look_is_outdated(const struct watch_target *target)
{
	struct accounts *accounts = target->watch->accounts;
	bool is_outdated;

	lock_take(&accounts->lock);
	is_outdated = target->conn->generation != target->account->generation;
	lock_give(&accounts->lock);
	return is_outdated;
}

/* Under the lock: has the watch thread anything to do with it? */
static bool
look_at(struct watch_run *run, struct watch_target *target)
{
	bool is_ours;

	if (watch_is_over(target, run->now_ms))
		watch_unqueue(target);
	is_ours = target->stage == WATCH_OPEN ||
	          target->stage == WATCH_OPENED ||
	          target->stage == WATCH_WAITING;
	if (!is_ours)
		return false;
	if (target->stage == WATCH_OPENED || watch_is_over(target, run->now_ms))
		return true;
	if (target->stage == WATCH_WAITING) {
		if (target->conn != NULL)
			return true;
		if (target->due_ms <= run->now_ms)
			watch_enqueue(target);
		else
			run_at(run, target->due_ms);
		return false;
	}
	run_at(run, imap_idle_due(&target->idle));
	return target->is_again ||
	       imap_idle_due(&target->idle) <= run->now_ms ||
	       look_is_outdated(target);
}

/* Some that need something now, out of all. */
static size_t
look_for(struct watch_run *run, struct watch_target *out[WATCH_BATCH])
{
	struct mail_watch *watch = run->watch;
	size_t count = 0;

	run->next_ms = run->now_ms + WATCH_LOOK_MS;
	lock_take(&watch->lock);
	for (size_t i = 0; i < WATCH_BUCKETS && count < WATCH_BATCH; i++)
		for (struct watch_target *at = watch->buckets[i];
		     at != NULL && count < WATCH_BATCH; at = at->next)
			if (look_at(run, at))
				out[count++] = at;
	if (count == WATCH_BATCH)
		run->next_ms = run->now_ms;
	lock_give(&watch->lock);
	return count;
}

static void
look_do(struct watch_run *run, struct watch_target *target)
{
	enum watch_stage stage;
	bool is_over;
	bool has_conn;

	lock_take(&run->watch->lock);
	stage = target->stage;
	has_conn = target->conn != NULL;
	is_over = look_at(run, target) && watch_is_over(target, run->now_ms);
	/* From now on nobody joins it. */
	target->is_over = target->is_over || is_over;
	lock_give(&run->watch->lock);
	if (is_over)
		target_end(run, target);
	else if (stage == WATCH_OPENED)
		target_start(run, target);
	else if (stage == WATCH_WAITING && has_conn)
		target_hang_up(run, target); /* of no use: see open_done */
	else if (stage == WATCH_OPEN && look_is_outdated(target))
		target_lose(run, target);
	else if (stage == WATCH_OPEN)
		target_turn(run, target);
}

static bool
run_is_stopping(struct mail_watch *watch)
{
	bool is_stopping;

	lock_take(&watch->lock);
	is_stopping = watch->is_stopping;
	lock_give(&watch->lock);
	return is_stopping;
}

static int
run_wait_ms(const struct watch_run *run)
{
	int64_t left_ms = run->next_ms - clock_mono_ms();

	if (left_ms <= 0)
		return 0;
	return left_ms < WATCH_LOOK_MS ? (int)left_ms : (int)WATCH_LOOK_MS;
}

void *
watch_run(void *ctx)
{
	struct watch_run run = {.watch = ctx};
	struct poller_event events[WATCH_EVENTS];
	struct watch_target *due[WATCH_BATCH];

	imap_reader_init(&run.reader, NULL, NULL, NULL);
	while (!run_is_stopping(run.watch)) {
		int count = poller_wait(
		    run.watch->poller, events, WATCH_EVENTS, run_wait_ms(&run));
		size_t due_count = 0;

		run.now_ms = clock_mono_ms();
		for (int i = 0; i < count; i++)
			target_turn(&run, events[i].data);
		/* Woken, or the time has come. */
		if (atomic_exchange(&run.watch->must_look, false) ||
		    run.now_ms >= run.next_ms)
			due_count = look_for(&run, due);
		for (size_t i = 0; i < due_count; i++)
			look_do(&run, due[i]);
	}
	imap_reader_end(&run.reader);
	return NULL;
}
