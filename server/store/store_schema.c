#include "store/store_schema.h"

static const char SQL_TABLE[] =
    "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
static const char SQL_VERSION[] =
    "SELECT COALESCE(MAX(version), 0) FROM schema_version";
static const char SQL_SET[] = "INSERT INTO schema_version (version) "
                              "VALUES ($1)";

static enum err_code
read_version(struct sql_conn *conn, int64_t *out, struct err *err)
{
	struct sql_rows rows;
	enum err_code rc = sql_query(conn, SQL_VERSION, NULL, 0, &rows, err);

	if (rc != ERR_OK)
		return rc;
	*out = 0;
	if (sql_rows_next(&rows))
		*out = sql_rows_number(&rows);
	return sql_rows_end(&rows, NULL, err);
}

/*
 * Inside the transaction the version is looked at again: another process may
 * have come first.
 */
static enum err_code
run_step(struct sql_conn *conn, const struct schema_step *step, struct err *err)
{
	int64_t version = 0;
	enum err_code rc = sql_begin(conn, err);

	if (rc != ERR_OK)
		return rc;
	rc = read_version(conn, &version, err);
	if (rc == ERR_OK && version < step->number) {
		rc = sql_script(conn, step->sql, err);
		if (rc == ERR_OK)
			rc = sql_run(conn, SQL_SET,
			    SQL_PARAMS(SQL_NUMBER(step->number)), NULL, err);
	}
	if (rc == ERR_OK)
		rc = sql_script(conn, "COMMIT", err);
	if (rc != ERR_OK && sql_in_transaction(conn))
		(void)!sql_script(conn, "ROLLBACK", NULL);
	return rc;
}

enum err_code
store_schema_migrate(struct sql_conn *conn, const struct schema_step *steps,
    size_t count, struct err *err)
{
	int64_t version = 0;
	enum err_code rc = sql_script(conn, SQL_TABLE, err);

	if (rc == ERR_OK)
		rc = read_version(conn, &version, err);
	if (rc != ERR_OK)
		return rc;
	if (version > (int64_t)count)
		return err_sayf(err, ERR_CONFIG,
		    "The database has schema %lld, this program knows up to "
		    "%zu: it is older than the one that wrote it. Install "
		    "the newer program again, or restore the backup.",
		    (long long)version, count);
	for (size_t i = 0; i < count && rc == ERR_OK; i++)
		if (steps[i].number > version)
			rc = run_step(conn, &steps[i], err);
	return rc;
}
