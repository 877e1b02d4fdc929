/*
 * Watching folders: what is told to whom, over which connections, and when
 * they end.
 */
#include "stage.h"

#include "mail/mail_watch.h"

#define IN                                                          \
	"S * OK [CAPABILITY IMAP4rev1 IDLE] hello", "C LOGIN",      \
	    "S %a OK [CAPABILITY IMAP4rev1 IDLE] in", "C EXAMINE ", \
	    "S * 3 EXISTS", "S %a OK [READ-ONLY] there"
#define IN_NOTIFY                                                          \
	"S * OK [CAPABILITY IMAP4rev1 IDLE] hello", "C LOGIN",             \
	    "S %a OK [CAPABILITY IMAP4rev1 IDLE NOTIFY] in", "C EXAMINE ", \
	    "S * 3 EXISTS", "S %a OK [READ-ONLY] there"
#define COUNTED(unseen) \
	"C STATUS ", "S * STATUS INBOX (UNSEEN " unseen ")", "S %a OK counted"
#define IDLING     "C IDLE", "S + idling"
#define TOLD(line) "S " line, "C DONE", "S %b OK idled"

#define EVENTS_MOST 32

/* What one watcher hears. */
struct ear {
	struct lock lock;
	struct lock_cond heard;
	struct mail_watch_event events[EVENTS_MOST];
	size_t count;
	struct mail_watcher *watcher;
};

static void
ear_hear(void *ctx, const struct mail_watch_event *event)
{
	struct ear *ear = ctx;

	lock_take(&ear->lock);
	if (ear->count < EVENTS_MOST)
		ear->events[ear->count++] = *event;
	lock_cond_broadcast(&ear->heard);
	lock_give(&ear->lock);
}

/* Waits for the event of that number. */
static struct mail_watch_event
ear_event(struct ear *ear, size_t number)
{
	int64_t until = clock_mono_ms() + 20000;
	struct mail_watch_event event = {0};

	lock_take(&ear->lock);
	while (ear->count <= number && clock_mono_ms() < until)
		(void)lock_cond_wait_ms(&ear->heard, &ear->lock, 200);
	if (ear->count > number)
		event = ear->events[number];
	lock_give(&ear->lock);
	if (event.folder.s.ptr == NULL)
		fail_msg("event %zu did not come", number);
	return event;
}

static void
ear_has(struct ear *ear, size_t number, enum mail_watch_kind kind,
    uint32_t exists, uint32_t unseen)
{
	struct mail_watch_event event = ear_event(ear, number);

	assert_int_equal(event.kind, kind);
	if (kind == MAIL_WATCH_OTHER)
		return;
	assert_int_equal(event.exists, exists);
	assert_true(event.has_unseen);
	assert_int_equal(event.unseen, unseen);
}

struct house {
	struct stage stage;
	struct mail_watch *watch;
	struct ear ears[4];
};

static void
house_open(struct house *house, const char *more, const char *const *script)
{
	struct stage *stage = &house->stage;

	stage_open(stage, "none", more, script);
	test_is(account_get(stage->accounts, stage->server, STR("anna"),
	            &stage->password, &stage->account, &stage->err),
	    ERR_OK, &stage->err);
	test_is(mail_watch_new(stage->accounts, stage->cfg, NULL, &house->watch,
	            &stage->err),
	    ERR_OK, &stage->err);
	for (size_t i = 0; i < 4; i++) {
		house->ears[i] = (struct ear){.count = 0};
		lock_init(&house->ears[i].lock);
		lock_cond_init(&house->ears[i].heard);
	}
}

static enum err_code
house_join(struct house *house, size_t ear, struct text folder)
{
	return mail_watch_join(house->watch, house->stage.account, folder,
	    ear_hear, &house->ears[ear], &house->ears[ear].watcher,
	    &house->stage.err);
}

static void
house_leave(struct house *house, size_t ear, bool at_once)
{
	mail_watch_leave(house->ears[ear].watcher, at_once);
	house->ears[ear].watcher = NULL;
}

static void
house_close(struct house *house)
{
	for (size_t i = 0; i < 4; i++)
		house_leave(house, i, true);
	mail_watch_free(house->watch);
	for (size_t i = 0; i < 4; i++) {
		lock_cond_end(&house->ears[i].heard);
		lock_end(&house->ears[i].lock);
	}
	stage_close(&house->stage);
}

/* ---- tests ---- */
static void
what_others_do_is_told(void **state)
{
	static const char *const script[] = {IN, COUNTED("1"), IDLING,
	    TOLD("* 4 EXISTS"), COUNTED("2"), IDLING, TOLD("* 1 EXPUNGE"),
	    COUNTED("1"), IDLING, TOLD("* 2 FETCH (FLAGS (\\Seen))"),
	    COUNTED("0"), IDLING, "H", NULL};
	struct house house;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	ear_has(&house.ears[0], 1, MAIL_WATCH_NEW, 4, 2);
	ear_has(&house.ears[0], 2, MAIL_WATCH_CHANGED, 3, 1);
	ear_has(&house.ears[0], 3, MAIL_WATCH_CHANGED, 3, 0);
	house_close(&house);
}

