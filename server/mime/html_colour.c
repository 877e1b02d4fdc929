#include "mime/html_colour.h"

#include "base/colour.h"

/* CSS Color 4, 6.1; sorted. */
static const struct {
	const char *name;
	uint32_t rgb;
} names[] = {
    {"aliceblue", 0xf0f8ff},
    {"antiquewhite", 0xfaebd7},
    {"aqua", 0x00ffff},
    {"aquamarine", 0x7fffd4},
    {"azure", 0xf0ffff},
    {"beige", 0xf5f5dc},
    {"bisque", 0xffe4c4},
    {"black", 0x000000},
    {"blanchedalmond", 0xffebcd},
    {"blue", 0x0000ff},
    {"blueviolet", 0x8a2be2},
    {"brown", 0xa52a2a},
    {"burlywood", 0xdeb887},
    {"cadetblue", 0x5f9ea0},
    {"chartreuse", 0x7fff00},
    {"chocolate", 0xd2691e},
    {"coral", 0xff7f50},
    {"cornflowerblue", 0x6495ed},
    {"cornsilk", 0xfff8dc},
    {"crimson", 0xdc143c},
    {"cyan", 0x00ffff},
    {"darkblue", 0x00008b},
    {"darkcyan", 0x008b8b},
    {"darkgoldenrod", 0xb8860b},
    {"darkgray", 0xa9a9a9},
    {"darkgreen", 0x006400},
    {"darkgrey", 0xa9a9a9},
    {"darkkhaki", 0xbdb76b},
    {"darkmagenta", 0x8b008b},
    {"darkolivegreen", 0x556b2f},
    {"darkorange", 0xff8c00},
    {"darkorchid", 0x9932cc},
    {"darkred", 0x8b0000},
    {"darksalmon", 0xe9967a},
    {"darkseagreen", 0x8fbc8f},
    {"darkslateblue", 0x483d8b},
    {"darkslategray", 0x2f4f4f},
    {"darkslategrey", 0x2f4f4f},
    {"darkturquoise", 0x00ced1},
    {"darkviolet", 0x9400d3},
    {"deeppink", 0xff1493},
    {"deepskyblue", 0x00bfff},
    {"dimgray", 0x696969},
    {"dimgrey", 0x696969},
    {"dodgerblue", 0x1e90ff},
    {"firebrick", 0xb22222},
    {"floralwhite", 0xfffaf0},
    {"forestgreen", 0x228b22},
    {"fuchsia", 0xff00ff},
    {"gainsboro", 0xdcdcdc},
    {"ghostwhite", 0xf8f8ff},
    {"gold", 0xffd700},
    {"goldenrod", 0xdaa520},
    {"gray", 0x808080},
    {"green", 0x008000},
    {"greenyellow", 0xadff2f},
    {"grey", 0x808080},
    {"honeydew", 0xf0fff0},
    {"hotpink", 0xff69b4},
    {"indianred", 0xcd5c5c},
    {"indigo", 0x4b0082},
    {"ivory", 0xfffff0},
    {"khaki", 0xf0e68c},
    {"lavender", 0xe6e6fa},
    {"lavenderblush", 0xfff0f5},
    {"lawngreen", 0x7cfc00},
    {"lemonchiffon", 0xfffacd},
    {"lightblue", 0xadd8e6},
    {"lightcoral", 0xf08080},
    {"lightcyan", 0xe0ffff},
    {"lightgoldenrodyellow", 0xfafad2},
    {"lightgray", 0xd3d3d3},
    {"lightgreen", 0x90ee90},
    {"lightgrey", 0xd3d3d3},
    {"lightpink", 0xffb6c1},
    {"lightsalmon", 0xffa07a},
    {"lightseagreen", 0x20b2aa},
    {"lightskyblue", 0x87cefa},
    {"lightslategray", 0x778899},
    {"lightslategrey", 0x778899},
    {"lightsteelblue", 0xb0c4de},
    {"lightyellow", 0xffffe0},
    {"lime", 0x00ff00},
    {"limegreen", 0x32cd32},
    {"linen", 0xfaf0e6},
    {"magenta", 0xff00ff},
    {"maroon", 0x800000},
    {"mediumaquamarine", 0x66cdaa},
    {"mediumblue", 0x0000cd},
    {"mediumorchid", 0xba55d3},
    {"mediumpurple", 0x9370db},
    {"mediumseagreen", 0x3cb371},
    {"mediumslateblue", 0x7b68ee},
    {"mediumspringgreen", 0x00fa9a},
    {"mediumturquoise", 0x48d1cc},
    {"mediumvioletred", 0xc71585},
    {"midnightblue", 0x191970},
    {"mintcream", 0xf5fffa},
    {"mistyrose", 0xffe4e1},
    {"moccasin", 0xffe4b5},
    {"navajowhite", 0xffdead},
    {"navy", 0x000080},
    {"oldlace", 0xfdf5e6},
    {"olive", 0x808000},
    {"olivedrab", 0x6b8e23},
    {"orange", 0xffa500},
    {"orangered", 0xff4500},
    {"orchid", 0xda70d6},
    {"palegoldenrod", 0xeee8aa},
    {"palegreen", 0x98fb98},
    {"paleturquoise", 0xafeeee},
    {"palevioletred", 0xdb7093},
    {"papayawhip", 0xffefd5},
    {"peachpuff", 0xffdab9},
    {"peru", 0xcd853f},
    {"pink", 0xffc0cb},
    {"plum", 0xdda0dd},
    {"powderblue", 0xb0e0e6},
    {"purple", 0x800080},
    {"rebeccapurple", 0x663399},
    {"red", 0xff0000},
    {"rosybrown", 0xbc8f8f},
    {"royalblue", 0x4169e1},
    {"saddlebrown", 0x8b4513},
    {"salmon", 0xfa8072},
    {"sandybrown", 0xf4a460},
    {"seagreen", 0x2e8b57},
    {"seashell", 0xfff5ee},
    {"sienna", 0xa0522d},
    {"silver", 0xc0c0c0},
    {"skyblue", 0x87ceeb},
    {"slateblue", 0x6a5acd},
    {"slategray", 0x708090},
    {"slategrey", 0x708090},
    {"snow", 0xfffafa},
    {"springgreen", 0x00ff7f},
    {"steelblue", 0x4682b4},
    {"tan", 0xd2b48c},
    {"teal", 0x008080},
    {"thistle", 0xd8bfd8},
    {"tomato", 0xff6347},
    {"turquoise", 0x40e0d0},
    {"violet", 0xee82ee},
    {"wheat", 0xf5deb3},
    {"white", 0xffffff},
    {"whitesmoke", 0xf5f5f5},
    {"yellow", 0xffff00},
    {"yellowgreen", 0x9acd32},
};

