#include "page/compose_inside.h"

#include "os/clock.h"
#include "os/fault.h"
#include "page/page_people.h"
#include "page/post_office.h"

/* Send, step by step. */
struct send_job {
	struct request *req;
	struct compose *compose;
	struct mime_draft draft;
	struct outbox_spooled spooled;
	struct post_envelope envelope;
	struct store_outbox row;
	int64_t due_ms; /* 0: at once, in this request */
};

/* ---- when ------------------------------------------------------------------
 */

static enum err_code
send_when(struct send_job *job, struct err *err)
{
	struct request *req = job->req;
	struct compose *compose = job->compose;
	struct page_prefs prefs;
	enum err_code rc = ERR_OK;

	if (!text_is_empty(compose->send_at)) {
		rc = post_time_check(req, compose->send_at, &job->due_ms, err);
		if (rc == ERR_INPUT)
			compose->wrong_field = "error_send_at";
		return rc;
	}
	rc = page_prefs_get(req, &prefs, err);
	if (rc == ERR_OK && prefs.undo_send_ms > 0)
		job->due_ms = clock_now_ms() + prefs.undo_send_ms;
	return rc;
}

/* ---- envelope ---------------------------------------------------------------
 */

/* To, Cc and Bcc as one list of envelope recipients. */
static enum err_code
send_recipients(struct send_job *job, struct err *err)
{
	struct arena *arena = job->req->arena;
	const struct mime_draft *draft = &job->draft;
	const struct mime_addresses *lists[3] = {
	    &draft->to, &draft->cc, &draft->bcc};
	size_t total = draft->to.count + draft->cc.count + draft->bcc.count;
	struct post_envelope *envelope = &job->envelope;

	if (total == 0)
		return err_set(err, ERR_INPUT,
		    "Please say in To, Cc or Bcc whom the message is for.",
		    NULL);
	if (total > LIMIT_RECIPIENTS)
		return err_sayf(err, ERR_LIMIT,
		    "At most %u recipients can get one message.",
		    LIMIT_RECIPIENTS);
	envelope->recipients = ARENA_ARRAY(arena, total, struct str);
	if (envelope->recipients == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "send_recipients");
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			envelope->recipients[envelope->count++] =
			    lists[i]->list[j].address.s;
	return ERR_OK;
}

static enum err_code
send_envelope(struct send_job *job, struct err *err)
{
	const struct compose *compose = job->compose;
	struct post_envelope *envelope = &job->envelope;
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(job->req, &prefs, err);

	if (rc != ERR_OK)
		return rc;
	envelope->subject = compose->subject;
	envelope->from = job->draft.from.address.s;
	envelope->asks_dsn = compose->asks_dsn;
	envelope->server_keeps_sent = prefs.server_keeps_sent;
	if (tr_used() != NULL)
		envelope->language = str_c(tr_used()->code);
	envelope->kind = compose->kind;
	envelope->source_folder = compose->source_folder;
	envelope->source_uid = compose->source_uid;
	envelope->source_validity = compose->source_validity;
	return send_recipients(job, err);
}

/* ---- row --------------------------------------------------------------------
 */

/* Who has to take it: for shares only. */
static struct str
send_server(const struct request *req)
{
	const struct config_site *site = page_mail_site(req);

	return str_printf(req->arena, "%.*s:%u", STR_ARG(site->smtp_host),
	    (unsigned)site->smtp_port);
}

static enum err_code
send_row(struct send_job *job, struct err *err)
{
	struct request *req = job->req;
	struct store_outbox *row = &job->row;

	job->envelope.is_8bit = job->spooled.is_8bit;
	job->envelope.is_utf8 = job->spooled.is_utf8;
	*row = (struct store_outbox){
	    .id = job->compose->id,
	    .account = req->session->account,
	    .site = req->site->host,
	    .login = req->session->login,
	    .server = send_server(req),
	    .node = req->app->node,
	    .file = job->spooled.file,
	    .envelope = post_envelope_pack(req->arena, &job->envelope),
	    .head_bytes = job->spooled.head_bytes,
	    .message_bytes = job->spooled.message_bytes,
	    .recipients = job->envelope.count,
	    .message_id = job->draft.message_id.s,
	    .tries = job->due_ms == 0 ? 1 : 0,
	    .created_s = clock_now_s(),
	    .due_ms = job->due_ms == 0 ? clock_now_ms() : job->due_ms,
	    .state = job->due_ms == 0 ? STORE_COMPOSE_SENDING
	                              : STORE_COMPOSE_WAITING,
	};
	if (row->envelope.ptr == NULL || row->server.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "send_row");
	return post_seal(req->app, row, &req->session->password, req->arena,
	    &row->sealed, err);
}

/* File, then row: a crash between them leaves a file that nobody needs. */
static enum err_code
send_put(struct send_job *job, bool *out_won, struct err *err)
{
	struct request *req = job->req;
	const struct store_outbox_limits limits = {
	    req->cfg->max_recipients_per_hour, req->cfg->max_waiting_bytes};
	enum err_code rc = send_row(job, err);

	if (rc == ERR_OK)
		rc = store_outbox_put(
		    req->app->store, &job->row, &limits, out_won, err);
	fault_point("send.put");
	if (rc != ERR_OK || !*out_won)
		outbox_remove_file(
		    req->app->spool_folder, job->spooled.file, req->arena);
	return rc;
}

/* ---- at once
 * ----------------------------------------------------------------- */

