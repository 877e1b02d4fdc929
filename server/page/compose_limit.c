/* Sizes as they travel: base64 makes 57 bytes a line of 78 (RFC 2045, 6.8). */
#include "page/compose_inside.h"

#define LINE_BYTES   57u
#define LINE_LETTERS 78u /* with CR and LF */

uint64_t
compose_encoded(uint64_t bytes)
{
	uint64_t lines = bytes / LINE_BYTES;
	uint64_t rest = bytes % LINE_BYTES;
	uint64_t encoded;

	if (__builtin_mul_overflow(lines, LINE_LETTERS, &encoded) ||
	    __builtin_add_overflow(
	        encoded, rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2, &encoded))
		return UINT64_MAX;
	return encoded;
}

uint64_t
compose_limit(struct request *req)
{
	uint64_t ours = req->cfg->max_message_bytes;
	struct mail_smtp_offers offers = {.is_known = false};

	/* What the server for outgoing mail said of itself (RFC 1870). */
	if (req->account != NULL)
		mail_server_smtp_offers(account_server(req->account), &offers);
	return offers.size_limit_bytes > 0 && offers.size_limit_bytes < ours
	           ? offers.size_limit_bytes
	           : ours;
}

uint64_t
compose_file_limit(struct request *req)
{
	uint64_t whole = compose_limit(req);
	uint64_t one = req->cfg->max_attachment_bytes;

	return one == 0 || one > whole ? whole : one;
}
