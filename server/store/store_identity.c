#include "store/store_identity.h"

#include "base/limits.h"
#include "store/store_pool.h"

/* Room for one more is looked at in the same statement: two may come at once.
 */
static const char SQL_PUT[] =
    "INSERT INTO identity (id, account, name, address, reply_to, "
    "organization, signature, signature_html, bcc, is_verified, created_s) "
    "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 "
    "WHERE (SELECT COUNT(*) FROM identity WHERE account = $12 "
    "AND id <> $13) < $14 "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "address = excluded.address, reply_to = excluded.reply_to, "
    "organization = excluded.organization, signature = excluded.signature, "
    "signature_html = excluded.signature_html, bcc = excluded.bcc, "
    "is_verified = excluded.is_verified "
    "WHERE identity.account = excluded.account";
static const char SQL_OWNER[] = "SELECT account FROM identity WHERE id = $1";
static const char SQL_LIST[] =
    "SELECT id, name, address, reply_to, organization, signature, "
    "signature_html, bcc, is_verified, created_s FROM identity "
    "WHERE account = $1 ORDER BY created_s, id";
static const char SQL_DELETE[] =
    "DELETE FROM identity WHERE account = $1 AND id = $2";

/* Why nothing was put: it is another's, or there is no room. */
static enum err_code
put_refused(
    struct sql_conn *conn, struct str id, struct str account, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	struct sql_rows rows;
	bool is_theirs = false;
	enum err_code rc;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	rc = sql_query(conn, SQL_OWNER, SQL_PARAMS(SQL_TEXT(id)), &rows, err);
	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows))
		is_theirs = !str_eq(sql_rows_str(&rows, arena), account);
	rc = sql_rows_end(&rows, arena, err);
	if (rc != ERR_OK)
		return rc;
	if (is_theirs)
		return err_set(err, ERR_FORBIDDEN,
		    "This identity belongs to somebody else.",
		    "store_identity_put");
	return err_sayf(err, ERR_LIMIT,
	    "There can be %u identities at most. Please remove one that you "
	    "no longer need.",
	    LIMIT_IDENTITIES);
}

enum err_code
store_identity_put(struct store *store, struct str account,
    const struct store_identity *identity, struct err *err)
{
	struct store_change change;
	int64_t changed = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(change.conn, SQL_PUT,
	    SQL_PARAMS(SQL_TEXT(identity->id), SQL_TEXT(account),
	        SQL_TEXT(identity->name), SQL_TEXT(identity->address),
	        SQL_TEXT(identity->reply_to), SQL_TEXT(identity->organization),
	        SQL_TEXT(identity->signature),
	        SQL_TEXT(identity->signature_html), SQL_TEXT(identity->bcc),
	        SQL_NUMBER(identity->is_verified),
	        SQL_NUMBER(identity->created_s), SQL_TEXT(account),
	        SQL_TEXT(identity->id), SQL_NUMBER(LIMIT_IDENTITIES)),
	    &changed, err);
	if (rc == ERR_OK && changed == 0)
		rc = put_refused(change.conn, identity->id, account, err);
	return store_pool_change_end(&change, rc, err);
}

static void
read_row(struct sql_rows *rows, struct arena *arena, struct store_identity *out)
{
	out->id = sql_rows_str(rows, arena);
	out->name = sql_rows_str(rows, arena);
	out->address = sql_rows_str(rows, arena);
	out->reply_to = sql_rows_str(rows, arena);
	out->organization = sql_rows_str(rows, arena);
	out->signature = sql_rows_str(rows, arena);
	out->signature_html = sql_rows_str(rows, arena);
	out->bcc = sql_rows_str(rows, arena);
	out->is_verified = sql_rows_number(rows) != 0;
	out->created_s = sql_rows_number(rows);
}

enum err_code
store_identity_list(struct store *store, struct str account,
    struct arena *arena, struct store_identity **out, size_t *out_count,
    struct err *err)
{
	struct store_query query;
	struct store_identity *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(
	    store, SQL_LIST, SQL_PARAMS(SQL_TEXT(account)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		read_row(&query.rows, arena, &list[count++]);
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}

enum err_code
store_identity_delete(
    struct store *store, struct str account, struct str id, struct err *err)
{
	return store_pool_run(store, SQL_DELETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
}
