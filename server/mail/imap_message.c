#include "mail/imap_message.h"

#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_folders.h"
#include "mail/imap_item.h"
#include "mail/imap_place.h"
#include "mail/imap_structure.h"
#include "mail/imap_utf7.h"

/* So much of a message is asked for at once: header and the first texts. */
#define MESSAGE_HEAD_BYTES ((size_t)64 << 10)

struct message_call {
	struct mail *mail;
	const struct mail_id *id;
	unsigned want;     /* enum mail_want */
	struct str folder; /* as on the wire */
	struct mime_limits limits;
	struct mail_message *out;
	struct mail_folders *out_folders; /* NULL: not wanted */
	struct imap_folders folders;
	/* The server cannot say its structure: it is read whole. */
	bool is_whole;
	bool is_again; /* it garbled the connection */
	bool is_there; /* the server knows the message */
	bool has_flags;
	bool has_neighbours; /* ESEARCH brought them */
	bool is_sequence;    /* answers are of sequence numbers */
	uint32_t sequence;
	struct str head; /* the message's beginning, or its header */
};

/* ---- answers ---- */
/* The message before or behind, by its number. */
static void
message_sequence(struct message_call *call, uint32_t number, uint32_t uid)
{
	if (number == call->sequence + 1)
		call->out->newer_uid = uid;
	else if (number + 1 == call->sequence)
		call->out->older_uid = uid;
}

/* Flags as they were before we set any. */
static void
message_flags(struct message_call *call, const struct imap_item *item)
{
	if (!item->has_flags ||
	    (call->has_flags && (call->want & MAIL_WANT_SEEN) != 0))
		return;
	call->has_flags = true;
	call->out->flags = item->flags;
	call->out->is_junk = item->is_junk;
	call->out->is_not_junk = item->is_not_junk;
}

static void
message_fetch(struct message_call *call, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct mail_message *out = call->out;
	struct arena *arena = call->mail->arena;
	struct imap_item item;

	if (!imap_item_parse(&tokens, &item))
		return;
	if (call->is_sequence && item.uid != 0) {
		message_sequence(call, response->number, item.uid);
		return;
	}
	if (item.uid == call->id->uid && !call->is_there) {
		call->is_there = true;
		call->sequence = response->number;
	}
	if (!call->is_there || response->number != call->sequence)
		return;
	message_flags(call, &item);
	if (item.has_bytes)
		out->bytes = item.bytes;
	if (item.arrived_s != 0)
		out->arrived_s = item.arrived_s;
	if (item.body != 0 && call->head.len == 0)
		call->head = str_dup(arena, imap_token_str(&tokens, item.body));
	if (item.structure != 0 && out->root == NULL)
		out->root = imap_structure_parse(&tokens, item.structure,
		    &call->limits, arena, &out->is_incomplete);
}

/* ESEARCH (TAG "i7") UID MIN 12 or MAX 9 */
static void
message_esearch(struct message_call *call, const struct imap_tokens *tokens)
{
	for (uint32_t at = 0; at + 1 < tokens->count; at++) {
		uint64_t uid = imap_token_u64(tokens, at + 1);

		if (uid > UINT32_MAX)
			continue;
		if (imap_token_is(tokens, at, STR("MAX")) &&
		    uid < call->id->uid)
			call->out->older_uid = (uint32_t)uid;
		if (imap_token_is(tokens, at, STR("MIN")) &&
		    uid > call->id->uid)
			call->out->newer_uid = (uint32_t)uid;
	}
}

static enum err_code
message_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct message_call *call = ctx;

	if (str_eq_nocase(response->name, STR("FETCH"))) {
		message_fetch(call, reader, response);
	} else if (str_eq_nocase(response->name, STR("ESEARCH"))) {
		struct imap_tokens tokens = imap_read_tokens(reader, response);

		message_esearch(call, &tokens);
	} else {
		(void)imap_folders_untagged(&call->folders, reader, response);
	}
	return imap_arena_check(call->mail->arena, err);
}

/* ---- questions ---- */
static size_t
message_head_bytes(const struct message_call *call)
{
	return (call->want & MAIL_WANT_TEXT) != 0 ? MESSAGE_HEAD_BYTES
	                                          : call->limits.header_bytes;
}

