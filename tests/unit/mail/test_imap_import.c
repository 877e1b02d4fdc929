/*
 * Messages put into a folder, many at once: each is in, was refused with the
 * server's words, waits, or nobody knows; none is sent twice that may be in.
 */
#include "stage.h"

#include "mail/mail_import.h"

#define WITH(words)                                       \
	"S * OK [CAPABILITY IMAP4rev1] hello", "C LOGIN", \
	    "S %a OK [CAPABILITY IMAP4rev1 UIDPLUS " words "] in"
#define MOST 3u

/* One letter for each way to end; the rest is not looked at. */
#define IN      'i'
#define REFUSED 'r'
#define WAITING 'w'
#define UNSURE  'u'

struct letters {
	unsigned asked[MOST]; /* how often it was read from the file */
	bool is_short;        /* the file lacks the end of it */
};

static bool
letters_write(void *ctx, void *what, mime_sink_fn *sink, void *sink_ctx)
{
	static const char *const words[MOST] = {"one 1", "two 22", "three 3"};
	struct letters *letters = ctx;
	const unsigned *which = what;

	letters->asked[*which]++;
	/* In pieces, as a file comes. */
	return sink(sink_ctx, str_slice(str_c(words[*which]), 0, 3)) &&
	       !letters->is_short &&
	       sink(sink_ctx, str_slice(str_c(words[*which]), 3, SIZE_MAX));
}

static char
ending(const struct mail_import_one *one)
{
	switch (one->end) {
	case MAIL_IMPORT_IN:
		return IN;
	case MAIL_IMPORT_REFUSED:
		return REFUSED;
	case MAIL_IMPORT_UNSURE:
		return UNSURE;
	case MAIL_IMPORT_WAITING:
	default:
		return WAITING;
	}
}

struct import_case {
	const char *name;
	unsigned count;
	enum err_code rc;
	const char *ends; /* of each */
	enum mail_import_stop stop;
	uint32_t uids[MOST];
	const char *words; /* of the one that was refused */
	bool is_short;
	unsigned times; /* the last one was read; 0: any */
	const char *script[32];
};

