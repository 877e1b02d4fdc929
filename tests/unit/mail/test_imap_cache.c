/* Rows of lists that are kept: what comes back, for whom, within what bound. */
#include "mail_test.h"

#include <pthread.h>

#include "mail/imap_cache_slab.h"

#define MOST 600u

struct page {
	struct imap_cache *cache;
	struct arena *arena;
	struct mail_row rows[MOST];
	struct imap_cache_mark marks[MOST];
};

static struct imap_cache_folder
folder_of(struct imap_cache *cache, struct imap_cache_owner *owner,
    const char *name, uint32_t uid_validity)
{
	return (struct imap_cache_folder){.cache = cache,
	    .owner = owner,
	    .name = str_c(name),
	    .uid_validity = uid_validity};
}

static struct text
words(struct arena *arena, const char *what, uint32_t uid)
{
	struct buf out;

	buf_init_arena(&out, arena, 4000);
	buf_addf(&out, "%s %u", what, (unsigned)uid);
	return (struct text){buf_str(&out)};
}

static struct mail_row
row_of(struct arena *arena, uint32_t uid)
{
	return (struct mail_row){.uid = uid,
	    .flags = MAIL_SEEN,
	    .from = {.name = words(arena, "Ben", uid),
	        .address = words(arena, "ben@example.com", uid)},
	    .to = {.address = words(arena, "anna@demo.test", uid)},
	    .subject = words(arena, "About", uid),
	    .date_s = 1000 + (int64_t)uid,
	    .arrived_s = 2000 + (int64_t)uid,
	    .bytes = 3000 + uid,
	    .has_attachment = uid % 2 == 0};
}

/* Rows as they came whole: UIDs and numbers rise from these. */
static size_t
came(struct page *page, const struct imap_cache_folder *folder, uint32_t uid,
    uint32_t number, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		page->rows[i] = row_of(page->arena, uid + (uint32_t)i);
		page->marks[i] = (struct imap_cache_mark){
		    .number = number == 0 ? 0 : number + (uint32_t)i};
	}
	return imap_cache_meet(
	    folder, page->rows, page->marks, count, page->arena);
}

/* Rows of which only UID and flags came; how many stay bare. */
static size_t
bare(struct page *page, const struct imap_cache_folder *folder, uint32_t uid,
    uint32_t number, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		page->rows[i] = (struct mail_row){
		    .uid = uid + (uint32_t)i, .flags = MAIL_FLAGGED};
		page->marks[i] = (struct imap_cache_mark){
		    .number = number == 0 ? 0 : number + (uint32_t)i,
		    .is_asked = true,
		    .is_bare = true};
	}
	return imap_cache_meet(
	    folder, page->rows, page->marks, count, page->arena);
}

static void
assert_row(const struct page *page, const struct mail_row *row)
{
	struct mail_row wanted = row_of(page->arena, row->uid);

	assert_true(str_eq(row->from.name.s, wanted.from.name.s));
	assert_true(str_eq(row->from.address.s, wanted.from.address.s));
	assert_int_equal(row->to.name.s.len, 0);
	assert_true(str_eq(row->to.address.s, wanted.to.address.s));
	assert_true(str_eq(row->subject.s, wanted.subject.s));
	assert_int_equal(row->date_s, wanted.date_s);
	assert_int_equal(row->arrived_s, wanted.arrived_s);
	assert_int_equal(row->bytes, wanted.bytes);
	assert_int_equal(row->has_attachment, wanted.has_attachment);
	/* Never from memory. */
	assert_int_equal(row->flags, MAIL_FLAGGED);
}

static int
begin(void **state)
{
	struct page *page = calloc(1, sizeof(*page));

	page->cache = calloc(1, sizeof(*page->cache));
	page->arena = arena_new((size_t)64 << 20);
	imap_cache_init(page->cache);
	imap_cache_limit(page->cache, (size_t)32 << 20);
	*state = page;
	return 0;
}

static int
end(void **state)
{
	struct page *page = *state;

	imap_cache_end(page->cache);
	assert_int_equal(page->cache->bytes, 0);
	arena_free(page->arena);
	free(page->cache);
	free(page);
	return 0;
}

