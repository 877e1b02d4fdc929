#ifndef STORE_STORE_POOL_H
#define STORE_STORE_POOL_H
/*
 * Who may use which connection: one writer, whose changes of many threads
 * share a transaction and one sync to disk (group commit), and a few readers
 * that never wait for it. Only for this room.
 */
#include "base/lock.h"
#include "store/sql.h"
#include "store/store.h"

#define STORE_READERS 4
/* Changes that share a transaction at most, so that nobody waits for long. */
#define STORE_GROUP_MAX 64

struct store_group;

struct store {
	struct lock lock;      /* guards all below but the connections in use */
	struct lock_cond turn; /* the writer is free */
	struct lock_cond committed; /* a group is done */
	struct lock_cond reader;    /* a reader is free */
	struct sql_conn *writer;
	bool is_writing;
	unsigned waiting;                        /* for the writer */
	struct store_group *group;               /* open transaction, or NULL */
	struct sql_conn *readers[STORE_READERS]; /* the free ones */
	unsigned reader_count;
	bool is_memory; /* ":memory:": one connection does all */
};

/* One change under way: between begin and end its thread has the writer. */
struct store_change {
	struct store *store;
	struct sql_conn *conn;
};
enum err_code store_pool_change_begin(
    struct store *store, struct store_change *out, struct err *err) WARN_UNUSED;
/*
 * Keeps the change when rc is ERR_OK, undoes it otherwise. Returns rc, or why
 * it could not be kept; when it returns ERR_OK it is on the disk.
 */
enum err_code store_pool_change_end(
    struct store_change *change, enum err_code rc, struct err *err) WARN_UNUSED;

/* The change of one statement. */
enum err_code store_pool_run(struct store *store, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out_changed,
    struct err *err) WARN_UNUSED;

/*
 * Starts a query on a free reader, waiting for one; store_pool_query_end must
 * follow, also on failure.
 */
struct store_query {
	struct store_change change; /* used when is_memory */
	struct sql_conn *conn;
	struct sql_rows rows;
};
enum err_code store_pool_query(struct store *store, const char *sql,
    const struct sql_param *params, size_t count, struct store_query *out,
    struct err *err) WARN_UNUSED;
enum err_code store_pool_query_end(struct store *store,
    struct store_query *query, const struct arena *arena, enum err_code rc,
    struct err *err) WARN_UNUSED;

/* ERR_NOT_FOUND in words; `what` goes to the log. */
enum err_code store_pool_not_found(const char *what, struct err *err);

#endif
