#ifndef STORE_STORE_PEOPLE_H
#define STORE_STORE_PEOPLE_H
/*
 * People somebody knows: their own book, and the recipients that were
 * collected. Folded keys come from the caller, who knows alphabets; nothing
 * here does. What is taken away stays for a day, so that it can be undone by
 * the id of the step that did it. Names, notes and cards are bytes here.
 */
#include "store/store.h"

enum store_book {
	STORE_BOOK_OWN = 0,
	STORE_BOOK_COLLECTED = 1
};

struct store_address {
	struct str address;
	struct str key;   /* folded: the same mailbox has the same key */
	struct str words; /* " anna schmidt anna@…": each begins with a space */
	uint64_t uses;    /* of the rest, the store keeps the books */
	int64_t used_s, score_s;
};
struct store_person {
	struct str id; /* random, 22 letters */
	enum store_book book;
	struct str name; /* may be empty */
	struct str organization;
	struct str note;
	struct str card;       /* further lines of a vCard */
	struct str photo_type; /* "image/png"; empty: no photo */
	struct str sort_key, name_key, search;
	uint32_t folding; /* number of the rules the keys were made by */
	int64_t created_s, changed_s;
	struct store_address *addresses;
	size_t address_count;
};
struct store_people {
	struct store_person *list;
	size_t count;
	uint64_t total; /* of the whole query */
};

/* ---- one person -----------------------------------------------------------
 */
/*
 * Adds a person. In one's own book an address takes over the uses of the
 * collected recipient, who goes. `step`: the step that made it, or empty.
 * `photo` empty: none. ERR_LIMIT past LIMIT_CONTACTS or LIMIT_PEOPLE_BYTES.
 */
enum err_code store_person_add(struct store *store, struct str account,
    const struct store_person *person, struct str photo, struct str step,
    struct err *err) WARN_UNUSED;
/*
 * The same id, all of it new but the photo (see below) and the groups.
 * Addresses that stay keep their uses. ERR_NOT_FOUND, ERR_LIMIT.
 */
enum err_code store_person_change(struct store *store, struct str account,
    const struct store_person *person, struct err *err) WARN_UNUSED;
