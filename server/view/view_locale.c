#include "view/view_locale.h"

#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "base/tr_words.h"

#define LOCALE_BYTES   ((size_t)1 << 20) /* of one language */
#define LOCALE_LETTERS 200               /* of a pattern, or a name */
#define LOCALE_POWERS  4

struct view_locale {
	struct arena *arena; /* owned: texts */
	struct str patterns[VIEW_DATE_KINDS];
	struct str months[2][12]; /* short, long */
	struct str days[2][7];
	UNumberFormatter *number;
	UNumberFormatter *sizes[LOCALE_POWERS];
};

static struct str
locale_text(struct view_locale *locale, const UChar *from, int32_t length)
{
	char utf8[LOCALE_LETTERS * 3];
	int32_t bytes = 0;
	UErrorCode status = U_ZERO_ERROR;

	u_strToUTF8(utf8, sizeof(utf8), &bytes, from, length, &status);
	if (U_FAILURE(status))
		return str_of(NULL, 0);
	return str_dup(locale->arena, str_of(utf8, (size_t)bytes));
}

static bool
locale_patterns(struct view_locale *locale, const char *name)
{
	static const char *const skeletons[] = {
	    [VIEW_DATE_TODAY] = "Hm",
	    [VIEW_DATE_WEEK] = "EEEHm",
	    [VIEW_DATE_YEAR] = "MMMd",
	    [VIEW_DATE_EARLIER] = "yMMMd",
	    [VIEW_DATE_LONG] = "yMMMMEEEEdHm",
	};
	UErrorCode status = U_ZERO_ERROR;
	UDateTimePatternGenerator *maker = udatpg_open(name, &status);

	for (size_t i = 0; U_SUCCESS(status) && i < VIEW_DATE_KINDS; i++) {
		UChar skeleton[LOCALE_LETTERS];
		UChar pattern[LOCALE_LETTERS];
		int32_t length;

		u_uastrncpy(skeleton, skeletons[i], LOCALE_LETTERS);
		length = udatpg_getBestPattern(
		    maker, skeleton, -1, pattern, LOCALE_LETTERS, &status);
		locale->patterns[i] = U_SUCCESS(status)
		                          ? locale_text(locale, pattern, length)
		                          : str_of(NULL, 0);
	}
	udatpg_close(maker);
	return U_SUCCESS(status);
}

/* `first` is where ICU's own counting begins. */
static void
locale_names(struct view_locale *locale, const UDateFormat *format,
    UDateFormatSymbolType type, int32_t first, struct str *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		UChar letters[LOCALE_LETTERS];
		UErrorCode status = U_ZERO_ERROR;
		int32_t length = udat_getSymbols(format, type,
		    first + (int32_t)i, letters, LOCALE_LETTERS, &status);

		if (U_SUCCESS(status))
			out[i] = locale_text(locale, letters, length);
	}
}

static bool
locale_symbols(struct view_locale *locale, const char *name)
{
	UErrorCode status = U_ZERO_ERROR;
	UDateFormat *format =
	    udat_open(UDAT_FULL, UDAT_FULL, name, NULL, 0, NULL, 0, &status);

	if (U_FAILURE(status))
		return false;
	locale_names(
	    locale, format, UDAT_SHORT_MONTHS, 0, locale->months[0], 12);
	locale_names(locale, format, UDAT_MONTHS, 0, locale->months[1], 12);
	locale_names(locale, format, UDAT_SHORT_WEEKDAYS, UCAL_SUNDAY,
	    locale->days[0], 7);
	locale_names(
	    locale, format, UDAT_WEEKDAYS, UCAL_SUNDAY, locale->days[1], 7);
	udat_close(format);
	return true;
}

static UNumberFormatter *
locale_formatter(const char *name, const char *skeleton)
{
	UChar letters[LOCALE_LETTERS];
	UErrorCode status = U_ZERO_ERROR;
	UNumberFormatter *formatter;

	u_uastrncpy(letters, skeleton, LOCALE_LETTERS);
	formatter = unumf_openForSkeletonAndLocale(letters, -1, name, &status);
	if (U_SUCCESS(status))
		return formatter;
	unumf_close(formatter);
	return NULL;
}

static struct view_locale *
locale_new(const char *code)
{
	static const char *const sizes[LOCALE_POWERS] = {
	    "unit/byte unit-width-short .#",
	    "unit/kilobyte unit-width-short .#",
	    "unit/megabyte unit-width-short .#",
	    "unit/gigabyte unit-width-short .#",
	};
	struct view_locale *locale = calloc(1, sizeof(*locale));
	char name[TR_CODE_BYTES + 16];
	bool is_whole;

	if (locale == NULL)
		return NULL;
	locale->arena = arena_new(LOCALE_BYTES);
	/* One kind of digits on a page: those of counts and addresses. */
	(void)snprintf(name, sizeof(name), "%s-u-nu-latn", code);
	is_whole = locale->arena != NULL && locale_patterns(locale, name) &&
	           locale_symbols(locale, name);
	locale->number = locale_formatter(name, "");
	is_whole = is_whole && locale->number != NULL;
	for (size_t i = 0; i < LOCALE_POWERS; i++) {
		locale->sizes[i] = locale_formatter(name, sizes[i]);
		is_whole = is_whole && locale->sizes[i] != NULL;
	}
	if (is_whole && !arena_failed(locale->arena))
		return locale;
	view_locale_free(locale);
	return NULL;
}

