/*
 * Linked into the tsan flavour in place of memmem() (-Wl,--wrap=memmem). The
 * thread sanitizer's memmem() marks the whole haystack as read at every call,
 * so a loop over the hits in a large text takes hours. This one searches in
 * windows: what it marks is what it looked at.
 */
#include <stddef.h>

#define WINDOW_BYTES 4096

void *__real_memmem(const void *hay, size_t hay_len, const void *needle,
    size_t needle_len);
void *__wrap_memmem(const void *hay, size_t hay_len, const void *needle,
    size_t needle_len);

void *
__wrap_memmem(const void *hay, size_t hay_len, const void *needle,
    size_t needle_len)
{
	const char *at = hay;

	while (hay_len > WINDOW_BYTES + needle_len) {
		void *hit = __real_memmem(
		    at, WINDOW_BYTES + needle_len - 1, needle, needle_len);

		if (hit != NULL || needle_len == 0)
			return hit;
		at += WINDOW_BYTES;
		hay_len -= WINDOW_BYTES;
	}
	return __real_memmem(at, hay_len, needle, needle_len);
}
