/*
 * Files within a part: winmail.dat and uuencode. What is listed can be read,
 * has the size that was said, and a name that is no path.
 */
#include "mime/mime_inner.h"
#include "mime/mime_tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
check_files(const struct mime_part *part, struct str bytes, struct arena *arena)
{
	struct mime_inners list;
	struct err err = ERR_NONE;
	struct str file;

	ensure(mime_inner_list(part, bytes, arena, &list, &err) == ERR_OK);
	ensure(list.count <= 200);
	check_text(list.text);
	ensure(list.html.len <= bytes.len * 4 + 4);
	for (size_t i = 0; i < list.count; i++) {
		const struct mime_inner *one = &list.list[i];

		check_text(one->name);
		ensure(str_find_byte(one->name.s, '/', 0) == one->name.s.len);
		ensure(str_find_byte(one->type, '/', 0) < one->type.len);
		if (i > 8)
			continue;
		ensure(mime_inner_read(part, bytes, i, arena, &file, &err) ==
		       ERR_OK);
		ensure(file.len <= one->bytes);
	}
	ensure(mime_inner_read(part, bytes, list.count, arena, &file, &err) ==
	       ERR_NOT_FOUND);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mime_part tnef = {
	    .type = {"application", 11}, .subtype = {"ms-tnef", 7}};
	static const struct mime_part text = {
	    .type = {"text", 4}, .subtype = {"plain", 5}, .bytes = 1000};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str bytes = str_of((const char *)data, size);
	struct str rtf;

	ensure(arena != NULL);
	check_files(&tnef, bytes, arena);
	check_files(&text, bytes, arena);
	rtf = tnef_rtf(arena, bytes, (size_t)1 << 20);
	ensure(rtf.len <= (size_t)1 << 20);
	arena_free(arena);
	return 0;
}