static void
imports(const struct import_case *one)
{
	static unsigned which[MOST] = {0, 1, 2};
	struct mail_import_one list[MOST] = {
	    {.bytes = 5,
	        .flags = MAIL_SEEN | MAIL_FLAGGED,
	        .arrived_s = 1800000000,
	        .what = &which[0]},
	    {.bytes = 6, .what = &which[1]}, {.bytes = 7, .what = &which[2]}};
	struct letters letters = {.is_short = one->is_short};
	struct mail_import import = {.folder = TEXT("Work"),
	    .list = list,
	    .count = one->count,
	    .write = letters_write,
	    .ctx = &letters};
	struct stage stage;
	enum err_code rc;

	stage_open(&stage, "none", "", one->script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	rc = mail_import(&stage.mail, &import, &stage.err);
	if (rc != one->rc || import.stop != one->stop)
		fail_msg("%s: %s, stop %d: %s (%s)", one->name, err_name(rc),
		    (int)import.stop, stage.err.message, stage.err.detail);
	for (unsigned i = 0; i < one->count; i++) {
		if (ending(&list[i]) != one->ends[i] ||
		    list[i].uid != one->uids[i])
			fail_msg("%s: %u ends by %c as %u", one->name, i,
			    ending(&list[i]), (unsigned)list[i].uid);
		if (list[i].end == MAIL_IMPORT_REFUSED && one->words != NULL &&
		    str_find(list[i].words.s, str_c(one->words), 0) ==
		        list[i].words.s.len)
			fail_msg(
			    "%s: %.*s", one->name, STR_ARG(list[i].words.s));
	}
	if (one->times > 0 && letters.asked[one->count - 1] != one->times)
		fail_msg("%s: read %u times", one->name,
		    letters.asked[one->count - 1]);
	stage_close(&stage);
}

#define HEAD_1                                                            \
	"C i1 APPEND \"Work\" (\\Seen \\Flagged) \"15-Jan-2027 08:00:00 " \
	"+0000\" {5"

static void
one_by_one(void **state)
{
	static const struct import_case table[] = {
	    {"on their way at once; answered in any order", 2, ERR_OK, "ii",
	        MAIL_IMPORT_GOES_ON, {44, 45}, NULL, false, 1,
	        {WITH("LITERAL+ UIDPLUS"), HEAD_1 "+}", "C one 1",
	            "C i2 APPEND \"Work\" () {6+}", "C two 22",
	            "S i2 OK [APPENDUID 3 45] x", "S i1 OK [APPENDUID 3 44] x",
	            "H"}},
	    {"after the server's consent", 2, ERR_OK, "ii", MAIL_IMPORT_GOES_ON,
	        {44, 0}, NULL, false, 1,
	        {WITH("UIDPLUS"), HEAD_1 "}", "S + go", "C one 1", "C i2",
	            "S i1 OK [APPENDUID 3 44] x", "S + go", "C two 22",
	            "S i2 OK x", "H"}},
	    /* What the server says of UIDs must fit, or is not believed. */
	    {"nonsense of UIDs", 3, ERR_OK, "iii", MAIL_IMPORT_GOES_ON,
	        {0, 0, 0}, NULL, false, 1,
	        {WITH("LITERAL+ UIDPLUS"), "C three 3",
	            "S i1 OK [APPENDUID 3 44:45] x",
	            "S i2 OK [APPENDUID x y] x", "S i3 OK [APPENDUID 3] x",
	            "H"}},
	    {"one of them is not wanted", 3, ERR_OK, "iri", MAIL_IMPORT_GOES_ON,
	        {1, 0, 2}, "too much of it", false, 1,
	        {WITH("LITERAL+"), "C three 3", "S i1 OK [APPENDUID 3 1] x",
	            "S i2 NO too much of it", "S i3 OK [APPENDUID 3 2] x",
	            "H"}},
	    {"full", 2, ERR_OK, "ir", MAIL_IMPORT_FULL, {0}, "is full", false,
	        0,
	        {WITH("UIDPLUS"), "C i1", "S + go", "C one 1", "S i1 OK x",
	            "C i2", "S i2 NO [OVERQUOTA] no room", "H"}},
	    {"no folder", 1, ERR_OK, "r", MAIL_IMPORT_NO_FOLDER, {0}, NULL,
	        false, 0,
	        {WITH("UIDPLUS"), "C i1", "S i1 NO [TRYCREATE] none", "H"}},
	    {"not allowed", 1, ERR_OK, "r", MAIL_IMPORT_NO_FOLDER, {0}, NULL,
	        false, 0,
	        {WITH("LITERAL+"), "C one 1", "S i1 NO [NOPERM] none", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		imports(&table[i]);
}

static void
all_in_one_command(void **state)
{
	static const struct import_case table[] = {
	    {"taken", 3, ERR_OK, "iii", MAIL_IMPORT_GOES_ON, {101, 102, 103},
	        NULL, false, 1,
	        {WITH("MULTIAPPEND LITERAL+ UIDPLUS"), HEAD_1 "+}",
	            "C one 1 () {6+}", "C two 22 () {7+}", "C three 3",
	            "S i1 OK [APPENDUID 3 101:103] x", "H"}},
	    {"without UIDs", 2, ERR_OK, "ii", MAIL_IMPORT_GOES_ON, {0, 0}, NULL,
	        false, 1,
	        {WITH("MULTIAPPEND LITERAL+"), "C two 22", "S i1 OK x", "H"}},
	    {"alone it is as it was", 1, ERR_OK, "i", MAIL_IMPORT_GOES_ON, {9},
	        NULL, false, 1,
	        {WITH("MULTIAPPEND LITERAL+"), "C one 1",
	            "S i1 OK [APPENDUID 3 9] x", "H"}},
	    /* Which one it was shows one by one. */
	    {"refused together", 3, ERR_OK, "iri", MAIL_IMPORT_GOES_ON,
	        {5, 0, 6}, "a bad one", false, 2,
	        {WITH("MULTIAPPEND LITERAL+"), "C three 3", "S i1 NO a bad one",
	            "C i2", "C one 1", "S i2 OK [APPENDUID 3 5] x", "C i3",
	            "C two 22", "S i3 NO a bad one", "C i4", "C three 3",
	            "S i4 OK [APPENDUID 3 6] x", "H"}},
	    {"full; the others are not tried", 3, ERR_OK, "irw",
	        MAIL_IMPORT_FULL, {5, 0, 0}, "is full", false, 1,
	        {WITH("MULTIAPPEND LITERAL+"), "C three 3",
	            "S i1 NO [OVERQUOTA] no room", "C i2", "C one 1",
	            "S i2 OK [APPENDUID 3 5] x", "C i3", "C two 22",
	            "S i3 NO [OVERQUOTA] no room", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		imports(&table[i]);
}

/* The connection ends: what had gone out whole may be in. */
static void
nothing_is_sent_twice(void **state)
{
	static const struct import_case table[] = {
	    {"before the answers", 2, ERR_AWAY, "uu", MAIL_IMPORT_GOES_ON, {0},
	        NULL, false, 1, {WITH("LITERAL+"), "C one 1", "C two 22"}},
	    {"between the answers", 2, ERR_AWAY, "iu", MAIL_IMPORT_GOES_ON,
	        {44, 0}, NULL, false, 1,
	        {WITH("LITERAL+"), "C two 22", "S i1 OK [APPENDUID 3 44] x"}},
	    {"before its consent", 2, ERR_AWAY, "uw", MAIL_IMPORT_GOES_ON, {0},
	        NULL, false, 0,
	        {WITH("UIDPLUS"), "C i1", "S + go", "C one 1", "C i2"}},
	    {"all in one", 2, ERR_AWAY, "uu", MAIL_IMPORT_GOES_ON, {0}, NULL,
	        false, 1, {WITH("MULTIAPPEND LITERAL+"), "C two 22"}},
	    /* Half of it must never become something else. */
	    {"the file is short", 1, ERR_INTERNAL, "w", MAIL_IMPORT_GOES_ON,
	        {0}, NULL, true, 1, {WITH("LITERAL+"), "C i1", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		imports(&table[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_by_one),
	    cmocka_unit_test(all_in_one_command),
	    cmocka_unit_test(nothing_is_sent_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
