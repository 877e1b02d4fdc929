#ifndef CONFIG_LINES_H
#define CONFIG_LINES_H
/* An ini file as a list of "this key is that value". For this room only. */
#include "config/config_report.h"

struct config_line {
	uint32_t number;
	struct str section; /* without brackets; empty before the first one */
	struct str name;
	struct str value;
};

struct config_section {
	uint32_t number; /* of its line */
	struct str name;
};

struct config_lines {
	struct config_line *lines;
	size_t count;
	struct config_section *sections; /* in order, with empty ones */
	size_t section_count;
};

/*
 * Splits the bytes; CRLF, CR and LF end lines, a BOM is skipped. Lines that
 * are neither section nor "Key=value" nor comment are errors in `report`.
 * Texts live in `arena`.
 */
void config_lines_read(struct str bytes, struct arena *arena,
    struct config_report *report, struct config_lines *out);

#endif
