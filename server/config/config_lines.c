#include "config/config_lines.h"

#include <ini.h>

/* What Debian's inih keeps of a line, less its line end and NUL. */
#define LINE_MAX_BYTES 4000

/*
 * file    = *( line EOL )
 * line    = blank / comment / section / key
 * comment = ( ";" / "#" ) *ANY
 * section = "[" name "]" [ comment ]
 * key     = name ( "=" / ":" ) value [ blank ";" *ANY ]
 *
 * inih reads the keys. It gets one line at a time from here, because it has
 * no line numbers to give (Debian builds it without INI_HANDLER_LINENO), cuts
 * section names at 50 bytes, is silent about empty sections, takes an
 * indented key for more of the value before it, and names only the first
 * line that it cannot read.
 */
struct reader {
	struct str rest;
	uint32_t number; /* of the line inih has */
	bool is_waiting; /* inih has a line that should become a key */
	struct str section;
	struct arena *arena;
	struct config_report *report;
	struct config_lines *out;
	size_t line_capacity;
	size_t section_capacity;
};

static struct str
reader_next_line(struct reader *reader)
{
	struct str *rest = &reader->rest;
	size_t end = 0;
	size_t skip = 1;
	struct str line;

	while (
	    end < rest->len && rest->ptr[end] != '\n' && rest->ptr[end] != '\r')
		end++;
	if (end + 1 < rest->len && rest->ptr[end] == '\r' &&
	    rest->ptr[end + 1] == '\n')
		skip = 2;
	line = str_slice(*rest, 0, end);
	*rest = str_slice(*rest, end + skip, rest->len);
	reader->number++;
	return str_trim(line);
}

static void
reader_add_section(struct reader *reader, struct str line)
{
	struct config_lines *out = reader->out;
	size_t end = str_find_byte(line, ']', 0);
	struct str after = str_trim(str_slice(line, end + 1, line.len));

	if (end == line.len || (!str_is_empty(after) && after.ptr[0] != ';' &&
	                           after.ptr[0] != '#')) {
		config_report_error(reader->report, reader->number,
		    "the section %.*s is not closed; allowed: [Name] on a "
		    "line of its own",
		    STR_ARG(str_slice(line, 0, 60)));
		return;
	}
	reader->section =
	    str_dup(reader->arena, str_trim(str_slice(line, 1, end)));
	out->sections =
	    arena_grow(reader->arena, out->sections, out->section_count,
	        &reader->section_capacity, sizeof(*out->sections));
	if (out->sections == NULL) {
		out->section_count = 0;
		return;
	}
	out->sections[out->section_count++] =
	    (struct config_section){reader->number, reader->section};
}

/* What inih got and did not hand back as a key. */
static void
reader_check_taken(struct reader *reader)
{
	if (reader->is_waiting)
		config_report_error(reader->report, reader->number,
		    "this line is not understood; allowed: Key=value, "
		    "[Section], or a comment after ; or #");
	reader->is_waiting = false;
}

/* True when the line is a key for inih. */
static bool
reader_sort(struct reader *reader, struct str line, int room)
{
	if (str_is_empty(line) || line.ptr[0] == ';' || line.ptr[0] == '#')
		return false;
	if (line.ptr[0] == '[') {
		reader_add_section(reader, line);
		return false;
	}
	if (line.len > LINE_MAX_BYTES || (int)line.len + 3 > room) {
		config_report_error(reader->report, reader->number,
		    "this line is too long; allowed: %d bytes", LINE_MAX_BYTES);
		return false;
	}
	if (str_find_byte(line, '\0', 0) < line.len) {
		config_report_error(reader->report, reader->number,
		    "this line holds a NUL byte; allowed: text in UTF-8");
		return false;
	}
	return true;
}

/* ini_reader: the next line, always one for which inih asks us back. */
static char *
reader_feed(char *room, int room_bytes, void *ctx)
{
	struct reader *reader = ctx;

	reader_check_taken(reader);
	while (reader->rest.len > 0) {
		struct str line = reader_next_line(reader);

		if (!reader_sort(reader, line, room_bytes))
			continue;
		memcpy(room, line.ptr, line.len);
		room[line.len] = '\n';
		room[line.len + 1] = '\0';
		reader->is_waiting = true;
		return room;
	}
	return NULL;
}

/* ini_handler: one key. */
static int
reader_take(void *ctx, const char *section, const char *name, const char *value)
{
	struct reader *reader = ctx;
	struct config_lines *out = reader->out;
	struct config_line *line = NULL;

	(void)section;
	if (*name == '\0')
		return 0;
	reader->is_waiting = false;
	out->lines = arena_grow(reader->arena, out->lines, out->count,
	    &reader->line_capacity, sizeof(*out->lines));
	if (out->lines == NULL) {
		out->count = 0;
		return 0;
	}
	line = &out->lines[out->count++];
	line->number = reader->number;
	line->section = reader->section;
	line->name = str_dup(reader->arena, str_c(name));
	line->value = str_dup(reader->arena, str_c(value));
	return 1;
}

void
config_lines_read(struct str bytes, struct arena *arena,
    struct config_report *report, struct config_lines *out)
{
	struct reader reader = {
	    .rest = bytes, .arena = arena, .report = report, .out = out};

	*out = (struct config_lines){0};
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		reader.rest = str_slice(bytes, 3, bytes.len);
	/*
	 * A variable in Debian's inih, 200 by default: too short for a path
	 * or two. Always the same value, and only this room uses inih.
	 */
	ini_max_line = LINE_MAX_BYTES + 96;
	if (ini_parse_stream(reader_feed, &reader, reader_take, &reader) != 0)
		reader_check_taken(&reader);
}
