/* vCards: any bytes give cards with a name, of which all is text. */
#include "mime/mime_vcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(struct text text, bool may_have_lines)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure(c >= ' ' || c == '\t' || (c == '\n' && may_have_lines));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct mime_vcards cards;
	struct err err = ERR_NONE;

	ensure(arena != NULL);
	ensure(mime_vcard_parse(str_of((const char *)data, size), arena, &cards,
	           &err) == ERR_OK);
	ensure(cards.count <= MIME_VCARDS_MAX);
	for (size_t i = 0; i < cards.count; i++) {
		const struct mime_vcard *card = &cards.list[i];

		ensure(!text_is_empty(card->name));
		check_text(card->name, false);
		ensure(card->line_count <= MIME_VCARD_LINES_MAX);
		for (size_t n = 0; n < card->line_count; n++) {
			enum mime_vcard_kind kind = card->lines[n].kind;
			ensure(!text_is_empty(card->lines[n].value));
			check_text(card->lines[n].value,
			    kind == MIME_VCARD_NOTE ||
			        kind == MIME_VCARD_ADDRESS);
		}
	}
	arena_free(arena);
	return 0;
}
