#include "mail/imap_part.h"

#include "mail/account.h"
#include "mail/imap_ahead.h"
#include "mail/imap_batch.h"
#include "mail/imap_item.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/* Each byte that comes gives the next one the time of the first. */
static void
part_go_on(struct imap_part *call)
{
	call->conn->wait.deadline_mono_ms = clock_mono_ms() + call->wait_ms;
	imap_conn_command(call->conn);
}

static bool
part_sink(void *ctx, struct str bytes)
{
	struct imap_part *call = ctx;

	if (bytes.len > call->piece_end - call->offset ||
	    !call->take(call->take_ctx, bytes))
		return false;
	call->offset += bytes.len;
	part_go_on(call);
	return true;
}

static enum err_code
part_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_part *call = ctx;
	struct imap_tokens tokens;
	struct imap_item item;

	(void)err;
	if (!str_eq_nocase(response->name, STR("FETCH")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (!imap_item_parse(&tokens, &item) || item.body == 0)
		return ERR_OK;
	call->is_there = true;
	/* A short piece may come as a quoted string. */
	if (!reader->has_sunk)
		(void)part_sink(call, imap_token_str(&tokens, item.body));
	return ERR_OK;
}

static enum err_code
part_try(struct imap_conn *conn, struct imap_part *call, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc =
	    imap_message_open(conn, call->folder, call->id->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	call->conn = conn;
	call->is_there = false;
	imap_batch_init(&batch, conn, part_untagged, call);
	batch.sink = part_sink;
	batch.sink_ctx = call;
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_number(&batch.writer, call->id->uid);
	imap_write_raw(&batch.writer, " (BODY.PEEK[");
	buf_add(&batch.writer.out, call->section);
	imap_write_raw(&batch.writer, "]<");
	imap_write_number(&batch.writer, call->offset);
	imap_write_raw(&batch.writer, ".");
	imap_write_number(&batch.writer, call->piece_end - call->offset);
	imap_write_raw(&batch.writer, ">)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK && !call->is_there) {
		rc = imap_batch_need(&batch, 0, "send this part", err);
		if (rc == ERR_OK || batch.ends[0].said.status == IMAP_NO)
			rc = imap_message_gone(err);
	}
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
part_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	uint64_t changes = conn->changes;
	enum err_code rc = part_try(conn, ctx, err);

	if (rc == ERR_NOT_FOUND && imap_message_is_news(conn, changes))
		rc = part_try(conn, ctx, err);
	return rc;
}

/* section-part of digits and dots: nothing else may go out unquoted. */
static bool
part_section_is_fine(struct str section)
{
	for (size_t i = 0; i < section.len; i++) {
		bool is_digit = section.ptr[i] >= '0' && section.ptr[i] <= '9';

		if (!is_digit && section.ptr[i] != '.')
			return false;
	}
	return section.len < 512;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
imap_part_init(struct imap_part *call, struct mail *mail,
    const struct mail_id *id, const struct mime_part *part, struct str suffix,
    struct err *err)
{
	struct str section = part == NULL ? (struct str){0} : part->section;
	const struct str parts[] = {section, STR("."), suffix};

	*call = (struct imap_part){.mail = mail,
	    .id = id,
	    .folder = imap_utf7_encode(mail->arena, id->folder),
	    .end = UINT64_MAX,
	    .wait_ms = mail->wait.deadline_mono_ms - clock_mono_ms()};
	if (id->uid == 0 || call->folder.len == 0 ||
	    !part_section_is_fine(section) ||
	    (part != NULL && section.len == 0))
		return imap_message_gone(err);
	call->section = section;
	if (part != NULL && suffix.len == 0)
		call->bytes = part->bytes;
	if (suffix.len > 0)
		call->section =
		    section.len == 0 ? suffix : str_join(mail->arena, parts, 3);
	call->piece = malloc(IMAP_PIECE_BYTES);
	if (call->piece == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail: part");
	return imap_arena_check(mail->arena, err);
}

void
imap_part_end(struct imap_part *call)
{
	free(call->piece);
	call->piece = NULL;
}

enum err_code
imap_part_run(struct imap_part *call, uint64_t piece_end,
    imap_part_take_fn *take, void *ctx, struct err *err)
{
	struct mail piece = *call->mail;

	call->piece_end = piece_end;
	call->take = take;
	call->take_ctx = ctx;
	if (call->offset > 0)
		piece.wait.deadline_mono_ms = clock_mono_ms() + call->wait_ms;
	return account_run(&piece, call->folder, true, part_step, call, err);
}

static bool
part_keep(void *ctx, struct str bytes)
{
	struct imap_part *call = ctx;

	ensure(bytes.len <= IMAP_PIECE_BYTES - call->piece_len);
	if (bytes.len > 0)
		memcpy(call->piece + call->piece_len, bytes.ptr, bytes.len);
	call->piece_len += bytes.len;
	return true;
}

enum err_code
imap_part_next(struct imap_part *call, size_t wanted, struct err *err)
{
	ensure(wanted <= IMAP_PIECE_BYTES);
	if (wanted > call->end - call->offset)
		wanted = (size_t)(call->end - call->offset);
	call->piece_len = 0;
	if (wanted == 0)
		return ERR_OK;
	return imap_part_run(call, call->offset + wanted, part_keep, call, err);
}

bool
imap_part_is_over(const struct imap_part *call, uint64_t wanted, uint64_t came)
{
	return call->offset >= call->end || came == 0 ||
	       (came < wanted && call->offset >= call->bytes);
}

/* More than one piece is left, as far as is known. */
static bool
part_is_large(const struct imap_part *call)
{
	uint64_t end = call->bytes > 0 && call->bytes < call->end ? call->bytes
	                                                          : call->end;

	return end > call->offset && end - call->offset > IMAP_PIECE_BYTES;
}

enum err_code
imap_part_rest(struct imap_part *call, mime_sink_fn *sink, void *ctx,
    bool *out_is_stopped, struct err *err)
{
	size_t wanted = IMAP_FIRST_BYTES;
	bool is_started = false;

	*out_is_stopped = false;
	for (;;) {
		enum err_code rc = imap_part_next(call, wanted, err);

		if (rc != ERR_OK)
			return rc;
		*out_is_stopped =
		    !sink(ctx, str_of(call->piece, call->piece_len));
		if (*out_is_stopped ||
		    imap_part_is_over(call, wanted, call->piece_len))
			return ERR_OK;
		if (wanted == IMAP_FIRST_BYTES && part_is_large(call))
			rc = imap_ahead_run(
			    call, sink, ctx, &is_started, out_is_stopped, err);
		if (is_started || rc != ERR_OK)
			return rc;
		wanted = IMAP_PIECE_BYTES;
	}
}
