#include "store/sql.h"

#include <sqlite3.h>

/* Distinct statements of this room, with room to grow. */
#define STATEMENTS_MAX 256
/* How long to wait for another process (--check, a backup). */
#define BUSY_WAIT_MS 5000

struct statement {
	const char *sql; /* literal; compared by address */
	sqlite3_stmt *stmt;
};

struct sql_conn {
	sqlite3 *db;
	struct statement statements[STATEMENTS_MAX];
	size_t statement_count;
};

/* A quota that is used up shows as a failed write, not as a full disk. */
static bool
is_disk_full(int code)
{
	return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_WRITE;
}

/* SQLite's codes end here. */
static enum err_code
fail(sqlite3 *db, int code, struct err *err)
{
	const char *words =
	    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);

	if (is_disk_full(code))
		return err_setf(err, ERR_LIMIT,
		    "The disk of this server is full. Nothing was changed; "
		    "please tell the administrator.",
		    "database: disk full: %s (%d)", words, code);
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory. Please try again.",
		    "database: out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_setf(err, ERR_BUSY,
		    "The server's database is busy. Please try again.",
		    "database: locked by another process: %s (%d)", words,
		    code);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return err_setf(err, ERR_CONFIG,
		    "The server's database cannot be written. Please tell "
		    "the administrator.",
		    "database: %s (%d): check owner and mode of the file "
		    "and of its folder",
		    words, code);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_setf(err, ERR_INTERNAL,
		    "The server's database is damaged. Please tell the "
		    "administrator.",
		    "database: damaged: %s (%d): restore a backup or move "
		    "the file away",
		    words, code);
	default:
		return err_setf(err, ERR_INTERNAL,
		    "The server's database had a problem. Please try again.",
		    "database: %s (%d)", words, code);
	}
}

