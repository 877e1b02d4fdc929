#include "mime_test.h"

#include "mime/mime_sender.h"

#define U_UMLAUT "\xc3\xbc"

static const struct {
	const char *name;
	const char *host;
	const char *shown;
} hosts[] = {
    {"plain", "example.org", "example.org"},
    {"case stays", "EXAMPLE.org", "EXAMPLE.org"},
    {"empty", "", ""},
    {"German", "xn--mnchen-3ya.de", "m" U_UMLAUT "nchen.de"},
    {"upper case", "XN--MNCHEN-3YA.de", "m" U_UMLAUT "nchen.de"},
    {"raw", "m" U_UMLAUT "nchen.de", "m" U_UMLAUT "nchen.de"},
    {"decomposed", "mu\xcc\x88nchen.de", "m" U_UMLAUT "nchen.de"},
    {"sharp s", "xn--strae-oqa.de",
        "stra\xc3\x9f"
        "e.de"},
    {"Danish", "tr\xc3\xa6.dk", "tr\xc3\xa6.dk"},
    {"Japanese", "xn--wgv71a119e.jp",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp"},
    {"full stop of Japan", "xn--wgv71a119e\xe3\x80\x82jp",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp"},
    {"Cyrillic under its own top", "xn--e1afmkfd.xn--p1ai",
        "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84"},
    {"Cyrillic that spells scope, .com",
        "\xd1\x95\xd1\x81\xd0\xbe\xd1\x80\xd0\xb5.com", "xn--e1argc3h.com"},
    {"Cyrillic apple", "xn--80ak6aa92e.com", "xn--80ak6aa92e.com"},
    {"one Cyrillic letter", "p\xd0\xb0ypal.com", "xn--pypal-4ve.com"},
    {"the same below", "www.p\xd0\xb0ypal.com", "www.xn--pypal-4ve.com"},
    {"script a", "\xc9\x91pple.com", "xn--pple-p5b.com"},
    {"Greek omicron", "\xce\xbf\xce\xbf\xce\xbf.com", "xn--0xaaa.com"},
    {"no label at all", "xn--a.com", "xn--a.com"},
    {"cannot be a host",
        "a\xe2\x80\xae"
        "b.com",
        "a<U+202E>b.com"},
    {"slash that is none",
        "a.com\xe2\x88\x95"
        "b.org",
        NULL},
};

static void
test_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(hosts[i].host, strlen(hosts[i].host));
		struct text got = mime_host_shown(arena, in);
		expect_text(hosts[i].name, got);
		if (hosts[i].shown == NULL) /* the mark does not get through */
			assert_true(
			    str_find(got.s, STR("\xe2"), 0) == got.s.len);
		else
			expect_str(hosts[i].name, got.s, str_c(hosts[i].shown));
		heap_free(in);
		arena_free(arena);
	}
}

#define NO_FROM    MIME_SENDER_NO_FROM
#define SEVERAL    MIME_SENDER_SEVERAL_FROM
#define NAMED      MIME_SENDER_NAME_IS_ADDRESS
#define ELSEWHERE  MIME_SENDER_REPLY_ELSEWHERE
#define CONFUSABLE MIME_SENDER_CONFUSABLE
#define HIDDEN     MIME_SENDER_HIDDEN_MARKS

