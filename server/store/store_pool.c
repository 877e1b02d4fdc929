#include "store/store_pool.h"

#include "os/fault.h"

/*
 * A transaction shared by the changes that came while others were being
 * written. The thread which finds nobody waiting behind it commits for all.
 */
struct store_group {
	unsigned members; /* changes kept in it */
	unsigned readers; /* threads that still look at the outcome */
	bool is_done;
	enum err_code rc;
	struct err err;
};

static enum err_code
no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY,
	    "The server is out of memory. Please try again.", NULL);
}

/* The lock is held. */
static void
turn_take(struct store *store)
{
	store->waiting++;
	while (store->is_writing)
		lock_cond_wait(&store->turn, &store->lock);
	store->waiting--;
	store->is_writing = true;
}

/* The lock is held. */
static void
turn_give(struct store *store)
{
	store->is_writing = false;
	lock_cond_signal(&store->turn);
}

/* The lock is held. */
static void
group_leave(struct store_group *group)
{
	if (--group->readers == 0)
		free(group);
}

/* The lock is held. The outcome goes to everybody who is in the group. */
static void
group_close(struct store *store, enum err_code rc, const struct err *err)
{
	struct store_group *group = store->group;

	group->is_done = true;
	group->rc = rc;
	group->err = *err;
	store->group = NULL;
	lock_cond_broadcast(&store->committed);
	group_leave(group); /* the store's own look */
}

static enum err_code
group_open(struct store *store, struct err *err)
{
	struct store_group *group = calloc(1, sizeof(*group));

	if (group == NULL)
		return no_memory(err);
	enum err_code rc = sql_begin(store->writer, err);
	if (rc != ERR_OK) {
		free(group);
		return rc;
	}
	group->readers = 1;
	store->group = group;
	return ERR_OK;
}

/* Only by the thread whose turn it is. */
static void
group_commit(struct store *store)
{
	struct err err = ERR_NONE;
	enum err_code rc = sql_script(store->writer, "COMMIT", &err);

	if (rc != ERR_OK && sql_in_transaction(store->writer)) {
		struct err ignored = ERR_NONE;
		/* A second failure says no more than the first. */
		(void)!sql_script(store->writer, "ROLLBACK", &ignored);
	}
	lock_take(&store->lock);
	group_close(store, rc, &err);
	lock_give(&store->lock);
}

enum err_code
store_pool_change_begin(
    struct store *store, struct store_change *out, struct err *err)
{
	*out = (struct store_change){.store = store, .conn = store->writer};
	lock_take(&store->lock);
	turn_take(store);
	lock_give(&store->lock);

	enum err_code rc = ERR_OK;
	if (fault_fails("database"))
		rc = err_set(err, ERR_CONFIG,
		    "The server's database cannot be written. Please tell the "
		    "administrator.",
		    "store: a fault asked for");
	if (rc == ERR_OK && store->group == NULL)
		rc = group_open(store, err);
	if (rc == ERR_OK)
		rc = sql_script(store->writer, "SAVEPOINT change", err);
	if (rc != ERR_OK)
		rc = store_pool_change_end(out, rc, err);
	return rc;
}

/* Ends the change's own step; the transaction itself may be gone by now. */
static enum err_code
step_end(struct store *store, enum err_code rc, struct err *err)
{
	struct err ignored = ERR_NONE;

	if (!sql_in_transaction(store->writer))
		return rc;
	if (rc == ERR_OK)
		return sql_script(store->writer, "RELEASE change", err);
	/* Fails only when the savepoint was never made: nothing to undo. */
	if (sql_script(store->writer, "ROLLBACK TO change", &ignored) == ERR_OK)
		(void)!sql_script(store->writer, "RELEASE change", &ignored);
	return rc;
}

/* The lock is held. A full disk rolls back what the others wrote, too. */
static void
group_lost(struct store *store)
{
	struct err lost = ERR_NONE;

	err_set(&lost, ERR_LIMIT,
	    "The server could not save this. Please try again.",
	    "database: the shared transaction was rolled back");
	group_close(store, ERR_LIMIT, &lost);
}

enum err_code
store_pool_change_end(
    struct store_change *change, enum err_code rc, struct err *err)
{
	struct store *store = change->store;
	struct store_group *mine = NULL;
	bool must_commit = false;

	rc = step_end(store, rc, err);
	lock_take(&store->lock);
	if (store->group != NULL) {
		if (rc == ERR_OK) {
			mine = store->group;
			mine->members++;
			mine->readers++;
		}
		if (!sql_in_transaction(store->writer))
			group_lost(store);
		else
			must_commit = store->waiting == 0 ||
			              store->group->members >= STORE_GROUP_MAX;
	}
	lock_give(&store->lock);
	if (must_commit)
		group_commit(store);
	lock_take(&store->lock);
	turn_give(store);
	if (mine != NULL) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is counted */
		while (!mine->is_done)
			lock_cond_wait(&store->committed, &store->lock);
		rc = mine->rc;
		if (rc != ERR_OK && err != NULL)
			*err = mine->err;
		group_leave(mine);
	}
	lock_give(&store->lock);
	return rc;
}

enum err_code
store_pool_run(struct store *store, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out_changed,
    struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(change.conn, sql, params, count, out_changed, err);
	return store_pool_change_end(&change, rc, err);
}

static struct sql_conn *
reader_take(struct store *store)
{
	lock_take(&store->lock);
	while (store->reader_count == 0)
		lock_cond_wait(&store->reader, &store->lock);
	struct sql_conn *conn = store->readers[--store->reader_count];
	lock_give(&store->lock);
	return conn;
}

static void
reader_give(struct store *store, struct sql_conn *conn)
{
	lock_take(&store->lock);
	store->readers[store->reader_count++] = conn;
	lock_cond_signal(&store->reader);
	lock_give(&store->lock);
}

enum err_code
store_pool_query(struct store *store, const char *sql,
    const struct sql_param *params, size_t count, struct store_query *out,
    struct err *err)
{
	*out = (struct store_query){.conn = NULL};
	if (store->is_memory) {
		enum err_code rc =
		    store_pool_change_begin(store, &out->change, err);
		if (rc != ERR_OK)
			return rc;
		out->conn = out->change.conn;
	} else {
		out->conn = reader_take(store);
	}
	return sql_query(out->conn, sql, params, count, &out->rows, err);
}

enum err_code
store_pool_query_end(struct store *store, struct store_query *query,
    const struct arena *arena, enum err_code rc, struct err *err)
{
	if (query->conn == NULL)
		return rc;
	if (rc == ERR_OK)
		rc = sql_rows_end(&query->rows, arena, err);
	else
		(void)!sql_rows_end(&query->rows, NULL, NULL);
	if (store->is_memory)
		return store_pool_change_end(&query->change, rc, err);
	reader_give(store, query->conn);
	return rc;
}

enum err_code
store_pool_not_found(const char *what, struct err *err)
{
	return err_setf(err, ERR_NOT_FOUND, "This is not there any more.",
	    "store: no such %s", what);
}
