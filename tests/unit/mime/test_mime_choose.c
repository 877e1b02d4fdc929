#include "mime_test.h"

#include "base/buf.h"

/*
 * A structure in short: "T" text/plain, "H" text/html, "C" text/calendar, "I"
 * an image with a Content-ID, "P" a pdf, "M" a message, "A" a text file as
 * attachment, "N" text with a name; groups m(ixed) a(lternative) r(elated)
 * s(igned) as "m(TP)".
 */
struct reader {
	const char *at;
	struct arena *arena;
};

static void read_part(
    struct reader *reader, struct str section, struct mime_part *part);

static void
read_group(struct reader *reader, struct str section, struct mime_part *part)
{
	char kind = *reader->at;

	part->type = STR("multipart");
	part->subtype = kind == 'a'   ? STR("alternative")
	                : kind == 'r' ? STR("related")
	                : kind == 's' ? STR("signed")
	                              : STR("mixed");
	part->parts = ARENA_ARRAY(reader->arena, 20, struct mime_part);
	reader->at += 2;
	while (*reader->at != ')') {
		struct str child =
		    str_printf(reader->arena, "%.*s%s%zu", STR_ARG(section),
		        section.len > 0 ? "." : "", part->part_count + 1);
		read_part(reader, child, &part->parts[part->part_count]);
		part->part_count++;
	}
	reader->at++;
}

static void
read_part(struct reader *reader, struct str section, struct mime_part *part)
{
	char kind = *reader->at;

	part->section = section;
	if (reader->at[0] != '\0' && reader->at[1] == '(') {
		read_group(reader, section, part);
		return;
	}
	reader->at++;
	part->type = STR("text");
	part->subtype = kind == 'H'   ? STR("html")
	                : kind == 'C' ? STR("calendar")
	                : kind == 'E' ? STR("enriched")
	                              : STR("plain");
	if (kind == 'A')
		part->disposition = MIME_ATTACHMENT;
	if (kind == 'N')
		part->name = TEXT("body.txt");
	if (kind == 'I') {
		part->type = STR("image");
		part->subtype = STR("png");
		part->content_id = TEXT("img");
	}
	if (kind == 'P') {
		part->type = STR("application");
		part->subtype = STR("pdf");
	}
	if (kind == 'M') {
		part->type = STR("message");
		part->subtype = STR("rfc822");
		part->parts = ARENA_ARRAY(reader->arena, 1, struct mime_part);
		part->part_count = 1;
		part->parts[0].type = STR("text");
		part->parts[0].subtype = STR("plain");
		part->parts[0].section =
		    str_printf(reader->arena, "%.*s.1", STR_ARG(section));
	}
}

static void
show(struct buf *out, const char *key, const struct mime_part *const *parts,
    size_t count)
{
	buf_add_c(out, key);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		if (parts[i] != NULL)
			buf_add(out, parts[i]->section);
	}
}

static const struct {
	const char *structure;
	const char *expected;
} rows[] = {
    {"T", "T=1 H= A= I="},
    {"H", "T= H=1 A= I="},
    {"P", "T= H= A=1 I="},
    {"A", "T= H= A=1 I="},
    {"N", "T=1 H= A=1 I="},
    {"M", "T= H= A=1 I="},
    {"a(TH)", "T=1 H=2 A= I="},
    {"a(HT)", "T=2 H=1 A= I="},
    {"a(TEH)", "T=1 H=3 A= I="},
    {"a(TCH)", "T=1 H=3 A=2 I="},
    {"m(TP)", "T=1 H= A=2 I="},
    {"m(PT)", "T=2 H= A=1 I="},
    {"m(TT)", "T=1 H= A= I="},
    {"m(NT)", "T=2 H= A=1 I="},
    {"m(NP)", "T=1 H= A=1,2 I="},
    {"m(TM)", "T=1 H= A=2 I="},
    {"m(MT)", "T=2 H= A=1 I="},
    {"m(a(TH)P)", "T=1.1 H=1.2 A=2 I="},
    {"m(a(Tr(HI))P)", "T=1.1 H=1.2.1 A=2 I=1.2.2"},
    {"r(HIP)", "T= H=1 A=3 I=2"},
    {"r(a(TH)I)", "T=1.1 H=1.2 A= I=2"},
    {"r(HT)", "T= H=1 A=2 I="},
    {"r(HH)", "T= H=1 A=2 I="},
    {"r(TI)", "T=1 H= A=2 I="},
    {"a(Tm(HPH))", "T=1 H=2.1 A=2.2 I="},
    {"m(Ta(TH))", "T=1 H= A= I="},
    {"s(TP)", "T=1 H= A=2 I="},
    {"s(m(a(TH)P)P)", "T=1.1.1 H=1.1.2 A=1.2,2 I="},
    {"m()", "T= H= A= I="},
    {"m(IT)", "T=2 H= A=1 I="},
    {"m(AT)", "T=2 H= A=1 I="},
};

