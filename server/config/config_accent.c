#include "config/config_accent.h"

#include "base/colour.h"

#define CONTRAST_AA 450u
/* How much of the accent is in a soft ground, of a hundred. */
#define LIGHT_SOFT 12u
#define DARK_SOFT  16u
#define BLACK      0x000000u
#define WHITE      0xffffffu

/* tokens.css: paper, ground, hover, press. */
static const uint32_t light_grounds[] = {
    0xffffff, 0xeef2f8, 0xf1f4f9, 0xe3e9f2};
static const uint32_t dark_grounds[] = {0x1a2027, 0x11161b, 0x232b35, 0x2d3743};
#define GROUNDS 4u

static uint32_t
least_contrast(uint32_t rgb, const uint32_t *grounds, uint32_t soft)
{
	uint32_t least = colour_contrast(rgb, soft);

	for (size_t i = 0; i < GROUNDS; i++) {
		uint32_t contrast = colour_contrast(rgb, grounds[i]);

		if (contrast < least)
			least = contrast;
	}
	return least;
}

static uint32_t
soft_of(uint32_t rgb, const uint32_t *grounds, uint32_t percent)
{
	return colour_mix(rgb, grounds[0], percent);
}

/* The same colour nearer to `end`, by as little as will do. */
static uint32_t
nearer(uint32_t rgb, uint32_t end, const uint32_t *grounds, uint32_t percent)
{
	uint32_t tried = rgb;

	for (uint32_t step = 1; step <= 100; step++) {
		uint32_t soft = soft_of(tried, grounds, percent);

		if (least_contrast(tried, grounds, soft) >= CONTRAST_AA)
			break;
		tried = colour_mix(end, rgb, step);
	}
	return tried;
}

bool
config_accent_parse(struct str value, struct config_accent *out)
{
	uint32_t rgb = 0;

	if (!colour_parse(value, &rgb))
		return false;
	out->light = rgb;
	out->light_soft = soft_of(rgb, light_grounds, LIGHT_SOFT);
	out->least = least_contrast(rgb, light_grounds, out->light_soft);
	out->darker = nearer(rgb, BLACK, light_grounds, LIGHT_SOFT);
	out->dark = nearer(rgb, WHITE, dark_grounds, DARK_SOFT);
	out->dark_soft = soft_of(out->dark, dark_grounds, DARK_SOFT);
	return true;
}

bool
config_accent_is_readable(const struct config_accent *accent)
{
	return accent->least >= CONTRAST_AA;
}

struct str
config_accent_css(struct arena *arena, struct str value)
{
	struct config_accent accent;

	if (!config_accent_parse(value, &accent))
		return STR("");
	return str_printf(arena,
	    "\n/* Accent of the ini file. */\n@layer tokens {\n"
	    ":root { --accent: #%06x; --accent-soft: #%06x; "
	    "--button: #%06x; }\n"
	    "@media (prefers-color-scheme: dark) { :root:not(.light) { "
	    "--accent: #%06x; --accent-soft: #%06x; --button: #%06x; } }\n"
	    ":root.dark { --accent: #%06x; --accent-soft: #%06x; "
	    "--button: #%06x; }\n}\n",
	    accent.light, accent.light_soft, accent.light, accent.dark,
	    accent.dark_soft, accent.dark, accent.dark, accent.dark_soft,
	    accent.dark);
}
