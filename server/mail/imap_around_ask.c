#include "base/limits.h"
#include "base/num.h"
#include "mail/account.h"
#include "mail/imap_around.h"
#include "mail/imap_effort.h"
#include "mail/imap_etpan.h"
#include "mail/imap_structure.h"
#include "os/clock.h"

#define ASK_NEAR 300u /* UIDs before the message */

/* ---- questions ---- */
static void
ask_key(
    struct imap_writer *writer, const char *field, struct str id, size_t *left)
{
	if (*left > 1)
		imap_write_raw(writer, " OR");
	(*left)--;
	imap_write_raw(writer, " HEADER ");
	imap_write_raw(writer, field);
	imap_write_raw(writer, " ");
	imap_write_string(writer, id);
}

/*
 * All that this message answers, by their own ids; and what answers it, its
 * parent or the first of the thread: whoever answers further down names the
 * first, too (RFC 5322, 3.6.4).
 */
static void
ask_thread(const struct around_side *side, struct imap_writer *writer)
{
	size_t named = side->id_count < 3 ? side->id_count : 3;
	size_t left = side->id_count + 2 * named;

	for (size_t i = 0; i < side->id_count; i++)
		ask_key(writer, "MESSAGE-ID", side->ids[i], &left);
	for (size_t i = 0; i < named; i++) {
		ask_key(writer, "REFERENCES", side->ids[i], &left);
		ask_key(writer, "IN-REPLY-TO", side->ids[i], &left);
	}
}

static void
ask_sender(const struct around_side *side, struct imap_writer *writer)
{
	imap_write_raw(writer, side->is_sent ? " OR TO " : " FROM ");
	imap_write_string(writer, side->sender);
	if (side->is_sent) {
		imap_write_raw(writer, " CC ");
		imap_write_string(writer, side->sender);
	} else {
		imap_write_raw(writer, " UID ");
		imap_write_number(writer, side->low_uid);
		imap_write_raw(writer, ":");
		imap_write_number(writer, side->high_uid);
	}
}

static void
ask_search(struct imap_batch *batch, const char *wanted)
{
	imap_write_begin(&batch->writer, "UID SEARCH");
	if (imap_conn_has(batch->conn, IMAP_CAP_ESEARCH))
		imap_write_raw(&batch->writer, wanted);
}

/* ---- answers ---- */
/* Which command a line belongs to: its TAG, or the one being answered. */
static uint32_t
ask_command(const struct around_side *side, const struct imap_tokens *tokens)
{
	struct str tag = imap_token_str(tokens, 2);
	uint32_t number = 0;

	if (!imap_token_is_list(tokens, 0) || !str_starts(tag, STR("i")) ||
	    num_u32(str_slice(tag, 1, tag.len), 0, UINT32_MAX, &number, NULL) !=
	        ERR_OK)
		return side->done;
	return number - side->first_tag;
}

static int
ask_rising(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left > *right) - (*left < *right);
}

struct ask_listener {
	struct around_side *side;
	struct imap_batch *batch;
	bool has_thread; /* command 0 looks for the conversation */
	struct imap_thread_maker maker; /* of all that are told */
};

/* Here it counts for later messages only; in what was sent, for all. */
static void
ask_found_sender(struct around_side *side, uint64_t uid)
{
	struct account *account = side->mail->account;
	struct account_letter letter =
	    imap_around_letter(side, side->is_sent ? 0 : (uint32_t)uid);

	side->is_sender_known = true;
	if (uid != 0 && uid <= UINT32_MAX)
		account_senders_note(&account->senders, &letter);
}

static void
ask_found(struct ask_listener *listener, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct around_side *side = listener->side;
	struct imap_found sender = {0};
	struct imap_tokens tokens = {0};
	uint32_t command;

	side->done = (uint32_t)listener->batch->done_count;
	if (str_eq_nocase(response->name, STR("ESEARCH")))
		tokens = imap_read_tokens(reader, response);
	command = ask_command(side, &tokens);
	if (listener->has_thread && command == 0) {
		imap_found_add(
		    &side->found, side->mail->arena, reader, response);
		return;
	}
	for (uint32_t at = 0; at + 1 < tokens.count; at++) {
		if (imap_token_is(&tokens, at, STR("MIN")))
			ask_found_sender(side, imap_token_u64(&tokens, at + 1));
	}
	if (str_eq_nocase(response->name, STR("SEARCH"))) {
		imap_found_add(&sender, side->mail->arena, reader, response);
		if (sender.total > 0)
			ask_found_sender(side, sender.ranges[0].first);
	}
}

