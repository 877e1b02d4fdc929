#ifndef BASE_COLOUR_H
#define BASE_COLOUR_H
/*
 * Colours of sRGB as 0xrrggbb, and how well one is read on another (WCAG 2.2,
 * 1.4.3).
 */
#include "base/str.h"

/* "#rgb" or "#rrggbb"; false: something else. */
bool colour_parse(struct str s, uint32_t *out_rgb);
/* Relative luminance in millionths. */
uint32_t colour_light(uint32_t rgb);
/* In hundredths, 100 to 2100: 450 is what text needs. */
uint32_t colour_contrast(uint32_t one, uint32_t other);
/* So much of a hundred of `top`, the rest of `bottom`. */
uint32_t colour_mix(uint32_t top, uint32_t bottom, uint32_t percent);

#endif
