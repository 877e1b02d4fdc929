#include "mime/mime_list.h"
#include "mime/mime_reply.h"
#include "page/page_people.h"
#include "page/page_reply.h"

#define REPLY_REFERENCES_BYTES ((size_t)8 << 10)
#define REPLY_ID_BYTES         998u

/* "A <a@b>, c@d": the display name quoted when it needs it (RFC 5322). */
void
reply_add_address(struct buf *out, const struct mime_address *one)
{
	if (out->len > 0)
		buf_add_c(out, ", ");
	if (text_is_empty(one->name)) {
		buf_add(out, one->address.s);
		return;
	}
	if (people_is_phrase(one->name.s)) {
		buf_add(out, one->name.s);
		buf_add_c(out, " <");
		buf_add(out, one->address.s);
		buf_add_byte(out, '>');
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
	const struct reply_own *own;           /* NULL: we may be */
	const struct mime_addresses *lists[2]; /* NULL: none */
};

static bool
reply_is_taken(const struct reply_taken *taken, struct str address)
{
	if (taken->own != NULL &&
	    page_identity_is_own(taken->own->list, taken->own->count, address))
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
reply_to_whom(const struct mime_header *header, const struct reply_own *own)
{
	/* An answer to what we wrote ourselves goes to whom we wrote. */
	if (header->from.count > 0 &&
	    page_identity_is_own(
	        own->list, own->count, header->from.list[0].address.s) &&
	    reply_any(&header->to))
		return &header->to;
	return reply_any(&header->reply_to) ? &header->reply_to : &header->from;
}

void
reply_people(struct request *req, const struct mime_header *header,
    const struct reply_own *own, bool all, struct compose *out)
{
	const struct mime_addresses *whom = reply_to_whom(header, own);
	struct reply_taken nobody = {.own = NULL};
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

/* In-Reply-To stands for References only where it names a single message. */
static struct str
reply_known(const struct mime_header *header)
{
	struct str one = header->in_reply_to.s;
	size_t first = str_find_byte(one, '<', 0);

	if (!text_is_empty(header->references))
		return header->references.s;
	if (first < one.len && str_find_byte(one, '<', first + 1) == one.len)
		return one;
	return STR("");
}

/* RFC 5322, 3.6.4: references of the parent, then its own id. */
void
reply_thread(
    struct request *req, const struct mime_header *header, struct compose *out)
{
	struct str known = reply_known(header);
	struct str parts[5] = {
	    STR(""), STR(" "), known, STR(" "), header->message_id.s};

	/* Very long threads keep where they began, and their newest ids. */
	if (known.len > REPLY_REFERENCES_BYTES) {
		size_t from = str_find_byte(
		    known, '<', known.len - REPLY_REFERENCES_BYTES);
		size_t end = str_find_byte(known, '>', 0);

		if (end < REPLY_ID_BYTES)
			parts[0] = str_slice(known, 0, end + 1);
		parts[2] = str_slice(known, from, known.len);
	}
	out->in_reply_to = header->message_id;
	out->references = text_line(req->arena, str_join(req->arena, parts, 5));
}

/* To these and nobody else, but for ourselves. */
static void
reply_only(struct request *req, const struct mime_addresses *people,
    const struct reply_own *own, struct compose *out)
{
	struct reply_taken asked = {.own = own};
	struct buf to;

	buf_init_arena(&to, req->arena, LIMIT_FIELD_BYTES);
	reply_add_list(&to, people, &asked);
	out->to = text_line(req->arena, buf_str(&to));
}

/* List-Post (RFC 2369, 3.4); false: the message came by no list. */
static enum err_code
reply_list(struct request *req, const struct mime_header *header, bool *out_is,
    struct compose *out, struct err *err)
{
	struct compose posted = {0};
	struct mime_list list;
	enum err_code rc = mime_list_read(header, req->arena, &list, err);

	*out_is = rc == ERR_OK && list.post.len > 0;
	if (!*out_is)
		return rc;
	/* Of that address only whom it names: its words are a stranger's. */
	reply_mailto(req, list.post, &posted);
	out->to = posted.to;
	return ERR_OK;
}

enum err_code
reply_whom(struct request *req, const struct reply_source *source,
    struct str reply, struct compose *out, struct err *err)
{
	const struct mime_header *header = source->header;
	struct mime_addresses wished = {0};
	bool is_list = false;
	enum err_code rc = ERR_OK;

	if (str_eq(reply, STR("list")))
		rc = reply_list(req, header, &is_list, out, err);
	if (rc != ERR_OK || is_list)
		return rc;
	if (!str_eq(reply, STR("all")) && !str_eq(reply, STR("list"))) {
		reply_people(req, header, &source->own, false, out);
		return ERR_OK;
	}
	rc = mime_reply_followup(header, req->arena, &wished, err);
	if (rc == ERR_OK && reply_any(&wished))
		reply_only(req, &wished, &source->own, out);
	else if (rc == ERR_OK)
		reply_people(req, header, &source->own, true, out);
	return rc;
}
