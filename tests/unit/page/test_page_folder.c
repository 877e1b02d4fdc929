/* Undo of folders and labels, as they are kept: pure parts. */
#include "page_test.h"

#include "page/page_folder.h"
#include "page/page_label.h"

static struct str
packed(const struct folder_undo *undo, struct arena *arena)
{
	struct buf out;

	buf_init_arena(&out, arena, 1 << 16);
	folder_undo_pack(undo, &out);
	assert_int_equal(out.failed, ERR_OK);
	return buf_str(&out);
}

static void
undo_comes_back(void **state)
{
	struct mail_range first[] = {
	    {1, 1}, {7, 7}, {10, 12}, {4294967290u, 4294967295u}};
	struct mail_range second[] = {{5, 9}};
	struct mail_marks marks[] = {{.folder = TEXT("Lists/\xC3\xA4"),
	                                 .uid_validity = 7,
	                                 .ranges = first,
	                                 .count = 4},
	    {.folder = TEXT("B"),
	        .uid_validity = 4294967295u,
	        .ranges = second,
	        .count = 1}};
	struct folder_undo undo = {.kind = FOLDER_UNDO_UNREAD,
	    .made_s = 12,
	    .from = TEXT("a b"),
	    .to = TEXT("c"),
	    .was_subscribed = true,
	    .marks = marks,
	    .mark_count = 2};
	struct arena *arena = arena_new(1 << 20);
	struct err err = ERR_NONE;
	struct folder_undo out;

	(void)state;
	assert_int_equal(
	    folder_undo_unpack(packed(&undo, arena), arena, &out, &err),
	    ERR_OK);
	assert_int_equal(out.kind, FOLDER_UNDO_UNREAD);
	assert_int_equal(out.made_s, 12);
	assert_true(out.was_subscribed);
	assert_true(str_eq(out.from.s, STR("a b")));
	assert_int_equal(out.mark_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(str_eq(out.marks[i].folder.s, marks[i].folder.s));
		assert_int_equal(
		    out.marks[i].uid_validity, marks[i].uid_validity);
		assert_int_equal(out.marks[i].count, marks[i].count);
		assert_memory_equal(out.marks[i].ranges, marks[i].ranges,
		    marks[i].count * sizeof(first[0]));
	}
	assert_int_equal(out.marks[0].total, 11);
	arena_free(arena);
}

static void
undo_that_is_none(void **state)
{
	static const char *const table[] = {"", "x", "9\n1\n\n\n0\n",
	    "0\n-1\n\n\n0\n", "2\n1\na\nb\n0\nF\n", "2\n1\na\nb\n0\nF\nx\n1\n",
	    "2\n1\na\nb\n0\nF\n1\n0\n", "2\n1\na\nb\n0\nF\n1\n1,0\n",
	    "2\n1\na\nb\n0\nF\n1\n4294967295,1\n",
	    "2\n1\na\nb\n0\nF\n1\n1-4294967295\n",
	    "2\n1\na\nb\n0\nF\n1\n1;2\n"};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err err = ERR_NONE;
		struct folder_undo out;
		size_t len = strlen(table[i]);
		char *copy = malloc(len == 0 ? 1 : len);

		assert_non_null(copy);
		memcpy(copy, table[i], len);
		if (folder_undo_unpack(str_of(copy, len), arena, &out, &err) !=
		    ERR_INPUT)
			fail_msg("%s", table[i]);
		free(copy);
	}
	arena_free(arena);
}

static void
labels_are_kept(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct page_label_list *labels =
	    ARENA_NEW(arena, struct page_label_list);
	struct page_label_list *again =
	    ARENA_NEW(arena, struct page_label_list);
	struct err err = ERR_NONE;
	char long_name[PAGE_LABEL_BYTES + 1];
	struct buf out;

	(void)state;
	*labels = *again = (struct page_label_list){0};
	assert_int_equal(
	    page_label_add(labels, STR("Reise 2026"), 3, arena, &err), ERR_OK);
	assert_int_equal(
	    page_label_add(labels, STR("\xE9\x82\xAE"), 2, arena, &err),
	    ERR_OK);
	assert_true(str_eq(labels->list[0].label.keyword, STR("reise_2026")));
	/* Nothing of it is ASCII: a number, and no other has it. */
	assert_true(str_starts(labels->list[1].label.keyword, STR("label_")));
	assert_int_equal(
	    page_label_add(labels, STR("reise 2026"), 1, arena, &err),
	    ERR_INPUT);
	assert_int_equal(
	    page_label_add(labels, STR(""), 1, arena, &err), ERR_INPUT);
	memset(long_name, 'x', sizeof(long_name));
	assert_int_equal(
	    page_label_add(
	        labels, str_of(long_name, sizeof(long_name)), 1, arena, &err),
	    ERR_INPUT);
	buf_init_arena(&out, arena, PAGE_LABELS_BYTES);
	page_label_pack(labels, &out);
	page_label_unpack(buf_str(&out), arena, again);
	assert_int_equal(again->count, 2);
	assert_int_equal(again->list[0].colour, 3);
	assert_true(str_eq(again->list[1].label.name.s, STR("\xE9\x82\xAE")));
	assert_ptr_equal(
	    page_label_find(again, STR("REISE_2026")), &again->list[0]);
	assert_null(page_label_find(again, STR("reise")));
	while (labels->count < PAGE_LABELS)
		assert_int_equal(page_label_add(labels,
		                     str_printf(arena, "n%zu", labels->count),
		                     0, arena, &err),
		    ERR_OK);
	assert_int_equal(
	    page_label_add(labels, STR("more"), 0, arena, &err), ERR_INPUT);
	/* What was damaged is left out, the rest stays. */
	page_label_unpack(
	    STR("x\ta\tA\n99\tb\tB\n1\tbad key\tC\n2\tok\tOkay\nno tabs\n"),
	    arena, again);
	assert_non_null(page_label_find(again, STR("ok")));
	assert_null(page_label_find(again, STR("bad key")));
	assert_true(again->count <= PAGE_LABELS);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(undo_comes_back),
	    cmocka_unit_test(undo_that_is_none),
	    cmocka_unit_test(labels_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
