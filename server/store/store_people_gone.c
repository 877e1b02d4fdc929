#include "base/limits.h"
#include "os/clock.h"
#include "store/store_people_inside.h"

#define UNDO_S ((int64_t)86400) /* what store_clean() leaves */

static const char SQL_GONE[] = "UPDATE person SET gone = $1, gone_s = $2 "
                               "WHERE account = $3 AND id = $4 AND gone = ''";
static const char SQL_GONE_ADDRESS[] =
    "UPDATE person_address SET is_gone = 1 WHERE account = $1 AND person = $2";
static const char SQL_GONE_COUNT[] =
    "SELECT COUNT(*) FROM person WHERE account = $1 AND gone <> ''";
static const char SQL_GONE_FORGET[] =
    "DELETE FROM person WHERE account = $1 AND gone <> '' AND gone <> $2";
static const char SQL_STEP[] =
    "SELECT (SELECT COUNT(*) FROM person WHERE account = $1 AND gone = $2) + "
    "(SELECT COUNT(*) FROM circle WHERE account = $3 AND gone = $4) + "
    "(SELECT COUNT(*) FROM person WHERE account = $5 AND made_by = $6 "
    "AND created_s > $7)";
static const char SQL_UNMAKE[] =
    "DELETE FROM person WHERE account = $1 AND made_by = $2";
static const char SQL_BACK_ADDRESS[] =
    "UPDATE person_address SET is_gone = 0 WHERE person IN "
    "(SELECT id FROM person WHERE account = $1 AND gone = $2)";
static const char SQL_BACK[] = "UPDATE person SET gone = '', gone_s = 0 "
                               "WHERE account = $1 AND gone = $2";
static const char SQL_BACK_CIRCLE[] =
    "UPDATE circle SET gone = '', gone_s = 0 WHERE account = $1 AND gone = $2";
static const char SQL_KEEP[] =
    "UPDATE person SET book = 0, changed_s = $1 "
    "WHERE account = $2 AND id = $3 AND book = 1 AND gone = ''";
static const char SQL_OLD_PHOTO[] =
    "INSERT INTO person_photo (person, content) SELECT $1, content "
    "FROM person_photo WHERE person = $2";
static const char SQL_HAS_PHOTO[] =
    "SELECT COUNT(*) FROM person_photo WHERE person = $1";
static const char SQL_OLD_PHOTO_TYPE[] =
    "UPDATE person SET photo_type = (SELECT photo_type FROM person "
    "WHERE id = $1), held_bytes = held_bytes + (SELECT LENGTH(content) "
    "FROM person_photo WHERE person = $2) WHERE id = $3";
static const char SQL_OLD_CIRCLES[] =
    "INSERT INTO circle_member (circle, person) SELECT circle, $1 "
    "FROM circle_member WHERE person = $2 ON CONFLICT DO NOTHING";

enum err_code
people_mark_gone(struct sql_conn *conn, struct str account, struct str id,
    struct str step, int64_t now_s, int64_t *out_changed, struct err *err)
{
	enum err_code rc = sql_run(conn, SQL_GONE,
	    SQL_PARAMS(SQL_TEXT(step), SQL_NUMBER(now_s), SQL_TEXT(account),
	        SQL_TEXT(id)),
	    out_changed, err);

	if (rc == ERR_OK && *out_changed > 0)
		rc = sql_run(conn, SQL_GONE_ADDRESS,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(id)), NULL, err);
	return rc;
}

/* What waits for an undo takes no more room than the book itself. */
static enum err_code
gone_bound(
    struct sql_conn *conn, struct str account, struct str step, struct err *err)
{
	int64_t count = 0;
	enum err_code rc = people_number(
	    conn, SQL_GONE_COUNT, SQL_PARAMS(SQL_TEXT(account)), &count, err);

	if (rc == ERR_OK && count > (int64_t)LIMIT_CONTACTS)
		rc = sql_run(conn, SQL_GONE_FORGET,
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(step)), NULL, err);
	return rc;
}

enum err_code
store_person_remove(struct store *store, struct str account,
    const struct str *ids, size_t count, struct str step, int64_t now_s,
    uint64_t *out_count, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		int64_t changed = 0;

		rc = people_mark_gone(
		    change.conn, account, ids[i], step, now_s, &changed, err);
		*out_count += (uint64_t)changed;
	}
	if (rc == ERR_OK)
		rc = gone_bound(change.conn, account, step, err);
	return store_pool_change_end(&change, rc, err);
}

/* Groups, and a photo where there is none yet, from one that goes. */
static enum err_code
inherit(
    struct sql_conn *conn, struct str person, struct str old, struct err *err)
{
	int64_t has = 0;
	int64_t old_has = 0;
	enum err_code rc = sql_run(conn, SQL_OLD_CIRCLES,
	    SQL_PARAMS(SQL_TEXT(person), SQL_TEXT(old)), NULL, err);

