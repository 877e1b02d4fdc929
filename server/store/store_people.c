#include "store/store_people_inside.h"

#include "base/limits.h"

_Static_assert(STORE_BOOK_OWN == 0, "in SQL");
_Static_assert(STORE_BOOK_COLLECTED == 1, "in SQL");

static const char SQL_COUNT[] =
    "SELECT COUNT(*) FROM person WHERE account = $1 AND book = $2 AND gone = "
    "''";
static const char SQL_HELD[] =
    "SELECT COALESCE(SUM(held_bytes), 0) FROM person WHERE account = $1";
static const char SQL_FORGET[] =
    "DELETE FROM person WHERE account = $1 AND gone <> ''";
static const char SQL_INSERT[] =
    "INSERT INTO person (id, account, book, gone, gone_s, made_by, folding, "
    "sort_key, name_key, search, name, organization, photo_type, created_s, "
    "changed_s, held_bytes, note, card) VALUES ($1, $2, $3, '', 0, $4, $5, $6, "
    "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
static const char SQL_CHANGE[] =
    "UPDATE person SET folding = $1, sort_key = $2, name_key = $3, search = "
    "$4, name = $5, organization = $6, changed_s = $7, note = $8, card = $9, "
    "held_bytes = $10 WHERE account = $11 AND id = $12 AND gone = ''";
static const char SQL_ADDRESS[] =
    "INSERT INTO person_address (person, account, rank, address, address_key, "
    "is_gone, words, score_s, uses, used_s) "
    "VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)";
static const char SQL_ADDRESS_CLEAR[] =
    "DELETE FROM person_address WHERE person = $1";
static const char SQL_USES[] =
    "SELECT COALESCE(MAX(uses), 0), COALESCE(MAX(used_s), 0), "
    "COALESCE(MAX(score_s), 0) FROM person_address "
    "WHERE account = $1 AND address_key = $2 AND is_gone = 0";
/* Found by its id: there may be many others in that book. */
static const char SQL_ABSORB[] =
    "DELETE FROM person WHERE id IN (SELECT person FROM person_address "
    "WHERE account = $1 AND address_key = $2 AND is_gone = 0) AND book = 1";
static const char SQL_PHOTO_ADD[] =
    "INSERT INTO person_photo (person, content) VALUES ($1, $2)";
static const char SQL_PHOTO_BYTES[] =
    "SELECT COALESCE(SUM(LENGTH(content)), 0) FROM person_photo "
    "WHERE person = $1";
static const char SQL_FIND[] =
    "SELECT id, book, name, organization, photo_type, created_s, changed_s, "
    "note, card FROM person WHERE account = $1 AND id = $2 AND gone = ''";
static const char SQL_OF[] =
    "SELECT p.id, p.book, p.name, p.organization, p.photo_type, p.created_s, "
    "p.changed_s, p.note, p.card FROM person_address a JOIN person p "
    "ON p.id = a.person WHERE a.account = $1 AND a.address_key = $2 "
    "AND a.is_gone = 0 ORDER BY p.book, p.created_s, p.id LIMIT 1";
static const char SQL_NAMED[] =
    "SELECT id, book, name, organization, photo_type, created_s, changed_s, "
    "note, card FROM person WHERE account = $1 AND book = 0 AND gone = '' "
    "AND name_key = $2 ORDER BY created_s, id LIMIT 1";
static const char SQL_HAS[] =
    "SELECT COUNT(*) FROM person_address a JOIN person p ON p.id = a.person "
    "WHERE a.account = $1 AND a.address_key = $2 AND a.is_gone = 0 "
    "AND p.book = 0";
static const char SQL_ADDRESSES[] =
    "SELECT address, address_key, uses, used_s, score_s FROM person_address "
    "WHERE person = $1 ORDER BY rank";

enum err_code
people_number(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out, struct err *err)
{
	struct sql_rows rows;
	enum err_code rc = sql_query(conn, sql, params, count, &rows, err);

	*out = 0;
	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows))
		*out = sql_rows_number(&rows);
	return sql_rows_end(&rows, NULL, err);
}

size_t
people_held(const struct store_person *person, size_t photo_bytes)
{
	return person->note.len + person->card.len + photo_bytes;
}

static enum err_code
room_look(struct sql_conn *conn, struct str account, enum store_book book,
    size_t more, size_t bytes, bool *out_is_full, struct err *err)
{
	int64_t count = 0;
	int64_t held = 0;
	int64_t most =
	    book == STORE_BOOK_OWN ? LIMIT_CONTACTS : LIMIT_COLLECTED;
	enum err_code rc = people_number(conn, SQL_COUNT,
	    SQL_PARAMS(SQL_TEXT(account), SQL_NUMBER(book)), &count, err);

	if (rc == ERR_OK && bytes > 0)
		rc = people_number(
		    conn, SQL_HELD, SQL_PARAMS(SQL_TEXT(account)), &held, err);
	*out_is_full = rc == ERR_OK &&
	               (count + (int64_t)more > most ||
	                   held + (int64_t)bytes > (int64_t)LIMIT_PEOPLE_BYTES);
	return rc;
}

