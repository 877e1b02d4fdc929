#ifndef BUILD_TEST_H
#define BUILD_TEST_H
/* A draft, its files in memory, and what mime_build makes of it. */
#include <unistd.h>

#include "base/buf.h"
#include "mime_test.h"

struct memory_file {
	const char *bytes;
	size_t len;
	size_t step; /* at most so many bytes a call; 0: all */
};

static inline int64_t
memory_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct memory_file *file = ctx;
	size_t left = offset < file->len ? file->len - (size_t)offset : 0;

	if (len > left)
		len = left;
	if (file->step > 0 && len > file->step)
		len = file->step;
	if (len > 0)
		memcpy(buf, file->bytes + offset, len);
	return (int64_t)len;
}

/* What mime_build writes, in the arena. */
static inline struct str
built_as(
    struct arena *arena, const struct mime_draft *draft, struct mime_built *out)
{
	FILE *file = tmpfile();
	struct err err = ERR_NONE;
	char *text;

	assert_non_null(file);
	if (mime_build(draft, fileno(file), 50000000, out, &err) != ERR_OK)
		fail_msg("%s %s", err.message, err.detail);
	text = arena_alloc(arena, (size_t)out->bytes);
	rewind(file);
	assert_int_equal(fread(text, 1, (size_t)out->bytes, file), out->bytes);
	assert_int_equal(fgetc(file), EOF);
	(void)fclose(file);
	return str_of(text, (size_t)out->bytes);
}

static inline struct str
built(struct arena *arena, const struct mime_draft *draft)
{
	struct mime_built ignored;

	return built_as(arena, draft, &ignored);
}

static inline struct mime_draft
simple_draft(void)
{
	static struct mime_address to[2];
	struct mime_draft draft = {0};

	to[0] = (struct mime_address){TEXT("Bob"), TEXT("bob@example.org")};
	to[1] = (struct mime_address){
	    TEXT("Zo\xc3\xab \"Z\" Doe"), TEXT("zoe@example.org")};
	draft.from =
	    (struct mime_address){TEXT("Doe, Jane"), TEXT("jane@example.org")};
	draft.to.list = to;
	draft.to.count = 2;
	draft.bcc.list = to;
	draft.bcc.count = 1;
	draft.subject = TEXT("Hello world");
	draft.body = TEXT("Hi\n");
	draft.message_id = TEXT("<1@example.org>");
	draft.references = TEXT("<a@b> <c@d>");
	draft.in_reply_to = TEXT("<c@d>");
	draft.compose_id = STR("abc123");
	draft.date_s = 1709210096;
	return draft;
}

/* Every line short enough, ended by CRLF, 7-bit, no NUL. */
static inline void
expect_wire(struct str message)
{
	size_t line = 0;

	for (size_t i = 0; i < message.len; i++) {
		char c = message.ptr[i];
		assert_true((unsigned char)c < 0x80 && c != '\0');
		if (c == '\n')
			assert_true(i > 0 && message.ptr[i - 1] == '\r');
		if (c == '\r')
			assert_true(
			    i + 1 < message.len && message.ptr[i + 1] == '\n');
		line = c == '\n' ? 0 : line + 1;
		assert_true(line <= 998);
	}
	assert_true(str_ends(message, STR("\r\n")));
}

static inline struct str
decoded(struct arena *arena, const struct mime_part *part)
{
	return mime_decode_transfer(
	    arena, part->encoding, part->content, 10000000);
}

#endif
