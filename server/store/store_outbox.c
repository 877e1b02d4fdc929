#include "store/store_outbox.h"

#include "os/clock.h"
#include "store/store_pool.h"

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENDING == 1, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENT == 2, "in the SQL below");
_Static_assert(STORE_COMPOSE_UNSURE == 3, "in the SQL below");
_Static_assert(STORE_COMPOSE_WAITING == 4, "in the SQL below");

/* sent_count.slot: five minutes; so many make an hour. */
#define SLOT_S         300
#define SLOTS_PER_HOUR 12
/*
 * Whoever has a claim is done long before. Should noting how it ended fail
 * (a full disk), the row is free again after this; and should somebody still
 * work on it all the same, of two only one gets from SENDING to UNSURE.
 */
#define BUSY_S ((int64_t)45 * 60)

static const char SQL_TAKE[] =
    "UPDATE compose SET state = $1, message_id = $2, result = '', unseen = 0 "
    "WHERE account = $3 AND id = $4 AND state = 0";
static const char SQL_BYTES_SUM[] =
    "SELECT COALESCE(SUM(message_bytes + head_bytes), 0) FROM outbox "
    "WHERE account = $1";
static const char SQL_COUNT_SUM[] =
    "SELECT COALESCE(SUM(recipients), 0) FROM sent_count "
    "WHERE account = $1 AND slot > $2";
static const char SQL_COUNT_ADD[] =
    "INSERT INTO sent_count (account, slot, recipients) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, slot) DO UPDATE SET "
    "recipients = sent_count.recipients + excluded.recipients";
static const char SQL_COUNT_CLEAN[] =
    "DELETE FROM sent_count WHERE account = $1 AND slot <= $2 AND slot > 0";
/*
 * Two puts of one account come one after the other from here on, whatever the
 * database: each counts what the other one sends. Slot 0 counts nothing.
 */
static const char SQL_COUNT_LOCK[] =
    "INSERT INTO sent_count (account, slot, recipients) VALUES ($1, 0, 0) "
    "ON CONFLICT (account, slot) DO UPDATE SET recipients = 0";
static const char SQL_COUNT_BACK[] =
    "UPDATE sent_count SET recipients = recipients - "
    "(SELECT recipients FROM outbox WHERE id = $1) "
    "WHERE account = (SELECT account FROM outbox WHERE id = $2) "
    "AND slot = (SELECT created_s / 300 FROM outbox WHERE id = $3)";
static const char SQL_ADD[] =
    "INSERT INTO outbox (id, account, site, login, server, node, file, busy, "
    "sealed, envelope, head_bytes, message_bytes, recipients, tries, "
    "created_s, due_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
    "$12, $13, $14, $15, $16)";
/* As it was read: another date or another text may stand there by now. */
static const char SQL_BUSY[] =
    "UPDATE outbox SET busy = $1, tries = tries + 1 WHERE id = $2 "
    "AND busy < $3 AND due_ms = $4 AND file = $5";
static const char SQL_CLAIM[] =
    "UPDATE compose SET state = $1 WHERE id = $2 AND state = $3";
static const char SQL_SENT[] = "UPDATE compose SET state = 2, result = '' "
                               "WHERE id = $1 AND state IN (1, 3)";
static const char SQL_HOLD[] =
    "UPDATE outbox SET busy = $1 WHERE id = $2 AND busy = $3";
static const char SQL_JOURNAL[] =
    "UPDATE compose SET state = 3 WHERE id = $1 AND state = 1";
static const char SQL_FRESH[] =
    "UPDATE outbox SET tries = 1 WHERE id = $1 AND busy = $2";
static const char SQL_HAND_OVER[] = "UPDATE outbox SET tries = 0, busy = 0, "
                                    "due_ms = $1 WHERE id = $2 AND busy = $3";
static const char SQL_WAIT[] =
    "UPDATE compose SET state = 4 WHERE id = $1 AND state IN (1, 3)";
