/* Address books of other programs: cards of all versions, tables, and back. */
#include "mime_test.h"

#include "base/limits.h"
#include "mime/mime_card.h"
#include "mime/mime_csv.h"
#include "mime/mime_fold.h"
#include "mime/mime_person.h"

#define PHOTO                                                             \
	"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0CRC1" \
	"\0\0\0\1IDAT_CRC2\0\0\0\0IENDCRC3"

static int
setup(void **state)
{
	*state = arena_new(TEST_ARENA_BYTES);
	assert_non_null(*state);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* What a file says, as lines that can be compared. */
static struct str
told(struct arena *arena, struct str file)
{
	struct str copy = heap_copy(file.ptr, file.len);
	struct mime_people people;
	struct mime_person *one = ARENA_NEW(arena, struct mime_person);
	struct err err = ERR_NONE;
	struct buf out;

	buf_init_arena(&out, arena, 1 << 20);
	if (mime_people_open(copy, arena, &people, &err) != ERR_OK) {
		heap_free(copy);
		return STR("no address book");
	}
	for (;;) {
		enum mime_people_next next =
		    mime_people_next(&people, arena, one);

		if (next == MIME_PEOPLE_END)
			break;
		if (next == MIME_PEOPLE_UNREADABLE) {
			buf_addf(&out, "!%u %s\n", one->line, one->lost);
			continue;
		}
		buf_addf(&out, "%u|%.*s|%.*s|", one->line, STR_ARG(one->name.s),
		    STR_ARG(one->organization.s));
		for (size_t i = 0; i < one->address_count; i++)
			buf_addf(&out, "<%.*s>", STR_ARG(one->addresses[i].s));
		buf_add_byte(&out, '|');
		for (size_t i = 0; i < one->group_count; i++)
			buf_addf(&out, "#%.*s", STR_ARG(one->groups[i].s));
		buf_addf(&out, "|%.*s|%s%s\n%.*s", STR_ARG(one->note.s),
		    one->photo.len > 0 ? one->photo_type : "",
		    one->lost != NULL ? one->lost : "", STR_ARG(one->card));
	}
	heap_free(copy);
	return buf_str(&out);
}

struct row {
	const char *name;
	struct str file;
	const char *expected;
};

static void
run_rows(struct arena *arena, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect_str(rows[i].name, told(arena, rows[i].file),
		    str_c(rows[i].expected));
}

static void
test_cards(void **state)
{
	const struct row rows[] = {
	    {"outlook 2.1",
	        STR("BEGIN:VCARD\r\nVERSION:2.1\r\n"
	            "N;CHARSET=windows-1252;LANGUAGE=de:M\xfcller;J\xfcrgen\r\n"
	            "FN;CHARSET=windows-1252:J\xfcrgen M\xfcller\r\n"
	            "ORG:Werke, AG;Bau\r\nTITLE:Chef\r\n"
	            "TEL;WORK;VOICE:+49 30 1\r\n"
	            "LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Weg 1=0D=0A=\r\n"
	            "Berlin\r\nEMAIL;PREF;INTERNET:j@x.example\r\n"
	            "END:VCARD\r\n"),
	        "1|Jürgen Müller|Werke, AG, Bau|<j@x.example>|||\n"
	        "N;LANGUAGE=de:Müller;Jürgen\n"
	        "ORG:Werke\\, AG;Bau\nTITLE:Chef\n"
	        "TEL;TYPE=WORK;TYPE=VOICE:+49 30 1\n"
	        "LABEL;TYPE=WORK;TYPE=PREF:Weg 1\\nBerlin\n"
	        "EMAIL;TYPE=PREF;TYPE=INTERNET:j@x.example\n"},
	    {"google 3.0",
	        STR("BEGIN:VCARD\nVERSION:3.0\nFN:Зоя\nN:;Зоя;;;\n"
	            "EMAIL;TYPE=INTERNET:z@x.example\n"
	            "CATEGORIES:Friends,myContacts\nNOTE:a\\nb\\, c\n"
	            "END:VCARD\n"),
	        "1|Зоя||<z@x.example>|#Friends#myContacts|a\nb, c|\n"
	        "N:;Зоя;;;\n"},
	    {"thunderbird 4.0",
	        STR("BEGIN:VCARD\r\nVERSION:4.0\r\nN:Doe;Jane;;;\r\n"
	            "EMAIL;PREF=1:jane@x.example\r\n"
	            "TEL;TYPE=cell;VALUE=TEXT:12\r\n"
	            "UID:urn:uuid:1\r\nNOTE:fol\r\n ded\r\nEND:VCARD\r\n"),
	        "1|Jane Doe||<jane@x.example>||folded|\nN:Doe;Jane;;;\n"
	        "EMAIL;PREF=1:jane@x.example\nTEL;TYPE=cell;VALUE=TEXT:12\n"
	        "UID:urn:uuid:1\n"},
	    {"several, one broken, one cut",
	        STR("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nTEL:1\n"
	            "END:VCARD\nnoise\nBEGIN:VCARD\nFN:B\n"
	            "BEGIN:VCARD\nFN:C\n"),
	        "1|A|||||\n!4 it has neither a name nor an address\n"
	        "8|B|||||it does not end (END:VCARD is missing)\n"
	        "!10 it does not end (END:VCARD is missing): the file was cut "
	        "off there\n"},
	    {"nothing in it, lines outside of it, an address that is none",
	        STR("TEL:2\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
	            "BEGIN:VCARD\nEMAIL:anna at home\nEND:VCARD\n"
	            "BEGIN:VCARD\nFN:A\nEMAIL:<a@x.example>, b@x.example\n"
	            "EMAIL;TYPE=work:\"A\" <c@x.example>\nEND:VCARD\n"),
	        "!1 these lines belong to no card (BEGIN:VCARD is missing)\n"
	        "!3 it has neither a name nor an address\n"
	        "!6 “anna at home” is no e-mail address, and there is no "
	        "name\n"
	        "9|A||<c@x.example>|||\n"
	        "X-ADDRESS:<a@x.example>\\, b@x.example\n"
	        "EMAIL;TYPE=work:c@x.example\n"},
	    {"a card within a card",
	        STR("BEGIN:VCARD\nVERSION:2.1\nFN:A\nAGENT:\nBEGIN:VCARD\n"
	            "FN:Inner\nEND:VCARD\nTEL:1\nEND:VCARD\n"),
	        "1|A|||||there is another card within it\nAGENT:\nTEL:1\n"},
	    {"nothing that would end it is kept",
	        STR("BEGIN:VCARD\nFN:A\nBEGIN:VC\x01"
	            "ARD\nEND:x\nEND:VCARD\n"),
	        "1|A|||||there is something else within it\n"},
	    {"no photo is taken from what is none",
	        STR("BEGIN:VCARD\nVERSION:3.0\nFN:A\n"
	            "PHOTO;ENCODING=b;TYPE=PNG:PHN2Zy8+\nEND:VCARD\n"),
	        "1|A|||||its photo is neither JPEG nor PNG, or larger than "
	        "256 KB or 4096 pixels a side\n"},
	    {"utf-16",
	        STR("\xff\xfe"
	            "B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0\n\0F\0N\0:\0"
	            "\x1a\x04\n\0E\0N\0D\0:\0V\0C\0A\0R\0D\0"),
	        "1|К|||||\n"},
	};

	run_rows(*state, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_tables(void **state)
{
	const struct row rows[] = {
	    {"outlook",
	        STR("Title,First Name,Last Name,Company,Department,"
	            "E-mail Address,E-mail 2 Address,Business Phone,"
	            "Home Street,Home City,Birthday,Categories,Priority\r\n"
	            "Dr.,Anna,Smith,Works,Tools,a@x.example,b@x.example,1,"
	            "\"Main St 1\",York,0/0/00,A;B,Normal\r\n"),
	        "2|Dr. Anna Smith|Works, Tools|<a@x.example><b@x.example>|#A#B"
	        "||\nTEL;TYPE=work:1\nN:Smith;Anna;;Dr.;\nORG:Works;Tools\n"
	        "ADR;TYPE=home:;;Main St 1;York;;;\n"},
	    {"google",
	        STR("Name,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,"
	            "Address 1 - Type,Address 1 - City,Group Membership\n"
	            "Ben,b@x.example ::: c@x.example,Mobile,7,Work,Rome,"
	            "* My Contacts ::: Club\n"),
	        "2|Ben||<b@x.example><c@x.example>|#Club||\n"
	        "TEL;TYPE=cell:7\nADR;TYPE=work:;;;Rome;;;\n"},
	    {"thunderbird",
	        STR("First Name\tLast Name\tDisplay Name\tPrimary Email\t"
	            "Birth Year\tBirth Month\tBirth Day\tCustom 1\n"
	            "J\tD\tJay\tj@x.example\t1980\t2\t11\tmine\n"),
	        "2|Jay||<j@x.example>|||\nX-COLUMN:Custom 1;mine\nN:D;J;;;\n"
	        "BDAY:1980-2-11\n"},
	    {"latin-1, semicolons, guarded",
	        STR("Name;E-Mail;Telefon\nM\xfcller;m@x.example;'+49\n"),
	        "2|Müller||<m@x.example>|||\nTEL:+49\n"},
	    {"without a head", STR("Anna,anna@x.example\nBen,ben@x.example\n"),
	        "1|Anna||<anna@x.example>|||\n2|Ben||<ben@x.example>|||\n"},
	    {"broken rows",
	        STR("Name,E-mail\nA,\"open\nB,b@x.example\n,\n,x,y\n"),
	        "!2 a quote is opened and never closed\n"
	        "3|B||<b@x.example>|||\n"
	        "!5 “x” is no e-mail address, and there is no name\n"},
	    {"addresses that are none",
	        STR("Name,E-mail,Phone\nA,a@x,\n\nB,nobody,\nC,Sea "
	            "<c@x.example>,\n"
	            "D,\"d@x.example; e@x.example\",\nE,\"e@x.example, "
	            "nobody\",7\n"
	            ",a@,5\n"),
	        "2|A||<a@x>|||\n4|B|||||\nX-ADDRESS:nobody\n"
	        "5|C||<c@x.example>|||\n"
	        "6|D||<d@x.example><e@x.example>|||\n"
	        "7|E|||||\nX-ADDRESS:e@x.example\\, nobody\nTEL:7\n"
	        "!8 “a@” is no e-mail address, and there is no name\n"},
	    {"no table", STR("a,b\nc,d\n"), "no address book"},
	    {"nothing", STR(""), "no address book"},
	};

	run_rows(*state, rows, sizeof(rows) / sizeof(rows[0]));
}

/* Who is a name and nothing else, and in which row of a spreadsheet. */
static void
test_bare(void **state)
{
	const struct {
		struct str file;
		uint32_t row;
		bool is_bare;
	} rows[] = {
	    {STR("Name,E-mail,Phone\nA,,\n"), 2, true},
	    {STR("Name,E-mail,Phone\n\nA,nobody,\n"), 3, true},
	    {STR("sep=,\nName,E-mail,Phone\nA,,7\n"), 2, false},
	    {STR("Name,E-mail,Phone\n\"A\nB\",,\nC,,\n"), 2, true},
	    {STR("Name,E-mail,Notes\nA,,x\n"), 2, false},
	    {STR("Name,E-mail,Company\nA,,x\n"), 2, false},
	    {STR("Name,E-mail,Extra\nA,,x\n"), 2, false},
	    {STR("A,a@x.example\n"), 1, false},
	    {STR("BEGIN:VCARD\nN:A;B\nFN:A\nUID:1\nEND:VCARD\n"), 0, true},
	    {STR("BEGIN:VCARD\nFN:A\nBDAY:19800211\nEND:VCARD\n"), 0, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime_people people;
		struct mime_person *one = ARENA_NEW(*state, struct mime_person);

		assert_int_equal(
		    mime_people_open(rows[i].file, *state, &people, NULL),
		    ERR_OK);
		assert_int_equal(
		    mime_people_next(&people, *state, one), MIME_PEOPLE_PERSON);
		assert_int_equal(one->row, rows[i].row);
		assert_int_equal(mime_person_is_bare(one), rows[i].is_bare);
	}
}

/* What is written is read as the same, in both versions. */
static void
test_write(void **state)
{
	static const char photo[] = PHOTO;
	struct arena *arena = *state;

	for (unsigned version = 3; version <= 4; version++) {
		struct mime_person in = {.name = TEXT("Zoë, \"Z\"; Ö\\x"),
		    .organization = TEXT("A, B"),
		    .note = TEXT("one\ntwo; three, \\four and a line that is "
		                 "so long that it has to be folded: ääääääää"),
		    .addresses = {TEXT("z@x.example"), TEXT("y@x.example")},
		    .address_count = 2,
		    .groups = {TEXT("Friends, old"), TEXT("B")},
		    .group_count = 2,
		    .photo = STR(PHOTO),
		    .photo_type = "image/png",
		    .card = STR("item1.EMAIL;TYPE=work:y@x.example\n"
		                "EMAIL;TYPE=home:gone@x.example\n"
		                "TEL;TYPE=cell:+1\nKEY:data:application/"
		                "octet-stream;base64,AAEC\n")};
		struct mime_person *got = ARENA_NEW(arena, struct mime_person);
		struct mime_people people;
		struct err err = ERR_NONE;
		struct buf out;

		buf_init_arena(&out, arena, 1 << 20);
		mime_card_write(&out, &in, version);
		for (struct str rest = buf_str(&out); rest.len > 0;)
			assert_true(str_cut(&rest, '\n').len <= 76);
		assert_int_equal(
		    mime_people_open(buf_str(&out), arena, &people, &err),
		    ERR_OK);
		assert_int_equal(
		    mime_people_next(&people, arena, got), MIME_PEOPLE_PERSON);
		assert_null(got->lost);
		expect_str("name", got->name.s, in.name.s);
		expect_str(
		    "organization", got->organization.s, in.organization.s);
		expect_str("note", got->note.s, in.note.s);
		expect_str(
		    "photo", got->photo, str_of(photo, sizeof(photo) - 1));
		assert_int_equal(got->address_count, 2);
		assert_int_equal(got->group_count, 2);
		expect_str("group", got->groups[0].s, in.groups[0].s);
		assert_true(
		    str_find(got->card, STR("gone"), 0) == got->card.len);
		assert_true(str_find(got->card, STR("item1.EMAIL;TYPE=work:"),
		                0) < got->card.len);
		assert_true(str_find(got->card,
		                STR("KEY:data:application/"
		                    "octet-stream;base64,AAEC"),
		                0) < got->card.len);
		assert_int_equal(
		    mime_people_next(&people, arena, got), MIME_PEOPLE_END);
	}
}

static void
test_cells(void **state)
{
	const struct {
		struct str cell;
		const char *written;
	} rows[] = {
	    {STR("plain"), "plain"},
	    {STR("a\"b,c"), "\"a\"\"b,c\""},
	    {STR("=1+1"), "\"'=1+1\""},
	    {STR("+49"), "\"'+49\""},
	    {STR("-1"), "\"'-1\""},
	    {STR("@x"), "\"'@x\""},
	    {STR("two\nlines"), "\"two\nlines\""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime_csv_row *row =
		    ARENA_NEW(*state, struct mime_csv_row);
		struct mime_csv csv;
		struct buf out;

		buf_init_arena(&out, *state, 1000);
		mime_csv_add(&out, rows[i].cell);
		expect_str("written", buf_str(&out), str_c(rows[i].written));
		buf_add_c(&out, ",x");
		csv = mime_csv_of(buf_str(&out));
		assert_true(mime_csv_next(&csv, *state, row));
		assert_int_equal(row->count, 2);
		expect_str(
		    "read", mime_csv_unguarded(row->cells[0]), rows[i].cell);
	}
}

static void
test_fold(void **state)
{
	const struct {
		const char *in, *folded, *words, *name;
	} rows[] = {
	    {"Zoë  SCHMIDT", "zoe schmidt", " zoe schmidt", "schmidt zoe"},
	    {"Schmidt, Zoe", "schmidt, zoe", " schmidt zoe", "schmidt zoe"},
	    {"Straße", "strasse", " strasse", "strasse"},
	    {"ДМИТРИЙ", "дмитрии", " дмитрии", "дмитрии"},
	    {"山田", "山田", " 山 田", "山 田"},
	    {"a.b@x-y.z", "a.b@x-y.z", " a b x y z", "a b x y z"},
	    {"ＦＵＬＬ", "full", " full", "full"},
	    {"", "", "", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_c(rows[i].in);

		expect_str(
		    "fold", mime_fold(*state, in), str_c(rows[i].folded));
		expect_str(
		    "words", mime_fold_words(*state, in), str_c(rows[i].words));
		expect_str(
		    "name", mime_fold_name(*state, in), str_c(rows[i].name));
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_cards),
	    T(test_tables),
	    T(test_bare),
	    T(test_write),
	    T(test_cells),
	    T(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
