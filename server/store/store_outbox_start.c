#include "base/tr.h"
#include "store/store_outbox.h"
#include "store/store_pool.h"

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENDING == 1, "in the SQL below");
_Static_assert(STORE_COMPOSE_UNSURE == 3, "in the SQL below");
_Static_assert(STORE_COMPOSE_WAITING == 4, "in the SQL below");

/* The more often it was begun in vain, the longer it waits. */
static const char SQL_RECOVER_DUE[] =
    "UPDATE outbox SET busy = 0, due_ms = CASE WHEN tries < 2 THEN due_ms "
    "ELSE $1 + 60000 * (tries - 1) END WHERE node = $2 AND busy > 0";
static const char SQL_RECOVER[] =
    "UPDATE compose SET state = 4 WHERE state = 1 "
    "AND id IN (SELECT id FROM outbox WHERE node = $1)";
static const char SQL_RECOVER_UNSURE[] =
    "UPDATE compose SET result = $1, unseen = 1 WHERE state = 3 AND result = "
    "'' "
    "AND id IN (SELECT id FROM outbox WHERE node = $2)";
static const char SQL_RECOVER_SEALED[] =
    "UPDATE outbox SET sealed = '' WHERE node = $1 "
    "AND id IN (SELECT id FROM compose WHERE state = 3)";
/* From before there was an outbox. */
static const char SQL_RECOVER_OLD[] =
    "UPDATE compose SET state = 0, result = $1, unseen = 1 WHERE state = 1 "
    "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = compose.id)";

struct step {
	const char *sql;
	const struct sql_param *params;
	size_t count;
};

static enum err_code
recover(struct sql_conn *conn, struct str node, int64_t now_ms,
    int64_t *out_count, struct err *err)
{
	struct str unsure =
	    STR(N_("The server was stopped in the very moment of sending."));
	struct str old =
	    STR(N_("The server was stopped before this message was sent."));
	const struct step steps[] = {
	    {SQL_RECOVER_DUE, SQL_PARAMS(SQL_NUMBER(now_ms), SQL_TEXT(node))},
	    {SQL_RECOVER_UNSURE, SQL_PARAMS(SQL_TEXT(unsure), SQL_TEXT(node))},
	    {SQL_RECOVER_SEALED, SQL_PARAMS(SQL_TEXT(node))},
	    {SQL_RECOVER_OLD, SQL_PARAMS(SQL_TEXT(old))},
	    {SQL_RECOVER, SQL_PARAMS(SQL_TEXT(node))},
	};
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < sizeof(steps) / sizeof(steps[0]);
	     i++)
		rc = sql_run(conn, steps[i].sql, steps[i].params,
		    steps[i].count, out_count, err);
	return rc;
}

enum err_code
store_outbox_recover(struct store *store, struct str node, int64_t now_ms,
    uint64_t *out_count, struct err *err)
{
	struct store_change change;
	int64_t count = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	rc = recover(change.conn, node, now_ms, &count, err);
	rc = store_pool_change_end(&change, rc, err);
	*out_count = rc == ERR_OK && count > 0 ? (uint64_t)count : 0;
	return rc;
}
