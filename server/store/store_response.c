#include "base/limits.h"
#include "store/store_identity.h"
#include "store/store_pool.h"

static const char SQL_PUT[] =
    "INSERT INTO response (id, account, name, subject, body, changed_s) "
    "SELECT $1, $2, $3, $4, $5, $6 "
    "WHERE (SELECT COUNT(*) FROM response WHERE account = $7 "
    "AND id <> $8) < $9 "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "subject = excluded.subject, body = excluded.body, "
    "changed_s = excluded.changed_s "
    "WHERE response.account = excluded.account";
static const char SQL_LIST[] =
    "SELECT id, name, subject, body, changed_s FROM response "
    "WHERE account = $1 ORDER BY LOWER(name), id";
static const char SQL_DELETE[] =
    "DELETE FROM response WHERE account = $1 AND id = $2";

enum err_code
store_response_put(struct store *store, struct str account,
    const struct store_response *response, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_PUT,
	    SQL_PARAMS(SQL_TEXT(response->id), SQL_TEXT(account),
	        SQL_TEXT(response->name), SQL_TEXT(response->subject),
	        SQL_TEXT(response->body), SQL_NUMBER(response->changed_s),
	        SQL_TEXT(account), SQL_TEXT(response->id),
	        SQL_NUMBER(LIMIT_RESPONSES)),
	    &changed, err);

	/* Another account's id is none that could be guessed. */
	if (rc == ERR_OK && changed == 0)
		return err_sayf(err, ERR_LIMIT,
		    "There can be %u texts at most. Please remove one that you "
		    "no longer need.",
		    LIMIT_RESPONSES);
	return rc;
}

enum err_code
store_response_list(struct store *store, struct str account,
    struct arena *arena, struct store_response **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	struct store_response *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_LIST, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].id = sql_rows_str(&query.rows, arena);
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].subject = sql_rows_str(&query.rows, arena);
		list[count].body = sql_rows_str(&query.rows, arena);
		list[count].changed_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_response_delete(
    struct store *store, struct str account, struct str id, struct err *err)
{
	return store_pool_run(store, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
}
