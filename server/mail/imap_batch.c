#include "mail/imap_batch.h"

#include "base/limits.h"
#include "mail/account.h"
#include "os/clock.h"

void
imap_batch_init(struct imap_batch *batch, struct imap_conn *conn,
    imap_untagged_fn *untagged, void *ctx)
{
	size_t free_literal_bytes = 0;

	if (imap_conn_has(conn, IMAP_CAP_LITERAL_PLUS))
		free_literal_bytes = SIZE_MAX;
	else if (imap_conn_has(conn, IMAP_CAP_LITERAL_MINUS))
		free_literal_bytes = 4096;
	*batch =
	    (struct imap_batch){.conn = conn, .untagged = untagged, .ctx = ctx};
	imap_writer_init(&batch->writer, conn->next_tag, free_literal_bytes);
}

/* What is remembered of the folders may not be so any more. */
static void
batch_changes(const struct imap_batch *batch)
{
	enum account_change change = batch->writer.fills ? ACCOUNT_CHANGE_SPACE
	                             : batch->writer.moves
	                                 ? ACCOUNT_CHANGE_MOVE
	                                 : ACCOUNT_CHANGE_MARKS;

	if (batch->writer.changes && !batch->is_minded &&
	    batch->conn->account != NULL)
		account_counts_forget(&batch->conn->account->counts, change);
}

void
imap_batch_end(struct imap_batch *batch)
{
	batch_changes(batch);
	imap_writer_end(&batch->writer);
}

enum err_code
imap_arena_check(const struct arena *arena, struct err *err)
{
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY, NULL, "mail: arena");
	return ERR_OK;
}

static enum err_code
batch_broken(struct imap_batch *batch, enum err_code rc)
{
	batch->conn->is_broken = true;
	return rc;
}

/* Takes one response to where it belongs. */
static enum err_code
batch_take(struct imap_batch *batch, const struct imap_response *response,
    struct err *err)
{
	struct imap_conn *conn = batch->conn;
	uint32_t at = response->tag - batch->writer.first_tag;

	if (response->is_continue)
		return ERR_OK;
	if (response->is_untagged) {
		if (batch->untagged == NULL)
			return ERR_OK;
		return batch->untagged(
		    batch->ctx, &conn->reader, response, err);
	}
	if (at >= batch->writer.command_count || batch->ends[at].is_done)
		return err_set(err, ERR_MAIL,
		    "The mail server sent something that cannot be "
		    "understood. Please try again.",
		    "a tag that is none of ours");
	batch->ends[at].is_done = true;
	batch->ends[at].said = conn->said;
	if (response->status == IMAP_OK)
		batch->ends[at].code = str_dup(batch->arena, response->code);
	batch->done_count++;
	return ERR_OK;
}

static enum err_code
batch_next(struct imap_batch *batch, bool *out_is_continue, struct err *err)
{
	struct imap_response response;
	enum err_code rc = imap_read(&batch->conn->reader, &response, err);

	if (rc == ERR_OK && batch->conn->is_doubtful)
		rc = err_set(err, ERR_AWAY,
		    "The mail server sent something that cannot be "
		    "understood. Please try again.",
		    "imap: it lost count of its messages");
	if (rc == ERR_OK)
		rc = batch_take(batch, &response, err);
	/* Nothing comes behind it, but some leave the connection open. */
	if (rc == ERR_OK && batch->conn->said_bye)
		rc = err_setf(err, ERR_AWAY,
		    "The mail server closed the connection. Please try again "
		    "in a moment.",
		    "imap: BYE %s", batch->conn->said.text);
	if (rc != ERR_OK)
		return batch_broken(batch, rc);
	*out_is_continue = response.is_continue;
	return ERR_OK;
}

enum err_code
imap_batch_start(struct imap_batch *batch, struct arena *arena, struct err *err)
{
	struct imap_conn *conn = batch->conn;
	struct str all;
	enum err_code rc = buf_end(&batch->writer.out, &all, err);

	if (rc == ERR_INPUT)
		return err_set(err, rc,
		    "A name or word contains a line break, which is not "
		    "possible.",
		    "line break in an argument");
	if (rc == ERR_OK && conn->is_spent)
		return err_set(err, ERR_AWAY,
		    "The mail server is busy. Please try again in a moment.",
		    "imap: still at work on what nobody waits for");
	if (rc != ERR_OK)
		return rc;
	batch->arena = arena;
	batch->ends =
	    ARENA_ARRAY(arena, batch->writer.command_count, struct imap_end);
	if (batch->ends == NULL)
		return imap_arena_check(arena, err);
	batch_changes(batch);
	conn->next_tag += (uint32_t)batch->writer.command_count;
	stream_begin_own(conn->stream);
	imap_reader_begin(&conn->reader);
	conn->reader.sink = batch->sink;
	conn->reader.sink_ctx = batch->sink_ctx;
	imap_conn_command(conn);
	/* Without them there is time for another try (account_folders.h). */
	if (conn->asks_counts && conn->command_wait_ms == 0)
		imap_conn_hurry(conn, conn->server->cfg->imap_wait_ms / 2);
	return ERR_OK;
}

