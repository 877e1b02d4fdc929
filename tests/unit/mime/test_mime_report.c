#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_report.h"

/* Recipients in short: "address action status diagnostic @server;". */
static struct str
show(struct arena *arena, const struct mime_delivery *delivery)
{
	static const char *const actions[] = {
	    "?", "failed", "delayed", "delivered", "relayed", "expanded"};
	struct buf out;

	buf_init_arena(&out, arena, 100000);
	for (size_t i = 0; i < delivery->count; i++) {
		const struct mime_report_recipient *one = &delivery->list[i];

		expect_text("address", one->address);
		expect_text("diagnostic", one->diagnostic);
		buf_addf(&out, "%.*s %s %u.%u.%u %.*s @%.*s;",
		    STR_ARG(one->address.s), actions[one->action],
		    one->status[0], one->status[1], one->status[2],
		    STR_ARG(one->diagnostic.s), STR_ARG(one->server.s));
	}
	return buf_str(&out);
}

static const struct {
	const char *input;
	const char *expected;
} rows[] = {
    {"", ""},
    {"hello", ""},
    {"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b\n"
     "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n"
     "Remote-MTA: dns; mx.b\n",
        "a@b failed 5.1.1 550 no @mx.b;"},
    {"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;<a@b>\r\n"
     "Action: DELAYED (still trying)\r\nStatus: 4.4.7 (expired)\r\n\r\n"
     "Final-Recipient: LOCAL; c\r\nAction: delivered\r\n",
        "a@b delayed 4.4.7  @;c delivered 0.0.0  @;"},
    /* Everything in one block, without empty lines. */
    {"Reporting-MTA: x\nFinal-Recipient: rfc822; a@b\nAction: failed\n"
     "Final-Recipient: rfc822; c@d\nAction: relayed\n",
        "a@b failed 0.0.0  @;c@d relayed 0.0.0  @;"},
    {"\n\nOriginal-Recipient: rfc822; list@b\nFinal-Recipient: rfc822; a@b\n"
     "Action: expanded\n",
        "a@b expanded 0.0.0  @;"},
    {"Original-Recipient: rfc822; a@b\nAction: failed\n",
        "a@b failed 0.0.0  @;"},
    {"Action: failed\nStatus: 5.x\n", " failed 0.0.0  @;"},
    {"Final-Recipient: a@b\nDiagnostic-Code: X-Notes; =?utf-8?Q?n=C3=A9?=\n"
     "Status: 99999.1.1\n",
        "a@b ? 0.0.0 n\xc3\xa9 @;"},
    {"Final-Recipient: rfc822; a@b\nDiagnostic-Code: smtp; 550\n"
     " two\n\tlines\n",
        "a@b ? 0.0.0 550 two lines @;"},
};

static void
test_delivery(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str bytes =
		    heap_copy(rows[i].input, strlen(rows[i].input));
		struct mime_delivery delivery;
		struct err err = ERR_NONE;

		assert_int_equal(
		    mime_report_delivery(bytes, arena, &delivery, &err),
		    ERR_OK);
		expect_str(rows[i].input, show(arena, &delivery),
		    str_c(rows[i].expected));
		heap_free(bytes);
		arena_free(arena);
	}
}

static void
test_retry(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_delivery delivery;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    mime_report_delivery(
	        STR("Final-Recipient: rfc822; a@b\n"
	            "Will-Retry-Until: Thu, 1 Jan 2026 00:00:00 +0000\n"),
	        arena, &delivery, &err),
	    ERR_OK);
	assert_int_equal(delivery.list[0].retry_until_s, 1767225600);
	arena_free(arena);
}

static const struct {
	const char *input;
	enum mime_receipt_kind kind;
	bool is_automatic;
	const char *recipient;
} receipts[] = {
    {"", MIME_RECEIPT_UNKNOWN, false, ""},
    {"\nFinal-Recipient: rfc822; a@b\n"
     "Disposition: manual-action/MDN-sent-manually; displayed\n",
        MIME_RECEIPT_DISPLAYED, false, "a@b"},
    {"Disposition: automatic-action/MDN-sent-automatically; deleted/error\n",
        MIME_RECEIPT_DELETED, true, ""},
    {"Disposition: displayed\n", MIME_RECEIPT_UNKNOWN, false, ""},
    {"Disposition: manual-action/mdn-sent-manually;\n denied\n"
     "Original-Recipient: rfc822; c@d\n",
        MIME_RECEIPT_DENIED, false, "c@d"},
};

static void
test_receipt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_receipt receipt;
		struct err err = ERR_NONE;

		assert_int_equal(mime_report_receipt(str_c(receipts[i].input),
		                     arena, &receipt, &err),
		    ERR_OK);
		assert_int_equal(receipt.kind, receipts[i].kind);
		assert_int_equal(
		    receipt.is_automatic, receipts[i].is_automatic);
		expect_str(receipts[i].input, receipt.recipient.s,
		    str_c(receipts[i].recipient));
		arena_free(arena);
	}
}

static void
test_feedback(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_feedback feedback;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    mime_report_feedback(
	        STR("Feedback-Type: abuse\nSource-IP: 192.0.2.1\n"
	            "Original-Mail-From: <x@y>\nReported-Domain: y\n"),
	        arena, &feedback, &err),
	    ERR_OK);
	expect_str("kind", feedback.kind.s, STR("abuse"));
	expect_str("sender", feedback.sender.s, STR("x@y"));
	expect_str("ip", feedback.source_ip.s, STR("192.0.2.1"));
	arena_free(arena);
}

static void
test_flood(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_delivery delivery;
	struct err err = ERR_NONE;
	struct buf in;

	(void)state;
	buf_init_arena(&in, arena, 400000);
	while (in.len < 300000)
		buf_add_c(&in, "Final-Recipient: x; a@b\n\n\n");
	assert_int_equal(
	    mime_report_delivery(buf_str(&in), arena, &delivery, &err), ERR_OK);
	assert_int_equal(delivery.count, MIME_REPORT_RECIPIENTS_MAX);
	assert_true(delivery.is_cut);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_delivery),
	    cmocka_unit_test(test_retry),
	    cmocka_unit_test(test_receipt),
	    cmocka_unit_test(test_feedback),
	    cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