static void
message_ask_fetch(struct message_call *call, struct imap_writer *writer)
{
	imap_write_begin(writer, "UID FETCH ");
	imap_write_number(writer, call->id->uid);
	imap_write_raw(writer, " (UID FLAGS INTERNALDATE RFC822.SIZE");
	if (!call->is_whole) {
		imap_write_raw(writer, (call->want & MAIL_WANT_TEXT) != 0
		                           ? " BODY.PEEK[]<0."
		                           : " BODY.PEEK[HEADER]<0.");
		imap_write_number(writer, message_head_bytes(call));
		imap_write_raw(writer, "> BODYSTRUCTURE");
	}
	imap_write_raw(writer, ")");
	imap_write_end(writer);
}

static void
message_ask_neighbours(struct message_call *call, struct imap_writer *writer)
{
	uint32_t uid = call->id->uid;

	if (uid > 1) {
		imap_write_begin(writer, "UID SEARCH RETURN (MAX) UID 1:");
		imap_write_number(writer, uid - 1);
		imap_write_end(writer);
	}
	if (uid < UINT32_MAX) {
		imap_write_begin(writer, "UID SEARCH RETURN (MIN) UID ");
		imap_write_number(writer, (uint64_t)uid + 1);
		imap_write_raw(writer, ":*");
		imap_write_end(writer);
	}
}

static void
message_ask(struct message_call *call, struct imap_batch *batch)
{
	struct imap_writer *writer = &batch->writer;

	message_ask_fetch(call, writer);
	call->has_neighbours = (call->want & MAIL_WANT_NEIGHBOURS) == 0 ||
	                       imap_conn_has(batch->conn, IMAP_CAP_ESEARCH);
	if ((call->want & MAIL_WANT_NEIGHBOURS) != 0 && call->has_neighbours)
		message_ask_neighbours(call, writer);
	if (call->out_folders != NULL)
		imap_folders_ask(&call->folders, batch);
	/* Behind the counts: they are of before, as the flags are. */
	if ((call->want & MAIL_WANT_SEEN) == 0)
		return;
	imap_write_begin(writer, "UID STORE ");
	imap_write_number(writer, call->id->uid);
	imap_write_raw(writer, " +FLAGS.SILENT (\\Seen)");
	imap_write_end(writer);
}

/* Without ESEARCH: the messages before and behind, by number. */
static enum err_code
message_neighbours(
    struct message_call *call, struct imap_conn *conn, struct err *err)
{
	uint32_t low = call->sequence > 1 ? call->sequence - 1 : 1;
	uint32_t high =
	    call->sequence < conn->exists ? call->sequence + 1 : call->sequence;
	struct imap_batch batch;
	enum err_code rc;

