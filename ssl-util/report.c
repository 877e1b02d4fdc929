#include "report.h"

#include <stdarg.h>

#define LINE_MAX_BYTES 4096

void
report_end(struct report *report)
{
	if (report->is_open)
		buf_add_c(report->out, "}");
	report->is_open = false;
}

static void
add_member(struct report *report, const char *name, const char *text)
{
	buf_addf(report->out, "\"%s\":\"", name);
	buf_add_json(report->out, str_c(text));
	buf_add_c(report->out, "\"");
}

/* {"level":"bad","what":"dates","text":"…","mend":"…"} */
static void
add_json(
    struct report *report, const char *mark, const char *what, const char *text)
{
	if (mark[0] == '\0' && report->is_open) {
		buf_add_c(report->out, ",");
		add_member(report, "mend", text);
		return;
	}
	if (report->is_open)
		buf_add_c(report->out, "},");
	report->is_open = true;
	buf_add_c(report->out, "{");
	add_member(report, "level", mark[0] == 'B' ? "bad" : mark);
	buf_add_c(report->out, ",");
	add_member(report, "what", what);
	buf_add_c(report->out, ",");
	add_member(report, "text", text);
}

/* Texts of others are escaped by who asks; paths are the caller's own. */
static void
add_line(struct report *report, const char *mark, const char *what,
    const char *format, va_list args)
{
	char line[LINE_MAX_BYTES];

	(void)vsnprintf(line, sizeof(line), format, args);
	if (report->is_json) {
		add_json(report, mark, what, line);
		return;
	}
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
