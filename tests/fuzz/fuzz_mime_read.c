/* Whole messages: any bytes parse, and all that comes out is text. */
#include "mime/mime.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	mime_init();
	return 0;
}

static void
check_text(struct text text)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure(c >= ' ' || c == '\t' || c == '\n');
	}
}

static void
check_addresses(const struct mime_addresses *list)
{
	for (size_t i = 0; i < list->count; i++) {
		check_text(list->list[i].name);
		check_text(list->list[i].address);
		ensure(!str_has_line_break(list->list[i].address.s));
		ensure(!str_has_line_break(list->list[i].name.s));
	}
}

static void
check_part(struct arena *arena, struct str bytes, const struct mime_part *part)
{
	check_text(part->name);
	check_text(part->charset);
	check_text(part->content_id);
	check_text(part->description);
	ensure(str_find_byte(part->name.s, '/', 0) == part->name.s.len);
	if (part->content.len > 0) {
		struct str raw;
		/* Lines that end in CR alone are read from a copy. */
		ensure(str_find_byte(bytes, '\n', 0) == bytes.len ||
		       (part->content.ptr >= bytes.ptr &&
		           part->content.ptr + part->content.len <=
		               bytes.ptr + bytes.len));
		raw = mime_decode_transfer(
		    arena, part->encoding, part->content, 100000);
		check_text(mime_decode_charset(arena, part->charset.s, raw));
	}
	for (size_t i = 0; i < part->part_count; i++)
		check_part(arena, bytes, &part->parts[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str bytes = str_of((const char *)data, size);
	struct mime_message message;
	struct mime_choice choice;
	struct err err = ERR_NONE;

	ensure(arena != NULL);
	if (mime_parse(bytes, &mime_limits_default, arena, &message, &err) ==
	    ERR_OK) {
		check_text(message.header.subject);
		check_text(message.header.message_id);
		check_text(message.header.references);
		check_addresses(&message.header.from);
		check_addresses(&message.header.to);
		check_part(arena, bytes, message.root);
		ensure(
		    mime_choose(message.root, arena, &choice, &err) == ERR_OK);
	}
	arena_free(arena);
	return 0;
}
