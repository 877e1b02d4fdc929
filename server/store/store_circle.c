#include "base/limits.h"
#include "store/store_people_inside.h"

#define MEMBERS "(SELECT COUNT(*) FROM circle_member m WHERE m.circle = c.id)"
/*
 * Members that are gone are few: those of the last day. To look at each member
 * instead took 200 ms for 20,000.
 */
static const char SQL_LIST[] =
    "SELECT c.id, c.name, c.sort_key, " MEMBERS " - COALESCE(g.members, 0) "
    "FROM circle c LEFT JOIN (SELECT m.circle AS circle, COUNT(*) AS members "
    "FROM person p JOIN circle_member m ON m.person = p.id "
    "WHERE p.account = $1 AND p.book IN (0, 1) AND p.gone > '' "
    "GROUP BY m.circle) g ON g.circle = c.id "
    "WHERE c.account = $2 AND c.gone = '' ORDER BY c.sort_key, c.id LIMIT $3";
static const char SQL_NAMES[] =
    "SELECT c.id, c.name, c.sort_key, " MEMBERS " FROM circle c "
    "WHERE c.account = $1 AND c.gone = '' ORDER BY c.sort_key, c.id LIMIT $2";
static const char SQL_OF[] =
    "SELECT c.id, c.name, c.sort_key, 0 FROM circle_member m "
    "JOIN circle c ON c.id = m.circle WHERE m.person = $1 AND c.account = $2 "
    "AND c.gone = '' ORDER BY c.sort_key, c.id";
static const char SQL_COUNT[] =
    "SELECT COUNT(*) FROM circle WHERE account = $1 AND gone = ''";
static const char SQL_TAKEN[] =
    "SELECT COUNT(*) FROM circle WHERE account = $1 AND gone = '' "
    "AND sort_key = $2 AND id <> $3";
static const char SQL_THERE[] =
    "SELECT COUNT(*) FROM circle WHERE account = $1 AND gone = '' AND id = $2";
static const char SQL_ADD[] =
    "INSERT INTO circle (id, account, gone, gone_s, name, sort_key) "
    "VALUES ($1, $2, '', 0, $3, $4)";
static const char SQL_RENAME[] =
    "UPDATE circle SET name = $1, sort_key = $2 WHERE id = $3";
static const char SQL_REMOVE[] = "UPDATE circle SET gone = $1, gone_s = $2 "
                                 "WHERE account = $3 AND id = $4 AND gone = ''";
static const char SQL_PUT[] =
    "INSERT INTO circle_member (circle, person) SELECT $1, id FROM person "
    "WHERE account = $2 AND id = $3 AND gone = '' ON CONFLICT DO NOTHING";
static const char SQL_TAKE[] =
    "DELETE FROM circle_member WHERE circle = $1 AND person = $2";
static const char SQL_MEMBERS[] =
    "SELECT p.id, p.name, a.address, p.book, a.score_s FROM circle_member m "
    "JOIN circle c ON c.id = m.circle JOIN person p ON p.id = m.person "
    "JOIN person_address a ON a.person = p.id AND a.rank = 0 "
    "WHERE m.circle = $1 AND c.account = $2 AND c.gone = '' AND p.gone = '' "
    "ORDER BY p.sort_key, p.id LIMIT $3";

static enum err_code
circle_rows(struct store *store, struct store_query *query, enum err_code rc,
    struct arena *arena, struct store_circle **out, size_t *out_count,
    struct err *err)
{
	struct store_circle *list = NULL;
	size_t count = 0;
	size_t capacity = 0;

	while (rc == ERR_OK && sql_rows_next(&query->rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].id = sql_rows_str(&query->rows, arena);
		list[count].name = sql_rows_str(&query->rows, arena);
		list[count].sort_key = sql_rows_str(&query->rows, arena);
		list[count].members = (uint64_t)sql_rows_number(&query->rows);
		count++;
	}
	rc = store_pool_query_end(store, query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_circle_list(struct store *store, struct str account, struct arena *arena,
    struct store_circle **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(account),
	        SQL_NUMBER(LIMIT_CIRCLES)),
	    &query, err);

	return circle_rows(store, &query, rc, arena, out, out_count, err);
}

enum err_code
store_circle_names(struct store *store, struct str account, struct arena *arena,
    struct store_circle **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_NAMES,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(LIMIT_CIRCLES)), &query,
	    err);

	return circle_rows(store, &query, rc, arena, out, out_count, err);
}

