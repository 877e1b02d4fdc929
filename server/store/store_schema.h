#ifndef STORE_STORE_SCHEMA_H
#define STORE_STORE_SCHEMA_H
/* Brings a database forward to the schema of this program. */
#include "store/schema.h"
#include "store/sql.h"

/*
 * Runs the steps that are missing, each in a transaction of its own.
 * ERR_CONFIG when the database is newer than this program.
 */
enum err_code store_schema_migrate(struct sql_conn *conn,
    const struct schema_step *steps, size_t count, struct err *err) WARN_UNUSED;

#endif
