#include "mime_test.h"

#include "base/buf.h"

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	const char *label;
	struct str input;
	struct str expected;
} rows[] = {
    {"utf-8", "utf-8", S("caf\xc3\xa9"), S("caf\xc3\xa9")},
    {"utf-8 label, latin1 bytes", "utf-8", S("caf\xe9"), S("caf\xc3\xa9")},
    {"utf-8, one bad byte among good", "utf-8", S("\xc3\xa9\xc3\xa9\xff"),
        S("\xc3\xa9\xc3\xa9\xef\xbf\xbd")},
    {"utf-8, cut at the end", "utf-8", S("\xc3\xa9\xc3\xa9\xe2\x82"),
        S("\xc3\xa9\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd")},
    {"byte order mark", "utf-8", S("\xef\xbb\xbfx"), S("x")},
    {"latin1 is windows-1252", "iso-8859-1", S("\x80\x93x\x94"),
        S("\xe2\x82\xac\xe2\x80\x9cx\xe2\x80\x9d")},
    {"latin1 label, utf-8 bytes", "iso-8859-1", S("caf\xc3\xa9"),
        S("caf\xc3\xa9")},
    {"ascii label, 8-bit bytes", "us-ascii", S("caf\xe9"), S("caf\xc3\xa9")},
    {"no label", "", S("caf\xc3\xa9"), S("caf\xc3\xa9")},
    {"unknown label", "x-martian", S("caf\xe9"), S("caf\xc3\xa9")},
    {"label in quotes and capitals", "\"KOI8-R\"", S("\xf0"), S("\xd0\x9f")},
    {"gb2312 is gb18030", "gb2312", S("\x81\x40"), S("\xe4\xb8\x82")},
    {"shift_jis is cp932", "shift_jis", S("\x87\x40"), S("\xe2\x91\xa0")},
    {"ks_c_5601 is cp949", "ks_c_5601-1987", S("\xb0\xa1"), S("\xea\xb0\x80")},
    {"iso-2022-jp", "iso-2022-jp", S("\x1b$BF|K\\\x1b(B"),
        S("\xe6\x97\xa5\xe6\x9c\xac")},
    {"bad byte in the middle", "koi8-r", S("a\x00z"), S("az")},
    {"bad bytes, multibyte", "euc-kr", S("a\xff\xff z"),
        S("a\xef\xbf\xbd\xef\xbf\xbd z")},
    {"cut multibyte", "big5", S("\xa4\xa4\xa4"), S("\xe4\xb8\xad\xef\xbf\xbd")},
    {"utf-16 with mark", "utf-16", S("\xff\xfe\x41\x00"), S("A")},
    {"utf-7", "utf-7", S("caf+AOk-"), S("caf\xc3\xa9")},
    {"label that is a path of iconv", "UTF-8//TRANSLIT", S("x"), S("x")},
    {"controls dropped", "iso-8859-1", S("a\x01\x1b[31m\x81z"), S("a[31mz")},
    {"line ends", "iso-8859-1", S("a\r\nb\rc"), S("a\nb\nc")},
    {"empty", "utf-8", S(""), S("")},
    {"866 of a sample", "866", S("\x8f\xe0\xa8\xa2\xa5\xe2"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82")},
    {"iso_8859-2:1987 of a sample", "iso_8859-2:1987",
        S("\xae\x6c\x75\xbb\x6f\x75\xe8\x6b\xfd\x20\x6b\xf9\xf2"),
        S("\xc5\xbd\x6c\x75\xc5\xa5\x6f\x75\xc4\x8d\x6b\xc3\xbd\x20\x6b\xc5\xaf"
          "\xc5\x88")},
    {"latin3 of a sample", "latin3", S("\xc6\x75\x20\xfe\x69"),
        S("\xc4\x88\x75\x20\xc5\x9d\x69")},
    {"l4 of a sample", "l4", S("\xae\xb1\xec"), S("\xc5\xbd\xc4\x85\xc4\x97")},
    {"cyrillic of a sample", "cyrillic", S("\xbf\xe0\xd8\xd2\xd5\xe2"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82")},
    {"asmo-708 of a sample", "asmo-708", S("\xd3\xe4\xc7\xe5"),
        S("\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85")},
    {"elot_928 of a sample", "elot_928", S("\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1"),
        S("\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1")},
    {"visual of a sample", "visual", S("\xf9\xec\xe5\xed"),
        S("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d")},
    {"logical of a sample", "logical", S("\xf9\xec\xe5\xed"),
        S("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d")},
    {"l6 of a sample", "l6", S("\xac\xa1\xa9"), S("\xc5\xbd\xc4\x84\xc4\x90")},
    {"iso885913 of a sample", "iso885913", S("\xde\xe0\xeb"),
        S("\xc5\xbd\xc4\x85\xc4\x97")},
    {"iso885914 of a sample", "iso885914", S("\xd0\xfe"),
        S("\xc5\xb4\xc5\xb7")},
    {"l9 of a sample", "l9", S("\xa4\xbd\xa6"),
        S("\xe2\x82\xac\xc5\x93\xc5\xa0")},
    {"iso-8859-16 of a sample", "iso-8859-16", S("\xaa\xfe\xa4"),
        S("\xc8\x98\xc8\x9b\xe2\x82\xac")},
    {"koi of a sample", "koi",
        S("\xf0\xd2\xc9\xd7\xc5\xd4\x2c\x20\xcd\xc9\xd2"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\x2c\x20\xd0\xbc\xd0"
          "\xb8\xd1\x80")},
    {"koi8-ru of a sample", "koi8-ru",
        S("\xb7\xd6\xc1\xcb\x20\xa6\x20\xad\xc1\xd7\xc1"),
        S("\xd0\x87\xd0\xb6\xd0\xb0\xd0\xba\x20\xd1\x96\x20\xd2\x91\xd0\xb0\xd0"
          "\xb2\xd0\xb0")},
    {"x-mac-roman of a sample", "x-mac-roman",
        S("\xae\x67\x69\x72\x20\xd2\x8e\xd3"),
        S("\xc3\x86\x67\x69\x72\x20\xe2\x80\x9c\xc3\xa9\xe2\x80\x9d")},
    {"x-mac-ukrainian of a sample", "x-mac-ukrainian",
        S("\x8f\xf0\xe8\xe2\xe5\xf2"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82")},
    {"dos-874 of a sample", "dos-874", S("\xca\xc7\xd1\xca\xb4\xd5"),
        S("\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94\xe0\xb8"
          "\xb5")},
    {"x-cp1250 of a sample", "x-cp1250", S("\x50\xf8\xed\x6c\x69\x9a\x20\x80"),
        S("\x50\xc5\x99\xc3\xad\x6c\x69\xc5\xa1\x20\xe2\x82\xac")},
    {"x-cp1251 of a sample", "x-cp1251", S("\xcf\xf0\xe8\xe2\xe5\xf2\x20\xb9"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\x20\xe2\x84\x96")},
    {"csisolatin1 of a sample", "csisolatin1",
        S("\x6e\x61\xef\x76\x65\x20\x93\x80\x94"),
        S("\x6e\x61\xc3\xaf\x76\x65\x20\xe2\x80\x9c\xe2\x82\xac\xe2\x80\x9d")},
    {"x-cp1253 of a sample", "x-cp1253", S("\xbf\xf1\xe1\x20\x80"),
        S("\xce\x8f\xcf\x81\xce\xb1\x20\xe2\x82\xac")},
    {"l5 of a sample", "l5", S("\xde\x69\xfe\x65\x20\xfd\xf0\x20\x80"),
        S("\xc5\x9e\x69\xc5\x9f\x65\x20\xc4\xb1\xc4\x9f\x20\xe2\x82\xac")},
    {"x-cp1255 of a sample", "x-cp1255", S("\xf9\xec\xe5\xed\x20\xa4"),
        S("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\x20\xe2\x82\xaa")},
    {"x-cp1256 of a sample", "x-cp1256", S("\xd3\xe1\xc7\xe3\x20\x81"),
        S("\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85\x20\xd9\xbe")},
    {"x-cp1257 of a sample", "x-cp1257", S("\xde\xe0\x73\xf8"),
        S("\xc5\xbd\xc4\x85\x73\xc5\xb3")},
    {"x-cp1258 of a sample", "x-cp1258", S("\xd0\xe0"), S("\xc4\x90\xc3\xa0")},
    {"gb_2312-80 of a sample", "gb_2312-80",
        S("\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7"),
        S("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c")},
    {"gbk of a sample", "gbk", S("\xb7\xb1\xf3\x77\xd7\xd6"),
        S("\xe7\xb9\x81\xe9\xab\x94\xe5\xad\x97")},
    {"gb18030 of a sample", "gb18030", S("\x95\x32\x82\x36\xc4\xe3"),
        S("\xf0\xa0\x80\x80\xe4\xbd\xa0")},
    {"x-x-big5 of a sample", "x-x-big5",
        S("\xa7\x41\xa6\x6e\xa1\x41\xa5\x40\xac\xc9"),
        S("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c")},
    {"big5-hkscs of a sample", "big5-hkscs", S("\x9d\xef\x9d\xf7"),
        S("\xe5\x98\x85\xe5\x92\x97")},
    {"cseucpkdfmtjapanese of a sample", "cseucpkdfmtjapanese",
        S("\xa4\xb3\xa4\xf3\xa4\xcb\xa4\xc1\xa4\xcf"),
        S("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf")},
    {"csiso2022jp of a sample", "csiso2022jp",
        S("\x1b\x24\x42\x24\x33\x24\x73\x24\x4b\x24\x41\x24\x4f\x21\x22\x40\x24"
          "\x33\x26\x1b\x28\x42"),
        S("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xe3\x80"
          "\x81\xe4\xb8\x96\xe7\x95\x8c")},
    {"x-sjis of a sample", "x-sjis",
        S("\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x87\x40\x87\x8a"),
        S("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xe2\x91"
          "\xa0\xe3\x88\xb1")},
    {"csksc56011987 of a sample", "csksc56011987",
        S("\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4\x20\x8c\x63"),
        S("\xec\x95\x88\xeb\x85\x95\xed\x95\x98\xec\x84\xb8\xec\x9a\x94\x20\xeb"
          "\x98\xa0")},
    {"csiso2022kr of a sample", "csiso2022kr",
        S("\x1b\x24\x29\x43\x0e\x3e\x48\x33\x67\x0f"),
        S("\xec\x95\x88\xeb\x85\x95")},
    {"hz-gb-2312 of a sample", "hz-gb-2312",
        S("\x7e\x7b\x44\x63\x3a\x43\x7e\x7d"), S("\xe4\xbd\xa0\xe5\xa5\xbd")},
    {"utf-16 of a sample", "utf-16",
        S("\xff\xfe\x48\x00\x69\x00\x20\x00\x60\x22"),
        S("\x48\x69\x20\xe2\x89\xa0")},
    {"utf-16le of a sample", "utf-16le", S("\x48\x00\x69\x00\x20\x00\x60\x22"),
        S("\x48\x69\x20\xe2\x89\xa0")},
    {"utf-16be of a sample", "utf-16be", S("\x00\x48\x00\x69\x00\x20\x22\x60"),
        S("\x48\x69\x20\xe2\x89\xa0")},
    {"unicodefffe of a sample", "unicodefffe",
        S("\x00\x48\x00\x69\x00\x20\x22\x60"), S("\x48\x69\x20\xe2\x89\xa0")},
    {"utf-16 of a sample", "utf-16",
        S("\x00\x48\x00\x69\x00\x20\x00\x74\x00\x68\x00\x65\x00\x72\x00\x65"),
        S("\x48\x69\x20\x74\x68\x65\x72\x65")},
    {"utf-32 of a sample", "utf-32",
        S("\x48\x00\x00\x00\x69\x00\x00\x00\x20\x00\x00\x00\x60\x22\x00\x00"),
        S("\x48\x69\x20\xe2\x89\xa0")},
    {"unicode-1-1-utf-7 of a sample", "unicode-1-1-utf-7",
        S("\x48\x69\x20\x2b\x49\x6d\x41\x20\x2b\x49\x4b\x77\x2d"),
        S("\x48\x69\x20\xe2\x89\xa0\x20\xe2\x82\xac")},
    {"cp437 of a sample", "cp437", S("\x8e\x99\x20\x82"),
        S("\xc3\x84\xc3\x96\x20\xc3\xa9")},
    {"iso-2022-jp-2 of a sample", "iso-2022-jp-2",
        S("\x1b\x24\x42\x46\x7c\x4b\x5c\x1b\x28\x42\x20\x1b\x24\x28\x43\x47\x51"
          "\x1b\x28\x42"),
        S("\xe6\x97\xa5\xe6\x9c\xac\x20\xed\x95\x9c")},
    {"iso-2022-jp with NEC letters", "iso-2022-jp",
        S("\x1b\x24\x42\x2d\x21\x2d\x6a\x1b\x28\x42"),
        S("\xe2\x91\xa0\xe3\x88\xb1")},
    {"half-width katakana", "iso-2022-jp", S("\x1b\x28\x49\x31\x1b\x28\x42"),
        S("\xef\xbd\xb1")},
    {"JIS X 0212", "iso-2022-jp", S("\x1b\x24\x28\x44\x30\x21\x1b\x28\x42"),
        S("\xe4\xb8\x82")},
    {"a line begins in ASCII", "iso-2022-jp",
        S("\x1b\x24\x42\x46\x7c\x0a\x61\x62\x63"),
        S("\xe6\x97\xa5\x0a\x61\x62\x63")},
    {"JIS cut in a character", "iso-2022-jp", S("\x1b\x24\x42\x46\x7c\x4b"),
        S("\xe6\x97\xa5\xef\xbf\xbd")},
    {"HZ with its escapes", "hz-gb-2312", S("a~~b~\nc~{Dc\nd"),
        S("a~bc\xe4\xbd\xa0\nd")},
    {"JIS without a label", "", S("\x1b\x24\x42\x46\x7c\x4b\x5c\x1b\x28\x42"),
        S("\xe6\x97\xa5\xe6\x9c\xac")},
    {"JIS labelled ASCII", "us-ascii",
        S("\x1b\x24\x42\x46\x7c\x4b\x5c\x1b\x28\x42"),
        S("\xe6\x97\xa5\xe6\x9c\xac")},
    {"Shift_JIS labelled JIS", "iso-2022-jp", S("\x93\xfa\x96\x7b"),
        S("\xe6\x97\xa5\xe6\x9c\xac")},
    {"UTF-8 labelled koi8-r", "koi8-r",
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"),
        S("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82")},
    {"UTF-8 labelled gbk", "gbk",
        S("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c\xef\xbc"
          "\x81"),
        S("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c\xef\xbc"
          "\x81")},
    {"UTF-8 labelled JIS", "iso-2022-jp",
        S("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xef\xbc"
          "\x81"),
        S("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xef\xbc"
          "\x81")},
    {"short GBK stays GBK", "gbk", S("\xc1\xaa\xcd\xa8"),
        S("\xe8\x81\x94\xe9\x80\x9a")},
    {"Greek stays Greek", "iso-8859-7", S("\xce\xdf"), S("\xce\x9e\xce\xaf")},
    {"ASCII labelled UTF-16", "utf-16", S("\x70\x6c\x61\x69\x6e"),
        S("\x70\x6c\x61\x69\x6e")},
    {"UTF-16 with a mark of the other end", "utf-16le", S("\xfe\xff\x00\x41"),
        S("\x41")},
    {"UTF-16, half a character", "utf-16le", S("\x41\x00\x42"),
        S("\x41\xef\xbf\xbd")},
    {"lone surrogate", "utf-16be", S("\xd8\x00\x00\x41\x00\x42"),
        S("\xef\xbf\xbd\x41\x42")},
    {"UTF-7 broken", "utf-7", S("\x61\x2b\x41\x4f\x6b\x20\x62"),
        S("\x61\xc3\xa9\x20\x62")},
    {"blanks around the label", " utf-8 ", S("\x78"), S("\x78")},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input.ptr, rows[i].input.len);
		struct text got =
		    mime_decode_charset(arena, str_c(rows[i].label), in);
		expect_str(rows[i].name, got.s, rows[i].expected);
		expect_text(rows[i].name, got);
		heap_free(in);
		arena_free(arena);
	}
}

/* Any bytes under any of these labels make text. */
static void
test_all_bytes(void **state)
{
	static const char *const labels[] = {"utf-8", "iso-8859-1", "koi8-r",
	    "gb18030", "big5", "cp932", "iso-2022-jp", "iso-2022-kr",
	    "iso-2022-cn", "hz-gb-2312", "utf-7", "utf-16", "utf-32", "euc-jp",
	    "windows-1255", "iso-8859-8-i", "tis-620", "viscii"};
	unsigned char in[512];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 7);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text got = mime_decode_charset(arena, str_c(labels[i]),
		    str_of((const char *)in, sizeof(in)));
		expect_text(labels[i], got);
		assert_false(arena_failed(arena));
		arena_free(arena);
	}
}

static void
test_used_up(void **state)
{
	struct arena *arena = arena_new(64);
	struct text got;
	char in[1000];

	(void)state;
	memset(in, 0xe9, sizeof(in));
	got = mime_decode_charset(arena, STR("koi8-r"), str_of(in, 1000));
	assert_null(got.s.ptr);
	arena_free(arena);
}

static const struct {
	const char *name;
	const char *html;
	const char *expected;
} pages[] = {
    {"meta", "<html><meta charset=\"koi8-r\">", "koi8-r"},
    {"without quotes", "<META CHARSET=koi8-r >", "koi8-r"},
    {"the older form",
        "<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>",
        "gb2312"},
    {"the other way round",
        "<meta content=\"text/html;charset = 'big5'\" "
        "http-equiv=content-type>",
        "big5"},
    {"content alone", "<meta name=x content='charset=koi8-r'>", ""},
    {"in a comment", "<!-- <meta charset=koi8-r> --><meta charset=big5>",
        "big5"},
    {"comment never ends", "<!-- <meta charset=koi8-r>", ""},
    {"the second", "<meta name=a><metal charset=x><meta charset=big5>", "big5"},
    {"utf-16 it cannot be", "<meta charset=utf-16le>", "utf-8"},
    {"unknown", "<meta charset=x-martian>", ""},
    {"xml", "<?xml version='1.0' encoding='koi8-r'?>", "koi8-r"},
    {"mark", "\xef\xbb\xbf<meta charset=koi8-r>", "utf-8"},
    {"mark of UTF-16", "\xff\xfe<", "utf-16le"},
    {"nothing", "<p>charset=koi8-r</p>", ""},
    {"empty", "", ""},
    {"cut", "<meta charset=", ""},
};

static void
test_html(void **state)
{
	struct buf late;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct str in = heap_copy(pages[i].html, strlen(pages[i].html));
		expect_str(pages[i].name, mime_html_charset(in),
		    str_c(pages[i].expected));
		heap_free(in);
	}
	buf_init(&late, 4000);
	for (int i = 0; i < 1024; i++)
		buf_add_byte(&late, ' ');
	buf_add_c(&late, "<meta charset=koi8-r>");
	expect_str("too late", mime_html_charset(buf_str(&late)), STR(""));
	buf_free(&late);
}

/* Each choice is one we know, and gives what its name says. */
static void
test_menu(void **state)
{
	size_t count = 0;
	const struct mime_charset_choice *menu = mime_charset_menu(&count);

	(void)state;
	assert_true(count >= 25);
	for (size_t i = 0; i < count; i++)
		assert_true(mime_charset_is_known(str_c(menu[i].label)));
	assert_true(mime_charset_is_known(STR(" \"UTF-8\" ")));
	assert_false(mime_charset_is_known(STR("")));
	assert_false(mime_charset_is_known(STR("UTF-8//IGNORE")));
	assert_false(mime_charset_is_known(STR("../../tmp/x")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_menu),
	    cmocka_unit_test(test_all_bytes),
	    cmocka_unit_test(test_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