enum err_code
people_room(struct sql_conn *conn, struct str account, enum store_book book,
    size_t count, size_t bytes, struct err *err)
{
	bool is_full = false;
	enum err_code rc =
	    room_look(conn, account, book, count, bytes, &is_full, err);

	if (rc != ERR_OK || !is_full)
		return rc;
	rc =
	    sql_run(conn, SQL_FORGET, SQL_PARAMS(SQL_TEXT(account)), NULL, err);
	if (rc == ERR_OK)
		rc =
		    room_look(conn, account, book, count, bytes, &is_full, err);
	if (rc == ERR_OK && is_full)
		rc = err_set(err, ERR_LIMIT,
		    "There is no room for more contacts. Please remove some "
		    "that you no longer need, or some photos.",
		    "people_room");
	return rc;
}

/* What is known of an address's uses, in either book. */
static enum err_code
uses_read(struct sql_conn *conn, struct str account,
    struct store_address *address, struct err *err)
{
	struct sql_rows rows;
	enum err_code rc = sql_query(conn, SQL_USES,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(address->key)), &rows, err);

	if (rc != ERR_OK)
		return rc;
	if (sql_rows_next(&rows)) {
		address->uses = (uint64_t)sql_rows_number(&rows);
		address->used_s = sql_rows_number(&rows);
		address->score_s = sql_rows_number(&rows);
	}
	return sql_rows_end(&rows, NULL, err);
}

static enum err_code
address_insert(struct sql_conn *conn, struct str account, struct str person,
    size_t rank, const struct store_address *address, struct err *err)
{
	return sql_run(conn, SQL_ADDRESS,
	    SQL_PARAMS(SQL_TEXT(person), SQL_TEXT(account), SQL_NUMBER(rank),
	        SQL_TEXT(address->address), SQL_TEXT(address->key),
	        SQL_TEXT(address->words), SQL_NUMBER(address->score_s),
	        SQL_NUMBER(address->uses), SQL_NUMBER(address->used_s)),
	    NULL, err);
}

/* The addresses anew; uses that are known stay with them. */
static enum err_code
addresses_write(struct sql_conn *conn, struct str account,
    const struct store_person *person, enum store_book book, struct err *err)
{
	struct store_address list[LIMIT_PERSON_ADDRESSES];
	size_t count = person->address_count;
	enum err_code rc = ERR_OK;

	if (count > LIMIT_PERSON_ADDRESSES)
		return err_sayf(err, ERR_LIMIT,
		    "A person can have at most %u addresses.",
		    LIMIT_PERSON_ADDRESSES);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		list[i] = person->addresses[i];
		rc = uses_read(conn, account, &list[i], err);
	}
	if (rc == ERR_OK)
		rc = sql_run(conn, SQL_ADDRESS_CLEAR,
		    SQL_PARAMS(SQL_TEXT(person->id)), NULL, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		if (book == STORE_BOOK_OWN)
			rc = sql_run(conn, SQL_ABSORB,
			    SQL_PARAMS(
			        SQL_TEXT(account), SQL_TEXT(list[i].key)),
			    NULL, err);
		if (rc == ERR_OK)
			rc = address_insert(
			    conn, account, person->id, i, &list[i], err);
	}
	return rc;
}

enum err_code
people_insert(struct sql_conn *conn, struct str account,
    const struct store_person *person, struct str photo, struct str step,
    struct err *err)
{
	enum err_code rc = sql_run(conn, SQL_INSERT,
	    SQL_PARAMS(SQL_TEXT(person->id), SQL_TEXT(account),
	        SQL_NUMBER(person->book), SQL_TEXT(step),
	        SQL_NUMBER(person->folding), SQL_TEXT(person->sort_key),
	        SQL_TEXT(person->name_key), SQL_TEXT(person->search),
	        SQL_TEXT(person->name), SQL_TEXT(person->organization),
	        SQL_TEXT(photo.len > 0 ? person->photo_type : STR("")),
	        SQL_NUMBER(person->created_s), SQL_NUMBER(person->changed_s),
	        SQL_NUMBER(people_held(person, photo.len)),
	        SQL_TEXT(person->note), SQL_BYTES(person->card)),
	    NULL, err);

	if (rc == ERR_OK && photo.len > 0)
		rc = sql_run(conn, SQL_PHOTO_ADD,
		    SQL_PARAMS(SQL_TEXT(person->id), SQL_BYTES(photo)), NULL,
		    err);
	if (rc == ERR_OK)
		rc = addresses_write(conn, account, person, person->book, err);
	return rc;
}

enum err_code
store_person_add(struct store *store, struct str account,
    const struct store_person *person, struct str photo, struct str step,
    struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = people_room(change.conn, account, person->book, 1,
	    people_held(person, photo.len), err);
	if (rc == ERR_OK)
		rc = people_insert(
		    change.conn, account, person, photo, step, err);
	return store_pool_change_end(&change, rc, err);
}

