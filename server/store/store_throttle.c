#include "store/store_pool.h"

static const char SQL_GET[] =
    "SELECT failures, last_s FROM throttle WHERE name = $1";
static const char SQL_ADD[] =
    "INSERT INTO throttle (name, failures, last_s) VALUES ($1, 1, $2) "
    "ON CONFLICT (name) DO UPDATE SET last_s = excluded.last_s, "
    "failures = CASE WHEN throttle.last_s < $3 THEN 1 "
    "ELSE throttle.failures + 1 END";
static const char SQL_DELETE[] = "DELETE FROM throttle WHERE name = $1";

enum err_code
store_throttle_get(struct store *store, struct str key,
    struct store_throttle *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(
	    store, SQL_GET, SQL_PARAMS(SQL_TEXT(key)), &query, err);

	*out = (struct store_throttle){.failures = 0, .last_s = 0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		int64_t failures = sql_rows_number(&query.rows);
		if (failures > UINT32_MAX)
			failures = UINT32_MAX;
		out->failures = failures < 0 ? 0 : (uint32_t)failures;
		out->last_s = sql_rows_number(&query.rows);
	}
	return store_pool_query_end(store, &query, NULL, rc, err);
}

enum err_code
store_throttle_add(struct store *store, struct str key, int64_t now_s,
    int64_t forget_s, struct err *err)
{
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(
	        SQL_TEXT(key), SQL_NUMBER(now_s), SQL_NUMBER(now_s - forget_s)),
	    NULL, err);
}

enum err_code
store_throttle_delete(struct store *store, struct str key, struct err *err)
{
	return store_pool_run(
	    store, SQL_DELETE, SQL_PARAMS(SQL_TEXT(key)), NULL, err);
}
