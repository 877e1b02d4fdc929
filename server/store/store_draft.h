#ifndef STORE_STORE_DRAFT_H
#define STORE_STORE_DRAFT_H
/*
 * A composition while it is written: saved only over the version that its
 * writer saw, and what its copy in Drafts holds.
 */
#include "store/store.h"

/*
 * As store_compose_save, but only over version `base` (0: it is not there
 * yet); what was deleted or discarded meanwhile comes back. The new version is
 * base + 1. *out_is_saved false: another version is there, nothing was changed.
 */
enum err_code store_draft_save(struct store *store,
    const struct store_compose *compose, uint64_t base, bool *out_is_saved,
    struct err *err) WARN_UNUSED;

/* The copy in Drafts that was put there last. */
struct store_draft {
	int64_t saved_s;            /* 0: none was */
	uint64_t version;           /* of the composition */
	uint32_t uid, uid_validity; /* 0: the mail server did not say */
	struct str files; /* ids of its attachments, in order, with blanks */
};
/* ERR_NOT_FOUND without such a composition. */
enum err_code store_draft_find(struct store *store, struct str account,
    struct str id, struct arena *arena, struct store_draft *out,
    struct err *err) WARN_UNUSED;
enum err_code store_draft_note(struct store *store, struct str account,
    struct str id, const struct store_draft *draft,
    struct err *err) WARN_UNUSED;

/*
 * Kept for its writer, who was not there when it was stored: said on every
 * list until it is in Drafts, sent or discarded. Nothing happens when its copy
 * in Drafts is as new as it is.
 */
enum err_code store_draft_keep(struct store *store, struct str account,
    struct str id, struct err *err) WARN_UNUSED;
/* What is kept so, newest first: id, fields and saved_s of `most` at most. */
enum err_code store_draft_kept(struct store *store, struct str account,
    size_t most, struct arena *arena, struct store_compose *out,
    size_t *out_count, struct err *err) WARN_UNUSED;
/* Is this a composition of another account? */
enum err_code store_draft_is_anothers(struct store *store, struct str account,
    struct str id, bool *out, struct err *err) WARN_UNUSED;

/*
 * WRITING to GONE and back; saved_s is the time of the step. *out_won false:
 * it was in another state, or is not there. What is GONE keeps its fields and
 * files until store_clean, an hour later.
 */
enum err_code store_draft_discard(struct store *store, struct str account,
    struct str id, int64_t now_s, bool *out_won, struct err *err) WARN_UNUSED;
enum err_code store_draft_restore(struct store *store, struct str account,
    struct str id, int64_t now_s, bool *out_won, struct err *err) WARN_UNUSED;

/* What an account holds of messages that were not sent yet: WRITING, and what
 * can still come back (GONE). */
struct store_draft_held {
	uint64_t drafts;
	uint64_t files, file_bytes;
};
enum err_code store_draft_room(struct store *store, struct str account,
    struct store_draft_held *out, struct err *err) WARN_UNUSED;
/* What is short, has no files and was not saved since `before_s`; oldest
 * first. */
#define STORE_DRAFT_IDLE 50u
struct store_draft_idle {
	struct {
		struct str id, fields;
	} list[STORE_DRAFT_IDLE];
	size_t count;
};
enum err_code store_draft_idle(struct store *store, struct str account,
    int64_t before_s, struct arena *arena, struct store_draft_idle *out,
    struct err *err) WARN_UNUSED;
/* Whatever is GONE, with its files: it cannot come back any more. */
enum err_code store_draft_forget(
    struct store *store, struct str account, struct err *err) WARN_UNUSED;

#endif
