/*
 * Which conversations stand on a page, what of each is looked at, and what is
 * said of them when some messages are gone meanwhile.
 */
#include "mail_test.h"

#include "base/limits.h"
#include "mail/imap_conversation.h"

#define UIDS_MOST 200u

struct board {
	struct mail mail;
	struct mail_query query;
	struct mail_conversations out;
	struct imap_conversations page;
	struct err err;
};

/* Conversations of these sizes; UIDs fall from the first to the last. */
static void
board_open(struct board *board, const unsigned char *sizes, uint32_t count,
    uint32_t first, uint32_t row_count)
{
	static uint32_t uids[UIDS_MOST];
	uint32_t uid_count = 0;

	for (uint32_t i = 0; i < count; i++)
		uid_count += sizes[i];
	assert_true(uid_count <= UIDS_MOST);
	for (uint32_t i = 0; i < uid_count; i++)
		uids[i] = uid_count - i;
	*board = (struct board){.mail = {.arena = arena_new(1 << 20)},
	    .query = {.first = first, .row_count = row_count}};
	assert_non_null(board->mail.arena);
	board->page = (struct imap_conversations){
	    .listing = {.mail = &board->mail, .query = &board->query},
	    .out = &board->out,
	    .order = {.exists = uid_count,
	        .thread_count = count,
	        .uid_count = uid_count,
	        .beyond = 7,
	        .uids = uids,
	        .sizes = sizes}};
}

static void
board_choose(struct board *board)
{
	const struct imap_conversations *page = &board->page;

	test_is(imap_conversation_choose(&board->page, &board->err), ERR_OK,
	    &board->err);
	for (size_t i = 1; i < page->slot_count; i++)
		assert_true(page->slots[i - 1].uid < page->slots[i].uid);
}

/* The server answers for all of them; `gone` and flags are set by the test. */
static void
board_answer(struct board *board)
{
	struct imap_conversations *page = &board->page;
	struct imap_listing *listing = &page->listing;
	size_t row = 0;

	listing->rows =
	    ARENA_ARRAY(board->mail.arena, page->row_count, struct mail_row);
	listing->marks = ARENA_ARRAY(
	    board->mail.arena, page->row_count, struct imap_cache_mark);
	listing->row_room = page->row_count;
	for (size_t i = 0; i < page->slot_count; i++) {
		page->slots[i].is_there = true;
		page->slots[i].flags = MAIL_SEEN;
		if (page->slots[i].has_row)
			listing->rows[row++] = (struct mail_row){
			    .uid = page->slots[i].uid, .flags = MAIL_SEEN};
	}
	assert_int_equal(row, page->row_count);
}

static struct mail_row *
board_row(struct board *board, uint32_t uid)
{
	for (size_t i = 0; i < board->page.row_count; i++)
		if (board->page.listing.rows[i].uid == uid)
			return &board->page.listing.rows[i];
	fail_msg("no row of %u", (unsigned)uid);
	return NULL;
}

static void
board_close(struct board *board)
{
	arena_free(board->mail.arena);
}

