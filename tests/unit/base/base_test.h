#ifndef BASE_TEST_H
#define BASE_TEST_H
/* What the unit tests of base share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

/* An exact-size heap copy without a NUL: reading past it is seen. */
static inline struct str
exact(const char *c, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, c, len);
	return (struct str){copy, len};
}

static inline void
exact_free(struct str s)
{
	/* The block was ours before it was handed out as read-only. */
	free((void *)(uintptr_t)s.ptr);
}

static inline void
assert_str(struct str got, const char *expected)
{
	if (!str_eq(got, str_c(expected)))
		fail_msg("got '%.*s', expected '%s'", STR_ARG(got), expected);
}

#endif
