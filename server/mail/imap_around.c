#include "mail/imap_around.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/* What is nice to have must not keep a page waiting. */
#define AROUND_WAIT_MS ((int64_t)1000)
/* A search of all headers takes a server 10 ms for 1,000 messages. */
#define AROUND_CHEAP_MESSAGES 100u

struct around {
	struct mail *mail;
	const struct mail_id *id;
	const struct mail_message *message;
	struct around_side *here, *sent;       /* NULL: not asked */
	const struct mail_folder *sent_folder; /* of `sent` */
	uint32_t limit; /* messages of a folder that is searched */
};

static struct around_side *
around_side_new(struct around *around, struct text folder, int64_t until_ms)
{
	struct around_side *side =
	    ARENA_NEW(around->mail->arena, struct around_side);

	if (side == NULL)
		return NULL;
	side->mail = around->mail;
	side->folder = folder;
	side->wire = imap_utf7_encode(around->mail->arena, folder);
	side->deadline_mono_ms = until_ms;
	(void)imap_around_ids(side, &around->message->header);
	if (around->message->header.from.count > 0)
		side->sender = around->message->header.from.list[0].address.s;
	return side;
}

static bool
around_is_small(const struct around *around, uint32_t messages)
{
	return messages <= around->limit;
}

/* Lists by conversation keep them all; false: nothing to go by. */
static bool
around_may_know(struct around *around)
{
	struct around_side *here = around->here;

	if (around_is_small(around, around->message->folder_messages))
		return true;
	/* Of the sender nothing is said, as where nobody is asked. */
	here->only_kept = here->is_sender_known = true;
	here->sender = (struct str){0};
	return here->order.exists == around->message->folder_messages &&
	       here->order.thread_count > 0;
}

/* The folders that are searched; what was sent is known without asking. */
static enum err_code
around_plan(
    struct around *around, const struct mail_folders *folders, struct err *err)
{
	const struct mail_folder *sent =
	    mail_special_find(around->mail, folders, MAIL_SENT);
	bool is_sent =
	    sent != NULL && str_eq(sent->name.s, around->id->folder.s);
	int64_t until_ms = clock_mono_ms() + AROUND_WAIT_MS;

	around->here = around_side_new(around, around->id->folder, until_ms);
	if (around->here != NULL) {
		around->here->uid = around->id->uid;
		/* Nothing can be older than the first. */
		if (is_sent || around->id->uid == 1)
			around->here->sender = (struct str){0};
		around->here->is_sender_known = is_sent;
		(void)imap_thread_order_recall(around->mail, around->here->wire,
		    around->message->uid_validity, &around->here->order);
	}
	if (sent != NULL && !is_sent && sent->messages > 0 &&
	    around_is_small(around, sent->messages))
		around->sent = around_side_new(around, sent->name, until_ms);
	if (around->sent != NULL) {
		around->sent->is_sent = true;
		around->sent_folder = sent;
	}
	return imap_arena_check(around->mail->arena, err);
}

/*
 * What was sent is looked at when that is cheap, or something says that it
 * matters: this message answers one or was answered, others belong to it, or
 * its sender never wrote before.
 */
static bool
around_needs_sent(struct around *around)
{
	const struct mime_header *header = &around->message->header;
	struct around_side *sent = around->sent;

	if (sent == NULL)
		return false;
	if (around->here->is_sender_known)
		sent->sender = (struct str){0};
	if (around->sent_folder->messages > AROUND_CHEAP_MESSAGES &&
	    header->references.s.len == 0 && header->in_reply_to.s.len == 0 &&
	    (around->message->flags & MAIL_ANSWERED) == 0 &&
	    around->here->uid_count <= 1)
		sent->id_count = 0;
	return sent->id_count > 0 || sent->sender.len > 0;
}

/* Mostly nothing belongs to it there: then the folder stays closed. */
static enum err_code
around_ask_sent(struct around *around)
{
	struct around_side *sent = around->sent;
	enum err_code rc;

	if (imap_around_recall(sent, around->id, around->sent_folder) &&
	    sent->uid_count == 0)
		return ERR_OK;
	rc = imap_around_ask(sent, NULL);
	if (rc == ERR_OK)
		imap_around_note(sent, around->id, around->sent_folder);
	return rc;
}

/* ---- rows together ---- */
static int
around_by_date(const void *a, const void *b)
{
	const struct mail_thread_row *left = a;
	const struct mail_thread_row *right = b;

	if (left->row.date_s != right->row.date_s)
		return left->row.date_s < right->row.date_s ? -1 : 1;
	return (left->row.uid > right->row.uid) -
	       (left->row.uid < right->row.uid);
}

