#include "store/store_import.h"

#include "store/store_pool.h"

static const char SQL_SWEEP[] = "DELETE FROM mail_import WHERE ends_s < $1";
/* The newest ones of an account beside this: the others gave up their place. */
static const char SQL_CROWD[] =
    "DELETE FROM mail_import WHERE account = $1 AND id <> $2 AND id NOT IN "
    "(SELECT id FROM mail_import WHERE account = $3 AND id <> $4 "
    "ORDER BY ends_s DESC, id LIMIT 49)";
static const char SQL_BEGIN[] =
    "INSERT INTO mail_import (id, account, sealed, ends_s) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
static const char SQL_SET[] =
    "UPDATE mail_import SET sealed = $1 WHERE id = $2 AND account = $3";
static const char SQL_GET[] =
    "SELECT sealed FROM mail_import WHERE id = $1 AND account = $2";

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_import_begin(struct store *store, struct str account, struct str id,
    struct str sealed, int64_t now_s, int64_t ends_s, bool *out_is_new,
    struct err *err)
{
	struct store_change change;
	int64_t changed = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_is_new = false;
	if (rc != ERR_OK)
		return rc;
	rc = sql_run(
	    change.conn, SQL_SWEEP, SQL_PARAMS(SQL_NUMBER(now_s)), NULL, err);
	if (rc == ERR_OK)
		rc = sql_run(change.conn, SQL_BEGIN,
		    SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(account),
		        SQL_BYTES(sealed), SQL_NUMBER(ends_s)),
		    &changed, err);
	if (rc == ERR_OK)
		rc = sql_run(change.conn, SQL_CROWD,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id),
		        SQL_TEXT(account), SQL_TEXT(id)),
		    NULL, err);
	rc = store_pool_change_end(&change, rc, err);
	*out_is_new = rc == ERR_OK && changed > 0;
	return rc;
}

enum err_code
store_import_set(struct store *store, struct str account, struct str id,
    struct str sealed, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_SET,
	    SQL_PARAMS(SQL_BYTES(sealed), SQL_TEXT(id), SQL_TEXT(account)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("import", err);
	return rc;
}

enum err_code
store_import_get(struct store *store, struct str account, struct str id,
    struct arena *arena, struct str *out_sealed, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_GET,
	    SQL_PARAMS(SQL_TEXT(id), SQL_TEXT(account)), &query, err);

	*out_sealed = STR("");
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		*out_sealed = sql_rows_str(&query.rows, arena);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("import", err);
	return rc;
}
