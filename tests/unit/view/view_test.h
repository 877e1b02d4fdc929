#ifndef VIEW_TEST_H
#define VIEW_TEST_H
/* What the tests of this room share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

/* A copy of exactly its size, so that ASan sees an over-read. */
static inline struct str
test_heap(const char *c)
{
	size_t len = strlen(c);
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, c, len);
	return str_of(copy, len);
}

static inline void
test_heap_free(struct str s)
{
	union {
		const char *in;
		void *out;
	} pointer = {.in = s.ptr};

	free(pointer.out);
}

static inline void
test_same(const char *row, struct str got, const char *expected)
{
	if (!str_eq(got, str_c(expected)))
		fail_msg(
		    "%s:\n got: %.*s\nwant: %s", row, STR_ARG(got), expected);
}

#endif
