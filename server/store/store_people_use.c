#include "base/limits.h"
#include "store/store_people_inside.h"

/*
 * Frequency and recency in one number that needs no ageing: each use is worth
 * a half after HALF_LIFE_S, and score_s is the time at which a single use
 * would be worth as much as all of them. So a newer score is a better one, an
 * index keeps the order, and a use costs no more than an addition:
 *
 *   score' = later + HALF_LIFE_S * log2(1 + 2 ^ -(later - earlier) /
 * HALF_LIFE_S)
 */
#define HALF_LIFE_S ((int64_t)30 * 86400)
/* log2(1 + 2 ^ -x) for x = 0, 1, … in thousandths. */
static const int64_t score_gain[] = {
    1000, 585, 322, 170, 87, 44, 22, 11, 6, 3, 1, 0, 0};
#define SCORE_STEPS 11

static const char SQL_SCORE[] =
    "SELECT COALESCE(MAX(score_s), 0), COUNT(*) FROM person_address "
    "WHERE account = $1 AND address_key = $2 AND is_gone = 0";
static const char SQL_USE[] =
    "UPDATE person_address SET uses = uses + 1, used_s = CASE WHEN used_s > $1 "
    "THEN "
    "used_s ELSE $2 END, score_s = $3 "
    "WHERE account = $4 AND address_key = $5 AND is_gone = 0 "
    "AND used_s < $6";
static const char SQL_COLLECTED[] = "SELECT COUNT(*) FROM person "
                                    "WHERE account = $1 AND book = 1 AND gone "
                                    "= ''";
static const char SQL_TRIM[] =
    "DELETE FROM person WHERE account = $1 AND book = 1 AND id IN (SELECT "
    "p.id FROM person p JOIN person_address a ON a.person = p.id "
    "WHERE p.account = $2 AND p.book = 1 AND p.gone = '' "
    "ORDER BY a.score_s, p.id LIMIT $3)";
static const char SQL_COMPLETE[] =
    "SELECT p.id, p.name, m.address, p.book, m.score_s FROM (SELECT person, "
    "address, score_s, words FROM person_address WHERE account = $1 "
    "AND is_gone = 0 AND words LIKE $2 ESCAPE '\\' AND ($3 = '' OR words LIKE "
    "$4 ESCAPE '\\') AND ($5 = '' OR words LIKE $6 ESCAPE '\\') AND ($7 = '' "
    "OR words LIKE $8 ESCAPE '\\') ORDER BY score_s DESC, words DESC "
    "LIMIT $9) m JOIN person p ON p.id = m.person "
    "ORDER BY m.score_s DESC, p.book, p.sort_key, m.address";

static int64_t
score_add(int64_t score_s, int64_t now_s)
{
	int64_t later = score_s > now_s ? score_s : now_s;
	int64_t apart = score_s > now_s ? score_s - now_s : now_s - score_s;
	int64_t step = apart / HALF_LIFE_S;
	int64_t part = apart % HALF_LIFE_S;
	int64_t gain;

	if (score_s <= 0 || step >= SCORE_STEPS)
		return later;
	/* Between two steps of the table, a straight line. */
	gain = score_gain[step] * HALF_LIFE_S -
	       (score_gain[step] - score_gain[step + 1]) * part;
	return later + gain / 1000;
}

static enum err_code
use_look(struct sql_conn *conn, struct str account, struct str key,
    int64_t *out_score, int64_t *out_count, struct err *err)
{
	struct sql_rows rows;
	enum err_code rc = sql_query(conn, SQL_SCORE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(key)), &rows, err);

	*out_score = 0;
	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows)) {
		*out_score = sql_rows_number(&rows);
		*out_count = sql_rows_number(&rows);
	}
	return sql_rows_end(&rows, NULL, err);
}

static enum err_code
use_one(struct sql_conn *conn, struct str account, const struct store_use *use,
    uint64_t *out_added, struct err *err)
{
	struct str key = use->person.addresses[0].key;
	int64_t score_s = 0;
	int64_t count = 0;
	enum err_code rc = use_look(conn, account, key, &score_s, &count, err);

	if (rc == ERR_OK && count == 0 && use->collect) {
		rc = people_insert(
		    conn, account, &use->person, STR(""), STR(""), err);
		*out_added += rc == ERR_OK ? 1 : 0;
		count = 1;
	}
	if (rc == ERR_OK && count > 0)
		rc = sql_run(conn, SQL_USE,
		    SQL_PARAMS(SQL_NUMBER(use->at_s), SQL_NUMBER(use->at_s),
		        SQL_NUMBER(score_add(score_s, use->at_s)),
		        SQL_TEXT(account), SQL_TEXT(key),
		        SQL_NUMBER(use->is_old ? use->at_s : INT64_MAX)),
		    NULL, err);
	return rc;
}

static enum err_code
use_trim(struct sql_conn *conn, struct str account, struct err *err)
{
	int64_t count = 0;
	enum err_code rc = people_number(
	    conn, SQL_COLLECTED, SQL_PARAMS(SQL_TEXT(account)), &count, err);

	if (rc == ERR_OK && count > (int64_t)LIMIT_COLLECTED)
		rc = sql_run(conn, SQL_TRIM,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(account),
		        SQL_NUMBER(count - (int64_t)LIMIT_COLLECTED)),
		    NULL, err);
	return rc;
}

enum err_code
store_people_use(struct store *store, struct str account,
    const struct store_use *list, size_t count, uint64_t *out_added,
    struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_added = 0;
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		if (list[i].person.address_count > 0)
			rc = use_one(
			    change.conn, account, &list[i], out_added, err);
	if (rc == ERR_OK && *out_added > 0)
		rc = use_trim(change.conn, account, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_people_complete(struct store *store, struct str account,
    const struct str patterns[STORE_PATTERNS], size_t max, struct arena *arena,
    struct store_match **out, size_t *out_count, struct err *err)
{
	struct store_query query;
	struct store_match *list = ARENA_ARRAY(arena, max, struct store_match);
	size_t count = 0;
	struct str first = patterns[0].len > 0 ? patterns[0] : STR("%");
	enum err_code rc = store_pool_query(store, SQL_COMPLETE,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(first),
	        SQL_TEXT(patterns[1]), SQL_TEXT(patterns[1]),
	        SQL_TEXT(patterns[2]), SQL_TEXT(patterns[2]),
	        SQL_TEXT(patterns[3]), SQL_TEXT(patterns[3]), SQL_NUMBER(max)),
	    &query, err);

	while (rc == ERR_OK && list != NULL && count < max &&
	       sql_rows_next(&query.rows)) {
		list[count].person = sql_rows_str(&query.rows, arena);
		list[count].name = sql_rows_str(&query.rows, arena);
		list[count].address = sql_rows_str(&query.rows, arena);
		list[count].book = sql_rows_number(&query.rows) == 0
		                       ? STORE_BOOK_OWN
		                       : STORE_BOOK_COLLECTED;
		list[count].score_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	*out = rc == ERR_OK ? list : NULL;
	*out_count = rc == ERR_OK ? count : 0;
	return rc;
}
