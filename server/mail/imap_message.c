#include "mail/imap_message.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_folders.h"
#include "mail/imap_item.h"
#include "mail/imap_structure.h"
#include "mail/imap_utf7.h"

/* A message whose structure is broken is read whole, up to this. */
#define MESSAGE_WHOLE_BYTES ((size_t)32 << 20)

struct message_call {
	struct mail *mail;
	const struct mail_id *id;
	struct str folder; /* as on the wire */
	struct mail_message *out;
	struct mail_folders *out_folders; /* NULL: not wanted */
	struct imap_folders folders;
	bool has_envelope;
	bool has_neighbours; /* ESEARCH brought them */
	bool is_sequence;    /* answers are of sequence numbers */
	uint32_t sequence;
	struct str whole;
};

enum err_code
imap_message_gone(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
	    "This message is not here any more. It may have been moved or "
	    "deleted.",
	    "mail: no such uid");
}

enum err_code
imap_message_open(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err)
{
	enum err_code rc = imap_select(conn, folder, err);

	if (rc == ERR_OK && uid_validity != 0 && conn->uid_validity != 0 &&
	    uid_validity != conn->uid_validity)
		return imap_message_gone(err);
	return rc;
}

/*
 * Not pipelined: Dovecot puts off what a NOOP makes it say until the commands
 * that came with it are done.
 */
bool
imap_message_is_news(struct imap_conn *conn, uint64_t changes)
{
	return conn->folder != NULL && imap_noop(conn, NULL) == ERR_OK &&
	       conn->changes != changes;
}

/* ---- answers ---- */
/* Unfolded ids of "References: <a> <b>" and so on. */
static struct text
message_references(struct arena *arena, struct str block)
{
	const struct str name = STR("References:");
	struct str value;
	size_t len = 0;
	char *copy;

	block = str_trim(block);
	if (!str_starts_nocase(block, name))
		return (struct text){{0}};
	value = str_slice(block, name.len, block.len);
	copy = str_dup_bytes(arena, value);
	if (copy == NULL)
		return (struct text){{0}};
	for (size_t i = 0; i < value.len; i++) {
		bool is_blank = strchr(" \t\r\n", copy[i]) != NULL;

		if (!is_blank)
			copy[len++] = copy[i];
		else if (len > 0 && copy[len - 1] != ' ')
			copy[len++] = ' ';
	}
	return text_line(arena, str_of(copy, len));
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
		if (response->number == call->sequence + 1)
			out->newer_uid = item.uid;
		else if (response->number + 1 == call->sequence)
			out->older_uid = item.uid;
		return;
	}
	if (item.uid != call->id->uid || item.envelope == 0) {
		if (item.has_flags && response->number == call->sequence)
			out->flags = item.flags;
		return;
	}
	call->has_envelope = true;
	call->sequence = response->number;
	out->flags = item.flags;
	out->bytes = item.bytes;
	out->arrived_s = item.arrived_s;
	imap_item_header(&tokens, item.envelope, arena, &out->header);
	if (item.body != 0)
		out->header.references = message_references(
		    arena, imap_token_str(&tokens, item.body));
	if (item.structure != 0)
		out->root =
		    imap_structure_parse(&tokens, item.structure, arena);
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
static void
message_ask(struct message_call *call, struct imap_batch *batch)
{
	struct imap_writer *writer = &batch->writer;
	uint32_t uid = call->id->uid;

	imap_write_begin(writer, "UID FETCH ");
	imap_write_number(writer, uid);
	imap_write_raw(writer,
	    " (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE "
	    "BODY.PEEK[HEADER.FIELDS (REFERENCES)])");
	imap_write_end(writer);
	call->has_neighbours = imap_conn_has(batch->conn, IMAP_CAP_ESEARCH);
	if (!call->has_neighbours)
		return;
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

static enum err_code
message_try(struct imap_conn *conn, struct message_call *call, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc =
	    imap_message_open(conn, call->folder, call->id->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	*call->out = (struct mail_message){0};
	call->out->uid_validity = conn->uid_validity;
	call->has_envelope = false;
	call->is_sequence = false;
	imap_folders_init(
	    &call->folders, call->mail->arena, conn->server->site);
	imap_batch_init(&batch, conn, message_untagged, call);
	message_ask(call, &batch);
	if (call->out_folders != NULL)
		imap_folders_ask(&call->folders, &batch);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK && !call->has_envelope) {
		rc = imap_batch_need(&batch, 0, "show the message", err);
		if (rc == ERR_OK || batch.ends[0].said.status == IMAP_NO)
			rc = imap_message_gone(err);
	}
	imap_batch_end(&batch);
	if (rc == ERR_OK)
		rc = message_neighbours(call, conn, err);
	if (rc == ERR_OK)
		rc = message_folders(call, conn, err);
	return rc;
}

static enum err_code
message_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	uint64_t changes = conn->changes;
	enum err_code rc = message_try(conn, ctx, err);

	if (rc == ERR_NOT_FOUND && imap_message_is_news(conn, changes))
		rc = message_try(conn, ctx, err);
	return rc;
}

/* ---- a broken structure: read it whole ---- */
static bool
message_whole_sink(void *ctx, struct str bytes)
{
	struct buf *whole = ctx;

	buf_add(whole, bytes);
	return whole->failed == ERR_OK;
}

static enum err_code
message_whole(struct message_call *call, struct err *err)
{
	struct mail *mail = call->mail;
	struct mime_message parsed;
	struct str bytes;
	struct buf whole;
	enum err_code rc;

	buf_init_arena(&whole, mail->arena, MESSAGE_WHOLE_BYTES);
	rc = mail_part_stream(
	    mail, call->id, NULL, message_whole_sink, &whole, err);
	if (whole.failed != ERR_OK)
		return err_set(err, ERR_LIMIT,
		    "This message is built in a way that cannot be shown, and "
		    "too large to be read whole. You can still download it.",
		    "mail: broken structure, too large");
	if (rc == ERR_OK)
		rc = buf_end(&whole, &bytes, err);
	if (rc == ERR_OK)
		rc = mime_parse(
		    bytes, &mime_limits_default, mail->arena, &parsed, err);
	if (rc != ERR_OK)
		return rc;
	call->out->header = parsed.header;
	call->out->root = parsed.root;
	return ERR_OK;
}

enum err_code
mail_message(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct mail_folders *out_folders, struct err *err)
{
	struct message_call call = {.mail = mail,
	    .id = id,
	    .folder = imap_utf7_encode(mail->arena, id->folder),
	    .out = out,
	    .out_folders = out_folders};
	enum err_code rc;

	*out = (struct mail_message){0};
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	if (id->uid == 0 || call.folder.len == 0)
		return imap_message_gone(err);
	rc = account_run(mail, call.folder, true, message_step, &call, err);
	if (rc == ERR_OK && out->root == NULL)
		rc = message_whole(&call, err);
	return rc;
}