void
view_locale_free(struct view_locale *locale)
{
	if (locale == NULL)
		return;
	for (size_t i = 0; i < LOCALE_POWERS; i++)
		unumf_close(locale->sizes[i]);
	unumf_close(locale->number);
	arena_free(locale->arena);
	free(locale);
}

const struct view_locale *
view_locale_used(void)
{
	/* Words are the same for all; their formats are made when needed. */
	union {
		const struct tr_words *in;
		struct tr_words *out;
	} words = {.in = tr_used()};
	struct view_locale *locale;
	struct view_locale *none = NULL;

	if (words.in == NULL || words.in->number == 0)
		return NULL;
	locale = atomic_load(&words.out->locale);
	if (locale != NULL)
		return locale;
	locale = locale_new(words.in->code);
	if (locale == NULL ||
	    atomic_compare_exchange_strong(&words.out->locale, &none, locale))
		return locale;
	/* Another thread was quicker. */
	view_locale_free(locale);
	return none;
}

/* ---- dates --------------------------------------------------------------- */

static void
locale_digits(struct buf *out, int number, size_t least)
{
	buf_addf(out, "%0*d", (int)(least > 4 ? 4 : least), number);
}

static void
locale_field(const struct view_locale *locale, struct buf *out, char letter,
    size_t count, const struct clock_date *date)
{
	bool is_long = count >= 4;

	if (letter == 'y')
		locale_digits(
		    out, count == 2 ? date->year % 100 : date->year, count);
	else if ((letter == 'M' || letter == 'L') && count >= 3)
		buf_add(out, locale->months[is_long][date->month - 1]);
	else if (letter == 'M' || letter == 'L')
		locale_digits(out, date->month, count);
	else if (letter == 'd')
		locale_digits(out, date->day, count);
	else if (letter == 'E' || letter == 'c')
		buf_add(out, locale->days[is_long][date->weekday]);
	else if (letter == 'H')
		locale_digits(out, date->hour, count);
	else if (letter == 'm')
		locale_digits(out, date->minute, count);
}

/* In quotes letters are themselves; two quotes are one (UTS 35). */
static size_t
locale_quoted(struct buf *out, struct str pattern, size_t at)
{
	size_t end = str_find_byte(pattern, '\'', at + 1);

	if (end == at + 1)
		buf_add_byte(out, '\'');
	buf_add(out, str_slice(pattern, at + 1, end));
	return end + 1;
}

void
view_locale_date(const struct view_locale *locale, struct buf *out,
    enum view_date_kind kind, const struct clock_date *date)
{
	struct str pattern = locale->patterns[kind];

	for (size_t at = 0; at < pattern.len;) {
		char letter = pattern.ptr[at];
		size_t end = at + 1;

		if (letter == '\'') {
			at = locale_quoted(out, pattern, at);
			continue;
		}
		while (end < pattern.len && pattern.ptr[end] == letter)
			end++;
		if ((letter >= 'a' && letter <= 'z') ||
		    (letter >= 'A' && letter <= 'Z'))
			locale_field(locale, out, letter, end - at, date);
		else
			buf_add(out, str_slice(pattern, at, end));
		at = end;
	}
}

/* ---- numbers ------------------------------------------------------------- */

static void
locale_result(struct buf *out, const UFormattedNumber *result)
{
	UChar letters[LOCALE_LETTERS];
	char utf8[LOCALE_LETTERS * 3];
	int32_t bytes = 0;
	UErrorCode status = U_ZERO_ERROR;
	int32_t length =
	    unumf_resultToString(result, letters, LOCALE_LETTERS, &status);

	if (U_SUCCESS(status))
		u_strToUTF8(
		    utf8, sizeof(utf8), &bytes, letters, length, &status);
	if (U_SUCCESS(status))
		buf_add(out, str_of(utf8, (size_t)bytes));
}

void
view_locale_number(
    const struct view_locale *locale, struct buf *out, uint64_t number)
{
	UErrorCode status = U_ZERO_ERROR;
	UFormattedNumber *result = unumf_openResult(&status);

	if (number > INT64_MAX)
		number = INT64_MAX;
	if (U_SUCCESS(status))
		unumf_formatInt(
		    locale->number, (int64_t)number, result, &status);
	if (U_SUCCESS(status))
		locale_result(out, result);
	unumf_closeResult(result);
}

void
view_locale_size(const struct view_locale *locale, struct buf *out,
    double number, unsigned power)
{
	UErrorCode status = U_ZERO_ERROR;
	UFormattedNumber *result = unumf_openResult(&status);

	if (U_SUCCESS(status))
		unumf_formatDouble(
		    locale->sizes[power < LOCALE_POWERS ? power : 0], number,
		    result, &status);
	if (U_SUCCESS(status))
		locale_result(out, result);
	unumf_closeResult(result);
}
