#include "config/config_report.h"

#include <stdarg.h>

/* The longest sentence we say about a line. */
#define SENTENCE_BYTES 1024

static void
report_add(struct config_report *report, uint32_t line, bool is_error,
    const char *format, va_list args)
{
	char sentence[SENTENCE_BYTES];
	struct config_note *note = NULL;
	struct str whole;

	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	if (is_error)
		report->error_count++;
	report->notes = arena_grow(report->arena, report->notes, report->count,
	    &report->capacity, sizeof(*report->notes));
	if (report->notes == NULL) {
		report->count = 0;
		return;
	}
	if (line > 0)
		whole = str_printf(report->arena, "%.*s:%u: %s",
		    STR_ARG(report->path), line, sentence);
	else
		whole = str_printf(
		    report->arena, "%.*s: %s", STR_ARG(report->path), sentence);
	note = &report->notes[report->count++];
	note->is_error = is_error;
	note->line = line;
	/* A value may hold anything; a note goes to a terminal. */
	note->text = text_line(report->arena, whole).s;
}

void
config_report_error(
    struct config_report *report, uint32_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_add(report, line, true, format, args);
	va_end(args);
}

void
config_report_note(
    struct config_report *report, uint32_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_add(report, line, false, format, args);
	va_end(args);
}

/* By line, then errors first, then by text: qsort alone is not stable. */
static int
compare_notes(const void *a, const void *b)
{
	const struct config_note *left = a;
	const struct config_note *right = b;

	/* 0 minus 1 is the largest number: no line sorts last. */
	if (left->line != right->line)
		return left->line - 1 < right->line - 1 ? -1 : 1;
	if (left->is_error != right->is_error)
		return left->is_error ? -1 : 1;
	return str_compare(left->text, right->text);
}

struct config_notes
config_report_end(struct config_report *report)
{
	if (report->count > 1)
		qsort(report->notes, report->count, sizeof(*report->notes),
		    compare_notes);
	return (struct config_notes){report->notes, report->count};
}
