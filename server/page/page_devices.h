#ifndef PAGE_PAGE_DEVICES_H
#define PAGE_PAGE_DEVICES_H
/* Where somebody is logged in: the browsers, in words. */
#include "base/str.h"

/* Names of ours; NULL: not known. */
struct device_words {
	const char *browser; /* "Firefox" */
	const char *system;  /* "Windows" */
};
/*
 * Of what a browser calls itself (User-Agent, RFC 9110, 10.1.5), which it may
 * choose as it likes: at most a name among ours is taken from it. Pure.
 */
struct device_words device_words_of(struct str agent);

#endif