struct html_colour
html_colour_rgb(uint32_t rgb)
{
	return (struct html_colour){.state = HTML_COLOUR_KNOWN,
	    .red = (uint8_t)(rgb >> 16),
	    .green = (uint8_t)(rgb >> 8),
	    .blue = (uint8_t)rgb,
	    .alpha = 255};
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct html_colour
read_hex(struct str s)
{
	struct html_colour colour = {.state = HTML_COLOUR_ODD};
	uint32_t digits[8] = {0};
	bool is_short = s.len == 3 || s.len == 4;

	if (!is_short && s.len != 6 && s.len != 8)
		return colour;
	for (size_t i = 0; i < s.len; i++) {
		if (hex_value(s.ptr[i]) < 0)
			return colour;
		digits[i] = (uint32_t)hex_value(s.ptr[i]);
	}
	if (is_short) {
		for (size_t i = 4; i-- > 0;)
			digits[2 * i] = digits[2 * i + 1] = digits[i];
	}
	colour = html_colour_rgb(digits[0] << 20 | digits[1] << 16 |
	                         digits[2] << 12 | digits[3] << 8 |
	                         digits[4] << 4 | digits[5]);
	if (s.len == 4 || s.len == 8)
		colour.alpha = (uint8_t)(digits[6] << 4 | digits[7]);
	return colour;
}

struct html_colour
html_colour_read(struct str s)
{
	size_t from = 0;
	size_t to = sizeof(names) / sizeof(names[0]);
	char lower[24];

	if (str_starts(s, STR("#")))
		return read_hex(str_slice(s, 1, s.len));
	if (s.len >= sizeof(lower))
		return (struct html_colour){.state = HTML_COLOUR_ODD};
	for (size_t i = 0; i < s.len; i++)
		lower[i] = (char)(s.ptr[i] | 0x20);
	if (str_eq(str_of(lower, s.len), STR("transparent")))
		return (struct html_colour){.state = HTML_COLOUR_KNOWN};
	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = str_compare(
		    str_of(lower, s.len), str_c(names[middle].name));
		if (order == 0)
			return html_colour_rgb(names[middle].rgb);
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return (struct html_colour){.state = HTML_COLOUR_ODD};
}

static uint8_t
mix(uint8_t top, uint8_t bottom, uint32_t alpha)
{
	return (uint8_t)((top * alpha + bottom * (255 - alpha) + 127) / 255);
}

struct html_colour
html_colour_over(struct html_colour top, struct html_colour bottom)
{
	uint32_t alpha = top.alpha;

	if (top.state != HTML_COLOUR_KNOWN || alpha == 255)
		return top;
	if (bottom.state != HTML_COLOUR_KNOWN)
		return bottom;
	return (struct html_colour){.state = HTML_COLOUR_KNOWN,
	    .red = mix(top.red, bottom.red, alpha),
	    .green = mix(top.green, bottom.green, alpha),
	    .blue = mix(top.blue, bottom.blue, alpha),
	    .alpha = 255};
}

static uint8_t
clip(int32_t thousandths)
{
	int32_t value = (thousandths + (thousandths < 0 ? -500 : 500)) / 1000;

	if (value < 0)
		return 0;
	return (uint8_t)(value > 255 ? 255 : value);
}

/* Filter Effects 1: the matrix of hueRotate for half a turn. */
struct html_colour
html_colour_inverted(struct html_colour colour)
{
	int32_t red = 255 - colour.red;
	int32_t green = 255 - colour.green;
	int32_t blue = 255 - colour.blue;

	colour.red = clip(-574 * red + 1430 * green + 144 * blue);
	colour.green = clip(426 * red + 430 * green + 144 * blue);
	colour.blue = clip(426 * red + 1430 * green - 856 * blue);
	return colour;
}

static uint64_t
luminance(struct html_colour colour)
{
	return colour_light((uint32_t)colour.red << 16 |
	                    (uint32_t)colour.green << 8 | colour.blue);
}

bool
html_colour_is_readable(
    struct html_colour text, struct html_colour background, bool is_large)
{
	uint64_t one = luminance(text) + 50000;
	uint64_t other = luminance(background) + 50000;
	uint64_t lighter = one > other ? one : other;
	uint64_t darker = one > other ? other : one;

	return text.state == HTML_COLOUR_KNOWN &&
	       background.state == HTML_COLOUR_KNOWN &&
	       lighter * 10 >= darker * (is_large ? 30 : 45);
}
