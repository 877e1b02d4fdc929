/* The only file that knows gumbo. */
#include "mime/html_parse.h"

#include "mime/html_pool.h"
#include "mime/html_squeeze.h"

#include <gumbo.h>

/*
 * HTML is quadratic by its own rules: formatting elements are opened anew in
 * each paragraph, and scopes are searched through all open elements. So the
 * parser gets its memory from a pool of ours; when that is used up, or the
 * thread has computed too long, the pool jumps out of the parser. Nothing is
 * lost by that: all the parser has is in the pool. It also makes the tree's
 * destructor unnecessary, which is recursive and slow.
 */
#define SCRATCH_BYTES_MAX ((size_t)16 << 20)
#define TAB_COLUMNS       8

/* One parse and the walk over its tree. */
struct parse {
	const struct html_visitor *visitor;
	struct html_pool pool;
	struct html_squeeze squeeze;
	struct buf scratch; /* what the visitor is given, where not borrowed */
	struct html_attribute attributes[HTML_PARSE_ATTRIBUTES_MAX];
	struct step *steps; /* deep HTML must not become deep recursion */
	size_t count;
	size_t capacity;
};

struct step {
	const GumboNode *node;
	unsigned next; /* child */
};

static void *
pool_alloc(void *userdata, size_t bytes)
{
	return html_pool_alloc(userdata, bytes);
}

static void
pool_free(void *userdata, void *memory)
{
	html_pool_free(userdata, memory);
}

/* ---- the walk ---- */

struct str
html_parse_find(const struct html_element *element, const char *name)
{
	const struct str wanted = str_c(name);

	for (size_t i = 0; i < element->attribute_count; i++) {
		if (str_eq(element->attributes[i].name, wanted))
			return element->attributes[i].value;
	}
	return (struct str){0};
}

static struct html_element
element_of(const GumboNode *node)
{
	const GumboElement *element = &node->v.element;
	struct html_element out = {.tag = (unsigned)element->tag};

	ensure(out.tag < HTML_PARSE_TAGS);
	out.is_foreign = element->tag_namespace != GUMBO_NAMESPACE_HTML;
	if (element->tag != GUMBO_TAG_UNKNOWN)
		out.name = str_c(gumbo_normalized_tagname(element->tag));
	return out;
}

/*
 * The scratch moves while it grows: values in it are marked by their place
 * first, and become addresses when all are there.
 */
static void
add_attributes(
    struct parse *parse, const GumboNode *node, struct html_element *element)
{
	const GumboVector *list = &node->v.element.attributes;
	size_t starts[HTML_PARSE_ATTRIBUTES_MAX];
	size_t count = list->length;

	if (count > HTML_PARSE_ATTRIBUTES_MAX)
		count = HTML_PARSE_ATTRIBUTES_MAX;
	for (size_t i = 0; i < count; i++) {
		const GumboAttribute *attribute = list->data[i];
		struct html_attribute *out = &parse->attributes[i];
		starts[i] = parse->scratch.len;
		out->name = str_c(attribute->name);
		out->value = html_runs_expand(&parse->squeeze.runs,
		    str_c(attribute->value), &parse->scratch);
		if (parse->scratch.len == starts[i])
			starts[i] = SIZE_MAX;
	}
	for (size_t i = 0; i < count; i++) {
		if (starts[i] != SIZE_MAX)
			parse->attributes[i].value.ptr =
			    parse->scratch.ptr + starts[i];
	}
	element->attributes = parse->attributes;
	element->attribute_count = count;
}

static const GumboNode *
find_child(const GumboNode *node, GumboTag tag)
{
	const GumboVector *children = &node->v.element.children;

	for (unsigned i = 0; i < children->length; i++) {
		const GumboNode *child = children->data[i];
		if (child->type == GUMBO_NODE_ELEMENT &&
		    child->v.element.tag == tag)
			return child;
	}
	return NULL;
}

static bool
is_text(const GumboNode *node)
{
	return node->type == GUMBO_NODE_TEXT ||
	       node->type == GUMBO_NODE_WHITESPACE ||
	       node->type == GUMBO_NODE_CDATA;
}

static struct str
text_of(struct parse *parse, const GumboNode *node)
{
	return html_runs_expand(
	    &parse->squeeze.runs, str_c(node->v.text.text), &parse->scratch);
}

static void
visit_style(struct parse *parse, const GumboNode *node)
{
	const GumboVector *children = &node->v.element.children;

	for (unsigned i = 0; i < children->length; i++) {
		const GumboNode *child = children->data[i];
		buf_clear(&parse->scratch);
		if (is_text(child))
			parse->visitor->style(
			    parse->visitor->ctx, text_of(parse, child));
	}
}

static bool
is_style(const struct parse *parse, const GumboNode *node)
{
	return parse->visitor->style != NULL &&
	       node->type == GUMBO_NODE_ELEMENT &&
	       node->v.element.tag == GUMBO_TAG_STYLE &&
	       node->v.element.tag_namespace == GUMBO_NAMESPACE_HTML;
}

