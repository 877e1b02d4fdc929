#ifndef MAIL_IMAP_BATCH_H
#define MAIL_IMAP_BATCH_H
/*
 * Several commands sent at once and their answers, in whatever order the
 * server completes them. Commands are written by imap_write.h on
 * batch.writer.
 */
#include "mail/imap_conn.h"
#include "mail/imap_write.h"

/*
 * One untagged response; its strings live until the next. An error ends the
 * batch and the connection.
 */
typedef enum err_code imap_untagged_fn(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err);

/* How one command ended. */
struct imap_end {
	bool is_done;
	struct imap_said said;
	struct str code; /* of an OK, whole: "COPYUID 7 1:9 4:12" */
};

#define IMAP_BATCH_MOST 256u

struct imap_batch {
	struct imap_conn *conn;
	struct imap_writer writer;
	imap_untagged_fn *untagged; /* NULL: nobody listens */
	void *ctx;
	/* Where the literal of a BODY[…] goes; NULL: kept like the rest. */
	bool (*sink)(void *ctx, struct str bytes);
	void *sink_ctx;
	struct arena *arena;   /* of the answers */
	struct imap_end *ends; /* one per command, in the arena */
	size_t done_count;
	/* Its caller tells account->counts what it changes. */
	bool is_minded;
	/* The last command, if nobody has to wait for its answer. */
	bool has_extra;
};

void imap_batch_init(struct imap_batch *batch, struct imap_conn *conn,
    imap_untagged_fn *untagged, void *ctx);
void imap_batch_end(struct imap_batch *batch);
/*
 * Sends and waits until every command is answered; batch->ends has how.
 * ERR_OK even when the server said NO or BAD. ERR_INPUT: an argument held CR,
 * LF or NUL; nothing was sent. Else the connection is broken.
 */
enum err_code imap_batch_run(
    struct imap_batch *batch, struct arena *arena, struct err *err) WARN_UNUSED;
/* Sends; imap_batch_wait and imap_batch_finish read the answers. */
enum err_code imap_batch_begin(
    struct imap_batch *batch, struct arena *arena, struct err *err) WARN_UNUSED;
/*
 * Waits at most so long for the answer to one command that was sent before, by
 * another batch that did not wait for it.
 */
enum err_code imap_batch_resume(struct imap_batch *batch, uint32_t tag,
    int64_t most_ms, struct arena *arena, struct err *err) WARN_UNUSED;
/* Waits until command `at` is answered; others may be, too. */
enum err_code imap_batch_wait(
    struct imap_batch *batch, size_t at, struct err *err) WARN_UNUSED;
/* ERR_MAIL with the server's words unless command `at` was answered OK. */
enum err_code imap_batch_need(const struct imap_batch *batch, size_t at,
    const char *what, struct err *err) WARN_UNUSED;
bool imap_batch_is_ok(const struct imap_batch *batch, size_t at);

/* Parts of a run, for what is sent between them (APPEND). */
enum err_code imap_batch_start(
    struct imap_batch *batch, struct arena *arena, struct err *err) WARN_UNUSED;
/* Waits for "+": *out_go false when the command was answered instead. */
enum err_code imap_batch_wait_go(struct imap_batch *batch, size_t command,
    bool *out_go, struct err *err) WARN_UNUSED;
/*
 * With has_extra, the last command is waited for at most
 * LIMIT_IMAP_EXTRA_MS after all others: then the connection is spent (no
 * further batch begins on it) and batch->ends says that it is not done.
 */
enum err_code imap_batch_finish(
    struct imap_batch *batch, struct err *err) WARN_UNUSED;

/* ERR_NO_MEMORY unless the arena held everything. */
enum err_code imap_arena_check(
    const struct arena *arena, struct err *err) WARN_UNUSED;

#endif
