#include "store/store_draft.h"

#include "store/store_pool.h"

static const char SQL_SAVE[] =
    "INSERT INTO compose (id, account, state, fields, message_id, result, "
    "version, copied, created_s, saved_s) "
    "VALUES ($1, $2, 0, $3, $4, $5, $6, 0, $7, $8) "
    "ON CONFLICT (id) DO UPDATE SET fields = excluded.fields, "
    "saved_s = excluded.saved_s, version = excluded.version, state = 0 "
    "WHERE compose.account = excluded.account AND compose.state IN (0, 5) "
    "AND compose.version = excluded.version - 1";
static const char SQL_OWNER[] =
    "SELECT account, state FROM compose WHERE id = $1";
static const char SQL_FIND[] =
    "SELECT draft_s, draft_version, draft_uid, draft_validity, draft_files "
    "FROM compose WHERE account = $1 AND id = $2";
static const char SQL_NOTE[] =
    "UPDATE compose SET draft_s = $1, draft_version = $2, draft_uid = $3, "
    "draft_validity = $4, draft_files = $5, "
    "unseen = CASE WHEN unseen = 2 AND version <= $6 THEN 0 ELSE unseen END "
    "WHERE account = $7 AND id = $8";
/* unseen: 2 is what was stored without its writer. */
static const char SQL_KEEP[] =
    "UPDATE compose SET unseen = 2 WHERE account = $1 AND id = $2 "
    "AND state = 0 AND unseen = 0 AND draft_version < version";
static const char SQL_KEPT[] =
    "SELECT id, fields, saved_s FROM compose WHERE account = $1 "
    "AND state = 0 AND unseen = 2 ORDER BY saved_s DESC, id LIMIT $2";
static const char SQL_ANOTHERS[] =
    "SELECT 1 FROM compose WHERE id = $1 AND account <> $2";

static const char SQL_DISCARD[] =
    "UPDATE compose SET state = 5, saved_s = $1, unseen = 0 "
    "WHERE account = $2 AND id = $3 AND state = 0";
static const char SQL_RESTORE[] =
    "UPDATE compose SET state = 0, saved_s = $1 "
    "WHERE account = $2 AND id = $3 AND state = 5";

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL above");
_Static_assert(STORE_COMPOSE_GONE == 5, "in the SQL above");

/* Why a save changed nothing; ERR_OK: another version is there. */
static enum err_code
why_not(
    struct sql_conn *conn, const struct store_compose *compose, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	struct sql_rows rows;
	bool is_mine = false;
	int64_t state = STORE_COMPOSE_WRITING;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	enum err_code rc = sql_query(
	    conn, SQL_OWNER, SQL_PARAMS(SQL_TEXT(compose->id)), &rows, err);
	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows)) {
		is_mine = str_eq(sql_rows_str(&rows, arena), compose->account);
		state = sql_rows_number(&rows);
	}
	rc = sql_rows_end(&rows, arena, err);
	if (rc != ERR_OK)
		return rc;
	if (!is_mine)
		return err_set(err, ERR_FORBIDDEN,
		    "This message belongs to somebody else.",
		    "store: compose id of another account");
	if (state != STORE_COMPOSE_WRITING && state != STORE_COMPOSE_GONE)
		return err_set(err, ERR_INPUT,
		    "This message is being sent or was sent already.",
		    "store: compose is not being written");
	return ERR_OK;
}

enum err_code
store_draft_save(struct store *store, const struct store_compose *compose,
    uint64_t base, bool *out_is_saved, struct err *err)
{
	struct store_change change;
	int64_t changed = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_is_saved = false;
	if (rc != ERR_OK)
		return rc;
	rc = sql_run(change.conn, SQL_SAVE,
	    SQL_PARAMS(SQL_TEXT(compose->id), SQL_TEXT(compose->account),
	        SQL_BYTES(compose->fields), SQL_TEXT(compose->message_id),
	        SQL_TEXT(compose->result), SQL_NUMBER(base + 1),
	        SQL_NUMBER(compose->created_s), SQL_NUMBER(compose->saved_s)),
	    &changed, err);
	if (rc == ERR_OK && changed == 0)
		rc = why_not(change.conn, compose, err);
	rc = store_pool_change_end(&change, rc, err);
	*out_is_saved = rc == ERR_OK && changed == 1;
	return rc;
}

enum err_code
store_draft_find(struct store *store, struct str account, struct str id,
    struct arena *arena, struct store_draft *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_FIND,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &query, err);

	*out = (struct store_draft){.files = STR("")};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		out->saved_s = sql_rows_number(&query.rows);
		out->version = (uint64_t)sql_rows_number(&query.rows);
		out->uid = (uint32_t)sql_rows_number(&query.rows);
		out->uid_validity = (uint32_t)sql_rows_number(&query.rows);
		out->files = sql_rows_str(&query.rows, arena);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("composition", err);
	return rc;
}

enum err_code
store_draft_note(struct store *store, struct str account, struct str id,
    const struct store_draft *draft, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_NOTE,
	    SQL_PARAMS(SQL_NUMBER(draft->saved_s), SQL_NUMBER(draft->version),
	        SQL_NUMBER(draft->uid), SQL_NUMBER(draft->uid_validity),
	        SQL_TEXT(draft->files), SQL_NUMBER(draft->version),
	        SQL_TEXT(account), SQL_TEXT(id)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("composition", err);
	return rc;
}

enum err_code
store_draft_keep(
    struct store *store, struct str account, struct str id, struct err *err)
{
	return store_pool_run(store, SQL_KEEP,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_draft_kept(struct store *store, struct str account, size_t most,
    struct arena *arena, struct store_compose *out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	size_t count = 0;
	enum err_code rc = store_pool_query(store, SQL_KEPT,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(most)), &query, err);

	while (rc == ERR_OK && count < most && sql_rows_next(&query.rows)) {
		out[count] = (struct store_compose){.account = account};
		out[count].id = sql_rows_str(&query.rows, arena);
		out[count].fields = sql_rows_str(&query.rows, arena);
		out[count].saved_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_draft_is_anothers(struct store *store, struct str account, struct str id,
    bool *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_ANOTHERS,
	    SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(account)), &query, err);

	*out = rc == ERR_OK && sql_rows_next(&query.rows);
	return store_pool_query_end(store, &query, NULL, rc, err);
}

enum err_code
store_draft_discard(struct store *store, struct str account, struct str id,
    int64_t now_s, bool *out_won, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_DISCARD,
	    SQL_PARAMS(SQL_NUMBER(now_s), SQL_TEXT(account), SQL_TEXT(id)),
	    &changed, err);

	*out_won = rc == ERR_OK && changed == 1;
	return rc;
}

enum err_code
store_draft_restore(struct store *store, struct str account, struct str id,
    int64_t now_s, bool *out_won, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_RESTORE,
	    SQL_PARAMS(SQL_NUMBER(now_s), SQL_TEXT(account), SQL_TEXT(id)),
	    &changed, err);

	*out_won = rc == ERR_OK && changed == 1;
	return rc;
}
