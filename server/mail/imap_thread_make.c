#include "base/secret.h"
#include "mail/imap_thread_order.h"

/* ---- told by a server ---- */
static bool
make_add(struct imap_thread_maker *maker, uint32_t uid)
{
	uint32_t *bigger = arena_grow(maker->arena, maker->uids, maker->count,
	    &maker->capacity, sizeof(*bigger));

	if (bigger == NULL)
		return false;
	maker->uids = bigger;
	maker->uids[maker->count++] = uid;
	return true;
}

static bool
make_end(struct imap_thread_maker *maker)
{
	uint32_t *bigger = arena_grow(maker->arena, maker->ends,
	    maker->end_count, &maker->end_capacity, sizeof(*bigger));

	if (bigger == NULL)
		return false;
	maker->ends = bigger;
	maker->ends[maker->end_count++] = (uint32_t)maker->count;
	return true;
}

static bool
make_take(void *ctx, uint32_t uid)
{
	struct imap_thread_maker *maker = ctx;
	size_t start =
	    maker->end_count == 0 ? 0 : maker->ends[maker->end_count - 1];

	if (uid != 0)
		return maker->count <= 2 * IMAP_THREAD_ORDER_MOST &&
		       make_add(maker, uid);
	return maker->count == start || make_end(maker);
}

void
imap_thread_told(struct imap_thread_maker *maker, struct str bytes)
{
	if (!maker->is_broken)
		maker->is_broken = !imap_threads_parse(bytes, make_take, maker);
}

/* ---- made from headers ---- */
#define IDS_OF_ONE 100u /* of one message; a long thread names its first */

/* Who has an id, by its hash; sets of messages as a forest (union-find). */
struct imap_thread_ids {
	uint64_t seed;
	struct {
		uint64_t hash; /* 0: free */
		uint32_t at;   /* in uids */
	} * slots;
	size_t slot_count, used;
	uint32_t *parents; /* as many as uids */
	size_t capacity;
};

static struct imap_thread_ids *
ids_new(struct arena *arena)
{
	struct imap_thread_ids *ids = ARENA_NEW(arena, struct imap_thread_ids);

	if (ids == NULL)
		return NULL;
	secret_fill_random(&ids->seed, sizeof(ids->seed));
	ids->slot_count = (size_t)1 << 17;
	ids->slots = arena_array(arena, ids->slot_count, sizeof(*ids->slots));
	return ids->slots == NULL ? NULL : ids;
}

static uint64_t
ids_hash(const struct imap_thread_ids *ids, struct str id)
{
	uint64_t hash = ids->seed;

	for (size_t i = 0; i < id.len; i++) {
		hash ^= (unsigned char)id.ptr[i];
		hash *= UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 33;
	}
	return hash == 0 ? 1 : hash;
}

static uint32_t
ids_root(struct imap_thread_ids *ids, uint32_t at)
{
	while (ids->parents[at] != at) {
		ids->parents[at] = ids->parents[ids->parents[at]];
		at = ids->parents[at];
	}
	return at;
}

/* This message has, or names, that id. */
static void
ids_note(struct imap_thread_ids *ids, uint32_t at, struct str id)
{
	uint64_t hash = ids_hash(ids, id);
	size_t slot = (size_t)hash & (ids->slot_count - 1);

	while (ids->slots[slot].hash != 0 && ids->slots[slot].hash != hash)
		slot = (slot + 1) & (ids->slot_count - 1);
	if (ids->slots[slot].hash == hash) {
		uint32_t one = ids_root(ids, at);
		uint32_t other = ids_root(ids, ids->slots[slot].at);

		/* The lower one stays: no order of arrival makes it deep. */
		if (one < other)
			ids->parents[other] = one;
		else
			ids->parents[one] = other;
	} else if (ids->used < ids->slot_count / 2) {
		ids->slots[slot].hash = hash;
		ids->slots[slot].at = at;
		ids->used++;
	}
}

/* msg-id = "<" … ">" (RFC 5322, 3.6.4); all of a header's lines. */
static void
ids_take(struct imap_thread_ids *ids, uint32_t at, struct str header)
{
	size_t from = 0;

	for (size_t count = 0; count < IDS_OF_ONE; count++) {
		size_t start = str_find_byte(header, '<', from);
		size_t end = str_find_byte(header, '>', start);

		if (end >= header.len)
			return;
		/* Of several "<" the last; each byte is looked at once. */
		for (size_t i = start + 1; i < end; i++)
			if (header.ptr[i] == '<')
				start = i;
		if (end - start > 3 && end - start < 300)
			ids_note(ids, at, str_slice(header, start, end + 1));
		from = end + 1;
	}
}

