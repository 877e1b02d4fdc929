#ifndef CONFIG_CONFIG_ACCENT_H
#define CONFIG_CONFIG_ACCENT_H
/*
 * The colours of links and buttons that a site's Accent= gives. The grounds
 * they must be read on are those of static/css/tokens.css.
 */
#include "base/arena.h"
#include "base/str.h"

/* All 0xrrggbb; the soft ones are the grounds of what is chosen. */
struct config_accent {
	uint32_t light, light_soft; /* as it was said */
	uint32_t dark, dark_soft;   /* made lighter until it is read */
	/* In hundredths: the least contrast on a light ground, ours. */
	uint32_t least;
	uint32_t darker; /* the nearest that is read on light grounds */
};

/* False: no colour. */
bool config_accent_parse(struct str value, struct config_accent *out);
/* Text in it can be read on every light ground (WCAG 2.2 AA). */
bool config_accent_is_readable(const struct config_accent *accent);
/* What is put behind the stylesheet; empty for an empty value. */
struct str config_accent_css(struct arena *arena, struct str value);

#endif
