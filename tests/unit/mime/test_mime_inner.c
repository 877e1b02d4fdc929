#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_inner.h"
#include "mime/mime_tnef.h"
#include "mime/mime_uu.h"

/* ---- a winmail.dat, written piece by piece ---- */

static void
put(struct buf *out, uint32_t number, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		buf_add_byte(out, (char)(number >> (8 * i) & 0xff));
}

static void
put_attribute(struct buf *out, unsigned level, uint32_t id, struct str data)
{
	put(out, level, 1);
	put(out, id, 4);
	put(out, (uint32_t)data.len, 4);
	buf_add(out, data);
	put(out, 0, 2);
}

static void
put_wide(struct buf *out, const char *words)
{
	for (; *words != '\0'; words++)
		put(out, (unsigned char)*words, 2);
	put(out, 0, 2);
}

static void
put_property(struct buf *out, unsigned type, unsigned id, struct str data)
{
	put(out, type, 2);
	put(out, id, 2);
	put(out, 1, 4);
	put(out, (uint32_t)data.len, 4);
	buf_add(out, data);
	for (size_t i = data.len; i % 4 != 0; i++)
		put(out, 0, 1);
}

/* Two files; the second has a long name in its properties, as Outlook does. */
static struct str
winmail(struct arena *arena)
{
	struct buf out, wide, props;

	buf_init_arena(&out, arena, 100000);
	buf_init_arena(&wide, arena, 1000);
	buf_init_arena(&props, arena, 10000);
	put(&out, 0x223e9f78, 4);
	put(&out, 1, 2);
	put_attribute(&out, 1, 0x00069007, STR("\xe4\x04\0\0\0\0\0\0"));
	put_attribute(&out, 2, 0x00069002, STR("rend"));
	put_attribute(&out, 2, 0x00018010, STR("caf\xe9.txt\0"));
	put_attribute(&out, 2, 0x0006800f, STR("one"));
	put_attribute(&out, 2, 0x00069002, STR("rend"));
	put_attribute(&out, 2, 0x00018010, STR("LONG~1.PNG\0"));
	put_attribute(&out, 2, 0x0006800f, STR("two!"));
	put(&props, 3, 4);
	/* A named property of one number, then a short name, then a long. */
	put(&props, 0x03, 2);
	put(&props, 0x8001, 2);
	buf_add(&props, STR("0123456789abcdef"));
	put(&props, 0, 4);
	put(&props, 7, 4);
	put(&props, 42, 4);
	put_property(&props, 0x1e, 0x3704, STR("SHORT.PNG\0"));
	put_wide(&wide, "../a long name.png");
	put_property(&props, 0x1f, 0x3707, buf_str(&wide));
	put_attribute(&out, 2, 0x00069005, buf_str(&props));
	return buf_str(&out);
}

static struct mime_part tnef_part = {.type = {"application", 11},
    .subtype = {"ms-tnef", 7},
    .name = {{"winmail.dat", 11}}};
static struct mime_part text_part = {
    .type = {"text", 4}, .subtype = {"plain", 5}, .bytes = 1000};

static void
test_tnef(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str bytes = winmail(arena);
	struct mime_inners list;
	struct err err = ERR_NONE;
	struct str file;

	(void)state;
	assert_true(mime_inner_is_likely(&tnef_part));
	assert_int_equal(
	    mime_inner_list(&tnef_part, bytes, arena, &list, &err), ERR_OK);
	assert_int_equal(list.count, 2);
	assert_false(list.is_broken);
	expect_str("8-bit name", list.list[0].name.s, STR("caf\xc3\xa9.txt"));
	expect_str("long name", list.list[1].name.s, STR("a long name.png"));
	expect_str("type", list.list[1].type, STR("image/png"));
	assert_int_equal(list.list[1].bytes, 4);
	assert_int_equal(
	    mime_inner_read(&tnef_part, bytes, 1, arena, &file, &err), ERR_OK);
	expect_str("file", file, STR("two!"));
	assert_int_equal(
	    mime_inner_read(&tnef_part, bytes, 2, arena, &file, &err),
	    ERR_NOT_FOUND);
	arena_free(arena);
}

/* Cut anywhere and with any byte changed: nothing is read past the end. */
static void
test_tnef_broken(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str whole = winmail(arena);
	struct mime_inners list;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		struct str cut = heap_copy(whole.ptr, len);
		assert_int_equal(
		    mime_inner_list(&tnef_part, cut, arena, &list, &err),
		    ERR_OK);
		assert_true(list.count <= 2);
		heap_free(cut);
	}
	for (size_t i = 0; i < whole.len; i++) {
		struct str changed = heap_copy(whole.ptr, whole.len);
		char *bytes = NULL;

		memcpy(&bytes, &changed.ptr, sizeof(bytes));
		bytes[i] = (char)0xff;
		assert_int_equal(
		    mime_inner_list(&tnef_part, changed, arena, &list, &err),
		    ERR_OK);
		heap_free(changed);
	}
	arena_free(arena);
}

static void
test_tnef_text(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct buf out, props;
	struct mime_inners list;
	struct err err = ERR_NONE;

	(void)state;
	buf_init_arena(&out, arena, 10000);
	buf_init_arena(&props, arena, 10000);
	put(&out, 0x223e9f78, 4);
	put(&out, 1, 2);
	put_attribute(&out, 1, 0x0002800c, STR("Words\r\nhere\0"));
	put(&props, 2, 4);
	put_property(&props, 0x102, 0x1013, STR("<p>x"));
	put(&props, 3, 2);
	put(&props, 0x3fde, 2);
	put(&props, 1251, 4);
	put_attribute(&out, 1, 0x00069003, buf_str(&props));
	assert_int_equal(
	    mime_inner_list(&tnef_part, buf_str(&out), arena, &list, &err),
	    ERR_OK);
	expect_str("text", list.text.s, STR("Words\nhere"));
	expect_str("html", list.html, STR("<p>x"));
	expect_str("charset", list.html_charset, STR("windows-1251"));
	assert_int_equal(list.count, 0);
	assert_false(list.is_broken);
	arena_free(arena);
}

