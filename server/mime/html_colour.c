#include "mime/html_colour.h"

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

/* WCAG: what a value of sRGB gives in light, in millionths. */
static const uint32_t light[256] = {0, 304, 607, 911, 1214, 1518, 1821, 2125,
    2428, 2732, 3035, 3347, 3677, 4025, 4391, 4777, 5182, 5605, 6049, 6512,
    6995, 7499, 8023, 8568, 9134, 9721, 10330, 10960, 11612, 12286, 12983,
    13702, 14444, 15209, 15996, 16807, 17642, 18500, 19382, 20289, 21219, 22174,
    23153, 24158, 25187, 26241, 27321, 28426, 29557, 30713, 31896, 33105, 34340,
    35601, 36889, 38204, 39546, 40915, 42311, 43735, 45186, 46665, 48172, 49707,
    51269, 52861, 54480, 56128, 57805, 59511, 61246, 63010, 64803, 66626, 68478,
    70360, 72272, 74214, 76185, 78187, 80220, 82283, 84376, 86500, 88656, 90842,
    93059, 95307, 97587, 99899, 102242, 104616, 107023, 109462, 111932, 114435,
    116971, 119538, 122139, 124772, 127438, 130136, 132868, 135633, 138432,
    141263, 144128, 147027, 149960, 152926, 155926, 158961, 162029, 165132,
    168269, 171441, 174647, 177888, 181164, 184475, 187821, 191202, 194618,
    198069, 201556, 205079, 208637, 212231, 215861, 219526, 223228, 226966,
    230740, 234551, 238398, 242281, 246201, 250158, 254152, 258183, 262251,
    266356, 270498, 274677, 278894, 283149, 287441, 291771, 296138, 300544,
    304987, 309469, 313989, 318547, 323143, 327778, 332452, 337164, 341914,
    346704, 351533, 356400, 361307, 366253, 371238, 376262, 381326, 386429,
    391572, 396755, 401978, 407240, 412543, 417885, 423268, 428690, 434154,
    439657, 445201, 450786, 456411, 462077, 467784, 473531, 479320, 485150,
    491021, 496933, 502886, 508881, 514918, 520996, 527115, 533276, 539479,
    545724, 552011, 558340, 564712, 571125, 577580, 584078, 590619, 597202,
    603827, 610496, 617207, 623960, 630757, 637597, 644480, 651406, 658375,
    665387, 672443, 679542, 686685, 693872, 701102, 708376, 715694, 723055,
    730461, 737910, 745404, 752942, 760525, 768151, 775822, 783538, 791298,
    799103, 806952, 814847, 822786, 830770, 838799, 846873, 854993, 863157,
    871367, 879622, 887923, 896269, 904661, 913099, 921582, 930111, 938686,
    947307, 955973, 964686, 973445, 982251, 991102, 1000000};

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

/* Relative luminance in millionths. */
static uint64_t
luminance(struct html_colour colour)
{
	return ((uint64_t)light[colour.red] * 2126 +
	           (uint64_t)light[colour.green] * 7152 +
	           (uint64_t)light[colour.blue] * 722) /
	       10000;
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