	if (call->has_neighbours || low == high)
		return ERR_OK;
	call->is_sequence = true;
	imap_batch_init(&batch, conn, message_untagged, call);
	imap_write_begin(&batch.writer, "FETCH ");
	imap_write_number(&batch.writer, low);
	imap_write_raw(&batch.writer, ":");
	imap_write_number(&batch.writer, high);
	imap_write_raw(&batch.writer, " (UID)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
message_folders(
    struct message_call *call, struct imap_conn *conn, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (call->out_folders == NULL)
		return ERR_OK;
	if (!call->folders.has_status)
		rc = imap_folders_count(&call->folders, conn, err);
	if (rc == ERR_OK)
		rc =
		    imap_folders_result(&call->folders, call->out_folders, err);
	return rc;
}

/* Forgets what an earlier try brought. */
static void
message_begin(struct message_call *call, struct imap_conn *conn)
{
	*call->out = (struct mail_message){.uid_validity = conn->uid_validity};
	call->is_there = false;
	call->has_flags = false;
	call->is_sequence = false;
	call->head = (struct str){0};
	imap_folders_init(
	    &call->folders, call->mail->arena, conn->server->site);
}

static enum err_code
message_round(
    struct message_call *call, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	bool is_no;
	enum err_code rc;

	message_begin(call, conn);
	imap_batch_init(&batch, conn, message_untagged, call);
	message_ask(call, &batch);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	is_no = rc == ERR_OK && !imap_batch_is_ok(&batch, 0);
	if (rc == ERR_OK && !call->is_there) {
		rc = imap_batch_need(&batch, 0, "show the message", err);
		if (rc == ERR_OK || batch.ends[0].said.status == IMAP_NO)
			rc = imap_message_gone(err);
	}
	imap_batch_end(&batch);
	/* It may be only the structure that it cannot tell. */
	if (is_no && !call->is_there && !call->is_whole) {
		call->is_whole = true;
		return message_round(call, conn, err);
	}
	return rc;
}

static enum err_code
message_try(struct imap_conn *conn, struct message_call *call, struct err *err)
{
	enum err_code rc =
	    imap_message_open(conn, call->folder, call->id->uid_validity, err);

	if (rc == ERR_OK)
		rc = message_round(call, conn, err);
	if (rc == ERR_OK)
		rc = message_neighbours(call, conn, err);
	if (rc == ERR_OK)
		rc = message_folders(call, conn, err);
	call->out->folder_messages = conn->exists;
	return rc;
}

static enum err_code
message_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct message_call *call = ctx;
	uint64_t changes = conn->changes;
	enum err_code rc = message_try(conn, call, err);

	if (rc == ERR_NOT_FOUND && imap_message_is_news(conn, changes))
		rc = message_try(conn, call, err);
	/* Nothing of it could be read: once more without the structure. */
	if (rc == ERR_MAIL && conn->is_broken && !call->is_whole)
		call->is_whole = call->is_again = true;
	return rc;
}

/* ---- what the answers say ---- */
/* A header longer than what came with the text. */
static enum err_code
message_long_header(struct message_call *call, struct err *err)
{
	size_t bytes = call->head.len;

	if ((call->want & MAIL_WANT_TEXT) == 0 || bytes < MESSAGE_HEAD_BYTES ||
	    bytes >= call->limits.header_bytes)
		return ERR_OK;
	return mail_header(
	    call->mail, call->id, NULL, &call->head, &(bool){false}, err);
}

/* No part is larger than its message, whatever the server says. */
static void
message_mend_sizes(struct mime_part *part, uint64_t most)
{
	if (part->bytes > most)
		part->bytes = most;
	for (size_t i = 0; i < part->part_count; i++)
		message_mend_sizes(&part->parts[i], most);
}

static enum err_code
message_read(struct message_call *call, struct err *err)
{
	struct mail_message *out = call->out;
	size_t end = imap_place_header(call->head);
	struct str header;
	enum err_code rc = ERR_OK;

	if (out->bytes > 0)
		message_mend_sizes(out->root, out->bytes);
	if ((call->want & MAIL_WANT_TEXT) != 0)
		imap_place_parts(
		    out->root, str_slice(call->head, end, call->head.len));
	if (end == call->head.len)
		rc = message_long_header(call, err);
	if (rc != ERR_OK)
		return rc;
	header = str_slice(call->head, 0, imap_place_header(call->head));
	if (header.len >= call->limits.header_bytes) {
		header.len = call->limits.header_bytes;
		out->is_incomplete = true;
	}
	return mime_parse_header(header, call->mail->arena, &out->header, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_message(struct mail *mail, const struct mail_id *id, unsigned want,
    struct mail_message *out, struct mail_folders *out_folders, struct err *err)
{
	struct message_call call = {.mail = mail,
	    .id = id,
	    .want = want,
	    .folder = imap_utf7_encode(mail->arena, id->folder),
	    .limits = mail_limits(mail),
	    .out = out,
	    .out_folders = out_folders};
	enum err_code rc;

	*out = (struct mail_message){0};
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	if (id->uid == 0 || call.folder.len == 0)
		return imap_message_gone(err);
	rc = account_run(mail, call.folder, true, message_step, &call, err);
	if (call.is_again)
		rc = account_run(
		    mail, call.folder, true, message_step, &call, err);
	if (rc != ERR_OK)
		return rc;
	if (out->root == NULL || call.head.len == 0 ||
	    imap_structure_is_hollow(out->root))
		return imap_message_whole(mail, id, out, err);
	return message_read(&call, err);
}
