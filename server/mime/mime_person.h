#ifndef MIME_MIME_PERSON_H
#define MIME_MIME_PERSON_H
/*
 * People in files: address books as vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC
 * 6350), and as CSV with the columns of Google, Outlook and Thunderbird. Read
 * one by one, so that a large file costs the memory of the file.
 *
 * A "card" holds what has no field of its own, as lines
 * "[group.]NAME[;PARAM=value]:value", each with LF, in UTF-8, values escaped as
 * RFC 6350, 3.4 does: nothing of a card that came is lost when it goes.
 */
#include "base/buf.h"
#include "mime/mime.h"

#define MIME_PERSON_LIST 50u /* addresses, groups of one person */

struct mime_person {
	struct text name; /* may be empty */
	struct text organization, note;
	struct text addresses[MIME_PERSON_LIST];
	size_t address_count;
	struct text groups[MIME_PERSON_LIST];
	size_t group_count;
	/* The first that mail cannot be sent to; kept as a line X-ADDRESS. */
	struct text bad_address;
	struct str photo;       /* JPEG or PNG as it is; empty: none */
	const char *photo_type; /* "image/png" */
	struct str card;
	struct str uid; /* of the card, or empty */
	bool is_group;  /* a list of people; members are uids or mailto: */
	struct str *members;
	size_t member_count;
	uint32_t line;    /* in the file, from 1 */
	uint32_t row;     /* of a table as a spreadsheet counts; 0: a card */
	const char *lost; /* what cannot be kept, for people; NULL: nothing */
};

enum mime_people_kind {
	MIME_PEOPLE_VCARD,
	MIME_PEOPLE_CSV
};
#define MIME_PEOPLE_COLUMNS 250u
struct mime_people_column {
	unsigned char field, kind;
	unsigned short number;
	struct str name; /* as the file calls it */
};
/* Borrows the file; opaque but for `kind` and the unknown columns. */
struct mime_people {
	enum mime_people_kind kind;
	struct str bytes;
	size_t at; /* vCard: not yet read from here */
	uint32_t line, row;
	char separator;
	struct mime_people_column *columns;
	size_t column_count;
};
enum mime_people_next {
	MIME_PEOPLE_END,
	MIME_PEOPLE_PERSON,
	MIME_PEOPLE_UNREADABLE /* `line`, `row` and `lost` say where and why */
};

/*
 * What kind of file it is, its charset (UTF-16 is converted), its columns.
 * `arena` lives as long as `out`. ERR_INPUT: neither a vCard nor a table with
 * names or addresses; ERR_LIMIT.
 */
enum err_code mime_people_open(struct str bytes, struct arena *arena,
    struct mime_people *out, struct err *err) WARN_UNUSED;
/* The next one; all of it lives in `arena`. */
enum mime_people_next mime_people_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out);
/* Is there a name, and nothing else that anybody could use? */
bool mime_person_is_bare(const struct mime_person *person);

/* ---- within mime/: the two readers ----------------------------------------
 */
enum mime_people_next mime_card_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out);
enum mime_people_next mime_table_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out);
enum err_code mime_table_open(struct mime_people *people, struct arena *arena,
    struct err *err) WARN_UNUSED;
/* False: there is no room, and `lost` says so. Twice the same is once. */
bool mime_person_add_address(struct mime_person *person, struct text address);
/*
 * What a file says is an address ("a@b", "A <a@b>"): those that mail can be
 * sent to, as they are written. None: it is no address, or more than `most`.
 */
struct mime_addresses mime_person_addresses(
    struct arena *arena, struct str typed, size_t most);
/* Such a one is bad_address, and a line of `card` where there is room. */
void mime_person_keep_bad(struct mime_person *person, struct arena *arena,
    struct str typed, struct buf *card);
/* Nobody, and why; false when it is somebody. */
bool mime_person_is_nobody(struct mime_person *person, struct arena *arena);
bool mime_person_add_group(struct mime_person *person, struct text group);

#endif
