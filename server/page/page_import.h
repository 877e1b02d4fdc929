#ifndef PAGE_PAGE_IMPORT_H
#define PAGE_PAGE_IMPORT_H
/* A file of people: what would come of it, and doing it. */
#include "page/page_contacts.h"

#define IMPORT_SHOWN 50u  /* lines of each list that a preview shows */
#define IMPORT_TOLD  300u /* of those that say what does not come in */

struct import_line {
	uint32_t line; /* in the file */
	uint32_t row;  /* of a table, or 0 */
	struct text name;
	struct text why; /* what is wrong, or empty */
};
struct import_list {
	struct import_line list[IMPORT_TOLD];
	uint64_t count; /* of all, shown or not */
};
struct import_result {
	struct text file_name;
	enum mime_people_kind kind;
	struct import_list fresh, changed, same;
	struct import_list left; /* out, whole */
	struct import_list lost; /* what somebody who comes in does not keep */
	uint64_t again;          /* the same person further down in the file */
	struct text groups;      /* names, a comma between them */
	struct text columns;     /* those that we do not know */
	struct str step;         /* when it was done: can be undone */
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

/* A list as view `name` {rows, total, …}, at most `most` rows of it. */
void page_import_view_list(struct view *view, const char *name,
    const struct import_list *list, size_t most);
/*
 * What an import left out, kept (at most a day) under the id of its step for
 * the page that follows it; nothing is kept when nothing was left out.
 */
enum err_code page_import_report_keep(struct request *req,
    const struct import_result *result, struct err *err) WARN_UNUSED;
/* Views "left" and "lost" on that page; else nothing. */
void page_import_report_view(
    struct request *req, struct str step, struct view *view);

#endif
