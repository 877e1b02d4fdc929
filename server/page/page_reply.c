#include "base/codec.h"
#include "os/zone.h"
#include "page/page_compose.h"
#include "page/page_inside.h"
#include "page/page_message.h"

#define REPLY_REFERENCES_BYTES ((size_t)8 << 10)

/* The message a reply or forward starts from. */
struct reply_source {
	struct mail_id id;
	struct mail_message message;
	struct text body; /* its readable text */
	struct mime_choice choice;
};

static enum err_code
reply_read_body(
    struct request *req, struct reply_source *source, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mime_choice *choice = &source->choice;
	const struct mime_part *part;
	bool is_cut = false;
	enum err_code rc =
	    mime_choose(source->message.root, req->arena, &source->choice, err);

	if (rc != ERR_OK)
		return rc;
	part = choice->plain != NULL ? choice->plain : choice->html;
	if (part == NULL)
		return ERR_OK;
	rc = mail_part_text(
	    &mail, &source->id, part, STR(""), &source->body, &is_cut, err);
	if (rc == ERR_OK && part == choice->html)
		source->body = mime_html_to_text(req->arena, source->body.s);
	return rc;
}

static enum err_code
reply_read(struct request *req, struct reply_source *out, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = page_message_id(req, &out->id, err);

	if (rc == ERR_OK)
		rc = mail_message(
		    &mail, &out->id, MAIL_WANT_TEXT, &out->message, NULL, err);
	if (rc == ERR_OK)
		rc = reply_read_body(req, out, err);
	if (rc == ERR_OK)
		out->id.uid_validity = out->message.uid_validity;
	return rc;
}

/* "A <a@b>, c@d": the display name quoted when it needs it (RFC 5322). */
static void
reply_add_address(struct buf *out, const struct mime_address *one)
{
	if (out->len > 0)
		buf_add_c(out, ", ");
	if (text_is_empty(one->name)) {
		buf_add(out, one->address.s);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < one->name.s.len; i++) {
		char c = one->name.s.ptr[i];

		if (c == '"' || c == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, c);
	}
	buf_add_c(out, "\" <");
	buf_add(out, one->address.s);
	buf_add_byte(out, '>');
}

static bool
reply_has(const struct mime_addresses *list, struct str address)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq_nocase(list->list[i].address.s, address))
			return true;
	return false;
}

/* Who is not added: ourselves, and whoever is in one of these already. */
struct reply_taken {
	struct str own;
	const struct mime_addresses *lists[2]; /* NULL: none */
};

static bool
reply_is_taken(const struct reply_taken *taken, struct str address)
{
	if (str_eq_nocase(address, taken->own))
		return true;
	for (size_t i = 0; i < 2; i++)
		if (taken->lists[i] != NULL &&
		    reply_has(taken->lists[i], address))
			return true;
	return false;
}

/* Each once; a stranger's header may name very many. */
static void
reply_add_list(struct buf *out, const struct mime_addresses *from,
    const struct reply_taken *taken)
{
	for (size_t i = 0; i < from->count && i < LIMIT_RECIPIENTS; i++) {
		struct mime_addresses before = {from->list, i};
		const struct mime_address *one = &from->list[i];

		if (text_is_empty(one->address) ||
		    reply_is_taken(taken, one->address.s) ||
		    reply_has(&before, one->address.s))
			continue;
		reply_add_address(out, one);
	}
}

static bool
reply_any(const struct mime_addresses *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!text_is_empty(list->list[i].address))
			return true;
	return false;
}

static const struct mime_addresses *
reply_to_whom(const struct mime_header *header, struct str own)
{
	/* An answer to what we wrote ourselves goes to whom we wrote. */
	if (header->from.count > 0 &&
	    str_eq_nocase(header->from.list[0].address.s, own) &&
	    reply_any(&header->to))
		return &header->to;
	return reply_any(&header->reply_to) ? &header->reply_to : &header->from;
}

void
reply_people(struct request *req, const struct mime_header *header, bool all,
    struct compose *out)
{
	struct str own = page_own_address(req).s;
	const struct mime_addresses *whom = reply_to_whom(header, own);
	struct reply_taken nobody = {.own = STR("")};
	struct reply_taken asked = {own, {whom, NULL}};
	struct reply_taken named = {own, {whom, &header->to}};
	struct buf to;
	struct buf cc;

	buf_init_arena(&to, req->arena, LIMIT_FIELD_BYTES);
	buf_init_arena(&cc, req->arena, LIMIT_FIELD_BYTES);
	reply_add_list(&to, whom, &nobody);
	if (all) {
		reply_add_list(&to, &header->to, &asked);
		reply_add_list(&cc, &header->cc, &named);
	}
	out->to = text_line(req->arena, buf_str(&to));
	out->cc = text_line(req->arena, buf_str(&cc));
}

