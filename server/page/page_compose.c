#include "page/compose_inside.h"

#include "base/num.h"
#include "mail/outbox.h"
#include "os/clock.h"
#include "page/page_identity.h"
#include "page/page_login.h"
#include "page/page_part.h"
#include "page/page_typed.h"
#include "page/pages.h"

/* ---- read ------------------------------------------------------------- */
static struct str
compose_field(struct request *req, const char *name, const struct form *carried)
{
	return carried != NULL ? page_carried(req, carried, name)
	                       : request_field(req, name);
}

/* `carried`: the form that holds its fields as "carry.…", or NULL. */
static void
compose_parse(
    struct request *req, const struct form *carried, struct compose *out)
{
	struct arena *arena = req->arena;
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
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		*lines[i].to = text_line(
		    arena, compose_field(req, lines[i].name, carried));
	out->carried = carried;
	out->source_folder =
	    text_from(arena, compose_field(req, "source_folder", carried));
	out->body = text_from(arena, compose_field(req, "body", carried));
	out->html = text_from(arena, compose_field(req, "html", carried));
	out->send_at = text_line(arena, compose_field(req, "send_at", carried));
	out->identity = compose_field(req, "identity", carried);
	out->priority =
	    compose_priority_of(compose_field(req, "priority", carried));
	out->asks_receipt = compose_field(req, "receipt", carried).len > 0;
	out->asks_dsn = compose_field(req, "dsn", carried).len > 0;
	out->kind = compose_kind_of(compose_field(req, "kind", carried));
	out->id = compose_field(req, "id", carried);
	if (!compose_id_is_valid(out->id))
		out->id = compose_id_new(arena);
	err_ignore(num_u64(compose_field(req, "version", carried), 0,
	    UINT32_MAX, &out->version, NULL));
	err_ignore(num_u32(compose_field(req, "source_uid", carried), 0,
	    UINT32_MAX, &out->source_uid, NULL));
	err_ignore(num_u32(compose_field(req, "source_validity", carried), 0,
	    UINT32_MAX, &out->source_validity, NULL));
}

/* ---- show ------------------------------------------------------------- */
static void
compose_view_hidden(
    struct request *req, const struct compose *compose, struct view *view)
{
	struct view_list *list = view_list(view, "hidden");

	page_hidden(req, list, "kind", str_c(compose_kind_name(compose->kind)));
	page_hidden(req, list, "in_reply_to", compose->in_reply_to.s);
	page_hidden(req, list, "references", compose->references.s);
	page_hidden(req, list, "source_folder", compose->source_folder.s);
	page_hidden(
	    req, list, "source_uid", page_u64(req->arena, compose->source_uid));
	page_hidden(req, list, "source_validity",
	    page_u64(req->arena, compose->source_validity));
}

static void
compose_view_part(struct view_list *list, struct str section, struct text name,
    struct text size)
{
	struct view *row = view_list_add(list);

	view_text(row, "name", name);
	view_text(row, "size", size);
	view_str(row, "section", section);
}

/*
 * Ticked parts of the source message that could not be stored (the mail server
 * was away) or were carried through the login page: asked for again.
 */
static size_t
compose_view_kept(struct request *req, const struct compose *compose,
    const struct store_attachment *files, size_t count, struct view_list *list)
{
	static const char *const names[] = {"keep", PAGE_CARRY_PREFIX "keep"};
	const struct form *form = compose->carried;
	size_t kept = 0;

	if (form == NULL && (req->method != METHOD_POST ||
	                        request_form(req, &form, NULL) != ERR_OK))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct form_field *field = NULL;

		while ((field = form_next(form, names[i], field)) != NULL) {
			if (page_compose_has_part(
			        req, compose, files, count, field->value))
				continue;
			compose_view_part(list, field->value,
			    TEXT("An attachment of the original message"),
			    TEXT(""));
			kept++;
		}
	}
	return kept;
}

static enum err_code
compose_view_files(struct request *req, const struct compose *compose,
    struct view *view, struct err *err)
{
	size_t source_count = compose->source_file_count;
	struct store_attachment *files = NULL;
	struct view_list *list = view_list(view, "attachments");
	struct view_list *sources = view_list(view, "source_files");
	size_t count = 0;
	enum err_code rc =
	    store_attachment_list(req->app->store, req->session->account,
	        compose->id, req->arena, &files, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct view *row = view_list_add(list);

		view_text(row, "name", text_line(req->arena, files[i].name));
		view_text(row, "size", view_size(req->arena, files[i].bytes));
		view_str(row, "id", files[i].id);
	}
	for (size_t i = 0; i < compose->source_file_count; i++) {
		const struct mime_part *part = compose->source_files[i];
		struct mail_id id = {0};
		struct page_file file = page_file_of(req->arena, &id, part);

		compose_view_part(sources, part->section, file.name,
		    view_size(req->arena, file.bytes));
	}
	source_count += compose_view_kept(req, compose, files, count, sources);
	view_bool(view, "has_attachments", count > 0);
	view_bool(view, "has_source_files", source_count > 0);
	return rc;
}

static struct text
compose_title(const struct compose *compose)
{
	if (compose->kind == COMPOSE_REPLY)
		return TEXT("Reply");
	if (compose->kind == COMPOSE_FORWARD)
		return TEXT("Forward");
	if (compose->kind == COMPOSE_DRAFT)
		return TEXT("Edit draft");
	return TEXT("New message");
}

