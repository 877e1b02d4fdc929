#include "base/limits.h"
#include "store/store_people_inside.h"

/* Parameters once each: an empty one matches everything. */
#define WHERE                                                   \
	"WHERE p.account = $1 AND p.book = $2 AND p.gone = '' " \
	"AND ($3 = '' OR p.search LIKE $4 ESCAPE '\\') "        \
	"AND ($5 = '' OR p.id IN (SELECT m.person FROM "        \
	"circle_member m WHERE m.circle = $6)) "

static const char SQL_COUNT[] = "SELECT COUNT(*) FROM person p " WHERE;
static const char SQL_LIST[] =
    "SELECT p.id, p.book, p.name, p.organization, p.photo_type, p.created_s, "
    "p.changed_s, '', '' FROM person p " WHERE
    "ORDER BY p.sort_key, p.id LIMIT $7 OFFSET $8";
static const char SQL_LIST_WHOLE[] =
    "SELECT p.id, p.book, p.name, p.organization, p.photo_type, p.created_s, "
    "p.changed_s, p.note, p.card FROM person p " WHERE
    "ORDER BY p.sort_key, p.id LIMIT $7 OFFSET $8";
static const char SQL_NAMED[] =
    "SELECT id, book, name, organization, photo_type, created_s, changed_s, "
    "'', '' FROM person WHERE account = $1 AND book = 0 AND gone = '' "
    "AND name_key = $2 ORDER BY created_s, id LIMIT $3";
static const char SQL_STALE[] =
    "SELECT id, book, name, organization, photo_type, created_s, changed_s, "
    "note, card FROM person WHERE account = $1 AND folding < $2 LIMIT $3";
static const char SQL_REFOLD[] =
    "UPDATE person SET folding = $1, sort_key = $2, name_key = $3, search = $4 "
    "WHERE account = $5 AND id = $6";
static const char SQL_REFOLD_ADDRESS[] =
    "UPDATE person_address SET address_key = $1, words = $2 "
    "WHERE account = $3 AND person = $4 AND rank = $5";
static const char SQL_SAME_NAMES[] =
    "SELECT name_key FROM person WHERE account = $1 AND book = 0 AND gone = "
    "'' AND name_key <> '' GROUP BY name_key HAVING COUNT(*) > 1 "
    "ORDER BY name_key LIMIT $2";
static const char SQL_SAME_ADDRESSES[] =
    "SELECT a.address_key FROM person_address a JOIN person p "
    "ON p.id = a.person WHERE a.account = $1 AND a.is_gone = 0 AND p.book = 0 "
    "GROUP BY a.address_key HAVING COUNT(DISTINCT a.person) > 1 "
    "ORDER BY a.address_key LIMIT $2";
static const char SQL_WITH_NAME[] =
    "SELECT id FROM person WHERE account = $1 AND book = 0 AND gone = '' "
    "AND name_key = $2 ORDER BY sort_key, id LIMIT $3";
static const char SQL_WITH_ADDRESS[] =
    "SELECT p.id FROM person p WHERE p.id IN (SELECT a.person "
    "FROM person_address a WHERE a.account = $1 AND a.address_key = $2 "
    "AND a.is_gone = 0) AND p.book = 0 ORDER BY p.sort_key, p.id LIMIT $3";

static enum err_code
people_rows(struct store *store, struct store_query *query, enum err_code rc,
    struct arena *arena, struct store_people *out, struct err *err)
{
	size_t capacity = 0;

	while (rc == ERR_OK && sql_rows_next(&query->rows)) {
		out->list = arena_grow(arena, out->list, out->count, &capacity,
		    sizeof(*out->list));
		if (out->list == NULL)
			break; /* the end of the query tells it */
		people_row(&query->rows, arena, &out->list[out->count++]);
	}
	rc = store_pool_query_end(store, query, arena, rc, err);
	for (size_t i = 0; rc == ERR_OK && i < out->count; i++)
		rc = people_addresses(store, arena, &out->list[i], err);
	if (rc != ERR_OK)
		*out = (struct store_people){0};
	return rc;
}

enum err_code
store_people_count(struct store *store, struct str account,
    const struct store_people_query *query, uint64_t *out, struct err *err)
{
	struct store_query rows;
	enum err_code rc = store_pool_query(store, SQL_COUNT,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(query->book),
	        SQL_TEXT(query->pattern), SQL_TEXT(query->pattern),
	        SQL_TEXT(query->circle), SQL_TEXT(query->circle)),
	    &rows, err);

	*out = 0;
	if (rc == ERR_OK && sql_rows_next(&rows.rows))
		*out = (uint64_t)sql_rows_number(&rows.rows);
	return store_pool_query_end(store, &rows, NULL, rc, err);
}

