#include "base/codec.h"
#include "mime/mime_reply.h"
#include "page/page_message.h"
#include "page/page_reply.h"

/* How a composition begins: anew, from a message, or from a draft. */

/* One more address behind those there are. */
static struct text
reply_more(struct request *req, struct text list, struct str more)
{
	struct str parts[3] = {list.s, STR(", "), more};

	if (text_is_empty(list))
		return text_line(req->arena, more);
	return text_line(req->arena, str_join(req->arena, parts, 3));
}

/* mailto:a@b?cc=c@d&subject=… (RFC 6068); body too, nothing else. */
void
reply_mailto(struct request *req, struct str mailto, struct compose *out)
{
	struct str rest = mailto;
	struct str address;
	struct buf to;

	if (str_starts_nocase(rest, STR("mailto:")))
		rest = str_slice(rest, 7, rest.len);
	address = str_cut(&rest, '?');
	buf_init_arena(&to, req->arena, LIMIT_QUERY_BYTES);
	codec_percent_decode(&to, address, false);
	out->to = text_line(req->arena, buf_str(&to));
	while (rest.len > 0) {
		struct str value = str_cut(&rest, '&');
		struct str name = str_cut(&value, '=');
		struct buf decoded;

		buf_init_arena(&decoded, req->arena, LIMIT_QUERY_BYTES);
		codec_percent_decode(&decoded, value, false);
		if (str_eq_nocase(name, STR("to")))
			out->to = reply_more(req, out->to, buf_str(&decoded));
		else if (str_eq_nocase(name, STR("cc")))
			out->cc = text_line(req->arena, buf_str(&decoded));
		else if (str_eq_nocase(name, STR("subject")))
			out->subject = text_line(req->arena, buf_str(&decoded));
		else if (str_eq_nocase(name, STR("body")))
			out->body = text_from(req->arena, buf_str(&decoded));
	}
}

static enum err_code
reply_new(struct request *req, struct compose *out, struct err *err)
{
	struct str mailto = request_query(req, "mailto");
	struct page_identity sender;
	struct buf body;
	enum err_code rc = page_identity_get(req, STR(""), &sender, err);

	if (rc != ERR_OK)
		return rc;

	if (mailto.len == 0)
		mailto = message_write_sealed(req);
	if (mailto.len > 0)
		reply_mailto(req, mailto, out);
	else
		out->to = text_line(req->arena, request_query(req, "to"));
	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	buf_add(&body, out->body.s);
	reply_add_signature(&body, sender.signature);
	out->body = text_from(req->arena, buf_str(&body));
	return ERR_OK;
}

/* As it was typed: a name without address ("Bob") comes back, too. */
static void
reply_add_typed(struct buf *out, const struct mime_addresses *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct mime_address *one = &from->list[i];

		if (!text_is_empty(one->address)) {
			reply_add_address(out, one);
			continue;
		}
		if (out->len > 0)
			buf_add_c(out, ", ");
		buf_add(out, one->name.s);
	}
}

/* A draft (or any message) as a new composition. */
void
reply_edit(
    struct request *req, const struct reply_source *source, struct compose *out)
{
	const struct mime_header *header = source->header;
	const struct mime_addresses *lists[3] = {
	    &header->to, &header->cc, &header->bcc};
	struct text *fields[3] = {&out->to, &out->cc, &out->bcc};
	struct mime_reply_marks marks = {0};

	for (size_t i = 0; i < 3; i++) {
		struct buf line;

		buf_init_arena(&line, req->arena, LIMIT_FIELD_BYTES);
		reply_add_typed(&line, lists[i]);
		*fields[i] = text_line(req->arena, buf_str(&line));
	}
	out->subject = header->subject;
	out->in_reply_to = header->in_reply_to;
	out->references = header->references;
	out->body = source->body;
	mime_reply_marks(header, req->arena, &marks);
	out->priority = marks.priority;
	out->asks_receipt = marks.asks_receipt;
}

/* Files that may come along; with the images of a formatted text. */
static void
reply_note_files(
    struct request *req, const struct reply_source *source, struct compose *out)
{
	const struct mime_choice *choice = &source->outline.choice;
	size_t count = choice->attachment_count + choice->inline_image_count;
	const struct mime_part **parts =
	    ARENA_ARRAY(req->arena, count, const struct mime_part *);

	if (parts == NULL)
		return;
	for (size_t i = 0; i < choice->attachment_count; i++)
		parts[i] = choice->attachments[i];
	for (size_t i = 0; i < choice->inline_image_count; i++)
		parts[choice->attachment_count + i] = choice->inline_images[i];
	out->source_files = parts;
	out->source_file_count = count;
}

static void
reply_note_source(const struct reply_source *source, struct compose *out)
{
	out->source_folder = source->id.folder;
	out->source_uid = source->id.uid;
	out->source_validity = source->id.uid_validity;
}

