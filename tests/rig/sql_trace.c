/*
 * Writes down what a program asks of SQLite and gets, so that a test can ask
 * another database the same. Loaded in front of libsqlite3 (LD_PRELOAD);
 * IWEBMSG_SQL_TRACE is the number of the pipe it writes to. Knows the calls of
 * server/store/sql.c.
 *
 * A line for each statement, its words apart by TAB, bytes in hex:
 *   run CONN DATABASE CODE CHANGES SQL PARAMETERS ROWS
 *   script CONN DATABASE CODE 0 SQL
 *   close CONN DATABASE
 * Values are apart by commas (n: number, t: text, b: bytes, z: NULL, d:
 * double), rows by semicolons.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATEMENTS_MAX 8192
#define PARAMS_MAX     64

/* Text that grows; the program ends when there is no memory. */
struct note {
	char *text;
	size_t len, room;
};

struct statement {
	sqlite3_stmt *stmt;
	struct note params[PARAMS_MAX];
	struct note rows;
	int code;
	int64_t changes;
	int has_run;
};

static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static struct statement statements[STATEMENTS_MAX];
static size_t statement_count;

static void
note_add(struct note *note, const void *bytes, size_t len)
{
	if (note->len + len + 1 > note->room) {
		note->room = (note->len + len + 1) * 2;
		note->text = realloc(note->text, note->room);
		if (note->text == NULL)
			abort();
	}
	if (len > 0)
		memcpy(note->text + note->len, bytes, len);
	note->len += len;
	note->text[note->len] = '\0';
}

static void
note_add_c(struct note *note, const char *text)
{
	note_add(note, text, strlen(text));
}

static void
note_add_hex(struct note *note, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		char pair[2] = {digits[from[i] >> 4], digits[from[i] & 15]};

		note_add(note, pair, 2);
	}
}

static void
note_add_number(struct note *note, const char *kind, int64_t number)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%s%lld", kind, (long long)number);
	note_add_c(note, text);
}

/* The library's own function. */
static void
find(const char *name, void *out)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	memcpy(out, &found, sizeof(found));
}

/* SQLite calls sqlite3_exec itself, for its own purposes. */
static int
is_sqlite(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	       strstr(info.dli_fname, "libsqlite3") != NULL;
}

/* A pipe's end, which no limit of a test on files stops. */
static void
put(struct note *line)
{
	const char *fd = getenv("IWEBMSG_SQL_TRACE");
	size_t at = 0;

	note_add_c(line, "\n");
	while (fd != NULL && at < line->len) {
		ssize_t got = write(
		    (int)strtol(fd, NULL, 10), line->text + at, line->len - at);

		if (got < 0 && errno != EINTR)
			abort();
		at += got > 0 ? (size_t)got : 0;
	}
	free(line->text);
}

static void
begin(struct note *line, const char *what, sqlite3 *db)
{
	char conn[60];
	const char *file = sqlite3_db_filename(db, "main");

	(void)snprintf(conn, sizeof(conn), "%s\t%ld.%p\t", what, (long)getpid(),
	    (void *)db);
	note_add_c(line, conn);
	if (file == NULL || file[0] == '\0')
		note_add_c(line, "-");
	else
		note_add_hex(line, file, strlen(file));
}

static struct statement *
statement_of(sqlite3_stmt *stmt)
{
	for (size_t i = statement_count; i > 0; i--)
		if (statements[i - 1].stmt == stmt)
			return &statements[i - 1];
	return NULL;
}

int
sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags,
    sqlite3_stmt **out, const char **out_tail)
{
	int (*real)(sqlite3 *, const char *, int, unsigned, sqlite3_stmt **,
	    const char **);
	int code;

	find("sqlite3_prepare_v3", &real);
	code = real(db, sql, bytes, flags, out, out_tail);
	if (code != SQLITE_OK)
		return code;
	pthread_mutex_lock(&trace_lock);
	if (statement_count == STATEMENTS_MAX)
		abort();
	statements[statement_count++] = (struct statement){.stmt = *out};
	pthread_mutex_unlock(&trace_lock);
	return code;
}

static struct note *
param_of(sqlite3_stmt *stmt, int index)
{
	struct statement *statement = statement_of(stmt);
	struct note *param;

	if (statement == NULL || index < 1 || index > PARAMS_MAX)
		abort();
	param = &statement->params[index - 1];
	param->len = 0;
	return param;
}

static void
keep_bytes(sqlite3_stmt *stmt, int index, const char *kind, const void *bytes,
    size_t len)
{
	struct note *param;

	pthread_mutex_lock(&trace_lock);
	param = param_of(stmt, index);
	note_add_c(param, kind);
	note_add_hex(param, bytes, len);
	pthread_mutex_unlock(&trace_lock);
}

int
sqlite3_bind_int64(sqlite3_stmt *stmt, int index, sqlite3_int64 number)
{
	int (*real)(sqlite3_stmt *, int, sqlite3_int64);

	find("sqlite3_bind_int64", &real);
	pthread_mutex_lock(&trace_lock);
	note_add_number(param_of(stmt, index), "n:", number);
	pthread_mutex_unlock(&trace_lock);
	return real(stmt, index, number);
}

