#include "page/page_body.h"

/*
 * Made once for a document: HTML may name images a hundred thousand times,
 * and a message may have a thousand parts.
 */
struct cid {
	struct str content_id;
	const struct mime_part *part;
	size_t order; /* nearest first */
};

struct body_cids {
	struct arena *arena;
	struct cid *list;
	size_t count, capacity;
};

static void
cids_add(struct body_cids *cids, const struct mime_part *part)
{
	if (text_is_empty(part->content_id) || !mime_is_safe_image(part))
		return;
	cids->list = arena_grow(cids->arena, cids->list, cids->count,
	    &cids->capacity, sizeof(cids->list[0]));
	if (cids->list == NULL) {
		cids->count = 0;
		return;
	}
	cids->list[cids->count] =
	    (struct cid){part->content_id.s, part, cids->count};
	cids->count++;
}

/* All of `node` but `seen`, which was added before. */
static void
cids_add_all(struct body_cids *cids, const struct mime_part *node,
    const struct mime_part *seen, unsigned depth)
{
	if (node == seen || depth > LIMIT_MIME_DEPTH)
		return;
	cids_add(cids, node);
	for (size_t i = 0; i < node->part_count; i++)
		cids_add_all(cids, &node->parts[i], seen, depth + 1);
}

/* From `part` outwards. Is it in `node`? */
static bool
cids_walk(struct body_cids *cids, const struct mime_part *node,
    const struct mime_part *part, unsigned depth)
{
	if (node == part)
		return true;
	if (depth > LIMIT_MIME_DEPTH)
		return false;
	for (size_t i = 0; i < node->part_count; i++) {
		const struct mime_part *child = &node->parts[i];

		if (cids_walk(cids, child, part, depth + 1)) {
			cids_add_all(cids, node, child, depth);
			return true;
		}
	}
	return false;
}

static int
cids_compare(const void *a, const void *b)
{
	const struct cid *one = a;
	const struct cid *two = b;
	int order = str_compare(one->content_id, two->content_id);

	if (order != 0)
		return order;
	return one->order < two->order ? -1 : one->order > two->order;
}

struct body_cids *
body_cids_new(struct arena *arena, const struct mime_part *root,
    const struct mime_part *part)
{
	struct body_cids *cids = ARENA_NEW(arena, struct body_cids);

	if (cids == NULL)
		return NULL;
	cids->arena = arena;
	(void)cids_walk(cids, root, part, 0);
	if (cids->count > 0)
		qsort(cids->list, cids->count, sizeof(cids->list[0]),
		    cids_compare);
	return cids;
}

const struct mime_part *
body_cids_find(const struct body_cids *cids, struct str content_id)
{
	size_t from = 0;
	size_t to = cids->count;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (str_compare(cids->list[middle].content_id, content_id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == cids->count ||
	    !str_eq(cids->list[from].content_id, content_id))
		return NULL;
	return cids->list[from].part;
}