static const char SQL_DUE[] =
    "UPDATE outbox SET busy = 0, due_ms = $1 WHERE id = $2 AND busy = $3";
static const char SQL_NEVER[] =
    "UPDATE outbox SET busy = 0, due_ms = $1, sealed = '' WHERE id = $2 "
    "AND busy = $3";
static const char SQL_WORDS[] =
    "UPDATE compose SET result = $1, unseen = $2 WHERE id = $3";
static const char SQL_UNSURE[] =
    "UPDATE outbox SET busy = 0, sealed = '' WHERE id = $1 AND busy = $2";
/* By its worker, whatever it was doing; or by a person, whose it must be. */
static const char SQL_BACK[] =
    "UPDATE compose SET state = 0, result = $1, unseen = $2 "
    "WHERE id = $3 AND state IN (1, 3, 4)";
static const char SQL_TAKE_BACK[] =
    "UPDATE compose SET state = 0, result = '', unseen = 0 WHERE id = $1 "
    "AND account = $2 AND state IN (3, 4)";
static const char SQL_DELETE[] =
    "DELETE FROM outbox WHERE id = $1 AND busy = $2";
static const char SQL_DELETE_FREE[] =
    "DELETE FROM outbox WHERE id = $1 AND busy < $2";
static const char SQL_DONE[] =
    "UPDATE compose SET copied = $1, result = '', unseen = 0 WHERE id = $2";
static const char SQL_ARRIVED[] =
    "UPDATE compose SET state = 2, result = '', unseen = 0 WHERE id = $1 "
    "AND account = $2 AND state = 3";
static const char SQL_RESEAL[] =
    "UPDATE outbox SET busy = $1, tries = 1, sealed = $2, due_ms = $3 "
    "WHERE id = $4 AND busy < $5";
static const char SQL_SET_DUE[] =
    "UPDATE outbox SET due_ms = $1, tries = (SELECT CASE WHEN compose.state = "
    "2 THEN 1 ELSE 0 END FROM compose WHERE compose.id = outbox.id) "
    "WHERE account = $2 AND id = $3 "
    "AND busy < $4 AND EXISTS (SELECT 1 FROM compose "
    "WHERE compose.id = outbox.id AND compose.state IN (2, 4))";
static const char SQL_SEEN[] =
    "UPDATE compose SET unseen = 0 WHERE account = $1 AND id = $2 "
    "AND unseen = 1";
static const char SQL_SEEN_ALL[] =
    "UPDATE compose SET unseen = 0 WHERE account = $1 AND unseen = 1";
static int64_t
busy_until(void)
{
	return clock_now_s() + BUSY_S;
}

/* First column of the first row; 0 without one. */
static enum err_code
ask(struct sql_conn *conn, const char *sql, const struct sql_param *params,
    size_t count, uint64_t *out, struct err *err)
{
	struct sql_rows rows;
	int64_t number = 0;
	enum err_code rc = sql_query(conn, sql, params, count, &rows, err);

	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows))
		number = sql_rows_number(&rows);
	*out = number > 0 ? (uint64_t)number : 0;
	return sql_rows_end(&rows, NULL, err);
}

/* ---- put ----------------------------------------------------------------- */

static enum err_code
check_bytes(struct sql_conn *conn, const struct store_outbox *row,
    const struct store_outbox_limits *limits, struct err *err)
{
	uint64_t bytes = 0;
	enum err_code rc = ask(conn, SQL_BYTES_SUM,
	    SQL_PARAMS(SQL_TEXT(row->account)), &bytes, err);

	if (rc != ERR_OK)
		return rc;
	if (bytes + row->head_bytes + row->message_bytes <=
	    limits->waiting_bytes)
		return ERR_OK;
	return err_sayf(err, ERR_LIMIT,
	    "There is no room in your outbox: messages of %llu MB wait there, "
	    "and at most %llu MB may. Please send this one when some of them "
	    "have gone out. Nothing is lost.",
	    (unsigned long long)(bytes >> 20),
	    (unsigned long long)(limits->waiting_bytes >> 20));
}

