#include "page/compose_inside.h"

#include "base/num.h"
#include "page/page_login.h"

static struct str
compose_field(struct request *req, const char *name, const struct form *carried)
{
	return carried != NULL ? page_carried(req, carried, name)
	                       : request_field(req, name);
}

static void
compose_parse_texts(
    struct request *req, const struct form *carried, struct compose *out)
{
	struct {
		const char *name;
		struct text *to;
	} lines[] = {
	    {"to", &out->to},
	    {"cc", &out->cc},
	    {"bcc", &out->bcc},
	    {"subject", &out->subject},
	    {"in_reply_to", &out->in_reply_to},
	    {"references", &out->references},
	    {"send_at", &out->send_at},
	    {"confirmed", &out->confirmed},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		*lines[i].to = text_line(
		    req->arena, compose_field(req, lines[i].name, carried));
	out->source_folder =
	    text_from(req->arena, compose_field(req, "source_folder", carried));
	out->body = text_from(req->arena, compose_field(req, "body", carried));
	out->html = text_from(req->arena, compose_field(req, "html", carried));
}

bool
compose_has_text(struct request *req)
{
	const struct form *form = NULL;

	return request_form(req, &form, NULL) == ERR_OK &&
	       form_find(form, "body") != NULL;
}

void
compose_parse(
    struct request *req, const struct form *carried, struct compose *out)
{
	compose_parse_texts(req, carried, out);
	out->carried = carried;
	out->identity = compose_field(req, "identity", carried);
	out->window = compose_field(req, "window", carried);
	out->priority =
	    compose_priority_of(compose_field(req, "priority", carried));
	out->asks_receipt = compose_field(req, "receipt", carried).len > 0;
	out->asks_dsn = compose_field(req, "dsn", carried).len > 0;
	out->kind = compose_kind_of(compose_field(req, "kind", carried));
	out->id = compose_field(req, "id", carried);
	if (!compose_id_is_valid(out->id))
		out->id = compose_id_new(req->arena);
	if (req->session != NULL)
		out->account = req->session->account;
	err_ignore(num_u64(compose_field(req, "version", carried), 0,
	    UINT32_MAX, &out->version, NULL));
	out->base = out->version;
	err_ignore(num_u32(compose_field(req, "source_uid", carried), 0,
	    UINT32_MAX, &out->source_uid, NULL));
	err_ignore(num_u32(compose_field(req, "source_validity", carried), 0,
	    UINT32_MAX, &out->source_validity, NULL));
}
