#include "base/limits.h"
#include "mail/imap_search.h"

/* Without SORT we order this many messages ourselves, else by arrival. */
#define SORT_OWN_MOST 20000u

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

/* What our own ordering collects. */
struct sort_item {
	struct str text;
	int64_t number;
	uint32_t uid;
};
struct sort_items {
	struct sort_item *list;
	size_t count, capacity;
};

static void
sort_forget(struct imap_listing *listing)
{
	struct sort_items *items = listing->on_item_ctx;

	items->count = 0;
}

/* ---- one question; folders go with the first ---- */
typedef void sort_write_fn(
    struct imap_listing *listing, struct imap_batch *batch);

static enum err_code
sort_ask_once(struct imap_listing *listing, struct imap_conn *conn,
    sort_write_fn *write, bool with_folders, bool *out_is_bad, struct err *err)
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
static enum err_code
sort_ask(struct imap_listing *listing, struct imap_conn *conn,
    sort_write_fn *write, bool with_folders, bool *out_is_bad, struct err *err)
{
	const struct imap_found none = *listing->found;
	uint64_t changes = conn->changes;
	enum err_code rc =
	    sort_ask_once(listing, conn, write, with_folders, out_is_bad, err);

	if (rc != ERR_OK || !with_folders || *out_is_bad ||
	    conn->changes == changes)
		return rc;
	*listing->found = none;
	if (listing->on_item != NULL)
		sort_forget(listing);
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
		rc = sort_ask(
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

/* ---- our own ordering ---- */
/* "Re: Fwd: x" is ordered as "x". */
static struct str
sort_base(struct str subject)
{
	static const char *const prefixes[] = {"re:", "fwd:", "fw:", "aw:"};
	bool again = true;

	while (again) {
		again = false;
		subject = str_trim(subject);
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]);
		     i++) {
			struct str prefix = str_c(prefixes[i]);

			if (!str_starts_nocase(subject, prefix))
				continue;
			subject = str_slice(subject, prefix.len, subject.len);
			again = true;
		}
	}
	return subject;
}

static void
sort_take(struct imap_listing *listing, const struct imap_tokens *tokens,
    const struct imap_item *item)
{
	struct sort_items *items = listing->on_item_ctx;
	struct arena *arena = listing->mail->arena;
	struct sort_item one = {.uid = item->uid};
	struct mail_row row = {.arrived_s = item->arrived_s};
	struct sort_item *bigger;

	if (item->uid == 0 || items->count >= SORT_OWN_MOST)
		return;
	if (listing->query->sort == MAIL_SORT_SIZE) {
		one.number =
		    item->bytes > INT64_MAX ? INT64_MAX : (int64_t)item->bytes;
	} else if (item->envelope == 0) {
		return;
	} else {
		imap_item_row(tokens, item->envelope, arena, &row);
		one.number = row.date_s;
		if (listing->query->sort == MAIL_SORT_SUBJECT)
			one.text = str_lower(arena, sort_base(row.subject.s));
		else if (listing->query->sort == MAIL_SORT_FROM)
			one.text = str_lower(arena, row.from.name.s.len > 0
			                                ? row.from.name.s
			                                : row.from.address.s);
	}
	bigger = arena_grow(arena, items->list, items->count, &items->capacity,
	    sizeof(*items->list));
	if (bigger == NULL)
		return;
	items->list = bigger;
	items->list[items->count++] = one;
}

static int
sort_by_text(const void *a, const void *b)
{
	const struct sort_item *left = a;
	const struct sort_item *right = b;
	int order = str_compare(left->text, right->text);

	if (order != 0)
		return order;
	return (left->uid > right->uid) - (left->uid < right->uid);
}

static int
sort_by_number(const void *a, const void *b)
{
	const struct sort_item *left = a;
	const struct sort_item *right = b;

	if (left->number != right->number)
		return left->number > right->number ? -1 : 1;
	return (left->uid < right->uid) - (left->uid > right->uid);
}

static void
sort_write_keys(struct imap_listing *listing, struct imap_batch *batch)
{
	imap_write_begin(&batch->writer, "UID FETCH ");
	if (listing->found->count == 0)
		imap_write_raw(&batch->writer, "1:*");
	for (size_t i = 0; i < listing->found->count; i++) {
		const struct imap_range *range = &listing->found->ranges[i];

		if (i > 0)
			imap_write_raw(&batch->writer, ",");
		imap_write_number(&batch->writer, range->first);
		imap_write_raw(&batch->writer, ":");
		imap_write_number(&batch->writer, range->last);
	}
	imap_write_raw(&batch->writer, listing->query->sort == MAIL_SORT_SIZE
	                                   ? " (UID RFC822.SIZE)"
	                                   : " (UID INTERNALDATE ENVELOPE)");
	imap_write_end(&batch->writer);
}