/* The message as it is, in a file: nothing of it is changed. */
static void
forward_as_file(
    struct request *req, const struct reply_source *source, struct compose *out)
{
	struct mime_part *whole = ARENA_ARRAY(req->arena, 1, struct mime_part);
	struct mime_header *header =
	    ARENA_ARRAY(req->arena, 1, struct mime_header);
	const struct mime_part **parts =
	    ARENA_ARRAY(req->arena, 1, const struct mime_part *);
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	reply_add_signature(&body, source->sender.signature);
	out->body = text_from(req->arena, buf_str(&body));
	if (whole == NULL || header == NULL || parts == NULL)
		return;
	*header = *source->header;
	*whole = (struct mime_part){.section = STR(COMPOSE_KEEP_MESSAGE),
	    .type = STR("message"),
	    .subtype = STR("rfc822"),
	    .message = header,
	    .bytes = source->message.bytes};
	parts[0] = source->inner != NULL ? source->inner : whole;
	out->source_files = parts;
	out->source_file_count = 1;
}

/* Was it written as formatted text, and is it short enough to be edited? */
static bool
reply_is_formatted(const struct reply_source *source)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < source->outline.count; i++) {
		const struct mime_block *block = &source->outline.blocks[i];

		if (block->kind == MIME_BLOCK_TEXT && !block->is_file &&
		    block->html != NULL)
			bytes += block->html->bytes;
	}
	return bytes > 0 && bytes <= REPLY_OFFER_BYTES;
}

/*
 * What was asked for as formatted text begins with it; an answer to formatted
 * text is offered so to who has an editor, else it is plain.
 */
static enum err_code
reply_format(struct request *req, const struct reply_source *source,
    bool is_forward, struct compose *out, struct err *err)
{
	struct str format = request_query(req, "format");
	struct page_prefs prefs = {0};
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc != ERR_OK || str_eq(format, STR("plain")))
		return rc;
	if (prefs.write == PAGE_WRITE_HTML || str_eq(format, STR("html")))
		return reply_html(
		    req, source, out, is_forward, &out->html, err);
	/* What cannot be formatted is answered all the same. */
	if (prefs.write == PAGE_WRITE_AS_READ && reply_is_formatted(source))
		err_ignore(reply_html(
		    req, source, out, is_forward, &out->offered_html, NULL));
	return ERR_OK;
}

static enum err_code
reply_forward(struct request *req, const struct reply_source *source,
    struct compose *out, struct err *err)
{
	out->kind = COMPOSE_FORWARD;
	out->subject =
	    mime_forward_subject(req->arena, source->header->subject);
	if (str_eq(request_query(req, "forward"), STR("attachment"))) {
		forward_as_file(req, source, out);
		return ERR_OK;
	}
	reply_note_files(req, source, out);
	out->body = forward_body(req, source);
	return reply_format(req, source, true, out, err);
}

/*
 * Who answers: to whom the message was sent, or who wrote it, when that was
 * the person.
 */
static enum err_code
reply_sender(struct request *req, struct reply_source *source,
    struct compose *out, struct err *err)
{
	const struct mime_header *header = source->header;
	struct mime_header mine = {.to = header->from};
	enum err_code rc =
	    page_identity_list(req, &source->own.list, &source->own.count, err);

	if (rc != ERR_OK)
		return rc;
	rc = page_identity_for(req, &mine, &out->identity, err);
	if (rc == ERR_OK && out->identity.len == 0)
		rc = page_identity_for(req, header, &out->identity, err);
	if (rc == ERR_OK)
		rc =
		    page_identity_get(req, out->identity, &source->sender, err);
	return rc;
}

static enum err_code
reply_answer(struct request *req, const struct reply_source *source,
    struct str reply, struct compose *out, struct err *err)
{
	enum err_code rc;

	out->kind = COMPOSE_REPLY;
	out->subject = mime_reply_subject(req->arena, source->header->subject);
	out->body = reply_body(req, source);
	rc = reply_whom(req, source, reply, out, err);
	return rc == ERR_OK ? reply_format(req, source, false, out, err) : rc;
}

static enum err_code
reply_from(struct request *req, bool is_signed_last, struct compose *out,
    struct err *err)
{
	struct str reply = request_query(req, "reply");
	struct reply_source source = {.is_signed_last = is_signed_last};
	enum err_code rc = reply_read(req, &source, err);

	if (rc == ERR_OK)
		rc = reply_sender(req, &source, out, err);
	if (rc != ERR_OK)
		return rc;
	reply_note_source(&source, out);
	if (request_query(req, "edit").len > 0) {
		out->kind = (source.message.flags & MAIL_DRAFT) != 0
		                ? COMPOSE_DRAFT
		                : COMPOSE_AGAIN;
		reply_edit(req, &source, out);
		reply_note_files(req, &source, out);
		return reply_html_edit(req, &source, out, err);
	}
	reply_thread(req, source.header, out);
	rc = reply.len == 0 ? reply_forward(req, &source, out, err)
	                    : reply_answer(req, &source, reply, out, err);
	/* The message around it is neither answered nor forwarded. */
	if (source.inner != NULL)
		out->kind = COMPOSE_NEW;
	return rc;
}

enum err_code
page_compose_start(struct request *req, struct compose *out, struct err *err)
{
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc != ERR_OK)
		return rc;
	out->id = compose_id_new(req->arena);
	if (request_query(req, "uid").len == 0)
		return reply_new(req, out, err);
	return reply_from(req, prefs.signature_last, out, err);
}
