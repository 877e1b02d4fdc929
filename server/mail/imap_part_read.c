#include "mail/imap_batch.h"
#include "mail/imap_message.h"
#include "mail/imap_part.h"
#include "mail/imap_place.h"

/* ---- decoded, to a sink ---- */
/* The decoder gives crumbs; a browser's connection wants more at once. */
#define READ_GATHER_BYTES ((size_t)128 << 10)

enum err_code
imap_gather_init(struct imap_gather *gather, enum mime_encoding encoding,
    mime_sink_fn *sink, void *ctx, struct err *err)
{
	*gather = (struct imap_gather){.sink = sink, .ctx = ctx};
	mime_decoder_init(&gather->decoder, encoding, imap_gather_take, gather);
	gather->ptr = malloc(READ_GATHER_BYTES);
	if (gather->ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail: part");
	return ERR_OK;
}

static bool
gather_flush(struct imap_gather *gather)
{
	struct str bytes = str_of(gather->ptr, gather->len);

	gather->len = 0;
	return bytes.len == 0 || gather->sink(gather->ctx, bytes);
}

bool
imap_gather_take(void *ctx, struct str bytes)
{
	struct imap_gather *gather = ctx;

	if (bytes.len > READ_GATHER_BYTES - gather->len &&
	    !gather_flush(gather))
		return false;
	if (bytes.len > READ_GATHER_BYTES)
		return gather->sink(gather->ctx, bytes);
	memcpy(gather->ptr + gather->len, bytes.ptr, bytes.len);
	gather->len += bytes.len;
	return true;
}

bool
imap_gather_decode(void *ctx, struct str bytes)
{
	struct imap_gather *gather = ctx;

	return mime_decoder_add(&gather->decoder, bytes);
}

void
imap_gather_finish(struct imap_gather *gather)
{
	if (mime_decoder_end(&gather->decoder))
		(void)gather_flush(gather);
}

void
imap_gather_end(struct imap_gather *gather)
{
	free(gather->ptr);
	gather->ptr = NULL;
}

enum err_code
mail_part_stream(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, mime_sink_fn *sink, void *ctx,
    struct err *err)
{
	enum mime_encoding encoding =
	    part == NULL ? MIME_IDENTITY : part->encoding;
	struct imap_part call = {0};
	struct imap_gather gather = {0};
	bool is_stopped = false;
	enum err_code rc;

	if (part != NULL && part->content.len > 0) {
		/* It is here already. */
		mime_decoder_init(&gather.decoder, encoding, sink, ctx);
		if (mime_decoder_add(&gather.decoder, part->content))
			(void)mime_decoder_end(&gather.decoder);
		return ERR_OK;
	}
	rc = imap_gather_init(&gather, encoding, sink, ctx, err);
	if (rc == ERR_OK)
		rc = imap_part_init(&call, mail, id, part, STR(""), err);
	if (rc == ERR_OK)
		rc = imap_part_rest(
		    &call, imap_gather_decode, &gather, &is_stopped, err);
	if (rc == ERR_OK && !is_stopped)
		imap_gather_finish(&gather);
	imap_part_end(&call);
	imap_gather_end(&gather);
	return rc;
}

/* ---- into memory ---- */
struct read_held {
	struct buf bytes;
	bool is_cut;
};

static bool
read_hold(void *ctx, struct str bytes)
{
	struct read_held *held = ctx;
	size_t room = held->bytes.max_bytes - held->bytes.len;

	if (bytes.len > room) {
		held->is_cut = true;
		bytes.len = room;
	}
	buf_add(&held->bytes, bytes);
	return !held->is_cut && held->bytes.failed == ERR_OK;
}

/* A copy in the arena of the first `max_bytes`. */
static enum err_code
/* NOLINTNEXTLINE(readability-function-size): mail_part_bytes and a flag */
read_bytes(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, size_t max_bytes, struct str *out,
    bool *out_is_cut, struct err *err)
{
	struct read_held held = {0};
	struct str bytes;
	enum err_code rc;

	buf_init(&held.bytes, max_bytes);
	rc = mail_part_stream(mail, id, part, read_hold, &held, err);
	if (rc == ERR_OK)
		rc = buf_end(&held.bytes, &bytes, err);
	if (rc == ERR_OK) {
		*out = str_dup(mail->arena, bytes);
		*out_is_cut = held.is_cut;
		rc = imap_arena_check(mail->arena, err);
	}
	buf_free(&held.bytes);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_part_bytes(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, size_t max_bytes, struct str *out,
    struct err *err)
{
	bool is_cut = false;
	enum err_code rc;

	*out = (struct str){0};
	rc = read_bytes(mail, id, part, max_bytes, out, &is_cut, err);
	if (rc == ERR_OK && is_cut) {
		*out = (struct str){0};
		rc = err_set(err, ERR_LIMIT,
		    "This part of the message is too large to be shown here. "
		    "You can download it.",
		    "mail: part too large");
	}
	return rc;
}

/*
 * Dovecot says us-ascii where the sender said nothing: then HTML's own word
 * counts, as where there is none.
 */
static struct str
read_label(const struct mime_part *part, bool is_html, struct str bytes)
{
	struct str label = part->charset.s;
	struct str own = {0};

	if (is_html &&
	    (label.len == 0 || str_eq_nocase(label, STR("us-ascii"))))
		own = mime_html_charset(bytes);
	return own.len > 0 ? own : label;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_part_text(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, struct str charset, struct text *out,
    bool *out_is_cut, struct err *err)
{
	struct mime_limits limits = mail_limits(mail);
	bool is_html = str_eq(part->subtype, STR("html"));
	struct str bytes = {0};
	enum err_code rc;

	*out = (struct text){{0}};
	*out_is_cut = false;
	rc = read_bytes(mail, id, part,
	    is_html ? limits.html_bytes : limits.text_bytes, &bytes, out_is_cut,
	    err);
	if (rc != ERR_OK)
		return rc;
	if (charset.len == 0)
		charset = read_label(part, is_html, bytes);
	*out = mime_decode_charset(mail->arena, charset, bytes);
	if (part->is_flowed)
		*out = mime_unflow(mail->arena, *out, part->is_delsp);
	return imap_arena_check(mail->arena, err);
}

/* ---- headers ---- */
enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_header(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, struct str *out, bool *out_is_cut,
    struct err *err)
{
	size_t most = mail_limits(mail).header_bytes;
	struct imap_part call = {0};
	struct read_held held = {0};
	struct str bytes;
	bool is_stopped;
	enum err_code rc = ERR_OK;

	*out = (struct str){0};
	*out_is_cut = false;
	buf_init(&held.bytes, most);
	if (part != NULL && part->content.len > 0) {
		bytes = str_slice(
		    part->content, 0, imap_place_header(part->content));
		(void)read_hold(&held, bytes);
	} else {
		rc = imap_part_init(&call, mail, id, part, STR("HEADER"), err);
		/* One more byte than is kept says that there are more. */
		call.end = (uint64_t)most + 1;
		if (rc == ERR_OK)
			rc = imap_part_rest(
			    &call, read_hold, &held, &is_stopped, err);
		imap_part_end(&call);
	}
	if (rc == ERR_OK)
		rc = buf_end(&held.bytes, &bytes, err);
	if (rc == ERR_OK) {
		*out = str_dup(mail->arena, bytes);
		*out_is_cut = held.is_cut;
		rc = imap_arena_check(mail->arena, err);
	}
	buf_free(&held.bytes);
	return rc;
}