/* `type` and `content` empty: none any more. ERR_NOT_FOUND, ERR_LIMIT. */
enum err_code store_person_set_photo(struct store *store, struct str account,
    struct str id, struct str type, struct str content,
    struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND: also without one, and for what is gone. */
enum err_code store_person_photo(struct store *store, struct str account,
    struct str id, struct arena *arena, struct str *out_type, struct str *out,
    struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND, also for another account's, and for what is gone. */
enum err_code store_person_find(struct store *store, struct str account,
    struct str id, struct arena *arena, struct store_person *out,
    struct err *err) WARN_UNUSED;
/*
 * Who has this address: one's own book first; id empty: nobody. All of the
 * person, as store_person_find().
 */
enum err_code store_person_of(struct store *store, struct str account,
    struct str address_key, struct arena *arena, struct store_person *out,
    struct err *err) WARN_UNUSED;
/* Is the address in one's own book? */
enum err_code store_person_has(struct store *store, struct str account,
    struct str address_key, bool *out, struct err *err) WARN_UNUSED;
/* Who of one's own book has this name_key; id empty: nobody. */
enum err_code store_person_named(struct store *store, struct str account,
    struct str name_key, struct arena *arena, struct store_person *out,
    struct err *err) WARN_UNUSED;
/* All of those, without note and card, the oldest first, at most `max`. */
enum err_code store_people_named(struct store *store, struct str account,
    struct str name_key, size_t max, struct arena *arena,
    struct store_people *out, struct err *err) WARN_UNUSED;
/*
 * `person` in the place of the `old` ones, with their uses, groups and, where
 * `photo` is empty, the first photo among them; they are gone. One step.
 */
enum err_code store_person_replace(struct store *store, struct str account,
    const struct store_person *person, struct str photo, const struct str *old,
    size_t old_count, struct str step, int64_t now_s,
    struct err *err) WARN_UNUSED;
/*
 * Many at once: each is added, or takes the place of `old` as with
 * store_person_replace(), and joins groups. All of it or nothing. ERR_LIMIT.
 */
struct store_put {
	struct store_person person;
	struct str photo; /* empty: none */
	struct str old;   /* id, or empty */
	const struct str *circles;
	size_t circle_count;
};
enum err_code store_people_put(struct store *store, struct str account,
    const struct store_put *list, size_t count, struct str step, int64_t now_s,
    struct err *err) WARN_UNUSED;
/* Gone, until the step is undone or a day has passed. */
enum err_code store_person_remove(struct store *store, struct str account,
    const struct str *ids, size_t count, struct str step, int64_t now_s,
    uint64_t *out_count, struct err *err) WARN_UNUSED;
/* From the collected ones to one's own. */
enum err_code store_person_keep(struct store *store, struct str account,
    const struct str *ids, size_t count, int64_t now_s, uint64_t *out_count,
    struct err *err) WARN_UNUSED;
/*
 * What the step made goes, what it took away is back. ERR_NOT_FOUND: nothing
 * of it is known any more.
 */
enum err_code store_people_undo(struct store *store, struct str account,
    struct str step, struct err *err) WARN_UNUSED;

/* ---- lists ----------------------------------------------------------------
 */
struct store_people_query {
	enum store_book book;
	struct str pattern; /* LIKE, "\" escapes, over `search`; empty: all */
	struct str circle;  /* only of this group; empty: all */
	uint64_t first;
	uint32_t count;
};
/* By sort_key, with addresses, without note and card unless `with_card`. */
enum err_code store_people_list(struct store *store, struct str account,
    const struct store_people_query *query, bool with_card, struct arena *arena,
    struct store_people *out, struct err *err) WARN_UNUSED;
enum err_code store_people_count(struct store *store, struct str account,
    const struct store_people_query *query, uint64_t *out,
    struct err *err) WARN_UNUSED;
/*
 * People whose keys were made by other rules than `folding`, at most
 * LIMIT_LIST_ROWS of them, with card: to be written again.
 */
enum err_code store_people_stale(struct store *store, struct str account,
    uint32_t folding, struct arena *arena, struct store_people *out,
    struct err *err) WARN_UNUSED;
/* Only the keys of a person and its addresses; nothing counts as a change. */
enum err_code store_people_refold(struct store *store, struct str account,
    const struct store_person *list, size_t count, struct err *err) WARN_UNUSED;
/* People of one's own book that have an address, or a name_key, in common. */
#define STORE_DOUBLE_IDS 20u
struct store_double {
	struct str common;
	struct str ids[STORE_DOUBLE_IDS]; /* by sort_key; two or more */
	size_t id_count;
};
/* At most `max` of them, by what they have in common. */
enum err_code store_people_doubles(struct store *store, struct str account,
    bool by_address, size_t max, struct arena *arena, struct store_double **out,
    size_t *out_count, struct err *err) WARN_UNUSED;

/* ---- who is written to ----------------------------------------------------
 */
struct store_use {
	struct store_person person; /* added as collected when nobody has it */
	int64_t at_s;               /* when it was written to */
	bool collect;
	bool is_old; /* counts only when nothing later is known already */
};
/*
 * A message went out to the first address of each: uses, used_s and
 * score_s grow, in both books. Who is unknown and has `collect` is added to
 * the collected ones; the least used go past LIMIT_COLLECTED.
 */
enum err_code store_people_use(struct store *store, struct str account,
    const struct store_use *list, size_t count, uint64_t *out_added,
    struct err *err) WARN_UNUSED;

/* One line of completion. */
struct store_match {
	struct str person, name, address;
	enum store_book book;
	int64_t score_s;
};
#define STORE_PATTERNS 4u
/*
 * Addresses whose `words` match all patterns (LIKE, "\" escapes; empty ones
 * count as matching), the best first, at most `max`.
 */
enum err_code store_people_complete(struct store *store, struct str account,
    const struct str patterns[STORE_PATTERNS], size_t max, struct arena *arena,
    struct store_match **out, size_t *out_count, struct err *err) WARN_UNUSED;

/* ---- groups ---------------------------------------------------------------
 */
struct store_circle {
	struct str id;
	struct str name;
	struct str sort_key;
	uint64_t members;
};
/* By sort_key. */
enum err_code store_circle_list(struct store *store, struct str account,
    struct arena *arena, struct store_circle **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* The same, quicker: `members` counts those that are gone, too. */
enum err_code store_circle_names(struct store *store, struct str account,
    struct arena *arena, struct store_circle **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* Those a person is in. */
enum err_code store_circle_of(struct store *store, struct str account,
    struct str person, struct arena *arena, struct store_circle **out,
    size_t *out_count, struct err *err) WARN_UNUSED;
/*
 * Adds one, or gives one of this id another name. ERR_LIMIT past
 * LIMIT_CIRCLES; ERR_INPUT when another one has this sort_key.
 */
enum err_code store_circle_save(struct store *store, struct str account,
    const struct store_circle *circle, struct err *err) WARN_UNUSED;
/* Its people stay. Can be undone as store_person_remove(). */
enum err_code store_circle_remove(struct store *store, struct str account,
    struct str id, struct str step, int64_t now_s, struct err *err) WARN_UNUSED;
/* Puts people into a group, or takes them out. ERR_NOT_FOUND: no such group. */
enum err_code store_circle_set(struct store *store, struct str account,
    struct str circle, const struct str *people, size_t count, bool is_in,
    uint64_t *out_count, struct err *err) WARN_UNUSED;
/* First addresses of its people, by sort_key, at most `max`. */
enum err_code store_circle_members(struct store *store, struct str account,
    struct str circle, size_t max, struct arena *arena,
    struct store_match **out, size_t *out_count, struct err *err) WARN_UNUSED;

/* ---- a file between upload and import -------------------------------------
 */
/* Begins one; another of the account goes. */
enum err_code store_people_file_begin(struct store *store, struct str account,
    struct str id, struct str name, int64_t now_s, struct err *err) WARN_UNUSED;
/* ERR_NOT_FOUND: another file has taken its place. */
enum err_code store_people_file_write(struct store *store, struct str account,
    struct str id, uint32_t number, struct str bytes,
    struct err *err) WARN_UNUSED;
/* Chunk `number` and the file's name; ERR_NOT_FOUND past the last. */
enum err_code store_people_file_read(struct store *store, struct str account,
    struct str id, uint32_t number, struct arena *arena, struct str *out_name,
    struct str *out, struct err *err) WARN_UNUSED;
enum err_code store_people_file_delete(
    struct store *store, struct str account, struct err *err) WARN_UNUSED;

#endif
