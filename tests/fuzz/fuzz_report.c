/* Reports of mail servers: delivery, reading, complaints. */
#include "mime/mime_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(struct text text)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure(c >= ' ' && c != 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str bytes = str_of((const char *)data, size);
	struct mime_delivery delivery;
	struct mime_receipt receipt;
	struct mime_feedback feedback;
	struct err err = ERR_NONE;

	ensure(arena != NULL);
	ensure(mime_report_delivery(bytes, arena, &delivery, &err) == ERR_OK);
	ensure(delivery.count <= MIME_REPORT_RECIPIENTS_MAX);
	check_line(delivery.reporter);
	for (size_t i = 0; i < delivery.count; i++) {
		const struct mime_report_recipient *one = &delivery.list[i];

		check_line(one->address);
		check_line(one->diagnostic);
		check_line(one->server);
		ensure(one->retry_until_s >= 0);
		for (size_t n = 0; n < 3; n++)
			ensure(one->status[n] < 1000);
	}
	ensure(mime_report_receipt(bytes, arena, &receipt, &err) == ERR_OK);
	check_line(receipt.recipient);
	check_line(receipt.error);
	ensure(mime_report_feedback(bytes, arena, &feedback, &err) == ERR_OK);
	check_line(feedback.kind);
	check_line(feedback.reporter);
	check_line(feedback.source_ip);
	check_line(feedback.sender);
	check_line(feedback.domain);
	arena_free(arena);
	return 0;
}