/* RFC 5322, 3.6.4: references of the parent, then its own id. */
void
reply_thread(
    struct request *req, const struct mime_header *header, struct compose *out)
{
	struct str known = text_is_empty(header->references)
	                       ? header->in_reply_to.s
	                       : header->references.s;
	struct str parts[3] = {known, STR(" "), header->message_id.s};

	/* Very long threads keep their newest ids. */
	if (known.len > REPLY_REFERENCES_BYTES) {
		size_t from = str_find_byte(
		    known, '<', known.len - REPLY_REFERENCES_BYTES);

		parts[0] = str_slice(known, from, known.len);
	}
	out->in_reply_to = header->message_id;
	out->references = text_line(req->arena, str_join(req->arena, parts, 3));
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

static void
reply_add_signature(struct buf *body, struct text signature)
{
	if (text_is_empty(signature))
		return;
	buf_add_c(body, "\n\n-- \n");
	buf_add(body, signature.s);
}

static struct text
reply_date(struct request *req, const struct reply_source *source)
{
	int64_t date_s = source->message.header.date_s;

	if (date_s == 0)
		date_s = source->message.arrived_s;
	return view_date_long(req->arena, date_s, zone_offset_minutes(date_s));
}

static struct text
reply_body(struct request *req, const struct reply_source *source,
    struct text signature)
{
	struct buf body;

	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	reply_add_signature(&body, signature);
	buf_add_c(&body, "\n\nOn ");
	buf_add(&body, reply_date(req, source).s);
	buf_add_c(&body, ", ");
	buf_add(&body, reply_who(&source->message.header).s);
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

static struct text
forward_body(struct request *req, const struct reply_source *source,
    struct text signature)
{
	const struct mime_header *header = &source->message.header;
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

/* Files that come along when forwarding or going on with a draft. */
static void
reply_note_files(const struct reply_source *source, struct compose *out)
{
	out->source_files = source->choice.attachments;
	out->source_file_count = source->choice.attachment_count;
}

static void
reply_note_source(const struct reply_source *source, struct compose *out)
{
	out->source_folder = source->id.folder;
	out->source_uid = source->id.uid;
	out->source_validity = source->id.uid_validity;
}

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
reply_new(struct request *req, struct text signature, struct compose *out)
{
	struct str mailto = request_query(req, "mailto");
	struct buf body;

	if (mailto.len == 0)
		mailto = message_write_sealed(req);
	if (mailto.len > 0)
		reply_mailto(req, mailto, out);
	else
		out->to = text_line(req->arena, request_query(req, "to"));
	buf_init_arena(&body, req->arena, LIMIT_FIELD_BYTES);
	buf_add(&body, out->body.s);
	reply_add_signature(&body, signature);
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
static void
reply_edit(
    struct request *req, const struct reply_source *source, struct compose *out)
{
	const struct mime_header *header = &source->message.header;
	const struct mime_addresses *lists[3] = {
	    &header->to, &header->cc, &header->bcc};
	struct text *fields[3] = {&out->to, &out->cc, &out->bcc};

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
}

static enum err_code
reply_from(struct request *req, struct text signature, struct compose *out,
    struct err *err)
{
	struct str reply = request_query(req, "reply");
	struct reply_source source = {0};
	enum err_code rc = reply_read(req, &source, err);

	if (rc != ERR_OK)
		return rc;
	reply_note_source(&source, out);
	if (request_query(req, "edit").len > 0) {
		if ((source.message.flags & MAIL_DRAFT) != 0)
			out->kind = COMPOSE_DRAFT;
		reply_edit(req, &source, out);
		reply_note_files(&source, out);
		return ERR_OK;
	}
	reply_thread(req, &source.message.header, out);
	if (reply.len == 0) {
		out->kind = COMPOSE_FORWARD;
		reply_note_files(&source, out);
		out->subject = mime_forward_subject(
		    req->arena, source.message.header.subject);
		out->body = forward_body(req, &source, signature);
		return ERR_OK;
	}
	out->kind = COMPOSE_REPLY;
	out->kind = COMPOSE_REPLY;
	reply_people(
	    req, &source.message.header, str_eq(reply, STR("all")), out);
	out->subject =
	    mime_reply_subject(req->arena, source.message.header.subject);
	out->body = reply_body(req, &source, signature);
	return ERR_OK;
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
		return reply_new(req, prefs.signature, out);
	return reply_from(req, prefs.signature, out, err);
}
