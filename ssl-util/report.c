#include "report.h"

#include <stdarg.h>

#define LINE_MAX_BYTES 4096

/* Texts of others are escaped by who asks; paths are the caller's own. */
static void
add_line(struct report *report, const char *mark, const char *what,
    const char *format, va_list args)
{
	char line[LINE_MAX_BYTES];

	(void)vsnprintf(line, sizeof(line), format, args);
	buf_addf(report->out, "%-5s %s%s%s\n", mark, what,
	    what[0] != '\0' ? ": " : "", line);
}

void
report_ok(struct report *report, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(report, "ok", what, format, args);
	va_end(args);
}

void
report_note(struct report *report, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(report, "note", what, format, args);
	va_end(args);
}

void
report_bad(struct report *report, const char *what, const char *format, ...)
{
	va_list args;

	report->problem_count++;
	va_start(args, format);
	add_line(report, "BAD", what, format, args);
	va_end(args);
}

void
report_mend(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(report, "", "mend", format, args);
	va_end(args);
}
