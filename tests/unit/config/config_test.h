#ifndef CONFIG_TEST_H
#define CONFIG_TEST_H
/* What every test of the config room needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "config/config.h"

/* One parse: everything it gave. */
struct parsed {
	struct arena *arena;
	struct config_notes notes;
	const struct config *cfg;
	struct err err;
	enum err_code rc;
};

/* The input lies in a block of exactly its size, without NUL. */
static inline struct parsed
parse_at(const char *path, struct str input)
{
	struct parsed parsed = {.arena = arena_new(LIMIT_ARENA_BYTES)};
	char *block = malloc(input.len > 0 ? input.len : 1);

	assert_non_null(parsed.arena);
	assert_non_null(block);
	if (input.len > 0)
		memcpy(block, input.ptr, input.len);
	parsed.rc = config_parse(str_c(path), str_of(block, input.len),
	    parsed.arena, &parsed.notes, &parsed.cfg, &parsed.err);
	free(block);
	assert_true((parsed.rc == ERR_OK) == (parsed.cfg != NULL));
	return parsed;
}

static inline void
parsed_end(struct parsed *parsed)
{
	config_unref(parsed->cfg);
	arena_free(parsed->arena);
}

#endif
