#include "mime/html_runs.h"

#define RUN_BYTES_MIN 8u
#define RUNS_MAX      131000u
#define SLOTS_USED    (HTML_RUNS_SLOTS * 3 / 4)

static bool
add_run(struct html_runs *runs, struct str run)
{
	if (runs->count == RUNS_MAX)
		return false;
	if (runs->count == runs->capacity) {
		size_t capacity =
		    runs->capacity == 0 ? 1024 : runs->capacity * 2;
		struct str *list =
		    realloc(runs->runs, capacity * sizeof(*list));
		if (list == NULL)
			return false;
		runs->runs = list;
		runs->capacity = capacity;
	}
	runs->runs[runs->count] = run;
	runs->count++;
	return true;
}

/* U+F0000 and on, without the two noncharacters at the end of plane 15. */
static void
add_character(struct buf *out, size_t index)
{
	buf_add_utf8(
	    out, (uint32_t)(index < 0xfffe ? 0xf0000 + index
	                                   : 0x100000 + index - 0xfffe));
}

void
html_runs_add_text(struct html_runs *runs, struct buf *out, struct str run)
{
	if (run.len >= RUN_BYTES_MIN && add_run(runs, run))
		add_character(out, runs->count - 1);
	else
		buf_add(out, run);
}

static uint32_t
hash_of(struct str s)
{
	uint64_t hash = s.len;
	uint64_t part = 0;
	size_t at = 0;

	for (; at + sizeof(part) <= s.len; at += sizeof(part)) {
		memcpy(&part, s.ptr + at, sizeof(part));
		hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	part = 0;
	if (at < s.len)
		memcpy(&part, s.ptr + at, s.len - at);
	hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 40);
}

void
html_runs_add_value(struct html_runs *runs, struct buf *out, struct str run)
{
	uint32_t slot = 0;

	if (run.len < RUN_BYTES_MIN) {
		buf_add(out, run);
		return;
	}
	slot = hash_of(run) % HTML_RUNS_SLOTS;
	while (runs->slots[slot] != 0) {
		size_t index = runs->slots[slot] - 1;
		if (str_eq(runs->runs[index], run)) {
			add_character(out, index);
			return;
		}
		slot = (slot + 1) % HTML_RUNS_SLOTS;
	}
	if (runs->slots_used == SLOTS_USED || !add_run(runs, run)) {
		buf_add(out, run);
		return;
	}
	runs->slots[slot] = (uint32_t)runs->count;
	runs->slots_used++;
	add_character(out, runs->count - 1);
}

/* The run a character stands for; NULL: the character is one of the text. */
static const struct str *
run_at(const struct html_runs *runs, struct str s, size_t *at)
{
	uint32_t character = text_next(s, at);
	size_t index = 0;

	if (character >= 0x100000)
		index = character - 0x100000 + 0xfffe;
	else if (character >= 0xf0000)
		index = character - 0xf0000;
	else
		return NULL;
	return index < runs->count ? &runs->runs[index] : NULL;
}

struct str
html_runs_expand(
    const struct html_runs *runs, struct str parsed, struct buf *scratch)
{
	size_t start = scratch->len;
	size_t from = 0;
	size_t at = 0;

	if (runs->count == 0)
		return parsed;
	while (at < parsed.len) {
		size_t before = at;
		const struct str *run = NULL;
		if ((unsigned char)parsed.ptr[at] < 0xf3) {
			at++;
			continue;
		}
		run = run_at(runs, parsed, &at);
		if (run == NULL)
			continue;
		if (before == 0 && at == parsed.len)
			return *run;
		buf_add(scratch, str_slice(parsed, from, before));
		buf_add(scratch, *run);
		from = at;
	}
	if (from == 0)
		return parsed;
	buf_add(scratch, str_slice(parsed, from, parsed.len));
	return str_slice(buf_str(scratch), start, scratch->len);
}

void
html_runs_end(struct html_runs *runs)
{
	free(runs->runs);
}
