#include "mail/mail_jump.h"

#include <stdlib.h>

#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_search.h"
#include "mail/imap_thread_order.h"
#include "mail/search_value.h"

struct jump {
	struct mail *mail;
	const struct mail_query *query;
	int64_t day;
	struct str folder; /* as on the wire */
	struct imap_found found;
	uint32_t rank;
	enum mail_setback setback; /* of conversations */
};

static enum err_code
jump_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct jump *jump = ctx;

	imap_found_add(&jump->found, jump->mail->arena, reader, response);
	return imap_arena_check(jump->mail->arena, err);
}

/* How many stand before it. */
static void
jump_write(const struct jump *jump, const struct imap_search *what,
    struct imap_batch *batch)
{
	bool is_date = jump->query->sort == MAIL_SORT_DATE;
	struct imap_writer *writer = &batch->writer;

	imap_write_begin(writer, "UID SEARCH");
	/* "COUNT 7": no UIDs come. */
	if (jump->found.is_page)
		imap_write_raw(writer, " RETURN (COUNT)");
	else if (imap_conn_has(batch->conn, IMAP_CAP_ESEARCH))
		imap_write_raw(writer, " RETURN (ALL)");
	imap_search_charset(writer, what->search);
	if (jump->query->is_reversed)
		imap_search_day(
		    writer, is_date ? " SENTBEFORE " : " BEFORE ", jump->day);
	else
		imap_search_day(
		    writer, is_date ? " SENTSINCE " : " SINCE ", jump->day + 1);
	imap_search_write(writer, what);
	imap_write_end(writer);
}

static enum err_code
jump_ask_once(struct jump *jump, struct imap_conn *conn,
    const struct imap_search *what, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, jump_untagged, jump);
	jump_write(jump, what, &batch);
	rc = imap_batch_run(&batch, jump->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

/* Once more when news came behind the answer: the page will show them. */
static enum err_code
jump_ask(struct jump *jump, struct imap_conn *conn,
    const struct imap_search *what, struct err *err)
{
	const struct imap_found none = jump->found;
	uint64_t changes = conn->changes;
	enum err_code rc = jump_ask_once(jump, conn, what, err);

	if (rc != ERR_OK || conn->changes == changes)
		return rc;
	jump->found = none;
	return jump_ask_once(jump, conn, what, err);
}

static enum err_code
jump_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct jump *jump = ctx;
	const struct mail_search *search = jump->query->search;
	struct imap_search what = {.search = search};
	uint32_t unlooked = 0;
	enum err_code rc = imap_select(conn, jump->folder, err);

	if (rc == ERR_OK && search != NULL && search->needs_structures)
		rc = imap_search_attached(
		    conn, jump->mail->arena, &what, &unlooked, err);
	if (rc != ERR_OK)
		return rc;
	jump->found = (struct imap_found){
	    .is_page = imap_conn_has(conn, IMAP_CAP_ESEARCH)};
	rc = jump_ask(jump, conn, &what, err);
	jump->rank = jump->found.total;
	return rc;
}

/* ---- conversations ---- */
static int
jump_by_first(const void *a, const void *b)
{
	const struct imap_range *left = a;
	const struct imap_range *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

/* The ranges rise, and so does from where they are looked at. */
static uint32_t
jump_count(struct imap_found *found, const struct imap_thread_order *order)
{
	const uint32_t *top = order->uids + order->uid_count;
	uint32_t count = 0;
	size_t at = 0;

	for (size_t i = 0; i < found->count; i++) {
		struct imap_range *range = &found->ranges[i];
		uint32_t first = range->first;

		if (range->last < first)
			*range = (struct imap_range){range->last, first};
	}
	if (found->count > 1)
		qsort(found->ranges, found->count, sizeof(*found->ranges),
		    jump_by_first);
	for (uint32_t i = order->thread_count; i > 0; i--) {
		top -= order->sizes[i - 1];
		while (at < found->count && found->ranges[at].last < *top)
			at++;
		count += at < found->count && found->ranges[at].first <= *top;
	}
	return count;
}

static enum err_code
jump_step_conversation(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct jump *jump = ctx;
	const struct imap_search what = {0};
	struct mail_list plain = {0};
	struct imap_listing listing = {.mail = jump->mail,
	    .query = jump->query,
	    .folder = jump->folder,
	    .out = &plain};
	struct imap_thread_order order = {0};
	enum err_code rc = imap_select(conn, jump->folder, err);

	jump->rank = 0;
	jump->found = (struct imap_found){0};
	/* First the day: it brings news of the folder. */
	if (rc == ERR_OK)
		rc = jump_ask(jump, conn, &what, err);
	if (rc == ERR_OK && conn->exists > 0 &&
	    !imap_thread_order_find(&listing, conn, &order))
		rc = imap_thread_order_make(&listing, conn, false, &order, err);
	jump->setback = listing.setback;
	if (rc == ERR_OK && order.thread_count > 0)
		jump->rank = jump_count(&jump->found, &order);
	return rc;
}

/* ---- the calls ---- */
static enum err_code
jump_run(struct jump *jump, account_step_fn *step, uint32_t *out_rank,
    struct err *err)
{
	enum err_code rc = imap_folder_wire(
	    jump->mail, jump->query->folder, &jump->folder, err);

	*out_rank = 0;
	if (rc == ERR_OK)
		rc = account_run(
		    jump->mail, jump->folder, true, step, jump, err);
	if (rc == ERR_OK)
		*out_rank = jump->rank;
	return rc;
}

enum err_code
mail_jump(struct mail *mail, const struct mail_query *query, int64_t day,
    uint32_t *out_rank, struct err *err)
{
	struct jump jump = {.mail = mail, .query = query, .day = day};

	return jump_run(&jump, jump_step, out_rank, err);
}

enum err_code
mail_jump_conversation(struct mail *mail, const struct mail_query *query,
    int64_t day, uint32_t *out_rank, struct err *err)
{
	struct jump jump = {.mail = mail, .query = query, .day = day};
	enum err_code rc =
	    jump_run(&jump, jump_step_conversation, out_rank, err);

	/* As the list does it: from headers, else the messages themselves. */
	if (rc == ERR_AWAY && jump.setback == MAIL_SETBACK_LOST)
		rc = jump_run(&jump, jump_step_conversation, out_rank, err);
	if (rc == ERR_AWAY && jump.setback != MAIL_SETBACK_NONE)
		rc = mail_jump(mail, query, day, out_rank, err);
	return rc;
}

bool
mail_jump_day(struct str typed, int64_t today, int64_t *out_day)
{
	return search_value_date(str_trim(typed), today, out_day);
}
