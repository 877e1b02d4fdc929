#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H
/* Collects what is said about an ini file. For this room only. */
#include "config/config.h"

struct config_report {
	struct arena *arena; /* borrowed: the notes live in it */
	struct str path;     /* of the ini file */
	struct config_note *notes;
	size_t count;
	size_t capacity;
	size_t error_count;
};

/* A line of the ini file, or 0. The text is "what is wrong; what is allowed".
 */
void config_report_error(struct config_report *report, uint32_t line,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void config_report_note(struct config_report *report, uint32_t line,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* In the order of the file; those without a line come last. */
struct config_notes config_report_end(struct config_report *report);

#endif