static enum err_code
person_change(struct sql_conn *conn, struct str account,
    const struct store_person *person, struct err *err)
{
	int64_t changed = 0;
	int64_t photo = 0;
	enum err_code rc = people_number(conn, SQL_PHOTO_BYTES,
	    SQL_PARAMS(SQL_TEXT(person->id)), &photo, err);

	if (rc != ERR_OK)
		return rc;
	rc = sql_run(conn, SQL_CHANGE,
	    SQL_PARAMS(SQL_NUMBER(person->folding), SQL_TEXT(person->sort_key),
	        SQL_TEXT(person->name_key), SQL_TEXT(person->search),
	        SQL_TEXT(person->name), SQL_TEXT(person->organization),
	        SQL_NUMBER(person->changed_s), SQL_TEXT(person->note),
	        SQL_BYTES(person->card),
	        SQL_NUMBER(people_held(person, (size_t)photo)),
	        SQL_TEXT(account), SQL_TEXT(person->id)),
	    &changed, err);
	if (rc == ERR_OK && changed == 0)
		rc = store_pool_not_found("person", err);
	return rc;
}

enum err_code
store_person_change(struct store *store, struct str account,
    const struct store_person *person, struct err *err)
{
	struct store_change change;
	enum err_code rc = store_pool_change_begin(store, &change, err);

	if (rc != ERR_OK)
		return rc;
	rc = person_change(change.conn, account, person, err);
	if (rc == ERR_OK)
		rc = addresses_write(
		    change.conn, account, person, person->book, err);
	return store_pool_change_end(&change, rc, err);
}

void
people_row(struct sql_rows *rows, struct arena *arena, struct store_person *out)
{
	*out = (struct store_person){0};
	out->id = sql_rows_str(rows, arena);
	out->book =
	    sql_rows_number(rows) == 0 ? STORE_BOOK_OWN : STORE_BOOK_COLLECTED;
	out->name = sql_rows_str(rows, arena);
	out->organization = sql_rows_str(rows, arena);
	out->photo_type = sql_rows_str(rows, arena);
	out->created_s = sql_rows_number(rows);
	out->changed_s = sql_rows_number(rows);
	out->note = sql_rows_str(rows, arena);
	out->card = sql_rows_str(rows, arena);
}

enum err_code
people_addresses(struct store *store, struct arena *arena,
    struct store_person *person, struct err *err)
{
	struct store_query query;
	struct store_address *list = NULL;
	size_t count = 0;
	size_t capacity = 0;
	enum err_code rc = store_pool_query(store, SQL_ADDRESSES,
	    SQL_PARAMS(SQL_TEXT(person->id)), &query, err);

	while (rc == ERR_OK && sql_rows_next(&query.rows)) {
		list = arena_grow(arena, list, count, &capacity, sizeof(*list));
		if (list == NULL)
			break; /* the end of the query tells it */
		list[count].address = sql_rows_str(&query.rows, arena);
		list[count].key = sql_rows_str(&query.rows, arena);
		list[count].uses = (uint64_t)sql_rows_number(&query.rows);
		list[count].used_s = sql_rows_number(&query.rows);
		list[count].score_s = sql_rows_number(&query.rows);
		count++;
	}
	rc = store_pool_query_end(store, &query, arena, rc, err);
	person->addresses = rc == ERR_OK ? list : NULL;
	person->address_count = rc == ERR_OK ? count : 0;
	return rc;
}

static enum err_code
person_read(struct store *store, const char *sql, struct str account,
    struct str key, struct arena *arena, struct store_person *out,
    struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, sql,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(key)), &query, err);

	*out = (struct store_person){0};
	if (rc == ERR_OK && sql_rows_next(&query.rows))
		people_row(&query.rows, arena, out);
	rc = store_pool_query_end(store, &query, arena, rc, err);
	if (rc == ERR_OK && out->id.len > 0)
		rc = people_addresses(store, arena, out, err);
	return rc;
}

enum err_code
store_person_find(struct store *store, struct str account, struct str id,
    struct arena *arena, struct store_person *out, struct err *err)
{
	enum err_code rc =
	    person_read(store, SQL_FIND, account, id, arena, out, err);

	if (rc == ERR_OK && out->id.len == 0)
		rc = store_pool_not_found("person", err);
	return rc;
}

enum err_code
store_person_of(struct store *store, struct str account, struct str address_key,
    struct arena *arena, struct store_person *out, struct err *err)
{
	return person_read(
	    store, SQL_OF, account, address_key, arena, out, err);
}

enum err_code
store_person_named(struct store *store, struct str account, struct str name_key,
    struct arena *arena, struct store_person *out, struct err *err)
{
	return person_read(
	    store, SQL_NAMED, account, name_key, arena, out, err);
}

enum err_code
store_person_has(struct store *store, struct str account,
    struct str address_key, bool *out, struct err *err)
{
	struct store_query query;
	enum err_code rc = store_pool_query(store, SQL_HAS,
	    SQL_PARAMS(SQL_TEXT(account), SQL_TEXT(address_key)), &query, err);

	*out = rc == ERR_OK && sql_rows_next(&query.rows) &&
	       sql_rows_number(&query.rows) > 0;
	return store_pool_query_end(store, &query, NULL, rc, err);
}
