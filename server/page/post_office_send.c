#include "base/tr.h"
#include "os/cancel.h"
#include "os/clock.h"
#include "os/fault.h"
#include "page/page_folder.h"
#include "page/post_office_inside.h"
#include "view/language.h"

/* A message of any size passes a slow server; one that drips ends sometime. */
#define POST_JOB_MS ((int64_t)30 * 60000)

static const char post_purpose[] = "outbox";

/* What the credential is bound to: the row, and whose it is. */
static struct str
post_bound(const struct store_outbox *row, struct arena *arena)
{
	return str_printf(arena, "%.*s\n%.*s\n%.*s\n%.*s", STR_ARG(row->id),
	    STR_ARG(row->account), STR_ARG(row->site), STR_ARG(row->login));
}

enum err_code
post_seal(struct app *app, const struct store_outbox *row,
    const struct secret *password, struct arena *arena, struct str *out,
    struct err *err)
{
	return session_seal_work(app->sessions, post_purpose,
	    post_bound(row, arena), password, arena, out, err);
}

/* ---- what became of it -----------------------------------------------------
 */

static void
post_noted(enum err_code rc, const struct err *err)
{
	if (rc != ERR_OK)
		log_event(LOG_ERROR, "outbox.unrecorded",
		    LOG_C("reason", err_name(rc)),
		    LOG_C("detail", err->detail));
}

static void
post_add(struct app *app, size_t which)
{
	struct post_office *office = app->office;
	struct metric *metrics[4];

	if (office == NULL)
		return;
	metrics[0] = office->sent;
	metrics[1] = office->returned;
	metrics[2] = office->retried;
	metrics[3] = office->unsure;
	metric_add(metrics[which], 1);
}
enum {
	POST_SENT,
	POST_RETURNED,
	POST_RETRIED,
	POST_UNSURE
};

static struct outbox_post
post_of(const struct post_work *work)
{
	const struct store_outbox *row = work->row;
	const struct post_envelope *envelope = &work->envelope;

	return (struct outbox_post){.store = work->app->store,
	    .spool_folder = work->app->spool_folder,
	    .id = row->id,
	    .account = row->account,
	    .lease = row->lease,
	    .spooled = {.file = row->file,
	        .head_bytes = row->head_bytes,
	        .message_bytes = row->message_bytes,
	        .is_8bit = envelope->is_8bit,
	        .is_utf8 = envelope->is_utf8},
	    .from = envelope->from,
	    .recipients = envelope->recipients,
	    .count = envelope->count,
	    .message_id = row->message_id,
	    .asks_dsn = envelope->asks_dsn,
	    .server_keeps_sent = envelope->server_keeps_sent,
	    .is_handed_over = work->is_present,
	    .is_retried = work->is_retried,
	    .login = row->login,
	    .password = work->password};
}

static void
post_later(struct post_work *work, int64_t due_ms, struct text words)
{
	struct err err = ERR_NONE;
	enum err_code rc = store_outbox_later(work->app->store, work->row->id,
	    work->row->lease, due_ms, words.s, due_ms == INT64_MAX, &err);

	fault_point("send.put_off");
	post_noted(rc, &err);
	post_add(work->app, POST_RETRIED);
	post_office_wake(work->app);
}

