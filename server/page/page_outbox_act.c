#include "os/clock.h"
#include "page/page_outbox.h"

bool
outbox_verb_of(struct str name, enum outbox_verb *out)
{
	static const struct {
		const char *name;
		enum outbox_verb verb;
	} verbs[] = {
	    {"undo", OUTBOX_VERB_BACK},
	    {"edit", OUTBOX_VERB_BACK},
	    {"now", OUTBOX_VERB_NOW},
	    {"date", OUTBOX_VERB_DATE},
	    {"copy", OUTBOX_VERB_COPY},
	    {"arrived", OUTBOX_VERB_ARRIVED},
	    {"forget", OUTBOX_VERB_FORGET},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_eq(name, str_c(verbs[i].name))) {
			*out = verbs[i].verb;
			return true;
		}
	return false;
}

static enum err_code
outbox_elsewhere(
    struct request *req, const struct store_outbox *row, struct err *err)
{
	if (str_eq(row->node, req->app->node))
		return ERR_OK;
	return err_set(err, ERR_AWAY,
	    "This message lies on another machine of this service, which "
	    "copies it by itself.",
	    "outbox: another node's");
}

/* Just enough to put it into Drafts and to remove its file. */
static void
outbox_back_draft(struct request *req, const struct store_outbox *row)
{
	struct mail mail = page_mail(req);
	struct outbox_post post = {.store = req->app->store,
	    .spool_folder = req->app->spool_folder,
	    .id = row->id,
	    .account = row->account,
	    .spooled = {.file = row->file}};
	struct err err = ERR_NONE;

	/* On another node its file goes when that one looks through them. */
	if (!str_eq(row->node, req->app->node))
		return;
	/* It is in the store, whatever becomes of this. */
	if (outbox_return(&mail, &post, &err) != ERR_OK)
		log_event(LOG_INFO, "outbox.no_draft",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
}

static enum err_code
outbox_back(struct request *req, const struct store_outbox *row, bool *out_won,
    struct err *err)
{
	enum err_code rc = store_outbox_take_back(
	    req->app->store, req->session->account, row->id, out_won, err);

	if (rc == ERR_OK && *out_won)
		outbox_back_draft(req, row);
	return rc;
}

static enum err_code
outbox_date(struct request *req, const struct store_outbox *row, bool is_now,
    bool *out_won, struct err *err)
{
	struct text typed =
	    text_line(req->arena, request_field(req, "send_at"));
	int64_t due_ms = clock_now_ms();
	enum err_code rc = ERR_OK;

	if (!is_now)
		rc = post_time_check(req, typed, &due_ms, err);
	if (rc == ERR_OK)
		rc = store_outbox_set_due(req->app->store,
		    req->session->account, row->id, due_ms, out_won, err);
	if (rc == ERR_OK)
		post_office_wake(req->app);
	return rc;
}

/* In this request, with its session's credential. */
static enum err_code
outbox_copy_now(struct request *req, struct store_outbox *row, struct err *err)
{
	struct post_work work = {.app = req->app,
	    .cfg = req->cfg,
	    .row = row,
	    .password = &req->session->password,
	    .mail = page_mail(req),
	    .is_present = true,
	    .is_retried = true};
	enum err_code rc = post_envelope_unpack(
	    row->envelope, req->arena, &work.envelope, err);

	if (rc != ERR_OK)
		return rc;
	row->tries = 1;
	post_copy(&work);
	return ERR_OK;
}

static enum err_code
outbox_copy_row(struct request *req, struct store_outbox *row, bool *out_won,
    struct err *err)
{
	enum err_code rc = outbox_elsewhere(req, row, err);

	if (rc != ERR_OK || row->state != STORE_COMPOSE_SENT)
		return rc;
	rc = store_outbox_claim(req->app->store, row, out_won, err);
	if (rc != ERR_OK || !*out_won)
		return rc;
	return outbox_copy_now(req, row, err);
}

static enum err_code
outbox_arrived(struct request *req, struct store_outbox *row, bool *out_won,
    struct err *err)
{
	enum err_code rc = outbox_elsewhere(req, row, err);

	if (rc == ERR_OK)
		rc = post_seal(req->app, row, &req->session->password,
		    req->arena, &row->sealed, err);
	row->due_ms = clock_now_ms();
	if (rc == ERR_OK)
		rc = store_outbox_arrived(req->app->store, row, out_won, err);
	if (rc != ERR_OK || !*out_won)
		return rc;
	row->state = STORE_COMPOSE_SENT;
	return outbox_copy_now(req, row, err);
}

static enum err_code
outbox_forget(struct request *req, struct store_outbox *row, bool *out_won,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	if (row->state != STORE_COMPOSE_SENT)
		return ERR_OK;
	rc = store_outbox_claim(req->app->store, row, out_won, err);
	if (rc == ERR_OK && *out_won)
		rc = store_outbox_done(
		    req->app->store, row->id, row->lease, false, err);
	if (rc == ERR_OK && *out_won && str_eq(row->node, req->app->node))
		outbox_remove_file(
		    req->app->spool_folder, row->file, req->arena);
	return rc;
}

static enum err_code
outbox_do(struct request *req, enum outbox_verb verb, struct store_outbox *row,
    bool *out_won, struct err *err)
{
	switch (verb) {
	case OUTBOX_VERB_BACK:
		return outbox_back(req, row, out_won, err);
	case OUTBOX_VERB_NOW:
		return outbox_date(req, row, true, out_won, err);
	case OUTBOX_VERB_DATE:
		return outbox_date(req, row, false, out_won, err);
	case OUTBOX_VERB_COPY:
		return outbox_copy_row(req, row, out_won, err);
	case OUTBOX_VERB_ARRIVED:
		return outbox_arrived(req, row, out_won, err);
	case OUTBOX_VERB_FORGET:
		return outbox_forget(req, row, out_won, err);
	}
	return ERR_OK;
}

enum err_code
outbox_act(struct request *req, enum outbox_verb verb, struct str id,
    bool *out_late, struct err *err)
{
	struct store_outbox row = {.tries = 0};
	bool won = false;
	enum err_code rc = ERR_NOT_FOUND;

	*out_late = false;
	if (compose_id_is_valid(id))
		rc = store_outbox_find(req->app->store, req->session->account,
		    id, req->arena, &row, err);
	/* Gone since the page was made: that it is done, or came back. */
	if (rc == ERR_NOT_FOUND) {
		*out_late = true;
		return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = outbox_do(req, verb, &row, &won, err);
	*out_late = rc == ERR_OK && !won;
	return rc;
}
