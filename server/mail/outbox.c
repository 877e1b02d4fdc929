#include "mail/outbox.h"

#include "base/limits.h"
#include "base/log.h"
#include "mail/outbox_inside.h"
#include "mail/smtp.h"
#include "os/clock.h"
#include "os/file.h"

/* To, Cc and Bcc as one list of envelope recipients. */
static enum err_code
outbox_recipients(const struct mime_draft *draft, struct arena *arena,
    struct str **out, size_t *out_count, struct err *err)
{
	const struct mime_addresses *lists[3] = {
	    &draft->to, &draft->cc, &draft->bcc};
	size_t total = draft->to.count + draft->cc.count + draft->bcc.count;
	struct str *all = ARENA_ARRAY(arena, total, struct str);
	size_t count = 0;

	if (total == 0)
		return err_set(err, ERR_INPUT,
		    "Please say in To, Cc or Bcc whom the message is for.",
		    NULL);
	if (total > LIMIT_RECIPIENTS)
		return err_sayf(err, ERR_LIMIT,
		    "At most %u recipients can get one message.",
		    LIMIT_RECIPIENTS);
	if (all == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_recipients");
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			all[count++] = lists[i]->list[j].address.s;
	*out = all;
	*out_count = count;
	return ERR_OK;
}

/* The journal: from here on the server may have it. */
static bool
outbox_before_dot(void *ctx)
{
	struct outbox_item *item = ctx;
	bool won = false;

	return store_compose_move(item->store, item->account, item->compose_id,
	           STORE_COMPOSE_SENDING, STORE_COMPOSE_UNSURE,
	           item->draft->message_id.s, &won, NULL) == ERR_OK &&
	       won;
}

static struct text
outbox_refusal_words(const struct smtp_result *result, struct arena *arena)
{
	struct buf words;

	buf_init_arena(&words, arena, LIMIT_HEADER_BYTES);
	if (result->refused_count == 0) {
		buf_add_c(&words, "The mail server refused the message: ");
		buf_add(&words, result->words.s);
	}
	for (size_t i = 0; i < result->refused_count && i < 10; i++) {
		if (i > 0)
			buf_add_c(&words, "; ");
		buf_add(&words, result->refused[i].address.s);
		buf_add_c(&words, ": ");
		buf_add(&words, result->refused[i].words.s);
	}
	return text_line(arena, buf_str(&words));
}

static enum err_code
outbox_refused(
    const struct smtp_result *result, struct arena *arena, struct err *err)
{
	struct text words = outbox_refusal_words(result, arena);

	return err_setf(err, ERR_MAIL, str_dup_bytes(arena, words.s),
	    "smtp refused: %u %.*s", result->code, STR_ARG(result->said.s));
}

static enum err_code
outbox_submit(struct mail *mail, struct outbox_item *item, int fd,
    uint64_t bytes, struct smtp_result *result, struct err *err)
{
	struct str *recipients = NULL;
	struct smtp_message message = {
	    .from = item->draft->from.address.s,
	    .fd = fd,
	    .bytes = bytes,
	    .before_dot = outbox_before_dot,
	    .ctx = item,
	};
	enum err_code rc = outbox_recipients(
	    item->draft, mail->arena, &recipients, &message.count, err);

	if (rc != ERR_OK)
		return rc;
	message.recipients = recipients;
	return smtp_send(account_server(mail->account), item->login,
	    item->password, &message, &mail->wait, mail->arena, result, err);
}

/* Nothing went out: the composition may be changed again. */
static void
outbox_take_back(struct outbox_item *item, struct str words)
{
	static const enum store_compose_state from[] = {
	    STORE_COMPOSE_SENDING, STORE_COMPOSE_UNSURE};
	struct err err = ERR_NONE;
	bool won = false;

	for (size_t i = 0; i < 2 && !won; i++)
		err_ignore(store_compose_move(item->store, item->account,
		    item->compose_id, from[i], STORE_COMPOSE_WRITING,
		    item->draft->message_id.s, &won, &err));
	if (!won)
		log_event(LOG_ERROR, "outbox.stuck",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
	err_ignore(store_compose_result(
	    item->store, item->account, item->compose_id, words, false, NULL));
}

static enum err_code
outbox_now(struct mail *mail, struct outbox_item *item,
    struct outbox_result *out, struct err *err)
{
	struct store_compose now;
	enum err_code rc = store_compose_find(item->store, item->account,
	    item->compose_id, mail->arena, &now, err);

	if (rc != ERR_OK)
		return rc;
	out->state = now.state;
	out->is_copied = now.copied;
	out->words = text_line(mail->arena, now.result);
	return ERR_OK;
}

static void
outbox_clear(struct outbox_item *item, struct arena *arena)
{
	struct store_attachment *files = NULL;
	size_t count = 0;
	char *path = outbox_path(item, arena);

	if (path != NULL)
		err_ignore(file_remove(path, NULL));
	if (store_attachment_list(item->store, item->account, item->compose_id,
	        arena, &files, &count, NULL) != ERR_OK)
		return;
	for (size_t i = 0; i < count; i++)
		err_ignore(store_attachment_delete(item->store, item->account,
		    item->compose_id, files[i].id, NULL));
}

/* What SMTP left in the spool lacks Bcc; the copy in Sent has it. */
static enum err_code
outbox_append_sent(struct mail *mail, struct outbox_item *item, int fd,
    uint64_t bytes, struct err *err)
{
	CLEANUP(file_close) int own = -1;
	struct text folder;
	uint32_t uid = 0;
	enum err_code rc = outbox_folder_name(mail, MAIL_SENT, &folder, err);

	if (rc == ERR_OK && item->draft->bcc.count > 0) {
		rc = file_open_spool(item->spool_folder, &own, err);
		if (rc == ERR_OK)
			rc = outbox_build(mail, item, own, true, &bytes, err);
		fd = own;
	}
	if (rc == ERR_OK)
		rc = mail_append(mail, folder, MAIL_SEEN, fd, bytes, &uid, err);
	return rc;
}

/*
 * The message is out: the copy must not be given up because the browser left
 * or the request's time is over.
 */
static struct mail
outbox_patient(const struct mail *mail)
{
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));
	struct mail patient = *mail;
	int64_t deadline = clock_mono_ms() + cfg->imap_wait_ms;