/* Its writer's turn: WRITING again, and a copy in Drafts. */
static void
post_back(struct post_work *work, const struct post_return *back)
{
	struct arena *arena = work->mail.arena;
	struct outbox_post post = post_of(work);
	struct str result =
	    work->is_present ? STR("") : post_return_pack(arena, back);
	struct err err = ERR_NONE;
	bool won = false;
	enum err_code rc = store_outbox_back(work->app->store, work->row->id,
	    work->row->lease, result, !work->is_present, &won, &err);

	fault_point("return.noted");
	post_noted(rc, &err);
	if (!won)
		return;
	post_add(work->app, POST_RETURNED);
	/* Present, its writer has the form before him. */
	if (work->is_present)
		outbox_remove_file(
		    work->app->spool_folder, post.spooled.file, arena);
	else if (work->mail.account == NULL ||
	         outbox_return(&work->mail, &post, &err) != ERR_OK)
		log_event(LOG_WARN, "outbox.no_draft",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
}

static struct text
post_gave_up(struct post_work *work, struct text words)
{
	unsigned hours = (unsigned)(work->cfg->send_retry_ms / 3600000);

	if (hours < 2)
		return words;
	return text_line(work->mail.arena,
	    str_printf(work->mail.arena,
	        trn("It could not be sent within %u hour: %.*s",
	            "It could not be sent within %u hours: %.*s", hours),
	        hours, STR_ARG(words.s)));
}

static void
post_try_later(struct post_work *work, struct outbox_result *result)
{
	uint32_t tries = work->row->tries;
	struct post_return back = {.words = result->words};

	if (work->is_present) {
		post_back(work, &back);
		return;
	}
	if (!post_is_over(tries, work->cfg->send_retry_ms)) {
		post_later(
		    work, clock_now_ms() + post_wait_ms(tries), result->words);
		return;
	}
	back.words = post_gave_up(work, result->words);
	post_back(work, &back);
}

/* ---- sent -------------------------------------------------------------------
 */

/* The message it started from: answered, forwarded, or replaced. */
static void
post_mark_source(struct post_work *work)
{
	const struct post_envelope *envelope = &work->envelope;
	struct mail_uids one = {&envelope->source_uid, 1};
	struct mail mail = work->mail;
	enum compose_kind kind = envelope->kind;
	enum err_code rc = ERR_OK;

	if (envelope->source_uid == 0)
		return;
	/* The rest is done, so this is, too, whether the browser left or not.
	 */
	mail.wait.cancel = NULL;
	if (kind == COMPOSE_REPLY || kind == COMPOSE_FORWARD ||
	    kind == COMPOSE_BUILT)
		rc = mail_store_flags(&mail, envelope->source_folder,
		    envelope->source_validity, one,
		    kind == COMPOSE_REPLY ? MAIL_ANSWERED : MAIL_FORWARDED,
		    true, NULL);
	else if (kind == COMPOSE_DRAFT)
		rc = mail_expunge(&mail, envelope->source_folder,
		    envelope->source_validity, one, NULL);
	if (rc != ERR_OK)
		log_event(
		    LOG_INFO, "compose.source", LOG_C("reason", err_name(rc)));
}

void
post_copy(struct post_work *work)
{
	struct outbox_post post = post_of(work);
	uint32_t tries = work->row->tries;
	struct text words = TEXT("");
	struct err err = ERR_NONE;
	bool is_copied = false;
	enum err_code rc;

	post_mark_source(work);
	rc = outbox_copy(&work->mail, &post, &is_copied, &err);
	if (rc == ERR_OK)
		rc = outbox_finish(&work->mail, &post, is_copied, &err);
	if (rc == ERR_OK)
		return;
	log_event(LOG_WARN, "sent.copy.failed", LOG_C("reason", err_name(rc)),
	    LOG_C("detail", err.detail));
	words = text_line(
	    work->mail.arena, str_dup(work->mail.arena, str_c(err.message)));
	if (rc == ERR_CANCELED)
		post_later(work, clock_now_ms(), words);
	else if (rc == ERR_LOGIN || rc == ERR_NOT_FOUND ||
	         post_is_over(tries, work->cfg->send_retry_ms))
		post_later(work, INT64_MAX, words);
	else
		post_later(work, clock_now_ms() + post_wait_ms(tries), words);
}

void
post_send(struct post_work *work, struct outbox_result *out)
{
	struct outbox_post post = post_of(work);
	struct post_return back = {.words = TEXT("")};

	fault_point("send.claimed");
	outbox_send(&work->mail, &post, out);
	switch (out->end) {
	case OUTBOX_SENT:
		post_add(work->app, POST_SENT);
		if (work->is_present) {
			post_office_wake(work->app);
			break;
		}
		work->row->state = STORE_COMPOSE_SENT;
		work->row->tries = 1;
		work->is_retried = false;
		post_copy(work);
		break;
	case OUTBOX_UNSURE:
		post_add(work->app, POST_UNSURE);
		/* It is in the Outbox. What stays in Drafts harms nobody. */
		err_ignore(outbox_drop_draft(&work->mail, post.id, NULL));
		break;
	case OUTBOX_STOPPED:
		post_later(work, clock_now_ms(), TEXT(""));
		break;
	case OUTBOX_LOST:
		break;
	case OUTBOX_LATER:
		post_try_later(work, out);
		break;
	case OUTBOX_REFUSED:
		back = (struct post_return){
		    out->words, out->refused, out->refused_count};
		post_back(work, &back);
		break;
	}
}

/* ---- on a worker ------------------------------------------------------------
 */

/* The mail servers of a row; NULL: its [Host] section is gone. */
static struct mail_server *
post_server(const struct app_state *state, const struct store_outbox *row)
{
	const struct config_site *site = config_site_get(state->cfg, row->site);
	const struct config_site *mail =
	    config_mail_site(state->cfg, site, row->login);

	if (!str_eq(site->host, row->site))
		return NULL;
	for (size_t i = 0; i < state->site_count; i++)
		if (state->sites[i].site == mail)
			return state->sites[i].mail;
	return NULL;
}

/* This thread speaks as its writer does, until post_run() ends. */
static void
post_speak(const struct app_state *state, const struct post_work *work)
{
	for (size_t i = 0; i < state->site_count; i++) {
		const struct app_site *site = &state->sites[i];

		if (site->languages != NULL &&
		    str_eq(site->site->host, work->row->site))
			tr_use(languages_find(
			    site->languages, work->envelope.language));
	}
}

/* Whoever reads a row must not know the password without the server's key. */
static enum err_code
post_open(struct post_work *work, struct app_state *state,
    struct secret *password, struct err *err)
{
	struct app *app = work->app;
	struct mail_server *server = post_server(state, work->row);
	enum err_code rc = post_envelope_unpack(
	    work->row->envelope, work->mail.arena, &work->envelope, err);

	if (rc == ERR_OK)
		post_speak(state, work);
	if (rc == ERR_OK && server == NULL)
		rc = err_set(err, ERR_AWAY,
		    "The mail server of this message is not configured here "
		    "just now.",
		    "outbox: no such [Host]");
	if (rc != ERR_OK)
		return rc;
	rc = session_unseal_work(app->sessions, post_purpose,
	    post_bound(work->row, work->mail.arena), work->row->sealed,
	    password, err);
	if (rc != ERR_OK)
		return err_set(err, ERR_LOGIN,
		    "This server no longer has what it needs to log in for "
		    "you. Please press Send again.",
		    "outbox: the credential does not open");
	work->password = password;
	return account_get(app->accounts, server, work->row->login, password,
	    &work->mail.account, err);
}

/* Not even begun. */
static void
post_not_opened(struct post_work *work, enum err_code rc, const struct err *err)
{
	struct arena *arena = work->mail.arena;
	bool is_final = rc == ERR_LOGIN || rc == ERR_INTERNAL;
	struct outbox_result result = {
	    .words = text_line(arena, str_dup(arena, str_c(err->message)))};
	struct post_return back = {.words = result.words};

	log_event(LOG_WARN, "outbox.not_opened", LOG_C("reason", err_name(rc)),
	    LOG_C("detail", err->detail));
	if (work->row->state == STORE_COMPOSE_SENT)
		post_later(work,
		    is_final ? INT64_MAX
		             : clock_now_ms() + post_wait_ms(work->row->tries),
		    result.words);
	else if (is_final)
		post_back(work, &back);
	else
		post_try_later(work, &result);
}

void
post_run(struct post_office *office, struct cancel *cancel,
    struct store_outbox *row, struct arena *arena)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	struct app_state *state = app_state_get(office->app);
	struct post_work work = {.app = office->app,
	    .cfg = state->cfg,
	    .row = row,
	    .mail = {.arena = arena,
	        .uses = page_folder_uses_of(
	            office->app->store, row->account, arena),
	        .wait = {.deadline_mono_ms = clock_mono_ms() + POST_JOB_MS,
	            .cancel = cancel}}};
	struct outbox_result result = {.end = OUTBOX_LATER};
	struct err err = ERR_NONE;
	enum err_code rc;

	/* As the claim left it. */
	row->tries++;
	work.is_retried = row->tries > 1;
	rc = post_open(&work, state, &password, &err);
	if (rc != ERR_OK)
		post_not_opened(&work, rc, &err);
	else if (row->state == STORE_COMPOSE_SENT)
		post_copy(&work);
	else
		post_send(&work, &result);
	account_unref(work.mail.account);
	tr_use(NULL);
	app_state_unref(state);
}
