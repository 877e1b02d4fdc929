/*
 * Plain texts: flowed, enriched, signed by OpenPGP, shown as HTML with folded
 * quotes. What comes out is text; the HTML is balanced and has only the
 * elements that are written there.
 */
#include "base/buf.h"
#include "mime/mime_enriched.h"
#include "mime/mime_pgp.h"
#include "view/view.h"

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

/* Every "<" begins one of our own tags; each that opens is closed in order. */
static void
check_html(struct str html)
{
	static const char *const names[] = {
	    "p", "blockquote", "details", "summary", "div", "a"};
	size_t open[64];
	size_t depth = 0;

	for (size_t at = 0; at < html.len; at++) {
		struct str rest = str_slice(html, at + 1, html.len);
		bool is_end = str_starts(rest, STR("/"));
		size_t i = 0;

		if (html.ptr[at] != '<')
			continue;
		if (is_end)
			rest = str_slice(rest, 1, rest.len);
		while (i < 6) {
			struct str name = str_c(names[i]);
			if (str_starts(rest, name) && rest.len > name.len &&
			    (rest.ptr[name.len] == '>' ||
			        rest.ptr[name.len] == ' '))
				break;
			i++;
		}
		ensure(i < 6);
		if (is_end) {
			ensure(depth > 0 && open[depth - 1] == i);
			depth--;
		} else {
			ensure(depth < 64);
			open[depth++] = i;
		}
	}
	ensure(depth == 0);
}

/* Without blanks, line breaks and quote marks. */
static struct str
bare(struct arena *arena, struct str s)
{
	struct buf out;

	buf_init_arena(&out, arena, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != ' ' && s.ptr[i] != '\n' && s.ptr[i] != '>')
			buf_add_byte(&out, s.ptr[i]);
	}
	return buf_str(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct text text = text_from(arena, str_of((const char *)data, size));
	struct text flowed = mime_unflow(arena, text, false);
	struct view_plain how = {.folds = true, .max_bytes = 100000};
	bool is_cut = false;

	check_text(flowed);
	/* No word is lost or made. */
	ensure(str_eq(bare(arena, text.s), bare(arena, flowed.s)));
	check_text(mime_unflow(arena, text, true));
	check_text(mime_enriched_to_text(arena, text));
	check_text(mime_pgp_read(arena, text).text);
	check_text(mime_quote(arena, text));
	check_html(view_plain_shown(arena, text, &how, &is_cut).s);
	check_html(view_plain_shown(arena, flowed, &how, &is_cut).s);
	how.max_bytes = 300;
	check_html(view_plain_shown(arena, text, &how, &is_cut).s);
	arena_free(arena);
	return 0;
}