static enum err_code
count_recipients(struct sql_conn *conn, const struct store_outbox *row,
    const struct store_outbox_limits *limits, struct err *err)
{
	int64_t slot = row->created_s / SLOT_S;
	uint64_t sent = 0;
	enum err_code rc = ask(conn, SQL_COUNT_SUM,
	    SQL_PARAMS(
	        SQL_TEXT(row->account), SQL_NUMBER(slot - SLOTS_PER_HOUR)),
	    &sent, err);

	if (rc == ERR_OK && limits->recipients_per_hour > 0 &&
	    sent + row->recipients > limits->recipients_per_hour)
		return err_sayf(err, ERR_LIMIT,
		    "You may write to %llu recipients within an hour: you "
		    "wrote to %llu, and this message has %llu. Please send it "
		    "later. Nothing is lost.",
		    (unsigned long long)limits->recipients_per_hour,
		    (unsigned long long)sent,
		    (unsigned long long)row->recipients);
	if (rc == ERR_OK)
		rc = sql_run(conn, SQL_COUNT_CLEAN,
		    SQL_PARAMS(SQL_TEXT(row->account),
		        SQL_NUMBER(slot - SLOTS_PER_HOUR)),
		    NULL, err);
	if (rc != ERR_OK)
		return rc;
	return sql_run(conn, SQL_COUNT_ADD,
	    SQL_PARAMS(SQL_TEXT(row->account), SQL_NUMBER(slot),
	        SQL_NUMBER(row->recipients)),
	    NULL, err);
}

static enum err_code
put(struct sql_conn *conn, struct store_outbox *row,
    const struct store_outbox_limits *limits, bool *out_won, struct err *err)
{
	bool is_busy = row->state == STORE_COMPOSE_SENDING;
	int64_t lease = is_busy ? busy_until() : 0;
	int64_t changed = 0;
	enum err_code rc = sql_run(conn, SQL_TAKE,
	    SQL_PARAMS(SQL_NUMBER(row->state), SQL_TEXT(row->message_id),
	        SQL_TEXT(row->account), SQL_TEXT(row->id)),
	    &changed, err);

	*out_won = rc == ERR_OK && changed == 1;
	if (rc != ERR_OK || !*out_won)
		return rc;
	row->lease = lease;
	rc = sql_run(conn, SQL_COUNT_LOCK, SQL_PARAMS(SQL_TEXT(row->account)),
	    NULL, err);
	if (rc == ERR_OK)
		rc = check_bytes(conn, row, limits, err);
	if (rc == ERR_OK)
		rc = count_recipients(conn, row, limits, err);
	if (rc != ERR_OK)
		return rc;
	return sql_run(conn, SQL_ADD,
	    SQL_PARAMS(SQL_TEXT(row->id), SQL_TEXT(row->account),
	        SQL_TEXT(row->site), SQL_TEXT(row->login),
	        SQL_TEXT(row->server), SQL_TEXT(row->node), SQL_TEXT(row->file),
	        SQL_NUMBER(lease), SQL_BYTES(row->sealed),
	        SQL_BYTES(row->envelope), SQL_NUMBER(row->head_bytes),
	        SQL_NUMBER(row->message_bytes), SQL_NUMBER(row->recipients),
	        SQL_NUMBER(is_busy ? 1 : 0), SQL_NUMBER(row->created_s),
	        SQL_NUMBER(row->due_ms)),
	    NULL, err);
}

enum err_code
store_outbox_put(struct store *store, struct store_outbox *row,
    const struct store_outbox_limits *limits, bool *out_won, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_won = false;
	if (rc != ERR_OK)
		return rc;
	rc = put(change.conn, row, limits, out_won, err);
	rc = store_pool_change_end(&change, rc, err);
	*out_won = *out_won && rc == ERR_OK;
	return rc;
}

/* ---- steps --------------------------------------------------------------- */

