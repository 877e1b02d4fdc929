#include "mail/imap_list.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_structure.h"

/* A folder that changes under us all the time is shown as it was. */
#define LIST_ROUNDS 3u

enum err_code
imap_listing_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_listing *listing = ctx;

	/* Dovecot's word when it cannot look what others did. */
	if (response->status == IMAP_NO)
		listing->is_doubtful = true;
	if (str_eq_nocase(response->name, STR("FETCH")))
		imap_listing_take(listing, reader, response);
	else if (listing->on_thread != NULL &&
	         str_eq_nocase(response->name, STR("THREAD")))
		listing->on_thread(listing, response->rest);
	else if (!imap_folders_untagged(&listing->folders, reader, response) &&
	         listing->found != NULL)
		imap_found_add(
		    listing->found, listing->mail->arena, reader, response);
	return imap_arena_check(listing->mail->arena, err);
}

/* How old the counts of other folders may be: 0 when somebody wants to see. */
static int64_t
listing_counts_ms(
    const struct imap_listing *listing, const struct imap_conn *conn)
{
	if (listing->mail->wants_now)
		return 0;
	return atomic_load(&conn->account->owner->folder_counts_ms);
}

void
imap_listing_ask_folders(struct imap_listing *listing, struct imap_batch *batch)
{
	if (listing->out_folders != NULL)
		imap_folders_known_ask(&listing->folders, batch,
		    listing->folder, listing_counts_ms(listing, batch->conn));
}

