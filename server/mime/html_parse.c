/* The only file that knows gumbo. */
#include "mime/html_parse.h"

#include <gumbo.h>
#include <setjmp.h>

/*
 * HTML is quadratic by its own rules: formatting elements are opened anew in
 * each paragraph, and scopes are searched through all open elements. So the
 * parser gets its memory from a pool of ours; when that is used up, or the
 * thread has computed too long, the pool jumps out of the parser. Nothing is
 * lost by that: all the parser has is in the pool. It also makes the tree's
 * destructor unnecessary, which is recursive and slow.
 */
#define POOL_BLOCK_BYTES ((size_t)1 << 20)
#define POOL_FREE_BYTES  ((size_t)24 << 20) /* of any document */
#define POOL_FACTOR      24u                /* and so many times its size */
#define POOL_MAX_BYTES   ((size_t)96 << 20)
#define CPU_MS_FREE      250 /* and a millisecond for each … */
#define CPU_BYTES_A_MS   4096u
#define CLOCK_EACH       512u /* allocations between looks at the clock */
#define TAB_COLUMNS      8

struct block {
	struct block *next;
	size_t used;
	size_t size;
};

struct pool {
	jmp_buf out;
	struct block *blocks;
	size_t left;
	size_t allocations;
	int64_t until_cpu_ms;
	enum err_code failed;
};

static int64_t
cpu_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pool_init(struct pool *pool, size_t source_bytes)
{
	size_t bytes = POOL_FREE_BYTES + source_bytes * POOL_FACTOR;

	pool->blocks = NULL;
	pool->left = bytes < POOL_MAX_BYTES ? bytes : POOL_MAX_BYTES;
	pool->allocations = 0;
	pool->until_cpu_ms =
	    cpu_ms() + CPU_MS_FREE + (int64_t)(source_bytes / CPU_BYTES_A_MS);
	pool->failed = ERR_OK;
}

static void
pool_end(struct pool *pool)
{
	while (pool->blocks != NULL) {
		struct block *next = pool->blocks->next;
		free(pool->blocks);
		pool->blocks = next;
	}
}

static void
pool_leave(struct pool *pool, enum err_code why)
{
	pool->failed = why;
	longjmp(pool->out, 1);
}

static struct block *
pool_grow(struct pool *pool, size_t bytes)
{
	size_t size = bytes > POOL_BLOCK_BYTES ? bytes : POOL_BLOCK_BYTES;
	struct block *block;

	if (size > pool->left)
		pool_leave(pool, ERR_LIMIT);
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		pool_leave(pool, ERR_NO_MEMORY);
	pool->left -= size;
	block->next = pool->blocks;
	block->used = 0;
	block->size = size;
	pool->blocks = block;
	return block;
}

static void *
pool_alloc(void *userdata, size_t bytes)
{
	struct pool *pool = userdata;
	struct block *block = pool->blocks;
	size_t size = (bytes + 15) & ~(size_t)15;
	void *memory;

	pool->allocations++;
	if (pool->allocations % CLOCK_EACH == 0 &&
	    cpu_ms() > pool->until_cpu_ms)
		pool_leave(pool, ERR_LIMIT);
	if (block == NULL || size > block->size - block->used)
		block = pool_grow(pool, size);
	memory = (char *)(block + 1) + block->used;
	block->used += size;
	return memory;
}

static void
pool_free(void *userdata, void *memory)
{
	(void)userdata;
	(void)memory;
}

/* ---- the walk ---- */

struct html_attribute
html_parse_attribute(const struct html_element *element, size_t index)
{
	GumboAttribute *const *list = element->attributes;
	const GumboAttribute *attribute = list[index];

	return (struct html_attribute){
	    str_c(attribute->name), str_c(attribute->value)};
}

struct str
html_parse_find(const struct html_element *element, const char *name)
{
	for (size_t i = 0; i < element->attribute_count; i++) {
		struct html_attribute attribute =
		    html_parse_attribute(element, i);
		if (str_eq(attribute.name, str_c(name)))
			return attribute.value;
	}
	return (struct str){0};
}

