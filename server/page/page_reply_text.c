#include "page/page_reply.h"
#include "page/page_time.h"

/* So much of a text is quoted: three bytes for one fit into a form's field. */
#define REPLY_TEXT_BYTES ((size_t)1 << 20)

/* ---- what is quoted ---- */
static bool
reply_is_blank(struct text text)
{
	return str_trim(text.s).len == 0;
}

static enum err_code
reply_add_part(struct request *req, const struct reply_source *source,
    const struct mime_part *part, struct buf *body, struct err *err)
{
	struct mail mail = page_mail(req);
	struct text text = {{NULL, 0}};
	bool is_cut = false;
	enum err_code rc = mail_part_text(&mail, &source->id, part,
	    request_query(req, "charset"), &text, &is_cut, err);

	if (rc != ERR_OK)
		return rc;
	if (str_eq(part->subtype, STR("html")))
		text = mime_html_to_text(req->arena, text.s);
	if (text.s.len > REPLY_TEXT_BYTES - body->len) {
		/* At the end of a line. */
		size_t end = REPLY_TEXT_BYTES - body->len;

		while (end > 0 && text.s.ptr[end - 1] != '\n')
			end--;
		text.s = str_slice(text.s, 0, end);
		is_cut = true;
	}
	if (!reply_is_blank(text) && body->len > 0)
		buf_add_c(body, "\n");
	if (!reply_is_blank(text))
		buf_add(body, text.s);
	if (is_cut)
		buf_add_c(body, "\n[It goes on; the rest is not here.]\n");
	return ERR_OK;
}

/* The plain form, unless nothing stands in it. */
static enum err_code
reply_add_block(struct request *req, const struct reply_source *source,
    const struct mime_block *block, struct buf *body, struct err *err)
{
	size_t before = body->len;
	enum err_code rc = ERR_OK;

	if (block->kind != MIME_BLOCK_TEXT || block->is_file)
		return ERR_OK;
	if (block->plain != NULL)
		rc = reply_add_part(req, source, block->plain, body, err);
	if (rc == ERR_OK && body->len == before && block->html != NULL)
		rc = reply_add_part(req, source, block->html, body, err);
	return rc;
}

static enum err_code
reply_read_body(
    struct request *req, struct reply_source *source, struct err *err)
{
	const struct mime_outline *outline = &source->outline;
	bool was_plain = false;
	struct buf body;
	enum err_code rc = ERR_OK;

	buf_init_arena(&body, req->arena, REPLY_TEXT_BYTES * 2);
	for (size_t i = 0; rc == ERR_OK && i < outline->count; i++) {
		const struct mime_block *block = &outline->blocks[i];

		if (block->is_more_html && was_plain)
			continue;
		was_plain = block->plain != NULL;
		if (body.len < REPLY_TEXT_BYTES)
			rc = reply_add_block(req, source, block, &body, err);
	}
	source->body = (struct text){buf_str(&body)};
	return rc;
}

/* An attached message, when the address names one. */
static enum err_code
reply_read_inner(
    struct request *req, struct reply_source *source, struct err *err)
{
	struct str section = request_query(req, "section");

	source->header = &source->message.header;
	if (section.len == 0)
		return ERR_OK;
	source->inner = mime_part_find(source->message.root, section);
	if (source->inner == NULL || source->inner->message == NULL ||
	    source->inner->part_count == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such message in it.", NULL);
	source->header = source->inner->message;
	return ERR_OK;
}

enum err_code
reply_read(struct request *req, struct reply_source *out, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = page_message_id(req, &out->id, err);

	if (rc == ERR_OK)
		rc = mail_message(
		    &mail, &out->id, MAIL_WANT_TEXT, &out->message, NULL, err);
	if (rc == ERR_OK)
		rc = reply_read_inner(req, out, err);
	if (rc == ERR_OK)
		rc = mime_outline(out->inner != NULL ? &out->inner->parts[0]
		                                     : out->message.root,
		    req->arena, &out->outline, err);
	if (rc == ERR_OK)
		rc = reply_read_body(req, out, err);
	if (rc == ERR_OK)
		out->id.uid_validity = out->message.uid_validity;
	return rc;
}

/* ---- what is written ---- */
void
reply_add_signature(struct buf *body, struct text signature)
{
	if (text_is_empty(signature))
		return;
	buf_add_c(body, "\n\n-- \n");
	buf_add(body, signature.s);
}

static struct text
reply_who(const struct mime_header *header)
{
	if (header->from.count == 0)
		return TEXT("Somebody");
	if (text_is_empty(header->from.list[0].name))
		return header->from.list[0].address;
	return header->from.list[0].name;
}

static struct text
reply_date(struct request *req, const struct reply_source *source)
{
	int64_t date_s = source->header->date_s;

	if (date_s == 0 && source->inner == NULL)
		date_s = source->message.arrived_s;
	if (date_s == 0)
		return (struct text){{NULL, 0}};
	return page_time_long(req, date_s);
}

struct text
reply_body(struct request *req, const struct reply_source *source,
    struct text signature)
{
	struct text date = reply_date(req, source);
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	reply_add_signature(&body, signature);
	buf_add_c(&body, "\n\n");
	if (!text_is_empty(date)) {
		buf_add_c(&body, "On ");
		buf_add(&body, date.s);
		buf_add_c(&body, ", ");
	}
	buf_add(&body, reply_who(source->header).s);
	buf_add_c(&body, " wrote:\n");
	buf_add(&body, mime_quote(req->arena, source->body).s);
	return text_from(req->arena, buf_str(&body));
}

static void
reply_add_people(
    struct buf *body, const char *name, const struct mime_addresses *people)
{
	struct buf line;

	if (people->count == 0)
		return;
	buf_init_arena(&line, body->arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; i < people->count; i++)
		if (!text_is_empty(people->list[i].address))
			reply_add_address(&line, &people->list[i]);
	buf_add_c(body, name);
	buf_add(body, buf_str(&line));
	buf_add_byte(body, '\n');
}

struct text
forward_body(struct request *req, const struct reply_source *source,
    struct text signature)
{
	const struct mime_header *header = source->header;
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	reply_add_signature(&body, signature);
	buf_add_c(&body, "\n\n-------- Forwarded message --------\n");
	buf_add_c(&body, "Subject: ");
	buf_add(&body, header->subject.s);
	buf_add_c(&body, "\nDate: ");
	buf_add(&body, reply_date(req, source).s);
	buf_add_byte(&body, '\n');
	reply_add_people(&body, "From: ", &header->from);
	reply_add_people(&body, "To: ", &header->to);
	reply_add_people(&body, "Cc: ", &header->cc);
	buf_add_byte(&body, '\n');
	buf_add(&body, source->body.s);
	return text_from(req->arena, buf_str(&body));
}
