#include "page/compose_file.h"

#include "base/codec.h"
#include "base/tr.h"

/* For the header of the message, and for what stands around a part. */
#define COMPOSE_ROOM_BYTES ((uint64_t)8 << 10)

static bool
file_flush(struct compose_file *writer)
{
	if (writer->len == 0)
		return true;
	writer->rc = store_attachment_write(writer->store, writer->id,
	    writer->number, str_of(writer->chunk, writer->len), writer->err);
	writer->number++;
	writer->len = 0;
	return writer->rc == ERR_OK;
}

bool
compose_file_sink(void *ctx, struct str bytes)
{
	struct compose_file *writer = ctx;

	writer->total += bytes.len;
	if (compose_encoded(writer->total) > writer->max_encoded_bytes) {
		writer->rc = err_set(
		    writer->err, ERR_LIMIT, writer->too_large, "attachment");
		return false;
	}
	while (bytes.len > 0) {
		size_t room = OUTBOX_CHUNK_BYTES - writer->len;
		size_t take = bytes.len < room ? bytes.len : room;

		memcpy(writer->chunk + writer->len, bytes.ptr, take);
		writer->len += take;
		bytes = str_slice(bytes, take, bytes.len);
		if (writer->len == OUTBOX_CHUNK_BYTES && !file_flush(writer))
			return false;
	}
	return true;
}

/*
 * The id of a file follows from what it is, so that the same form sent twice
 * stores it once. FNV-1a (two of them): distinct, not secret.
 */
struct str
compose_file_id(
    struct arena *arena, const struct compose *compose, struct str what)
{
	const struct str parts[3] = {compose->id, STR(" "), what};
	uint64_t hash[2] = {14695981039346656037u, 1099511628211u * 31u};
	struct buf id;

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < parts[i].len; j++)
			for (size_t k = 0; k < 2; k++)
				hash[k] =
				    (hash[k] ^ ((unsigned char)parts[i].ptr[j] +
				                   k * 7)) *
				    1099511628211u;
	buf_init_arena(&id, arena, 64);
	codec_base64url_encode(&id, str_of((const char *)hash, sizeof(hash)));
	return buf_str(&id);
}

bool
compose_file_is_stored(
    const struct store_attachment *stored, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(stored[i].id, id))
			return true;
	return false;
}

/* Writes it whole, or leaves nothing behind. */
static enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
file_write(struct request *req, const struct compose *compose,
    const struct store_attachment *attachment, compose_file_fn *source,
    const void *from, struct compose_file *writer, struct err *err)
{
	struct str account = compose->account;
	enum err_code rc;

	/* What an interrupted upload left behind goes first. */
	err_ignore(store_attachment_delete(
	    writer->store, account, compose->id, attachment->id, NULL));
	rc = store_attachment_begin(
	    writer->store, account, compose->id, attachment, err);
	if (rc == ERR_OK)
		rc = source(req, from, writer, err);
	if (rc == ERR_OK && !file_flush(writer))
		rc = writer->rc;
	if (rc == ERR_OK)
		rc = store_attachment_end(
		    writer->store, attachment->id, writer->total, err);
	if (rc != ERR_OK)
		err_ignore(store_attachment_delete(
		    writer->store, account, compose->id, attachment->id, NULL));
	return rc;
}

/* What is left for one more file, and what to say when it is too large. */
static void
file_set_limit(struct request *req, const struct compose *compose,
    const struct store_attachment *stored, size_t count,
    struct compose_file *writer)
{
	uint64_t one = compose_file_limit(req);
	uint64_t whole = compose_limit(req);
	uint64_t used = compose->body.s.len + COMPOSE_ROOM_BYTES;
	uint64_t left;

	for (size_t i = 0; i < count; i++)
		used += compose_encoded(stored[i].bytes);
	left = used < whole ? whole - used : 0;
	if (one < left) {
		writer->max_encoded_bytes = one;
		writer->too_large = str_dup_bytes(req->arena,
		    str_printf(req->arena,
		        tr("one file may be as large as %.*s, counted as it "
		           "travels, which is a third more than on your disk."),
		        STR_ARG(view_size(req->arena, one).s)));
		return;
	}
	writer->max_encoded_bytes = left;
	writer->too_large = str_dup_bytes(req->arena,
	    str_printf(req->arena,
	        tr("the message would be too large. With all its files it may "
	           "have %.*s, counted as it travels, which is a third more "
	           "than "
	           "on your disk."),
	        STR_ARG(view_size(req->arena, whole).s)));
}

/* The same for all files of the account. */
static enum err_code
file_set_room(struct request *req, const struct compose *compose,
    uint64_t wanted, struct compose_file *writer, struct err *err)
{
	uint64_t left = UINT64_MAX;
	const char *words = NULL;
	enum err_code rc =
	    compose_file_room(req, compose, wanted, &left, &words, err);

	if (rc != ERR_OK || words == NULL ||
	    compose_encoded(left) >= writer->max_encoded_bytes)
		return rc;
	writer->max_encoded_bytes = compose_encoded(left);
	writer->too_large = words;
	return ERR_OK;
}

void
compose_file_refuse(struct request *req, struct compose *compose,
    const struct store_attachment *file, const char *words)
{
	struct buf all;

	buf_init_arena(&all, req->arena, LIMIT_HEADER_BYTES);
	buf_add(&all, compose->refused.s);
	if (all.len > 0)
		buf_add_c(&all, " ");
	buf_addf(&all, tr("“%.*s” was not attached: %s"),
	    STR_ARG(str_slice(file->name, 0, 200)), words);
	compose->refused = text_line(req->arena, buf_str(&all));
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
compose_file_store(struct request *req, struct compose *compose,
    const struct store_attachment *attachment, compose_file_fn *source,
    const void *from, bool knows_bytes, struct err *err)
{
	struct err why = ERR_NONE;
	struct compose_file writer = {
	    .store = req->app->store, .id = attachment->id, .err = &why};
	struct store_attachment *stored = NULL;
	size_t count = 0;
	enum err_code rc = store_attachment_list(writer.store, compose->account,
	    compose->id, req->arena, &stored, &count, err);

	if (rc != ERR_OK ||
	    compose_file_is_stored(stored, count, attachment->id))
		return rc;
	file_set_limit(req, compose, stored, count, &writer);
	rc = file_set_room(req, compose, attachment->bytes, &writer, err);
	if (rc != ERR_OK)
		return rc;
	if (writer.max_encoded_bytes == 0) {
		compose_file_refuse(req, compose, attachment, writer.too_large);
		return ERR_OK;
	}
	if (knows_bytes &&
	    compose_encoded(attachment->bytes) > writer.max_encoded_bytes) {
		compose_file_refuse(req, compose, attachment, writer.too_large);
		return ERR_OK;
	}
	/* Not of the arena: there may be many files. */
	writer.chunk = malloc(OUTBOX_CHUNK_BYTES);
	if (writer.chunk == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "file_store");
	rc = file_write(req, compose, attachment, source, from, &writer, &why);
	free(writer.chunk);
	if (rc == ERR_LIMIT) {
		compose_file_refuse(req, compose, attachment, why.message);
		return ERR_OK;
	}
	return rc == ERR_OK ? rc : err_set(err, rc, why.message, why.detail);
}
