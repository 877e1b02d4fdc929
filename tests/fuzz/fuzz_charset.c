/* Any bytes under any label make text, and the same text each time. */
#include "mime/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {"utf-8", "iso-8859-1", "koi8-r", "gb18030",
    "big5", "cp932", "iso-2022-jp", "iso-2022-kr", "iso-2022-cn", "hz-gb-2312",
    "utf-7", "utf-16", "utf-32", "euc-jp", "euc-kr", "euc-tw", "windows-1255",
    "windows-1258", "tis-620", "x-unknown", "", "iso-2022-jp-2", "utf-16be",
    "iso-8859-7", "viscii"};

static void
check_text(struct text text)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure((c >= ' ' || c == '\t' || c == '\n') && c != 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)16 << 20);
	size_t which =
	    size > 0 ? data[0] % (sizeof(labels) / sizeof(*labels)) : 0;
	struct str bytes = str_slice(str_of((const char *)data, size), 1, size);
	struct str said = mime_html_charset(bytes);
	struct text text;
	struct text again;

	ensure(arena != NULL);
	text = mime_decode_charset(arena, str_c(labels[which]), bytes);
	again = mime_decode_charset(arena, str_c(labels[which]), bytes);
	check_text(text);
	ensure(str_eq(text.s, again.s));
	/* Whatever bytes a label is made of. */
	check_text(mime_decode_charset(
	    arena, str_slice(bytes, 0, 20), str_slice(bytes, 20, bytes.len)));
	if (said.len > 0) {
		ensure(mime_charset_is_known(said));
		check_text(mime_decode_charset(arena, said, bytes));
	}
	arena_free(arena);
	return 0;
}
