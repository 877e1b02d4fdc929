/*
 * Address lists, header text, names, dates. Whatever was read goes through
 * the writer too: the fields of the message are those we wrote and no more.
 */
#include <unistd.h>

#include "mime/mime.h"
#include "mime/mime_address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_list(const struct mime_addresses *list)
{
	for (size_t i = 0; i < list->count; i++) {
		ensure(str_is_utf8(list->list[i].name.s));
		ensure(str_is_utf8(list->list[i].address.s));
		ensure(!str_has_line_break(list->list[i].name.s));
		ensure(!str_has_line_break(list->list[i].address.s));
	}
}

static struct str
built(struct arena *arena, const struct mime_draft *draft, int fds[2])
{
	struct err err = ERR_NONE;
	struct mime_built made = {0};
	char *text = NULL;

	if (mime_build(draft, fds[1], 60000, &made, &err) != ERR_OK)
		return (struct str){0};
	text = arena_alloc(arena, (size_t)made.bytes);
	ensure(read(fds[0], text, (size_t)made.bytes) == (ssize_t)made.bytes);
	return str_of(text, (size_t)made.bytes);
}

static void
check_round(
    struct arena *arena, const struct mime_addresses *list, struct text subject)
{
	struct mime_draft draft = {.from = {TEXT("A"), TEXT("a@b")},
	    .to = *list,
	    .subject = subject,
	    .is_draft = true,
	    .date_s = 1};
	struct mime_header header;
	struct err err = ERR_NONE;
	struct str message = {0};
	int fds[2];

	/* A byte order mark in front is no text: it does not come back. */
	if (list->count > 50 || subject.s.len > 2000 ||
	    str_find(subject.s, STR("\xef\xbb\xbf"), 0) < subject.s.len)
		return;
	ensure(pipe(fds) == 0);
	message = built(arena, &draft, fds);
	(void)close(fds[0]);
	(void)close(fds[1]);
	if (message.len == 0)
		return;
	for (size_t i = 0; i < message.len; i++)
		ensure((unsigned char)message.ptr[i] < 0x80);
	ensure(mime_parse_header(message, arena, &header, &err) == ERR_OK);
	ensure(header.from.count == 1 && header.bcc.count == 0);
	ensure(header.date_s == 1);
	ensure(str_eq(header.subject.s, str_trim(subject.s)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str in = str_of((const char *)data, size);
	struct mime_addresses list;
	struct mime_addresses typed;
	struct err err = ERR_NONE;
	struct text text;
	int offset = 0;

	ensure(arena != NULL);
	ensure(mime_parse_addresses(in, arena, &list, &err) == ERR_OK);
	check_list(&list);
	if (mime_check_recipients(in, STR("x.org"), arena, &typed, &err) ==
	    ERR_OK) {
		check_list(&typed);
		for (size_t i = 0; i < typed.count; i++)
			ensure(
			    mime_address_is_sendable(typed.list[i].address.s));
	}
	text = mime_decode_text(arena, in);
	ensure(str_is_utf8(text.s) && !str_has_line_break(text.s));
	check_round(arena, &list, text);
	text = mime_decode_name(arena, in);
	ensure(str_is_utf8(text.s));
	ensure(str_find_byte(text.s, '/', 0) == text.s.len);
	ensure(mime_parse_date(in, &offset) >= 0);
	arena_free(arena);
	return 0;
}