static bool
push(struct parse *parse, const GumboNode *node)
{
	if (parse->count == parse->capacity) {
		size_t capacity =
		    parse->capacity == 0 ? 256 : parse->capacity * 2;
		struct step *steps =
		    realloc(parse->steps, capacity * sizeof(*steps));
		if (steps == NULL)
			return false;
		parse->steps = steps;
		parse->capacity = capacity;
	}
	parse->steps[parse->count] = (struct step){.node = node};
	parse->count++;
	return true;
}

/* One node; false without memory. */
static bool
visit(struct parse *parse, const GumboNode *node)
{
	const struct html_visitor *visitor = parse->visitor;
	struct html_element element;

	buf_clear(&parse->scratch);
	if (is_text(node)) {
		visitor->text(visitor->ctx, text_of(parse, node));
		return true;
	}
	if (node->type != GUMBO_NODE_ELEMENT)
		return true; /* comments, templates */
	if (is_style(parse, node))
		return true; /* walk_styles() has been there */
	element = element_of(node);
	add_attributes(parse, node, &element);
	if (!visitor->open(visitor->ctx, &element))
		return true;
	return push(parse, node);
}

static bool
walk(struct parse *parse)
{
	while (parse->count > 0) {
		struct step *step = &parse->steps[parse->count - 1];
		const GumboVector *children = &step->node->v.element.children;

		if (step->next < children->length) {
			const GumboNode *child = children->data[step->next];
			step->next++;
			if (!visit(parse, child))
				return false;
			continue;
		}
		parse->count--;
		if (parse->count > 0) {
			struct html_element element = element_of(step->node);
			parse->visitor->close(parse->visitor->ctx, &element);
		}
	}
	return true;
}

/* All style elements first: they say what images are too small to see. */
static bool
walk_styles(struct parse *parse, const GumboNode *root)
{
	bool has_memory = push(parse, root);

	while (has_memory && parse->count > 0) {
		struct step *step = &parse->steps[parse->count - 1];
		const GumboVector *children = &step->node->v.element.children;
		const GumboNode *child = NULL;

		if (step->next == children->length) {
			parse->count--;
			continue;
		}
		child = children->data[step->next];
		step->next++;
		if (is_style(parse, child))
			visit_style(parse, child);
		else if (child->type == GUMBO_NODE_ELEMENT)
			has_memory = push(parse, child);
	}
	return has_memory;
}

static enum err_code
walk_document(struct parse *parse, const GumboOutput *output)
{
	const struct html_visitor *visitor = parse->visitor;
	const GumboNode *body = find_child(output->root, GUMBO_TAG_BODY);

	if (parse->visitor->style != NULL && parse->squeeze.may_have_style &&
	    !walk_styles(parse, output->root))
		return ERR_NO_MEMORY;
	if (body == NULL)
		return ERR_OK;
	if (visitor->body != NULL) {
		struct html_element element = element_of(body);
		buf_clear(&parse->scratch);
		add_attributes(parse, body, &element);
		visitor->body(visitor->ctx, &element);
	}
	return push(parse, body) && walk(parse) ? ERR_OK : ERR_NO_MEMORY;
}

/* Apart from parse_source(), so that setjmp's frame holds no locals. */
static GumboOutput *
parse_in_pool(struct parse *parse)
{
	GumboOptions options = kGumboDefaultOptions;
	struct str source = html_squeeze_text(&parse->squeeze);

	options.allocator = pool_alloc;
	options.deallocator = pool_free;
	options.userdata = &parse->pool;
	options.tab_stop = TAB_COLUMNS;
	options.max_errors = 0;
	return gumbo_parse_with_options(
	    &options, source.len > 0 ? source.ptr : "", source.len);
}

static enum err_code
parse_source(struct parse *parse, const struct html_parse_limits *limits)
{
	html_pool_init(&parse->pool, limits->max_bytes, limits->until_cpu_ms);
	if (setjmp(parse->pool.out) != 0)
		return parse->pool.failed;
	return walk_document(parse, parse_in_pool(parse));
}

static enum err_code
run_parse(struct str source, bool is_squeezed,
    const struct html_parse_limits *limits, const struct html_visitor *visitor,
    struct err *err)
{
	struct parse *parse = calloc(1, sizeof(*parse));
	enum err_code rc = ERR_NO_MEMORY;

	if (parse != NULL) {
		parse->visitor = visitor;
		buf_init(&parse->scratch, SCRATCH_BYTES_MAX);
		if (is_squeezed)
			html_squeeze_init(&parse->squeeze, source);
		parse->squeeze.source = source;
		parse->squeeze.may_have_style |= !is_squeezed;
		rc = parse_source(parse, limits);
		html_pool_end(&parse->pool);
		html_squeeze_end(&parse->squeeze);
		buf_free(&parse->scratch);
		free(parse->steps);
		free(parse);
	}
	if (rc == ERR_OK)
		return ERR_OK;
	return err_set(err, rc,
	    rc == ERR_LIMIT ? "This HTML is too complicated to be shown."
	                    : NULL,
	    "html: parser's memory or time used up");
}

enum err_code
html_parse(struct str source, const struct html_parse_limits *limits,
    const struct html_visitor *visitor, struct err *err)
{
	return run_parse(source, true, limits, visitor, err);
}

enum err_code
html_parse_plainly(struct str source, const struct html_parse_limits *limits,
    const struct html_visitor *visitor, struct err *err)
{
	return run_parse(source, false, limits, visitor, err);
}
