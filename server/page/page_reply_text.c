#include "page/page_reply.h"
#include "page/page_time.h"

/* Parts that are asked for, as many as a page shows: each is a fetch. */
#define REPLY_TEXTS_MAX 40u

/* ---- what is quoted ---- */
static void
reply_add_rest(struct buf *body)
{
	buf_addf(body, "\n%s\n", tr("[It goes on; the rest is not here.]"));
}

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
		reply_add_rest(body);
	return ERR_OK;
}

/* The plain form, unless nothing stands in it. */
static enum err_code
reply_add_block(struct request *req, const struct reply_source *source,
    const struct mime_block *block, struct buf *body, struct err *err)
{
	size_t before = body->len;
	enum err_code rc = ERR_OK;

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
	unsigned texts = 0;
	struct buf body;
	enum err_code rc = ERR_OK;

	buf_init_arena(&body, req->arena, REPLY_TEXT_BYTES * 2);
	for (size_t i = 0; rc == ERR_OK && i < outline->count; i++) {
		const struct mime_block *block = &outline->blocks[i];

		if (block->is_more_html && was_plain)
			continue;
		was_plain = block->plain != NULL;
		if (block->kind != MIME_BLOCK_TEXT || block->is_file)
			continue;
		if (body.len >= REPLY_TEXT_BYTES || texts > REPLY_TEXTS_MAX)
			break;
		if (++texts > REPLY_TEXTS_MAX)
			reply_add_rest(&body);
		else
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
		rc = mail_message(&mail, &out->id,
		    MAIL_WANT_TEXT | MAIL_WANT_HTML, &out->message, NULL, err);
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
		return tr_text("Somebody");
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
reply_intro(struct request *req, const struct reply_source *source)
{
	struct text date = reply_date(req, source);
	struct str who = reply_who(source->header).s;

	if (text_is_empty(date))
		return text_line(req->arena,
		    str_printf(req->arena, tr("%.*s wrote:"), STR_ARG(who)));
	return text_line(
	    req->arena, str_printf(req->arena, tr("On %.*s, %.*s wrote:"),
	                    STR_ARG(date.s), STR_ARG(who)));
}

struct text
reply_body(struct request *req, const struct reply_source *source)
{
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	if (!source->is_signed_last)
		reply_add_signature(&body, source->sender.signature);
	buf_add_c(&body, "\n\n");
	buf_add(&body, reply_intro(req, source).s);
	buf_add_byte(&body, '\n');
	buf_add(&body, mime_quote(req->arena, source->body).s);
	if (source->is_signed_last)
		reply_add_signature(&body, source->sender.signature);
	return text_from(req->arena, buf_str(&body));
}

static struct text
reply_people_line(struct request *req, const struct mime_addresses *people)
{
	struct buf line;

	buf_init_arena(&line, req->arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; i < people->count; i++)
		if (!text_is_empty(people->list[i].address))
			reply_add_address(&line, &people->list[i]);
	return text_line(req->arena, buf_str(&line));
}

size_t
forward_head(struct request *req, const struct reply_source *source,
    struct reply_head out[REPLY_HEAD_MOST])
{
	const struct mime_header *header = source->header;
	const struct mime_addresses *people[3] = {
	    &header->from, &header->to, &header->cc};
	static const char *const names[3] = {
	    N_("From: "), N_("To: "), N_("Cc: ")};
	size_t count = 0;

	out[count++] = (struct reply_head){tr("Subject: "), header->subject};
	out[count++] =
	    (struct reply_head){tr("Date: "), reply_date(req, source)};
	for (size_t i = 0; i < 3; i++)
		if (people[i]->count > 0)
			out[count++] = (struct reply_head){
			    tr(names[i]), reply_people_line(req, people[i])};
	return count;
}

struct text
forward_body(struct request *req, const struct reply_source *source)
{
	struct reply_head head[REPLY_HEAD_MOST];
	size_t count = forward_head(req, source, head);
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	if (!source->is_signed_last)
		reply_add_signature(&body, source->sender.signature);
	buf_addf(&body, "\n\n-------- %s --------\n", tr("Forwarded message"));
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&body, head[i].name);
		buf_add(&body, head[i].value.s);
		buf_add_byte(&body, '\n');
	}
	buf_add_byte(&body, '\n');
	buf_add(&body, source->body.s);
	if (source->is_signed_last)
		reply_add_signature(&body, source->sender.signature);
	return text_from(req->arena, buf_str(&body));
}
