#include "store/store_pool.h"

static const char SQL_GET[] =
    "SELECT content FROM pref WHERE account = $1 AND name = $2";
static const char SQL_LIST[] =
    "SELECT name, content FROM pref WHERE account = $1";
static const char SQL_SET[] =
    "INSERT INTO pref (account, name, content) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, name) DO UPDATE SET content = excluded.content";

enum err_code
store_pref_get(struct store *store, struct str account, struct str name,
    struct arena *arena, struct str *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_GET,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(name)), &query, err);

	*out = STR("");
	if (rc == ERR_OK && sql_rows_next(&query.rows))
		*out = sql_rows_str(&query.rows, arena);
	return store_pool_query_end(store, &query, arena, rc, err);
}

enum err_code
store_pref_set(struct store *store, struct str account, struct str name,
    struct str value, struct err *err)
{
	return store_pool_run(store, SQL_SET,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(name), SQL_BYTES(value)),
	    NULL, err);
}

enum err_code
store_pref_list(struct store *store, struct str account, struct arena *arena,
    struct store_pref **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_pref *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_LIST, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].content = sql_rows_str(&query.rows, arena);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}
