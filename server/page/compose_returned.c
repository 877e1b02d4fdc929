#include "page/compose_inside.h"

#include "page/page_reply.h"
#include "page/post_office.h"

/* Addresses that the mail server does not take, as the form carries them. */
static const char returned_field[] = "declined";

static void
returned_view_declined(struct request *req, const struct compose *compose,
    const struct post_return *back, struct view *view)
{
	struct view_list *list = view_list(view, "declined");
	struct mime_addresses people[3] = {{.count = 0}};
	const struct text fields[3] = {compose->to, compose->cc, compose->bcc};
	size_t count = 0;

	for (size_t i = 0; i < 3; i++)
		if (mime_parse_addresses(
		        fields[i].s, req->arena, &people[i], NULL) == ERR_OK)
			count += people[i].count;
	for (size_t i = 0; i < back->refused_count; i++)
		view_text(view_list_add(list), "address", back->refused[i]);
	/* Without others there is nobody to send it to. */
	view_bool(view, "has_others",
	    back->refused_count > 0 && back->refused_count < count);
}

void
compose_view_returned(
    struct request *req, const struct compose *compose, struct view *view)
{
	struct post_return back = {
	    .refused = compose->declined,
	    .refused_count = compose->declined_count,
	};

	if (req->method == METHOD_GET && compose->result.len > 0) {
		post_return_unpack(compose->result, req->arena, &back);
		view_text(view, "returned",
		    post_words_shown(req->arena, back.words.s));
		/* Should it fail, the banner stays. */
		err_ignore(store_outbox_seen(
		    req->app->store, req->session->account, compose->id, NULL));
	}
	returned_view_declined(req, compose, &back, view);
}

static bool
returned_is_declined(const struct form *form, struct str address)
{
	const struct form_field *field = NULL;

	while ((field = form_next(form, returned_field, field)) != NULL)
		if (str_eq_nocase(field->value, address))
			return true;
	return false;
}

/* One field without them; as it was typed when it has none of them. */
static enum err_code
returned_drop(struct request *req, const struct form *form, struct text *field,
    struct err *err)
{
	struct mime_addresses people = {.count = 0};
	size_t dropped = 0;
	struct buf rest;
	enum err_code rc =
	    mime_parse_addresses(field->s, req->arena, &people, err);

	buf_init_arena(&rest, req->arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; rc == ERR_OK && i < people.count; i++) {
		const struct mime_address *one = &people.list[i];

		if (returned_is_declined(form, one->address.s))
			dropped++;
		else
			reply_add_address(&rest, one);
	}
	if (rc == ERR_OK && dropped > 0)
		*field = text_line(req->arena, buf_str(&rest));
	return rc;
}

enum err_code
compose_send_others(struct request *req, struct response *res,
    struct compose *compose, struct err *err)
{
	const struct form *form = NULL;
	enum err_code rc = request_form(req, &form, err);

	if (rc == ERR_OK)
		rc = returned_drop(req, form, &compose->to, err);
	if (rc == ERR_OK)
		rc = returned_drop(req, form, &compose->cc, err);
	if (rc == ERR_OK)
		rc = returned_drop(req, form, &compose->bcc, err);
	if (rc == ERR_OK)
		rc = compose_store_fields(req, compose, err);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return compose_send(req, res, compose, err);
}
