#include "base/limits.h"
#include "store/store_pool.h"

/* A second time only the name may be new. */
static const char SQL_ADD[] =
    "INSERT INTO contact (id, account, name, address, address_key, created_s) "
    "VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (account, address_key) DO UPDATE SET name = excluded.name "
    "WHERE excluded.name <> ''";
static const char SQL_HAS[] =
    "SELECT 1 FROM contact WHERE account = $1 AND address_key = $2";
static const char SQL_COUNT[] =
    "SELECT COUNT(*) FROM contact WHERE account = $1";
static const char SQL_LIST[] =
    "SELECT id, name, address, created_s FROM contact WHERE account = $1 "
    "ORDER BY LOWER(CASE WHEN name = '' THEN address ELSE name END), id "
    "LIMIT $2";
static const char SQL_DELETE[] =
    "DELETE FROM contact WHERE account = $1 AND id = $2";

static enum err_code
contact_count(struct store *store, struct str account, struct arena *arena,
    int64_t *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(
	    store, SQL_COUNT, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	*out = 0;
	if (rc == ERR_OK && sql_rows_next(&query.rows))
		*out = sql_rows_number(&query.rows);
	return store_pool_query_end(store, &query, arena, rc, err);
}

enum err_code
store_contact_add(struct store *store, struct str account,
    const struct store_contact *contact, struct arena *arena, struct err *err)
{
	struct str key = str_lower(arena, contact->address);
	int64_t count = 0;
	enum err_code rc = contact_count(store, account, arena, &count, err);

	if (rc == ERR_OK && count >= (int64_t)LIMIT_CONTACTS)
		rc = err_set(err, ERR_LIMIT,
		    "There is no room for more contacts. Please remove some "
		    "that you no longer need.",
		    "store_contact_add");
	if (rc != ERR_OK)
		return rc;
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_TEXT(contact->id), SQL_TEXT(account),
	        SQL_TEXT(contact->name), SQL_TEXT(contact->address),
	        SQL_TEXT(key), SQL_NUMBER(contact->created_s)),
	    NULL, err);
}

enum err_code
store_contact_has(struct store *store, struct str account, struct str address,
    struct arena *arena, bool *out, struct err *err)
{
	struct store_query query;
	struct str key = str_lower(arena, address);
	enum err_code rc = store_pool_query(store, SQL_HAS,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(key)), &query, err);

	*out = rc == ERR_OK && sql_rows_next(&query.rows);
	return store_pool_query_end(store, &query, arena, rc, err);
}

enum err_code
store_contact_list(struct store *store, struct str account, struct arena *arena,
    struct store_contact **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_contact *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(LIMIT_CONTACTS)), &query,
	    err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].id = sql_rows_str(&query.rows, arena);
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].address = sql_rows_str(&query.rows, arena);
		list[count].created_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_contact_delete(
    struct store *store, struct str account, struct str id, struct err *err)
{
	return store_pool_run(store, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
}
