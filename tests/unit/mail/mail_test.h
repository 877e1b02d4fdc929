#ifndef MAIL_TEST_H
#define MAIL_TEST_H
/* What tests of mail/ share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mail/account.h"
#include "os/clock.h"

/* A configuration of these lines in [Mail]. */
static inline const struct config *
test_config(const char *lines)
{
	struct arena *arena = arena_new(1 << 20);
	struct config_notes notes;
	const struct config *cfg = NULL;
	struct err err = ERR_NONE;
	struct str parts[] = {STR("[Mail]\n"), str_c(lines)};

	assert_non_null(arena);
	if (config_parse(STR("/nowhere/iwebmsg.ini"), str_join(arena, parts, 2),
	        arena, &notes, &cfg, &err) != ERR_OK)
		fail_msg("%s %s", err.message, err.detail);
	arena_free(arena);
	return cfg;
}

static inline struct mail_wait
test_wait(int64_t ms)
{
	return (struct mail_wait){.deadline_mono_ms = clock_mono_ms() + ms};
}

/* Stops the test with what went wrong. */
static inline void
test_is(enum err_code rc, enum err_code wanted, const struct err *err)
{
	if (rc != wanted)
		fail_msg("%s instead of %s: %s (%s)", err_name(rc),
		    err_name(wanted), err->message, err->detail);
}

#endif
