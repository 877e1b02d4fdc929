#include "store/store_pool.h"

static const char SQL_ADD[] =
    "INSERT INTO ticket (selector, secret_hash, binder_hash, sealed, session, "
    "door, path, ends_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char SQL_FIND[] =
    "SELECT selector, secret_hash, binder_hash, sealed, session, door, path, "
    "ends_s FROM ticket WHERE selector = $1";
static const char SQL_TAKE[] =
    "DELETE FROM ticket WHERE selector = $1 RETURNING selector, secret_hash, "
    "binder_hash, sealed, session, door, path, ends_s";

enum err_code
store_ticket_add(
    struct store *store, const struct store_ticket *ticket, struct err *err)
{
	return store_pool_run(store, SQL_ADD,
	    SQL_PARAMS(SQL_BYTES(ticket->selector),
	        SQL_BYTES(ticket->secret_hash), SQL_BYTES(ticket->binder_hash),
	        SQL_BYTES(ticket->sealed), SQL_BYTES(ticket->session),
	        SQL_TEXT(ticket->door), SQL_TEXT(ticket->path),
	        SQL_NUMBER(ticket->ends_s)),
	    NULL, err);
}

static void
read_ticket(
    struct sql_rows *rows, struct arena *arena, struct store_ticket *out)
{
	out->selector = sql_rows_str(rows, arena);
	out->secret_hash = sql_rows_str(rows, arena);
	out->binder_hash = sql_rows_str(rows, arena);
	out->sealed = sql_rows_str(rows, arena);
	out->session = sql_rows_str(rows, arena);
	out->door = sql_rows_str(rows, arena);
	out->path = sql_rows_str(rows, arena);
	out->ends_s = sql_rows_number(rows);
}

enum err_code
store_ticket_find(struct store *store, struct str selector, struct arena *arena,
    struct store_ticket *out, struct err *err)
{
	struct store_query query;
	bool is_found = false;
	enum err_code rc = store_pool_query(
	    store, SQL_FIND, SQL_PARAMS(SQL_BYTES(selector)), &query, err);

	*out = (struct store_ticket){.ends_s = 0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		read_ticket(&query.rows, arena, out);
		is_found = true;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("ticket", err);
	return rc;
}

enum err_code
store_ticket_take(struct store *store, struct str selector, struct arena *arena,
    struct store_ticket *out, struct err *err)
{
	struct store_change change;
	struct sql_rows rows;
	bool is_found = false;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out = (struct store_ticket){.ends_s = 0};
	if (rc != ERR_OK)
		return rc;
	rc = sql_query(
	    change.conn, SQL_TAKE, SQL_PARAMS(SQL_BYTES(selector)), &rows, err);
	if (rc == ERR_OK) {
		if (sql_rows_next(&rows)) {
			read_ticket(&rows, arena, out);
			is_found = true;
		}
		/* RETURNING gives its rows before the statement is over. */
		while (sql_rows_next(&rows))
			;
		rc = sql_rows_end(&rows, arena, err);
	}
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("ticket", err);
	return store_pool_change_end(&change, rc, err);
}
