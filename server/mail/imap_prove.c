#include "mail/imap_prove.h"

#include "base/limits.h"
#include "mail/imap_item.h"
#include "mail/imap_message.h"

/* Of the fields: enough to tell any two messages from each other. */
#define PROVE_HEADER_BYTES ((size_t)8192)
#define PROVE_PIECE        1000u

/* Dovecot and Cyrus have them in their caches, or nearly so. */
static const char *const prove_names[] = {"Message-ID", "Date", "From", "To",
    "Cc", "Subject", "Received", "Content-Type"};
#define PROVE_NAMES (sizeof(prove_names) / sizeof(prove_names[0]))

/* ---- one message ---- */
static void
prove_print(struct imap_prove *prove, struct imap_prints *into,
    const struct imap_print *from, uint64_t bytes, int64_t arrived_s,
    struct str fields)
{
	struct arena *arena = prove->arena;
	char room[PROVE_HEADER_BYTES + 64];
	struct imap_print *bigger;
	int head = snprintf(room, 64, "%llu %lld\n", (unsigned long long)bytes,
	    (long long)arrived_s);

	if (prove->is_off || into->count >= prove->most) {
		prove->is_off = true;
		return;
	}
	bigger = arena_grow(
	    arena, into->list, into->count, &into->capacity, sizeof(*bigger));
	if (bigger == NULL) {
		prove->is_off = true;
		return;
	}
	into->list = bigger;
	fields = str_slice(fields, 0, PROVE_HEADER_BYTES);
	if (fields.len > 0)
		memcpy(room + head, fields.ptr, fields.len);
	into->list[into->count] = *from;
	prove->is_off = !net_digest(str_of(room, (size_t)head + fields.len),
	    into->list[into->count].digest);
	into->count++;
}

static bool
prove_is_field(struct str line)
{
	struct str name = str_slice(line, 0, str_find_byte(line, ':', 0));

	for (size_t i = 0; i < PROVE_NAMES; i++)
		if (str_eq_nocase(name, str_c(prove_names[i])))
			return true;
	return false;
}

void
imap_prove_fields(struct str header, struct buf *out)
{
	bool is_in = false;

	while (header.len > 0) {
		size_t end = str_find(header, STR("\r\n"), 0);
		struct str line =
		    str_slice(header, 0, end < header.len ? end + 2 : end);

		if (line.len <= 2)
			break;
		header = str_slice(header, line.len, header.len);
		/* A line that begins with a blank goes on with the field. */
		if (line.ptr[0] != ' ' && line.ptr[0] != '\t')
			is_in = prove_is_field(line);
		if (is_in)
			buf_add(out, line);
	}
	buf_add(out, STR("\r\n"));
}

void
imap_prove_add(struct imap_prove *prove, uint64_t bytes, int64_t arrived_s,
    struct str header, size_t what)
{
	struct imap_print print = {.what = what};
	struct buf fields;

	if (prove->is_off)
		return;
	buf_init(&fields, header.len + 2);
	imap_prove_fields(header, &fields);
	if (fields.failed != ERR_OK)
		prove->is_off = true;
	else
		prove_print(prove, &prove->there, &print, bytes, arrived_s,
		    buf_str(&fields));
	buf_free(&fields);
}

