#include "mail/imap_threads.h"

#include <stdlib.h>

#include "base/scan.h"

void
imap_threads_end(struct imap_threads *threads)
{
	free(threads->uids);
	*threads = (struct imap_threads){0};
}

static bool
threads_add(struct imap_threads *threads, uint32_t uid)
{
	if (threads->count == threads->capacity) {
		size_t capacity =
		    threads->capacity == 0 ? 64 : threads->capacity * 2;
		uint32_t *bigger =
		    realloc(threads->uids, capacity * sizeof(*bigger));

		if (bigger == NULL)
			return false;
		threads->uids = bigger;
		threads->capacity = capacity;
	}
	threads->uids[threads->count++] = uid;
	return true;
}

/* ---- what a server tells ---- */
static bool
threads_parse_one(struct scan *scan, imap_threads_fn *take, void *ctx)
{
	size_t depth = 0;
	uint64_t uid;

	do {
		scan_blank(scan);
		if (scan_byte(scan, '(')) {
			depth++;
		} else if (scan_byte(scan, ')')) {
			depth--;
		} else if (!scan_u64(scan, UINT32_MAX, &uid) || uid == 0 ||
		           !take(ctx, (uint32_t)uid)) {
			return false;
		}
	} while (depth > 0);
	return take(ctx, 0);
}

bool
imap_threads_parse(struct str bytes, imap_threads_fn *take, void *ctx)
{
	struct scan scan = scan_of(bytes);

	scan_blank(&scan);
	while (scan_peek(&scan) == '(') {
		if (!threads_parse_one(&scan, take, ctx))
			return false;
		scan_blank(&scan);
	}
	return scan_end(&scan);
}

/* ---- what is kept ---- */
struct threads_told {
	struct imap_threads *threads;
	size_t start; /* of the conversation under way */
};

static bool
threads_take(void *ctx, uint32_t uid)
{
	struct threads_told *told = ctx;
	struct imap_threads *threads = told->threads;
	size_t count = threads->count - told->start;

	if (uid != 0)
		return count <= IMAP_THREADS_MOST && threads_add(threads, uid);
	if (count < 2)
		threads->count = told->start;
	else if (threads->count > 2 * (size_t)IMAP_THREADS_MOST ||
	         !threads_add(threads, 0))
		return false;
	told->start = threads->count;
	return true;
}

void
imap_threads_read(
    struct imap_threads *threads, uint64_t changes, struct str bytes)
{
	struct threads_told told = {.threads = threads};

	threads->count = 0;
	threads->changes = changes;
	threads->is_known = imap_threads_parse(bytes, threads_take, &told);
}

static int
threads_rising(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left > *right) - (*left < *right);
}

size_t
imap_threads_find(const struct imap_threads *threads, uint32_t uid,
    struct arena *arena, uint32_t **out_uids)
{
	size_t start = 0;
	size_t end = 0;
	bool is_found = false;

	for (size_t at = 0; at < threads->count && !is_found; at = end + 1) {
		start = at;
		for (end = at; threads->uids[end] != 0; end++)
			is_found |= threads->uids[end] == uid;
	}
	if (!is_found) {
		*out_uids = ARENA_NEW(arena, uint32_t);
		if (*out_uids != NULL)
			**out_uids = uid;
		return *out_uids == NULL ? 0 : 1;
	}
	*out_uids = ARENA_ARRAY(arena, end - start, uint32_t);
	if (*out_uids == NULL)
		return 0;
	memcpy(*out_uids, threads->uids + start,
	    (end - start) * sizeof(**out_uids));
	qsort(*out_uids, end - start, sizeof(**out_uids), threads_rising);
	return end - start;
}
