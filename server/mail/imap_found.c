#include "base/scan.h"
#include "mail/imap_list.h"

/* UIDs a server found: taken in as ranges, so that a million cost little. */
static void
found_range(struct imap_found *found, struct arena *arena, uint32_t first,
    uint32_t last)
{
	struct imap_range *bigger;
	uint64_t size = first <= last ? (uint64_t)last - first + 1
	                              : (uint64_t)first - last + 1;

	if (!found->is_page)
		found->total = size > UINT32_MAX - found->total
		                   ? UINT32_MAX
		                   : found->total + (uint32_t)size;
	if (found->count > 0) {
		struct imap_range *end = &found->ranges[found->count - 1];

		if (end->first <= end->last && first <= last &&
		    end->last + 1 == first) {
			end->last = last;
			return;
		}
	}
	bigger = arena_grow(arena, found->ranges, found->count,
	    &found->capacity, sizeof(*found->ranges));
	if (bigger == NULL)
		return;
	found->ranges = bigger;
	found->ranges[found->count++] =
	    (struct imap_range){.first = first, .last = last};
}

/* "1 2 3" of SEARCH and SORT; "(MODSEQ 7)" may follow. */
static void
found_numbers(struct imap_found *found, struct arena *arena, struct str rest)
{
	struct scan scan = scan_of(rest);
	uint64_t number;

	for (;;) {
		scan_blank(&scan);
		if (!scan_u64(&scan, UINT32_MAX, &number))
			return;
		found_range(found, arena, (uint32_t)number, (uint32_t)number);
	}
}

/* sequence-set = number [":" number] *("," …) */
static void
found_set(struct imap_found *found, struct arena *arena, struct str set)
{
	struct scan scan = scan_of(set);
	uint64_t first;
	uint64_t last;

	while (scan_u64(&scan, UINT32_MAX, &first)) {
		last = first;
		if (scan_byte(&scan, ':') &&
		    !scan_u64(&scan, UINT32_MAX, &last))
			return;
		found_range(found, arena, (uint32_t)first, (uint32_t)last);
		if (!scan_byte(&scan, ','))
			return;
	}
}

/* ESEARCH (TAG "i7") UID COUNT 3 ALL 1:3 PARTIAL (1:50 4,2) */
static void
found_esearch(struct imap_found *found, struct arena *arena,
    const struct imap_tokens *tokens)
{
	uint64_t total = 0;

	for (uint32_t at = 0; at < tokens->count;
	     at = imap_token_next(tokens, at)) {
		if (imap_token_is(tokens, at, STR("COUNT"))) {
			total = imap_token_u64(tokens, at + 1);
			if (found->is_page && total <= UINT32_MAX)
				found->total = (uint32_t)total;
		} else if (imap_token_is(tokens, at, STR("ALL"))) {
			found_set(found, arena, imap_token_str(tokens, at + 1));
		} else if (imap_token_is(tokens, at, STR("PARTIAL"))) {
			found_set(found, arena, imap_token_str(tokens, at + 3));
		}
	}
}

void
imap_found_add(struct imap_found *found, struct arena *arena,
    struct imap_reader *reader, const struct imap_response *response)
{
	if (str_eq_nocase(response->name, STR("SEARCH")) ||
	    str_eq_nocase(response->name, STR("SORT"))) {
		found_numbers(found, arena, response->rest);
	} else if (str_eq_nocase(response->name, STR("ESEARCH"))) {
		struct imap_tokens tokens = imap_read_tokens(reader, response);

		found_esearch(found, arena, &tokens);
	}
}

static uint32_t
found_at(const struct imap_range *range, uint64_t offset)
{
	return range->first <= range->last ? range->first + (uint32_t)offset
	                                   : range->first - (uint32_t)offset;
}

size_t
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): two plain loops */
imap_found_page(const struct imap_found *found, bool is_turned, uint32_t first,
    size_t count, uint32_t *out_uids)
{
	uint64_t from = first; /* interval in the order it was found */
	uint64_t at = 0;
	size_t taken = 0;

	if (found->is_page)
		from = 0;
	else if (first >= found->total)
		return 0;
	else if (count > found->total - first)
		count = found->total - first;
	if (is_turned && !found->is_page)
		from = (uint64_t)found->total - first - count;
	for (size_t i = 0; i < found->count && taken < count; i++) {
		const struct imap_range *range = &found->ranges[i];
		uint64_t size = range->first <= range->last
		                    ? (uint64_t)range->last - range->first + 1
		                    : (uint64_t)range->first - range->last + 1;

		for (uint64_t step = from > at ? from - at : 0;
		     step < size && taken < count; step++)
			out_uids[taken++] = found_at(range, step);
		at += size;
	}
	for (size_t i = 0; is_turned && i < taken / 2; i++) {
		uint32_t held = out_uids[i];

		out_uids[i] = out_uids[taken - 1 - i];
		out_uids[taken - 1 - i] = held;
	}
	return taken;
}

struct mail_set
imap_found_set(struct arena *arena, const struct imap_found *found)
{
	struct buf text;
	struct mail_set set = {0};

	if (found->count == 0)
		return set;
	buf_init_arena(&text, arena, found->count * 22 + 1);
	for (size_t i = 0; i < found->count; i++)
		buf_addf(&text, "%s%u:%u", i == 0 ? "" : ",",
		    (unsigned)found->ranges[i].first,
		    (unsigned)found->ranges[i].last);
	err_ignore(mail_set_parse(arena, buf_str(&text), &set, NULL));
	return set;
}
