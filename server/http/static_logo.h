#ifndef HTTP_STATIC_LOGO_H
#define HTTP_STATIC_LOGO_H
/* What a picture of the admin's is, by its first bytes. */
#include "base/str.h"

bool static_logo_is_png(struct str bytes);
/* UTF-8 whose first element is <svg>. */
bool static_logo_is_svg(struct str bytes);
/*
 * How wide it is when it is 100 high, 25 to 800: what a PNG's IHDR or an SVG's
 * viewBox says; 100 when they say nothing.
 */
uint32_t static_logo_width(struct str bytes);

#endif
