#include "mime/mime_name.h"
#include "base/buf.h"
#include "mime_test.h"

static const struct {
	const char *name, *type, *expected;
} rows[] = {
    {"report.pdf", "application/pdf", "report.pdf"},
    {"Отчёт 報告.pdf", "application/pdf", "Отчёт 報告.pdf"},
    {"../../etc/passwd", "text/plain", "_.._etc_passwd.txt"},
    {"C:\\Windows\\x.txt", "text/plain", "C__Windows_x.txt"},
    {"a\"b<c>d|e?f*g.txt", "text/plain", "a_b_c_d_e_f_g.txt"},
    /* U+202E: what reads "photo exe.png" is a program. */
    {"photo\xe2\x80\xaegnp.exe", "image/png", "photognp.exe"},
    {"a\xe2\x80\x8b\xef\xbb\xbf\xe2\x81\xa6.txt", "text/plain", "a.txt"},
    {"in\xc2\xadvisible.txt", "text/plain", "invisible.txt"},
    {"x.pdf                                  .exe", "", "x.pdf.exe"},
    {"x.pdf\xe3\x80\x80\xe2\x80\x83.exe", "", "x.pdf.exe"},
    {"con", "", "_con"},
    {"NUL.txt", "text/plain", "_NUL.txt"},
    {"Com1.tar.gz", "application/gzip", "_Com1.tar.gz"},
    {"lpt\xc2\xb9.txt", "text/plain", "_lpt\xc2\xb9.txt"},
    {"com", "", "com"},
    {"CONSOLE.txt", "text/plain", "CONSOLE.txt"},
    {"com10.txt", "text/plain", "com10.txt"},
    {"trailing. . ", "text/plain", "trailing.txt"},
    {".htaccess", "text/plain", "htaccess.txt"},
    {"...", "image/png", "attachment.png"},
    {"", "image/png", "attachment.png"},
    {"", "message/rfc822", "attachment.eml"},
    {"", "", "attachment"},
    {"picture", "image/jpeg", "picture.jpg"},
    {"v1.2 of it", "text/plain", "v1.2 of it.txt"},
    {"web", "text/html", "web.html"},
    {"a\tb\nc.txt", "text/plain", "a b c.txt"},
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].name, strlen(rows[i].name));
		struct text got = mime_name_file(arena, (struct text){in},
		    mime_type_named(str_c(rows[i].type), STR("")));

		expect_str(rows[i].name, got.s, str_c(rows[i].expected));
		/* What is safe stays as it is. */
		expect_str(rows[i].name,
		    mime_name_file(arena, got,
		        mime_type_named(str_c(rows[i].type), STR("")))
		        .s,
		    got.s);
		heap_free(in);
		arena_free(arena);
	}
}

static void
test_long_names(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	const struct mime_type *pdf =
	    mime_type_named(STR("application/pdf"), STR(""));
	static const char *const letters[] = {"a", "ü", "報", "🍒"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct buf name;
		struct text got;

		buf_init_arena(&name, arena, 1 << 20);
		for (unsigned j = 0; j < 100000; j++)
			buf_add_c(&name, letters[i]);
		buf_add_c(&name, ".pdf");
		for (size_t len = 300; len <= name.len; len += name.len - 300) {
			struct str cut =
			    str_slice(buf_str(&name), name.len - len, name.len);

			got = mime_name_file(arena, text_from(arena, cut), pdf);
			expect_text(letters[i], got);
			assert_true(got.s.len <= 200);
			assert_true(got.s.len >= 150);
			assert_true(str_ends(got.s, STR(".pdf")));
		}
	}
	arena_free(arena);
}

static void
test_messages(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	expect_str("subject", mime_name_message(arena, TEXT("Re: a/b")).s,
	    STR("Re_ a_b.eml"));
	expect_str("dots", mime_name_message(arena, TEXT("And then...")).s,
	    STR("And then.eml"));
	expect_str(
	    "none", mime_name_message(arena, TEXT("")).s, STR("message.eml"));
	expect_str("reserved", mime_name_message(arena, TEXT("aux")).s,
	    STR("_aux.eml"));
	arena_free(arena);
}

static void
test_each_once(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_names names = {.arena = arena};

	(void)state;
	expect_str("1", mime_names_add(&names, TEXT("a.txt")).s, STR("a.txt"));
	expect_str(
	    "2", mime_names_add(&names, TEXT("A.txt")).s, STR("a (2).txt"));
	expect_str(
	    "3", mime_names_add(&names, TEXT("a (3).txt")).s, STR("a (3).txt"));
	expect_str(
	    "4", mime_names_add(&names, TEXT("a.txt")).s, STR("a (4).txt"));
	expect_str("5", mime_names_add(&names, TEXT("b")).s, STR("b"));
	expect_str("6", mime_names_add(&names, TEXT("b")).s, STR("b (2)"));
	expect_str("7", mime_names_add(&names, TEXT("a (2).txt")).s,
	    STR("a (2) (2).txt"));
	for (unsigned i = 0; i < 2000; i++)
		(void)mime_names_add(&names, TEXT("same.bin"));
	expect_str("many", mime_names_add(&names, TEXT("same.bin")).s,
	    STR("same (2001).bin"));
	arena_free(arena);
}

static void
test_disposition(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	expect_str("plain", mime_name_disposition(arena, false, TEXT("a.txt")),
	    STR("attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"));
	expect_str("letters",
	    mime_name_disposition(arena, true, TEXT("ü \"1%\\.txt")),
	    STR("inline; filename=\"_ _1__.txt\"; "
	        "filename*=UTF-8''%C3%BC%20%221%25%5C.txt"));
	assert_false(str_has_line_break(
	    mime_name_disposition(arena, false, (struct text){STR("a\r\nb")})));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_messages),
	    cmocka_unit_test(test_each_once),
	    cmocka_unit_test(test_disposition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