/* One connection for all; who comes later is told at once. */
static void
watchers_share_a_connection(void **state)
{
	static const char *const script[] = {IN, COUNTED("1"), IDLING, "C DONE",
	    "S %b OK idled", COUNTED("1"), IDLING, "H", NULL};
	struct house house;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	assert_int_equal(house_join(&house, 1, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[1], 0, MAIL_WATCH_STATE, 3, 1);
	assert_int_equal(mail_watch_connections(house.watch), 1);
	house_leave(&house, 0, false);
	/* Somebody else's page wants it: it is still there. */
	house_leave(&house, 1, false);
	assert_int_equal(mail_watch_connections(house.watch), 1);
	assert_int_equal(house_join(&house, 2, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[2], 0, MAIL_WATCH_STATE, 3, 1);
	assert_int_equal(house.ears[0].count, 1);
	house_close(&house);
}

static void
logging_off_ends_it_at_once(void **state)
{
	static const char *const script[] = {
	    IN, COUNTED("1"), IDLING, "H", NULL};
	struct house house;
	int64_t until = clock_mono_ms() + 10000;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	house_leave(&house, 0, true);
	while (
	    mail_watch_connections(house.watch) > 0 && clock_mono_ms() < until)
		(void)usleep(5000);
	assert_int_equal(mail_watch_connections(house.watch), 0);
	house_close(&house);
}

/* A connection that is lost is made again; the state is told anew. */
static void
what_is_lost_comes_again(void **state)
{
	static const char *const script[] = {IN, COUNTED("1"), IDLING,
	    "S * BYE enough", "N", IN, COUNTED("2"), IDLING,
	    "S * 3 FETCH (FLAGS (", "N", IN, COUNTED("3"), IDLING, "H", NULL};
	struct house house;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	ear_has(&house.ears[0], 1, MAIL_WATCH_STATE, 3, 2);
	ear_has(&house.ears[0], 2, MAIL_WATCH_STATE, 3, 3);
	house_close(&house);
}

/*
 * Too many folders for the server: from then on, and on the next connection,
 * only this one is watched (RFC 5465, 5.8).
 */
static void
an_overflow_is_not_asked_for_again(void **state)
{
	static const char *const script[] = {IN_NOTIFY, "C NOTIFY SET",
	    "S %a OK set", COUNTED("1"), IDLING, "S * STATUS Work (MESSAGES 4)",
	    "S * STATUS Work (MESSAGES 5)",
	    "S * OK [NOTIFICATIONOVERFLOW] too much", "H", "N", IN_NOTIFY,
	    COUNTED("1"), IDLING, TOLD("* 4 EXISTS"), COUNTED("2"), IDLING, "H",
	    NULL};
	struct house house;
	size_t at = 1;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	/* Other folders are told of if the overflow leaves time for it. */
	while (ear_event(&house.ears[0], at).kind == MAIL_WATCH_OTHER)
		at++;
	ear_has(&house.ears[0], at, MAIL_WATCH_STATE, 3, 1);
	ear_has(&house.ears[0], at + 1, MAIL_WATCH_NEW, 4, 2);
	house_close(&house);
}

static void
no_more_than_allowed(void **state)
{
	static const char *const script[] = {
	    IN, COUNTED("1"), IDLING, "H", NULL};
	struct house house;

	(void)state;
	house_open(&house, "WatchConnections=1\n", script);
	assert_int_equal(house_join(&house, 0, TEXT("")), ERR_INPUT);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	assert_int_equal(house_join(&house, 1, TEXT("Work")), ERR_LIMIT);
	ear_has(&house.ears[0], 0, MAIL_WATCH_STATE, 3, 1);
	house_close(&house);
}

static void *
play_nothing(void *ctx)
{
	return ctx;
}

/* Nobody is let in by asking often. */
static void
a_refused_password_is_not_tried_again(void **state)
{
	static const char *const script[] = {
	    "S * OK [CAPABILITY IMAP4rev1 IDLE] hello", "C LOGIN",
	    "S %a NO [AUTHENTICATIONFAILED] no", NULL};
	struct house house;

	(void)state;
	house_open(&house, "", script);
	assert_int_equal(house_join(&house, 0, TEXT("INBOX")), ERR_OK);
	/* The script ends with this connection: another one would hang. */
	assert_int_equal(pthread_join(house.stage.play.thread, NULL), 0);
	assert_int_equal(poller_wait_one(house.stage.play.listener, POLLER_READ,
	                     clock_mono_ms() + 1500, NULL, NULL),
	    ERR_AWAY);
	assert_int_equal(mail_watch_connections(house.watch), 0);
	assert_int_equal(
	    pthread_create(&house.stage.play.thread, NULL, play_nothing, NULL),
	    0);
	house_close(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_others_do_is_told),
	    cmocka_unit_test(watchers_share_a_connection),
	    cmocka_unit_test(logging_off_ends_it_at_once),
	    cmocka_unit_test(what_is_lost_comes_again),
	    cmocka_unit_test(an_overflow_is_not_asked_for_again),
	    cmocka_unit_test(no_more_than_allowed),
	    cmocka_unit_test(a_refused_password_is_not_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
