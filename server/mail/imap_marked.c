#include "base/num.h"
#include "mail/imap_order.h"

/* Two searches: those without the mark [0], those with it [1]. */
struct marked {
	struct imap_listing *listing;
	struct imap_found founds[2];
	uint32_t first_tag; /* of the two */
	size_t asked;       /* without ESEARCH: the one that is asked */
};

/* ESEARCH (TAG "i7") UID …: which of the two this is; 2: none. */
static size_t
marked_which(const struct marked *marked, const struct imap_tokens *tokens)
{
	struct str tag = imap_token_str(tokens, 2);
	uint32_t number = 0;

	if (!imap_token_is_list(tokens, 0) || !str_starts(tag, STR("i")) ||
	    num_u32(str_slice(tag, 1, tag.len), 0, UINT32_MAX, &number, NULL) !=
	        ERR_OK ||
	    number < marked->first_tag || number - marked->first_tag > 1)
		return 2;
	return number - marked->first_tag;
}

static enum err_code
marked_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct marked *marked = ctx;
	struct imap_listing *listing = marked->listing;
	size_t which = marked->asked;

	if (str_eq_nocase(response->name, STR("ESEARCH"))) {
		struct imap_tokens tokens = imap_read_tokens(reader, response);

		which = marked_which(marked, &tokens);
	} else if (!str_eq_nocase(response->name, STR("SEARCH"))) {
		return imap_listing_untagged(listing, reader, response, err);
	}
	if (which < 2)
		imap_found_add(&marked->founds[which], listing->mail->arena,
		    reader, response);
	return imap_arena_check(listing->mail->arena, err);
}

static void
marked_write(
    struct marked *marked, struct imap_batch *batch, size_t which, bool is_told)
{
	static const char *const keys[][2] = {
	    [MAIL_SORT_UNREAD] = {" SEEN", " UNSEEN"},
	    [MAIL_SORT_FLAGGED] = {" UNFLAGGED", " FLAGGED"},
	};
	struct imap_listing *listing = marked->listing;

	imap_write_begin(&batch->writer, "UID SEARCH");
	if (is_told)
		imap_write_raw(&batch->writer, " RETURN (ALL)");
	imap_search_charset(&batch->writer, listing->search->search);
	imap_write_raw(&batch->writer, keys[listing->query->sort][which]);
	imap_search_write(&batch->writer, listing->search);
	imap_write_end(&batch->writer);
}

/* One trip, or, where nothing says which answer is whose, one for each. */
static enum err_code
marked_ask(struct marked *marked, struct imap_conn *conn, bool is_first,
    struct err *err)
{
	struct imap_listing *listing = marked->listing;
	bool is_told = imap_conn_has(conn, IMAP_CAP_ESEARCH);
	struct imap_batch batch;
	size_t at = 0;
	enum err_code rc;

	imap_batch_init(&batch, conn, marked_untagged, marked);
	if (is_first) {
		imap_write_begin(&batch.writer, "NOOP");
		imap_write_end(&batch.writer);
		at = 1;
	}
	marked->first_tag = batch.writer.first_tag + (uint32_t)at;
	marked_write(marked, &batch, is_told ? 0 : marked->asked, is_told);
	if (is_told)
		marked_write(marked, &batch, 1, is_told);
	if (is_first)
		imap_listing_ask_folders(listing, &batch);
	rc = imap_batch_run(&batch, listing->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, at, "search the folder", err);
	if (rc == ERR_OK && is_told)
		rc = imap_batch_need(&batch, at + 1, "search the folder", err);
	imap_batch_end(&batch);
	if (rc != ERR_OK || is_told || marked->asked == 1)
		return rc;
	marked->asked = 1;
	return marked_ask(marked, conn, false, err);
}

/* Those with the mark behind the others. */
static enum err_code
marked_join(const struct marked *marked, struct imap_found *out,
    struct arena *arena, struct err *err)
{
	const struct imap_found *rest = &marked->founds[0];
	const struct imap_found *first = &marked->founds[1];

	*out = (struct imap_found){.count = rest->count + first->count,
	    .total = rest->total + first->total};
	out->ranges = ARENA_ARRAY(arena, out->count, struct imap_range);
	for (size_t i = 0; out->ranges != NULL && i < rest->count; i++)
		out->ranges[i] = rest->ranges[i];
	for (size_t i = 0; out->ranges != NULL && i < first->count; i++)
		out->ranges[rest->count + i] = first->ranges[i];
	return imap_arena_check(arena, err);
}

enum err_code
imap_listing_marked(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	struct imap_found *found = listing->found;
	uint64_t changes = conn->changes;
	struct marked marked = {.listing = listing};
	enum err_code rc;

	listing->found = NULL;
	rc = marked_ask(&marked, conn, true, err);
	/* Marks, too: some may have gone over from one to the other. */
	if (rc == ERR_OK && (conn->changes != changes || listing->has_news)) {
		marked = (struct marked){.listing = listing};
		rc = marked_ask(&marked, conn, false, err);
	}
	listing->found = found;
	return rc == ERR_OK
	           ? marked_join(&marked, found, listing->mail->arena, err)
	           : rc;
}
