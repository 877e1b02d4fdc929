#ifndef MIME_TEST_H
#define MIME_TEST_H
/* Helpers of this room's tests: input in exact-size heap blocks, no NUL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "mime/mime.h"

#define TEST_ARENA_BYTES ((size_t)64 << 20)

/* A copy the sanitizer watches to the byte; freed by the caller. */
static inline struct str
heap_copy(const char *c, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, c, len);
	return str_of(copy, len);
}

static inline void
heap_free(struct str s)
{
	void *ptr = NULL;

	memcpy(&ptr, &s.ptr, sizeof(ptr));
	free(ptr);
}

static inline void
expect_str(const char *name, struct str got, struct str expected)
{
	if (!str_eq(got, expected))
		fail_msg("%s: got \"%.*s\", expected \"%.*s\"", name,
		    STR_ARG(got), STR_ARG(expected));
}

/* Is it what a struct text promises? */
static inline void
expect_text(const char *name, struct text text)
{
	if (!str_is_utf8(text.s))
		fail_msg("%s: not UTF-8", name);
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
			fail_msg("%s: control %u", name, c);
	}
}

#endif
