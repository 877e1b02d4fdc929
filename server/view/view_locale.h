#ifndef VIEW_VIEW_LOCALE_H
#define VIEW_VIEW_LOCALE_H
/*
 * Dates, numbers and sizes as a language writes them: what ICU's CLDR says,
 * taken out once per language, so that a row of a list costs no formatter.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "os/clock.h"

struct tr_words;
struct view_locale; /* immutable */

enum view_date_kind {
	VIEW_DATE_TODAY,   /* 14:05 */
	VIEW_DATE_WEEK,    /* Mo. 14:05 */
	VIEW_DATE_YEAR,    /* 12. März */
	VIEW_DATE_EARLIER, /* 12. März 2024 */
	VIEW_DATE_LONG,    /* Samstag, 21. November 2026, 14:05 */
	VIEW_DATE_KINDS
};

/*
 * Of this thread's language, made at its first use and kept by its words;
 * NULL: English, which has rules of its own here, or no memory.
 */
const struct view_locale *view_locale_used(void);
void view_locale_free(struct view_locale *locale); /* NULL accepted */

void view_locale_date(const struct view_locale *locale, struct buf *out,
    enum view_date_kind kind, const struct clock_date *date);
void view_locale_number(
    const struct view_locale *locale, struct buf *out, uint64_t number);
/* `number` in 1024^power bytes, with at most one decimal below 10. */
void view_locale_size(const struct view_locale *locale, struct buf *out,
    double number, unsigned power);

#endif
