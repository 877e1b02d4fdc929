#include "mime/html_css_property.h"

#define WORD  HTML_CSS_WORDS
#define COLOR HTML_CSS_COLOURS
#define SIZE  HTML_CSS_LENGTHS
#define COUNT HTML_CSS_NUMBERS
#define FONT  HTML_CSS_FONTS
#define COMMA HTML_CSS_COMMAS
#define SLASH HTML_CSS_SLASH

/*
 * Sorted. Nothing that loads, runs, shows made-up text, moves out of the flow
 * or above others (position, transform, z-index), or waits for the pointer.
 * Sizes are bounded, so that nothing is pushed out of sight.
 */
static const struct html_css_property properties[] = {
    {"align-content", WORD, 0, 0},
    {"align-items", WORD, 0, 0},
    {"align-self", WORD, 0, 0},
    {"background-clip", WORD, 0, 0},
    {"background-color", WORD | COLOR, 0, 0},
    {"border", WORD | COLOR | SIZE, 0, 100},
    {"border-bottom", WORD | COLOR | SIZE, 0, 100},
    {"border-bottom-color", WORD | COLOR, 0, 0},
    {"border-bottom-left-radius", SIZE, 0, 2000},
    {"border-bottom-right-radius", SIZE, 0, 2000},
    {"border-bottom-style", WORD, 0, 0},
    {"border-bottom-width", WORD | SIZE, 0, 100},
    {"border-collapse", WORD, 0, 0},
    {"border-color", WORD | COLOR, 0, 0},
    {"border-left", WORD | COLOR | SIZE, 0, 100},
    {"border-left-color", WORD | COLOR, 0, 0},
    {"border-left-style", WORD, 0, 0},
    {"border-left-width", WORD | SIZE, 0, 100},
    {"border-radius", SIZE | SLASH, 0, 2000},
    {"border-right", WORD | COLOR | SIZE, 0, 100},
    {"border-right-color", WORD | COLOR, 0, 0},
    {"border-right-style", WORD, 0, 0},
    {"border-right-width", WORD | SIZE, 0, 100},
    {"border-spacing", SIZE, 0, 200},
    {"border-style", WORD, 0, 0},
    {"border-top", WORD | COLOR | SIZE, 0, 100},
    {"border-top-color", WORD | COLOR, 0, 0},
    {"border-top-left-radius", SIZE, 0, 2000},
    {"border-top-right-radius", SIZE, 0, 2000},
    {"border-top-style", WORD, 0, 0},
    {"border-top-width", WORD | SIZE, 0, 100},
    {"border-width", WORD | SIZE, 0, 100},
    {"box-shadow", WORD | COLOR | SIZE | COMMA, -50, 50},
    {"box-sizing", WORD, 0, 0},
    {"caption-side", WORD, 0, 0},
    {"clear", WORD, 0, 0},
    {"color", WORD | COLOR, 0, 0},
    {"column-gap", WORD | SIZE, 0, 500},
    {"direction", WORD, 0, 0},
    {"display", WORD, 0, 0},
    {"empty-cells", WORD, 0, 0},
    {"flex", WORD | SIZE | COUNT, 0, 2000},
    {"flex-basis", WORD | SIZE, 0, 2000},
    {"flex-direction", WORD, 0, 0},
    {"flex-flow", WORD, 0, 0},
    {"flex-grow", COUNT, 0, 0},
    {"flex-shrink", COUNT, 0, 0},
    {"flex-wrap", WORD, 0, 0},
    {"float", WORD, 0, 0},
    {"font", WORD | SIZE | COUNT | FONT | COMMA | SLASH, 0, 200},
    {"font-family", FONT | COMMA, 0, 0},
    {"font-size", WORD | SIZE, 0, 200},
    {"font-style", WORD, 0, 0},
    {"font-variant", WORD, 0, 0},
    {"font-weight", WORD | COUNT, 0, 0},
    {"gap", WORD | SIZE, 0, 500},
    {"height", WORD | SIZE, 0, 10000},
    {"hyphens", WORD, 0, 0},
    {"justify-content", WORD, 0, 0},
    {"letter-spacing", WORD | SIZE, -10, 100},
    {"line-break", WORD, 0, 0},
    {"line-height", WORD | SIZE | COUNT, 0, 400},
    {"list-style", WORD, 0, 0},
    {"list-style-position", WORD, 0, 0},
    {"list-style-type", WORD, 0, 0},
    {"margin", WORD | SIZE, -60, 2000},
    {"margin-bottom", WORD | SIZE, -60, 2000},
    {"margin-left", WORD | SIZE, -60, 2000},
    {"margin-right", WORD | SIZE, -60, 2000},
    {"margin-top", WORD | SIZE, -60, 2000},
    {"max-height", WORD | SIZE, 0, 10000},
    {"max-width", WORD | SIZE, 0, 10000},
    {"min-height", WORD | SIZE, 0, 5000},
    {"min-width", WORD | SIZE, 0, 5000},
    {"object-fit", WORD, 0, 0},
    {"opacity", COUNT, 0, 0},
    {"order", COUNT, 0, 0},
    {"outline", WORD | COLOR | SIZE, 0, 20},
    {"overflow", WORD, 0, 0},
    {"overflow-wrap", WORD, 0, 0},
    {"overflow-x", WORD, 0, 0},
    {"overflow-y", WORD, 0, 0},
    {"padding", SIZE, 0, 2000},
    {"padding-bottom", SIZE, 0, 2000},
    {"padding-left", SIZE, 0, 2000},
    {"padding-right", SIZE, 0, 2000},
    {"padding-top", SIZE, 0, 2000},
    {"row-gap", WORD | SIZE, 0, 500},
    {"tab-size", COUNT, 0, 0},
    {"table-layout", WORD, 0, 0},
    {"text-align", WORD, 0, 0},
    {"text-decoration", WORD | COLOR | SIZE, 0, 20},
    {"text-decoration-color", WORD | COLOR, 0, 0},
    {"text-decoration-line", WORD, 0, 0},
    {"text-decoration-style", WORD, 0, 0},
    {"text-indent", SIZE, -100, 500},
    {"text-overflow", WORD, 0, 0},
    {"text-shadow", WORD | COLOR | SIZE | COMMA, -20, 20},
    {"text-transform", WORD, 0, 0},
    {"unicode-bidi", WORD, 0, 0},
    {"vertical-align", WORD | SIZE, -100, 100},
    {"visibility", WORD, 0, 0},
    {"white-space", WORD, 0, 0},
    {"width", WORD | SIZE, 0, 10000},
    {"word-break", WORD, 0, 0},
    {"word-spacing", WORD | SIZE, -10, 100},
    {"word-wrap", WORD, 0, 0},
    {"writing-mode", WORD, 0, 0},
};

const struct html_css_property *
html_css_property_find(struct str name)
{
	size_t from = 0;
	size_t to = sizeof(properties) / sizeof(properties[0]);
	char lower[32];

	if (name.len >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
	}
	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = str_compare(
		    str_of(lower, name.len), str_c(properties[middle].name));
		if (order == 0)
			return &properties[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