enum err_code
imap_batch_resume(struct imap_batch *batch, uint32_t tag, int64_t most_ms,
    struct arena *arena, struct err *err)
{
	struct imap_conn *conn = batch->conn;

	batch->writer.first_tag = tag;
	batch->writer.command_count = 1;
	batch->arena = arena;
	batch->ends = ARENA_ARRAY(arena, 1, struct imap_end);
	if (batch->ends == NULL)
		return imap_arena_check(arena, err);
	stream_begin_own(conn->stream);
	imap_reader_begin(&conn->reader);
	imap_conn_command(conn);
	imap_conn_hurry(conn, most_ms);
	return imap_batch_finish(batch, err);
}

enum err_code
imap_batch_wait_go(
    struct imap_batch *batch, size_t command, bool *out_go, struct err *err)
{
	*out_go = false;
	while (!batch->ends[command].is_done && !*out_go) {
		enum err_code rc = batch_next(batch, out_go, err);

		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

/* All is answered but what nobody has to wait for. */
static bool
batch_has_enough(const struct imap_batch *batch)
{
	size_t count = batch->writer.command_count;

	return batch->has_extra && batch->done_count + 1 == count &&
	       !batch->ends[count - 1].is_done;
}

enum err_code
imap_batch_finish(struct imap_batch *batch, struct err *err)
{
	bool is_hurried = false;

	while (batch->done_count < batch->writer.command_count) {
		bool is_continue;
		enum err_code rc;

		if (!is_hurried && batch_has_enough(batch)) {
			is_hurried = true;
			imap_conn_hurry(batch->conn, LIMIT_IMAP_EXTRA_MS);
		}
		rc = batch_next(batch, &is_continue, err);
		if (is_hurried && rc == ERR_AWAY) {
			batch->conn->is_spent = true;
			return ERR_OK;
		}
		if (rc != ERR_OK)
			return rc;
	}
	batch->conn->asks_counts = false;
	return ERR_OK;
}

static enum err_code
batch_send(struct imap_batch *batch, size_t from, size_t to, struct err *err)
{
	struct str bytes = str_slice(buf_str(&batch->writer.out), from, to);
	enum err_code rc;

	if (stream_write(batch->conn->stream, bytes))
		return ERR_OK;
	rc = stream_error(batch->conn->stream, err);
	if (rc == ERR_AWAY)
		(void)err_set(err, rc,
		    "The mail server closed the connection. Please try again "
		    "in a moment.",
		    "write failed");
	return batch_broken(batch, rc);
}

enum err_code
imap_batch_begin(struct imap_batch *batch, struct arena *arena, struct err *err)
{
	enum err_code rc = imap_batch_start(batch, arena, err);
	size_t all = batch->writer.out.len;
	size_t at = 0;

	for (size_t i = 0; rc == ERR_OK && i < batch->writer.pause_count; i++) {
		size_t stop = batch->writer.pauses[i].offset;
		bool go = false;

		if (stop < at)
			continue;
		rc = batch_send(batch, at, stop, err);
		at = stop;
		if (rc == ERR_OK)
			rc = imap_batch_wait_go(
			    batch, batch->writer.pauses[i].command, &go, err);
		if (rc == ERR_OK && !go)
			at = batch->writer.pauses[i].resume;
	}
	if (rc == ERR_OK && at < all)
		rc = batch_send(batch, at, all, err);
	return rc;
}

enum err_code
imap_batch_wait(struct imap_batch *batch, size_t at, struct err *err)
{
	while (!batch->ends[at].is_done) {
		bool is_continue;
		enum err_code rc = batch_next(batch, &is_continue, err);

		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

enum err_code
imap_batch_run(struct imap_batch *batch, struct arena *arena, struct err *err)
{
	int64_t start_us = clock_mono_us();
	enum err_code rc = imap_batch_begin(batch, arena, err);

	if (rc == ERR_OK)
		rc = imap_batch_finish(batch, err);
	batch->conn->trip_us = clock_mono_us() - start_us;
	return rc;
}

bool
imap_batch_is_ok(const struct imap_batch *batch, size_t at)
{
	return batch->ends != NULL && batch->ends[at].is_done &&
	       batch->ends[at].said.status == IMAP_OK;
}

enum err_code
imap_batch_need(const struct imap_batch *batch, size_t at, const char *what,
    struct err *err)
{
	if (imap_batch_is_ok(batch, at))
		return ERR_OK;
	return imap_said_err(
	    batch->conn->server, &batch->ends[at].said, what, err);
}
