#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_vcard.h"

/* A card in short: its name, then kind letter, h(ome) w(ork) m(obile), value.
 */
static struct text
show(struct arena *arena, const struct mime_vcards *cards)
{
	static const char letters[] = "noirMPFAWBN";
	struct buf out;

	buf_init_arena(&out, arena, 100000);
	for (size_t i = 0; i < cards->count; i++) {
		const struct mime_vcard *card = &cards->list[i];

		expect_text("name", card->name);
		buf_addf(&out, "[%.*s]", STR_ARG(card->name.s));
		for (size_t n = 0; n < card->line_count; n++) {
			const struct mime_vcard_line *line = &card->lines[n];

			expect_text("value", line->value);
			buf_addf(&out, " %c%s%s%s=%.*s", letters[line->kind],
			    line->is_home ? "h" : "", line->is_work ? "w" : "",
			    line->is_mobile ? "m" : "", STR_ARG(line->value.s));
		}
	}
	return (struct text){buf_str(&out)};
}

#define CARD(lines) "BEGIN:VCARD\r\n" lines "\r\nEND:VCARD\r\n"

static const struct {
	const char *input;
	const char *expected;
} rows[] = {
    {"", ""},
    {"hello", ""},
    {CARD("FN:Ada"), "[Ada]"},
    {CARD("VERSION:2.1"), ""},
    {CARD("N:Lovelace;Ada;Augusta;Lady;II"), "[Lady Ada Augusta Lovelace II]"},
    {CARD("N:Lovelace;Ada;;;\r\nFN:Ada L."), "[Ada L.]"},
    {CARD("ORG:Firm;Unit\\, two"), "[Firm, Unit, two] o=Firm, Unit, two"},
    {CARD("EMAIL;TYPE=HOME:mailto:a@b.c"), "[a@b.c] Mh=a@b.c"},
    {CARD("FN:A\r\nTEL;HOME;VOICE:1\r\nTEL;TYPE=WORK,FAX:2\r\n"
          "TEL;TYPE=\"cell,home\":3\r\nTEL;VALUE=uri:tel:+4"),
        "[A] Ph=1 Fw=2 Phm=3 P=+4"},
    {CARD("FN:A\r\nitem1.ADR;TYPE=home:;;Way 1;Town;;123;Land\r\n"
          "item1.X-ABLabel:x"),
        "[A] Ah=Way 1\nTown\n123\nLand"},
    {CARD("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller"),
        "[M\xc3\xbcller]"},
    {CARD("FN:A\r\nNOTE;QUOTED-PRINTABLE:one=0D=0A=\r\ntwo"), "[A] N=one\ntwo"},
    {CARD("FN:A\r\nNOTE:folded\r\n  here\\nnext"), "[A] N=folded here\nnext"},
    {CARD("FN:A\r\nTITLE:Boss\r\nROLE:Does\r\nNICKNAME:Al\r\n"
          "URL:http://x\r\nBDAY:18151210\r\nBDAY:1815-12-10T00:00:00Z"),
        "[A] i=Boss r=Does n=Al W=http://x B=1815-12-10 B=1815-12-10"},
    {CARD("FN:A\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB"), "[A]"},
    {CARD("FN:A") CARD("FN:B"), "[A][B]"},
    {"BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\n", "[A][B]"},
    {CARD("FN:<b>x</b>"), "[<b>x</b>]"},
    {CARD("FN:\xff\xfe\x01"), "[\xc3\xbf\xc3\xbe]"},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str bytes =
		    heap_copy(rows[i].input, strlen(rows[i].input));
		struct mime_vcards cards;
		struct err err = ERR_NONE;

		assert_int_equal(
		    mime_vcard_parse(bytes, arena, &cards, &err), ERR_OK);
		expect_str(rows[i].input, show(arena, &cards).s,
		    str_c(rows[i].expected));
		heap_free(bytes);
		arena_free(arena);
	}
}

static void
test_floods(void **state)
{
	static const char *const units[] = {CARD("FN:A"), "FN:A\r\n", "TEL:1\n",
	    ";", "\n ", "NOTE;QUOTED-PRINTABLE:=\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_vcards cards;
		struct err err = ERR_NONE;
		struct buf in;

		buf_init_arena(&in, arena, 400000);
		buf_add_c(&in, "BEGIN:VCARD\r\nFN:A\r\n");
		while (in.len < 300000)
			buf_add_c(&in, units[i]);
		assert_int_equal(
		    mime_vcard_parse(buf_str(&in), arena, &cards, &err),
		    ERR_OK);
		assert_true(cards.is_cut);
		assert_true(cards.count <= MIME_VCARDS_MAX);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_floods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