static const struct {
	const char *name;
	const char *header;
	unsigned notices;
	const char *named; /* or the Reply-To */
} senders[] = {
    {"plain", "From: Bob <bob@x.org>\n", 0, ""},
    {"none", "Subject: x\n", NO_FROM, ""},
    {"empty", "From:\nReply-To: a@b.com\n", NO_FROM, ""},
    {"local name", "From: root\n", 0, ""},
    {"name only", "From: Bob <>\n", NO_FROM, ""},
    {"two", "From: bob@x.org, eve@y.org\n", SEVERAL, ""},
    {"two fields", "From: bob@x.org\nFrom: eve@y.org\n", SEVERAL, ""},
    {"the same twice", "From: bob@x.org\nFrom: BOB@x.org\n", 0, ""},
    {"name is another address", "From: \"bob@bank.com\" <eve@evil.org>\n",
        NAMED, "bob@bank.com"},
    {"with words", "From: \"Bob bob@bank.com (Bank)\" <eve@evil.org>\n", NAMED,
        "bob@bank.com"},
    {"name is the address", "From: \"bob@x.org\" <bob@x.org>\n", 0, ""},
    {"same domain", "From: \"info@x.org\" <bob@mail.x.org>\n", 0, ""},
    {"other country's co", "From: \"a@b.co.uk\" <a@c.co.uk>\n", NAMED,
        "a@b.co.uk"},
    {"full-width at",
        "From: \"bob\xef\xbc\xa0"
        "bank.com\" <eve@evil.org>\n",
        NAMED, "bob@bank.com"},
    {"encoded", "From: =?utf-8?Q?bob=40bank=2Ecom?= <eve@evil.org>\n", NAMED,
        "bob@bank.com"},
    {"via", "From: \"bob@bank.com via Eve\" <eve@evil.org>\n", NAMED,
        "bob@bank.com"},
    {"at without a domain", "From: \"dinner @ eight\" <eve@x.org>\n", 0, ""},
    {"handle", "From: \"@bob\" <eve@x.org>\n", 0, ""},
    {"reply elsewhere", "From: bob@bank.com\nReply-To: x@gmail.com\n",
        ELSEWHERE, "x@gmail.com"},
    {"reply to the same", "From: bob@bank.com\nReply-To: help@bank.com\n", 0,
        ""},
    {"reply below", "From: bob@bank.com\nReply-To: a@support.bank.com\n", 0,
        ""},
    {"reply of a list",
        "From: bob@bank.com\nReply-To: l@lists.org\nList-Id: <l.lists.org>\n",
        0, ""},
    {"one reply of two", "From: a@x.org\nReply-To: a@x.org, b@y.org\n",
        ELSEWHERE, "b@y.org"},
    {"look-alike", "From: bob@p\xd0\xb0ypal.com\n", CONFUSABLE, ""},
    {"look-alike, encoded", "From: bob@xn--80ak6aa92e.com\n", CONFUSABLE, ""},
    {"honest other alphabet", "From: bob@xn--mnchen-3ya.de\n", 0, ""},
    {"override in the name",
        "From: \"\xe2\x80\xae"
        "boB\" <bob@x.org>\n",
        HIDDEN, ""},
    {"the same encoded", "From: =?utf-8?Q?B=E2=80=8Bob?= <bob@x.org>\n", HIDDEN,
        ""},
    {"Persian non-joiner",
        "From: \"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4\" <bob@x.org>\n", 0, ""},
    {"family",
        "From: \"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\" <b@x.org>\n", 0,
        ""},
    {"fold is no control", "From: Bob\r\n\t<bob@x.org>\r\n", 0, ""},
};

static void
test_senders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in =
		    heap_copy(senders[i].header, strlen(senders[i].header));
		struct mime_header header;
		struct mime_sender got;
		struct err err = ERR_NONE;
		assert_int_equal(
		    mime_parse_header(in, arena, &header, &err), ERR_OK);
		mime_sender_read(&header, arena, &got);
		if (got.notices != senders[i].notices)
			fail_msg("%s: got %u, expected %u", senders[i].name,
			    got.notices, senders[i].notices);
		expect_str(senders[i].name,
		    got.notices & ELSEWHERE ? got.reply_address.s
		                            : got.named_address.s,
		    str_c(senders[i].named));
		heap_free(in);
		arena_free(arena);
	}
}

static void
test_address(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	expect_str("unicode",
	    mime_address_shown(arena, TEXT("a@xn--mnchen-3ya.de")).s,
	    STR("a@m" U_UMLAUT "nchen.de"));
	expect_str("confusable",
	    mime_address_shown(arena, TEXT("a@b@p\xd0\xb0ypal.com")).s,
	    STR("a@b@xn--pypal-4ve.com"));
	expect_str(
	    "no domain", mime_address_shown(arena, TEXT("bob")).s, STR("bob"));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_senders),
	    cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
