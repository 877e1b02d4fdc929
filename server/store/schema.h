#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H
/*
 * The numbered files of db/, compiled in by store.mk: step n brings the
 * database from version n - 1 to n.
 */
#include <stddef.h>

struct schema_step {
	int number;       /* from the file's name; 1, 2, 3 … without a gap */
	const char *name; /* "001_start.sql" */
	const char *sql;  /* NUL-terminated */
};

extern const struct schema_step schema_steps[];
extern const size_t schema_step_count;

#endif
