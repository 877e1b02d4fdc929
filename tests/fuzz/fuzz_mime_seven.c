/*
 * Whatever message is made 7-bit: nothing beyond ASCII is left, lines end with
 * CRLF, made so again it stays the same, and where the pieces end does not
 * matter. What cannot be made so is refused.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "mime/mime_resent.h"
#include "mime/mime_seven.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Empty: refused. */
static struct str
seven_of(struct arena *arena, struct str message, size_t step)
{
	int fd = memfd_create("message", 0);
	struct mime_out *out = malloc(sizeof(*out));
	struct mime_seven *seven = NULL;
	struct err err = ERR_NONE;
	uint64_t total = 0;
	char *text = NULL;
	enum err_code rc;

	ensure(fd >= 0 && out != NULL);
	mime_out_init(out, fd, (uint64_t)8 << 20, &err);
	seven = mime_seven_new(out);
	ensure(seven != NULL);
	for (size_t at = 0; at < message.len; at += step)
		mime_seven_add(seven, str_slice(message, at, at + step));
	rc = mime_seven_end(seven, &err);
	ensure(rc == ERR_OK || rc == ERR_INPUT);
	mime_seven_free(seven);
	ensure(mime_out_end(out, &total) == ERR_OK);
	free(out);
	text = arena_alloc(arena, (size_t)total + 1);
	ensure(text != NULL);
	ensure(pread(fd, text, (size_t)total, 0) == (ssize_t)total);
	(void)close(fd);
	return str_of(text, rc == ERR_OK ? (size_t)total : 0);
}

/* Lines as mime_resent.c hands them on: CRLF, no other CR, no NUL. */
static struct str
clean(struct arena *arena, const uint8_t *data, size_t size)
{
	struct buf lines;

	buf_init_arena(&lines, arena, size * 2 + 1);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n')
			buf_add(&lines, STR("\r\n"));
		else if (data[i] != '\r' && data[i] != '\0')
			buf_add_byte(&lines, (char)data[i]);
	}
	return buf_str(&lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str message = clean(arena, data, size);
	struct str made = seven_of(arena, message, message.len + 1);

	if (size > (size_t)128 << 10)
		made.len = 0;
	for (size_t i = 0; i < made.len; i++) {
		ensure((unsigned char)made.ptr[i] < 0x80);
		ensure(
		    made.ptr[i] != '\n' || (i > 0 && made.ptr[i - 1] == '\r'));
	}
	if (made.len > 0) {
		ensure(str_eq(made, seven_of(arena, made, made.len)));
		ensure(str_eq(made, seven_of(arena, message, 3)));
	}
	arena_free(arena);
	return 0;
}