static void
test_choose(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct reader reader = {rows[i].structure, arena};
		struct mime_part root = {0};
		struct mime_choice choice;
		struct err err = ERR_NONE;
		struct buf out;
		read_part(&reader, STR(""), &root);
		if (root.section.len == 0 && root.parts == NULL)
			root.section = STR("1");
		if (str_eq(root.type, STR("message")))
			root.section = STR("1");
		assert_int_equal(
		    mime_choose(&root, arena, &choice, &err), ERR_OK);
		buf_init_arena(&out, arena, 1000);
		show(&out, "T=", &choice.plain, 1);
		show(&out, " H=", &choice.html, 1);
		show(&out, " A=", choice.attachments, choice.attachment_count);
		show(&out, " I=", choice.inline_images,
		    choice.inline_image_count);
		expect_str(
		    rows[i].structure, buf_str(&out), str_c(rows[i].expected));
		arena_free(arena);
	}
}

static void
test_find(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct reader reader = {"m(a(Tr(HI))M)", arena};
	struct mime_part root = {0};

	(void)state;
	read_part(&reader, STR(""), &root);
	assert_ptr_equal(mime_part_find(&root, STR("1.2.2")),
	    mime_part_by_cid(&root, STR("img")));
	assert_non_null(mime_part_find(&root, STR("2.1")));
	assert_null(mime_part_find(&root, STR("3")));
	assert_null(mime_part_find(&root, STR("")));
	assert_null(mime_part_by_cid(&root, STR("")));
	assert_true(mime_is_safe_image(mime_part_find(&root, STR("1.2.2"))));
	assert_false(mime_is_safe_image(mime_part_find(&root, STR("2"))));
	arena_free(arena);
}

/* A chain far deeper than any limit neither crashes nor shows anything. */
static void
test_deep(void **state)
{
	static struct mime_part chain[10000];
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_choice choice;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		chain[i].type = STR("multipart");
		chain[i].subtype = STR("mixed");
		chain[i].part_count = i < 9999;
		chain[i].parts = &chain[i] + 1;
	}
	assert_int_equal(mime_choose(chain, arena, &choice, &err), ERR_OK);
	assert_null(mime_part_find(chain, STR("9")));
	arena_free(arena);
}

static void
test_subjects(void **state)
{
	static const struct {
		const char *input;
		const char *reply;
		const char *forward;
	} subjects[] = {
	    {"x", "Re: x", "Fwd: x"},
	    {"Re: x", "Re: x", "Fwd: Re: x"},
	    {"RE:RE: AW: Re[2]: x", "Re: x", "Fwd: RE:RE: AW: Re[2]: x"},
	    {"Fw: x", "Re: Fw: x", "Fwd: x"},
	    {"Reply: x", "Re: Reply: x", "Fwd: Reply: x"},
	    {"\xe5\x9b\x9e\xe5\xa4\x8d\xef\xbc\x9ax", "Re: x",
	        "Fwd: \xe5\x9b\x9e\xe5\xa4\x8d\xef\xbc\x9ax"},
	    {"", "Re: ", "Fwd: "},
	    {"Re[: x", "Re: Re[: x", "Fwd: Re[: x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text in = {str_c(subjects[i].input)};
		expect_str("reply", mime_reply_subject(arena, in).s,
		    str_c(subjects[i].reply));
		expect_str("forward", mime_forward_subject(arena, in).s,
		    str_c(subjects[i].forward));
		arena_free(arena);
	}
}

static void
test_quote(void **state)
{
	static const struct {
		const char *input;
		const char *quoted;
		const char *unflowed;
	} flows[] = {
	    {"a\n", "> a\n", "a\n"},
	    {"a\n\nb", "> a\n>\n> b\n", "a\n\nb\n"},
	    {"> a\n", ">> a\n", "> a\n"},
	    {"a \nb\n", "> a\n> b\n", "a b\n"},
	    {"> a \n> b\nc\n", ">> a\n>> b\n> c\n", "> a b\nc\n"},
	    {"> a \nb\n", ">> a\n> b\n", "> a \nb\n"},
	    {">> a\n", ">>> a\n", "> > a\n"},
	    {" > a\n", ">  > a\n", "> a\n"},
	    {"a \n-- \nsig\n", "> a\n> --\n> sig\n", "a \n-- \nsig\n"},
	    {"> > a \n> > b\n", ">> > a\n>> > b\n", "> > a b\n"},
	    {"> a \n\nb\n", ">> a\n>\n> b\n", "> a \n\nb\n"},
	    {"a \n", "> a\n", "a "},
	    {"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text in = {str_c(flows[i].input)};
		expect_str(flows[i].input, mime_quote(arena, in).s,
		    str_c(flows[i].quoted));
		expect_str(flows[i].input, mime_unflow(arena, in, false).s,
		    str_c(flows[i].unflowed));
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_choose),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_subjects),
	    cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