/* A statement of a step; `needs_one`: changed nothing means too late. */
struct step {
	const char *sql;
	const struct sql_param *params;
	size_t count;
	bool needs_one;
};

/* All of them or none; *out_won false: a needed one changed nothing. */
static enum err_code
run_steps(struct store *store, const struct step *steps, size_t count,
    bool *out_won, struct err *err)
{
	struct store_change change;
	bool won = true;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_won = false;
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		int64_t changed = 0;

		rc = sql_run(change.conn, steps[i].sql, steps[i].params,
		    steps[i].count, &changed, err);
		if (rc == ERR_OK && steps[i].needs_one && changed != 1) {
			won = false;
			rc = ERR_NOT_FOUND;
		}
	}
	rc = store_pool_change_end(&change, rc, err);
	if (!won && rc == ERR_NOT_FOUND)
		return ERR_OK;
	*out_won = rc == ERR_OK;
	return rc;
}

#define STEPS(list) (list), sizeof(list) / sizeof((list)[0])

/* For steps of who has the claim: losing one is our own mistake. */
static enum err_code
run_own(struct store *store, const struct step *steps, size_t count,
    struct err *err)
{
	bool won = false;
	enum err_code rc = run_steps(store, steps, count, &won, err);

	if (rc == ERR_OK && !won)
		rc = err_set(err, ERR_INTERNAL,
		    "The server could not note what became of the message.",
		    "store_outbox: not in the state it was left in");
	return rc;
}

enum err_code
store_outbox_claim(struct store *store, struct store_outbox *row, bool *out_won,
    struct err *err)
{
	int64_t lease = busy_until();
	enum err_code rc;
	bool is_sent = row->state == STORE_COMPOSE_SENT;
	int to = is_sent ? STORE_COMPOSE_SENT : STORE_COMPOSE_SENDING;
	const struct step steps[] = {
	    {SQL_BUSY,
	        SQL_PARAMS(SQL_NUMBER(lease), SQL_TEXT(row->id),
	            SQL_NUMBER(clock_now_s()), SQL_NUMBER(row->due_ms),
	            SQL_TEXT(row->file)),
	        true},
	    {SQL_CLAIM,
	        SQL_PARAMS(
	            SQL_NUMBER(to), SQL_TEXT(row->id), SQL_NUMBER(row->state)),
	        true},
	};

	rc = run_steps(store, STEPS(steps), out_won, err);
	if (*out_won)
		row->lease = lease;
	return rc;
}

enum err_code
store_outbox_journal(struct store *store, struct str id, int64_t lease,
    bool *out_won, struct err *err)
{
	const struct step steps[] = {
	    {SQL_HOLD,
	        SQL_PARAMS(SQL_NUMBER(lease), SQL_TEXT(id), SQL_NUMBER(lease)),
	        true},
	    {SQL_JOURNAL, SQL_PARAMS(SQL_TEXT(id)), true},
	};

	return run_steps(store, STEPS(steps), out_won, err);
}