int
sqlite3_bind_text64(sqlite3_stmt *stmt, int index, const char *text,
    sqlite3_uint64 len, void (*end)(void *), unsigned char encoding)
{
	int (*real)(sqlite3_stmt *, int, const char *, sqlite3_uint64,
	    void (*)(void *), unsigned char);

	find("sqlite3_bind_text64", &real);
	keep_bytes(stmt, index, "t:", text, (size_t)len);
	return real(stmt, index, text, len, end, encoding);
}

int
sqlite3_bind_blob64(sqlite3_stmt *stmt, int index, const void *bytes,
    sqlite3_uint64 len, void (*end)(void *))
{
	int (*real)(sqlite3_stmt *, int, const void *, sqlite3_uint64,
	    void (*)(void *));

	find("sqlite3_bind_blob64", &real);
	keep_bytes(stmt, index, "b:", bytes, (size_t)len);
	return real(stmt, index, bytes, len, end);
}

static void
keep_value(struct note *rows, sqlite3_stmt *stmt, int column)
{
	int type = sqlite3_column_type(stmt, column);
	const void *bytes;

	if (type == SQLITE_INTEGER) {
		note_add_number(rows, "n:", sqlite3_column_int64(stmt, column));
		return;
	}
	if (type == SQLITE_NULL || type == SQLITE_FLOAT) {
		note_add_c(rows, type == SQLITE_NULL ? "z:" : "d:");
		return;
	}
	bytes = sqlite3_column_blob(stmt, column);
	note_add_c(rows, type == SQLITE_TEXT ? "t:" : "b:");
	note_add_hex(rows, bytes, (size_t)sqlite3_column_bytes(stmt, column));
}

int
sqlite3_step(sqlite3_stmt *stmt)
{
	int (*real)(sqlite3_stmt *);
	struct statement *statement;
	int code;

	find("sqlite3_step", &real);
	code = real(stmt);
	pthread_mutex_lock(&trace_lock);
	statement = statement_of(stmt);
	if (statement != NULL) {
		statement->has_run = 1;
		statement->code = code;
		if (code == SQLITE_DONE)
			statement->changes =
			    sqlite3_changes64(sqlite3_db_handle(stmt));
	}
	if (statement != NULL && code == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			if (i > 0)
				note_add_c(&statement->rows, ",");
			keep_value(&statement->rows, stmt, i);
		}
		note_add_c(&statement->rows, ";");
	}
	pthread_mutex_unlock(&trace_lock);
	return code;
}

static void
put_run(struct statement *statement)
{
	sqlite3_stmt *stmt = statement->stmt;
	const char *sql = sqlite3_sql(stmt);
	struct note line = {NULL, 0, 0};

	begin(&line, "run", sqlite3_db_handle(stmt));
	note_add_number(&line, "\t", statement->code);
	note_add_number(&line, "\t", statement->changes);
	note_add_c(&line, "\t");
	note_add_hex(&line, sql, strlen(sql));
	note_add_c(&line, "\t");
	for (int i = 0; i < sqlite3_bind_parameter_count(stmt); i++) {
		if (i > 0)
			note_add_c(&line, ",");
		note_add(
		    &line, statement->params[i].text, statement->params[i].len);
	}
	note_add_c(&line, "\t");
	note_add(&line, statement->rows.text, statement->rows.len);
	put(&line);
	statement->has_run = 0;
	statement->rows.len = 0;
}

int
sqlite3_reset(sqlite3_stmt *stmt)
{
	int (*real)(sqlite3_stmt *);
	struct statement *statement;

	find("sqlite3_reset", &real);
	pthread_mutex_lock(&trace_lock);
	statement = statement_of(stmt);
	if (statement != NULL && statement->has_run)
		put_run(statement);
	pthread_mutex_unlock(&trace_lock);
	return real(stmt);
}

int
sqlite3_finalize(sqlite3_stmt *stmt)
{
	int (*real)(sqlite3_stmt *);
	struct statement *statement;

	find("sqlite3_finalize", &real);
	pthread_mutex_lock(&trace_lock);
	statement = stmt == NULL ? NULL : statement_of(stmt);
	if (statement != NULL) {
		for (size_t i = 0; i < PARAMS_MAX; i++)
			free(statement->params[i].text);
		free(statement->rows.text);
		*statement = statements[--statement_count];
	}
	pthread_mutex_unlock(&trace_lock);
	return real(stmt);
}

int
sqlite3_exec(sqlite3 *db, const char *sql,
    int (*row)(void *, int, char **, char **), void *ctx, char **out_words)
{
	int (*real)(sqlite3 *, const char *,
	    int (*)(void *, int, char **, char **), void *, char **);
	struct note line = {NULL, 0, 0};
	int code;

	find("sqlite3_exec", &real);
	code = real(db, sql, row, ctx, out_words);
	if (is_sqlite(__builtin_return_address(0)))
		return code;
	pthread_mutex_lock(&trace_lock);
	begin(&line, "script", db);
	note_add_number(&line, "\t", code);
	note_add_c(&line, "\t0\t");
	note_add_hex(&line, sql, strlen(sql));
	put(&line);
	pthread_mutex_unlock(&trace_lock);
	return code;
}

int
sqlite3_close(sqlite3 *db)
{
	int (*real)(sqlite3 *);
	struct note line = {NULL, 0, 0};

	find("sqlite3_close", &real);
	if (db != NULL) {
		pthread_mutex_lock(&trace_lock);
		begin(&line, "close", db);
		put(&line);
		pthread_mutex_unlock(&trace_lock);
	}
	return real(db);
}
