#ifndef PAGE_PAGE_IMPORT_INSIDE_H
#define PAGE_PAGE_IMPORT_INSIDE_H
/* Between the files of an import. */
#include "page/page_import.h"

#define IMPORT_FILE_BYTES    (LIMIT_PEOPLE_FILE * 4) /* UTF-16 grows */
#define IMPORT_SCRATCH_BYTES ((size_t)48 << 20)
#define IMPORT_ONE_BYTES     ((size_t)16 << 20)
#define IMPORT_BATCH         200u /* people of one transaction */
#define IMPORT_BATCH_BYTES   ((size_t)16 << 20)
#define IMPORT_SEEN          ((size_t)1 << 17)
#define IMPORT_LISTS         200u /* cards that are lists of people */
#define IMPORT_NAMES_BYTES   ((size_t)4000)

struct import_group {
	struct str name, id;
};
/* A card that stands for a group. */
struct import_members {
	struct text name;
	struct str *members;
	size_t count;
};
struct import_uid {
	struct str uid, person;
};

struct import {
	struct request *req;
	struct store *store;
	struct str account;
	struct arena *file;    /* owned: the file, and what lasts as long */
	struct arena *scratch; /* owned: one batch */
	struct arena *one;     /* owned: the person that is read */
	struct mime_people people;
	struct import_result *out;
	bool is_trial, add;
	struct str extra_group; /* id, or empty */
	struct store_put *batch;
	size_t batch_count;
	uint64_t *seen; /* hashes of addresses and names met so far */
	size_t seen_count;
	struct import_group *groups;
	size_t group_count;
	struct import_members *lists;
	size_t list_count;
	struct import_uid *uids;
	size_t uid_count, uid_room;
	int64_t now_s;
};

void import_note(struct import *in, struct import_list *list,
    const struct mime_person *from, const char *why);
/* Nobody could be reached by it, and nothing learned from it. */
void import_leave_bare(struct import *in, const struct mime_person *from);
/* Its address is none. */
void import_note_address(struct import *in, const struct mime_person *from);
/* The group of that name, made when this is no trial; else an empty id. */
enum err_code import_group(struct import *in, struct text name,
    struct str *out_id, struct err *err) WARN_UNUSED;
/* The groups that a person of the file joins. */
enum err_code import_groups_of(struct import *in,
    const struct mime_person *from, struct store_put *put,
    struct err *err) WARN_UNUSED;
/* A card that stands for several people, and what becomes of those at last. */
void import_keep_list(struct import *in, const struct mime_person *from);
enum err_code import_lists(struct import *in, struct err *err) WARN_UNUSED;

#endif
