#ifndef STORE_SQL_H
#define STORE_SQL_H
/*
 * One connection to the database: statements prepared once and kept,
 * parameters, rows. The only file that knows SQLite; a second one could know
 * libpq. One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct sql_conn;

enum sql_kind {
	SQL_KIND_TEXT, /* UTF-8 */
	SQL_KIND_BYTES,
	SQL_KIND_NUMBER
};
struct sql_param {
	enum sql_kind kind;
	struct str bytes;
	int64_t number;
};

/* Parameters $1 … $n in order; macros because they are initialisers. */
#define SQL_TEXT(string) \
	((struct sql_param){.kind = SQL_KIND_TEXT, .bytes = (string)})
#define SQL_BYTES(string) \
	((struct sql_param){.kind = SQL_KIND_BYTES, .bytes = (string)})
#define SQL_NUMBER(n) \
	((struct sql_param){.kind = SQL_KIND_NUMBER, .number = (int64_t)(n)})
/* A list of them and its length: two arguments. */
#define SQL_PARAMS(...)                                       \
	(const struct sql_param[]){__VA_ARGS__},              \
	    sizeof((const struct sql_param[]){__VA_ARGS__}) / \
	        sizeof(struct sql_param)

/* The rows of a statement that runs. */
struct sql_rows {
	struct sql_conn *conn;
	struct sqlite3_stmt *stmt;
	int column; /* read next */
	int last;   /* what the last step said */
};

/*
 * Before the first connection: SQLite keeps no tally of its memory, whose lock
 * all threads would share with each allocation.
 */
void sql_setup(void);
/*
 * Opens an existing file (or ":memory:"), sets it to WAL and full syncs.
 * ERR_CONFIG: not a database, read-only, damaged.
 */
enum err_code sql_open(
    const char *path, struct sql_conn **out, struct err *err) WARN_UNUSED;
void sql_close(struct sql_conn *conn); /* NULL accepted */

/*
 * Runs a statement without rows. `sql` must be a literal (it is the key of
 * the prepared statement); *out_changed (NULL accepted) counts the rows.
 * ERR_LIMIT: disk full. ERR_BUSY: locked too long. ERR_CONFIG: read-only.
 * ERR_INTERNAL: damaged, or a constraint of the schema.
 */
enum err_code sql_run(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out_changed,
    struct err *err) WARN_UNUSED;

/* Starts a statement with rows; sql_rows_end must follow, also on failure. */
enum err_code sql_query(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, struct sql_rows *out,
    struct err *err) WARN_UNUSED;
/* False after the last row, or on failure, which sql_rows_end then tells. */
bool sql_rows_next(struct sql_rows *rows);
/* The next column of this row: a copy in the arena, or a number. */
struct str sql_rows_str(struct sql_rows *rows, struct arena *arena);
int64_t sql_rows_number(struct sql_rows *rows);
/* `arena` (NULL accepted) is asked whether it held everything. */
enum err_code sql_rows_end(struct sql_rows *rows, const struct arena *arena,
    struct err *err) WARN_UNUSED;

/* Runs a compiled-in script of several statements, for migrations. */
enum err_code sql_script(
    struct sql_conn *conn, const char *literal, struct err *err) WARN_UNUSED;
/*
 * Opens a transaction that may write: nobody else does until COMMIT or
 * ROLLBACK. Its words are the database's own, so they are not the store's.
 */
enum err_code sql_begin(struct sql_conn *conn, struct err *err) WARN_UNUSED;
/* Is a transaction open? It may have been rolled back by a full disk. */
bool sql_in_transaction(const struct sql_conn *conn);

#endif
