#include "base/limits.h"
#include "store/store_pool.h"

#define TOUCH_EVERY_S 60

static const char SQL_ADD[] =
    "INSERT INTO session (selector, secret_hash, sealed, account, login, "
    "site, door, remember, moved_to, expire_views, pinned, family, agent, "
    "address, created_s, used_s, ends_s) VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
    "$17)";
static const char SQL_FIND[] =
    "SELECT selector, secret_hash, sealed, account, login, site, door, "
    "remember, moved_to, expire_views, pinned, family, agent, address, "
    "created_s, used_s, ends_s "
    "FROM session WHERE selector = $1";
static const char SQL_LIST[] =
    "SELECT selector, secret_hash, sealed, account, login, site, door, "
    "remember, moved_to, expire_views, pinned, family, agent, address, "
    "created_s, used_s, ends_s "
    "FROM session WHERE account = $1 AND ends_s > $2 AND moved_to = $3 "
    "ORDER BY used_s DESC, selector LIMIT $4";
static const char SQL_TOUCH[] = "UPDATE session SET used_s = $1, address = $2 "
                                "WHERE selector = $3 AND used_s <= $4";
static const char SQL_MOVE[] =
    "UPDATE session SET moved_to = $1, ends_s = $2, sealed = $3 "
    "WHERE selector = $4";
static const char SQL_DELETE[] = "DELETE FROM session WHERE selector = $1";
static const char SQL_DELETE_ACCOUNT[] =
    "DELETE FROM session WHERE account = $1 AND secret_hash <> $2 "
    "AND moved_to = $3";
static const char SQL_DELETE_REMEMBER[] =
    "DELETE FROM session WHERE remember = $1";
static const char SQL_COUNT[] =
    "SELECT COUNT(*) FROM session WHERE ends_s > $1 AND moved_to = $2";

enum err_code
store_session_add(
    struct store *store, const struct store_session *session, struct err *err)
{
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_BYTES(session->selector),
	        SQL_BYTES(session->secret_hash), SQL_BYTES(session->sealed),
	        SQL_TEXT(session->account), SQL_TEXT(session->login),
	        SQL_TEXT(session->site), SQL_TEXT(session->door),
	        SQL_BYTES(session->remember), SQL_TEXT(session->moved_to),
	        SQL_NUMBER(session->expire_views),
	        SQL_NUMBER(session->is_pinned), SQL_BYTES(session->family),
	        SQL_TEXT(session->agent), SQL_TEXT(session->address),
	        SQL_NUMBER(session->created_s), SQL_NUMBER(session->used_s),
	        SQL_NUMBER(session->ends_s)),
	    NULL, err);
}

static void
read_session(
    struct sql_rows *rows, struct arena *arena, struct store_session *out)
{
	out->selector = sql_rows_str(rows, arena);
	out->secret_hash = sql_rows_str(rows, arena);
	out->sealed = sql_rows_str(rows, arena);
	out->account = sql_rows_str(rows, arena);
	out->login = sql_rows_str(rows, arena);
	out->site = sql_rows_str(rows, arena);
	out->door = sql_rows_str(rows, arena);
	out->remember = sql_rows_str(rows, arena);
	out->moved_to = sql_rows_str(rows, arena);
	out->expire_views = sql_rows_number(rows) != 0;
	out->is_pinned = sql_rows_number(rows) != 0;
	out->family = sql_rows_str(rows, arena);
	out->agent = sql_rows_str(rows, arena);
	out->address = sql_rows_str(rows, arena);
	out->created_s = sql_rows_number(rows);
	out->used_s = sql_rows_number(rows);
	out->ends_s = sql_rows_number(rows);
}

enum err_code
store_session_find(struct store *store, struct str selector,
    struct arena *arena, struct store_session *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(
	    store, SQL_FIND, SQL_PARAMS(SQL_BYTES(selector)), &query, err);

	*out = (struct store_session){.ends_s = 0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		read_session(&query.rows, arena, out);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("session", err);
	return rc;
}

enum err_code
store_session_list(struct store *store, struct str account, int64_t now_s,
    struct arena *arena, struct store_session **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	struct store_session *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(now_s), SQL_TEXT(STR("")),
	        SQL_NUMBER(LIMIT_PLACES)),
	    &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		read_session(&query.rows, arena, &list[count++]);
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_session_touch(struct store *store, struct str selector, int64_t used_s,
    struct str address, struct err *err)
{
	return store_pool_run(store, SQL_TOUCH,
	    SQL_PARAMS(SQL_NUMBER(used_s), SQL_TEXT(address),
	        SQL_BYTES(selector), SQL_NUMBER(used_s - TOUCH_EVERY_S)),
	    NULL, err);
}

enum err_code
store_session_move(struct store *store, struct str selector, struct str door,
    int64_t ends_s, struct err *err)
{
	/* The sealed credentials go: what is moved can never be used again. */
	return store_pool_run(store, SQL_MOVE,
	    SQL_PARAMS(SQL_TEXT(door), SQL_NUMBER(ends_s), SQL_BYTES(STR("")),
	        SQL_BYTES(selector)),
	    NULL, err);
}

enum err_code
store_session_delete(struct store *store, struct str selector, struct err *err)
{
	return store_pool_run(
	    store, SQL_DELETE, SQL_PARAMS(SQL_BYTES(selector)), NULL, err);
}

enum err_code
store_session_delete_account(struct store *store, struct str account,
    struct str secret_unlike, struct err *err)
{
	return store_pool_run(store, SQL_DELETE_ACCOUNT,
	    SQL_PARAMS(
	        SQL_TEXT(account), SQL_BYTES(secret_unlike), SQL_TEXT(STR(""))),
	    NULL, err);
}

enum err_code
store_session_delete_remember(
    struct store *store, struct str remember, struct err *err)
{
	ensure(remember.len > 0);
	return store_pool_run(store, SQL_DELETE_REMEMBER,
	    SQL_PARAMS(SQL_BYTES(remember)), NULL, err);
}

enum err_code
store_session_count(
    struct store *store, int64_t now_s, uint64_t *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_COUNT,
	    SQL_PARAMS(SQL_NUMBER(now_s), SQL_TEXT(STR(""))), &query, err);

	*out = 0;
	if (rc == ERR_OK && sql_rows_next(&query.rows))
		*out = (uint64_t)sql_rows_number(&query.rows);
	return store_pool_query_end(store, &query, NULL, rc, err);
}