/* At the opening everything wrong with the file is the admin's turn. */
static enum err_code
fail_open(const char *path, sqlite3 *db, int code, struct err *err)
{
	enum err_code rc = fail(db, code, err);

	if (rc == ERR_NO_MEMORY || rc == ERR_LIMIT || rc == ERR_BUSY)
		return rc;
	if ((code & 0xff) == SQLITE_NOTADB)
		return err_sayf(err, ERR_CONFIG,
		    "%s is not a database. Move it away or name another file "
		    "(Database= in [Server]).",
		    path);
	if ((code & 0xff) == SQLITE_CORRUPT)
		return err_sayf(err, ERR_CONFIG,
		    "The database %s is damaged. Restore a backup, or move "
		    "it away to start anew.",
		    path);
	return err_sayf(err, ERR_CONFIG,
	    "The database %s cannot be opened for writing: %s. Check owner "
	    "and mode of the file and of its folder.",
	    path, db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

/* journal_mode answers with a row and does not fail by itself. */
static int
set_wal(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(
	    db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	int end = sqlite3_finalize(stmt);
	if (end != SQLITE_OK)
		return end;
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int
set_up(sqlite3 *db)
{
	static const char settings[] = "PRAGMA synchronous = FULL;"
	                               "PRAGMA foreign_keys = ON;"
	                               "PRAGMA temp_store = MEMORY;"
	                               "PRAGMA secure_delete = FAST;"
	                               "PRAGMA cell_size_check = ON;"
	                               "PRAGMA trusted_schema = OFF;"
	                               "PRAGMA cache_size = -2048;";

	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	int code = sqlite3_busy_timeout(db, BUSY_WAIT_MS);
	if (code != SQLITE_OK)
		return code;
	if (sqlite3_db_readonly(db, "main") == 1)
		return SQLITE_READONLY;
	code = set_wal(db);
	if (code != SQLITE_OK)
		return code;
	return sqlite3_exec(db, settings, NULL, NULL, NULL);
}

static struct statement *
prepare(struct sql_conn *conn, const char *sql, int *out_code)
{
	for (size_t i = 0; i < conn->statement_count; i++)
		if (conn->statements[i].sql == sql)
			return &conn->statements[i];
	ensure(conn->statement_count < STATEMENTS_MAX);
	struct statement *statement = &conn->statements[conn->statement_count];
	*out_code = sqlite3_prepare_v3(conn->db, sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &statement->stmt, NULL);
	if (*out_code != SQLITE_OK)
		return NULL;
	statement->sql = sql;
	conn->statement_count++;
	return statement;
}

static int
bind_one(sqlite3_stmt *stmt, int index, const struct sql_param *param)
{
	/* A NULL pointer would bind NULL; empty is a value here. */
	const char *bytes = param->bytes.len == 0 ? "" : param->bytes.ptr;

	switch (param->kind) {
	case SQL_KIND_NUMBER:
		return sqlite3_bind_int64(stmt, index, param->number);
	case SQL_KIND_TEXT:
		return sqlite3_bind_text64(stmt, index, bytes, param->bytes.len,
		    SQLITE_STATIC, SQLITE_UTF8);
	case SQL_KIND_BYTES:
	default:
		return sqlite3_bind_blob64(
		    stmt, index, bytes, param->bytes.len, SQLITE_STATIC);
	}
}

/* Gives a statement back to the cache, forgetting the caller's memory. */
static void
rest(sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

static enum err_code
start(struct sql_conn *conn, const char *sql, const struct sql_param *params,
    size_t count, sqlite3_stmt **out, struct err *err)
{
	int code = SQLITE_OK;
	struct statement *statement = prepare(conn, sql, &code);

	*out = NULL;
	if (statement == NULL)
		return fail(conn->db, code, err);
	ensure((size_t)sqlite3_bind_parameter_count(statement->stmt) == count);
	for (size_t i = 0; i < count; i++) {
		code = bind_one(statement->stmt, (int)i + 1, &params[i]);
		if (code != SQLITE_OK) {
			rest(statement->stmt);
			return fail(conn->db, code, err);
		}
	}
	*out = statement->stmt;
	return ERR_OK;
}

void
sql_setup(void)
{
	/* Refused, without harm, once a connection was opened. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err_code
sql_open(const char *path, struct sql_conn **out, struct err *err)
{
	*out = NULL;
	ensure(sqlite3_threadsafe() != 0);
	struct sql_conn *conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	int code = sqlite3_open_v2(
	    path, &conn->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = set_up(conn->db);
	if (code != SQLITE_OK) {
		enum err_code rc = fail_open(path, conn->db, code, err);
		sql_close(conn);
		return rc;
	}
	*out = conn;
	return ERR_OK;
}

void
sql_close(struct sql_conn *conn)
{
	if (conn == NULL)
		return;
	for (size_t i = 0; i < conn->statement_count; i++)
		sqlite3_finalize(conn->statements[i].stmt);
	sqlite3_close(conn->db);
	free(conn);
}

enum err_code
sql_run(struct sql_conn *conn, const char *sql, const struct sql_param *params,
    size_t count, int64_t *out_changed, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum err_code rc = start(conn, sql, params, count, &stmt, err);

	if (out_changed != NULL)
		*out_changed = 0;
	if (rc != ERR_OK)
		return rc;
	int code = sqlite3_step(stmt);
	while (code == SQLITE_ROW)
		code = sqlite3_step(stmt);
	if (code != SQLITE_DONE)
		rc = fail(conn->db, code, err);
	else if (out_changed != NULL)
		*out_changed = sqlite3_changes64(conn->db);
	rest(stmt);
	return rc;
}

enum err_code
sql_query(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, struct sql_rows *out,
    struct err *err)
{
	*out = (struct sql_rows){.conn = conn, .last = SQLITE_OK};
	return start(conn, sql, params, count, &out->stmt, err);
}

bool
sql_rows_next(struct sql_rows *rows)
{
	if (rows->stmt == NULL || rows->last == SQLITE_DONE)
		return false;
	rows->column = 0;
	rows->last = sqlite3_step(rows->stmt);
	return rows->last == SQLITE_ROW;
}

struct str
sql_rows_str(struct sql_rows *rows, struct arena *arena)
{
	int column = rows->column++;
	/* The order matters: first the bytes, then how many (SQLite manual). */
	const char *bytes = sqlite3_column_blob(rows->stmt, column);
	int len = sqlite3_column_bytes(rows->stmt, column);

	if (bytes == NULL || len <= 0)
		return (struct str){.ptr = NULL, .len = 0};
	return str_dup(arena, str_of(bytes, (size_t)len));
}

int64_t
sql_rows_number(struct sql_rows *rows)
{
	return sqlite3_column_int64(rows->stmt, rows->column++);
}

enum err_code
sql_rows_end(struct sql_rows *rows, const struct arena *arena, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (rows->last != SQLITE_OK && rows->last != SQLITE_ROW &&
	    rows->last != SQLITE_DONE)
		rc = fail(rows->conn->db, rows->last, err);
	else if (arena != NULL && arena_failed(arena))
		rc = err_set(err, ERR_NO_MEMORY,
		    "This page needs more memory than it may have.",
		    "database: the request's arena is used up");
	rest(rows->stmt);
	rows->stmt = NULL;
	return rc;
}

enum err_code
sql_script(struct sql_conn *conn, const char *literal, struct err *err)
{
	int code = sqlite3_exec(conn->db, literal, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return fail(conn->db, code, err);
	return ERR_OK;
}

enum err_code
sql_begin(struct sql_conn *conn, struct err *err)
{
	return sql_script(conn, "BEGIN IMMEDIATE", err);
}

bool
sql_in_transaction(const struct sql_conn *conn)
{
	return sqlite3_get_autocommit(conn->db) == 0;
}
