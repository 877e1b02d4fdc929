#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_outline.h"

/*
 * Messages as they came, and their blocks in short: a letter for the kind and
 * the sections, "T1" plain, "H2" formatted, "T1/H2" both forms, "+" more of
 * the formatted form, "*" listed as a file, too; then the files.
 */
#define HEAD(type)    "Content-Type: " type "\r\n\r\n"
#define P(type, body) "--b\r\nContent-Type: " type "\r\n\r\n" body "\r\n"
#define END           "--b--\r\n"
#define MULTI(kind, parts) \
	"Content-Type: multipart/" kind "; boundary=b\r\n\r\n" parts END
#define INNER(kind, parts)                                                  \
	"--b\r\nContent-Type: multipart/" kind "; boundary=c\r\n\r\n" parts \
	"--c--\r\n"
#define Q(type, body) "--c\r\nContent-Type: " type "\r\n\r\n" body "\r\n"
#define MESSAGE       "Subject: in\r\n\r\nInner words\r\n"

static const struct {
	const char *message;
	const char *expected;
} rows[] = {
    {HEAD("text/plain") "a", "T1 |"},
    {HEAD("text/html") "a", "H1 |"},
    {HEAD("text/x-log") "a", "T1 |"},
    {HEAD("text/plain; name=a.txt") "a", "T1* | 1"},
    {HEAD("application/pdf") "a", "| 1"},
    {MULTI("mixed", P("text/plain", "a") P("text/plain", "b")), "T1 T2 |"},
    {MULTI("mixed",
         P("text/plain", "a") P("application/pdf", "b") P("text/html", "c")),
        "T1 H3 | 2"},
    {MULTI("mixed", P("text/plain", "a") P("text/html; name=a.html", "b")),
        "T1 | 2"},
    {MULTI("mixed", P("application/pdf", "a") P("text/html; name=a.html", "b")),
        "H2* | 1 2"},
    {MULTI("alternative", P("text/plain", "a") P("text/html", "b")), "T1/H2 |"},
    {MULTI("alternative", P("text/html", "a") P("text/plain", "b")), "T2/H1 |"},
    {MULTI("alternative",
         P("text/plain", "a") P("text/x-amp-html", "b") P("text/html", "c")),
        "T1/H3 |"},
    {MULTI("alternative", P("text/enriched", "a") P("text/plain", "b")),
        "T2 |"},
    {MULTI("alternative", P("text/enriched", "a")), "T1 |"},
    {MULTI("alternative", P("text/plain", "a") P("text/calendar", "b")),
        "C2 T1 | 2"},
    {MULTI("alternative", P("text/plain", "a") INNER("mixed",
                              Q("text/html", "b") Q("application/pdf", "c")
                                  Q("text/html", "d"))),
        "T1/H2.1 H2.3+ | 2.2"},
    {MULTI("alternative", P("text/plain", "a") INNER("related",
                              Q("text/html", "b") Q("image/png", "c"))),
        "T1/H2.1 | 2.2"},
    {MULTI("related; start=\"<x>\"",
         "--b\r\nContent-Type: text/css\r\n\r\na\r\n"
         "--b\r\nContent-Type: text/html\r\nContent-Id: <x>\r\n\r\nb\r\n"),
        "H2 | 1"},
    {MULTI("related", P("text/plain", "a") P("text/html", "b")), "T1/H2 |"},
    {MULTI("signed", P("text/plain", "a") P("application/pgp-signature", "b")),
        "S T1 | 2"},
    {MULTI("encrypted", P("application/pgp-encrypted", "a")
                            P("application/octet-stream", "b")),
        "E | 1 2"},
    {HEAD("application/pkcs7-mime; smime-type=signed-data") "a", "S1 | 1"},
    {HEAD("application/pkcs7-mime; name=smime.p7m") "a", "E1 | 1"},
    {HEAD("application/pkcs7-mime; smime-type=certs-only") "a", "| 1"},
    {MULTI("report", P("text/plain", "a") P("message/delivery-status", "b")
                         P("text/rfc822-headers", "c")),
        "D2 T1 h3 | 2 3"},
    {MULTI("mixed", P("message/rfc822", MESSAGE)), "M1 | 1"},
    {MULTI("digest", P("message/rfc822", MESSAGE) P("message/rfc822", MESSAGE)),
        "M1 M2 | 1 2"},
    {MULTI("mixed",
         P("text/plain", "a") P("text/vcard", "b") P("application/ics", "c")),
        "T1 V2 C3 | 2 3"},
    {MULTI("mixed", P("text/calendar", "a") P("application/ics", "b")),
        "C1 | 1 2"},
    {HEAD("application/ms-tnef") "a", "W1 | 1"},
    {HEAD("application/octet-stream; name=winmail.dat") "a", "W1 | 1"},
    {HEAD("message/partial; number=1") "a", "p1 | 1"},
    {HEAD("message/external-body; access-type=URL") "a", "x1 | 1"},
    {MULTI("mixed", ""), "T1 |"},
};

static void
show_block(struct buf *out, const struct mime_block *block)
{
	static const char letters[] = "?CVSEDRFMhpxW";

	if (block->kind != MIME_BLOCK_TEXT) {
		buf_addf(out, "%c%.*s ", letters[block->kind],
		    STR_ARG(block->part->section));
		return;
	}
	if (block->plain != NULL)
		buf_addf(out, "T%.*s", STR_ARG(block->plain->section));
	if (block->plain != NULL && block->html != NULL)
		buf_add_byte(out, '/');
	if (block->html != NULL)
		buf_addf(out, "H%.*s", STR_ARG(block->html->section));
	buf_addf(out, "%s%s ", block->is_more_html ? "+" : "",
	    block->is_file ? "*" : "");
}

static void
test_outline(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_message message;
		struct mime_outline outline;
		struct mime_choice choice;
		struct err err = ERR_NONE;
		struct buf out;

		buf_init_arena(&out, arena, 1000);
		assert_int_equal(
		    mime_parse(str_c(rows[i].message), &mime_limits_default,
		        arena, &message, &err),
		    ERR_OK);
		assert_int_equal(
		    mime_outline(message.root, arena, &outline, &err), ERR_OK);
		for (size_t n = 0; n < outline.count; n++)
			show_block(&out, &outline.blocks[n]);
		buf_add_byte(&out, '|');
		for (size_t n = 0; n < outline.choice.attachment_count; n++)
			buf_addf(&out, " %.*s",
			    STR_ARG(outline.choice.attachments[n]->section));
		expect_str(
		    rows[i].message, buf_str(&out), str_c(rows[i].expected));
		assert_int_equal(
		    mime_choose(message.root, arena, &choice, &err), ERR_OK);
		assert_ptr_equal(choice.plain, outline.choice.plain);
		assert_ptr_equal(choice.html, outline.choice.html);
		arena_free(arena);
	}
}

/* More parts than blocks: the rest are files, and it says so. */
static void
test_many(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_part root = {.type = STR("multipart"),
	    .subtype = STR("mixed"),
	    .part_count = 2000};
	struct mime_outline outline;
	struct err err = ERR_NONE;

	(void)state;
	root.parts = ARENA_ARRAY(arena, 2000, struct mime_part);
	for (size_t i = 0; i < 2000; i++) {
		root.parts[i].type = STR("text");
		root.parts[i].subtype = STR("plain");
	}
	assert_int_equal(mime_outline(&root, arena, &outline, &err), ERR_OK);
	assert_true(outline.is_cut);
	assert_int_equal(outline.count + outline.choice.attachment_count, 2000);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_outline),
	    cmocka_unit_test(test_many),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