/* Rows that were kept without are as if they were not; then they have it. */
static void
previews_come_later(void **state)
{
	struct page *page = *state;
	struct imap_cache_owner owner = {0};
	struct imap_cache_folder plain =
	    folder_of(page->cache, &owner, "INBOX", 7);
	struct imap_cache_folder wanted = plain;
	uint32_t uids[3] = {10, 11, 12};
	bool known[3];

	wanted.with_previews = true;
	assert_int_equal(came(page, &plain, 10, 1, 3), 0);
	imap_cache_known(&plain, uids, 3, known);
	assert_true(known[0] && known[1] && known[2]);
	imap_cache_known(&wanted, uids, 3, known);
	assert_false(known[0] || known[1] || known[2]);
	imap_cache_guess(&wanted, 1, 3, known);
	assert_false(known[0] || known[1] || known[2]);
	for (uint32_t i = 0; i < 2; i++) {
		page->rows[i] = row_of(page->arena, 10 + i);
		page->rows[i].has_preview = true;
		page->rows[i].preview = words(page->arena, "Dear", i);
		page->marks[i] = (struct imap_cache_mark){.number = 1 + i};
	}
	assert_int_equal(
	    imap_cache_meet(&wanted, page->rows, page->marks, 2, page->arena),
	    0);
	imap_cache_guess(&wanted, 1, 3, known);
	assert_true(known[0] && known[1] && !known[2]);
	assert_int_equal(bare(page, &wanted, 10, 1, 2), 0);
	assert_true(str_eq(page->rows[1].preview.s, STR("Dear 1")));
	assert_true(page->rows[1].has_preview);
	assert_row(page, &page->rows[1]);
	/* What comes without does not take it away. */
	assert_int_equal(came(page, &plain, 10, 1, 3), 0);
	assert_int_equal(bare(page, &wanted, 10, 1, 2), 0);
	assert_true(str_eq(page->rows[0].preview.s, STR("Dear 0")));
	imap_cache_forget(page->cache, &owner);
}

static void
rows_are_of_one_folder(void **state)
{
	struct page *page = *state;
	struct imap_cache_owner anna = {0}, ben = {0};
	struct imap_cache_folder inbox =
	    folder_of(page->cache, &anna, "INBOX", 9);
	struct imap_cache_folder others[] = {
	    folder_of(page->cache, &ben, "INBOX", 9),
	    folder_of(page->cache, &anna, "INBOX", 10),
	    folder_of(page->cache, &anna, "INBO", 9),
	    folder_of(page->cache, &anna, "INBOX", 0),
	    folder_of(NULL, &anna, "INBOX", 9),
	};

	assert_int_equal(came(page, &inbox, 100, 1, 50), 0);
	assert_int_equal(bare(page, &inbox, 100, 1, 50), 0);
	for (size_t i = 0; i < 50; i++) {
		assert_false(page->marks[i].is_bare);
		assert_row(page, &page->rows[i]);
	}
	assert_int_equal(bare(page, &inbox, 140, 41, 20), 10);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)bare(page, &others[i], 100, 1, 1);
		assert_true(page->marks[0].is_bare);
		assert_int_equal(page->rows[0].subject.s.len, 0);
	}
	imap_cache_forget(page->cache, &anna);
	assert_null(anna.shelves);
	assert_int_equal(page->cache->bytes, 0);
	assert_int_equal(bare(page, &inbox, 100, 1, 50), 50);
}

static void
guesses_follow_what_others_do(void **state)
{
	struct page *page = *state;
	struct imap_cache_owner anna = {0};
	struct imap_cache_folder inbox =
	    folder_of(page->cache, &anna, "INBOX", 9);
	uint32_t uids[] = {100, 99, 149, 150, 120};
	bool known[60];

	(void)came(page, &inbox, 100, 51, 50);
	imap_cache_known(&inbox, uids, 5, known);
	assert_true(known[0] && !known[1] && known[2] && !known[3] && known[4]);
	imap_cache_guess(&inbox, 46, 60, known);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(known[i], i >= 5 && i < 55);
	/* Ten before them went: all have other numbers now. */
	assert_int_equal(bare(page, &inbox, 110, 51, 40), 0);
	imap_cache_guess(&inbox, 46, 60, known);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(known[i], i >= 5 && i < 45);
	(void)came(page, &inbox, 150, 91, 10);
	/* One that is gone is not taken for what stands at its number. */
	(void)bare(page, &inbox, 150, 51, 1);
	(void)came(page, &inbox, 300, 52, 9);
	assert_int_equal(bare(page, &inbox, 300, 52, 9), 0);
	imap_cache_forget(page->cache, &anna);
}

