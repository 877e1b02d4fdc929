#include "mail/imap_order.h"

#include "base/limits.h"
#include "mail/imap_effort.h"
#include "mail/imap_etpan.h"

/* ---- what is asked for ---- */
/* Newest, A to Z, largest first; is_reversed is the other way round. */
static void
sort_keys(const struct mail_query *query, bool has_display,
    struct imap_writer *writer)
{
	static const struct {
		const char *key, *display;
		bool is_falling;
	} table[] = {
	    [MAIL_SORT_ARRIVAL] = {"ARRIVAL", "ARRIVAL", true},
	    [MAIL_SORT_DATE] = {"DATE", "DATE", true},
	    [MAIL_SORT_FROM] = {"FROM", "DISPLAYFROM", false},
	    [MAIL_SORT_SUBJECT] = {"SUBJECT", "SUBJECT", false},
	    [MAIL_SORT_SIZE] = {"SIZE", "SIZE", true},
	    [MAIL_SORT_TO] = {"TO", "DISPLAYTO", false},
	};

	imap_write_raw(writer, " (");
	if (table[query->sort].is_falling != query->is_reversed)
		imap_write_raw(writer, "REVERSE ");
	imap_write_raw(writer,
	    has_display ? table[query->sort].display : table[query->sort].key);
	imap_write_raw(writer, ") UTF-8");
}

static void
sort_write_search(struct imap_listing *listing, struct imap_batch *batch)
{
	imap_search_command(batch, listing->search);
}

static void
sort_write_sort(struct imap_listing *listing, struct imap_batch *batch)
{
	const struct mail_query *query = listing->query;

	imap_write_begin(&batch->writer, "UID SORT");
	if (listing->found->is_page) {
		imap_write_raw(&batch->writer, " RETURN (COUNT PARTIAL ");
		imap_write_number(
		    &batch->writer, (uint64_t)listing->out->first + 1);
		imap_write_raw(&batch->writer, ":");
		imap_write_number(&batch->writer,
		    (uint64_t)listing->out->first + query->row_count);
		imap_write_raw(&batch->writer, ")");
	}
	sort_keys(query, imap_conn_has(batch->conn, IMAP_CAP_SORT_DISPLAY),
	    &batch->writer);
	imap_search_write(&batch->writer, listing->search);
	imap_write_end(&batch->writer);
}

/* ---- one question; folders go with the first ---- */
static enum err_code
sort_ask_once(struct imap_listing *listing, struct imap_conn *conn,
    imap_listing_write_fn *write, bool with_folders, bool *out_is_bad,
    struct err *err)
{
	struct imap_batch batch;
	size_t at = 0;
	enum err_code rc;

