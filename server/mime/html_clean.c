#include "mime/html_clean.h"

#include "base/codec.h"
#include "base/limits.h"
#include "mime/html_attribute.h"
#include "mime/html_css.h"
#include "mime/html_nest.h"
#include "mime/html_parse.h"
#include "mime/html_url.h"

/*
 * One pass parses HTML and writes what is allowed of it. A browser must see
 * the tree that was cleaned (mutation XSS lives on the difference): where the
 * nesting leaves doubt, the result is passed again until there is none or the
 * text does not change any more. What does not come to rest is shown as plain
 * text.
 */
#define PASSES_MAX     5u
#define OUT_BYTES_MAX  (LIMIT_HTML_SHOWN * 3)
#define ATTRIBUTES_MAX 60u

/* Our own document is parsed in this context; so is each pass but the first. */
#define CONTEXT "<!DOCTYPE html><body>"

/* An address that goes out in place of the one in the canonical text. */
struct swap {
	size_t offset;
	size_t len;
	struct str shown;
};

struct cleaner {
	const struct html_clean_options *options;
	struct arena *arena;
	struct buf out;
	struct buf value; /* of one attribute */
	struct buf style;
	struct buf body_style;
	struct swap *swaps;
	size_t swap_count;
	size_t swap_capacity;
	struct html_nest nest;
	size_t depth; /* of kept elements, written or too deep */
	uint32_t blocked;
	bool is_after_pre; /* a line feed here would be swallowed */
	bool has_content;  /* leading blanks are left out */
	bool is_truncated;
};

/* ---- writing ---- */

/* Text of entities may hold controls again; text has none. */
static void
add_escaped(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t at = 0; at < s.len;) {
		size_t before = at;
		uint32_t c = text_next(s, &at);
		if ((c >= ' ' && c < 0x7f) || c > 0x9f || c == '\n' ||
		    c == '\t')
			continue;
		buf_add_html(out, str_slice(s, from, before));
		from = at;
	}
	buf_add_html(out, str_slice(s, from, s.len));
}

static void
add_attribute(struct buf *out, struct str name, struct str value)
{
	buf_add_byte(out, ' ');
	buf_add(out, name);
	buf_add(out, STR("=\""));
	add_escaped(out, value);
	buf_add_byte(out, '"');
}

static bool
is_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != ' ' && s.ptr[i] != '\n' && s.ptr[i] != '\t' &&
		    s.ptr[i] != '\r' && s.ptr[i] != '\f')
			return false;
	}
	return true;
}

static void
clean_text(void *ctx, struct str text)
{
	struct cleaner *cleaner = ctx;

	if (!cleaner->has_content && cleaner->depth == 0) {
		/* Before the first tag a parser drops them. */
		while (text.len > 0 && is_blank(str_slice(text, 0, 1)))
			text = str_slice(text, 1, text.len);
		if (text.len == 0)
			return;
	}
	if (cleaner->is_after_pre && str_starts(text, STR("\n")))
		buf_add_byte(&cleaner->out, '\n');
	cleaner->is_after_pre = false;
	cleaner->has_content = true;
	html_nest_text(&cleaner->nest, is_blank(text));
	add_escaped(&cleaner->out, text);
}

/* ---- attributes ---- */

static struct str
find_attribute(const struct html_element *element, const char *name)
{
	for (size_t i = 0; i < element->attribute_count; i++) {
		struct html_attribute attribute =
		    html_parse_attribute(element, i);
		if (str_eq(attribute.name, str_c(name)))
			return attribute.value;
	}
	return (struct str){0};
}

/* Would a browser ask a stranger's server for this? */
static bool
is_remote(struct str value)
{
	struct str trimmed = str_trim(value);

	return str_starts_nocase(trimmed, STR("http")) ||
	       str_starts(trimmed, STR("//")) ||
	       str_starts(trimmed, STR("\\\\"));
}

static void
add_swap(struct cleaner *cleaner, struct str name, struct str canonical,
    struct str shown)
{
	struct swap *swap;

	cleaner->swaps = arena_grow(cleaner->arena, cleaner->swaps,
	    cleaner->swap_count, &cleaner->swap_capacity, sizeof(*swap));
	if (cleaner->swaps == NULL) {
		cleaner->swap_count = 0;
		cleaner->out.failed = ERR_NO_MEMORY;
		return;
	}
	swap = &cleaner->swaps[cleaner->swap_count];
	cleaner->swap_count++;
	buf_add_byte(&cleaner->out, ' ');
	buf_add(&cleaner->out, name);
	buf_add(&cleaner->out, STR("=\""));
	swap->offset = cleaner->out.len;
	add_escaped(&cleaner->out, canonical);
	swap->len = cleaner->out.len - swap->offset;
	swap->shown = shown;
	buf_add_byte(&cleaner->out, '"');
}

