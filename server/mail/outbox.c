#include "mail/outbox.h"

#include "base/log.h"
#include "base/tr.h"
#include "mail/outbox_inside.h"
#include "os/clock.h"
#include "os/fault.h"
#include "os/file.h"

/* The journal: from here on the server may have it. */
struct outbox_journal {
	const struct outbox_post *post;
	bool is_lost; /* somebody else has the row by now */
};

static bool
outbox_before_dot(void *ctx)
{
	struct outbox_journal *journal = ctx;
	const struct outbox_post *post = journal->post;
	bool won = false;
	struct err err = ERR_NONE;

	fault_point("send.before_journal");
	if (store_outbox_journal(
	        post->store, post->id, post->lease, &won, &err) != ERR_OK)
		log_event(LOG_ERROR, "outbox.journal",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
	else
		journal->is_lost = !won;
	fault_point("send.after_journal");
	return won;
}

static void
outbox_refused(const struct smtp_result *result, const struct outbox_post *post,
    struct arena *arena, struct outbox_result *out)
{
	out->end = result->is_temporary ? OUTBOX_LATER : OUTBOX_REFUSED;
	out->code = ERR_MAIL;
	out->words = outbox_refusal_words(result, post->count, arena);
	out->refused = ARENA_ARRAY(arena, result->refused_count, struct text);
	for (size_t i = 0; out->refused != NULL && i < result->refused_count;
	     i++)
		if (!result->refused[i].is_temporary)
			out->refused[out->refused_count++] =
			    result->refused[i].address;
	log_event(LOG_WARN, "outbox.refused", LOG_U64("code", result->code),
	    LOG_U64("recipients", post->count),
	    LOG_U64("refused", result->refused_count),
	    LOG_C("later", out->end == OUTBOX_LATER ? "yes" : "no"),
	    LOG_STR("said", result->said.s));
}

/* Whose turn it is when it did not even come to an answer. */
static void
outbox_failed(enum err_code rc, const struct err *err, struct arena *arena,
    struct outbox_result *out)
{
	bool is_final = rc == ERR_INPUT || rc == ERR_LIMIT || rc == ERR_MAIL ||
	                rc == ERR_LOGIN || rc == ERR_NOT_FOUND;

	out->end = rc == ERR_CANCELED ? OUTBOX_STOPPED
	           : is_final         ? OUTBOX_REFUSED
	                              : OUTBOX_LATER;
	out->code = rc;
	out->words = text_line(arena, str_dup(arena, str_c(err->message)));
	log_event(LOG_WARN, "outbox.not_sent", LOG_C("reason", err_name(rc)),
	    LOG_C("detail", err->detail));
}

static void
outbox_unsure(const struct outbox_post *post, const struct smtp_result *result,
    struct outbox_result *out)
{
	struct err err = ERR_NONE;

	out->end = OUTBOX_UNSURE;
	out->words = result->words;
	log_event(LOG_WARN, "outbox.unsure",
	    LOG_U64("bytes", post->spooled.message_bytes));
	/* Should it fail, it is UNSURE all the same: only words are missing. */
	if (store_outbox_unsure(post->store, post->id, post->lease,
	        result->words.s, &err) != ERR_OK)
		log_event(LOG_ERROR, "outbox.unrecorded",
		    LOG_C("reason", err_name(err.code)),
		    LOG_C("detail", err.detail));
}

static void
outbox_accepted(const struct outbox_post *post, struct outbox_result *out)
{
	struct err err = ERR_NONE;
	enum err_code rc;

	fault_point("send.after_250");
	rc = store_outbox_sent(post->store, post->id, post->lease,
	    post->is_handed_over ? clock_now_ms() : 0, &err);
	fault_point("send.noted");
	out->end = OUTBOX_SENT;
	log_event(LOG_INFO, "sent",
	    LOG_U64("bytes", post->spooled.message_bytes),
	    LOG_U64("recipients", post->count));
	if (rc == ERR_OK)
		return;
	/* It stays UNSURE: "perhaps sent", and never sent again. */
	out->end = OUTBOX_UNSURE;
	out->words =
	    tr_text("The mail server took the message, but this server "
	            "could not note it.");
	log_event(LOG_ERROR, "outbox.unrecorded", LOG_C("reason", err_name(rc)),
	    LOG_C("detail", err.detail));
}

static enum err_code
outbox_submit(struct mail *mail, struct outbox_journal *journal,
    struct smtp_result *result, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	const struct outbox_post *post = journal->post;
	struct smtp_message message = {
	    .from = post->from,
	    .recipients = post->recipients,
	    .count = post->count,
	    .offset = post->spooled.head_bytes,
	    .bytes = post->spooled.message_bytes,
	    .is_8bit = post->spooled.is_8bit,
	    .is_utf8 = post->spooled.is_utf8,
	    .asks_dsn = post->asks_dsn,
	    .envelope_id = post->id,
	    .before_dot = outbox_before_dot,
	    .ctx = journal,
	};
	char *path =
	    outbox_path(post->spool_folder, post->spooled.file, mail->arena);
	enum err_code rc =
	    path == NULL ? ERR_NO_MEMORY : file_open_plain(path, &fd, err);

	if (rc != ERR_OK)
		return err_set(err, rc,
		    "The message could not be read from the spool.",
		    "outbox: spool");
	message.fd = fd;
	fault_point("send.opened");
	return smtp_send(account_server(mail->account), post->login,
	    post->password, &message, &mail->wait, mail->arena, result, err);
}

void
outbox_send(struct mail *mail, const struct outbox_post *post,
    struct outbox_result *out)
{
	struct smtp_result result = {0};
	struct outbox_journal journal = {.post = post};
	struct err err = ERR_NONE;
	enum err_code rc = outbox_submit(mail, &journal, &result, &err);

	*out = (struct outbox_result){.end = OUTBOX_LATER};
	if (journal.is_lost) {
		out->end = OUTBOX_LOST;
		log_plain(LOG_ERROR, "outbox.lost");
	} else if (rc != ERR_OK) {
		outbox_failed(rc, &err, mail->arena, out);
	} else if (result.is_unsure) {
		outbox_unsure(post, &result, out);
	} else if (result.accepted) {
		outbox_accepted(post, out);
	} else {
		outbox_refused(&result, post, mail->arena, out);
	}
}
