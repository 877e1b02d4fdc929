#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_item.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/*
 * So much is fetched at once, in memory of ours. The connection goes back to
 * the pool before the piece goes to the browser: a slow one holds nothing.
 */
#define PART_PIECE_BYTES ((size_t)1 << 20)
#define PART_FIRST_BYTES ((size_t)256 << 10)

struct part_call {
	struct mail *mail;
	const struct mail_id *id;
	struct str folder;  /* as on the wire */
	struct str section; /* empty: the whole message */
	uint64_t offset;
	size_t wanted;
	char *piece; /* owned */
	size_t piece_len;
	bool is_there;
	int64_t wait_ms; /* what the caller gave for the first piece */
};

static bool
part_sink(void *ctx, struct str bytes)
{
	struct part_call *call = ctx;

	if (bytes.len > call->wanted - call->piece_len)
		return false;
	memcpy(call->piece + call->piece_len, bytes.ptr, bytes.len);
	call->piece_len += bytes.len;
	return true;
}

static enum err_code
part_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct part_call *call = ctx;
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
part_try(struct imap_conn *conn, struct part_call *call, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc =
	    imap_message_open(conn, call->folder, call->id->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	call->piece_len = 0;
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
	imap_write_number(&batch.writer, call->wanted);
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

/* Each piece has the time of the first: rolling while bytes flow. */
static enum err_code
part_piece(struct part_call *call, struct err *err)
{
	struct mail piece = *call->mail;

	if (call->offset > 0)
		piece.wait.deadline_mono_ms = clock_mono_ms() + call->wait_ms;
	return account_run(&piece, call->folder, true, part_step, call, err);
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

static enum err_code
part_pieces(
    struct part_call *call, struct mime_decoder *decoder, struct err *err)
{
	enum err_code rc = ERR_OK;
	bool go_on = true;

	call->wanted = PART_FIRST_BYTES;
	while (rc == ERR_OK && go_on) {
		rc = part_piece(call, err);
		if (rc != ERR_OK)
			break;
		go_on = mime_decoder_add(
		    decoder, str_of(call->piece, call->piece_len));
		if (call->piece_len < call->wanted)
			break;
		call->offset += call->piece_len;
		call->wanted = PART_PIECE_BYTES;
	}
	if (rc == ERR_OK && go_on)
		(void)mime_decoder_end(decoder);
	return rc;
}

static enum err_code
part_stream(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, mime_sink_fn *sink, void *ctx,
    struct err *err)
{
	struct part_call call = {.mail = mail,
	    .id = id,
	    .folder = imap_utf7_encode(mail->arena, id->folder),
	    .wait_ms = mail->wait.deadline_mono_ms - clock_mono_ms()};
	struct mime_decoder decoder;
	enum err_code rc;

	mime_decoder_init(
	    &decoder, part == NULL ? MIME_IDENTITY : part->encoding, sink, ctx);
	if (part != NULL && part->content.len > 0) {
		/* From a full parse: it is here already. */
		if (mime_decoder_add(&decoder, part->content))
			(void)mime_decoder_end(&decoder);
		return ERR_OK;
	}
	if (part != NULL)
		call.section = part->section;
	if (id->uid == 0 || call.folder.len == 0 ||
	    !part_section_is_fine(call.section) ||
	    (part != NULL && call.section.len == 0))
		return imap_message_gone(err);
	call.piece = malloc(PART_PIECE_BYTES);
	if (call.piece == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail: part");
	rc = part_pieces(&call, &decoder, err);
	free(call.piece);
	return rc;
}

enum err_code
mail_part_stream(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, mime_sink_fn *sink, void *ctx,
    struct err *err)
{
	return part_stream(mail, id, part, sink, ctx, err);
}

/* ---- as text ---- */
struct part_text {
	struct buf bytes;
	bool is_cut;
};

static bool
part_text_sink(void *ctx, struct str bytes)
{
	struct part_text *text = ctx;
	size_t room = LIMIT_TEXT_SHOWN - text->bytes.len;

	if (bytes.len > room) {
		text->is_cut = true;
		bytes.len = room;
	}
	buf_add(&text->bytes, bytes);
	return !text->is_cut && text->bytes.failed == ERR_OK;
}

enum err_code
mail_part_text(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, struct str charset, struct text *out,
    bool *out_is_cut, struct err *err)
{
	struct part_text text = {0};
	struct str bytes;
	enum err_code rc;

	*out = (struct text){{0}};
	*out_is_cut = false;
	buf_init(&text.bytes, LIMIT_TEXT_SHOWN);
	rc = part_stream(mail, id, part, part_text_sink, &text, err);
	if (rc == ERR_OK)
		rc = buf_end(&text.bytes, &bytes, err);
	if (rc == ERR_OK) {
		struct str copy = str_dup(mail->arena, bytes);

		*out = mime_decode_charset(mail->arena,
		    charset.len > 0 ? charset : part->charset.s, copy);
		*out_is_cut = text.is_cut;
		rc = imap_arena_check(mail->arena, err);
	}
	buf_free(&text.bytes);
	if (rc == ERR_OK && part->is_flowed)
		*out = mime_unflow(mail->arena, *out, part->is_delsp);
	return rc;
}