/* A letter to oneself is in both folders: this one counts. */
static bool
around_is_copy(const struct around_side *here, const struct around_row *row)
{
	for (size_t i = 0; i < here->row_count; i++) {
		if (row->message_id.len > 0 &&
		    str_eq(here->rows[i].message_id, row->message_id))
			return true;
	}
	return false;
}

static bool
around_has_file(const struct mime_part *part)
{
	if (part->disposition == MIME_ATTACHMENT)
		return true;
	for (size_t i = 0; i < part->part_count; i++) {
		if (around_has_file(&part->parts[i]))
			return true;
	}
	return false;
}

/* The message itself, when nobody had to be asked for it. */
static void
around_add_this(const struct around *around)
{
	const struct mail_message *message = around->message;
	const struct mime_header *header = &message->header;
	struct around_side *here = around->here;
	struct around_row *row;

	for (size_t i = 0; i < here->row_count; i++) {
		if (here->rows[i].row.is_this)
			return;
	}
	if (here->row_count == LIMIT_THREAD_ROWS) {
		here->row_count--; /* the oldest found */
		memmove(here->rows, here->rows + 1,
		    here->row_count * sizeof(here->rows[0]));
		here->is_cut = true;
	}
	row = &here->rows[here->row_count++];
	*row = (struct around_row){.message_id = header->message_id.s};
	row->row = (struct mail_thread_row){.folder = around->id->folder,
	    .uid_validity = message->uid_validity,
	    .is_this = true};
	row->row.row = (struct mail_row){.uid = around->id->uid,
	    .flags = message->flags,
	    .subject = header->subject,
	    .date_s = header->date_s != 0 ? header->date_s : message->arrived_s,
	    .arrived_s = message->arrived_s,
	    .bytes = message->bytes,
	    .has_attachment =
	        message->root != NULL && around_has_file(message->root)};
	if (header->from.count > 0)
		row->row.row.from = header->from.list[0];
	if (header->to.count > 0)
		row->row.row.to = header->to.list[0];
}

/* At most LIMIT_THREAD_ROWS: the newest, and the message itself. */
static void
around_cut(struct mail_around *out)
{
	size_t drop;

	if (out->row_count <= LIMIT_THREAD_ROWS)
		return;
	drop = out->row_count - LIMIT_THREAD_ROWS;
	for (size_t i = 0; i < drop; i++) {
		if (out->rows[i].is_this)
			out->rows[drop] = out->rows[i];
	}
	out->rows += drop;
	out->row_count = LIMIT_THREAD_ROWS;
	out->is_cut = true;
}

static enum err_code
around_join(struct around *around, struct mail_around *out, struct err *err)
{
	struct around_side *here = around->here;
	struct around_side *sent = around->sent;
	size_t most =
	    here->row_count + 1 + (sent != NULL ? sent->row_count : 0);

	around_add_this(around);
	out->rows =
	    ARENA_ARRAY(around->mail->arena, most, struct mail_thread_row);
	if (out->rows == NULL)
		return imap_arena_check(around->mail->arena, err);
	for (size_t i = 0; i < here->row_count; i++)
		out->rows[out->row_count++] = here->rows[i].row;
	for (size_t i = 0; sent != NULL && i < sent->row_count; i++) {
		if (!around_is_copy(here, &sent->rows[i]))
			out->rows[out->row_count++] = sent->rows[i].row;
	}
	qsort(out->rows, out->row_count, sizeof(*out->rows), around_by_date);
	out->is_cut = here->is_cut || (sent != NULL && sent->is_cut);
	around_cut(out);
	out->is_sender_known =
	    here->is_sender_known || (sent != NULL && sent->is_sender_known);
	out->is_known = true;
	return ERR_OK;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_around(struct mail *mail, const struct mail_id *id,
    const struct mail_message *message, const struct mail_folders *folders,
    bool even_large, struct mail_around *out, struct err *err)
{
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));
	struct around around = {.mail = mail,
	    .id = id,
	    .message = message,
	    .limit = even_large ? UINT32_MAX : cfg->conversation_limit};
	enum err_code rc;

	*out = (struct mail_around){0};
	rc = around_plan(&around, folders, err);
	if (rc != ERR_OK || !around_may_know(&around))
		return rc;
	rc = imap_around_ask(around.here, NULL);
	if (rc == ERR_OK && around.here->only_kept && !around.here->is_kept)
		return ERR_OK;
	if (rc == ERR_OK && around_needs_sent(&around))
		rc = around_ask_sent(&around);
	if (arena_failed(mail->arena))
		return imap_arena_check(mail->arena, err);
	/* Too slow, or refused: the page is shown without it. */
	if (rc != ERR_OK)
		return ERR_OK;
	return around_join(&around, out, err);
}
