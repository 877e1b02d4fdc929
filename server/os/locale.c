#include "os/locale.h"

#include <locale.h>

struct locale_utf8 {
	locale_t utf8;
	locale_t before;
};

struct locale_utf8 *
locale_utf8_new(void)
{
	struct locale_utf8 *locale = calloc(1, sizeof(*locale));

	if (locale == NULL)
		return NULL;
	locale->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (locale->utf8 == (locale_t)0) {
		free(locale);
		return NULL;
	}
	return locale;
}

void
locale_utf8_free(struct locale_utf8 *locale)
{
	if (locale == NULL)
		return;
	freelocale(locale->utf8);
	free(locale);
}

void
locale_utf8_enter(struct locale_utf8 *locale)
{
	if (locale != NULL)
		locale->before = uselocale(locale->utf8);
}

void
locale_utf8_leave(struct locale_utf8 *locale)
{
	if (locale != NULL)
		(void)uselocale(locale->before);
}
