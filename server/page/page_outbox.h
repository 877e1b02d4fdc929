#ifndef PAGE_PAGE_OUTBOX_H
#define PAGE_PAGE_OUTBOX_H
/* What people can do with a message on its way; of /sent and /outbox. */
#include "page/post_office.h"

enum outbox_verb {
	OUTBOX_VERB_BACK,    /* undo, edit, cancel: back to the composition */
	OUTBOX_VERB_NOW,     /* send now */
	OUTBOX_VERB_DATE,    /* send at another time: field send_at */
	OUTBOX_VERB_COPY,    /* copy to Sent now */
	OUTBOX_VERB_ARRIVED, /* perhaps sent, and it was: copy to Sent */
	OUTBOX_VERB_FORGET   /* sent, and no copy is wanted */
};
/* False: none of them. */
bool outbox_verb_of(struct str name, enum outbox_verb *out);

/*
 * Does it to the message `id` of this person. *out_late: it was too late, the
 * message is somewhere else by now. ERR_INPUT: a bad date.
 */
enum err_code outbox_act(struct request *req, enum outbox_verb verb,
    struct str id, bool *out_late, struct err *err) WARN_UNUSED;

#endif
