/* Compositions and their copies in Drafts. */
#include "page/compose_inside.h"

#include "base/num.h"
#include "base/scan.h"

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

void
compose_draft_try(
    struct request *req, struct compose *compose, bool is_by_itself)
{
	struct err err = ERR_NONE;
	enum err_code rc = compose_draft_put(req, compose, is_by_itself, &err);

	if (rc != ERR_OK)
		log_event(LOG_INFO, "compose.draft",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", err.detail));
}

/* ---- opening ---- */
/* X-Iwebmsg-Compose: ID VERSION, written by mime_build. */
static bool
draft_mark(struct str raw, struct str *out_id, uint64_t *out_version)
{
	static const char name[] = "X-Iwebmsg-Compose:";

	while (raw.len > 0) {
		struct str line = str_trim(str_cut(&raw, '\n'));

		if (!str_starts_nocase(line, str_c(name)))
			continue;
		line = str_trim(str_slice(line, strlen(name), line.len));
		*out_id = str_cut(&line, ' ');
		*out_version = 0;
		err_ignore(
		    num_u64(str_trim(line), 0, UINT32_MAX, out_version, NULL));
		return compose_id_is_valid(*out_id);
	}
	return false;
}

/*
 * Is what the store has as new as this copy? Then one goes on with that, or
 * sees that it was sent.
 */
static enum err_code
draft_in_store(struct request *req, struct str id, uint64_t version,
    struct str *out_id, struct err *err)
{
	struct store_compose stored = {0};
	enum err_code rc = store_compose_find(req->app->store,
	    req->session->account, id, req->arena, &stored, err);

	if (rc == ERR_NOT_FOUND)
		return ERR_OK;
	if (rc == ERR_OK && stored.version >= version)
		*out_id = id;
	return rc;
}

enum err_code
compose_draft_open(struct request *req, struct str *out_id, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_id id = {0};
	struct mail_uids all = {0};
	struct str raw = {0};
	struct str compose_id = {0};
	uint64_t version = 0;
	uint32_t validity = 0;
	bool is_cut = false;
	enum err_code rc = page_message_id(req, &id, err);

	*out_id = STR("");
	if (rc == ERR_OK)
		rc = mail_header(&mail, &id, NULL, &raw, &is_cut, err);
	if (rc != ERR_OK || !draft_mark(raw, &compose_id, &version))
		return rc;
	rc = draft_in_store(req, compose_id, version, out_id, err);
	(void)all;
	(void)validity;
	return rc;
}
