#ifndef BASE_BANNED_H
#define BASE_BANNED_H
/*
 * Included before everything else by the compiler's command line. Calling one
 * of these functions is an error: each has a bounded or thread-safe
 * replacement in this room. The headers come first, or their own
 * declarations would not compile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__GNUC__)
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok
#pragma GCC poison gets atoi atol atoll strtok_r
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam
#endif

#endif
