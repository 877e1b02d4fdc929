/* Compositions and their copies in Drafts. */
#include "page/compose_inside.h"

enum err_code
compose_draft_put(struct request *req, struct compose *compose,
    bool is_by_itself, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mime_draft draft = {0};
	struct outbox_item item = compose_item(req, compose, &draft);
	enum err_code rc = compose_draft(req, compose, false, &draft, err);

	draft.version = compose->version;
	item.is_by_itself = is_by_itself;
	if (rc == ERR_OK)
		rc = outbox_open_files(&item, req->arena, err);
	if (rc == ERR_OK)
		rc = outbox_save_draft(&mail, &item, err);
	if (rc != ERR_OK)
		return rc;
	/* The draft it came from has its successor in place. */
	if (compose->kind == COMPOSE_DRAFT) {
		compose_mark_source(req, compose);
		compose->kind = COMPOSE_NEW;
		compose->source_uid = 0;
		/* Else the next save looks for it in vain: no harm. */
		err_ignore(compose_store_fields(req, compose, NULL));
	}
	return ERR_OK;
}

bool
compose_draft_try(
    struct request *req, struct compose *compose, bool is_by_itself)
{
	struct err err = ERR_NONE;
	enum err_code rc = compose_draft_put(req, compose, is_by_itself, &err);

	if (rc != ERR_OK)
		log_event(LOG_INFO, "compose.draft",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", err.detail));
	return rc == ERR_OK;
}

/* ---- opening ---- */
enum err_code
compose_draft_open(
    struct request *req, struct compose_opened *out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_id id = {0};
	struct mail_id newest = {0};
	struct store_compose stored = {0};
	struct outbox_mark mark;
	bool is_cut = false;
	enum err_code rc = page_message_id(req, &id, err);

	*out = (struct compose_opened){.id = STR("")};
	if (rc == ERR_OK)
		rc = mail_header(&mail, &id, NULL, &out->header, &is_cut, err);
	if (rc != ERR_OK)
		return rc;
	mark = outbox_mark_parse(out->header);
	if (!compose_id_is_valid(mark.id))
		return ERR_OK;
	rc = outbox_merge_drafts(&mail, mark.id, &newest.folder, &newest.uid,
	    &newest.uid_validity, err);
	if (rc != ERR_OK)
		return rc;
	/* The one that was asked for is gone, a newer one is there. */
	if (newest.uid != 0 && str_eq(newest.folder.s, id.folder.s) &&
	    newest.uid != id.uid) {
		out->newer = newest;
		return ERR_OK;
	}
	rc = store_compose_find(req->app->store, req->session->account, mark.id,
	    req->arena, &stored, err);
	if (rc == ERR_OK && stored.version >= mark.version)
		out->id = mark.id;
	return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

/* X-Priority: 1 or 2, Importance: high, as mail programs write them. */
static enum mime_priority
draft_priority(struct str name, struct str value, enum mime_priority before)
{
	char first = value.len > 0 ? value.ptr[0] : ' ';

	if (str_eq_nocase(name, STR("X-Priority"))) {
		if (first == '1' || first == '2')
			return MIME_PRIORITY_HIGH;
		return first == '4' || first == '5' ? MIME_PRIORITY_LOW
		                                    : before;
	}
	if (!str_eq_nocase(name, STR("Importance")))
		return before;
	if (str_starts_nocase(value, STR("high")))
		return MIME_PRIORITY_HIGH;
	return str_starts_nocase(value, STR("low")) ? MIME_PRIORITY_LOW
	                                            : before;
}

void
compose_draft_choices(struct str header, struct compose *compose)
{
	while (header.len > 0) {
		struct str value = str_trim(str_cut(&header, '\n'));
		struct str name = str_cut(&value, ':');

		value = str_trim(value);
		compose->priority =
		    draft_priority(name, value, compose->priority);
		if (str_eq_nocase(name, STR("Disposition-Notification-To")))
			compose->asks_receipt = true;
	}
}