/* Half a million names for one file: the last ones are not looked at. */
static void
test_tnef_flood(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct buf out, props;
	struct mime_inners list;
	struct err err = ERR_NONE;

	(void)state;
	buf_init_arena(&out, arena, (size_t)10 << 20);
	buf_init_arena(&props, arena, (size_t)10 << 20);
	put(&out, 0x223e9f78, 4);
	put(&out, 1, 2);
	put_attribute(&out, 2, 0x00069002, STR("rend"));
	put(&props, 500000, 4);
	for (unsigned i = 0; i < 500000; i++)
		put_property(&props, 0x1f, 0x3707, STR("a\0\xff\xff"));
	put_attribute(&out, 2, 0x00069005, buf_str(&props));
	assert_int_equal(
	    mime_inner_list(&tnef_part, buf_str(&out), arena, &list, &err),
	    ERR_OK);
	assert_int_equal(list.count, 1);
	arena_free(arena);
}

/* The example of MS-OXRTFCP, 4.1.1, and what is no such thing. */
static void
test_rtf(void **state)
{
	static const char packed[] =
	    "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7"
	    "\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20"
	    "\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f"
	    "\xa0";
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	expect_str("rtf",
	    tnef_rtf(arena, str_of(packed, sizeof(packed) - 1), 1000),
	    STR("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"));
	assert_null(
	    tnef_rtf(arena, str_of(packed, sizeof(packed) - 1), 10).ptr);
	assert_null(tnef_rtf(arena, STR("short"), 10).ptr);
	assert_null(tnef_rtf(arena, STR("0123456789abcdef0123"), 10).ptr);
	arena_free(arena);
}

/* ---- uuencode ---- */

/* Files in short: "name=bytes" of each, "!" when broken. */
static const struct {
	const char *text;
	const char *expected;
} texts[] = {
    {"", ""},
    {"begin the work\n", ""},
    {"begin 644 a.txt\n", ""},
    {"begin 644 a.txt\n#86)C\n`\nend\n", "a.txt=abc"},
    {"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "a.txt=abc"},
    {"Hi.\nbegin 644 a.txt\n#86)C\n \nend\nBye.\n", "a.txt=abc"},
    {"begin 644 a\n#86)C\n`\nend\nbegin 600 b\n#9&5F\n`\nend\n", "a=abc;b=def"},
    /* Blanks at the end are lost; a line is none; no end. */
    {"begin 644 a\n!80\n`\nend\n", "a=a"},
    {"begin 644 a\n#86)C\nnot a line of data at all\n#9&5F\n`\nend\n",
        "a=abcdef!"},
    {"begin 644 a\n#86)C\n", "a=abc!"},
    {"begin 644 ../../etc/passwd\n#86)C\n`\nend\n", "passwd=abc"},
    {"begin-base64 644 a\nYWJj\n====\n", "a=abc"},
    {"begin-base64 644 a\nYWJj\nno, none\nYWI=\n====\n", "a=abcab!"},
    {"> begin 644 a.txt\n> #86)C\n", ""},
    {"begin 644 a.txt\nThis is a letter, and no data.\n", ""},
    {"=ybegin line=1 size=1 name=x\nabc\n=yend\n", ""},
};

static void
test_uu(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str bytes =
		    heap_copy(texts[i].text, strlen(texts[i].text));
		struct mime_inners list;
		struct err err = ERR_NONE;
		struct buf out;

		buf_init_arena(&out, arena, 10000);
		assert_int_equal(
		    mime_inner_list(&text_part, bytes, arena, &list, &err),
		    ERR_OK);
		for (size_t n = 0; n < list.count; n++) {
			struct str file;
			assert_int_equal(mime_inner_read(&text_part, bytes, n,
			                     arena, &file, &err),
			    ERR_OK);
			assert_int_equal(file.len, list.list[n].bytes);
			buf_addf(&out, "%s%.*s=%.*s", n > 0 ? ";" : "",
			    STR_ARG(list.list[n].name.s), STR_ARG(file));
		}
		buf_add_c(&out, list.is_broken ? "!" : "");
		expect_str(
		    texts[i].text, buf_str(&out), str_c(texts[i].expected));
		heap_free(bytes);
		arena_free(arena);
	}
}

/* Thousands of beginnings: each line is looked at a few times only. */
static void
test_floods(void **state)
{
	static const char *const units[] = {"begin 644 a\n",
	    "begin 644 a\n#86)C\n", "begin 644 a\n#86)C\nx\nx\nx\n",
	    "=ybegin x\n", "b\n", "begin 644 a\n#86)C\n`\nend\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_inners list;
		struct err err = ERR_NONE;
		struct buf in;

		buf_init_arena(&in, arena, (size_t)4 << 20);
		while (in.len < (size_t)3 << 20)
			buf_add_c(&in, units[i]);
		assert_int_equal(mime_inner_list(&text_part, buf_str(&in),
		                     arena, &list, &err),
		    ERR_OK);
		assert_true(list.count <= 200);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tnef),
	    cmocka_unit_test(test_tnef_broken),
	    cmocka_unit_test(test_tnef_text),
	    cmocka_unit_test(test_tnef_flood),
	    cmocka_unit_test(test_rtf),
	    cmocka_unit_test(test_uu),
	    cmocka_unit_test(test_floods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
