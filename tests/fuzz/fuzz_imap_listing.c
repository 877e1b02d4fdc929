/*
 * Rows of a list out of what a server sends, by sequence number or by UID, and
 * the conversation of a connection that waits for news. The first byte
 * chooses.
 */
#include "mail/imap_idle.h"
#include "mail/imap_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define ROWS 10u

static void
list(struct str input, bool by_uid, bool is_asked, struct arena *arena)
{
	static const struct config_site site = {0};
	uint32_t wanted[ROWS] = {9, 7, 5, 3, 1, 2, 4, 6, 8, 4294967295u};
	struct mail mail = {.arena = arena};
	struct imap_found found = {0};
	struct imap_spaces spaces = {0};
	struct imap_listing listing = {
	    .mail = &mail, .low = 3, .wanted = by_uid ? wanted : NULL};
	struct imap_reader reader;
	struct imap_response response;

	if (imap_listing_reset(&listing, ROWS, NULL) != ERR_OK)
		return;
	for (size_t i = 0; i < ROWS; i++)
		listing.marks[i].is_asked = is_asked;
	listing.found = &found;
	listing.folders = (struct imap_folders){.arena = arena,
	    .mail = &mail,
	    .site = &site,
	    .spaces = &spaces,
	    .command = SIZE_MAX};
	imap_reader_init(&reader, NULL, NULL, NULL);
	imap_reader_begin(&reader);
	reader.bytes = input;
	while (
	    imap_read(&reader, &response, NULL) == ERR_OK &&
	    imap_listing_untagged(&listing, &reader, &response, NULL) == ERR_OK)
		continue;
	for (size_t i = 0; i < ROWS; i++) {
		const struct mail_row *row = &listing.rows[i];

		/* Nobody else's row stands in a place. */
		ensure(row->uid == 0 || !by_uid || row->uid == wanted[i]);
		ensure(str_is_utf8(row->subject.s));
		ensure(str_is_utf8(row->from.name.s));
		ensure(str_is_utf8(row->to.address.s));
		for (size_t at = 0; at < row->keywords.len; at++)
			ensure(row->keywords.ptr[at] != '\n');
	}
	imap_reader_end(&reader);
}

/* What came, in pieces of `step` bytes, a second between them. */
static void
idle(struct str input, size_t step)
{
	static const struct imap_idle_settings settings = {
	    .renew_ms = 60000, .poll_ms = 5000, .wait_ms = 3000};
	struct imap_idle_input pieces;
	struct imap_reader reader;
	struct imap_idle talk;
	int64_t now_ms = 1000;
	enum imap_idle_result result = IMAP_IDLE_GO_ON;
	enum imap_idle_fed fed = IMAP_IDLE_MORE;

	imap_idle_init(&talk, &settings, true, 7, 3);
	talk.wants_others = step % 2 == 0;
	imap_idle_input_init(&pieces);
	imap_reader_init(&reader, NULL, NULL, NULL);
	while (input.len > 0 && fed != IMAP_IDLE_FLOOD &&
	       result != IMAP_IDLE_BROKEN) {
		struct str piece =
		    str_slice(input, 0, step < input.len ? step : input.len);
		CLEANUP(buf_free) struct buf out = {0};

		input = str_slice(input, piece.len, input.len);
		while (piece.len > 0 && fed != IMAP_IDLE_FLOOD &&
		       result != IMAP_IDLE_BROKEN) {
			struct imap_response response;

			fed = imap_idle_feed(&pieces, &piece);
			if (fed != IMAP_IDLE_WHOLE)
				continue;
			imap_reader_begin(&reader);
			reader.bytes = buf_str(&pieces.line);
			if (imap_read(&reader, &response, NULL) == ERR_OK)
				result = imap_idle_take(&talk, STR("INBOX"),
				    &reader, &response, now_ms);
			if (result == IMAP_IDLE_TELL)
				imap_idle_told(&talk, now_ms);
			else if (result == IMAP_IDLE_OTHER)
				imap_idle_other(&talk);
			buf_clear(&pieces.line);
		}
		buf_init(&out, 1000);
		if (!imap_idle_next(
		        &talk, STR("STATUS INBOX (UNSEEN)\r\n"), now_ms, &out))
			break;
		ensure(out.failed == ERR_OK);
		ensure(out.len == 0 || out.ptr[out.len - 1] == '\n');
		(void)imap_idle_others(&talk, now_ms);
		now_ms += 1000;
	}
	imap_reader_end(&reader);
	imap_idle_input_end(&pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new((size_t)16 << 20);
	struct str input = str_of((const char *)bytes, len);

	if (arena != NULL && len > 1 && len < 8192) {
		input = str_slice(input, 1, len);
		if (bytes[0] < 128)
			list(input, (bytes[0] & 1) != 0, (bytes[0] & 2) != 0,
			    arena);
		else
			idle(input, (size_t)bytes[0] - 127);
	}
	arena_free(arena);
	return 0;
}
