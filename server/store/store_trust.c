#include "store/store_pool.h"

static const char SQL_ADD[] =
    "INSERT INTO trust (account, sender, added_s) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, sender) DO UPDATE SET added_s = excluded.added_s";
static const char SQL_HAS[] =
    "SELECT 1 FROM trust WHERE account = $1 AND sender = $2";

enum err_code
store_trust_add(struct store *store, struct str account, struct str sender,
    int64_t now_s, struct err *err)
{
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(sender), SQL_NUMBER(now_s)),
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
