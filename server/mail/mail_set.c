#include "base/buf.h"
#include "base/scan.h"
#include "mail/mail_bulk.h"

/* Ranges that grow. */
struct set_maker {
	struct arena *arena;
	struct mail_range *ranges;
	size_t count, capacity;
	uint64_t total;
};

/* `first` is not below what came before. */
static void
set_add(struct set_maker *maker, uint32_t first, uint32_t last)
{
	struct mail_range *end =
	    maker->count > 0 ? &maker->ranges[maker->count - 1] : NULL;
	struct mail_range *bigger;

	if (end != NULL && first <= end->last)
		first = end->last + (end->last < UINT32_MAX);
	if (first > last || (end != NULL && end->last == UINT32_MAX))
		return;
	maker->total += (uint64_t)last - first + 1;
	if (end != NULL && end->last + 1 == first) {
		end->last = last;
		return;
	}
	bigger = arena_grow(maker->arena, maker->ranges, maker->count,
	    &maker->capacity, sizeof(*bigger));
	if (bigger == NULL)
		return; /* the arena tells it */
	maker->ranges = bigger;
	maker->ranges[maker->count++] =
	    (struct mail_range){.first = first, .last = last};
}

static struct mail_set
set_made(const struct set_maker *maker)
{
	return (struct mail_set){.ranges = maker->ranges,
	    .count = maker->count,
	    .total = maker->total > UINT32_MAX ? UINT32_MAX
	                                       : (uint32_t)maker->total};
}

static int
set_by_first(const void *a, const void *b)
{
	const struct mail_range *left = a;
	const struct mail_range *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

/* Any ranges, put in order. */
static struct mail_set
set_sorted(struct arena *arena, struct mail_range *ranges, size_t count)
{
	struct set_maker maker = {.arena = arena};

	if (count > 1)
		qsort(ranges, count, sizeof(*ranges), set_by_first);
	for (size_t i = 0; i < count; i++)
		set_add(&maker, ranges[i].first, ranges[i].last);
	return set_made(&maker);
}

struct mail_set
mail_set_of(struct arena *arena, const uint32_t *uids, size_t count)
{
	struct mail_range *ranges =
	    ARENA_ARRAY(arena, count, struct mail_range);
	size_t kept = 0;

	if (ranges == NULL)
		return (struct mail_set){0};
	for (size_t i = 0; i < count; i++) {
		if (uids[i] != 0)
			ranges[kept++] = (struct mail_range){
			    .first = uids[i], .last = uids[i]};
	}
	return set_sorted(arena, ranges, kept);
}

struct str
mail_set_text(struct arena *arena, const struct mail_set *set)
{
	struct buf text;

	buf_init_arena(&text, arena, set->count * 22 + 1);
	for (size_t i = 0; i < set->count; i++) {
		const struct mail_range *range = &set->ranges[i];

		if (i > 0)
			buf_add_byte(&text, ',');
		buf_add_u64(&text, range->first);
		if (range->last == range->first)
			continue;
		buf_add_byte(&text, ':');
		buf_add_u64(&text, range->last);
	}
	return buf_str(&text);
}

enum err_code
mail_set_parse(
    struct arena *arena, struct str text, struct mail_set *out, struct err *err)
{
	struct scan scan = scan_of(text);
	struct mail_range *ranges = NULL;
	size_t count = 0;
	size_t capacity = 0;

	*out = (struct mail_set){0};
	do {
		uint64_t first = 0;
		uint64_t last;

		if (!scan_u64(&scan, UINT32_MAX, &first) || first == 0)
			return err_set(err, ERR_INPUT, "These are no messages.",
			    "set of uids");
		last = first;
		if (scan_byte(&scan, ':') &&
		    (!scan_u64(&scan, UINT32_MAX, &last) || last == 0))
			return err_set(err, ERR_INPUT, "These are no messages.",
			    "set of uids");
		ranges = arena_grow(
		    arena, ranges, count, &capacity, sizeof(*ranges));
		if (ranges == NULL)
			return err_set(err, ERR_NO_MEMORY,
			    "The server is out of memory.", "set of uids");
		ranges[count++] = (struct mail_range){
		    .first = (uint32_t)(first < last ? first : last),
		    .last = (uint32_t)(first < last ? last : first)};
	} while (scan_byte(&scan, ','));
	if (!scan_end(&scan))
		return err_set(
		    err, ERR_INPUT, "These are no messages.", "set of uids");
	*out = set_sorted(arena, ranges, count);
	return ERR_OK;
}

struct mail_set
mail_set_from(struct arena *arena, const struct mail_set *set, uint64_t from,
    uint32_t most, size_t most_ranges)
{
	struct set_maker part = {.arena = arena};

	for (size_t i = 0;
	     i < set->count && part.total < most && part.count < most_ranges;
	     i++) {
		const struct mail_range *range = &set->ranges[i];
		uint64_t first = range->first > from ? range->first : from;
		uint64_t last = range->last;

		if (last < first)
			continue;
		if (last - first >= most - part.total)
			last = first + (most - part.total) - 1;
		set_add(&part, (uint32_t)first, (uint32_t)last);
	}
	return set_made(&part);
}

struct mail_set
mail_set_common(struct arena *arena, const struct mail_set *one,
    const struct mail_set *other)
{
	struct set_maker both = {.arena = arena};
	size_t a = 0;
	size_t b = 0;

	while (a < one->count && b < other->count) {
		const struct mail_range *left = &one->ranges[a];
		const struct mail_range *right = &other->ranges[b];
		uint32_t first =
		    left->first > right->first ? left->first : right->first;
		uint32_t last =
		    left->last < right->last ? left->last : right->last;

		if (first <= last)
			set_add(&both, first, last);
		if (left->last < right->last)
			a++;
		else
			b++;
	}
	return set_made(&both);
}

struct mail_set
mail_set_joined(struct arena *arena, const struct mail_set *one,
    const struct mail_set *other)
{
	struct mail_range *ranges = ARENA_ARRAY(
	    arena, one->count + other->count + 1, struct mail_range);

	if (ranges == NULL)
		return (struct mail_set){0};
	for (size_t i = 0; i < one->count; i++)
		ranges[i] = one->ranges[i];
	for (size_t i = 0; i < other->count; i++)
		ranges[one->count + i] = other->ranges[i];
	return set_sorted(arena, ranges, one->count + other->count);
}
