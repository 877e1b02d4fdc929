/* What a server says while a folder is watched, and what is said to it. */
#include "mail_test.h"

#include "mail/imap_idle.h"

#define COUNT "STATUS \"INBOX\" (UNSEEN)\r\n"

static const struct imap_idle_settings settings = {
    .renew_ms = 60000, .poll_ms = 300000, .wait_ms = 5000};

/* ---- pieces ---- */
/* Whole responses of `input`, each in brackets; "!" where it is refused. */
static void
feed(const char *input, size_t piece, struct buf *out)
{
	struct imap_idle_input in;
	size_t len = strlen(input);

	imap_idle_input_init(&in);
	for (size_t at = 0; at < len; at += piece) {
		size_t part = len - at < piece ? len - at : piece;
		char *copy = malloc(part);
		struct str bytes = {copy, part};

		assert_non_null(copy);
		memcpy(copy, input + at, part);
		while (bytes.len > 0) {
			enum imap_idle_fed fed = imap_idle_feed(&in, &bytes);

			if (fed == IMAP_IDLE_FLOOD) {
				buf_add_c(out, "!");
				free(copy);
				imap_idle_input_end(&in);
				return;
			}
			if (fed == IMAP_IDLE_WHOLE) {
				buf_add_byte(out, '[');
				buf_add(out, str_trim(buf_str(&in.line)));
				buf_add_byte(out, ']');
				buf_clear(&in.line);
			}
		}
		free(copy);
	}
	imap_idle_input_end(&in);
}

static void
pieces_become_responses(void **state)
{
	static const struct {
		const char *input, *expected;
	} table[] = {
	    {"* 1 EXISTS\r\n* 0 RECENT\r\n", "[* 1 EXISTS][* 0 RECENT]"},
	    {"* 1 EXISTS\n+ idling\r\n", "[* 1 EXISTS][+ idling]"},
	    {"* 1 EXI", ""},
	    {"* STATUS {3}\r\na\nb (UNSEEN 1)\r\ni1 OK x\r\n",
	        "[* STATUS {3}\r\na\nb (UNSEEN 1)][i1 OK x]"},
	    {"* STATUS {0}\r\n (UNSEEN 1)\r\n",
	        "[* STATUS {0}\r\n (UNSEEN 1)]"},
	    {"* OK wait {5}\r\n* 1 EXISTS\r\n", "[* OK wait {5}][* 1 EXISTS]"},
	    {"* STATUS {99999}\r\n", "!"},
	    {"* STATUS {18446744073709551616}\r\n* 1 EXISTS\r\n",
	        "[* STATUS {18446744073709551616}][* 1 EXISTS]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (size_t piece = 1; piece <= 40; piece += 13) {
			struct buf out;

			buf_init(&out, 10000);
			feed(table[i].input, piece, &out);
			buf_add_byte(&out, '\0');
			assert_string_equal(out.ptr, table[i].expected);
			buf_free(&out);
		}
	}
}

static void
floods_are_refused(void **state)
{
	struct imap_idle_input in;
	size_t lines = 0;
	struct str bytes;

	(void)state;
	/* A line without an end. */
	imap_idle_input_init(&in);
	do {
		bytes = STR("* 1 FETCH (FLAGS (a b c d e f g h i j k ");
	} while (
	    imap_idle_feed(&in, &bytes) == IMAP_IDLE_MORE && ++lines < 100000);
	assert_in_range(lines, 100, IMAP_IDLE_LINE / 30);
	imap_idle_input_end(&in);
	/* Lines without an end. */
	imap_idle_input_init(&in);
	for (lines = 0; lines < 10000000; lines++) {
		bytes = STR("* 1 FETCH (FLAGS (\\Seen))\r\n");
		if (imap_idle_feed(&in, &bytes) == IMAP_IDLE_FLOOD)
			break;
		buf_clear(&in.line);
	}
	assert_in_range(lines, 10000, IMAP_IDLE_BYTES / 20);
	imap_idle_input_end(&in);
}

/* ---- the conversation ---- */
struct talk {
	struct imap_idle idle;
	struct imap_reader reader;
	int64_t now_ms;
};

static void
begin(struct talk *talk, bool has_idle, uint32_t exists)
{
	*talk = (struct talk){.now_ms = 1000000};
	imap_reader_init(&talk->reader, NULL, NULL, NULL);
	imap_idle_init(&talk->idle, &settings, has_idle, 7, exists);
}

static void
end(struct talk *talk)
{
	imap_reader_end(&talk->reader);
}

static void
says(struct talk *talk, const char *expected)
{
	struct buf out;

	buf_init(&out, 1000);
	assert_true(
	    imap_idle_next(&talk->idle, STR(COUNT), talk->now_ms, &out));
	buf_add_byte(&out, '\0');
	assert_string_equal(out.ptr, expected);
	buf_free(&out);
}

static enum imap_idle_result
hears(struct talk *talk, const char *line)
{
	struct imap_response response;
	enum imap_idle_result result;

	imap_reader_begin(&talk->reader);
	talk->reader.bytes = str_c(line);
	assert_int_equal(imap_read(&talk->reader, &response, NULL), ERR_OK);
	result = imap_idle_take(
	    &talk->idle, STR("INBOX"), &talk->reader, &response, talk->now_ms);
	if (result == IMAP_IDLE_TELL)
		imap_idle_told(&talk->idle, talk->now_ms);
	return result;
}

