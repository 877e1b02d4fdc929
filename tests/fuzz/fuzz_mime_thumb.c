/*
 * The picture in a JPEG's header, what a file's first bytes say, and names of
 * files. What comes out is safe wherever it is put.
 */
#include <stdint.h>

#include "base/buf.h"
#include "mime/mime_name.h"
#include "mime/mime_thumb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_thumb(struct arena *arena, struct str in)
{
	struct str out = {NULL, 0};

	if (!mime_thumb_find(arena, in, &out))
		return;
	ensure(str_starts(out, STR("\xff\xd8\xff")));
	/* A cut-out, and the orientation at most. */
	ensure(out.len <= in.len + 36);
}

static void
check_type(struct str in)
{
	struct str rest = in;
	struct str declared = str_cut(&rest, '\n');
	const struct mime_type *type = mime_type_named(declared, rest);
	const struct mime_type *seen = mime_type_seen(type, in);

	ensure(!str_has_line_break(str_c(type->type)));
	ensure(!str_eq(str_c(type->type), STR("text/html")));
	ensure(seen == NULL || seen->show == type->show);
}

/* Printable, without a path, and short. */
static void
check_safe(struct arena *arena, struct text name)
{
	ensure(name.s.len > 0 && name.s.len <= 255);
	ensure(str_is_utf8(name.s));
	for (size_t i = 0; i < name.s.len; i++) {
		unsigned char c = (unsigned char)name.s.ptr[i];

		ensure(c >= ' ' && c != 0x7f && c != '/' && c != '\\' &&
		       c != ':' && c != '"');
	}
	ensure(name.s.ptr[0] != '.' && name.s.ptr[name.s.len - 1] != '.' &&
	       name.s.ptr[name.s.len - 1] != ' ');
	ensure(!str_has_line_break(mime_name_disposition(arena, false, name)));
}

/* A name that was made safe may be made safe again, and numbered. */
static void
check_name(struct arena *arena, struct str in)
{
	const struct mime_type *type = mime_type_named(STR(""), in);
	struct text name = mime_name_file(arena, text_from(arena, in), type);
	struct mime_names names = {.arena = arena};

	check_safe(arena, name);
	check_safe(arena, mime_name_file(arena, name, type));
	check_safe(arena, mime_names_add(&names, name));
	check_safe(arena, mime_names_add(&names, name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)16 << 20);
	struct str in = str_of((const char *)data, size);

	if (arena == NULL)
		return 0;
	check_thumb(arena, in);
	check_type(in);
	check_name(arena, in);
	arena_free(arena);
	return 0;
}
