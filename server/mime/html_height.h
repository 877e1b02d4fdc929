#ifndef MIME_HTML_HEIGHT_H
#define MIME_HTML_HEIGHT_H
/*
 * How high a text in its frame will be, about. Browsers that size frames by
 * what is in them (frame-sizing) do not need it; for others the page has to
 * say a height before anybody has seen the text. Classes of app.css.
 */
#include "base/str.h"

/* The last one: as high as the window. */
#define HTML_HEIGHT_STEPS 14u

struct html_height {
	unsigned wide;   /* 1 to HTML_HEIGHT_STEPS: class "w3" */
	unsigned narrow; /* the same on a narrow screen: class "n3" */
};

/*
 * By a scan of the HTML for words, breaks and pictures; `has_remote`: images
 * of the internet are shown. Pure.
 */
struct html_height html_height_of(struct str html, bool has_remote);
/* What a step stands for; 0 for the last. */
unsigned html_height_px(unsigned step);

#endif
