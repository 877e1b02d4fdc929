#ifndef STORE_STORE_PEOPLE_INSIDE_H
#define STORE_STORE_PEOPLE_INSIDE_H
/* Steps within a change that the files of people share. This room only. */
#include "store/store_people.h"
#include "store/store_pool.h"

/* First column of the first row, or 0. */
enum err_code people_number(struct sql_conn *conn, const char *sql,
    const struct sql_param *params, size_t count, int64_t *out,
    struct err *err) WARN_UNUSED;
/*
 * Room for `count` more, with `bytes`? What is gone makes place first.
 * ERR_LIMIT.
 */
enum err_code people_room(struct sql_conn *conn, struct str account,
    enum store_book book, size_t count, size_t bytes,
    struct err *err) WARN_UNUSED;
/* The rows of a new person; no limits are looked at. */
enum err_code people_insert(struct sql_conn *conn, struct str account,
    const struct store_person *person, struct str photo, struct str step,
    struct err *err) WARN_UNUSED;
/* Marks one as gone; *out_changed: was it there? */
enum err_code people_mark_gone(struct sql_conn *conn, struct str account,
    struct str id, struct str step, int64_t now_s, int64_t *out_changed,
    struct err *err) WARN_UNUSED;
/*
 * The columns id, book, name, organization, photo_type, created_s, changed_s,
 * note, card of a row.
 */
void people_row(
    struct sql_rows *rows, struct arena *arena, struct store_person *out);
/* Reads the addresses of a person. */
enum err_code people_addresses(struct store *store, struct arena *arena,
    struct store_person *person, struct err *err) WARN_UNUSED;
size_t people_held(const struct store_person *person, size_t photo_bytes);

#endif
