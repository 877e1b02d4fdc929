/*
 * Sets of messages as servers and forms write them: what is taken is in order
 * and without overlaps, is written and read again, and is cut, joined and
 * compared without losing any.
 */
#include <stdint.h>

#include "base/limits.h"
#include "mail/mail_bulk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_order(const struct mail_set *set)
{
	uint64_t total = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct mail_range *range = &set->ranges[i];

		ensure(range->first > 0 && range->first <= range->last);
		ensure(i == 0 ||
		       (uint64_t)set->ranges[i - 1].last + 1 < range->first);
		total += (uint64_t)range->last - range->first + 1;
	}
	ensure(set->total == (total > UINT32_MAX ? UINT32_MAX : total));
}

static void
check_same(struct arena *arena, const struct mail_set *one,
    const struct mail_set *other)
{
	check_order(one);
	ensure(str_eq(mail_set_text(arena, one), mail_set_text(arena, other)));
}

/* Piece by piece it is the whole. */
static void
check_pieces(struct arena *arena, const struct mail_set *set, uint32_t most)
{
	struct mail_set all = {0};
	uint64_t from = 1;

	for (unsigned i = 0; i < 50; i++) {
		struct mail_set part = mail_set_from(arena, set, from, most, 3);

		check_order(&part);
		ensure(part.total <= most && part.count <= 3);
		if (part.count == 0) {
			check_same(arena, &all, set);
			return;
		}
		all = mail_set_joined(arena, &all, &part);
		from = (uint64_t)part.ranges[part.count - 1].last + 1;
	}
}

/* Two sets, a line each; the second may be none. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str rest = str_of((const char *)data, len);
	struct str first = str_cut(&rest, '\n');
	struct mail_set one;
	struct mail_set two;
	struct mail_set again;
	struct mail_set made;

	ensure(arena != NULL);
	if (len < 4096 && mail_set_parse(arena, first, &one, NULL) == ERR_OK) {
		ensure(one.count > 0);
		ensure(mail_set_parse(arena, mail_set_text(arena, &one), &again,
		           NULL) == ERR_OK);
		check_same(arena, &again, &one);
		check_pieces(arena, &one, 1 + (uint32_t)(len % 100));
		if (mail_set_parse(arena, rest, &two, NULL) != ERR_OK)
			two = (struct mail_set){0};
		check_order(&two);
		made = mail_set_joined(arena, &one, &two);
		check_order(&made);
		/* One is within both together, and so is what both have. */
		again = mail_set_common(arena, &made, &one);
		check_same(arena, &again, &one);
		made = mail_set_common(arena, &one, &two);
		check_order(&made);
		again = mail_set_joined(arena, &made, &one);
		check_same(arena, &again, &one);
	}
	arena_free(arena);
	return 0;
}