	if (rc == ERR_OK)
		rc = people_number(conn, SQL_HAS_PHOTO,
		    SQL_PARAMS(SQL_TEXT(person)), &has, err);
	if (rc == ERR_OK)
		rc = people_number(conn, SQL_HAS_PHOTO,
		    SQL_PARAMS(SQL_TEXT(old)), &old_has, err);
	if (rc != ERR_OK || has > 0 || old_has == 0)
		return rc;
	rc = sql_run(conn, SQL_OLD_PHOTO,
	    SQL_PARAMS(SQL_TEXT(person), SQL_TEXT(old)), NULL, err);
	if (rc == ERR_OK)
		rc = sql_run(conn, SQL_OLD_PHOTO_TYPE,
		    SQL_PARAMS(SQL_TEXT(old), SQL_TEXT(old), SQL_TEXT(person)),
		    NULL, err);
	return rc;
}

static enum err_code
replace(struct sql_conn *conn, struct str account,
    const struct store_person *person, const struct str *old, size_t old_count,
    struct str step, int64_t now_s, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < old_count; i++) {
		int64_t changed = 0;

		rc = people_mark_gone(
		    conn, account, old[i], step, now_s, &changed, err);
		if (rc == ERR_OK && changed == 0)
			rc = store_pool_not_found("person to replace", err);
		if (rc == ERR_OK)
			rc = inherit(conn, person->id, old[i], err);
	}
	return rc;
}

enum err_code
store_person_replace(struct store *store, struct str account,
    const struct store_person *person, struct str photo, const struct str *old,
    size_t old_count, struct str step, int64_t now_s, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	/* First the new one: it takes over the uses of those that go. */
	rc = people_insert(change.conn, account, person, photo, step, err);
	if (rc == ERR_OK)
		rc = replace(change.conn, account, person, old, old_count, step,
		    now_s, err);
	if (rc == ERR_OK)
		rc = gone_bound(change.conn, account, step, err);
	return store_pool_change_end(&change, rc, err);
}

static const char SQL_CIRCLE[] =
    "INSERT INTO circle_member (circle, person) SELECT id, $1 FROM circle "
    "WHERE account = $2 AND id = $3 AND gone = '' ON CONFLICT DO NOTHING";

static enum err_code
put_one(struct sql_conn *conn, struct str account, const struct store_put *put,
    struct str step, int64_t now_s, struct err *err)
{
	const struct store_person *person = &put->person;
	enum err_code rc =
	    people_insert(conn, account, person, put->photo, step, err);

	if (rc == ERR_OK && put->old.len > 0)
		rc = replace(
		    conn, account, person, &put->old, 1, step, now_s, err);
	for (size_t i = 0; rc == ERR_OK && i < put->circle_count; i++)
		rc = sql_run(conn, SQL_CIRCLE,
		    SQL_PARAMS(SQL_TEXT(person->id), SQL_TEXT(account),
		        SQL_TEXT(put->circles[i])),
		    NULL, err);
	return rc;
}

enum err_code
store_people_put(struct store *store, struct str account,
    const struct store_put *list, size_t count, struct str step, int64_t now_s,
    struct err *err)
{
	struct store_change change;
	size_t fresh = 0;
	size_t held = 0;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		fresh += list[i].old.len == 0 ? 1 : 0;
		held += people_held(&list[i].person, list[i].photo.len);
	}
	rc =
	    people_room(change.conn, account, STORE_BOOK_OWN, fresh, held, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = put_one(change.conn, account, &list[i], step, now_s, err);
	if (rc == ERR_OK && fresh < count)
		rc = gone_bound(change.conn, account, step, err);
	return store_pool_change_end(&change, rc, err);
}

enum err_code
store_person_keep(struct store *store, struct str account,
    const struct str *ids, size_t count, int64_t now_s, uint64_t *out_count,
    struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	*out_count = 0;
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		int64_t changed = 0;

		rc = people_room(
		    change.conn, account, STORE_BOOK_OWN, 1, 0, err);
		if (rc == ERR_OK)
			rc = sql_run(change.conn, SQL_KEEP,
			    SQL_PARAMS(SQL_NUMBER(now_s), SQL_TEXT(account),
			        SQL_TEXT(ids[i])),
			    &changed, err);
		*out_count += (uint64_t)changed;
	}
	return store_pool_change_end(&change, rc, err);
}

static enum err_code
undo(
    struct sql_conn *conn, struct str account, struct str step, struct err *err)
{
	static const char *const steps[] = {
	    SQL_UNMAKE, SQL_BACK_ADDRESS, SQL_BACK, SQL_BACK_CIRCLE};
	int64_t count = 0;
	enum err_code rc = people_number(conn, SQL_STEP,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(step), SQL_TEXT(account),
	        SQL_TEXT(step), SQL_TEXT(account), SQL_TEXT(step),
	        SQL_NUMBER(clock_now_s() - UNDO_S)),
	    &count, err);

	if (rc == ERR_OK && count == 0)
		rc = store_pool_not_found("step to undo", err);
	for (size_t i = 0; rc == ERR_OK && i < 4; i++)
		rc = sql_run(conn, steps[i],
		    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(step)), NULL, err);
	return rc;
}

enum err_code
store_people_undo(
    struct store *store, struct str account, struct str step, struct err *err)
{
	struct store_change change;
	enum err_code rc;

	if (step.len == 0)
		return store_pool_not_found("step to undo", err);
	rc = store_pool_change_begin(store, &change, err);
	if (rc != ERR_OK)
		return rc;
	rc = undo(change.conn, account, step, err);
	return store_pool_change_end(&change, rc, err);
}
