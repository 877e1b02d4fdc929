#ifndef PAGE_PAGE_IMPORT_H
#define PAGE_PAGE_IMPORT_H
/* A file of people: what would come of it, and doing it. */
#include "page/page_contacts.h"

#define IMPORT_SHOWN 50u /* lines of each list that a preview shows */

struct import_line {
	uint32_t line; /* in the file */
	struct text name;
	const char *why; /* what is wrong, or NULL */
};
struct import_list {
	struct import_line list[IMPORT_SHOWN];
	uint64_t count; /* of all, shown or not */
};
struct import_result {
	struct text file_name;
	enum mime_people_kind kind;
	struct import_list fresh, changed, same, unreadable, lost;
	uint64_t again;      /* the same person further down in the file */
	struct text groups;  /* names, a comma between them */
	struct text columns; /* those that we do not know */
	struct str step;     /* when it was done: can be undone */
};
/*
 * Reads the stored file `id`; is_trial: changes nothing. `add` false: people
 * that are there already stay as they are. New ones join `group` (empty:
 * none). Texts live in the request's arena. ERR_NOT_FOUND: the file is gone;
 * ERR_INPUT: it is none we can read; ERR_LIMIT: it does not fit.
 */
enum err_code page_import_run(struct request *req, struct str id, bool is_trial,
    bool add, struct text group, struct import_result *out,
    struct err *err) WARN_UNUSED;

#endif