static void
add_link(struct cleaner *cleaner, struct str value)
{
	const struct html_clean_options *options = cleaner->options;
	enum html_url_kind kind;
	struct str url = {0};

	buf_clear(&cleaner->value);
	kind = html_url_read(&cleaner->value, value);
	url = buf_str(&cleaner->value);
	if (kind == HTML_URL_MAILTO && options->mailto_address != NULL) {
		struct str shown = options->mailto_address(options->ctx, url);
		if (shown.ptr == NULL)
			return;
		add_swap(cleaner, STR("href"), url, shown);
	} else if (kind == HTML_URL_WEB || kind == HTML_URL_MAILTO) {
		add_attribute(&cleaner->out, STR("href"), url);
	} else {
		return;
	}
	buf_add(&cleaner->out,
	    STR(" target=\"_blank\" rel=\"noopener noreferrer\""));
}

static void
add_attributes(struct cleaner *cleaner, const struct html_element *element)
{
	size_t count = element->attribute_count;

	if (count > ATTRIBUTES_MAX)
		count = ATTRIBUTES_MAX;
	for (size_t i = 0; i < count; i++) {
		struct html_attribute attribute =
		    html_parse_attribute(element, i);
		buf_clear(&cleaner->value);
		if (str_eq(attribute.name, STR("style"))) {
			html_css_clean(&cleaner->value, attribute.value,
			    &cleaner->blocked);
			if (cleaner->value.len > 0)
				add_attribute(&cleaner->out, attribute.name,
				    buf_str(&cleaner->value));
		} else if (str_eq(attribute.name, STR("background"))) {
			cleaner->blocked += is_remote(attribute.value);
		} else if (str_eq(attribute.name, STR("href")) &&
		           str_eq(element->name, STR("a"))) {
			add_link(cleaner, attribute.value);
		} else if (html_attribute_clean(&cleaner->value, element->name,
		               attribute.name, attribute.value)) {
			add_attribute(&cleaner->out, attribute.name,
			    buf_str(&cleaner->value));
		}
	}
}

/* ---- images ---- */

/* Pictures nobody can see count openings; they are never loaded. */
static bool
is_tracker(struct cleaner *cleaner, const struct html_element *element)
{
	struct str width = str_trim(find_attribute(element, "width"));
	struct str height = str_trim(find_attribute(element, "height"));
	uint32_t ignored = 0;

	buf_clear(&cleaner->style);
	html_css_clean(
	    &cleaner->style, find_attribute(element, "style"), &ignored);
	if (html_css_is_tiny(buf_str(&cleaner->style)))
		return true;
	return (str_eq(width, STR("0")) || str_eq(width, STR("1")) ||
	           str_eq(width, STR("1px"))) &&
	       (str_eq(height, STR("0")) || str_eq(height, STR("1")) ||
	           str_eq(height, STR("1px")));
}

struct image {
	struct str src;   /* canonical; empty: not shown */
	struct str shown; /* ptr NULL: as src */
};

static struct image
choose_image(struct cleaner *cleaner, const struct html_element *element)
{
	const struct html_clean_options *options = cleaner->options;
	struct str value = find_attribute(element, "src");
	struct image image = {0};
	enum html_url_kind kind;

	buf_clear(&cleaner->value);
	kind = html_url_read(&cleaner->value, value);
	image.src = buf_str(&cleaner->value);
	if (kind == HTML_URL_IMAGE)
		return image;
	if (kind == HTML_URL_CID && options->cid_address != NULL) {
		buf_clear(&cleaner->style); /* RFC 2392: percent-encoded */
		codec_percent_decode(&cleaner->style,
		    str_slice(image.src, 4, image.src.len), false);
		image.shown = options->cid_address(
		    options->ctx, buf_str(&cleaner->style));
		if (image.shown.ptr != NULL)
			return image;
	}
	if (kind == HTML_URL_WEB || is_remote(value)) {
		if (is_tracker(cleaner, element))
			return (struct image){0};
		if (kind == HTML_URL_WEB && options->allow_remote_images &&
		    html_url_is_https(image.src))
			return image;
		cleaner->blocked++;
	}
	return (struct image){0};
}

static void
clean_image(struct cleaner *cleaner, const struct html_element *element)
{
	struct image image = choose_image(cleaner, element);

	if (image.src.len == 0) {
		struct str alt = find_attribute(element, "alt");
		if (alt.len > 0)
			clean_text(cleaner, alt);
		return;
	}
	cleaner->is_after_pre = false;
	cleaner->has_content = true;
	html_nest_open(&cleaner->nest, element->name, true);
	buf_add(&cleaner->out, STR("<img"));
	if (image.shown.ptr != NULL)
		add_swap(cleaner, STR("src"), image.src, image.shown);
	else
		add_attribute(&cleaner->out, STR("src"), image.src);
	add_attributes(cleaner, element);
	buf_add_byte(&cleaner->out, '>');
}