enum err_code
store_outbox_sent(struct store *store, struct str id, int64_t lease,
    int64_t copy_ms, struct err *err)
{
	const struct step fresh = {
	    SQL_FRESH, SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(lease)), true};
	const struct step hand_over = {SQL_HAND_OVER,
	    SQL_PARAMS(SQL_NUMBER(copy_ms), SQL_TEXT(id), SQL_NUMBER(lease)),
	    true};
	const struct step steps[] = {
	    copy_ms == 0 ? fresh : hand_over,
	    {SQL_SENT, SQL_PARAMS(SQL_TEXT(id)), true},
	};

	return run_own(store, STEPS(steps), err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_outbox_later(struct store *store, struct str id, int64_t lease,
    int64_t due_ms, struct str words, bool unseen, struct err *err)
{
	/* Never by itself: it needs no credential. */
	const char *due = due_ms == INT64_MAX ? SQL_NEVER : SQL_DUE;
	const struct step steps[] = {
	    {due,
	        SQL_PARAMS(SQL_NUMBER(due_ms), SQL_TEXT(id), SQL_NUMBER(lease)),
	        true},
	    {SQL_WAIT, SQL_PARAMS(SQL_TEXT(id)), false},
	    {SQL_WORDS,
	        SQL_PARAMS(SQL_TEXT(words), SQL_NUMBER(unseen), SQL_TEXT(id)),
	        true},
	};

	return run_own(store, STEPS(steps), err);
}

enum err_code
store_outbox_unsure(struct store *store, struct str id, int64_t lease,
    struct str words, struct err *err)
{
	const struct step steps[] = {
	    {SQL_UNSURE, SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(lease)), true},
	    {SQL_WORDS,
	        SQL_PARAMS(SQL_TEXT(words), SQL_NUMBER(1), SQL_TEXT(id)), true},
	};

	return run_own(store, STEPS(steps), err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_outbox_back(struct store *store, struct str id, int64_t lease,
    struct str words, bool unseen, bool *out_won, struct err *err)
{
	const struct step steps[] = {
	    {SQL_COUNT_BACK,
	        SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(id), SQL_TEXT(id)), false},
	    {SQL_DELETE, SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(lease)), true},
	    {SQL_BACK,
	        SQL_PARAMS(SQL_TEXT(words), SQL_NUMBER(unseen), SQL_TEXT(id)),
	        true},
	};

	return run_steps(store, STEPS(steps), out_won, err);
}

enum err_code
store_outbox_take_back(struct store *store, struct str account, struct str id,
    bool *out_won, struct err *err)
{
	const struct step steps[] = {
	    {SQL_COUNT_BACK,
	        SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(id), SQL_TEXT(id)), false},
	    {SQL_DELETE_FREE,
	        SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(clock_now_s())), true},
	    {SQL_TAKE_BACK, SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(account)), true},
	};

	return run_steps(store, STEPS(steps), out_won, err);
}

enum err_code
store_outbox_done(struct store *store, struct str id, int64_t lease,
    bool copied, struct err *err)
{
	const struct step steps[] = {
	    {SQL_DELETE, SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(lease)), true},
	    {SQL_DONE, SQL_PARAMS(SQL_NUMBER(copied), SQL_TEXT(id)), true},
	};

	return run_own(store, STEPS(steps), err);
}

enum err_code
store_outbox_arrived(struct store *store, struct store_outbox *row,
    bool *out_won, struct err *err)
{
	int64_t lease = busy_until();
	enum err_code rc;
	const struct step steps[] = {
	    {SQL_RESEAL,
	        SQL_PARAMS(SQL_NUMBER(lease), SQL_BYTES(row->sealed),
	            SQL_NUMBER(row->due_ms), SQL_TEXT(row->id),
	            SQL_NUMBER(clock_now_s())),
	        true},
	    {SQL_ARRIVED, SQL_PARAMS(SQL_TEXT(row->id), SQL_TEXT(row->account)),
	        true},
	};

	rc = run_steps(store, STEPS(steps), out_won, err);
	if (*out_won)
		row->lease = lease;
	return rc;
}

enum err_code
store_outbox_set_due(struct store *store, struct str account, struct str id,
    int64_t due_ms, bool *out_won, struct err *err)
{
	const struct step steps[] = {
	    {SQL_SET_DUE,
	        SQL_PARAMS(SQL_NUMBER(due_ms), SQL_TEXT(account), SQL_TEXT(id),
	            SQL_NUMBER(clock_now_s())),
	        true},
	};

	return run_steps(store, STEPS(steps), out_won, err);
}

enum err_code
store_outbox_seen(
    struct store *store, struct str account, struct str id, struct err *err)
{
	if (id.len == 0)
		return store_pool_run(store, SQL_SEEN_ALL,
		    SQL_PARAMS(SQL_TEXT(account)), NULL, err);
	return store_pool_run(store, SQL_SEEN,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
}
