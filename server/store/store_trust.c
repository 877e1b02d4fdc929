#include "base/limits.h"
#include "store/store_pool.h"

static const char SQL_ADD[] =
    "INSERT INTO trust (account, sender, added_s) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, sender) DO UPDATE SET added_s = excluded.added_s";
static const char SQL_HAS[] =
    "SELECT 1 FROM trust WHERE account = $1 AND sender = $2";
static const char SQL_LIST[] =
    "SELECT sender, added_s FROM trust WHERE account = $1 "
    "ORDER BY added_s DESC, sender LIMIT $2";
static const char SQL_DELETE[] =
    "DELETE FROM trust WHERE account = $1 AND sender = $2";
static const char SQL_TRIM[] =
    "DELETE FROM trust WHERE account = $1 AND sender NOT IN (SELECT sender "
    "FROM trust WHERE account = $2 ORDER BY added_s DESC, sender LIMIT $3)";

enum err_code
store_trust_add(struct store *store, struct str account, struct str sender,
    int64_t now_s, struct err *err)
{
	enum err_code rc = store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(sender), SQL_NUMBER(now_s)),
	    NULL, err);

	if (rc != ERR_OK)
		return rc;
	return store_pool_run(store, SQL_TRIM,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(account),
	        SQL_NUMBER(LIMIT_TRUSTED)),
	    NULL, err);
}

enum err_code
store_trust_has(struct store *store, struct str account, struct str sender,
    bool *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_HAS,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(sender)), &query, err);

	*out = rc == ERR_OK && sql_rows_next(&query.rows);
	return store_pool_query_end(store, &query, NULL, rc, err);
}

enum err_code
store_trust_list(struct store *store, struct str account, struct arena *arena,
    struct store_trust **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_trust *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(LIMIT_TRUSTED)), &query,
	    err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].sender = sql_rows_str(&query.rows, arena);
		list[count].added_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_trust_delete(
    struct store *store, struct str account, struct str sender, struct err *err)
{
	return store_pool_run(store, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(sender)), NULL, err);
}
