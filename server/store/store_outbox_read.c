#include "store/store_outbox.h"

#include "os/clock.h"
#include "store/store_pool.h"

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENT == 2, "in the SQL below");
_Static_assert(STORE_COMPOSE_WAITING == 4, "in the SQL below");

/* A macro because SQL is made of literals. */
#define COLUMNS                                                           \
	"SELECT outbox.id, outbox.account, outbox.site, outbox.login, "   \
	"outbox.server, outbox.node, outbox.file, outbox.sealed, "        \
	"outbox.envelope, outbox.head_bytes, outbox.message_bytes, "      \
	"outbox.recipients, outbox.tries, outbox.created_s, "             \
	"outbox.due_ms, compose.state, compose.result, "                  \
	"compose.message_id, compose.unseen FROM outbox JOIN compose ON " \
	"compose.id = outbox.id "

static const char SQL_DUE[] = COLUMNS
    "WHERE outbox.node = $1 AND outbox.due_ms <= $2 AND outbox.busy < $3 "
    "AND outbox.server <> $4 AND outbox.account NOT IN ($5, $6, $7) "
    "AND compose.state IN (1, 2, 4) ORDER BY outbox.due_ms LIMIT 1";
static const char SQL_NEXT[] =
    "SELECT outbox.due_ms FROM outbox JOIN compose ON compose.id = outbox.id "
    "WHERE outbox.node = $1 AND outbox.due_ms > $2 AND outbox.busy = 0 "
    "AND compose.state IN (2, 4) ORDER BY outbox.due_ms LIMIT 1";
static const char SQL_FIND[] =
    COLUMNS "WHERE outbox.account = $1 AND outbox.id = $2";
static const char SQL_LIST[] = COLUMNS
    "WHERE outbox.account = $1 ORDER BY outbox.due_ms, outbox.id LIMIT 500";
static const char SQL_RETURNED[] =
    "SELECT id, fields, result, saved_s FROM compose WHERE account = $1 "
    "AND state = 0 AND result <> '' ORDER BY saved_s DESC LIMIT 50";
static const char SQL_COUNT[] =
    "SELECT (SELECT COUNT(*) FROM outbox JOIN compose ON compose.id = "
    "outbox.id WHERE outbox.account = $1 "
    "AND (compose.state <> 2 OR compose.result <> '')), "
    "(SELECT COUNT(*) FROM compose WHERE account = $2 AND state = 0 "
    "AND result <> ''), "
    "(SELECT COUNT(*) FROM compose WHERE account = $3 AND unseen = 1), "
    "(SELECT COUNT(*) FROM compose WHERE account = $4 AND state = 0 "
    "AND unseen = 2)";
static const char SQL_ROWS[] = "SELECT COUNT(*) FROM outbox WHERE node = $1";
static const char SQL_HAS_FILE[] =
    "SELECT 1 FROM outbox WHERE node = $1 AND file = $2";

static void
read_row(struct sql_rows *rows, struct arena *arena, struct store_outbox *out)
{
	out->id = sql_rows_str(rows, arena);
	out->account = sql_rows_str(rows, arena);
	out->site = sql_rows_str(rows, arena);
	out->login = sql_rows_str(rows, arena);
	out->server = sql_rows_str(rows, arena);
	out->node = sql_rows_str(rows, arena);
	out->file = sql_rows_str(rows, arena);
	out->sealed = sql_rows_str(rows, arena);
	out->envelope = sql_rows_str(rows, arena);
	out->head_bytes = (uint64_t)sql_rows_number(rows);
	out->message_bytes = (uint64_t)sql_rows_number(rows);
	out->recipients = (uint64_t)sql_rows_number(rows);
	out->tries = (uint32_t)sql_rows_number(rows);
	out->created_s = sql_rows_number(rows);
	out->due_ms = sql_rows_number(rows);
	out->state = (enum store_compose_state)sql_rows_number(rows);
	out->result = sql_rows_str(rows, arena);
	out->message_id = sql_rows_str(rows, arena);
	out->unseen = sql_rows_number(rows) == 1;
}

/* The first row, or ERR_NOT_FOUND. */
static enum err_code
read_one(struct store *store, struct store_query *query, enum err_code rc,
    struct arena *arena, struct store_outbox *out, struct err *err)
{
	bool is_found = false;