/* ---- elements ---- */

static bool
is_named(const struct html_element *element, const char *name)
{
	return str_eq(element->name, str_c(name));
}

/* Kept elements up to the depth; the visitor's close() must decide alike. */
static bool
is_written(struct cleaner *cleaner, enum html_rule rule)
{
	if (rule != HTML_KEEP)
		return false;
	if (cleaner->depth < LIMIT_HTML_DEPTH)
		return true;
	cleaner->is_truncated = true;
	return false;
}

static bool
clean_open(void *ctx, const struct html_element *element)
{
	struct cleaner *cleaner = ctx;
	enum html_rule rule = element->is_foreign
	                          ? HTML_DROP
	                          : html_attribute_element(element->name);

	if (rule == HTML_DROP || cleaner->out.failed != ERR_OK)
		return false;
	if (is_named(element, "img")) {
		clean_image(cleaner, element);
		return false;
	}
	if (rule == HTML_VOID || is_written(cleaner, rule)) {
		cleaner->has_content = true;
		html_nest_open(
		    &cleaner->nest, element->name, rule == HTML_VOID);
		buf_add_byte(&cleaner->out, '<');
		buf_add(&cleaner->out, element->name);
		add_attributes(cleaner, element);
		buf_add_byte(&cleaner->out, '>');
		cleaner->is_after_pre = is_named(element, "pre");
	}
	if (rule == HTML_KEEP)
		cleaner->depth++;
	return rule != HTML_VOID;
}

static void
clean_close(void *ctx, const struct html_element *element)
{
	struct cleaner *cleaner = ctx;

	if (html_attribute_element(element->name) != HTML_KEEP)
		return;
	cleaner->depth--;
	if (cleaner->depth >= LIMIT_HTML_DEPTH)
		return;
	html_nest_close(&cleaner->nest);
	buf_add(&cleaner->out, STR("</"));
	buf_add(&cleaner->out, element->name);
	buf_add_byte(&cleaner->out, '>');
	cleaner->is_after_pre = false;
}

/* Colours of the body, as declarations for the frame's body. */
static void
clean_body(void *ctx, const struct html_element *element)
{
	static const struct {
		const char *attribute;
		const char *property;
	} colours[] = {{"bgcolor", "background-color:"}, {"text", "color:"}};
	struct cleaner *cleaner = ctx;

	for (size_t i = 0; i < 2; i++) {
		struct str value =
		    find_attribute(element, colours[i].attribute);
		if (value.len == 0 || value.len > 30)
			continue;
		buf_clear(&cleaner->value);
		buf_add_c(&cleaner->value, colours[i].property);
		buf_add(&cleaner->value, value);
		buf_clear(&cleaner->style);
		html_css_clean(&cleaner->style, buf_str(&cleaner->value),
		    &cleaner->blocked);
		if (cleaner->style.len > 0 && cleaner->body_style.len > 0)
			buf_add_byte(&cleaner->body_style, ';');
		buf_add(&cleaner->body_style, buf_str(&cleaner->style));
	}
	cleaner->blocked += is_remote(find_attribute(element, "background"));
	buf_clear(&cleaner->style);
	html_css_clean(&cleaner->style, find_attribute(element, "style"),
	    &cleaner->blocked);
	if (cleaner->style.len > 0 && cleaner->body_style.len > 0)
		buf_add_byte(&cleaner->body_style, ';');
	buf_add(&cleaner->body_style, buf_str(&cleaner->style));
}

/* ---- passes ---- */

static void
cleaner_init(struct cleaner *cleaner, const struct html_clean_options *options,
    struct arena *arena)
{
	*cleaner = (struct cleaner){.options = options, .arena = arena};
	buf_init(&cleaner->out, OUT_BYTES_MAX);
	buf_init(&cleaner->value, (size_t)300 << 10);
	buf_init(&cleaner->style, (size_t)32 << 10);
	buf_init(&cleaner->body_style, (size_t)32 << 10);
}

static void
cleaner_end(struct cleaner *cleaner)
{
	buf_free(&cleaner->out);
	buf_free(&cleaner->value);
	buf_free(&cleaner->style);
	buf_free(&cleaner->body_style);
}

