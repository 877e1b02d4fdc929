#include "store/store.h"

#include "os/file.h"
#include "store/store_pool.h"
#include "store/store_schema.h"

#define DAY_S ((int64_t)86400)
/* An ended session is told from an unknown one for this long. */
#define ENDED_KNOWN_S   DAY_S
#define THROTTLE_KEPT_S (2 * DAY_S)
/* Sent: Back and Send again must not send twice within this time. */
#define SENT_KEPT_S    (30 * DAY_S)
#define WRITING_KEPT_S (365 * DAY_S)
/* Discarded: it can be brought back for so long. */
#define GONE_KEPT_S ((int64_t)3600)

static const char SQL_CHECK[] =
    "INSERT INTO throttle (name, failures, last_s) VALUES ($1, 0, 0) "
    "ON CONFLICT (name) DO UPDATE SET failures = throttle.failures + 1";
static const char SQL_UNCHECK[] = "DELETE FROM throttle WHERE name = $1";
static const char SQL_CLEAN_SESSION[] = "DELETE FROM session WHERE ends_s < $1";
static const char SQL_CLEAN_TICKET[] = "DELETE FROM ticket WHERE ends_s < $1";
static const char SQL_CLEAN_DEVICE[] = "DELETE FROM device WHERE ends_s < $1";
static const char SQL_CLEAN_THROTTLE[] =
    "DELETE FROM throttle WHERE last_s < $1";
static const char SQL_CLEAN_COMPOSE[] =
    "DELETE FROM compose WHERE ((state = 2 AND saved_s < $1) "
    "OR (state IN (0, 3) AND saved_s < $2) "
    "OR (state = 5 AND saved_s < $3)) AND NOT EXISTS "
    "(SELECT 1 FROM outbox WHERE outbox.id = compose.id)";
/* Sent or perhaps sent, and nobody looked after it. */
static const char SQL_CLEAN_OUTBOX[] =
    "DELETE FROM outbox WHERE created_s < $1 AND busy = 0 AND id IN "
    "(SELECT id FROM compose WHERE state IN (2, 3))";
static const char SQL_CLEAN_PERSON[] =
    "DELETE FROM person WHERE gone_s > 0 AND gone_s < $1";
static const char SQL_CLEAN_CIRCLE[] =
    "DELETE FROM circle WHERE gone_s > 0 AND gone_s < $1";
static const char SQL_CLEAN_PEOPLE_FILE[] =
    "DELETE FROM people_file WHERE created_s < $1";
static const char SQL_CLEAN_ATTACHMENT[] =
    "DELETE FROM attachment WHERE is_whole = 0 AND created_s < $1";

/* The file exists and is ours alone before SQLite sees it. */
static enum err_code
make_file(const char *path, struct err *err)
{
	if (!file_exists(path)) {
		enum err_code rc = file_write_new(path, STR(""), 0600, err);
		/* ERR_INPUT: another process made it just now. */
		if (rc != ERR_OK && !(rc == ERR_INPUT && file_exists(path)))
			return err_sayf(err, ERR_CONFIG,
			    "The database %s cannot be made. Make its folder, "
			    "owned by the user of the server, or name another "
			    "(StateDir= or Database= in [Server]).",
			    path);
	}
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);
	if (rc != ERR_OK)
		return err_sayf(err, ERR_CONFIG,
		    "The database %s cannot be opened. Check owner and mode.",
		    path);
	if (file_is_open_to_others(fd))
		return err_sayf(err, ERR_CONFIG,
		    "Others may read the database %s. Mend it with: "
		    "chmod 600 %s",
		    path, path);
	return ERR_OK;
}

static enum err_code
open_all(struct store *store, const char *path, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (!store->is_memory)
		rc = make_file(path, err);
	if (rc == ERR_OK)
		rc = sql_open(path, &store->writer, err);
	if (rc == ERR_OK)
		rc = store_schema_migrate(
		    store->writer, schema_steps, schema_step_count, err);
	while (rc == ERR_OK && !store->is_memory &&
	       store->reader_count < STORE_READERS) {
		rc = sql_open(path, &store->readers[store->reader_count], err);
		if (rc == ERR_OK)
			store->reader_count++;
	}
	return rc;
}

enum err_code
store_open(const char *path, struct store **out, struct err *err)
{
	*out = NULL;
	sql_setup();
	struct store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	lock_init(&store->lock);
	lock_cond_init(&store->turn);
	lock_cond_init(&store->committed);
	lock_cond_init(&store->reader);
	store->is_memory = str_eq(str_c(path), STR(":memory:"));
	enum err_code rc = open_all(store, path, err);
	if (rc != ERR_OK) {
		store_close(store);
		return rc;
	}
	*out = store;
	return ERR_OK;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (unsigned i = 0; i < store->reader_count; i++)
		sql_close(store->readers[i]);
	/* Last, so that it can empty the write-ahead log. */
	sql_close(store->writer);
	lock_cond_end(&store->reader);
	lock_cond_end(&store->committed);
	lock_cond_end(&store->turn);
	lock_end(&store->lock);
	free(store);
}

enum err_code
store_check(struct store *store, struct err *err)
{
	enum err_code rc = store_pool_run(
	    store, SQL_CHECK, SQL_PARAMS(SQL_TEXT(STR("check"))), NULL, err);

	if (rc != ERR_OK)
		return rc;
	return store_pool_run(
	    store, SQL_UNCHECK, SQL_PARAMS(SQL_TEXT(STR("check"))), NULL, err);
}

enum err_code
store_clean(struct store *store, int64_t now_s, struct err *err)
{
	const struct {
		const char *sql;
		int64_t before_s;
	} steps[] = {
	    {SQL_CLEAN_SESSION, now_s - ENDED_KNOWN_S},
	    {SQL_CLEAN_TICKET, now_s},
	    {SQL_CLEAN_DEVICE, now_s},
	    {SQL_CLEAN_THROTTLE, now_s - THROTTLE_KEPT_S},
	    {SQL_CLEAN_ATTACHMENT, now_s - DAY_S},
	    {SQL_CLEAN_OUTBOX, now_s - WRITING_KEPT_S},
	    {SQL_CLEAN_PERSON, now_s - DAY_S},
	    {SQL_CLEAN_CIRCLE, now_s - DAY_S},
	    {SQL_CLEAN_PEOPLE_FILE, now_s - DAY_S},
	};
	enum err_code rc = ERR_OK;

	/* One transaction each: a long clean-up must not hold up a login. */
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && rc == ERR_OK;
	     i++)
		rc = store_pool_run(store, steps[i].sql,
		    SQL_PARAMS(SQL_NUMBER(steps[i].before_s)), NULL, err);
	if (rc != ERR_OK)
		return rc;
	return store_pool_run(store, SQL_CLEAN_COMPOSE,
	    SQL_PARAMS(SQL_NUMBER(now_s - SENT_KEPT_S),
	        SQL_NUMBER(now_s - WRITING_KEPT_S),
	        SQL_NUMBER(now_s - GONE_KEPT_S)),
	    NULL, err);
}