enum err_code
store_circle_of(struct store *store, struct str account, struct str person,
    struct arena *arena, struct store_circle **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_OF,
	    SQL_PARAMS(SQL_TEXT(person), SQL_TEXT(account)), &query, err);

	return circle_rows(store, &query, rc, arena, out, out_count, err);
}

static enum err_code
circle_add(struct sql_conn *conn, struct str account,
    const struct store_circle *circle, struct err *err)
{
	int64_t count = 0;
	enum err_code rc = people_number(
	    conn, SQL_COUNT, SQL_PARAMS(SQL_TEXT(account)), &count, err);

	if (rc == ERR_OK && count >= (int64_t)LIMIT_CIRCLES)
		rc = err_set(err, ERR_LIMIT,
		    "There is no room for more groups. Please remove some.",
		    "store_circle_save");
	if (rc == ERR_OK)
		rc = sql_run(conn, SQL_ADD,
		    SQL_PARAMS(SQL_TEXT(circle->id), SQL_TEXT(account),
		        SQL_TEXT(circle->name), SQL_TEXT(circle->sort_key)),
		    NULL, err);
	return rc;
}

static enum err_code
circle_save(struct sql_conn *conn, struct str account,
    const struct store_circle *circle, struct err *err)
{
	int64_t taken = 0;
	int64_t there = 0;
	enum err_code rc = people_number(conn, SQL_TAKEN,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(circle->sort_key),
	        SQL_TEXT(circle->id)),
	    &taken, err);

	if (rc == ERR_OK && taken > 0)
		rc = err_set(err, ERR_INPUT,
		    "There is a group of this name already.", NULL);
	if (rc == ERR_OK)
		rc = people_number(conn, SQL_THERE,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(circle->id)), &there,
		    err);
	if (rc != ERR_OK)
		return rc;
	if (there == 0)
		return circle_add(conn, account, circle, err);
	return sql_run(conn, SQL_RENAME,
	    SQL_PARAMS(SQL_TEXT(circle->name), SQL_TEXT(circle->sort_key),
	        SQL_TEXT(circle->id)),
	    NULL, err);
}

enum err_code
store_circle_save(struct store *store, struct str account,
    const struct store_circle *circle, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = circle_save(change.conn, account, circle, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_circle_remove(struct store *store, struct str account, struct str id,
    struct str step, int64_t now_s, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_REMOVE,
	    SQL_PARAMS(SQL_TEXT(step), SQL_NUMBER(now_s), SQL_TEXT(account),
	        SQL_TEXT(id)),
	    &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("group", err);
	return rc;
}

static enum err_code
circle_put(struct sql_conn *conn, struct str account, struct str circle,
    struct str person, bool is_in, int64_t *out_changed, struct err *err)
{
	if (is_in)
		return sql_run(conn, SQL_PUT,
		    SQL_PARAMS(
		        SQL_TEXT(circle), SQL_TEXT(account), SQL_TEXT(person)),
		    out_changed, err);
	return sql_run(conn, SQL_TAKE,
	    SQL_PARAMS(SQL_TEXT(circle), SQL_TEXT(person)), out_changed, err);
}

enum err_code
store_circle_set(struct store *store, struct str account, struct str circle,
    const struct str *people, size_t count, bool is_in, uint64_t *out_count,
    struct err *err)
{
	struct store_change change;
	int64_t there = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	rc = people_number(change.conn, SQL_THERE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(circle)), &there, err);
	if (rc == ERR_OK && there == 0)
		rc = store_pool_not_found("group", err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		int64_t changed = 0;

		rc = circle_put(change.conn, account, circle, people[i], is_in,
		    &changed, err);
		*out_count += (uint64_t)changed;
	}
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_circle_members(struct store *store, struct str account, struct str circle,
    size_t max, struct arena *arena, struct store_match **out,
    size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_match *list = ARENA_ARRAY(arena, max, struct store_match);
	size_t count = 0;
	enum err_code rc = store_pool_query(store, SQL_MEMBERS,
	    SQL_PARAMS(SQL_TEXT(circle), SQL_TEXT(account), SQL_NUMBER(max)),
	    &query, err);

	while (rc == ERR_OK && list != NULL && count < max &&
	       sql_rows_next(&query.rows)) {
		list[count].person = sql_rows_str(&query.rows, arena);
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].address = sql_rows_str(&query.rows, arena);
		list[count].book = sql_rows_number(&query.rows) == 0
		                       ? STORE_BOOK_OWN
		                       : STORE_BOOK_COLLECTED;
		list[count].score_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}
