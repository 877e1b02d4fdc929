#include "page/page_identity.h"

/* Identities in the message that is written. */

static bool
identity_pick(struct request *req, const struct page_identity *list,
    size_t count, const struct mime_addresses *people, struct str *out)
{
	for (size_t i = 0; i < people->count; i++) {
		for (size_t j = 0; j < count; j++) {
			struct str parts[3] = {list[j].id, STR("+")};

			if (!page_identity_matches(list[j].address.s,
			        people->list[i].address.s, &parts[2]))
				continue;
			*out = parts[2].len == 0
			           ? list[j].id
			           : str_join(req->arena, parts, 3);
			return true;
		}
	}
	return false;
}

enum err_code
page_identity_for(struct request *req, const struct mime_header *header,
    struct str *out, struct err *err)
{
	struct page_identity *list = NULL;
	struct mime_addresses delivered = {0};
	const struct mime_addresses *people[3] = {
	    &delivered, &header->to, &header->cc};
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &list, &count, err);

	*out = STR("");
	if (rc == ERR_OK)
		rc = mime_reply_delivered(header, req->arena, &delivered, err);
	for (size_t i = 0; rc == ERR_OK && i < 3; i++)
		if (identity_pick(req, list, count, people[i], out))
			break;
	return rc;
}

/* ---- what is written with it ---- */
static bool
identity_has(const struct mime_addresses *list, struct str address)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq_nocase(list->list[i].address.s, address))
			return true;
	return false;
}

/* Everybody of `more` who does not get the message already. */
static enum err_code
identity_add_bcc(struct arena *arena, const struct mime_addresses *more,
    struct mime_draft *draft, struct err *err)
{
	size_t most = draft->bcc.count + more->count;
	struct mime_address *all =
	    ARENA_ARRAY(arena, most, struct mime_address);
	size_t count = 0;

	if (more->count == 0)
		return ERR_OK;
	if (all == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "identity_add_bcc");
	for (size_t i = 0; i < draft->bcc.count; i++)
		all[count++] = draft->bcc.list[i];
	for (size_t i = 0; i < more->count; i++) {
		struct str address = more->list[i].address.s;

		if (!identity_has(&draft->to, address) &&
		    !identity_has(&draft->cc, address) &&
		    !identity_has(&draft->bcc, address))
			all[count++] = more->list[i];
	}
	draft->bcc = (struct mime_addresses){all, count};
	return ERR_OK;
}

enum err_code
page_identity_dress(struct request *req, struct str chosen,
    struct mime_draft *draft, struct err *err)
{
	struct page_identity identity;
	struct mime_addresses bcc = {0};
	enum err_code rc = page_identity_get(req, chosen, &identity, err);

	if (rc != ERR_OK)
		return rc;
	draft->from = (struct mime_address){identity.name, identity.address};
	draft->organization = identity.organization;
	if (!text_is_empty(identity.reply_to))
		rc = mime_parse_addresses(
		    identity.reply_to.s, req->arena, &draft->reply_to, err);
	/* A draft shows who else gets it only once it is sent. */
	if (rc == ERR_OK && !text_is_empty(identity.bcc) && !draft->is_draft)
		rc =
		    mime_parse_addresses(identity.bcc.s, req->arena, &bcc, err);
	if (rc == ERR_OK)
		rc = identity_add_bcc(req->arena, &bcc, draft, err);
	return rc;
}

static void
identity_view_one(struct request *req, struct view_list *rows,
    const struct page_identity *one, struct str value, bool is_selected)
{
	struct view *row = view_list_add(rows);
	struct str parts[4] = {
	    one->name.s, STR(" <"), one->address.s, STR(">")};

	view_str(row, "value", value);
	view_text(row, "label",
	    text_is_empty(one->name)
	        ? one->address
	        : text_line(req->arena, str_join(req->arena, parts, 4)));
	view_bool(row, "selected", is_selected);
	view_text(row, "signature", one->signature);
	view_str(row, "signature_html", one->signature_html);
}

enum err_code
page_identity_view(
    struct request *req, struct str chosen, struct view *view, struct err *err)
{
	struct page_identity *list = NULL;
	struct page_identity now = {0};
	struct view_list *rows = view_list(view, "identities");
	bool is_shown = false;
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &list, &count, err);

	if (rc == ERR_OK)
		rc = page_identity_get(req, chosen, &now, err);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		bool is_now = str_eq(list[i].address.s, now.address.s) &&
		              str_eq(list[i].id, now.id);

		identity_view_one(req, rows, &list[i], list[i].id, is_now);
		is_shown = is_shown || is_now;
	}
	/* One with a tag is a choice more. */
	if (!is_shown)
		identity_view_one(req, rows, &now, chosen, true);
	view_text(view, "own_signature", now.signature);
	view_str(view, "own_signature_html", now.signature_html);
	view_str(view, "identity_was", is_shown ? now.id : chosen);
	view_text(view, "from_name", now.name);
	view_text(view, "from_address", now.address);
	view_bool(view, "has_identities", count > 1 || !is_shown);
	return ERR_OK;
}

/* "\n-- \nGreetings" as compositions begin with it. */
static struct str
identity_block(struct arena *arena, struct text signature)
{
	struct str parts[2] = {STR("\n-- \n"), signature.s};
	size_t end = signature.s.len;

	if (str_trim(signature.s).len == 0)
		return STR("");
	while (end > 0 && str_trim(str_slice(parts[1], end - 1, end)).len == 0)
		end--;
	parts[1] = str_slice(parts[1], 0, end);
	return str_join(arena, parts, 2);
}

struct text
page_identity_sign(struct arena *arena, struct text body,
    const struct page_identity *before, const struct page_identity *after)
{
	struct str old = identity_block(arena, before->signature);
	struct str new = identity_block(arena, after->signature);
	struct str parts[3] = {body.s, new, STR("")};
	size_t at = old.len == 0 ? body.s.len : str_find(body.s, old, 0);

	if (str_eq(old, new) || (old.len > 0 && at == body.s.len))
		return body;
	parts[0] = str_slice(body.s, 0, at);
	if (at < body.s.len)
		parts[2] = str_slice(body.s, at + old.len, body.s.len);
	return text_from(arena, str_join(arena, parts, 3));
}
