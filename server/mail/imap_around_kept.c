/* What was found for a message before, where it is still so. */
#include "mail/imap_around.h"
#include "mail/mail_kept.h"

/* What was asked. */
#define KEPT_IDS    1u
#define KEPT_SENDER 2u

struct kept_sent {
	uint32_t uid_validity, uid_next, messages; /* of the folder */
	uint32_t asked;
	uint32_t is_sender_known, is_cut;
	uint32_t uid_count;
	uint32_t uids[LIMIT_THREAD_ROWS];
};

static uint32_t
kept_asks(const struct around_side *sent)
{
	return (sent->id_count > 0 ? KEPT_IDS : 0) |
	       (sent->sender.len > 0 ? KEPT_SENDER : 0);
}

/* ---- in what was sent ---- */
bool
imap_around_recall(struct around_side *sent, const struct mail_id *id,
    const struct mail_folder *folder)
{
	struct kept_sent kept;
	struct str bytes;
	uint32_t asks = kept_asks(sent);

	sent->asked = asks;
	if (folder->uid_next == 0 || !folder->is_counted ||
	    !mail_kept_find(sent->mail, id, STR("sent"), &bytes) ||
	    bytes.len != sizeof(kept))
		return false;
	memcpy(&kept, bytes.ptr, sizeof(kept));
	if (kept.uid_validity != folder->uid_validity ||
	    kept.uid_next != folder->uid_next ||
	    kept.messages != folder->messages || (kept.asked & asks) != asks ||
	    kept.uid_count > LIMIT_THREAD_ROWS)
		return false;
	sent->is_recalled = true;
	sent->is_sender_known = kept.is_sender_known != 0;
	if ((asks & KEPT_IDS) == 0)
		return true;
	sent->is_cut = kept.is_cut != 0;
	sent->uid_count = kept.uid_count;
	memcpy(sent->uids, kept.uids, sizeof(kept.uids));
	return true;
}

void
imap_around_note(const struct around_side *sent, const struct mail_id *id,
    const struct mail_folder *folder)
{
	struct kept_sent kept = {.uid_validity = folder->uid_validity,
	    .uid_next = folder->uid_next,
	    .messages = folder->messages,
	    .asked = sent->asked,
	    .is_sender_known = sent->is_sender_known,
	    .is_cut = sent->is_cut,
	    .uid_count = (uint32_t)sent->uid_count};

	/* What was searched was another folder, or none. */
	if (sent->is_recalled || sent->is_sender_refused ||
	    sent->uid_validity != folder->uid_validity ||
	    sent->exists != folder->messages || folder->uid_next == 0)
		return;
	memcpy(kept.uids, sent->uids, sent->uid_count * sizeof(kept.uids[0]));
	mail_kept_put(sent->mail, id, STR("sent"),
	    str_of((const char *)&kept, sizeof(kept)));
}

/* ---- in the message's own folder ---- */
static struct mail_id
kept_here(const struct around_side *here)
{
	return (struct mail_id){.folder = here->folder,
	    .uid = here->uid,
	    .uid_validity = here->uid_validity};
}

bool
imap_around_is_first(const struct around_side *here)
{
	struct mail_id id = kept_here(here);
	struct str bytes;

	return mail_kept_find(here->mail, &id, STR("first"), &bytes);
}

void
imap_around_note_first(const struct around_side *here)
{
	struct mail_id id = kept_here(here);

	mail_kept_put(here->mail, &id, STR("first"), STR("1"));
}
