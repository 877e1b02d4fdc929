#include "base/limits.h"
#include "mail/imap_search.h"
#include "mail/imap_structure.h"

/* So many structures are looked at: about 100 ms of Dovecot's time. */
#define ATTACHED_MOST ((size_t)1000)

struct attached {
	struct arena *arena;
	struct imap_found found;
	uint32_t *uids;
	size_t count;
};

static enum err_code
attached_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct attached *attached = ctx;
	struct imap_tokens tokens;
	struct imap_item item;

	if (!str_eq_nocase(response->name, STR("FETCH"))) {
		imap_found_add(
		    &attached->found, attached->arena, reader, response);
		return imap_arena_check(attached->arena, err);
	}
	tokens = imap_read_tokens(reader, response);
	if (!imap_item_parse(&tokens, &item) || item.uid == 0 ||
	    item.structure == 0 || attached->uids == NULL ||
	    attached->count == ATTACHED_MOST ||
	    !imap_structure_has_attachment(&tokens, item.structure))
		return ERR_OK;
	attached->uids[attached->count++] = item.uid;
	return ERR_OK;
}

static enum err_code
attached_search(struct attached *attached, struct imap_conn *conn,
    const struct mail_search *search, struct err *err)
{
	struct imap_search what = {
	    .search = search, .stage = IMAP_SEARCH_UNMARKED};
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, attached_untagged, attached);
	imap_search_command(&batch, &what);
	rc = imap_batch_run(&batch, attached->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
attached_fetch(struct attached *attached, struct imap_conn *conn,
    const uint32_t *uids, size_t count, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, attached_untagged, attached);
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_set(&batch.writer, uids, count);
	imap_write_raw(&batch.writer, " (UID BODYSTRUCTURE)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, attached->arena, err);
	if (rc == ERR_OK && batch.ends[0].said.status == IMAP_BAD)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

static int
attached_by_uid(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left > *right) - (*left < *right);
}

enum err_code
imap_search_attached(struct imap_conn *conn, struct arena *arena,
    struct imap_search *what, uint32_t *out_unlooked, struct err *err)
{
	struct attached attached = {.arena = arena};
	uint32_t *maybe = ARENA_ARRAY(arena, ATTACHED_MOST, uint32_t);
	size_t count = 0;
	enum err_code rc;

	*out_unlooked = 0;
	attached.uids = ARENA_ARRAY(arena, ATTACHED_MOST, uint32_t);
	if (maybe == NULL || attached.uids == NULL)
		return imap_arena_check(arena, err);
	rc = attached_search(&attached, conn, what->search, err);
	if (rc == ERR_OK)
		count = imap_found_page(
		    &attached.found, true, 0, ATTACHED_MOST, maybe);
	if (rc == ERR_OK && count > 0)
		rc = attached_fetch(&attached, conn, maybe, count, err);
	if (rc != ERR_OK)
		return rc;
	if (attached.found.total > count)
		*out_unlooked = attached.found.total - (uint32_t)count;
	if (attached.count > 0)
		qsort(attached.uids, attached.count, sizeof(*attached.uids),
		    attached_by_uid);
	what->stage = IMAP_SEARCH_EXACT;
	what->attached = attached.uids;
	what->attached_count = attached.count;
	return ERR_OK;
}