/* All keys once, ordered here; *found becomes the result. */
static enum err_code
sort_by_own(struct imap_listing *listing, struct imap_conn *conn,
    bool with_folders, struct err *err)
{
	struct arena *arena = listing->mail->arena;
	struct imap_found *found = listing->found;
	struct sort_items items = {0};
	bool is_text = listing->query->sort == MAIL_SORT_FROM ||
	               listing->query->sort == MAIL_SORT_SUBJECT;
	bool is_bad = false;
	enum err_code rc;

	listing->on_item = sort_take;
	listing->on_item_ctx = &items;
	rc = sort_ask(
	    listing, conn, sort_write_keys, with_folders, &is_bad, err);
	listing->on_item = NULL;
	listing->on_item_ctx = NULL;
	if (rc != ERR_OK)
		return rc;
	if (items.count > 0)
		qsort(items.list, items.count, sizeof(*items.list),
		    is_text ? sort_by_text : sort_by_number);
	*found = (struct imap_found){.total = (uint32_t)items.count,
	    .ranges = ARENA_ARRAY(arena, items.count, struct imap_range),
	    .count = items.count};
	for (size_t i = 0; found->ranges != NULL && i < items.count; i++) {
		uint32_t uid =
		    items
		        .list[listing->query->is_reversed ? items.count - 1 - i
		                                          : i]
		        .uid;

		found->ranges[i] =
		    (struct imap_range){.first = uid, .last = uid};
	}
	return imap_arena_check(arena, err);
}

/* ---- rows of what was found ---- */
static enum err_code
sort_fetch(struct imap_listing *listing, struct imap_conn *conn, bool is_turned,
    struct err *err)
{
	const struct mail_query *query = listing->query;
	struct arena *arena = listing->mail->arena;
	uint64_t changes = conn->changes;
	struct imap_batch batch;
	size_t count;
	enum err_code rc;

	listing->wanted = ARENA_ARRAY(arena, query->row_count, uint32_t);
	if (listing->wanted == NULL)
		return imap_arena_check(arena, err);
	count = imap_found_page(listing->found, is_turned, listing->out->first,
	    query->row_count, listing->wanted);
	rc = imap_listing_reset(listing, count, err);
	if (rc != ERR_OK || count == 0)
		return rc;
	imap_batch_init(&batch, conn, imap_listing_untagged, listing);
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_set(&batch.writer, listing->wanted, count);
	imap_listing_fetch_items(&batch.writer);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, arena, err);
	if (rc == ERR_OK)
		rc = imap_listing_need_rows(listing, &batch, changes, err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
imap_listing_sorted(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	const struct mail_query *query = listing->query;
	bool has_words = query->search != NULL;
	bool is_arrival = query->sort == MAIL_SORT_ARRIVAL;
	bool is_own = !is_arrival && !imap_conn_has(conn, IMAP_CAP_SORT);
	bool needs_search = is_arrival || has_words || conn->exists == 0 ||
	                    conn->exists > SORT_OWN_MOST;
	bool is_bad = false;
	struct imap_found found = {0};
	struct imap_search what = {.search = query->search};
	enum err_code rc = ERR_OK;

	if (has_words && query->search->needs_structures)
		rc = imap_search_attached(conn, listing->mail->arena, &what,
		    &listing->out->unlooked, err);
	if (rc != ERR_OK)
		return rc;
	listing->found = &found;
	listing->search = &what;
	if (!is_arrival && !is_own) {
		rc = sort_by_server(listing, conn, err);
		if (rc == ERR_OK)
			rc = sort_fetch(listing, conn, false, err);
		listing->out->total = found.total;
		listing->found = NULL;
		listing->search = NULL;
		return rc;
	}
	if (needs_search)
		rc = sort_ask(
		    listing, conn, sort_write_search, true, &is_bad, err);
	if (needs_search && (found.total == 0 || found.total > SORT_OWN_MOST))
		is_own = false;
	if (rc == ERR_OK && is_own)
		rc = sort_by_own(listing, conn, !needs_search, err);
	listing->out->total = found.total;
	listing->out->first =
	    imap_listing_first(query->first, query->row_count, found.total);
	if (rc == ERR_OK)
		rc = sort_fetch(
		    listing, conn, !is_own && !query->is_reversed, err);
	listing->found = NULL;
	listing->search = NULL;
	return rc;
}