/* "* 7 FETCH (UID 9)" of the last message. */
static void
ask_top(struct ask_listener *listener, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct imap_item item;

	if (response->number == listener->batch->conn->exists &&
	    imap_item_parse(&tokens, &item) && item.uid != 0)
		listener->side->top_uid = item.uid;
}

static enum err_code
ask_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct ask_listener *listener = ctx;

	if (str_eq_nocase(response->name, STR("THREAD"))) {
		imap_threads_read(&listener->batch->conn->threads,
		    listener->batch->conn->changes, response->rest);
		imap_thread_told(&listener->maker, response->rest);
	}
	if (str_eq_nocase(response->name, STR("FETCH")))
		ask_top(listener, reader, response);
	if (str_eq_nocase(response->name, STR("SEARCH")) ||
	    str_eq_nocase(response->name, STR("ESEARCH")))
		ask_found(listener, reader, response);
	return imap_arena_check(listener->side->mail->arena, err);
}

static enum err_code
ask_row(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct around_side *side = ctx;
	struct arena *arena = side->mail->arena;
	struct imap_tokens tokens;
	struct imap_item item;
	struct around_row *row = &side->rows[side->row_count];

	if (!str_eq_nocase(response->name, STR("FETCH")) ||
	    side->row_count == LIMIT_THREAD_ROWS)
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (!imap_item_parse(&tokens, &item) || item.envelope == 0 ||
	    item.uid == 0)
		return ERR_OK;
	*row = (struct around_row){.row = {.folder = side->folder,
	                               .uid_validity = side->uid_validity,
	                               .is_this = item.uid == side->uid}};
	row->row.row = (struct mail_row){.uid = item.uid,
	    .flags = item.flags,
	    .arrived_s = item.arrived_s,
	    .bytes = item.bytes};
	imap_item_row(&tokens, item.envelope, arena, &row->row.row);
	row->row.row.has_attachment =
	    item.structure != 0 &&
	    imap_structure_has_attachment(&tokens, item.structure);
	row->message_id =
	    str_dup(arena, imap_item_message_id(&tokens, item.envelope));
	side->row_count++;
	return imap_arena_check(arena, err);
}

/* ---- a folder ---- */
/* How the conversation is looked for. */
enum ask_how {
	ASK_NOT,
	ASK_HEADERS, /* its ids in all headers */
	/*
	 * Dovecot keeps the threads of a folder: asking for one costs an eighth
	 * of that, and asking for all of them as much as for one.
	 */
	ASK_IN_THREAD,
	ASK_THREADS
};

/* Where THREAD of the list was, INTHREAD is: both make all threads. */
static bool
ask_is_too_much(const struct around_side *side)
{
	uint64_t key = account_slow_key(side->wire, IMAP_EFFORT_THREAD);

	return account_slow_find(&side->mail->account->slow, key,
	           clock_mono_ms()) != MAIL_SETBACK_NONE;
}

static enum ask_how
ask_how(const struct around_side *side, const struct imap_conn *conn)
{
	if (side->id_count == 0)
		return ASK_NOT;
	if (side->uid == 0 || !imap_conn_has(conn, IMAP_CAP_THREAD_REFS) ||
	    ask_is_too_much(side))
		return ASK_HEADERS;
	return conn->exists > IMAP_THREADS_MOST ? ASK_IN_THREAD : ASK_THREADS;
}

static void
ask_write(
    const struct around_side *side, struct imap_batch *batch, enum ask_how how)
{
	if (how == ASK_THREADS) {
		imap_write_begin(
		    &batch->writer, "UID THREAD REFS US-ASCII ALL");
		imap_write_end(&batch->writer);
	} else if (how != ASK_NOT) {
		ask_search(batch, " RETURN (ALL)");
		if (how == ASK_HEADERS)
			ask_thread(side, &batch->writer);
		else
			imap_write_raw(&batch->writer, " INTHREAD REFS UID ");
		if (how == ASK_IN_THREAD)
			imap_write_number(&batch->writer, side->uid);
		imap_write_end(&batch->writer);
	}
	if (side->sender.len > 0) {
		ask_search(batch, " RETURN (MIN)");
		ask_sender(side, &batch->writer);
		imap_write_end(&batch->writer);
	}
}

/* What the connection knows of the conversation, as if it had been found. */
static void
ask_known(struct around_side *side, struct imap_conn *conn)
{
	struct arena *arena = side->mail->arena;
	uint32_t *uids = NULL;
	size_t count =
	    imap_threads_find(&conn->threads, side->uid, arena, &uids);

	side->found = (struct imap_found){
	    .ranges = ARENA_ARRAY(arena, count, struct imap_range),
	    .total = (uint32_t)count};
	for (size_t i = 0; side->found.ranges != NULL && i < count; i++)
		side->found.ranges[side->found.count++] =
		    (struct imap_range){uids[i], uids[i]};
}

