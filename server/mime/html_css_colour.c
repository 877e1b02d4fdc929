#include "mime/html_css_colour.h"

#define ARGUMENTS_MAX 4u

/* The same spelling of thousandths for all numbers of CSS. */
void
html_css_colour_number(struct buf *out, int64_t thousandths)
{
	uint64_t size =
	    (uint64_t)(thousandths < 0 ? -thousandths : thousandths);
	uint64_t rest = size % 1000;
	uint64_t scale = 100;

	if (thousandths < 0)
		buf_add_byte(out, '-');
	buf_add_u64(out, size / 1000);
	if (rest > 0)
		buf_add_byte(out, '.');
	for (; rest > 0; scale /= 10) {
		buf_add_byte(out, (char)('0' + rest / scale));
		rest %= scale;
	}
}

bool
html_css_colour_hash(struct buf *out, struct str hex)
{
	if (hex.len != 3 && hex.len != 4 && hex.len != 6 && hex.len != 8)
		return false;
	buf_add_byte(out, '#');
	for (size_t i = 0; i < hex.len; i++) {
		char c = hex.ptr[i];
		if (c >= 'A' && c <= 'F')
			c = (char)(c | 0x20);
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		buf_add_byte(out, c);
	}
	return true;
}

struct colour_arguments {
	int64_t thousandths[ARGUMENTS_MAX];
	bool is_percent[ARGUMENTS_MAX];
	size_t count;
};

/* Numbers and percents between blanks, commas and a slash, up to ")". */
static bool
read_arguments(struct html_css_scan *scan, struct colour_arguments *arguments)
{
	struct html_css_token token;

	arguments->count = 0;
	while (true) {
		struct html_css_scan before = *scan;
		bool is_degree = false;
		html_css_token_next(scan, &token);
		if (html_css_token_delim(&token, ')') && arguments->count >= 3)
			return true;
		if (token.kind == HTML_CSS_BLANK ||
		    html_css_token_delim(&token, ',') ||
		    html_css_token_delim(&token, '/'))
			continue;
		is_degree = token.kind == HTML_CSS_DIMENSION &&
		            html_css_token_is(&token, "deg");
		if ((token.kind != HTML_CSS_NUMBER && !is_degree &&
		        token.kind != HTML_CSS_PERCENT) ||
		    token.is_bad_number || arguments->count == ARGUMENTS_MAX) {
			*scan = before;
			return false;
		}
		arguments->thousandths[arguments->count] = token.thousandths;
		arguments->is_percent[arguments->count] =
		    token.kind == HTML_CSS_PERCENT;
		arguments->count++;
	}
}

static int64_t
clip(int64_t value, int64_t max)
{
	if (value < 0)
		return 0;
	return value > max ? max : value;
}

/* CSS Color 4, 7.1, in thousandths: hue in degrees, the others in percent. */
static uint64_t
hsl_part(int64_t n, const int64_t *hsl)
{
	int64_t hue = ((hsl[0] % 360000) + 360000) % 360000;
	int64_t saturation = clip(hsl[1], 100000);
	int64_t lightness = clip(hsl[2], 100000);
	int64_t k = (n * 1000 + hue / 30) % 12000;
	int64_t other = 100000 - lightness;
	int64_t a =
	    saturation * (lightness < other ? lightness : other) / 100000;
	int64_t low = k - 3000 < 9000 - k ? k - 3000 : 9000 - k;
	int64_t value = 0;

	low = clip(low + 1000, 2000) - 1000;
	value = lightness - a * low / 1000;
	return (uint64_t)clip((value * 255 + 50000) / 100000, 255);
}

static void
add_colour(
    struct buf *out, const struct colour_arguments *arguments, bool is_hsl)
{
	static const int64_t parts[] = {0, 8, 4};
	bool has_alpha = arguments->count == 4;

	buf_add(out, has_alpha ? STR("rgba(") : STR("rgb("));
	for (size_t i = 0; i < 3; i++) {
		int64_t value = arguments->thousandths[i];
		if (i > 0)
			buf_add_byte(out, ',');
		if (is_hsl)
			buf_add_u64(
			    out, hsl_part(parts[i], arguments->thousandths));
		else if (arguments->is_percent[i])
			buf_add_u64(
			    out, (uint64_t)clip(value, 100000) * 255 / 100000);
		else
			buf_add_u64(out, (uint64_t)clip(value, 255000) / 1000);
	}
	if (has_alpha) {
		buf_add_byte(out, ',');
		html_css_colour_number(
		    out, arguments->is_percent[3]
		             ? clip(arguments->thousandths[3], 100000) / 100
		             : clip(arguments->thousandths[3], 1000));
	}
	buf_add_byte(out, ')');
}

bool
html_css_colour_function(struct buf *out, struct html_css_scan *scan,
    const struct html_css_token *token)
{
	struct colour_arguments arguments;
	bool is_hsl =
	    html_css_token_is(token, "hsl") || html_css_token_is(token, "hsla");
	bool is_rgb =
	    html_css_token_is(token, "rgb") || html_css_token_is(token, "rgba");

	if ((!is_hsl && !is_rgb) || !read_arguments(scan, &arguments)) {
		(void)html_css_token_skip(scan, token);
		return false;
	}
	add_colour(out, &arguments, is_hsl);
	return true;
}