	*out = (struct store_outbox){.tries = 0};
	if (rc == ERR_OK && sql_rows_next(&query->rows)) {
		read_row(&query->rows, arena, out);
		is_found = true;
	}
	rc = store_pool_query_end(store, query, arena, rc, err);
	if (rc == ERR_OK && !is_found)
		rc = store_pool_not_found("message in the outbox", err);
	return rc;
}

/* A number of the first row; `none` without one. */
static enum err_code
read_number(struct store *store, struct store_query *query, enum err_code rc,
    int64_t none, int64_t *out, struct err *err)
{
	*out = none;
	if (rc == ERR_OK && sql_rows_next(&query->rows))
		*out = sql_rows_number(&query->rows);
	return store_pool_query_end(store, query, NULL, rc, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
store_outbox_due(struct store *store, const struct store_outbox_ask *ask,
    struct arena *arena, struct store_outbox *out, int64_t *out_next_ms,
    struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_DUE,
	    SQL_PARAMS(SQL_TEXT(ask->node), SQL_NUMBER(ask->now_ms),
	        SQL_NUMBER(clock_now_s()), SQL_TEXT(ask->server),
	        SQL_TEXT(ask->accounts[0]), SQL_TEXT(ask->accounts[1]),
	        SQL_TEXT(ask->accounts[2])),
	    &query, err);

	*out_next_ms = INT64_MAX;
	rc = read_one(store, &query, rc, arena, out, err);
	if (rc != ERR_NOT_FOUND)
		return rc;
	rc = store_pool_query(store, SQL_NEXT,
	    SQL_PARAMS(SQL_TEXT(ask->node), SQL_NUMBER(ask->now_ms)), &query,
	    err);
	rc = read_number(store, &query, rc, INT64_MAX, out_next_ms, err);
	return rc == ERR_OK ? store_pool_not_found("message that is due", err)
	                    : rc;
}

enum err_code
store_outbox_find(struct store *store, struct str account, struct str id,
    struct arena *arena, struct store_outbox *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_FIND,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), &query, err);

	return read_one(store, &query, rc, arena, out, err);
}

enum err_code
store_outbox_list(struct store *store, struct str account, struct arena *arena,
    struct store_outbox **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_outbox *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_LIST, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count] = (struct store_outbox){.tries = 0};
		read_row(&query.rows, arena, &list[count]);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_outbox_returned(struct store *store, struct str account,
    struct arena *arena, struct store_compose **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	struct store_compose *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_RETURNED, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count] = (struct store_compose){.account = account};
		list[count].id = sql_rows_str(&query.rows, arena);
		list[count].fields = sql_rows_str(&query.rows, arena);
		list[count].result = sql_rows_str(&query.rows, arena);
		list[count].saved_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_outbox_count(struct store *store, struct str account,
    struct store_outbox_counts *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_COUNT,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(account), SQL_TEXT(account),
	        SQL_TEXT(account)),
	    &query, err);

	*out = (struct store_outbox_counts){0};
	if (rc == ERR_OK && sql_rows_next(&query.rows)) {
		out->waiting = (uint64_t)sql_rows_number(&query.rows);
		out->returned = (uint64_t)sql_rows_number(&query.rows);
		out->unseen = (uint64_t)sql_rows_number(&query.rows);
		out->kept = (uint64_t)sql_rows_number(&query.rows);
	}
	return store_pool_query_end(store, &query, NULL, rc, err);
}

enum err_code
store_outbox_rows(
    struct store *store, struct str node, uint64_t *out, struct err *err)
{
	struct store_query query;
	int64_t rows = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_ROWS, SQL_PARAMS(SQL_TEXT(node)), &query, err);

	rc = read_number(store, &query, rc, 0, &rows, err);
	*out = (uint64_t)rows;
	return rc;
}

enum err_code
store_outbox_has_file(struct store *store, struct str node, struct str file,
    bool *out, struct err *err)
{
	struct store_query query;
	int64_t found = 0;
	enum err_code rc = store_pool_query(store, SQL_HAS_FILE,
	    SQL_PARAMS(SQL_TEXT(node), SQL_TEXT(file)), &query, err);

	rc = read_number(store, &query, rc, 0, &found, err);
	*out = found != 0;
	return rc;
}
