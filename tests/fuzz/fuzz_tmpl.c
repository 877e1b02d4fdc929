/*
 * Templates: the first part of the input (up to a NUL byte) is a template, the
 * rest a text. Whatever the text, wherever it stands, the page has the same
 * elements and attributes: a text never breaks out of its place. The judge is
 * an HTML parser (gumbo), not our own tokenizer. Plain text, too, is judged.
 */
#include <gumbo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "view/tmpl.h"

#define FUZZ_MAX ((size_t)64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
flatten_attributes(const GumboVector *attributes, struct buf *out)
{
	for (unsigned i = 0; i < attributes->length; i++) {
		const GumboAttribute *attribute = attributes->data[i];

		buf_add_byte(out, ' ');
		buf_add_c(out, attribute->name);
	}
}

/* Elements and names of attributes, as text; values are left out. */
static void
flatten(const GumboNode *node, struct buf *out)
{
	const GumboVector *children;
	GumboStringPiece tag;

	if (node->type == GUMBO_NODE_COMMENT)
		buf_add_c(out, "<!>");
	if (node->type != GUMBO_NODE_ELEMENT &&
	    node->type != GUMBO_NODE_TEMPLATE)
		return;
	tag = node->v.element.original_tag;
	gumbo_tag_from_original_text(&tag);
	buf_addf(out, "<%u:%.*s", (unsigned)node->v.element.tag,
	    (int)tag.length, tag.length > 0 ? tag.data : "");
	flatten_attributes(&node->v.element.attributes, out);
	buf_add_byte(out, '>');
	children = &node->v.element.children;
	for (unsigned i = 0; i < children->length; i++)
		flatten(children->data[i], out);
	buf_add_c(out, "</>");
}

static struct str
shape(struct arena *arena, struct str html)
{
	GumboOptions options = kGumboDefaultOptions;
	GumboOutput *output =
	    gumbo_parse_with_options(&options, html.ptr, html.len);
	struct buf out;

	buf_init_arena(&out, arena, (size_t)8 << 20);
	flatten(output->root, &out);
	gumbo_destroy_output(&options, output);
	return buf_str(&out);
}

static bool
render(struct tmpl_set *set, struct arena *arena, struct str value,
    struct str *out)
{
	struct view *view = view_new(arena);
	struct view_list *list = view_list(view, "l");
	struct html html = {{NULL, 0}};

	view_str(view, "t", value);
	view_bool(view, "y", true);
	view_set_url(view, "u", view_url_foreign(arena, value));
	view_set_url(view, "o", view_url_own(arena, value));
	for (int i = 0; i < 2; i++)
		view_str(view_list_add(list), "r", value);
	view_str(view_child(view, "c"), "d", value);
	if (tmpl_render(set, "f", view, arena, &html, NULL) != ERR_OK)
		return false;
	*out = html.s;
	return true;
}

static void
check_template(struct str source, struct str value)
{
	const struct str name = STR("f");
	struct arena *arena = arena_new((size_t)64 << 20);
	struct tmpl_set *set = NULL;
	struct str harmless;
	struct str hostile;
	struct buf text;

	ensure(arena != NULL);
	if (tmpl_set_from(&name, &source, 1, &set, NULL) == ERR_OK) {
		buf_init_arena(&text, arena, FUZZ_MAX * 2);
		buf_add(&text, STR("x"));
		buf_add(&text, value);
		buf_add(&text, STR("\"'></p></title></textarea><b onclick=1>"));
		if (render(set, arena, STR("x"), &harmless) &&
		    render(set, arena, buf_str(&text), &hostile))
			ensure(str_eq(
			    shape(arena, harmless), shape(arena, hostile)));
	}
	tmpl_set_unref(set);
	arena_free(arena);
}

static void
check_link(const GumboNode *node)
{
	const GumboAttribute *href =
	    gumbo_get_attribute(&node->v.element.attributes, "href");
	struct str url;

	ensure(href != NULL);
	url = str_c(href->value);
	ensure(str_starts_nocase(url, STR("http://")) ||
	       str_starts_nocase(url, STR("https://")) ||
	       str_starts(url, STR("/compose?to=")));
}

static void
check_plain_node(const GumboNode *node)
{
	GumboTag tag = node->v.element.tag;
	const GumboVector *children = &node->v.element.children;

	if (node->type == GUMBO_NODE_TEXT ||
	    node->type == GUMBO_NODE_WHITESPACE)
		return;
	ensure(node->type == GUMBO_NODE_ELEMENT);
	ensure(tag == GUMBO_TAG_HTML || tag == GUMBO_TAG_HEAD ||
	       tag == GUMBO_TAG_BODY || tag == GUMBO_TAG_P ||
	       tag == GUMBO_TAG_A || tag == GUMBO_TAG_BLOCKQUOTE ||
	       tag == GUMBO_TAG_DIV);
	if (tag == GUMBO_TAG_A)
		check_link(node);
	for (unsigned i = 0; i < node->v.element.attributes.length; i++) {
		const GumboAttribute *attribute =
		    node->v.element.attributes.data[i];

		ensure(strstr(" href rel target class dir ", attribute->name) !=
		       NULL);
	}
	for (unsigned i = 0; i < children->length; i++)
		check_plain_node(children->data[i]);
}

static void
check_plain(struct str bytes)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct html html;
	GumboOutput *output;

	ensure(arena != NULL);
	html = view_plain_text(arena, text_from(arena, bytes));
	ensure(str_is_utf8(html.s));
	output = gumbo_parse_with_options(
	    &kGumboDefaultOptions, html.s.ptr, html.s.len);
	check_plain_node(output->root);
	gumbo_destroy_output(&kGumboDefaultOptions, output);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_of((const char *)data, size);
	struct str value = {NULL, 0};
	size_t zero;

	if (size > FUZZ_MAX)
		return 0;
	zero = str_find_byte(input, '\0', 0);
	if (zero < input.len)
		value = str_slice(input, zero + 1, input.len);
	check_template(str_slice(input, 0, zero), value);
	check_plain(input);
	return 0;
}
