#include "base/limits.h"
#include "os/clock.h"
#include "store/store_pool.h"

static const char SQL_HAS_COMPOSE[] =
    "SELECT state FROM compose WHERE account = $1 AND id = $2";
static const char SQL_COUNT[] =
    "SELECT COUNT(*) FROM attachment WHERE compose = $1";
static const char SQL_BEGIN[] =
    "INSERT INTO attachment (id, compose, account, name, media, size_bytes, "
    "is_whole, rank, created_s) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)";
static const char SQL_IS_OPEN[] =
    "SELECT 1 FROM attachment WHERE id = $1 AND is_whole = 0";
static const char SQL_WRITE[] =
    "INSERT INTO attachment_chunk (attachment, number, content) "
    "VALUES ($1, $2, $3)";
static const char SQL_END[] =
    "UPDATE attachment SET size_bytes = $1, is_whole = 1 WHERE id = $2";
static const char SQL_LIST[] =
    "SELECT id, name, media, size_bytes FROM attachment "
    "WHERE account = $1 AND compose = $2 AND is_whole = 1 ORDER BY rank, id";
static const char SQL_READ[] = "SELECT content FROM attachment_chunk "
                               "WHERE attachment = $1 AND number = $2";
static const char SQL_DELETE[] =
    "DELETE FROM attachment WHERE account = $1 AND compose = $2 AND id = $3";

/* First column of the first row; ERR_NOT_FOUND without one. */
static enum err_code
ask_number(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out, struct err *err)
{
	struct sql_rows rows;
	bool is_found = false;
	enum err_code rc = sql_query(conn, sql, params, count, &rows, err);

	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows)) {
		*out = sql_rows_number(&rows);
		is_found = true;
	}
	rc = sql_rows_end(&rows, NULL, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("composition or upload", err);
	return rc;
}

static enum err_code
begin(struct sql_conn *conn, struct str account, struct str compose_id,
    const struct store_attachment *attachment, struct err *err)
{
	int64_t number = 0;
	enum err_code rc = ask_number(conn, SQL_HAS_COMPOSE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(compose_id)), &number, err);

	if (rc == ERR_OK && number != STORE_COMPOSE_WRITING)
		rc = err_set(err, ERR_INPUT,
		    "This message is being sent or was sent already. The file "
		    "was not attached to it.",
		    "store: attachment");
	if (rc == ERR_OK)
		rc = ask_number(conn, SQL_COUNT,
		    SQL_PARAMS(SQL_TEXT(compose_id)), &number, err);
	if (rc == ERR_OK && number >= (int64_t)LIMIT_ATTACHMENTS)
		rc = err_sayf(err, ERR_LIMIT,
		    "A message can have at most %u attachments.",
		    LIMIT_ATTACHMENTS);
	if (rc != ERR_OK)
		return rc;
	int64_t now_ms = clock_now_ms();
	return sql_run(conn, SQL_BEGIN,
	    SQL_PARAMS(SQL_TEXT(attachment->id), SQL_TEXT(compose_id),
	        SQL_TEXT(account), SQL_TEXT(attachment->name),
	        SQL_TEXT(attachment->type), SQL_NUMBER(attachment->bytes),
	        SQL_NUMBER(now_ms), SQL_NUMBER(now_ms / 1000)),
	    NULL, err);
}

enum err_code
store_attachment_begin(struct store *store, struct str account,
    struct str compose_id, const struct store_attachment *attachment,
    struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = begin(change.conn, account, compose_id, attachment, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_attachment_write(struct store *store, struct str id,
    uint32_t chunk_number, struct str bytes, struct err *err)
{
	struct store_change change;
	int64_t number = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = ask_number(
	    change.conn, SQL_IS_OPEN, SQL_PARAMS(SQL_TEXT(id)), &number, err);
	if (rc == ERR_OK)
		rc = sql_run(change.conn, SQL_WRITE,
		    SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(chunk_number),
		        SQL_BYTES(bytes)),
		    NULL, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_attachment_end(
    struct store *store, struct str id, uint64_t total_bytes, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_END,
	    SQL_PARAMS(SQL_NUMBER(total_bytes), SQL_TEXT(id)), &changed, err);

	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("attachment being written", err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_attachment_list(struct store *store, struct str account,
    struct str compose_id, struct arena *arena, struct store_attachment **out,
    size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_attachment *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(compose_id)), &query, err);

	*out = NULL;
	*out_count = 0;
	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].id = sql_rows_str(&query.rows, arena);
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].type = sql_rows_str(&query.rows, arena);
		list[count].bytes = (uint64_t)sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK) {
		*out = list;
		*out_count = count;
	}
	return rc;
}

enum err_code
store_attachment_read(struct store *store, struct str id, uint32_t chunk_number,
    struct arena *arena, struct str *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(store, SQL_READ,
	    SQL_PARAMS(SQL_TEXT(id), SQL_NUMBER(chunk_number)), &query, err);

	*out = STR("");
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		*out = sql_rows_str(&query.rows, arena);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("chunk", err);
	return rc;
}

enum err_code
store_attachment_delete(struct store *store, struct str account,
    struct str compose_id, struct str id, struct err *err)
{
	return store_pool_run(store, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(compose_id), SQL_TEXT(id)),
	    NULL, err);
}