static enum err_code
run_pass(struct cleaner *cleaner, struct str source, struct err *err)
{
	const struct html_visitor visitor = {.ctx = cleaner,
	    .body = clean_body,
	    .open = clean_open,
	    .close = clean_close,
	    .text = clean_text};
	enum err_code rc = html_parse(source, &visitor, err);

	if (rc == ERR_OK && cleaner->out.failed != ERR_OK)
		rc = err_set(err, cleaner->out.failed,
		    "This HTML is too large to be shown.",
		    "html: output past its maximum");
	return rc;
}

static void
take_result(struct cleaner *cleaner, struct html_clean_result *out)
{
	struct buf final;
	size_t at = 0;
	struct str text = buf_str(&cleaner->out);

	buf_init_arena(&final, cleaner->arena, OUT_BYTES_MAX * 2);
	for (size_t i = 0; i < cleaner->swap_count; i++) {
		const struct swap *swap = &cleaner->swaps[i];
		buf_add(&final, str_slice(text, at, swap->offset));
		add_escaped(&final, swap->shown);
		at = swap->offset + swap->len;
	}
	if (cleaner->swap_count == 0)
		out->body.s = str_dup(cleaner->arena, text);
	else {
		buf_add(&final, str_slice(text, at, text.len));
		out->body.s = buf_str(&final);
	}
}

/* Passes `text` again; *is_stable when there is no doubt left. */
static enum err_code
run_again(
    struct cleaner *again, struct str text, bool *is_stable, struct err *err)
{
	struct buf source;
	enum err_code rc;

	buf_init(&source, OUT_BYTES_MAX + sizeof(CONTEXT));
	buf_add(&source, STR(CONTEXT));
	buf_add(&source, text);
	rc = source.failed != ERR_OK ? err_set(err, source.failed, NULL, NULL)
	                             : run_pass(again, buf_str(&source), err);
	buf_free(&source);
	*is_stable = rc == ERR_OK && (!again->nest.is_doubtful ||
	                                 str_eq(buf_str(&again->out), text));
	return rc;
}

/* Cleans `source` until it comes to rest; false in *is_stable if it does not.
 */
static enum err_code
clean_stably(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, bool *is_stable,
    struct err *err)
{
	struct cleaner first;
	struct cleaner again;
	enum err_code rc;

	cleaner_init(&first, options, arena);
	rc = run_pass(&first, source, err);
	out->blocked_remote = first.blocked;
	out->is_truncated |= first.is_truncated;
	*is_stable = rc == ERR_OK && !first.nest.is_doubtful;
	if (rc == ERR_OK)
		out->body_style = str_dup(arena, buf_str(&first.body_style));
	for (unsigned i = 0; rc == ERR_OK && !*is_stable && i < PASSES_MAX;
	     i++) {
		cleaner_init(&again, options, arena);
		rc = run_again(&again, buf_str(&first.out), is_stable, err);
		cleaner_end(&first);
		first = again;
	}
	if (rc == ERR_OK && *is_stable)
		take_result(&first, out);
	cleaner_end(&first);
	return rc;
}

/* ---- what cannot be cleaned is read as text ---- */

static enum err_code
clean_as_text(struct str source, struct arena *arena,
    struct html_clean_result *out, struct err *err)
{
	struct buf text;

	buf_init_arena(&text, arena, OUT_BYTES_MAX);
	buf_add(&text, STR("<pre>"));
	if (str_starts(source, STR("\n")))
		buf_add_byte(&text, '\n');
	add_escaped(&text, source);
	buf_add(&text, STR("</pre>"));
	out->body_style = (struct str){0};
	out->body.s = buf_str(&text);
	if (text.failed != ERR_OK)
		return err_set(err, text.failed,
		    "This HTML is too large to be shown.", "html: as text");
	return ERR_OK;
}

enum err_code
html_clean(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, struct err *err)
{
	/* What is too complicated whole is shown in part. */
	const size_t lengths[] = {
	    source.len, (size_t)128 << 10, (size_t)16 << 10, (size_t)2 << 10};
	struct str text = {0};
	enum err_code rc = ERR_LIMIT;
	bool is_stable = false;

	*out = (struct html_clean_result){0};
	if (source.len > LIMIT_HTML_SHOWN)
		return err_set(err, ERR_LIMIT,
		    "This HTML is too large to be shown.", "html: source");
	text = text_from(arena, source).s;
	for (size_t i = 0; i < 4 && rc == ERR_LIMIT; i++) {
		out->is_truncated |= lengths[i] < text.len;
		rc = clean_stably(str_slice(text, 0, lengths[i]), options,
		    arena, out, &is_stable, err);
	}
	if (rc == ERR_LIMIT || (rc == ERR_OK && !is_stable))
		rc = clean_as_text(text, arena, out, err);
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(err, ERR_NO_MEMORY,
		    "This HTML is too large to be shown.", "html: arena");
	return rc;
}
