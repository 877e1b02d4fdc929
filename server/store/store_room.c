#include "store/store_draft.h"
#include "store/store_pool.h"

/* What an account holds that was not sent yet, and what of it may go. */

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_GONE == 5, "in the SQL below");

static const char SQL_DRAFTS[] =
    "SELECT COUNT(*) FROM compose WHERE account = $1 AND state IN (0, 5)";
static const char SQL_FILES[] =
    "SELECT COUNT(*), COALESCE(SUM(a.size_bytes), 0) FROM compose c "
    "JOIN attachment a ON a.compose = c.id "
    "WHERE c.account = $1 AND c.state IN (0, 5)";
/* What was returned has words of its own; what is long is not empty. */
static const char SQL_IDLE[] =
    "SELECT c.id, c.fields FROM compose c WHERE c.account = $1 "
    "AND c.state = 0 AND c.saved_s < $2 AND c.result = '' "
    "AND LENGTH(c.fields) < 16384 AND NOT EXISTS (SELECT 1 FROM attachment a "
    "WHERE a.compose = c.id) ORDER BY c.saved_s, c.id LIMIT $3";
static const char SQL_FORGET[] =
    "DELETE FROM compose WHERE account = $1 AND state = 5 AND NOT EXISTS "
    "(SELECT 1 FROM outbox WHERE outbox.id = compose.id)";

static enum err_code
room_numbers(struct store *store, const char *sql, struct str account,
    uint64_t *out_first, uint64_t *out_second, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(
	    store, sql, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	*out_first = 0;
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		*out_first = (uint64_t)sql_rows_number(&query.rows);
		if (out_second != NULL)
			*out_second = (uint64_t)sql_rows_number(&query.rows);
	}
	return store_pool_query_end(store, &query, NULL, rc, err);
}

enum err_code
store_draft_room(struct store *store, struct str account,
    struct store_draft_held *out, struct err *err)
{
	enum err_code rc;

	*out = (struct store_draft_held){0};
	rc = room_numbers(store, SQL_DRAFTS, account, &out->drafts, NULL, err);
	if (rc == ERR_OK)
		rc = room_numbers(store, SQL_FILES, account, &out->files,
		    &out->file_bytes, err);
	return rc;
}

enum err_code
store_draft_idle(struct store *store, struct str account, int64_t before_s,
    struct arena *arena, struct store_draft_idle *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_IDLE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(before_s),
	        SQL_NUMBER(STORE_DRAFT_IDLE)),
	    &query, err);

	out->count = 0;
	while (rc == ERR_OK && out->count < STORE_DRAFT_IDLE &&
	       sql_rows_next(&query.rows)) {
		out->list[out->count].id = sql_rows_str(&query.rows, arena);
		out->list[out->count].fields = sql_rows_str(&query.rows, arena);
		out->count++;
	}
	return store_pool_query_end(store, &query, arena, rc, err);
}

enum err_code
store_draft_forget(struct store *store, struct str account, struct err *err)
{
	return store_pool_run(
	    store, SQL_FORGET, SQL_PARAMS(SQL_TEXT(account)), NULL, err);
}