static void
what_is_odd_is_not_kept(void **state)
{
	static char large[3000];
	struct page *page = *state;
	struct imap_cache_owner anna = {0};
	struct imap_cache_folder inbox =
	    folder_of(page->cache, &anna, "INBOX", 9);
	struct imap_cache_mark mark = {.number = 1};
	struct mail_row row = row_of(page->arena, 7);

	memset(large, 'x', sizeof(large));
	row.subject.s = str_of(large, sizeof(large));
	(void)imap_cache_meet(&inbox, &row, &mark, 1, page->arena);
	assert_int_equal(bare(page, &inbox, 7, 1, 1), 1);
	row = (struct mail_row){.uid = 7}; /* no sender, no subject */
	(void)imap_cache_meet(&inbox, &row, &mark, 1, page->arena);
	assert_int_equal(bare(page, &inbox, 7, 1, 1), 1);
	row = (struct mail_row){0}; /* did not come */
	(void)imap_cache_meet(&inbox, &row, &mark, 1, page->arena);
	/* One UID for all of them. */
	for (uint32_t i = 0; i < 3; i++) {
		page->rows[i] = row_of(page->arena, 7);
		page->marks[i] = (struct imap_cache_mark){.number = 1 + i};
	}
	(void)imap_cache_meet(&inbox, page->rows, page->marks, 3, page->arena);
	assert_int_equal(page->cache->bytes, 0);
	assert_null(anna.shelves);
}

static void
memory_has_a_bound(void **state)
{
	struct page *page = *state;
	struct imap_cache_owner owners[20] = {{0}};

	for (uint32_t turn = 0; turn < 20; turn++) {
		for (size_t i = 0; i < 20; i++) {
			struct imap_cache_folder inbox =
			    folder_of(page->cache, &owners[i], "INBOX", 9);

			arena_reset(page->arena);
			(void)came(
			    page, &inbox, 1 + turn * 500, 1 + turn * 500, 500);
			assert_int_equal(
			    bare(page, &inbox, 1 + turn * 500, 0, 500), 0);
			assert_true(owners[i].bytes <= (size_t)1 << 20);
			assert_true(page->cache->bytes <= (size_t)32 << 20);
		}
	}
	/* Some thousand rows for each, the newest of them. */
	for (size_t i = 0; i < 20; i++)
		assert_true(owners[i].bytes > (size_t)900 << 10);
	imap_cache_limit(page->cache, (size_t)1 << 20);
	assert_true(page->cache->bytes <= (size_t)1 << 20);
	imap_cache_expire(page->cache, clock_mono_ms() + 1);
	assert_int_equal(page->cache->bytes, 0);
	for (size_t i = 0; i < 20; i++)
		assert_null(owners[i].shelves);
	imap_cache_limit(page->cache, 0);
	{
		struct imap_cache_folder inbox =
		    folder_of(page->cache, &owners[0], "INBOX", 9);

		(void)came(page, &inbox, 1, 1, 50);
		assert_int_equal(page->cache->bytes, 0);
	}
}

static void
few_rows_take_little(void **state)
{
	struct page *page = *state;
	struct imap_cache_owner anna = {0};
	struct imap_cache_folder inbox =
	    folder_of(page->cache, &anna, "INBOX", 9);

	(void)came(page, &inbox, 1, 1, 1);
	assert_true(page->cache->bytes < 3000);
	(void)came(page, &inbox, 2, 2, 50);
	assert_true(page->cache->bytes < 16000);
	imap_cache_forget(page->cache, &anna);
}

static void *
many_calls(void *ctx)
{
	struct page *page = calloc(1, sizeof(*page));
	struct imap_cache_owner owner = {0};
	struct imap_cache_folder inbox = folder_of(ctx, &owner, "INBOX", 9);

	page->cache = ctx;
	page->arena = arena_new((size_t)8 << 20);
	for (uint32_t i = 0; i < 300; i++) {
		bool known[60];

		arena_reset(page->arena);
		(void)came(page, &inbox, 1 + i * 7 % 400, 1 + i, 60);
		imap_cache_guess(&inbox, i, 60, known);
		(void)bare(page, &inbox, 1 + i * 11 % 400, 1 + i, 60);
		for (size_t at = 0; at < 60; at++) {
			if (!page->marks[at].is_bare)
				assert_row(page, &page->rows[at]);
		}
		if (i % 100 == 99)
			imap_cache_expire(page->cache, clock_mono_ms());
	}
	imap_cache_forget(page->cache, &owner);
	arena_free(page->arena);
	free(page);
	return NULL;
}

static void
many_threads_share_it(void **state)
{
	struct page *page = *state;
	pthread_t threads[4];

	imap_cache_limit(page->cache, (size_t)200 << 10);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, many_calls, page->cache),
		    0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(page->cache->bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_are_of_one_folder),
	    TEST(previews_come_later),
	    TEST(guesses_follow_what_others_do),
	    TEST(what_is_odd_is_not_kept),
	    TEST(memory_has_a_bound),
	    TEST(few_rows_take_little),
	    TEST(many_threads_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