/* ---- asking ---- */
static enum err_code
prove_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_prove *prove = ctx;
	struct imap_tokens tokens;
	struct imap_item item;
	struct imap_print print = {0};

	if (!str_eq_nocase(response->name, STR("FETCH")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	/* Marks that others change come without a header. */
	if (!imap_item_parse(&tokens, &item) || item.body == 0 ||
	    item.uid == 0 || item.uid < prove->first_uid)
		return ERR_OK;
	print.uid = item.uid;
	if (!item.has_bytes)
		prove->is_off = true;
	prove_print(prove, prove->into, &print, item.bytes, item.arrived_s,
	    imap_token_str(&tokens, item.body));
	return imap_arena_check(prove->arena, err);
}

static void
prove_fetch(struct imap_prove *prove, struct imap_conn *conn, struct str set)
{
	struct imap_batch batch;

	imap_batch_init(&batch, conn, prove_untagged, prove);
	imap_write_begin(&batch.writer, "UID FETCH ");
	buf_add(&batch.writer.out, set);
	imap_write_raw(&batch.writer,
	    " (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (");
	for (size_t i = 0; i < PROVE_NAMES; i++) {
		imap_write_raw(&batch.writer, i == 0 ? "" : " ");
		imap_write_raw(&batch.writer, prove_names[i]);
	}
	imap_write_raw(&batch.writer, ")]<0.");
	imap_write_number(&batch.writer, PROVE_HEADER_BYTES);
	imap_write_raw(&batch.writer, ">)");
	imap_write_end(&batch.writer);
	if (imap_batch_run(&batch, prove->arena, NULL) != ERR_OK ||
	    !imap_batch_is_ok(&batch, 0))
		prove->is_off = true;
	imap_batch_end(&batch);
}

static enum err_code
prove_status(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_prove *prove = ctx;
	struct imap_tokens tokens;

	(void)err;
	if (!str_eq_nocase(response->name, STR("STATUS")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (!imap_token_is_list(&tokens, 1))
		return ERR_OK;
	for (uint32_t at = 2; at + 1 < imap_token_next(&tokens, 1); at += 2) {
		uint64_t number = imap_token_u64(&tokens, at + 1);

		if (number > UINT32_MAX)
			continue;
		if (imap_token_is(&tokens, at, STR("UIDVALIDITY")))
			prove->uid_validity = (uint32_t)number;
		else if (imap_token_is(&tokens, at, STR("UIDNEXT")))
			prove->uid_next = (uint32_t)number;
	}
	return ERR_OK;
}

void
imap_prove_begin(struct imap_prove *prove, struct imap_conn *conn,
    struct arena *arena, struct str folder)
{
	struct imap_batch batch;

	*prove = (struct imap_prove){
	    .arena = arena, .folder = folder, .most = IMAP_PROVE_MOST};
	/* It may be the open one. */
	if (imap_conn_look(conn, NULL) != ERR_OK) {
		prove->is_off = true;
		return;
	}
	imap_batch_init(&batch, conn, prove_status, prove);
	imap_write_begin(&batch.writer, "STATUS ");
	imap_write_string(&batch.writer, folder);
	imap_write_raw(&batch.writer, " (UIDNEXT UIDVALIDITY)");
	imap_write_end(&batch.writer);
	if (imap_batch_run(&batch, arena, NULL) != ERR_OK)
		prove->is_off = true;
	imap_batch_end(&batch);
	if (prove->uid_next == 0 || prove->uid_validity == 0)
		prove->is_off = true;
}

void
imap_prove_look(struct imap_prove *prove, struct imap_conn *conn,
    const struct mail_set *set)
{
	uint64_t from = 0;

	prove->into = &prove->there;
	prove->first_uid = 0;
	while (!prove->is_off) {
		struct mail_set piece = mail_set_from(
		    prove->arena, set, from, PROVE_PIECE, SIZE_MAX);

		if (piece.total == 0)
			return;
		prove->is_off =
		    prove->there.count + piece.total > IMAP_PROVE_MOST;
		if (!prove->is_off)
			prove_fetch(
			    prove, conn, mail_set_text(prove->arena, &piece));
		from = (uint64_t)piece.ranges[piece.count - 1].last + 1;
	}
}

/* ---- finding ---- */
static int
prove_compare(const void *a, const void *b)
{
	const struct imap_print *one = a;
	const struct imap_print *other = b;
	int order = memcmp(one->digest, other->digest, sizeof(one->digest));

	if (order != 0)
		return order;
	if (one->uid != other->uid)
		return one->uid < other->uid ? -1 : 1;
	return (one->what > other->what) - (one->what < other->what);
}

static void
prove_sort(struct imap_prints *prints)
{
	if (prints->count > 1)
		qsort(prints->list, prints->count, sizeof(*prints->list),
		    prove_compare);
}

static bool
prove_same(const struct imap_print *one, const struct imap_print *other)
{
	return memcmp(one->digest, other->digest, sizeof(one->digest)) == 0;
}

bool
imap_prove_match(struct imap_prints *there, struct imap_prints *came)
{
	size_t at = 0;

	prove_sort(there);
	prove_sort(came);
	for (size_t i = 0; i < there->count; i++) {
		struct imap_print *print = &there->list[i];

		/* What came besides, until something of ours must be next. */
		while (at < came->count &&
		       memcmp(came->list[at].digest, print->digest,
		           sizeof(print->digest)) < 0) {
			/* One more than we put there: which are ours? */
			if (i > 0 &&
			    prove_same(&came->list[at], &there->list[i - 1]))
				return false;
			at++;
		}
		if (at == came->count || !prove_same(&came->list[at], print) ||
		    (at > 0 && came->list[at].uid == came->list[at - 1].uid))
			return false;
		print->found = came->list[at++].uid;
	}
	return there->count > 0 &&
	       (at == came->count || !prove_same(&came->list[at],
	                                 &there->list[there->count - 1]));
}

bool
imap_prove_find(struct imap_prove *prove, struct imap_conn *conn)
{
	struct imap_prints came = {0};
	struct buf set;

	if (prove->is_off || prove->there.count == 0 ||
	    imap_folder_fresh(conn, prove->folder, prove->uid_validity, NULL) !=
	        ERR_OK)
		return false;
	prove->into = &came;
	prove->first_uid = prove->uid_next;
	prove->most = 2 * (size_t)IMAP_PROVE_MOST;
	buf_init_arena(&set, prove->arena, 64);
	buf_addf(&set, "%u:*", (unsigned)prove->uid_next);
	prove_fetch(prove, conn, buf_str(&set));
	return !prove->is_off && imap_prove_match(&prove->there, &came);
}

struct mail_set
imap_prove_set(const struct imap_prove *prove)
{
	uint32_t *uids =
	    ARENA_ARRAY(prove->arena, prove->there.count + 1, uint32_t);

	if (uids == NULL)
		return (struct mail_set){0};
	for (size_t i = 0; i < prove->there.count; i++)
		uids[i] = prove->there.list[i].found;
	return mail_set_of(prove->arena, uids, prove->there.count);
}