static enum err_code
listing_ask_anew(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, imap_listing_untagged, listing);
	imap_folders_known_ask_anew(&listing->folders, &batch);
	rc = imap_batch_run(&batch, listing->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_folders_need(&listing->folders, &batch, err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
imap_listing_folders(
    struct imap_listing *listing, struct imap_conn *conn, struct err *err)
{
	enum err_code rc = ERR_OK;

	listing->folders.is_last = true;
	if (listing->out_folders != NULL &&
	    !imap_folders_is_complete(&listing->folders))
		rc = imap_folders_count(&listing->folders, conn, err);
	if (rc == ERR_OK && listing->out_quota != NULL && !conn->is_spent) {
		rc = imap_folders_quota_look(&listing->folders, conn,
		    imap_listing_untagged, listing, listing->folder, err);
		*listing->out_quota = listing->folders.quota;
	}
	if (rc != ERR_OK || listing->out_folders == NULL)
		return rc;
	imap_folders_known_keep(&listing->folders, conn);
	imap_folders_known_told(&listing->folders, conn, listing->folder);
	return imap_folders_result(
	    &listing->folders, listing->out_folders, err);
}

uint32_t
imap_listing_first(uint32_t first, uint32_t count, uint32_t total)
{
	if (first < total)
		return first;
	return total == 0 ? 0 : (total - 1) / count * count;
}

/* ---- arrival order: sequence numbers are ranks ---- */
/*
 * What others did; behind FETCH, so that nothing shifts the numbers it names.
 * Dovecot looks with each UID FETCH, too, and tells all of it. A NOOP behind
 * the first FETCH of messages goes through the whole maildir there, because of
 * what FETCH wrote into its index: 2 ms for each 10,000 messages.
 */
static void
list_ask_news(const struct imap_listing *listing, struct imap_batch *batch)
{
	bool is_light = listing->asks_whole &&
	                imap_conn_has(batch->conn, IMAP_CAP_THREAD_REFS);

	imap_write_begin(
	    &batch->writer, is_light ? "UID FETCH * (UID)" : "NOOP");
	imap_write_end(&batch->writer);
}

static enum err_code
list_round(struct imap_listing *listing, struct imap_conn *conn,
    bool with_folders, bool with_noop, struct err *err)
{
	const struct mail_query *query = listing->query;
	uint32_t total = conn->exists;
	uint32_t first =
	    imap_listing_first(query->first, query->row_count, total);
	uint32_t count =
	    total - first < query->row_count ? total - first : query->row_count;
	uint64_t changes = conn->changes;
	struct imap_batch batch;
	size_t fetches;
	enum err_code rc = imap_listing_reset(listing, count, err);

	if (rc != ERR_OK)
		return rc;
	listing->low =
	    query->is_reversed ? first + 1 : total - first - count + 1;
	listing->out->total = total;
	listing->out->first = first;
	imap_batch_init(&batch, conn, imap_listing_untagged, listing);
	fetches = imap_listing_ask_rows(listing, &batch);
	if (with_noop)
		list_ask_news(listing, &batch);
	if (with_folders)
		imap_listing_ask_folders(listing, &batch);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, listing->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_listing_came(listing, &batch, fetches, changes, err);
	imap_batch_end(&batch);
	return rc;
}

/* Rows that came, in the order people want. */
static void
list_collect(struct imap_listing *listing, bool is_turned)
{
	struct mail_row *rows = listing->rows;
	size_t count = 0;

	for (size_t i = 0; i < listing->row_room; i++) {
		if (rows[i].uid != 0 && !listing->marks[i].is_bare)
			rows[count++] = rows[i];
	}
	for (size_t i = 0; is_turned && i < count / 2; i++) {
		struct mail_row held = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = held;
	}
	listing->out->rows = rows;
	listing->out->row_count = count;
}

static enum err_code
list_arrival(struct imap_listing *listing, struct imap_conn *conn,
    bool was_open, struct err *err)
{
	for (unsigned round = 0;; round++) {
		uint64_t changes = conn->changes;
		enum err_code rc;

		listing->is_plain =
		    listing->bare_count > 0 || round + 1 == LIST_ROUNDS;
		rc = list_round(
		    listing, conn, round == 0, was_open && round == 0, err);
		/* Nothing that FETCH names may be told to be gone. */
		if (rc == ERR_OK && listing->is_short)
			rc = imap_noop(conn, err);
		if (rc != ERR_OK)
			return rc;
		if ((conn->changes == changes && listing->bare_count == 0) ||
		    round + 1 == LIST_ROUNDS)
			break;
	}
	list_collect(listing, !listing->query->is_reversed);
	return ERR_OK;
}

/* ---- the call ---- */
/*
 * Dovecot answers a STATUS behind a NOOP in the same batch before it looks
 * what others did in the open folder.
 */
enum err_code
imap_listing_recount(struct imap_listing *listing, struct imap_conn *conn,
    uint64_t changes, struct err *err)
{
	if (imap_folders_known_is_wrong(&listing->folders, listing->folder))
		return listing_ask_anew(listing, conn, err);
	if (!(listing->folders.has_status || listing->folders.is_kept) ||
	    (!listing->has_news && conn->changes == changes))
		return ERR_OK;
	return imap_folders_recount(
	    &listing->folders, conn, listing->folder, err);
}

/* Who wrote to this folder: asked for when a message is shown. */
static void
list_note_senders(const struct imap_listing *listing)
{
	const struct mail_list *list = listing->out;

	for (size_t i = 0; i < list->row_count; i++) {
		const struct account_letter letter = {.folder = listing->folder,
		    .uid_validity = list->uid_validity,
		    .uid = list->rows[i].uid,
		    .address = list->rows[i].from.address.s};

		account_senders_note(&listing->mail->account->senders, &letter);
	}
}

static enum err_code
list_once(struct imap_listing *listing, struct imap_conn *conn, bool was_open,
    struct err *err)
{
	const struct mail_query *query = listing->query;
	enum err_code rc = imap_select(conn, listing->folder, err);
	uint64_t changes = conn->changes;

	if (rc != ERR_OK)
		return rc;
	*listing->out = (struct mail_list){0};
	listing->has_news = false;
	listing->is_doubtful = false;
	listing->bare_count = 0;
	listing->wanted = NULL;
	listing->found = NULL;
	listing->on_item = NULL;
	listing->setback = MAIL_SETBACK_NONE;
	imap_folders_init(&listing->folders, listing->mail, conn);
	if (query->sort == MAIL_SORT_ARRIVAL && query->search == NULL)
		rc = list_arrival(listing, conn, was_open, err);
	else
		rc = imap_listing_sorted(listing, conn, err);
	if (rc == ERR_OK && listing->wanted != NULL)
		list_collect(listing, false);
	listing->out->uid_validity = conn->uid_validity;
	list_note_senders(listing);
	if (rc == ERR_OK)
		rc = imap_listing_recount(listing, conn, changes, err);
	return rc;
}

/*
 * What is told of the open folder adds up to what there is, or an EXPUNGE was
 * invented and the newest messages are not shown. Some servers count in a
 * STATUS what nobody may see: of these it is no sign.
 */
static bool
list_counts_otherwise(
    struct imap_listing *listing, const struct imap_conn *conn)
{
	return !conn->counts_otherwise &&
	       imap_folders_counts_otherwise(
	           &listing->folders, listing->folder, conn->exists);
}

/*
 * The folder that is open may have been deleted and made anew, with its UIDs:
 * Dovecot says that it cannot look, or counts another one.
 */
bool
imap_listing_is_doubtful(
    struct imap_listing *listing, const struct imap_conn *conn)
{
	return listing->is_doubtful || conn->is_miscounted ||
	       list_counts_otherwise(listing, conn) ||
	       imap_folders_is_another(
	           &listing->folders, listing->folder, conn->uid_validity);
}

void
imap_listing_note_count(
    struct imap_listing *listing, struct imap_conn *conn, bool was_open)
{
	if (!list_counts_otherwise(listing, conn))
		return;
	if (was_open)
		conn->is_miscounted = true;
	else if (conn->changes == conn->selected_changes)
		conn->counts_otherwise = true;
}

static enum err_code
list_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct imap_listing *listing = ctx;
	bool was_open = conn->folder != NULL &&
	                str_eq(str_c(conn->folder), listing->folder);
	enum err_code rc = list_once(listing, conn, was_open, err);

	rc = imap_conn_was_patient(conn, rc, err);
	if (rc == ERR_OK && was_open &&
	    imap_listing_is_doubtful(listing, conn)) {
		imap_conn_deselect(conn);
		was_open = false;
		rc = list_once(listing, conn, false, err);
	}
	if (rc == ERR_OK)
		rc = imap_listing_folders(listing, conn, err);
	if (rc == ERR_OK)
		imap_listing_note_count(listing, conn, was_open);
	return rc;
}

/* A list is better than none. */
static enum err_code
list_as_it_came(struct imap_listing *failed, struct err *err)
{
	struct mail_query plain = *failed->query;
	struct imap_listing listing = {.mail = failed->mail,
	    .query = &plain,
	    .folder = failed->folder,
	    .out = failed->out,
	    .out_folders = failed->out_folders,
	    .out_quota = failed->out_quota};
	enum err_code rc;

	plain.sort = MAIL_SORT_ARRIVAL;
	plain.is_reversed = false;
	rc = account_run(
	    listing.mail, listing.folder, true, list_step, &listing, err);
	listing.out->setback = failed->setback;
	listing.out->is_own_order = failed->is_own_order;
	return rc;
}

enum err_code
mail_list(struct mail *mail, const struct mail_query *query,
    struct mail_list *out, struct mail_folders *out_folders,
    struct mail_quota *out_quota, struct err *err)
{
	struct imap_listing listing = {.mail = mail,
	    .query = query,
	    .out = out,
	    .out_folders = out_folders,
	    .out_quota = out_quota};
	enum err_code rc =
	    imap_folder_wire(mail, query->folder, &listing.folder, err);

	*out = (struct mail_list){0};
	if (out_quota != NULL)
		*out_quota = (struct mail_quota){0};
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	if (rc != ERR_OK)
		return rc;
	if (query->row_count == 0 || query->row_count > LIMIT_LIST_ROWS)
		return err_set(err, ERR_INPUT,
		    "A page of a list has between 1 and 500 rows.",
		    "mail: row count");
	rc = account_run(mail, listing.folder, true, list_step, &listing, err);
	if (rc == ERR_AWAY && listing.setback != MAIL_SETBACK_NONE)
		rc = list_as_it_came(&listing, err);
	return rc;
}

/* ---- only the folders ---- */
/*
 * A server may count the folder it has open as it was when it last looked
 * there. One that we know is looked at in the same trip, and counted once more
 * when that was news; another one (a search left it) is closed.
 */
static const char *
folders_look(struct imap_listing *listing, struct imap_conn *conn)
{
	if (conn->folder != NULL) {
		listing->folder =
		    str_dup(listing->mail->arena, str_c(conn->folder));
		return "NOOP";
	}
	if (!conn->has_view || !imap_conn_has(conn, IMAP_CAP_UNSELECT))
		return NULL;
	conn->has_view = false;
	return "UNSELECT";
}

static enum err_code
folders_ask(struct imap_listing *listing, struct imap_conn *conn,
    const char *look, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	imap_folders_init(&listing->folders, listing->mail, conn);
	imap_batch_init(&batch, conn, imap_listing_untagged, listing);
	if (look != NULL) {
		imap_write_begin(&batch.writer, look);
		imap_write_end(&batch.writer);
	}
	imap_folders_ask(&listing->folders, &batch);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, listing->mail->arena, err);
	if (rc == ERR_OK && look != NULL)
		rc = imap_batch_need(&batch, 0, "list the folders", err);
	if (rc == ERR_OK)
		rc = imap_folders_need(&listing->folders, &batch, err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
folders_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct imap_listing *listing = ctx;
	uint64_t changes = conn->changes;
	const char *look;
	enum err_code rc = ERR_OK;

	listing->folder = (struct str){0};
	listing->has_news = false;
	look = folders_look(listing, conn);
	if (look == NULL)
		rc = imap_conn_look(conn, err);
	if (rc == ERR_OK)
		rc = folders_ask(listing, conn, look, err);
	if (rc == ERR_OK && listing->folder.len > 0)
		rc = imap_listing_recount(listing, conn, changes, err);
	return rc == ERR_OK ? imap_listing_folders(listing, conn, err) : rc;
}

enum err_code
mail_folders(struct mail *mail, struct mail_folders *out, struct err *err)
{
	static const struct mail_query no_query = {.row_count = 1};
	struct imap_listing listing = {
	    .mail = mail, .query = &no_query, .out_folders = out};

	*out = (struct mail_folders){0};
	return account_run(
	    mail, (struct str){0}, true, folders_step, &listing, err);
}

const struct mail_folder *
mail_special_find(const struct mail *mail, const struct mail_folders *folders,
    enum mail_special special)
{
	(void)mail;
	for (size_t i = 0; i < folders->count; i++) {
		if (folders->list[i].special == special &&
		    folders->list[i].is_selectable)
			return &folders->list[i];
	}
	return NULL;
}