/* Counts, and idles. */
static void
settle(struct talk *talk)
{
	says(talk, "i8 " COUNT);
	assert_int_equal(
	    hears(talk, "* STATUS INBOX (UNSEEN 2)\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(hears(talk, "i8 OK done\r\n"), IMAP_IDLE_TELL);
	says(talk, "i9 IDLE\r\n");
	assert_int_equal(hears(talk, "+ idling\r\n"), IMAP_IDLE_GO_ON);
	says(talk, "");
}

static void
new_mail_is_counted_and_told(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, true, 5);
	settle(&talk);
	assert_int_equal(talk.idle.unseen, 2);
	talk.now_ms += 10000;
	says(&talk, "");
	assert_int_equal(hears(&talk, "* OK still here\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(hears(&talk, "* 0 RECENT\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	assert_int_equal(hears(&talk, "* 6 EXISTS\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "DONE\r\n");
	/* Meanwhile more comes. */
	assert_int_equal(hears(&talk, "* 7 EXISTS\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	assert_int_equal(hears(&talk, "i9 OK idle done\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "i10 " COUNT);
	assert_int_equal(
	    hears(&talk, "* STATUS \"inbox\" (UNSEEN 4)\r\n"), IMAP_IDLE_GO_ON);
	/* Of another folder: not ours. */
	assert_int_equal(
	    hears(&talk, "* STATUS Other (UNSEEN 9)\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(hears(&talk, "i10 OK done\r\n"), IMAP_IDLE_TELL);
	assert_true(talk.idle.tells_growth);
	assert_int_equal(talk.idle.exists, 7);
	assert_int_equal(talk.idle.unseen, 4);
	says(&talk, "i11 IDLE\r\n");
	assert_int_equal(hears(&talk, "+ x\r\n"), IMAP_IDLE_GO_ON);
	/* The next change has to wait a moment. */
	assert_int_equal(
	    hears(&talk, "* 2 FETCH (FLAGS (\\Seen))\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	assert_int_equal(
	    imap_idle_due(&talk.idle), talk.now_ms + IMAP_IDLE_REST_MS);
	talk.now_ms += IMAP_IDLE_REST_MS;
	says(&talk, "DONE\r\n");
	end(&talk);
}

static void
changes_are_told(void **state)
{
	static const char *const changes[] = {"* 3 EXPUNGE\r\n",
	    "* VANISHED 4:5\r\n", "* 2 FETCH (FLAGS (\\Flagged))\r\n",
	    "* 4 EXISTS\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct talk talk;

		begin(&talk, true, 5);
		settle(&talk);
		talk.now_ms += 10000;
		assert_int_equal(hears(&talk, changes[i]), IMAP_IDLE_GO_ON);
		says(&talk, "DONE\r\n");
		assert_int_equal(hears(&talk, "i9 OK\r\n"), IMAP_IDLE_GO_ON);
		says(&talk, "i10 " COUNT);
		assert_int_equal(hears(&talk, "i10 NO\r\n"), IMAP_IDLE_TELL);
		assert_false(talk.idle.tells_growth);
		end(&talk);
	}
}

static void
idle_is_renewed(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, true, 5);
	settle(&talk);
	talk.now_ms += settings.renew_ms - 1;
	says(&talk, "");
	talk.now_ms++;
	says(&talk, "DONE\r\n");
	assert_int_equal(hears(&talk, "i9 OK\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "i10 IDLE\r\n");
	end(&talk);
}

static void
slow_servers_are_left(void **state)
{
	struct talk talk;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	begin(&talk, true, 5);
	settle(&talk);
	talk.now_ms += settings.renew_ms;
	says(&talk, "DONE\r\n");
	talk.now_ms += settings.wait_ms;
	assert_false(imap_idle_next(&talk.idle, STR(COUNT), talk.now_ms, &out));
	end(&talk);
	begin(&talk, true, 5);
	says(&talk, "i8 " COUNT);
	talk.now_ms += settings.wait_ms;
	assert_false(imap_idle_next(&talk.idle, STR(COUNT), talk.now_ms, &out));
	end(&talk);
	buf_free(&out);
}

static void
without_idle_it_is_asked_now_and_then(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, false, 5);
	says(&talk, "i8 " COUNT);
	assert_int_equal(hears(&talk, "i8 OK\r\n"), IMAP_IDLE_TELL);
	says(&talk, "");
	talk.now_ms += settings.poll_ms;
	says(&talk, "i9 NOOP\r\n");
	assert_int_equal(hears(&talk, "i9 OK\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	talk.now_ms += settings.poll_ms;
	says(&talk, "i10 NOOP\r\n");
	assert_int_equal(hears(&talk, "* 6 EXISTS\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(hears(&talk, "i10 OK\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "i11 " COUNT);
	assert_int_equal(hears(&talk, "i11 OK\r\n"), IMAP_IDLE_TELL);
	assert_true(talk.idle.tells_growth);
	end(&talk);
	/* It says IDLE and does not know it. */
	begin(&talk, true, 5);
	says(&talk, "i8 " COUNT);
	assert_int_equal(hears(&talk, "i8 OK\r\n"), IMAP_IDLE_TELL);
	says(&talk, "i9 IDLE\r\n");
	assert_int_equal(hears(&talk, "i9 BAD what\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	talk.now_ms += settings.poll_ms + IMAP_IDLE_REST_MS;
	says(&talk, "i10 NOOP\r\n");
	end(&talk);
}

#define NOTIFY                                                                 \
	"NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))" \
	" (PERSONAL (MessageNew MessageExpunge FlagChange))\r\n"

static void
other_folders_are_told_of(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, true, 5);
	talk.idle.wants_others = true;
	says(&talk, "i8 " NOTIFY);
	assert_int_equal(hears(&talk, "i8 OK\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "i9 " COUNT);
	assert_int_equal(
	    hears(&talk, "* STATUS INBOX (UNSEEN 2)\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(hears(&talk, "i9 OK\r\n"), IMAP_IDLE_TELL);
	says(&talk, "i10 IDLE\r\n");
	assert_int_equal(hears(&talk, "+ idling\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(
	    hears(&talk, "* STATUS Other (MESSAGES 1)\r\n"), IMAP_IDLE_OTHER);
	assert_true(str_eq(talk.idle.other, STR("Other")));
	/* It may be one that nobody is to hear of. */
	assert_false(imap_idle_others(&talk.idle, talk.now_ms));
	imap_idle_other(&talk.idle);
	assert_true(imap_idle_others(&talk.idle, talk.now_ms));
	/* The next ones wait a moment, and are told as one. */
	imap_idle_other(&talk.idle);
	imap_idle_other(&talk.idle);
	assert_false(imap_idle_others(&talk.idle, talk.now_ms));
	assert_int_equal(
	    imap_idle_due(&talk.idle), talk.now_ms + IMAP_IDLE_REST_MS);
	talk.now_ms += IMAP_IDLE_REST_MS;
	assert_true(imap_idle_others(&talk.idle, talk.now_ms));
	assert_false(imap_idle_others(&talk.idle, talk.now_ms));
	/* IDLE goes on meanwhile. */
	says(&talk, "");
	assert_int_equal(hears(&talk, "* OK [NOTIFICATIONOVERFLOW] x\r\n"),
	    IMAP_IDLE_BROKEN);
	assert_true(talk.idle.is_overflowed);
	end(&talk);
	/* It says NOTIFY and does not take it. */
	begin(&talk, true, 5);
	talk.idle.wants_others = true;
	says(&talk, "i8 " NOTIFY);
	assert_int_equal(hears(&talk, "i8 NO too many\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "i9 " COUNT);
	assert_int_equal(
	    hears(&talk, "* STATUS Other (MESSAGES 1)\r\n"), IMAP_IDLE_GO_ON);
	end(&talk);
}

static void
a_server_that_ends_idle_is_no_loop(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, true, 5);
	settle(&talk);
	assert_int_equal(hears(&talk, "i9 OK enough\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	talk.now_ms += IMAP_IDLE_REST_MS;
	says(&talk, "i10 IDLE\r\n");
	assert_int_equal(hears(&talk, "i10 OK enough\r\n"), IMAP_IDLE_GO_ON);
	says(&talk, "");
	end(&talk);
}

static void
nonsense_breaks_it(void **state)
{
	static const char *const words[] = {
	    "* BYE\r\n", "i7 OK\r\n", "i77 OK\r\n", "i10 OK\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct talk talk;

		begin(&talk, true, 0);
		settle(&talk);
		assert_int_equal(hears(&talk, words[i]), IMAP_IDLE_BROKEN);
		end(&talk);
	}
}

static void
counts_do_not_wrap(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, true, 0);
	settle(&talk);
	assert_int_equal(hears(&talk, "* 1 EXPUNGE\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(talk.idle.exists, 0);
	assert_int_equal(hears(&talk, "* STATUS INBOX (UNSEEN 4294967296)\r\n"),
	    IMAP_IDLE_GO_ON);
	assert_int_equal(
	    hears(&talk, "* STATUS INBOX (UNSEEN)\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(
	    hears(&talk, "* STATUS (INBOX) (UNSEEN 3)\r\n"), IMAP_IDLE_GO_ON);
	assert_int_equal(talk.idle.unseen, 2);
	end(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_become_responses),
	    cmocka_unit_test(floods_are_refused),
	    cmocka_unit_test(new_mail_is_counted_and_told),
	    cmocka_unit_test(changes_are_told),
	    cmocka_unit_test(idle_is_renewed),
	    cmocka_unit_test(slow_servers_are_left),
	    cmocka_unit_test(without_idle_it_is_asked_now_and_then),
	    cmocka_unit_test(other_folders_are_told_of),
	    cmocka_unit_test(a_server_that_ends_idle_is_no_loop),
	    cmocka_unit_test(nonsense_breaks_it),
	    cmocka_unit_test(counts_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