static enum err_code
compose_view(struct request *req, const struct compose *compose,
    const char *words, struct view *view, struct err *err)
{
	enum err_code rc;

	view_text(view, "compose_title", compose_title(compose));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/compose")));
	view_str(view, "id", compose->id);
	view_u64(view, "version", compose->version);
	view_text(view, "to", compose->to);
	view_text(view, "cc", compose->cc);
	view_text(view, "bcc", compose->bcc);
	view_bool(view, "has_copies",
	    !text_is_empty(compose->cc) || !text_is_empty(compose->bcc));
	view_text(view, "subject", compose->subject);
	view_text(view, "body", compose->body);
	view_text(view, "max_size",
	    view_size(req->arena, req->cfg->max_message_bytes));
	view_bool(view, "foot_in_form", true);
	if (words != NULL)
		view_text(view,
		    compose->wrong_field != NULL ? compose->wrong_field
		                                 : "error_general",
		    text_line(req->arena, str_c(words)));
	compose_view_hidden(req, compose, view);
	rc = page_identity_view(req, compose->identity, view, err);
	if (rc == ERR_OK)
		rc = page_response_view(req, view, err);
	if (rc != ERR_OK)
		return rc;
	return compose_view_files(req, compose, view, err);
}

enum err_code
page_compose_show(struct request *req, struct response *res,
    const struct compose *compose, const char *words, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, compose_title(compose), &view, err);

	if (rc == ERR_OK)
		rc = compose_view(req, compose, words, view, err);
	if (rc != ERR_OK)
		return rc;
	if (request_query(req, "saved").len > 0)
		view_word(view, "saved_note", "The draft is saved.");
	return page_send(req, res, "compose.html", view, err);
}

enum err_code
page_compose_restore(struct request *req, struct response *res, struct err *err)
{
	const struct form *form = NULL;
	struct compose compose = {0};
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	compose_parse(req, form, &compose);
	return page_compose_show(req, res, &compose,
	    "You are logged in again, and here is what you wrote. Nothing was "
	    "sent yet. Files have to be attached again.",
	    err);
}

/* What a window wrote that another one had left behind (page_moved). */
static enum err_code
compose_taken_along(struct request *req, struct response *res,
    const struct form *typed, struct err *err)
{
	struct compose compose = {0};

	compose_parse(req, typed, &compose);
	return page_compose_show(req, res, &compose,
	    "Here is what you wrote in the window that was left behind. It is "
	    "neither sent nor saved yet. Files have to be chosen again.",
	    err);
}

enum err_code
page_compose(struct request *req, struct response *res, struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct str id = request_query(req, "id");
	const struct form *typed = NULL;
	struct compose compose = {0};
	enum err_code rc = ERR_OK;

	if (request_query(req, "taken").len > 0)
		rc = page_typed_find(req, &typed, err);
	if (rc == ERR_OK && typed != NULL)
		return compose_taken_along(req, res, typed, err);
	if (rc != ERR_OK)
		return rc;
	if (id.len > 0)
		rc = compose_load(req, id, &compose, &state, err);
	else
		rc = page_compose_start(req, &compose, err);
	if (rc != ERR_OK)
		return rc;
	if (state != STORE_COMPOSE_WRITING)
		return page_redirect(
		    req, res, compose_url(req, "/sent", &compose, false), err);
	return page_compose_show(req, res, &compose, NULL, err);
}

/* Another sender was chosen: the signature follows. */
static enum err_code
compose_sign(struct request *req, struct compose *compose, struct err *err)
{
	struct str was = request_field(req, "identity_was");
	struct page_identity before;
	struct page_identity after;
	enum err_code rc;

	if (was.len == 0 || str_eq(was, compose->identity))
		return ERR_OK;
	rc = page_identity_get(req, was, &before, err);
	if (rc == ERR_OK)
		rc = page_identity_get(req, compose->identity, &after, err);
	if (rc == ERR_OK)
		compose->body = page_identity_sign(
		    req->arena, compose->body, &before, &after);
	return rc;
}

static enum err_code
compose_post(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct compose before = {0};
	enum err_code rc = compose_load(req, compose->id, &before, &state, err);

	/* Sent already: a double click, or Back and Send again. */
	if (rc == ERR_OK && state != STORE_COMPOSE_WRITING)
		return page_redirect(
		    req, res, compose_url(req, "/sent", compose, false), err);
	if (rc != ERR_OK && rc != ERR_NOT_FOUND)
		return rc;
	rc = compose_sign(req, compose, err);
	if (rc != ERR_OK)
		return rc;
	/* Every button saves first. */
	rc = compose_store(req, compose, err);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return compose_do(req, res, compose, err);
}

enum err_code
page_compose_post(struct request *req, struct response *res, struct err *err)
{
	const struct form *form = NULL;
	struct compose compose = {0};
	struct str key;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	compose_parse(req, NULL, &compose);
	/* A field that found no room must not be saved as empty. */
	if (arena_failed(req->arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_compose_post");
	key = compose.id;
	rc = page_gate_enter(req->app->gate, key, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	rc = compose_post(req, res, &compose, err);
	page_gate_leave(req->app->gate, key);
	return rc;
}
