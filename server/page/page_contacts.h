#ifndef PAGE_PAGE_CONTACTS_H
#define PAGE_PAGE_CONTACTS_H
/* The address book's pages: what they share. */
#include "page/page_compose.h"
#include "mime/mime_person.h"
#include "page/page_people.h"

/* Which part of the book is shown; the same fields by GET and by POST. */
struct contacts_query {
	struct store_people_query store;
	struct text words; /* searched for; empty: all */
	uint32_t page;     /* from 1 */
};
/* Fields book, group, page, and q, or s with "expire page views". ERR_INPUT. */
enum err_code contacts_query_parse(struct request *req,
    struct contacts_query *out, struct err *err) WARN_UNUSED;
/*
 * The address of that part. `note` (NULL: none) says what was done to `count`
 * people; `step`, or empty, can be undone.
 */
struct view_url contacts_url(struct request *req,
    const struct contacts_query *query, const char *note, uint64_t count,
    struct str step);
/* Back to the part the form came from. */
enum err_code contacts_done(struct request *req, struct response *res,
    const char *note, uint64_t count, struct str step,
    struct err *err) WARN_UNUSED;
/* "notice" and "undo" of the last step. */
void contacts_view_note(struct request *req, struct view *view);
/* Fields that lead back to the same part. */
void contacts_view_fields(
    struct request *req, const struct contacts_query *query, struct view *view);
/* The page; `words` and what was typed when somebody could not be added. */
enum err_code contacts_show(struct request *req, struct response *res,
    const char *words, struct err *err) WARN_UNUSED;
/* Ticked people: all fields "person", at most LIMIT_LIST_ROWS. */
enum err_code contacts_ticked(struct request *req, struct str **out,
    size_t *out_count, struct err *err) WARN_UNUSED;

/* A group by its name, made when there is none. */
enum err_code contacts_group(struct request *req, struct text name,
    struct str *out_id, struct err *err) WARN_UNUSED;
/* "/contact?id=…". */
struct view_url contact_url(struct request *req, struct str id);
/* The photo of a person, when there is one: view "photo" {url}. */
void contact_view_photo(
    struct request *req, struct view *view, const struct store_person *person);
/*
 * The photo as it may be given away: without place and time (mime_photo.h).
 * ERR_NOT_FOUND: there is none, or it is damaged.
 */
enum err_code contact_photo(struct request *req, struct str id,
    struct arena *arena, const char **out_type, struct str *out,
    struct err *err) WARN_UNUSED;
/* A person of the store as one of a file, to be written. `photo` may be empty.
 */
enum err_code contact_export(struct request *req,
    const struct store_person *person, bool with_photo, struct arena *arena,
    struct mime_person *out, struct err *err) WARN_UNUSED;
/* Addresses that everybody typed once, joined: what a merge makes of them. */
enum err_code contact_join(struct arena *arena, const struct store_person *list,
    size_t count, struct store_person *out, struct err *err) WARN_UNUSED;

#endif