/* The search for the sender is the last of them. */
static void
ask_heed(struct around_side *side, const struct imap_batch *batch)
{
	if (side->sender.len > 0 &&
	    !imap_batch_is_ok(batch, batch->writer.command_count - 1))
		side->is_sender_refused = true;
}

static enum err_code
ask_search_folder(
    struct around_side *side, struct imap_conn *conn, struct err *err)
{
	struct imap_threads *threads = &conn->threads;
	enum ask_how how = ask_how(side, conn);
	bool is_known = how == ASK_THREADS && threads->is_known &&
	                threads->changes == conn->changes;
	struct imap_batch batch;
	struct ask_listener listener = {.side = side,
	    .batch = &batch,
	    .has_thread = how != ASK_NOT && !is_known,
	    .maker = {.arena = side->mail->arena}};
	enum err_code rc = ERR_OK;
	bool is_refused;

	imap_batch_init(&batch, conn, ask_untagged, &listener);
	side->first_tag = batch.writer.first_tag;
	ask_write(side, &batch, is_known ? ASK_NOT : how);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, side->mail->arena, err);
	is_refused = rc == ERR_OK && how >= ASK_IN_THREAD &&
	             listener.has_thread && !imap_batch_is_ok(&batch, 0);
	if (rc == ERR_OK)
		ask_heed(side, &batch);
	imap_batch_end(&batch);
	/* The connection may have to open another folder. */
	if (rc == ERR_OK && listener.has_thread && threads->is_known &&
	    threads->changes == conn->changes)
		imap_thread_order_note(
		    side->mail, side->wire, conn, &listener.maker);
	if (rc == ERR_OK && how == ASK_THREADS && threads->is_known)
		ask_known(side, conn);
	if (!is_refused)
		return rc;
	conn->lacks |= IMAP_CAP_THREAD_REFS;
	return ask_search_folder(side, conn, err);
}

/* ---- kept conversations ---- */
static void
ask_take_kept(struct around_side *side)
{
	const uint32_t *uids = NULL;
	size_t count = imap_thread_order_around(&side->order, side->uid, &uids);
	uint32_t *own = ARENA_ARRAY(side->mail->arena, count, uint32_t);

	side->is_kept = count > 0 && own != NULL;
	if (!side->is_kept)
		return;
	memcpy(own, uids, count * sizeof(*own));
	qsort(own, count, sizeof(*own), ask_rising);
	side->found = (struct imap_found){
	    .ranges = ARENA_ARRAY(side->mail->arena, count, struct imap_range),
	    .total = (uint32_t)count};
	for (size_t i = 0; side->found.ranges != NULL && i < count; i++)
		side->found.ranges[side->found.count++] =
		    (struct imap_range){own[i], own[i]};
}

/*
 * A list by conversation keeps them all. They are true while the folder has as
 * many messages and the same newest one (imap_thread_order.h), which is asked
 * for beside the sender.
 */
static enum err_code
ask_kept(struct around_side *side, struct imap_conn *conn, struct err *err)
{
	uint64_t changes = conn->changes;
	struct imap_batch batch;
	struct ask_listener listener = {.side = side, .batch = &batch};
	bool is_known =
	    conn->threads.is_known && conn->threads.changes == conn->changes;
	enum err_code rc;

	if (side->id_count == 0 || side->order.thread_count == 0 || is_known ||
	    side->order.exists != conn->exists ||
	    !imap_conn_has(conn, IMAP_CAP_THREAD_REFS) ||
	    !imap_conn_has(conn, IMAP_CAP_ESEARCH))
		return ERR_OK;
	if (side->sender.len == 0 && conn->top_changes == changes &&
	    conn->top_uid == side->order.top_uid) {
		ask_take_kept(side);
		return ERR_OK;
	}
	imap_batch_init(&batch, conn, ask_untagged, &listener);
	side->first_tag = batch.writer.first_tag;
	imap_write_begin(&batch.writer, "UID FETCH * (UID)");
	imap_write_end(&batch.writer);
	ask_write(side, &batch, ASK_NOT);
	rc = imap_batch_run(&batch, side->mail->arena, err);
	if (rc == ERR_OK)
		ask_heed(side, &batch);
	imap_batch_end(&batch);
	if (side->is_sender_known)
		side->sender = (struct str){0};
	if (rc != ERR_OK || conn->changes != changes)
		return rc;
	conn->top_uid = side->top_uid;
	conn->top_changes = changes;
	if (side->top_uid == side->order.top_uid)
		ask_take_kept(side);
	return ERR_OK;
}

struct account_letter
imap_around_letter(const struct around_side *side, uint32_t uid)
{
	return (struct account_letter){.folder = side->wire,
	    .uid_validity = side->uid_validity,
	    .uid = uid,
	    .address = side->sender};
}