/* ---- which ---- */
static void
pages_follow_one_another(void **state)
{
	static const unsigned char sizes[] = {3, 1, 2, 4, 1};
	static const struct {
		uint32_t first, row_count;
		bool is_reversed;
		uint32_t expected_first, count;
		uint32_t newest[5]; /* of each */
	} table[] = {
	    {0, 25, false, 0, 5, {11, 8, 7, 5, 1}},
	    {0, 2, false, 0, 2, {11, 8}},
	    {2, 2, false, 2, 2, {7, 5}},
	    {4, 2, false, 4, 1, {1}},
	    /* Past the end: the last page there is. */
	    {50, 2, false, 4, 1, {1}},
	    {50, 5, false, 0, 5, {11, 8, 7, 5, 1}},
	    {0, 2, true, 0, 2, {1, 5}},
	    {4, 2, true, 4, 1, {11}},
	    {UINT32_MAX, 500, true, 0, 5, {1, 5, 7, 8, 11}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct board board;

		board_open(
		    &board, sizes, 5, table[i].first, table[i].row_count);
		board.query.is_reversed = table[i].is_reversed;
		board_choose(&board);
		assert_int_equal(board.out.total, 5);
		assert_int_equal(board.out.beyond, 7);
		assert_int_equal(board.out.first, table[i].expected_first);
		assert_int_equal(board.out.count, table[i].count);
		for (size_t k = 0; k < board.out.count; k++) {
			const struct mail_conversation *one =
			    &board.out.list[k];

			assert_int_equal(one->uids[0], table[i].newest[k]);
			for (size_t m = 0; m < one->count; m++)
				assert_non_null(imap_conversation_slot(
				    &board.page, one->uids[m]));
		}
		board_close(&board);
	}
}

static void
an_empty_folder_has_none(void **state)
{
	struct board board;

	(void)state;
	board_open(&board, NULL, 0, 50, 25);
	board_choose(&board);
	assert_int_equal(board.out.total, 0);
	assert_int_equal(board.out.first, 0);
	assert_int_equal(board.out.count, 0);
	assert_null(imap_conversation_slot(&board.page, 1));
	board_answer(&board);
	imap_conversation_collect(&board.page);
	assert_int_equal(board.out.count, 0);
	board_close(&board);
}

/* Of a long one the newest and the oldest; of the open one all. */
static void
long_ones_are_not_read_whole(void **state)
{
	static const unsigned char sizes[] = {MAIL_CONVERSATION_MOST, 10};
	static const struct {
		uint32_t row_count, open_uid;
		size_t rows;
	} table[] = {{25, 0, 7 + 7}, {100, 0, 7 + 7}, {101, 0, 3 + 3},
	    {25, 1, 7 + 10}, {25, 10, 7 + 10}, {25, 60, 100 + 7},
	    {25, 4000, 7 + 7}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct board board;

		board_open(&board, sizes, 2, 0, table[i].row_count);
		board.page.open_uid = table[i].open_uid;
		board_choose(&board);
		if (board.page.row_count != table[i].rows)
			fail_msg("%u rows a page, %u open: %zu rows",
			    (unsigned)table[i].row_count,
			    (unsigned)table[i].open_uid, board.page.row_count);
		assert_int_equal(board.page.slot_count, 110);
		assert_int_equal(
		    board.out.list[0].is_open, table[i].open_uid == 60);
		/* The oldest is always among them: it has the subject. */
		assert_true(imap_conversation_slot(&board.page, 11)->has_row);
		assert_true(imap_conversation_slot(&board.page, 1)->has_row);
		assert_null(imap_conversation_slot(&board.page, 111));
		board_answer(&board);
		imap_conversation_collect(&board.page);
		assert_int_equal(
		    board.out.list[0].row_count + board.out.list[1].row_count,
		    table[i].rows);
		board_close(&board);
	}
}

/* ---- what came ---- */
static void
flags_of_all_of_them_count(void **state)
{
	static const unsigned char sizes[] = {10, 2, 1};
	struct board board;
	const struct mail_conversation *one;

	(void)state;
	board_open(&board, sizes, 3, 0, 25);
	board_choose(&board);
	board_answer(&board);
	/* 13 to 4, 3 and 2, 1. The one in the middle has no row. */
	assert_false(imap_conversation_slot(&board.page, 6)->has_row);
	imap_conversation_slot(&board.page, 6)->flags = MAIL_FLAGGED;
	imap_conversation_slot(&board.page, 5)->flags = MAIL_DELETED;
	board_row(&board, 4)->flags = 0;
	board_row(&board, 4)->has_attachment = true;
	board_row(&board, 2)->flags = MAIL_SEEN | MAIL_FLAGGED;
	imap_conversation_collect(&board.page);
	assert_int_equal(board.out.count, 3);
	one = &board.out.list[0];
	assert_int_equal(one->unread, 3);
	assert_int_equal(one->newest_unread, 6);
	assert_true(one->is_flagged && one->has_attachment);
	assert_int_equal(one->row_count, 7);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(one->rows[i].uid, 13 - i);
	assert_int_equal(one->rows[6].uid, 4);
	one = &board.out.list[1];
	assert_int_equal(one->unread, 0);
	assert_int_equal(one->newest_unread, 0);
	assert_true(one->is_flagged && !one->has_attachment);
	assert_false(board.out.list[2].is_flagged);
	board_close(&board);
}

/* Moved away meanwhile, or not told in full: not shown, and not counted. */
static void
what_is_gone_is_not_shown(void **state)
{
	static const unsigned char sizes[] = {2, 1, 3, 8};
	struct board board;

	(void)state;
	board_open(&board, sizes, 4, 0, 25);
	board_choose(&board);
	board_answer(&board);
	/* 14 13, 12, 11 10 9, 8 to 1. */
	imap_conversation_slot(&board.page, 14)->is_there = false;
	board_row(&board, 14)->flags = 0;
	board_row(&board, 12)->uid = 0;
	board_row(&board, 11)->flags = 0;
	board_row(&board, 10)->flags = 0;
	for (size_t i = 0; i < board.page.row_count; i++)
		if (board.page.listing.rows[i].uid == 10)
			board.page.listing.marks[i].is_bare = true;
	imap_conversation_slot(&board.page, 2)->flags = 0;
	imap_conversation_slot(&board.page, 2)->is_there = false;
	imap_conversation_collect(&board.page);
	assert_int_equal(board.out.count, 3);
	assert_int_equal(board.out.list[0].row_count, 1);
	assert_int_equal(board.out.list[0].rows[0].uid, 13);
	assert_int_equal(board.out.list[0].unread, 0);
	assert_int_equal(board.out.list[1].uids[0], 11);
	assert_int_equal(board.out.list[1].row_count, 2);
	assert_int_equal(board.out.list[1].unread, 1);
	assert_int_equal(board.out.list[1].newest_unread, 11);
	assert_int_equal(board.out.list[2].unread, 0);
	assert_int_equal(board.out.list[2].row_count, 7);
	board_close(&board);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_follow_one_another),
	    cmocka_unit_test(an_empty_folder_has_none),
	    cmocka_unit_test(long_ones_are_not_read_whole),
	    cmocka_unit_test(flags_of_all_of_them_count),
	    cmocka_unit_test(what_is_gone_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
