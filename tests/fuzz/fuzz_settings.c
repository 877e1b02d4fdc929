/*
 * Files of settings of strangers: what is taken of one is taken again of what
 * is written of it, and what it would change can be taken back.
 */
#include <stdint.h>

#include "page/settings_file.h"

#define ARENA_BYTES ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_back(struct arena *arena, const struct settings_plan *plan)
{
	struct settings_change *again =
	    ARENA_NEW(arena, struct settings_change);
	struct str bytes;

	ensure(
	    settings_change_write(&plan->back, arena, &bytes, NULL) == ERR_OK);
	ensure(settings_change_read(bytes, arena, again, NULL) == ERR_OK);
	ensure(again->pref_count == plan->back.pref_count);
	for (size_t i = 0; i < SETTINGS_SECTIONS; i++) {
		ensure(again->put[i].count == plan->back.put[i].count);
		ensure(again->gone[i].count == plan->back.gone[i].count);
	}
}

/* `all` onto what is there, and onto itself: then nothing is to be done. */
static void
check_plan(struct arena *arena, const struct settings_all *now,
    const struct settings_all *all)
{
	struct settings_plan *plan = ARENA_NEW(arena, struct settings_plan);

	if (settings_file_plan(arena, now, all, true, plan, NULL) == ERR_OK)
		check_back(arena, plan);
	ensure(settings_file_plan(arena, all, all, true, plan, NULL) == ERR_OK);
	for (size_t i = 0; i < SETTINGS_SECTIONS; i++)
		ensure(plan->lists[i].same == all->lists[i].count);
	ensure(plan->prefs.changed.count == 0);
}

static void
check_round(struct arena *arena, const struct settings_all *all)
{
	struct settings_all *again = ARENA_NEW(arena, struct settings_all);
	struct settings_report *report =
	    ARENA_NEW(arena, struct settings_report);
	struct str first;
	struct str second;

	if (settings_file_write(all, STR("example.org"), arena, &first, NULL) !=
	    ERR_OK)
		return;
	ensure(str_is_utf8(first));
	ensure(settings_file_read(first, STR("example.org"), arena, again,
	           report, NULL) == ERR_OK);
	ensure(report->wrong.count == 0);
	ensure(report->unknown.count == 0);
	ensure(settings_file_write(
	           again, STR("example.org"), arena, &second, NULL) == ERR_OK);
	ensure(str_eq(first, second));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct str file = str_of((const char *)data, len);
	struct settings_all *all = ARENA_NEW(arena, struct settings_all);
	struct settings_all *now = ARENA_NEW(arena, struct settings_all);
	struct settings_report *report =
	    ARENA_NEW(arena, struct settings_report);

	ensure(report != NULL);
	if (settings_file_read(
	        file, STR("example.org"), arena, all, report, NULL) == ERR_OK &&
	    report->wrong.count == 0) {
		check_plan(arena, now, all);
		check_round(arena, all);
	}
	arena_free(arena);
	return 0;
}
