#include "mime/html_image.h"

#include "base/codec.h"
#include "mime/html_name.h"
#include "mime/html_url.h"

#define ID_BYTES_MAX ((size_t)8 << 10)

/* "0", "1", "1px", "0%": as browsers read a dimension, at most one pixel. */
static bool
is_tiny_dimension(struct str value)
{
	size_t at = 0;

	value = str_trim(value);
	while (at < value.len && value.ptr[at] == '0')
		at++;
	if (at < value.len && value.ptr[at] == '1')
		at++;
	if (at == 0)
		return false;
	/* "0.5" is tiny, "10" and "1%" are not. */
	return at == value.len ||
	       ((value.ptr[at] < '0' || value.ptr[at] > '9') &&
	           (value.ptr[at] != '%' || value.ptr[at - 1] == '0'));
}

static bool
is_zero_dimension(struct str value)
{
	value = str_trim(value);
	return str_starts(value, STR("0")) && is_tiny_dimension(value) &&
	       str_find_byte(value, '1', 0) == value.len;
}

static bool
is_tiny_by_sheet(struct html_writer *writer, struct str names)
{
	buf_clear(&writer->value);
	return html_name_add_list(&writer->value, names) &&
	       html_css_sheet_is_tiny(&writer->sheet, buf_str(&writer->value));
}

static bool
is_tiny(struct html_writer *writer, const struct html_element *element)
{
	struct str width = html_parse_find(element, "width");
	struct str height = html_parse_find(element, "height");
	const struct html_style *style =
	    html_style_get(&writer->styles, html_parse_find(element, "style"));
	bool is_narrow = style->facts.is_narrow || is_tiny_dimension(width);
	bool is_low = style->facts.is_low || is_tiny_dimension(height);

	if ((is_narrow && is_low) || is_zero_dimension(width) ||
	    is_zero_dimension(height) || style->facts.is_hidden ||
	    style->facts.is_empty || writer->hidden_depth > 0 ||
	    html_parse_find(element, "hidden").ptr != NULL)
		return true;
	return is_tiny_by_sheet(writer, html_parse_find(element, "class")) ||
	       is_tiny_by_sheet(writer, html_parse_find(element, "id"));
}

struct image {
	struct str src;   /* canonical, in writer->src; empty: not shown */
	struct str shown; /* ptr NULL: as src */
};

/* RFC 2392: the id is percent-encoded in the address. */
static struct str
cid_address(struct html_writer *writer, struct str src)
{
	const struct html_clean_options *options = writer->options;
	struct str shown = {0};
	struct buf id;

	if (options->cid_address == NULL)
		return shown;
	buf_init(&id, ID_BYTES_MAX);
	codec_percent_decode(&id, str_slice(src, 4, src.len), false);
	shown = options->cid_address(options->ctx, buf_str(&id));
	buf_free(&id);
	return shown;
}

/* "https://name:password@host/": no honest image has that. */
static bool
has_user(struct str url)
{
	struct str host = str_slice(url, STR("https://").len, url.len);
	size_t end = str_find_byte(host, '/', 0);

	return str_find_byte(host, '@', 0) < end;
}

static struct image
choose_image(struct html_writer *writer, const struct html_element *element)
{
	struct str value = html_parse_find(element, "src");
	struct image image = {0};
	enum html_url_kind kind;

	buf_clear(&writer->src);
	kind = html_url_read(&writer->src, value);
	if (kind == HTML_URL_IMAGE) {
		image.src = buf_str(&writer->src);
	} else if (kind == HTML_URL_CID) {
		image.shown = cid_address(writer, buf_str(&writer->src));
		if (image.shown.ptr != NULL)
			image.src = buf_str(&writer->src);
	} else if (kind == HTML_URL_WEB || html_writer_is_remote(value)) {
		if (is_tiny(writer, element))
			writer->tiny++;
		else if (kind == HTML_URL_WEB &&
		         writer->options->allow_remote_images &&
		         html_url_is_https(buf_str(&writer->src)) &&
		         !has_user(buf_str(&writer->src)))
			image.src = buf_str(&writer->src);
		else
			writer->blocked++;
	}
	return image;
}

void
html_image_write(struct html_writer *writer, const struct html_element *element)
{
	struct image image = choose_image(writer, element);
	struct html_css_facts ignored = {0};

	if (image.src.len == 0) {
		struct str alt = html_parse_find(element, "alt");
		if (alt.len > 0)
			html_writer_text(writer, alt);
		return;
	}
	writer->is_after_pre = false;
	writer->has_content = true;
	html_nest_open(&writer->nest, html_nest_kind(element->name), true);
	buf_add(&writer->out, STR("<img"));
	if (image.shown.ptr != NULL)
		html_writer_swapped(writer, STR("src"), image.src, image.shown);
	else
		html_writer_attribute(writer, STR("src"), image.src);
	html_writer_attributes(writer, element, &ignored);
	buf_add_byte(&writer->out, '>');
}
