#ifndef PAGE_POST_OFFICE_H
#define PAGE_POST_OFFICE_H
/*
 * Sends what waits in the outbox, with or without a browser: a few threads
 * that sleep until the next message is due. The steps of one sending are the
 * same in a request (UndoSend=0). mail/outbox.h tells the states.
 */
#include "mail/outbox.h"
#include "page/page_compose.h"

struct post_office;

/* Starts the threads; app is complete but for the doors. */
enum err_code post_office_start(struct app *app, struct err *err) WARN_UNUSED;
/* Something is due, perhaps: new rows, new times. Any thread. */
void post_office_wake(struct app *app);
/* What was not at the dot yet goes back and waits. app->office is freed. */
void post_office_stop(struct app *app);

/* What a row's envelope holds. */
struct post_envelope {
	struct text subject;
	struct str from;
	struct str *recipients;
	size_t count;
	bool is_8bit, is_utf8, asks_dsn, server_keeps_sent;
	/* What its writer speaks: in it the office says what became of it. */
	struct str language;
	/* The message it started from, as in struct compose. */
	enum compose_kind kind;
	struct text source_folder;
	uint32_t source_uid, source_validity;
};
/* ptr NULL: out of memory. */
struct str post_envelope_pack(
    struct arena *arena, const struct post_envelope *envelope);
/* ERR_INTERNAL when damaged. */
enum err_code post_envelope_unpack(struct str bytes, struct arena *arena,
    struct post_envelope *out, struct err *err) WARN_UNUSED;

/* One message in somebody's hands: of a worker, or of a request. */
struct post_work {
	struct app *app;
	const struct config *cfg;
	struct store_outbox *row; /* claimed */
	struct post_envelope envelope;
	const struct secret *password;
	struct mail mail;
	/* Its writer waits for the answer: what does not work at once is
	 * said and not tried again. */
	bool is_present;
	/* SENT already, and somebody may have copied it: see outbox_copy. */
	bool is_retried;
};
/*
 * Sends a claimed row (SENDING) and does all that follows; each outcome is
 * noted. *out tells what became of it; with is_present a failure leads back
 * to WRITING and is told there, and the copy of what was sent is left to the
 * office's own threads.
 */
void post_send(struct post_work *work, struct outbox_result *out);
/* The copy in Sent of a claimed row (SENT) and what follows. */
void post_copy(struct post_work *work);

/* The credential of a row, bound to it. */
enum err_code post_seal(struct app *app, const struct store_outbox *row,
    const struct secret *password, struct arena *arena, struct str *out,
    struct err *err) WARN_UNUSED;

/* Why a message came back, as the store keeps it. */
struct post_return {
	struct text words;    /* for people */
	struct text *refused; /* whom the server does not take; maybe nobody */
	size_t refused_count;
};
struct str post_return_pack(
    struct arena *arena, const struct post_return *back);
void post_return_unpack(
    struct str result, struct arena *arena, struct post_return *out);
/*
 * Stored words as the reader's language has them. The office speaks as the
 * writer did when he pressed Send, and English where it cannot know.
 */
struct text post_words_shown(struct arena *arena, struct str words);

/*
 * A date as the form has it ("2026-11-24T09:00"), in the writer's zone, as
 * Unix milliseconds. ERR_INPUT: none, past, or more than a year ahead.
 */
enum err_code post_time_check(struct request *req, struct text typed,
    int64_t *out_ms, struct err *err) WARN_UNUSED;
/* The way back, for the field. */
struct text post_time_field(struct request *req, int64_t unix_ms);

/* How long after so many tries the next one is made. */
int64_t post_wait_ms(uint32_t tries);
/* Are so many tries all there will be? */
bool post_is_over(uint32_t tries, int64_t retry_for_ms);

#endif