	imap_batch_init(&batch, conn, imap_listing_untagged, listing);
	/* What others did meanwhile first; UIDs do not shift. */
	if (with_folders) {
		imap_write_begin(&batch.writer, "NOOP");
		imap_write_end(&batch.writer);
		at = 1;
	}
	write(listing, &batch);
	if (with_folders)
		imap_listing_ask_folders(listing, &batch);
	rc = imap_batch_run(&batch, listing->mail->arena, err);
	*out_is_bad = rc == ERR_OK && batch.ends[at].said.status == IMAP_BAD;
	if (rc == ERR_OK && (!*out_is_bad || !listing->found->is_page))
		rc = imap_batch_need(&batch, at, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

/*
 * Dovecot answers what stands beside a NOOP before it looks what others did:
 * when the NOOP brought news, the question is asked once more.
 */
enum err_code
imap_listing_ask(struct imap_listing *listing, struct imap_conn *conn,
    imap_listing_write_fn *write, bool with_folders, bool *out_is_bad,
    struct err *err)
{
	const struct imap_found none = *listing->found;
	uint64_t changes = conn->changes;
	enum err_code rc =
	    sort_ask_once(listing, conn, write, with_folders, out_is_bad, err);

	if (rc != ERR_OK || !with_folders || *out_is_bad ||
	    (conn->changes == changes && !listing->has_news))
		return rc;
	*listing->found = none;
	if (listing->forget != NULL)
		listing->forget(listing);
	return sort_ask_once(listing, conn, write, false, out_is_bad, err);
}

/* SORT on the server: only the page where it can, else all UIDs. */
static enum err_code
sort_by_server(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	const struct mail_query *query = listing->query;
	bool with_folders = true;

	listing->out->first = query->first;
	for (;;) {
		struct imap_found *found = listing->found;
		bool is_bad = false;
		uint32_t first;
		enum err_code rc;

		*found = (struct imap_found){
		    .is_page = imap_conn_has(conn, IMAP_CAP_ESORT) &&
		               imap_conn_has(conn, IMAP_CAP_CONTEXT)};
		rc = imap_listing_ask(
		    listing, conn, sort_write_sort, with_folders, &is_bad, err);
		if (rc != ERR_OK)
			return rc;
		with_folders = false;
		if (is_bad) {
			conn->lacks |= IMAP_CAP_CONTEXT;
			continue;
		}
		first = imap_listing_first(
		    query->first, query->row_count, found->total);
		if (!found->is_page || first == listing->out->first) {
			listing->out->first = first;
			return ERR_OK;
		}
		listing->out->first = first;
	}
}

/* ---- rows of what was found ---- */
static enum err_code
sort_fetch(struct imap_listing *listing, struct imap_conn *conn, bool is_turned,
    struct err *err)
{
	const struct mail_query *query = listing->query;
	struct arena *arena = listing->mail->arena;
	enum err_code rc;
	size_t count;

	listing->wanted = ARENA_ARRAY(arena, query->row_count, uint32_t);
	if (listing->wanted == NULL)
		return imap_arena_check(arena, err);
	count = imap_found_page(listing->found, is_turned, listing->out->first,
	    query->row_count, listing->wanted);
	if (count == 0)
		return imap_listing_reset(listing, 0, err);
	rc = imap_listing_fetch(listing, conn, count, err);
	if (rc != ERR_OK || !listing->is_short)
		return rc;
	/* Once it was told what others removed, that does not come. */
	rc = imap_noop(conn, err);
	return rc == ERR_OK ? imap_listing_fetch(listing, conn, count, err)
	                    : rc;
}

/* The order of before, if it is still true; the folders come with that. */
static enum err_code
sort_by_memory(struct imap_listing *listing, struct imap_conn *conn,
    bool *with_folders, bool *out_is_done, struct err *err)
{
	struct imap_order_kept kept;
	enum err_code rc;

	*out_is_done = false;
	if (listing->query->search != NULL ||
	    !imap_order_kept_find(listing, conn, &kept))
		return ERR_OK;
	rc = imap_order_kept_check(listing, conn, &kept, out_is_done, err);
	*with_folders = false;
	if (rc == ERR_OK && *out_is_done) {
		listing->out->beyond = kept.beyond;
		imap_order_kept_tell(listing, &kept);
	}
	return rc;
}

/* Found by SEARCH in the order of arrival, or ordered here. */
static enum err_code
sort_by_search(struct imap_listing *listing, struct imap_conn *conn,
    bool is_own, bool *out_is_turned, struct err *err)
{
	const struct mail_query *query = listing->query;
	bool needs_search;
	bool with_folders = true;
	bool is_bad = false;
	bool is_done = false;
	enum err_code rc = ERR_OK;

	if (is_own)
		rc =
		    sort_by_memory(listing, conn, &with_folders, &is_done, err);
	*out_is_turned = false;
	if (rc != ERR_OK || is_done)
		return rc;
	needs_search = !is_own || query->search != NULL || conn->exists == 0 ||
	               conn->exists > imap_order_most(listing);
	if (needs_search)
		rc = imap_listing_ask(listing, conn, sort_write_search,
		    with_folders, &is_bad, err);
	if (needs_search && listing->found->total == 0)
		is_own = false;
	if (rc == ERR_OK && is_own)
		rc = imap_listing_order(
		    listing, conn, with_folders && !needs_search, err);
	*out_is_turned = !is_own && !query->is_reversed;
	return rc;
}

static enum err_code
sort_run(struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	const struct mail_query *query = listing->query;
	bool is_own = query->sort != MAIL_SORT_ARRIVAL;
	bool is_turned = false;
	enum err_code rc;

	if (query->sort == MAIL_SORT_UNREAD ||
	    query->sort == MAIL_SORT_FLAGGED) {
		is_turned = !query->is_reversed;
		rc = imap_listing_marked(listing, conn, err);
	} else if (is_own && imap_conn_has(conn, IMAP_CAP_SORT)) {
		rc = sort_by_server(listing, conn, err);
	} else {
		rc = sort_by_search(listing, conn, is_own, &is_turned, err);
	}
	listing->out->total = listing->found->total;
	listing->out->first = imap_listing_first(
	    query->first, query->row_count, listing->found->total);
	return rc == ERR_OK ? sort_fetch(listing, conn, is_turned, err) : rc;
}

enum err_code
imap_listing_sorted(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	const struct mail_query *query = listing->query;
	struct imap_found found = {0};
	struct imap_search what = {.search = query->search};
	bool is_effort = query->sort != MAIL_SORT_ARRIVAL;
	unsigned order = imap_effort_order(query);
	enum err_code rc = ERR_OK;

	listing->is_own_order = is_effort && query->sort != MAIL_SORT_UNREAD &&
	                        query->sort != MAIL_SORT_FLAGGED &&
	                        !imap_conn_has(conn, IMAP_CAP_SORT);
	if (is_effort)
		rc = imap_effort_begin(listing, conn, order, err);
	else
		imap_conn_be_patient(conn);
	if (rc == ERR_OK && query->search != NULL &&
	    query->search->needs_structures)
		rc = imap_search_attached(conn, listing->mail->arena, &what,
		    &listing->out->unlooked, err);
	if (rc != ERR_OK)
		return rc;
	listing->found = &found;
	listing->search = &what;
	rc = sort_run(listing, conn, err);
	listing->found = NULL;
	listing->search = NULL;
	return is_effort ? imap_effort_end(listing, conn, order, rc) : rc;
}
