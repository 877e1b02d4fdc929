#include "mime_test.h"

#include "mime/mime_auth.h"

#define EDGE                                                                   \
	"Received: from a.org (a.org [9.9.9.9]) by mx.our.org with ESMTPS id " \
	"1\n"
#define OUR  "Authentication-Results: mx.our.org; "
#define FROM "From: Bob <bob@a.org>\n"

#define UNKNOWN MIME_AUTH_UNKNOWN
#define NONE    MIME_AUTH_NONE
#define PASS    MIME_AUTH_PASS
#define FAIL    MIME_AUTH_FAIL
#define UNSURE  MIME_AUTH_UNSURE

static const struct {
	const char *name;
	const char *header;
	bool is_known;
	bool is_aligned;
	enum mime_auth_result spf, dkim, dmarc;
	const char *domains; /* spf dkim dmarc */
} rows[] = {
    {"nothing", EDGE FROM, false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"all three",
        OUR "spf=pass smtp.mailfrom=bob@mail.a.org;\n\tdkim=pass (2048-bit "
            "key; unprotected) header.d=a.org header.i=@a.org "
            "header.b=\"abc;d\";\n dmarc=pass (p=none) "
            "header.from=a.org\n" EDGE FROM,
        true, true, PASS, PASS, PASS, "mail.a.org a.org a.org"},
    {"fields in a row",
        OUR "dkim=pass header.d=a.org\n" OUR
            "dmarc=fail header.from=a.org\n" EDGE FROM,
        true, true, UNKNOWN, PASS, FAIL, " a.org a.org"},
    {"the higher one counts",
        OUR "dkim=fail header.d=a.org\n" OUR
            "dkim=pass header.d=a.org\n" EDGE FROM,
        true, false, UNKNOWN, FAIL, UNKNOWN, "  "},
    {"forged below our Received",
        EDGE OUR "dmarc=pass header.from=a.org\n" FROM, false, false, UNKNOWN,
        UNKNOWN, UNKNOWN, "  "},
    {"forged below, real above",
        OUR "spf=fail smtp.mailfrom=a.org\n" EDGE OUR
            "dmarc=pass; dkim=pass header.d=a.org\n" FROM,
        true, false, FAIL, UNKNOWN, UNKNOWN, "a.org  "},
    {"forged below a forged Received", EDGE EDGE OUR "dmarc=pass\n" FROM, false,
        false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"no Received at all", OUR "dmarc=pass\n" FROM, false, false, UNKNOWN,
        UNKNOWN, UNKNOWN, "  "},
    {"Dovecot's delivery on top",
        "Return-Path: <bob@a.org>\nDelivered-To: x@our.org\n"
        "Received: from mx.our.org\n\tby box.our.org with LMTP\n\tid 1\n" OUR
        "dkim=pass header.d=a.org\n" EDGE FROM,
        true, true, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"a content filter gave it back",
        "Received: from localhost (localhost [127.0.0.1])\n\tby mx.our.org "
        "(Postfix) with ESMTP id 1\n"
        "Received: from mx.our.org ([127.0.0.1])\n\tby localhost (mx.our.org "
        "[127.0.0.1]) (amavisd-new, port 10024)\n\twith ESMTP id 2\n" OUR
        "dkim=pass header.d=a.org\n" EDGE FROM,
        true, true, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"HELO says local, a filter forged",
        "Received: from [127.0.0.1] (a.org [9.9.9.9]) by mx.our.org with "
        "ESMTP\nReceived: by x (amavisd-new)\n" OUR "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"a stranger's host is called amavisd",
        "Received: from a.org (amavisd.a.org [9.9.9.9]) by mx.our.org with "
        "ESMTP\n" OUR "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"a filter's name in HELO and recipient",
        "Received: from by (amavisd-new.a.org [9.9.9.9]) by mx.our.org "
        "(Postfix) with ESMTP id 1 for <\"x+ (amavisd-new, port 1)\"@our.org>;"
        "\n" OUR "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"a local address in the recipient, a filter forged",
        "Received: from a.org (a.org [9.9.9.9]) by mx.our.org (Postfix) with "
        "ESMTP id 1 for <\"x+ ([127.0.0.1])\"@our.org>;\nReceived: from x by "
        "x (amavisd-new, port 1)\n" OUR "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"LMTP in a comment of a stranger's name",
        "Received: from a.org (with LMTP [9.9.9.9]) by mx.our.org with "
        "ESMTP\n" OUR "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"another's id",
        "Authentication-Results: mx.evil.org; dmarc=pass\n" EDGE FROM, false,
        false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"id as a beginning",
        "Authentication-Results: mx.our.org.evil.org; "
        "dmarc=pass\n" EDGE FROM,
        false, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"second id, other case, version, comments, quotes",
        "authentication-results: (a (b) c) \"MAIL.our.org\" 1 (x; dkim=pass); "
        "(y) dkim/1 (z) = (z) fail reason=\"dkim=pass; no\" header.d=\"a.org\""
        "\n" EDGE FROM,
        true, false, UNKNOWN, FAIL, UNKNOWN, "  "},
    {"none", OUR "none\n" EDGE FROM, true, false, UNKNOWN, UNKNOWN, UNKNOWN,
        "  "},
    {"id alone", "Authentication-Results: mx.our.org\n" EDGE FROM, true, false,
        UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"two signatures, the sender's is second",
        OUR "dkim=pass header.d=esp.net; dkim=pass header.d=a.org\n" EDGE FROM,
        true, true, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"two signatures, one fails",
        OUR "dkim=fail header.d=a.org; dkim=pass header.d=esp.net\n" EDGE FROM,
        true, false, UNKNOWN, PASS, UNKNOWN, " esp.net "},
    {"domain above",
        OUR "dkim=pass header.i=@a.org\n" EDGE "From: bob@news.a.org\n", true,
        true, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"domain that ends alike",
        OUR "dkim=pass header.d=a.org\n" EDGE "From: bob@evila.org\n", true,
        false, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"top domain signs nothing", OUR "dkim=pass header.d=org\n" EDGE FROM, true,
        false, UNKNOWN, PASS, UNKNOWN, " org "},
    {"two senders",
        OUR "dkim=pass header.d=a.org\n" EDGE "From: bob@a.org, eve@e.org\n",
        true, false, UNKNOWN, PASS, UNKNOWN, " a.org "},
    {"dmarc of another From", OUR "dmarc=pass header.from=e.org\n" EDGE FROM,
        true, false, UNKNOWN, UNKNOWN, FAIL, "  "},
    {"dmarc of a From read otherwise",
        OUR "dmarc=pass header.from=e.org\n" EDGE
            "From: <bob@a.org>eve@e.org\n",
        true, false, UNKNOWN, UNKNOWN, FAIL, "  "},
    {"dmarc of one of two senders",
        OUR "dmarc=pass header.from=e.org\n" EDGE
            "From: bob@a.org, eve@e.org\n",
        true, false, UNKNOWN, UNKNOWN, FAIL, "  "},
    {"dmarc of the domain above",
        OUR "dmarc=pass header.from=a.org\n" EDGE "From: bob@news.a.org\n",
        true, false, UNKNOWN, UNKNOWN, PASS, "  a.org"},
    {"dmarc of another form of the name",
        OUR "dmarc=pass header.from=xn--bcher-kva.de\n" EDGE
            "From: bob@b\xc3\xbc"
            "cher.de\n",
        true, false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"words",
        OUR "spf=softfail smtp.helo=h.a.org; dkim=temperror; dmarc=none\n" EDGE
            FROM,
        true, false, FAIL, UNSURE, NONE, "h.a.org  "},
    {"unknown words", OUR "spf=great; dkim=; =; ;; dmarc\n" EDGE FROM, true,
        false, UNKNOWN, UNKNOWN, UNKNOWN, "  "},
    {"bad domain", OUR "spf=pass smtp.mailfrom=\"<b>@a b\"\n" EDGE FROM, true,
        false, PASS, UNKNOWN, UNKNOWN, "  "},
    {"comment never ends", OUR "dkim=pass (a header.d=a.org\n" EDGE FROM, true,
        false, UNKNOWN, PASS, UNKNOWN, "  "},
};