void
imap_thread_read(
    struct imap_thread_maker *maker, uint32_t uid, struct str header)
{
	struct imap_thread_ids *ids = maker->ids;
	uint32_t *bigger;

	if (ids == NULL)
		ids = maker->ids = ids_new(maker->arena);
	if (ids == NULL)
		return;
	bigger = arena_grow(maker->arena, ids->parents, maker->count,
	    &ids->capacity, sizeof(*bigger));
	if (bigger == NULL || !make_add(maker, uid))
		return;
	ids->parents = bigger;
	ids->parents[maker->count - 1] = (uint32_t)(maker->count - 1);
	ids_take(ids, (uint32_t)(maker->count - 1), header);
}

struct make_member {
	uint32_t root, uid;
};

static int
make_by_root(const void *a, const void *b)
{
	const struct make_member *left = a;
	const struct make_member *right = b;

	return (left->root > right->root) - (left->root < right->root);
}

void
imap_thread_join(struct imap_thread_maker *maker)
{
	size_t count = maker->count;
	struct make_member *members =
	    ARENA_ARRAY(maker->arena, count, struct make_member);

	if (maker->ids == NULL || members == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		members[i] = (struct make_member){
		    ids_root(maker->ids, (uint32_t)i), maker->uids[i]};
	if (count > 1)
		qsort(members, count, sizeof(*members), make_by_root);
	maker->count = 0;
	for (size_t i = 0; i < count; i++) {
		maker->uids[maker->count++] = members[i].uid;
		if (i + 1 == count || members[i].root != members[i + 1].root)
			(void)make_end(maker);
	}
}

/* ---- in order ---- */
struct make_piece {
	uint32_t start, size, top;
};

static int
make_falling(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left < *right) - (*left > *right);
}

static int
make_newest(const void *a, const void *b)
{
	const struct make_piece *left = a;
	const struct make_piece *right = b;

	return (left->top < right->top) - (left->top > right->top);
}

/* Pieces of at most MAIL_CONVERSATION_MOST; repeated UIDs stand once. */
static size_t
make_pieces(struct imap_thread_maker *maker, struct make_piece *pieces)
{
	size_t count = 0;
	uint32_t start = 0;

	for (size_t i = 0; i < maker->end_count; i++) {
		uint32_t end = maker->ends[i];
		uint32_t *uids = maker->uids + start;
		uint32_t kept = 0;

		if (end - start > 1)
			qsort(uids, end - start, sizeof(*uids), make_falling);
		for (uint32_t at = 0; at < end - start; at++)
			if (kept == 0 || uids[at] != uids[kept - 1])
				uids[kept++] = uids[at];
		for (uint32_t at = 0; at < kept; at += MAIL_CONVERSATION_MOST)
			pieces[count++] = (struct make_piece){start + at,
			    kept - at < MAIL_CONVERSATION_MOST
			        ? kept - at
			        : MAIL_CONVERSATION_MOST,
			    uids[at]};
		start = end;
	}
	return count;
}

bool
imap_thread_made(struct imap_thread_maker *maker, struct imap_thread_order *out)
{
	struct arena *arena = maker->arena;
	size_t most = maker->end_count + maker->count / MAIL_CONVERSATION_MOST;
	struct make_piece *pieces = ARENA_ARRAY(arena, most, struct make_piece);
	uint32_t *uids = ARENA_ARRAY(arena, maker->count, uint32_t);
	unsigned char *sizes = arena_array(arena, most, 1);
	size_t count;

	if (maker->is_broken || arena_failed(arena))
		return false;
	count = make_pieces(maker, pieces);
	if (count > 1)
		qsort(pieces, count, sizeof(*pieces), make_newest);
	out->uid_count = 0;
	for (size_t i = 0; i < count; i++) {
		for (uint32_t at = 0; at < pieces[i].size; at++)
			uids[out->uid_count++] =
			    maker->uids[pieces[i].start + at];
		sizes[i] = (unsigned char)pieces[i].size;
	}
	out->thread_count = (uint32_t)count;
	out->top_uid = count > 0 ? uids[0] : 0;
	out->uids = uids;
	out->sizes = sizes;
	return true;
}
