#ifndef PAGE_PAGE_PEOPLE_H
#define PAGE_PAGE_PEOPLE_H
/* People: their keys, completion of addresses, and who is written to. */
#include "base/buf.h"
#include "page/page.h"
#include "store/store_people.h"

/* Setting of an account: "0" when recipients are not collected. */
#define PEOPLE_PREF_COLLECT "collect_recipients"
/* Lines of one answer of completion. */
#define PEOPLE_COMPLETE_MAX 10u
/* Addresses that a page without JavaScript offers. */
#define PEOPLE_DATALIST_MAX   50u
#define PEOPLE_DATALIST_GROUP 20u /* members of a group that it offers */

/* ---- keys -----------------------------------------------------------------
 */
/* The same mailbox has the same key. */
struct str people_key(struct arena *arena, struct str address);
/* All keys of a person, from its names and addresses. */
void people_fold(struct arena *arena, struct store_person *person);
/* What was typed, as a pattern over `search`; empty when nothing was. */
struct str people_pattern(struct arena *arena, struct str typed);
/* Keys that were made by older rules are made anew. */
enum err_code people_fresh(struct store *store, struct str account,
    struct arena *arena, struct err *err) WARN_UNUSED;
/* Needs no quotes (RFC 5322, 3.2.5; letters of any alphabet). Pure. */
bool people_is_phrase(struct str name);
/* "Anna Schmidt <anna@example.org>", quoted where needed: for To. */
struct text people_line(
    struct arena *arena, struct str name, struct str address);

/*
 * Into one's own book; somebody who has the address already keeps the rest and
 * gets the name, unless that is empty. ERR_LIMIT.
 */
enum err_code people_add_address(struct request *req,
    const struct mime_address *address, struct err *err) WARN_UNUSED;

/* ---- an address field that grows ------------------------------------------
 */
struct people_field {
	struct arena *arena;
	struct buf line;
	struct str *seen; /* open table of addresses */
	size_t seen_room, seen_count, added;
};
/* Empty; `typed`: who is not to be added (again). */
void people_field_begin(
    struct people_field *field, struct arena *arena, struct str typed);
/* As it is, behind a comma. */
void people_field_put(struct people_field *field, struct str piece);
/* Unless the address is there, whatever its case. */
void people_field_add(
    struct people_field *field, struct str name, struct str address);
/* All of a group that have an address, and how many those are. */
enum err_code people_field_add_group(struct request *req,
    struct people_field *field, struct str group, uint64_t *out_count,
    struct err *err) WARN_UNUSED;
/* ERR_LIMIT: more than LIMIT_RECIPIENTS were added, or it is too long. */
enum err_code people_field_end(
    struct people_field *field, struct text *out, struct err *err) WARN_UNUSED;

/* ---- completion -----------------------------------------------------------
 */
struct people_choice {
	struct text text; /* for the address field; a group: all members */
	struct text name, address; /* a group has no address */
	const char *source;        /* "contact", "collected", "group", "own" */
	uint64_t members;          /* of a group */
};
/*
 * Whose name, address, organisation or domain has words that begin with what
 * was typed, the most used first; then groups, and the person's own addresses.
 * Nothing typed: the most used of all.
 */
enum err_code people_complete(struct request *req, struct str typed, size_t max,
    struct people_choice **out, size_t *out_count, struct err *err) WARN_UNUSED;
/* List "people" {value}: for <datalist> of the address fields. */
enum err_code page_people_datalist(
    struct request *req, struct view *view, struct err *err) WARN_UNUSED;

/* ---- who is written to ----------------------------------------------------
 */
/*
 * A message of `account` was accepted for these recipients: they are collected
 * (unless that is switched off) and count as used. Any thread; what goes wrong
 * is logged only. Nothing of it outlives the call but in the store.
 */
void page_people_collect(struct store *store, struct str account,
    const struct mime_addresses *recipients);
/* One such use, for store_people_use(). */
void people_use(struct arena *arena, const struct mime_address *one,
    int64_t at_s, bool collect, struct store_use *out);

#endif
