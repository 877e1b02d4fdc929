#include "base/limits.h"
#include "store/store_people_inside.h"

static const char SQL_PHOTO_ADD[] =
    "INSERT INTO person_photo (person, content) VALUES ($1, $2)";
static const char SQL_HELD[] =
    "SELECT COALESCE(SUM(held_bytes), 0) FROM person WHERE account = $1";
static const char SQL_PHOTO_CLEAR[] =
    "DELETE FROM person_photo WHERE person = $1";
static const char SQL_PHOTO_TYPE[] =
    "UPDATE person SET photo_type = $1, held_bytes = $2 WHERE id = $3";
static const char SQL_PHOTO[] =
    "SELECT p.photo_type, f.content FROM person p JOIN person_photo f "
    "ON f.person = p.id WHERE p.account = $1 AND p.id = $2 AND p.gone = ''";
static const char SQL_REST[] = "SELECT LENGTH(note) + LENGTH(card) FROM person "
                               "WHERE account = $1 AND id = $2 AND gone = ''";
static const char SQL_IS_THERE[] =
    "SELECT COUNT(*) FROM person WHERE account = $1 AND id = $2 AND gone = ''";

static enum err_code
photo_set(struct sql_conn *conn, struct str account, struct str id,
    struct str type, struct str content, struct err *err)
{
	int64_t there = 0;
	int64_t rest = 0;
	int64_t held = 0;
	enum err_code rc = people_number(conn, SQL_IS_THERE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &there, err);

	if (rc == ERR_OK && there == 0)
		rc = store_pool_not_found("person", err);
	if (rc == ERR_OK)
		rc = people_number(conn, SQL_REST,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &rest, err);
	if (rc == ERR_OK)
		rc = people_number(
		    conn, SQL_HELD, SQL_PARAMS(SQL_TEXT(account)), &held, err);
	if (rc == ERR_OK && content.len > 0 &&
	    held + (int64_t)content.len > (int64_t)LIMIT_PEOPLE_BYTES)
		rc = err_set(err, ERR_LIMIT,
		    "There is no room for more photos. Please remove some.",
		    "photo_set");
	if (rc == ERR_OK)
		rc = sql_run(
		    conn, SQL_PHOTO_CLEAR, SQL_PARAMS(SQL_TEXT(id)), NULL, err);
	if (rc == ERR_OK && content.len > 0)
		rc = sql_run(conn, SQL_PHOTO_ADD,
		    SQL_PARAMS(SQL_TEXT(id), SQL_BYTES(content)), NULL, err);
	if (rc == ERR_OK)
		rc = sql_run(conn, SQL_PHOTO_TYPE,
		    SQL_PARAMS(SQL_TEXT(type),
		        SQL_NUMBER(rest + (int64_t)content.len), SQL_TEXT(id)),
		    NULL, err);
	return rc;
}

enum err_code
store_person_set_photo(struct store *store, struct str account, struct str id,
    struct str type, struct str content, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = photo_set(change.conn, account, id, type, content, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_person_photo(struct store *store, struct str account, struct str id,
    struct arena *arena, struct str *out_type, struct str *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_PHOTO,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &query, err);

	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		*out_type = sql_rows_str(&query.rows, arena);
		*out = sql_rows_str(&query.rows, arena);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("photo", err);
	return rc;
}