	patient.wait.cancel = NULL;
	if (patient.wait.deadline_mono_ms < deadline)
		patient.wait.deadline_mono_ms = deadline;
	return patient;
}

static void
outbox_after_sent(struct mail *mail, struct outbox_item *item, int fd,
    uint64_t bytes, struct outbox_result *out)
{
	struct mail patient = outbox_patient(mail);
	struct err err = ERR_NONE;
	enum err_code rc = outbox_append_sent(&patient, item, fd, bytes, &err);

	out->is_copied = rc == ERR_OK;
	if (rc != ERR_OK) {
		out->words = text_from(
		    mail->arena, str_dup(mail->arena, str_c(err.message)));
		log_event(LOG_WARN, "sent.copy.failed",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", err.detail));
	}
	err_ignore(store_compose_result(item->store, item->account,
	    item->compose_id, out->words.s, out->is_copied, NULL));
	if (out->is_copied)
		outbox_clear(item, mail->arena);
	/* What stays in Drafts harms nobody. */
	err_ignore(outbox_drop_draft(&patient, item->compose_id, NULL));
}

static enum err_code
outbox_sent(struct mail *mail, struct outbox_item *item, int fd, uint64_t bytes,
    const struct smtp_result *result, struct outbox_result *out)
{
	struct err err = ERR_NONE;
	bool won = false;

	out->state = STORE_COMPOSE_UNSURE;
	if (result->is_unsure) {
		out->words = result->words;
		log_event(LOG_WARN, "sent.unsure", LOG_U64("bytes", bytes));
		return ERR_OK;
	}
	/* Should it fail, the page says "perhaps": never sent again. */
	err_ignore(store_compose_move(item->store, item->account,
	    item->compose_id, STORE_COMPOSE_UNSURE, STORE_COMPOSE_SENT,
	    item->draft->message_id.s, &won, &err));
	if (!won)
		log_event(LOG_ERROR, "sent.unrecorded",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
	out->state = STORE_COMPOSE_SENT;
	log_event(LOG_INFO, "sent", LOG_U64("bytes", bytes),
	    LOG_U64("recipients", item->draft->to.count +
	                              item->draft->cc.count +
	                              item->draft->bcc.count));
	outbox_after_sent(mail, item, fd, bytes, out);
	return ERR_OK;
}

static enum err_code
outbox_run(struct mail *mail, struct outbox_item *item,
    struct outbox_result *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	char *path = outbox_path(item, mail->arena);
	struct smtp_result result = {0};
	uint64_t bytes = 0;
	enum err_code rc;

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_run");
	rc = file_create(path, 0600, &fd, err);
	if (rc == ERR_OK)
		rc = outbox_build(mail, item, fd, false, &bytes, err);
	if (rc == ERR_OK)
		rc = outbox_submit(mail, item, fd, bytes, &result, err);
	if (rc == ERR_OK && !result.accepted && !result.is_unsure)
		rc = outbox_refused(&result, mail->arena, err);
	if (rc == ERR_OK)
		return outbox_sent(mail, item, fd, bytes, &result, out);
	err_ignore(file_remove(path, NULL));
	return rc;
}

enum err_code
outbox_send(struct mail *mail, struct outbox_item *item,
    struct outbox_result *out, struct err *err)
{
	bool won = false;
	struct err why = ERR_NONE;
	enum err_code rc;

	*out = (struct outbox_result){.state = STORE_COMPOSE_WRITING};
	item->draft->compose_id = str_of(NULL, 0);
	rc = store_compose_move(item->store, item->account, item->compose_id,
	    STORE_COMPOSE_WRITING, STORE_COMPOSE_SENDING,
	    item->draft->message_id.s, &won, err);
	if (rc != ERR_OK)
		return rc;
	if (!won)
		return outbox_now(mail, item, out, err);
	rc = outbox_run(mail, item, out, &why);
	if (rc == ERR_OK)
		return ERR_OK;
	/* The person gets a page about it; the server's own words stay here. */
	log_event(LOG_WARN, "sent.not", LOG_C("reason", err_name(rc)),
	    LOG_C("detail", why.detail));
	outbox_take_back(item, str_c(why.message));
	return err_set(err, rc, why.message, why.detail);
}

enum err_code
outbox_copy(struct mail *mail, struct outbox_item *item, struct str message_id,
    struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	char *path = outbox_path(item, mail->arena);
	struct mail_uids found = {0};
	uint32_t validity = 0;
	uint32_t uid = 0;
	struct text folder;
	enum err_code rc = outbox_folder_name(mail, MAIL_SENT, &folder, err);

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_copy");
	if (rc == ERR_OK)
		rc = mail_find_header(mail, folder, STR("Message-ID"),
		    message_id, &found, &validity, err);
	if (rc == ERR_OK && found.count == 0) {
		rc = file_open(path, &fd, err);
		if (rc != ERR_OK)
			rc = err_set(err, ERR_NOT_FOUND,
			    "The sent message is no longer kept here, so it "
			    "cannot be copied.",
			    "outbox_copy: no spool file");
		if (rc == ERR_OK)
			rc = mail_append(mail, folder, MAIL_SEEN, fd,
			    file_size(fd), &uid, err);
	}
	if (rc != ERR_OK)
		return rc;
	outbox_clear(item, mail->arena);
	return store_compose_result(
	    item->store, item->account, item->compose_id, STR(""), true, err);
}