static enum err_code
send_now(struct send_job *job, struct err *err)
{
	struct request *req = job->req;
	struct outbox_result result = {.end = OUTBOX_LATER};
	struct post_work work = {.app = req->app,
	    .cfg = req->cfg,
	    .row = &job->row,
	    .envelope = job->envelope,
	    .password = &req->session->password,
	    .mail = page_mail(req),
	    .is_present = true};

	post_send(&work, &result);
	if (result.end != OUTBOX_LATER && result.end != OUTBOX_REFUSED)
		return ERR_OK;
	job->compose->declined = result.refused;
	job->compose->declined_count = result.refused_count;
	return err_set(err, result.code == ERR_OK ? ERR_MAIL : result.code,
	    str_dup_c(req->arena, result.words.s), "not sent");
}

/* Whom one wrote to is offered the next time. */
static void
send_collect(struct send_job *job)
{
	struct request *req = job->req;
	const struct mime_addresses *lists[3] = {
	    &job->draft.to, &job->draft.cc, &job->draft.bcc};

	for (size_t i = 0; i < 3; i++)
		if (lists[i]->count > 0)
			page_people_collect(
			    req->app->store, req->session->account, lists[i]);
}

static enum err_code
send_run(struct send_job *job, struct err *err)
{
	struct request *req = job->req;
	struct mail mail = page_mail(req);
	struct outbox_item item = compose_item(req, job->compose, &job->draft);
	bool won = false;
	enum err_code rc =
	    compose_draft(req, job->compose, true, &job->draft, err);

	if (rc == ERR_OK)
		rc = send_when(job, err);
	if (rc == ERR_OK)
		rc = send_envelope(job, err);
	if (rc == ERR_OK)
		rc = outbox_open_files(&item, req->arena, err);
	if (rc == ERR_OK)
		rc = outbox_build_spool(&mail, &item, &job->spooled, err);
	if (rc == ERR_OK)
		rc = send_put(job, &won, err);
	if (rc != ERR_OK || !won)
		return rc;
	if (job->due_ms == 0)
		rc = send_now(job, err);
	else
		post_office_wake(req->app);
	if (rc == ERR_OK)
		send_collect(job);
	return rc;
}

enum err_code
compose_send(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	struct send_job job = {.req = req, .compose = compose};
	enum err_code rc = send_run(&job, err);

	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return page_redirect(
	    req, res, compose_url(req, "/sent", compose, false), err);
}

/* ---- what is no form's ---- */

/* Again, encoded, where the server for outgoing mail needs that. */
static enum err_code
send_spool_built(
    struct send_job *job, const struct compose_built *built, struct err *err)
{
	struct request *req = job->req;
	struct mail mail = page_mail(req);
	struct outbox_item item = compose_item(req, job->compose, &job->draft);
	enum err_code rc = outbox_spool(
	    &mail, &item, built->write, built->ctx, &job->spooled, err);

	if (rc != ERR_OK || !job->spooled.is_8bit ||
	    built->is_7bit_only == NULL || outbox_takes_8bit(&mail))
		return rc;
	outbox_remove_file(
	    req->app->spool_folder, job->spooled.file, req->arena);
	*built->is_7bit_only = true;
	return outbox_spool(
	    &mail, &item, built->write, built->ctx, &job->spooled, err);
}

static enum err_code
send_built(
    struct send_job *job, const struct compose_built *built, struct err *err)
{
	bool won = false;
	enum err_code rc = compose_store_fields(job->req, job->compose, err);

	job->draft.message_id = built->message_id;
	job->draft.from.address = (struct text){built->from};
	job->draft.to = built->to;
	if (rc == ERR_OK)
		rc = send_envelope(job, err);
	if (built->keeps_no_copy)
		job->envelope.server_keeps_sent = true;
	if (rc == ERR_OK)
		rc = send_spool_built(job, built, err);
	if (rc == ERR_OK)
		rc = send_put(job, &won, err);
	return rc == ERR_OK && won ? send_now(job, err) : rc;
}

static enum err_code
send_built_once(
    struct send_job *job, const struct compose_built *built, struct err *err)
{
	struct request *req = job->req;
	struct str account = req->session->account;
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	struct compose before = {0};
	enum err_code rc =
	    compose_load(req, job->compose->id, &before, &state, err);

	/* Whoever makes up an id must not lose a draft of his by it. */
	if (rc == ERR_OK && before.kind != COMPOSE_BUILT)
		return err_set(err, ERR_INPUT,
		    "This form belongs to another message. Please open the "
		    "message again.",
		    "compose: not one that is sent without a form");
	if (rc == ERR_OK && state != STORE_COMPOSE_WRITING)
		return ERR_OK;
	/* What an attempt left that was cut short. */
	if (rc == ERR_OK)
		rc = store_compose_delete(
		    req->app->store, account, job->compose->id, err);
	if (rc != ERR_OK && rc != ERR_NOT_FOUND)
		return rc;
	rc = send_built(job, built, err);
	if (rc != ERR_OK)
		err_ignore(store_compose_delete(
		    req->app->store, account, job->compose->id, NULL));
	return rc;
}

enum err_code
compose_send_built(struct request *req, struct compose *compose,
    const struct compose_built *built, struct err *err)
{
	struct send_job job = {.req = req, .compose = compose};
	struct page_gate *gate = req->app->gate;
	enum err_code rc =
	    page_gate_enter(gate, compose->id, req->deadline_mono_ms, err);

	if (rc != ERR_OK)
		return rc;
	compose->account = req->session->account;
	compose->kind = COMPOSE_BUILT;
	rc = send_built_once(&job, built, err);
	page_gate_leave(gate, compose->id);
	return rc;
}