static struct html_element
element_of(const GumboNode *node)
{
	const GumboElement *element = &node->v.element;
	struct html_element out = {
	    .attribute_count = element->attributes.length,
	    .attributes = element->attributes.data};

	out.is_foreign = element->tag_namespace != GUMBO_NAMESPACE_HTML;
	if (element->tag != GUMBO_TAG_UNKNOWN)
		out.name = str_c(gumbo_normalized_tagname(element->tag));
	return out;
}

static const GumboNode *
find_body(const GumboOutput *output)
{
	const GumboVector *children = &output->root->v.element.children;

	for (unsigned i = 0; i < children->length; i++) {
		const GumboNode *child = children->data[i];
		if (child->type == GUMBO_NODE_ELEMENT &&
		    child->v.element.tag == GUMBO_TAG_BODY)
			return child;
	}
	return NULL;
}

struct step {
	const GumboNode *node;
	unsigned next; /* child */
};

/* Where the walk is; deep HTML must not become deep recursion. */
struct path {
	struct step *steps;
	size_t count;
	size_t capacity;
};

static bool
path_push(struct path *path, const GumboNode *node)
{
	if (path->count == path->capacity) {
		size_t capacity =
		    path->capacity == 0 ? 256 : path->capacity * 2;
		struct step *steps =
		    realloc(path->steps, capacity * sizeof(*steps));
		if (steps == NULL)
			return false;
		path->steps = steps;
		path->capacity = capacity;
	}
	path->steps[path->count] = (struct step){.node = node};
	path->count++;
	return true;
}

/* One node; false without memory. */
static bool
visit(const struct html_visitor *visitor, struct path *path,
    const GumboNode *node)
{
	struct html_element element;

	if (node->type == GUMBO_NODE_TEXT ||
	    node->type == GUMBO_NODE_WHITESPACE ||
	    node->type == GUMBO_NODE_CDATA) {
		visitor->text(visitor->ctx, str_c(node->v.text.text));
		return true;
	}
	if (node->type != GUMBO_NODE_ELEMENT)
		return true; /* comments, templates */
	element = element_of(node);
	if (!visitor->open(visitor->ctx, &element))
		return true;
	return path_push(path, node);
}

static bool
walk(const struct html_visitor *visitor, struct path *path)
{
	while (path->count > 0) {
		struct step *step = &path->steps[path->count - 1];
		const GumboVector *children = &step->node->v.element.children;

		if (step->next < children->length) {
			const GumboNode *child = children->data[step->next];
			step->next++;
			if (!visit(visitor, path, child))
				return false;
			continue;
		}
		path->count--;
		if (path->count > 0) {
			struct html_element element = element_of(step->node);
			visitor->close(visitor->ctx, &element);
		}
	}
	return true;
}

static enum err_code
walk_body(const GumboOutput *output, const struct html_visitor *visitor)
{
	struct path path = {0};
	const GumboNode *body = find_body(output);
	bool is_done = true;

	if (body == NULL)
		return ERR_OK;
	if (visitor->body != NULL) {
		struct html_element element = element_of(body);
		visitor->body(visitor->ctx, &element);
	}
	is_done = path_push(&path, body) && walk(visitor, &path);
	free(path.steps);
	return is_done ? ERR_OK : ERR_NO_MEMORY;
}

/* Apart from html_parse(), so that setjmp's frame holds no locals. */
static GumboOutput *
parse_in_pool(struct pool *pool, struct str source)
{
	GumboOptions options = kGumboDefaultOptions;

	options.allocator = pool_alloc;
	options.deallocator = pool_free;
	options.userdata = pool;
	options.tab_stop = TAB_COLUMNS;
	options.max_errors = 0;
	return gumbo_parse_with_options(
	    &options, source.len > 0 ? source.ptr : "", source.len);
}

enum err_code
html_parse(
    struct str source, const struct html_visitor *visitor, struct err *err)
{
	struct pool pool;
	enum err_code rc;

	pool_init(&pool, source.len);
	if (setjmp(pool.out) == 0) {
		const GumboOutput *output = parse_in_pool(&pool, source);
		rc = walk_body(output, visitor);
	} else {
		rc = pool.failed;
	}
	pool_end(&pool);
	if (rc == ERR_OK)
		return ERR_OK;
	return err_set(err, rc,
	    rc == ERR_LIMIT ? "This HTML is too complicated to be shown."
	                    : NULL,
	    "html: parser's memory or time used up");
}
