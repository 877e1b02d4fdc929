#include "base/limits.h"
#include "store/store_pool.h"

static const char SQL_ADD[] =
    "INSERT INTO device (selector, secret_hash, previous_hash, sealed, "
    "account, login, site, agent, pinned, address, door, created_s, used_s, "
    "ends_s, rotated_s) VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
static const char SQL_FIND[] =
    "SELECT selector, secret_hash, previous_hash, sealed, account, login, "
    "site, agent, pinned, address, door, created_s, used_s, ends_s, rotated_s "
    "FROM device WHERE selector = $1";
static const char SQL_LIST[] =
    "SELECT selector, secret_hash, previous_hash, sealed, account, login, "
    "site, agent, pinned, address, door, created_s, used_s, ends_s, rotated_s "
    "FROM device WHERE account = $1 AND ends_s > $2 "
    "ORDER BY used_s DESC, selector LIMIT $3";
static const char SQL_ROTATE[] =
    "UPDATE device SET secret_hash = $1, previous_hash = $2, sealed = $3, "
    "agent = $4, address = $5, door = $6, used_s = $7, ends_s = $8, "
    "rotated_s = $9 WHERE selector = $10 AND secret_hash = $11";
static const char SQL_DELETE_ACCOUNT[] =
    "DELETE FROM device WHERE account = $1 AND selector <> $2";
static const char SQL_DELETE[] = "DELETE FROM device WHERE selector = $1";

enum err_code
store_device_add(
    struct store *store, const struct store_device *device, struct err *err)
{
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_BYTES(device->selector),
	        SQL_BYTES(device->secret_hash),
	        SQL_BYTES(device->previous_hash), SQL_BYTES(device->sealed),
	        SQL_TEXT(device->account), SQL_TEXT(device->login),
	        SQL_TEXT(device->site), SQL_TEXT(device->agent),
	        SQL_NUMBER(device->is_pinned), SQL_TEXT(device->address),
	        SQL_TEXT(device->door), SQL_NUMBER(device->created_s),
	        SQL_NUMBER(device->used_s), SQL_NUMBER(device->ends_s),
	        SQL_NUMBER(device->rotated_s)),
	    NULL, err);
}

static void
read_device(
    struct sql_rows *rows, struct arena *arena, struct store_device *out)
{
	out->selector = sql_rows_str(rows, arena);
	out->secret_hash = sql_rows_str(rows, arena);
	out->previous_hash = sql_rows_str(rows, arena);
	out->sealed = sql_rows_str(rows, arena);
	out->account = sql_rows_str(rows, arena);
	out->login = sql_rows_str(rows, arena);
	out->site = sql_rows_str(rows, arena);
	out->agent = sql_rows_str(rows, arena);
	out->is_pinned = sql_rows_number(rows) != 0;
	out->address = sql_rows_str(rows, arena);
	out->door = sql_rows_str(rows, arena);
	out->created_s = sql_rows_number(rows);
	out->used_s = sql_rows_number(rows);
	out->ends_s = sql_rows_number(rows);
	out->rotated_s = sql_rows_number(rows);
}

enum err_code
store_device_find(struct store *store, struct str selector, struct arena *arena,
    struct store_device *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(
	    store, SQL_FIND, SQL_PARAMS(SQL_BYTES(selector)), &query, err);

	*out = (struct store_device){.ends_s = 0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		read_device(&query.rows, arena, out);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("device", err);
	return rc;
}

enum err_code
store_device_list(struct store *store, struct str account, int64_t now_s,
    struct arena *arena, struct store_device **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	struct store_device *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(
	        SQL_TEXT(account), SQL_NUMBER(now_s), SQL_NUMBER(LIMIT_PLACES)),
	    &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		read_device(&query.rows, arena, &list[count++]);
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_device_rotate(struct store *store, const struct store_device *device,
    struct str old_hash, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_ROTATE,
	    SQL_PARAMS(SQL_BYTES(device->secret_hash),
	        SQL_BYTES(device->previous_hash), SQL_BYTES(device->sealed),
	        SQL_TEXT(device->agent), SQL_TEXT(device->address),
	        SQL_TEXT(device->door), SQL_NUMBER(device->used_s),
	        SQL_NUMBER(device->ends_s), SQL_NUMBER(device->rotated_s),
	        SQL_BYTES(device->selector), SQL_BYTES(old_hash)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("device with that token", err);
	return rc;
}

enum err_code
store_device_delete(struct store *store, struct str selector, struct err *err)
{
	return store_pool_run(
	    store, SQL_DELETE, SQL_PARAMS(SQL_BYTES(selector)), NULL, err);
}

enum err_code
store_device_delete_account(struct store *store, struct str account,
    struct str selector_unlike, struct err *err)
{
	return store_pool_run(store, SQL_DELETE_ACCOUNT,
	    SQL_PARAMS(SQL_TEXT(account), SQL_BYTES(selector_unlike)), NULL,
	    err);
}
