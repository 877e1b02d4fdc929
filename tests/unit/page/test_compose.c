/* A composition as bytes and back; ids; kinds. */
#include "page_test.h"

static void
test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct compose in = {
	    .to = TEXT("\"A, B\" <a@example.org>, c@d"),
	    .cc = TEXT("100%=sure&more"),
	    .bcc = TEXT(""),
	    .subject = TEXT("J\303\274rg = 50%0A"),
	    .body =
	        TEXT("one\n\ttwo\n\n-- \nto=evil@example.org\nkind=draft\n"),
	    .in_reply_to = TEXT("<a@b>"),
	    .references = TEXT("<x@y> <a@b>"),
	    .kind = COMPOSE_REPLY,
	    .source_folder = TEXT(" blank at both ends "),
	    .source_uid = UINT32_MAX,
	    .source_validity = 1,
	};
	struct compose out = {0};
	struct str packed = compose_pack(f->arena, &in);

	assert_non_null(packed.ptr);
	assert_int_equal(
	    compose_unpack(packed, f->arena, &out, &f->err), ERR_OK);
	assert_true(str_eq(out.to.s, in.to.s));
	assert_true(str_eq(out.cc.s, in.cc.s));
	assert_int_equal(out.bcc.s.len, 0);
	assert_true(str_eq(out.subject.s, in.subject.s));
	assert_true(str_eq(out.body.s, in.body.s));
	assert_true(str_eq(out.in_reply_to.s, in.in_reply_to.s));
	assert_true(str_eq(out.references.s, in.references.s));
	assert_true(str_eq(out.source_folder.s, in.source_folder.s));
	assert_int_equal(out.kind, COMPOSE_REPLY);
	assert_int_equal(out.source_uid, UINT32_MAX);
	assert_int_equal(out.source_validity, 1);
}

/* What the store gives back may be anything: it is text, or it is empty. */
static void
test_broken(void **state)
{
	static const struct {
		struct str bytes;
		const char *to;
		const char *body;
	} rows[] = {
	    {{"", 0}, "", ""},
	    {{"\n\n\n", 3}, "", ""},
	    {{"to", 2}, "", ""},
	    {{"to=", 3}, "", ""},
	    {{"to=a%", 5}, "a%", ""},
	    {{"to=a%4", 6}, "a%4", ""},
	    {{"to=%zz", 6}, "%zz", ""},
	    {{"=x\nto=a", 7}, "a", ""},
	    {{"body=%00%01b", 12}, "", "b"},
	    {{"body=\xFF\xFE", 7}, "", "\xEF\xBF\xBD\xEF\xBF\xBD"},
	    {{"source_uid=99999999999\nto=a", 27}, "a", ""},
	    {{"to=a\nto=b", 9}, "b", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str bytes = exact(rows[i].bytes.ptr, rows[i].bytes.len);
		struct compose out = {0};

		assert_int_equal(
		    compose_unpack(bytes, f->arena, &out, &f->err), ERR_OK);
		assert_says(out.to.s, rows[i].to);
		assert_says(out.body.s, rows[i].body);
		assert_int_equal(out.source_uid, 0);
		exact_free(bytes);
	}
}

/* Memory that ran out must not look like an empty draft. */
static void
test_no_room(void **state)
{
	struct arena *small = arena_new(64);
	struct compose out = {0};
	struct err err = ERR_NONE;

	(void)state;
	assert_int_not_equal(
	    compose_unpack(
	        STR("body=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	        small, &out, &err),
	    ERR_OK);
	assert_null(
	    compose_pack(small, &(struct compose){.to = TEXT("a")}).ptr);
	arena_free(small);
}

static void
test_ids(void **state)
{
	static const struct {
		const char *id;
		bool ok;
	} rows[] = {
	    {"AAAAAAAAAAAAAAAAAAAAAA", true},
	    {"az09-_AAAAAAAAAAAAAAAA", true},
	    {"AAAAAAAAAAAAAAAAAAAAA", false},
	    {"AAAAAAAAAAAAAAAAAAAAAAA", false},
	    {"../../../../../etc/pas", false},
	    {"AAAAAAAAAAAAAAAAAAAAA.", false},
	    {"AAAAAAAAAAAAAAAAAAAAA/", false},
	    {"AAAAAAAAAAAAAAAAAAAAA\303", false},
	    {"", false},
	};
	struct fixture *f = *state;
	struct str one = compose_id_new(f->arena);
	struct str two = compose_id_new(f->arena);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str id = exact(rows[i].id, strlen(rows[i].id));

		assert_int_equal(compose_id_is_valid(id), rows[i].ok);
		exact_free(id);
	}
	assert_false(compose_id_is_valid(str_of(NULL, 0)));
	assert_true(compose_id_is_valid(one));
	assert_true(compose_id_is_valid(two));
	assert_false(str_eq(one, two));
}

static void
test_kinds(void **state)
{
	static const enum compose_kind kinds[] = {
	    COMPOSE_NEW, COMPOSE_REPLY, COMPOSE_FORWARD, COMPOSE_DRAFT};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    compose_kind_of(str_c(compose_kind_name(kinds[i]))),
		    kinds[i]);
	assert_int_equal(compose_kind_of(STR("DRAFT")), COMPOSE_NEW);
	assert_int_equal(compose_kind_of(str_of(NULL, 0)), COMPOSE_NEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_no_room),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