enum err_code
store_people_list(struct store *store, struct str account,
    const struct store_people_query *query, bool with_card, struct arena *arena,
    struct store_people *out, struct err *err)
{
	struct store_query rows;
	uint64_t total = 0;
	enum err_code rc =
	    store_people_count(store, account, query, &total, err);

	*out = (struct store_people){0};
	if (rc != ERR_OK)
		return rc;
	rc = store_pool_query(store, with_card ? SQL_LIST_WHOLE : SQL_LIST,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(query->book),
	        SQL_TEXT(query->pattern), SQL_TEXT(query->pattern),
	        SQL_TEXT(query->circle), SQL_TEXT(query->circle),
	        SQL_NUMBER(query->count), SQL_NUMBER(query->first)),
	    &rows, err);
	rc = people_rows(store, &rows, rc, arena, out, err);
	out->total = total;
	return rc;
}

enum err_code
store_people_named(struct store *store, struct str account, struct str name_key,
    size_t max, struct arena *arena, struct store_people *out, struct err *err)
{
	struct store_query rows;
	enum err_code rc = store_pool_query(store, SQL_NAMED,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(name_key), SQL_NUMBER(max)),
	    &rows, err);

	*out = (struct store_people){0};
	rc = people_rows(store, &rows, rc, arena, out, err);
	out->total = out->count;
	return rc;
}

enum err_code
store_people_stale(struct store *store, struct str account, uint32_t folding,
    struct arena *arena, struct store_people *out, struct err *err)
{
	struct store_query rows;
	enum err_code rc = store_pool_query(store, SQL_STALE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(folding),
	        SQL_NUMBER(LIMIT_LIST_ROWS)),
	    &rows, err);

	*out = (struct store_people){0};
	return people_rows(store, &rows, rc, arena, out, err);
}

static enum err_code
refold(struct sql_conn *conn, struct str account,
    const struct store_person *person, struct err *err)
{
	enum err_code rc = sql_run(conn, SQL_REFOLD,
	    SQL_PARAMS(SQL_NUMBER(person->folding), SQL_TEXT(person->sort_key),
	        SQL_TEXT(person->name_key), SQL_TEXT(person->search),
	        SQL_TEXT(account), SQL_TEXT(person->id)),
	    NULL, err);

	for (size_t i = 0; rc == ERR_OK && i < person->address_count; i++)
		rc = sql_run(conn, SQL_REFOLD_ADDRESS,
		    SQL_PARAMS(SQL_TEXT(person->addresses[i].key),
		        SQL_TEXT(person->addresses[i].words), SQL_TEXT(account),
		        SQL_TEXT(person->id), SQL_NUMBER(i)),
		    NULL, err);
	return rc;
}

enum err_code
store_people_refold(struct store *store, struct str account,
    const struct store_person *list, size_t count, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = refold(change.conn, account, &list[i], err);
	return store_pool_change_end(&change, rc, err);
}

static enum err_code
double_ids(struct store *store, struct str account, bool by_address,
    struct arena *arena, struct store_double *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store,
	    by_address ? SQL_WITH_ADDRESS : SQL_WITH_NAME,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(out->common),
	        SQL_NUMBER(STORE_DOUBLE_IDS)),
	    &query, err);

	while (rc == ERR_OK && out->id_count < STORE_DOUBLE_IDS &&
	       sql_rows_next(&query.rows))
		out->ids[out->id_count++] = sql_rows_str(&query.rows, arena);
	return store_pool_query_end(store, &query, arena, rc, err);
}

enum err_code
store_people_doubles(struct store *store, struct str account, bool by_address,
    size_t max, struct arena *arena, struct store_double **out,
    size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_double *list =
	    ARENA_ARRAY(arena, max, struct store_double);
	size_t count = 0;
	enum err_code rc = store_pool_query(store,
	    by_address ? SQL_SAME_ADDRESSES : SQL_SAME_NAMES,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(max)), &query, err);

	while (rc == ERR_OK && list != NULL && count < max &&
	       sql_rows_next(&query.rows))
		list[count++].common = sql_rows_str(&query.rows, arena);
	rc = store_pool_query_end(store, &query, arena, rc, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = double_ids(
		    store, account, by_address, arena, &list[i], err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}