/* A sender whose earlier message was seen before needs no search. */
static void
ask_recall(struct around_side *side)
{
	struct account_letter letter =
	    imap_around_letter(side, side->is_sent ? UINT32_MAX : side->uid);

	if (side->sender.len == 0)
		return;
	if (account_senders_has_older(&side->mail->account->senders, &letter))
		side->is_sender_known = true;
	else if (side->is_sent || !imap_around_is_first(side))
		return;
	side->sender = (struct str){0};
}

/* Whoever writes often is found near by; else all before it is searched. */
static void
ask_near(struct around_side *side)
{
	if (side->is_sent || side->uid <= 1)
		return;
	side->high_uid = side->uid - 1;
	side->low_uid = side->uid > ASK_NEAR ? side->uid - ASK_NEAR : 1;
}

/* Only the sender is asked for. */
static enum err_code
ask_search_sender(
    struct around_side *side, struct imap_conn *conn, struct err *err)
{
	struct imap_found found = side->found;
	size_t id_count = side->id_count;
	enum err_code rc;

	side->id_count = 0;
	rc = ask_search_folder(side, conn, err);
	side->id_count = id_count;
	side->found = found;
	return rc;
}

/*
 * Both at once; but without ESEARCH nothing says which of two searches an
 * answer is of, and Dovecot does not keep their order.
 */
static enum err_code
ask_search_both(
    struct around_side *side, struct imap_conn *conn, struct err *err)
{
	struct str sender = side->sender;
	enum err_code rc;

	if (imap_conn_has(conn, IMAP_CAP_ESEARCH))
		return ask_search_folder(side, conn, err);
	side->sender = (struct str){0};
	rc = ask_search_folder(side, conn, err);
	side->sender = sender;
	if (rc != ERR_OK)
		return rc;
	return ask_search_sender(side, conn, err);
}

static enum err_code
ask_far(struct around_side *side, struct imap_conn *conn, struct err *err)
{
	if (side->is_sender_known || side->sender.len == 0 ||
	    side->low_uid <= 1)
		return ERR_OK;
	side->high_uid = side->low_uid - 1;
	side->low_uid = 1;
	return ask_search_sender(side, conn, err);
}

/* The newest that were found. */
static void
ask_choose(struct around_side *side)
{
	struct imap_found *found = &side->found;

	found->is_rising = true;
	side->is_cut = found->total > LIMIT_THREAD_ROWS;
	side->uid_count =
	    imap_found_page(found, true, 0, LIMIT_THREAD_ROWS, side->uids);
}

static enum err_code
ask_fetch_rows(
    struct around_side *side, struct imap_conn *conn, struct err *err)
{
	bool is_alone = side->uid_count == 1 && side->uids[0] == side->uid;
	struct imap_batch batch;
	enum err_code rc;

	if (side->uid_count == 0 || is_alone)
		return ERR_OK;
	imap_batch_init(&batch, conn, ask_row, side);
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_set(&batch.writer, side->uids, side->uid_count);
	imap_listing_fetch_items(&batch.writer);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, side->mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

/* Which messages belong to it, and whether the sender is known. */
static enum err_code
ask_which(struct around_side *side, struct imap_conn *conn, struct err *err)
{
	enum err_code rc;

	ask_recall(side);
	ask_near(side);
	rc = ask_kept(side, conn, err);
	if (rc == ERR_OK && !side->is_kept && !side->only_kept)
		rc = ask_search_both(side, conn, err);
	ask_choose(side);
	if (rc == ERR_OK)
		rc = ask_far(side, conn, err);
	if (rc == ERR_OK && !side->is_sent && side->sender.len > 0 &&
	    !side->is_sender_known && !side->is_sender_refused)
		imap_around_note_first(side);
	return rc;
}

enum err_code
imap_around_ask(struct around_side *side, struct err *err)
{
	struct imap_conn *conn = NULL;
	enum err_code rc = account_take(side->mail, side->wire, &conn, err);

	if (rc != ERR_OK)
		return rc;
	ensure(conn != NULL);
	if (conn->wait.deadline_mono_ms > side->deadline_mono_ms)
		conn->wait.deadline_mono_ms = side->deadline_mono_ms;
	rc = imap_select(conn, side->wire, err);
	side->uid_validity = conn->uid_validity;
	side->exists = conn->exists;
	if (rc == ERR_OK && !side->is_recalled)
		rc = ask_which(side, conn, err);
	if (rc == ERR_OK)
		rc = ask_fetch_rows(side, conn, err);
	/* A search that goes on for minutes must not be waited for by others.
	 */
	account_give(conn);
	return rc;
}
