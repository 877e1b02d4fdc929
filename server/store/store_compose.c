#include "store/store_pool.h"

/* The numbers in db/001_start.sql. */
_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENT == 2, "in the SQL of store_clean");
_Static_assert(STORE_COMPOSE_UNSURE == 3, "in the SQL of store_clean");
_Static_assert(STORE_COMPOSE_GONE == 5, "in the SQL of store_clean");

static const char SQL_SAVE[] =
    "INSERT INTO compose (id, account, state, fields, message_id, result, "
    "version, copied, created_s, saved_s) "
    "VALUES ($1, $2, 0, $3, $4, $5, 1, 0, $6, $7) "
    "ON CONFLICT (id) DO UPDATE SET fields = excluded.fields, "
    "saved_s = excluded.saved_s, version = compose.version + 1 "
    "WHERE compose.account = excluded.account AND compose.state = 0";
static const char SQL_OWNER[] = "SELECT account FROM compose WHERE id = $1";
static const char SQL_FIND[] =
    "SELECT id, account, state, fields, message_id, result, version, "
    "created_s, saved_s, copied FROM compose WHERE account = $1 AND id = $2";
static const char SQL_MOVE[] =
    "UPDATE compose SET state = $1 WHERE account = $2 AND id = $3 "
    "AND state = $4";
static const char SQL_MOVE_NAMED[] =
    "UPDATE compose SET state = $1, message_id = $2 WHERE account = $3 "
    "AND id = $4 AND state = $5";
static const char SQL_RESULT[] =
    "UPDATE compose SET result = $1, copied = $2 WHERE account = $3 "
    "AND id = $4";
static const char SQL_DELETE[] =
    "DELETE FROM compose WHERE account = $1 AND id = $2 AND NOT EXISTS "
    "(SELECT 1 FROM outbox WHERE outbox.id = compose.id)";
static const char SQL_IS_OUT[] = "SELECT 1 FROM outbox WHERE id = $1";

/* Why a save changed nothing: another's, or no longer being written. */
static enum err_code
refuse_save(
    struct sql_conn *conn, const struct store_compose *compose, struct err *err)
{
	struct sql_rows rows;
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	bool is_theirs = false;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	enum err_code rc = sql_query(
	    conn, SQL_OWNER, SQL_PARAMS(SQL_TEXT(compose->id)), &rows, err);
	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows))
		is_theirs =
		    str_eq(sql_rows_str(&rows, arena), compose->account);
	rc = sql_rows_end(&rows, arena, err);
	if (rc != ERR_OK)
		return rc;
	if (!is_theirs)
		return err_set(err, ERR_FORBIDDEN,
		    "This message belongs to somebody else.",
		    "store: compose id of another account");
	return err_set(err, ERR_INPUT,
	    "This message is being sent or was sent already.",
	    "store: compose is not being written");
}

enum err_code
store_compose_save(
    struct store *store, const struct store_compose *compose, struct err *err)
{
	struct store_change change;
	int64_t changed = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(change.conn, SQL_SAVE,
	    SQL_PARAMS(SQL_TEXT(compose->id), SQL_TEXT(compose->account),
	        SQL_BYTES(compose->fields), SQL_TEXT(compose->message_id),
	        SQL_TEXT(compose->result), SQL_NUMBER(compose->created_s),
	        SQL_NUMBER(compose->saved_s)),
	    &changed, err);
	if (rc == ERR_OK && changed == 0)
		rc = refuse_save(change.conn, compose, err);
	return store_pool_change_end(&change, rc, err);
}

static void
read_compose(
    struct sql_rows *rows, struct arena *arena, struct store_compose *out)
{
	out->id = sql_rows_str(rows, arena);
	out->account = sql_rows_str(rows, arena);
	out->state = (enum store_compose_state)sql_rows_number(rows);
	out->fields = sql_rows_str(rows, arena);
	out->message_id = sql_rows_str(rows, arena);
	out->result = sql_rows_str(rows, arena);
	out->version = (uint64_t)sql_rows_number(rows);
	out->created_s = sql_rows_number(rows);
	out->saved_s = sql_rows_number(rows);
	out->copied = sql_rows_number(rows) != 0;
}

enum err_code
store_compose_find(struct store *store, struct str account, struct str id,
    struct arena *arena, struct store_compose *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_FIND,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &query, err);

	*out = (struct store_compose){.version = 0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		read_compose(&query.rows, arena, out);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("composition", err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_compose_move(struct store *store, struct str account, struct str id,
    enum store_compose_state from, enum store_compose_state to,
    struct str message_id, bool *out_won, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = ERR_OK;

	*out_won = false;
	if (message_id.len == 0)
		rc = store_pool_run(store, SQL_MOVE,
		    SQL_PARAMS(SQL_NUMBER(to), SQL_TEXT(account), SQL_TEXT(id),
		        SQL_NUMBER(from)),
		    &changed, err);
	else
		rc = store_pool_run(store, SQL_MOVE_NAMED,
		    SQL_PARAMS(SQL_NUMBER(to), SQL_TEXT(message_id),
		        SQL_TEXT(account), SQL_TEXT(id), SQL_NUMBER(from)),
		    &changed, err);
	*out_won = rc == ERR_OK && changed == 1;
	return rc;
}

enum err_code
store_compose_result(struct store *store, struct str account, struct str id,
    struct str result, bool copied, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_RESULT,
	    SQL_PARAMS(SQL_TEXT(result), SQL_NUMBER(copied), SQL_TEXT(account),
	        SQL_TEXT(id)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("composition", err);
	return rc;
}

/* Nothing was deleted: because it is on its way? */
static enum err_code
refuse_delete(struct sql_conn *conn, struct str id, struct err *err)
{
	struct sql_rows rows;
	bool is_out = false;
	enum err_code rc =
	    sql_query(conn, SQL_IS_OUT, SQL_PARAMS(SQL_TEXT(id)), &rows, err);

	if (rc != ERR_OK)
		return rc;
	is_out = sql_rows_next(&rows);
	rc = sql_rows_end(&rows, NULL, err);
	if (rc == ERR_OK && is_out)
		rc = err_set(err, ERR_INPUT,
		    "This message is on its way; the Outbox shows it.",
		    "store: composition in the outbox");
	return rc;
}

enum err_code
store_compose_delete(
    struct store *store, struct str account, struct str id, struct err *err)
{
	struct store_change change;
	int64_t changed = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(change.conn, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &changed, err);
	if (rc == ERR_OK && changed == 0)
		rc = refuse_delete(change.conn, id, err);
	return store_pool_change_end(&change, rc, err);
}
