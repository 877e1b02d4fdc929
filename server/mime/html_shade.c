#include "mime/html_shade.h"

/* What the frame gives to a mail that sets nothing (templates/body.html). */
#define PAGE_TEXT       0x1c2430u
#define PAGE_LINK       0x1a56b0u
#define PAGE_BACKGROUND 0xffffffu

static bool
is_readable_inverted(
    struct html_colour text, struct html_colour background, bool is_large)
{
	return html_colour_is_readable(html_colour_inverted(text),
	    html_colour_inverted(background), is_large);
}

static bool
is_same(struct html_colour a, struct html_colour b)
{
	return a.state == b.state && a.red == b.red && a.green == b.green &&
	       a.blue == b.blue && a.alpha == b.alpha;
}

void
html_shade_init(struct html_shades *shades)
{
	shades->depth = 0;
	shades->seen_count = 0;
	shades->has_colours = false;
	shades->is_kept = false;
	shades->stack[0] =
	    (struct html_shade){.text = html_colour_rgb(PAGE_TEXT),
	        .background = html_colour_rgb(PAGE_BACKGROUND)};
}

static void
set(struct html_shades *shades, struct html_shade *shade,
    const struct html_css_facts *facts)
{
	if (facts->background.state != HTML_COLOUR_NONE) {
		shade->background =
		    html_colour_over(facts->background, shade->background);
		shades->has_colours = true;
	}
	if (facts->text.state != HTML_COLOUR_NONE) {
		shade->text = facts->text;
		shades->has_colours = true;
	}
	if (facts->has_size)
		shade->is_large = facts->is_large;
}

void
html_shade_body(struct html_shades *shades, const struct html_css_facts *facts)
{
	set(shades, &shades->stack[0], facts);
}

void
html_shade_open(struct html_shades *shades, const struct html_css_facts *facts,
    bool is_link)
{
	struct html_shade shade = shades->stack[shades->depth];

	if (is_link)
		shade.text = html_colour_rgb(PAGE_LINK);
	set(shades, &shade, facts);
	ensure(shades->depth + 1 <
	       sizeof(shades->stack) / sizeof(shades->stack[0]));
	shades->depth++;
	shades->stack[shades->depth] = shade;
}

void
html_shade_close(struct html_shades *shades)
{
	ensure(shades->depth > 0);
	shades->depth--;
}

void
html_shade_text(struct html_shades *shades)
{
	struct html_shade shade = shades->stack[shades->depth];

	for (size_t i = shades->seen_count; i-- > 0;) {
		const struct html_shade *seen = &shades->seen[i];
		if (is_same(seen->text, shade.text) &&
		    is_same(seen->background, shade.background) &&
		    seen->is_large == shade.is_large)
			return;
	}
	if (!is_readable_inverted(
	        html_colour_over(shade.text, shade.background),
	        shade.background, shade.is_large))
		shades->is_kept = true;
	if (shades->seen_count == HTML_SHADE_SEEN_MAX) {
		shades->is_kept = true; /* too many to go on comparing */
		return;
	}
	shades->seen[shades->seen_count] = shade;
	shades->seen_count++;
}

/*
 * What a rule of the sheet colours is not followed up: what it leaves open is
 * taken to be any that occurs.
 */
static bool
is_pair_readable(const struct html_shades *shades, struct html_colour text,
    struct html_colour background)
{
	const struct html_colour page = html_colour_rgb(PAGE_BACKGROUND);

	background = html_colour_over(background, page);
	if (text.state != HTML_COLOUR_NONE &&
	    background.state != HTML_COLOUR_NONE)
		return is_readable_inverted(
		    html_colour_over(text, background), background, false);
	for (size_t i = 0; i < shades->seen_count; i++) {
		const struct html_shade *seen = &shades->seen[i];
		if (!is_readable_inverted(
		        text.state != HTML_COLOUR_NONE ? text : seen->text,
		        background.state != HTML_COLOUR_NONE ? background
		                                             : seen->background,
		        seen->is_large))
			return false;
	}
	return true;
}

enum html_colours
html_shade_result(
    const struct html_shades *shades, const struct html_css_sheet *sheet)
{
	if (!shades->has_colours && sheet->pair_count == 0)
		return HTML_NO_COLOURS;
	/* A mail that is dark already would become a bright one. */
	if (shades->is_kept || sheet->has_more_pairs ||
	    !html_colour_is_readable(
	        html_colour_rgb(PAGE_TEXT), shades->stack[0].background, true))
		return HTML_KEEP_COLOURS;
	for (size_t i = 0; i < sheet->pair_count; i++) {
		if (!is_pair_readable(shades, sheet->pairs[i].text,
		        sheet->pairs[i].background))
			return HTML_KEEP_COLOURS;
	}
	return HTML_INVERTIBLE;
}
