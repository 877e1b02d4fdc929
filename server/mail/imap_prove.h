#ifndef MAIL_IMAP_PROVE_H
#define MAIL_IMAP_PROVE_H
/*
 * Which messages of a folder were put there a moment ago, on a server that
 * does not say (no UIDPLUS): of what came since then, those with the same
 * size, date of arrival and fields of the header. Nothing is told unless each
 * of them is found, and no other message is like it. For this room only.
 */
#include "mail/imap_batch.h"
#include "mail/mail_bulk.h"
#include "net/net_digest.h"

/* So many at once; of more nothing is told. */
#define IMAP_PROVE_MOST 20000u

struct imap_print {
	unsigned char digest[NET_DIGEST_BYTES];
	uint32_t uid;   /* where it was looked at; 0: in no folder */
	uint32_t found; /* its UID in the folder it was put in */
	size_t what;    /* of the caller */
};
struct imap_prints {
	struct imap_print *list;
	size_t count, capacity;
};
struct imap_prove {
	struct arena *arena;
	struct str folder; /* where they are put, as on the wire */
	bool is_off;       /* it cannot be proven */
	uint32_t uid_validity, uid_next; /* before they were put there */
	struct imap_prints there;        /* what is put there */
	struct imap_prints *into;        /* of the FETCH under way */
	uint64_t first_uid;              /* those below it are none of it */
	size_t most;
};

/*
 * Before anything is put into `folder`. Failures only turn it off; the
 * connection may be broken then.
 */
void imap_prove_begin(struct imap_prove *prove, struct imap_conn *conn,
    struct arena *arena, struct str folder);
/* These of the open folder will be put there. */
void imap_prove_look(struct imap_prove *prove, struct imap_conn *conn,
    const struct mail_set *set);
/* One that comes from elsewhere; `header`: its beginning. */
void imap_prove_add(struct imap_prove *prove, uint64_t bytes, int64_t arrived_s,
    struct str header, size_t what);
/*
 * Afterwards: opens the folder and looks. True: all of prove->there have their
 * `found`, in any order.
 */
bool imap_prove_find(struct imap_prove *prove, struct imap_conn *conn);
/* What imap_prove_find found. */
struct mail_set imap_prove_set(const struct imap_prove *prove);

/* The bytes that HEADER.FIELDS of ours would give. Pure. */
void imap_prove_fields(struct str header, struct buf *out);
/* Gives each of `there` one of `came` that is the same. Pure. */
bool imap_prove_match(struct imap_prints *there, struct imap_prints *came);

#endif
