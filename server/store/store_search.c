#include "store/store_search.h"

#include "base/limits.h"
#include "store/store_pool.h"

static const char SQL_FORGET[] =
    "DELETE FROM saved_search WHERE account = $1 AND removed_s > 0 "
    "AND removed_s < $2";
static const char SQL_PUT[] =
    "INSERT INTO saved_search (id, account, name, words, scope, folder, "
    "created_s, removed_s) SELECT $1, $2, $3, $4, $5, $6, $7, 0 "
    "WHERE (SELECT COUNT(*) FROM saved_search WHERE account = $8) < $9";
static const char SQL_LIST[] =
    "SELECT id, name, words, scope, folder, created_s, removed_s "
    "FROM saved_search WHERE account = $1 ORDER BY LOWER(name), id";
static const char SQL_REMOVE[] =
    "UPDATE saved_search SET removed_s = $1 WHERE account = $2 AND id = $3";

enum err_code
store_search_put(struct store *store, struct str account,
    const struct store_search *search, int64_t forgotten_s, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_FORGET,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(forgotten_s)), NULL, err);

	if (rc == ERR_OK)
		rc = store_pool_run(store, SQL_PUT,
		    SQL_PARAMS(SQL_TEXT(search->id), SQL_TEXT(account),
		        SQL_TEXT(search->name), SQL_TEXT(search->words),
		        SQL_TEXT(search->scope), SQL_TEXT(search->folder),
		        SQL_NUMBER(search->created_s), SQL_TEXT(account),
		        SQL_NUMBER(LIMIT_SAVED_SEARCHES)),
		    &changed, err);
	if (rc == ERR_OK && changed == 0)
		return err_sayf(err, ERR_LIMIT,
		    "There can be %u searches at most. Please remove one that "
		    "you no longer need.",
		    LIMIT_SAVED_SEARCHES);
	return rc;
}

enum err_code
store_search_list(struct store *store, struct str account, struct arena *arena,
    struct store_search **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_search *list = NULL;
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
		list[count].words = sql_rows_str(&query.rows, arena);
		list[count].scope = sql_rows_str(&query.rows, arena);
		list[count].folder = sql_rows_str(&query.rows, arena);
		list[count].created_s = sql_rows_number(&query.rows);
		list[count].removed_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_search_remove(struct store *store, struct str account, struct str id,
    int64_t removed_s, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_REMOVE,
	    SQL_PARAMS(SQL_NUMBER(removed_s), SQL_TEXT(account), SQL_TEXT(id)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no such search any more.", NULL);
	return rc;
}