static void
test_rows(void **state)
{
	const struct str ids[] = {
	    STR("mail.our.org"), STR("mx.our.org"), STR("")};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in =
		    heap_copy(rows[i].header, strlen(rows[i].header));
		struct mime_header header;
		struct mime_auth got;
		struct err err = ERR_NONE;
		assert_int_equal(
		    mime_parse_header(in, arena, &header, &err), ERR_OK);
		assert_int_equal(
		    mime_auth_read(&header, ids, 3, arena, &got, &err), ERR_OK);
		if (got.is_known != rows[i].is_known ||
		    got.is_dkim_aligned != rows[i].is_aligned ||
		    got.spf != rows[i].spf || got.dkim != rows[i].dkim ||
		    got.dmarc != rows[i].dmarc)
			fail_msg("%s: known %d aligned %d spf %u dkim %u dmarc "
			         "%u",
			    rows[i].name, got.is_known, got.is_dkim_aligned,
			    got.spf, got.dkim, got.dmarc);
		expect_str(rows[i].name,
		    str_join(arena,
		        (struct str[]){got.spf_domain.s, STR(" "),
		            got.dkim_domain.s, STR(" "), got.dmarc_domain.s},
		        5),
		    str_c(rows[i].domains));
		heap_free(in);
		arena_free(arena);
	}
}

/* No ids: nothing is known, whatever stands there. */
static void
test_no_ids(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_header header = {
	    .raw = STR("Authentication-Results: ; dmarc=pass\n" EDGE)};
	struct mime_auth got;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    mime_auth_read(&header, NULL, 0, arena, &got, &err), ERR_OK);
	assert_false(got.is_known);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_no_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
