#ifndef MAIL_MAIL_BULK_H
#define MAIL_MAIL_BULK_H
/*
 * Doing one thing with many messages of a folder: those somebody ticked, or
 * all that a search finds. Sets are ranges of UIDs, so that a million messages
 * cost little. Results live in mail->arena. Rules of threads as in mail.h.
 */
#include "mail/mail.h"

struct mail_range {
	uint32_t first, last; /* first <= last */
};
/* Rising, without overlaps. */
struct mail_set {
	const struct mail_range *ranges;
	size_t count;
	uint32_t total; /* messages in it, at most */
};
/* In any order, repeated or not; 0 is left out. */
struct mail_set mail_set_of(
    struct arena *arena, const uint32_t *uids, size_t count);
/* "1,3:7", as IMAP writes it (RFC 9051, sequence-set). */
struct str mail_set_text(struct arena *arena, const struct mail_set *set);
/* ERR_INPUT: not such a text, or with "*". */
enum err_code mail_set_parse(struct arena *arena, struct str text,
    struct mail_set *out, struct err *err) WARN_UNUSED;
/* The first messages from UID `from` on: at most so many, in so many ranges. */
struct mail_set mail_set_from(struct arena *arena, const struct mail_set *set,
    uint64_t from, uint32_t most, size_t most_ranges);
/* What is in both. */
struct mail_set mail_set_common(struct arena *arena, const struct mail_set *one,
    const struct mail_set *other);

/*
 * All messages that the query's search finds; without one all of the folder.
 * ERR_NOT_FOUND: no such folder.
 */
enum err_code mail_find_all(struct mail *mail, const struct mail_query *query,
    struct mail_set *out, uint32_t *out_uid_validity,
    struct err *err) WARN_UNUSED;

/*
 * Rows of the set's first messages, LIMIT_LIST_ROWS at most, in rising order
 * of UIDs; those that are gone are left out.
 */
enum err_code mail_set_rows(struct mail *mail, struct text folder,
    uint32_t uid_validity, const struct mail_set *set, struct mail_row **out,
    size_t *out_count, struct err *err) WARN_UNUSED;

enum mail_bulk_what {
	MAIL_BULK_STORE,
	MAIL_BULK_MOVE,
	MAIL_BULK_COPY,
	MAIL_BULK_EXPUNGE /* for good, only these: \Deleted and UID EXPUNGE */
};
struct mail_bulk {
	enum mail_bulk_what what;
	struct text folder;
	uint32_t uid_validity; /* 0: whatever it is */
	struct mail_set set;
	/* MAIL_BULK_STORE: one of enum mail_flag, or a keyword instead. */
	unsigned flag;
	struct str keyword;
	bool on;
	struct text to_folder; /* MAIL_BULK_MOVE, MAIL_BULK_COPY */
	/*
	 * Wants `changed` of MOVE and COPY on servers without UIDPLUS, too:
	 * messages are looked at before and after.
	 */
	bool finds_copies;

	/* What came of it; also after an error. */
	struct mail_set rest; /* not dealt with yet: the time was over */
	/*
	 * MOVE, COPY: the messages in to_folder, when the server says (COPYUID,
	 * RFC 4315), or when all of them were found. STORE: those of the set
	 * that were otherwise before.
	 */
	struct mail_set changed;
	uint32_t changed_validity;
	/*
	 * MOVE on a server that can neither move nor expunge messages one by
	 * one: the originals are still there, marked as deleted; those in
	 * `marked` were not so before (with finds_copies).
	 */
	bool is_marked;
	struct mail_set marked;
};
/*
 * Piece by piece, as long as about half of the time that is left allows; then
 * bulk->rest has the others. ERR_NOT_FOUND: no such folder, or its UIDVALIDITY
 * changed. A move is never asked for twice: after ERR_AWAY some messages of
 * bulk->rest may have moved.
 */
enum err_code mail_bulk(
    struct mail *mail, struct mail_bulk *bulk, struct err *err) WARN_UNUSED;

/* A move whose originals are only marked as deleted. */
struct mail_restore {
	struct text folder; /* of the originals */
	uint32_t uid_validity;
	struct mail_set originals;
	struct text copies_folder;
	uint32_t copies_validity;
	struct mail_set copies;
};
/*
 * Takes it back: the originals lose the mark, the copies get it. ERR_MAIL: some
 * of the originals are gone for good; the others are back, and no copy is
 * marked. Twice does no harm.
 */
enum err_code mail_restore(struct mail *mail,
    const struct mail_restore *restore, struct err *err) WARN_UNUSED;
/* Both as one. */
struct mail_set mail_set_joined(struct arena *arena, const struct mail_set *one,
    const struct mail_set *other);

#endif
