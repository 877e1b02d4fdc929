#include "store/store_people_inside.h"

static const char SQL_CLEAR[] = "DELETE FROM people_file WHERE account = $1";
static const char SQL_BEGIN[] =
    "INSERT INTO people_file (account, id, name, created_s) "
    "VALUES ($1, $2, $3, $4)";
static const char SQL_THERE[] =
    "SELECT COUNT(*) FROM people_file WHERE account = $1 AND id = $2";
static const char SQL_WRITE[] =
    "INSERT INTO people_file_chunk (account, number, content) "
    "VALUES ($1, $2, $3)";
static const char SQL_READ[] =
    "SELECT f.name, c.content FROM people_file f JOIN people_file_chunk c "
    "ON c.account = f.account WHERE f.account = $1 AND f.id = $2 "
    "AND c.number = $3";

enum err_code
store_people_file_begin(struct store *store, struct str account, struct str id,
    struct str name, int64_t now_s, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(
	    change.conn, SQL_CLEAR, SQL_PARAMS(SQL_TEXT(account)), NULL, err);
	if (rc == ERR_OK)
		rc = sql_run(change.conn, SQL_BEGIN,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id), SQL_TEXT(name),
		        SQL_NUMBER(now_s)),
		    NULL, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_people_file_write(struct store *store, struct str account, struct str id,
    uint32_t number, struct str bytes, struct err *err)
{
	struct store_change change;
	int64_t there = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = people_number(change.conn, SQL_THERE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &there, err);
	if (rc == ERR_OK && there == 0)
		rc = store_pool_not_found("uploaded file", err);
	if (rc == ERR_OK)
		rc = sql_run(change.conn, SQL_WRITE,
		    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(number),
		        SQL_BYTES(bytes)),
		    NULL, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_people_file_read(struct store *store, struct str account, struct str id,
    uint32_t number, struct arena *arena, struct str *out_name, struct str *out,
    struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_READ,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id), SQL_NUMBER(number)),
	    &query, err);

	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		*out_name = sql_rows_str(&query.rows, arena);
		*out = sql_rows_str(&query.rows, arena);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("uploaded file", err);
	return rc;
}

enum err_code
store_people_file_delete(
    struct store *store, struct str account, struct err *err)
{
	return store_pool_run(
	    store, SQL_CLEAR, SQL_PARAMS(SQL_TEXT(account)), NULL, err);
}
