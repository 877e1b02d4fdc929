#include "ini_write.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "install.h"
#include "os/file.h"

#define MODE_NEW     0640
#define LOOK_LINES   8
#define NAMES_BYTES  4000
#define SAMPLE_BYTES ((size_t)1 << 20)

void
ini_write_end(struct ini_write *write)
{
	config_unref(write->old);
	config_unref(write->fresh);
	write->old = NULL;
	write->fresh = NULL;
}

static enum err_code
begin_with_sample(struct ini_write *write, struct err *err)
{
	CLEANUP(buf_free) struct buf sample;
	struct str text;

	buf_init(&sample, SAMPLE_BYTES);
	config_write_sample(&sample);
	enum err_code rc = buf_end(&sample, &text, err);
	if (rc != ERR_OK)
		return rc;
	write->is_new = true;
	write->mode = MODE_NEW;
	write->after = str_dup(write->arena, text);
	return write->after.ptr != NULL
	           ? ERR_OK
	           : err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
}

enum err_code
ini_write_begin(struct ini_write *write, const char *path, bool sample,
    struct arena *arena, struct err *err)
{
	struct stat info;
	struct config_notes notes;
	struct err ignored = ERR_NONE;

	*write = (struct ini_write){.arena = arena};
	enum err_code rc = path_real(path, write->path, err);
	if (rc == ERR_OK && sample && !file_exists(write->path))
		return begin_with_sample(write, err);
	if (rc == ERR_OK)
		rc = file_read(write->path, LIMIT_INI_BYTES + 1, arena,
		    &write->before, err);
	if (rc == ERR_OK && stat(write->path, &info) != 0)
		rc = file_fail(err, "read", write->path);
	if (rc == ERR_NOT_FOUND) {
		return err_sayf(err, ERR_NOT_FOUND,
		    "The ini file %s is not there. Name the one the server "
		    "uses: --config FILE.",
		    write->path);
	}
	if (rc != ERR_OK)
		return rc;
	/* Whoever may write it may tell the server what to do. */
	write->mode = (int)(info.st_mode & 07777 & ~(mode_t)S_IWOTH);
	write->after = write->before;
	/* One that is wrong already may be what is being mended. */
	err_ignore(config_parse(str_c(write->path), write->before, arena,
	    &notes, &write->old, &ignored));
	return ERR_OK;
}

enum err_code
ini_write_edit(struct ini_write *write, const struct ini_edit *edits,
    size_t count, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < count && rc == ERR_OK; i++)
		rc = ini_edit_set(
		    write->after, &edits[i], write->arena, &write->after, err);
	return rc;
}

enum err_code
ini_write_try(struct ini_write *write, struct buf *out, struct err *err)
{
	struct config_notes notes = {0};

	config_unref(write->fresh);
	write->fresh = NULL;
	enum err_code rc = config_parse(str_c(write->path), write->after,
	    write->arena, &notes, &write->fresh, err);
	for (size_t i = 0; i < notes.count; i++)
		buf_addf(out, "%s%.*s\n",
		    notes.notes[i].is_error ? "BAD  " : "note ",
		    STR_ARG(notes.notes[i].text));
	if (rc != ERR_CONFIG)
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "With this the server would refuse %s. Nothing was written; "
	    "say also what is missing.",
	    write->path);
}

static size_t
split(struct str bytes, struct arena *arena, struct str **out)
{
	struct str rest = bytes;
	size_t count = 0;
	size_t capacity = 0;

	*out = NULL;
	while (rest.ptr != NULL && rest.len > 0) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		*out = arena_grow(arena, *out, count, &capacity, sizeof(line));
		if (*out == NULL)
			return 0;
		(*out)[count++] = line;
	}
	return count;
}

/* How many new lines stand before `line`; 0 when it is not near. */
static size_t
added_before(struct str line, const struct str *after, size_t count)
{
	for (size_t k = 1; k < count && k <= LOOK_LINES; k++)
		if (str_eq(after[k], line))
			return k;
	return 0;
}

/* The lines of a file, and which one is next. */
struct reading {
	struct str *lines;
	size_t count;
	size_t at;
};

static struct reading
read_lines(struct str bytes, struct arena *arena)
{
	struct reading reading = {.at = 0};

	reading.count = split(bytes, arena, &reading.lines);
	return reading;
}

static void
say_added(struct reading *after, size_t count, struct buf *out)
{
	for (size_t end = after->at + count; after->at < end; after->at++)
		if (after->lines[after->at].len > 0)
			buf_addf(out, "%4zu + %.*s\n", after->at + 1,
			    STR_ARG(after->lines[after->at]));
}

/* Only lines are changed or added, never taken away. */
static void
say_changes(const struct ini_write *write, struct buf *out)
{
	struct reading before = read_lines(write->before, write->arena);
	struct reading after = read_lines(write->after, write->arena);

	while (after.at < after.count) {
		size_t left = after.count - after.at;
		struct str old;

		if (before.at == before.count) {
			say_added(&after, left, out);
			return;
		}
		old = before.lines[before.at];
		if (str_eq(old, after.lines[after.at])) {
			before.at++;
			after.at++;
			continue;
		}
		size_t more = added_before(old, after.lines + after.at, left);
		if (more == 0) {
			buf_addf(
			    out, "%4zu - %.*s\n", before.at + 1, STR_ARG(old));
			before.at++;
		}
		say_added(&after, more > 0 ? more : 1, out);
	}
}

enum err_code
ini_write_save(struct ini_write *write, struct buf *out, struct err *err)
{
	if (write->is_new) {
		enum err_code rc =
		    file_write_new(write->path, write->after, write->mode, err);

		if (rc == ERR_OK)
			buf_addf(out, "Ini file, from the sample: %s\n",
			    write->path);
		return rc;
	}
	if (str_eq(write->before, write->after)) {
		buf_addf(out, "%s says so already.\n", write->path);
		return ERR_OK;
	}
	enum err_code rc = install_file(
	    write->path, write->after, write->mode, true, out, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out, "%s:\n", write->path);
	say_changes(write, out);
	return ERR_OK;
}

void
ini_write_next(const struct ini_write *write, struct buf *out)
{
	CLEANUP(buf_free) struct buf names;

	buf_init(&names, NAMES_BYTES);
	if (write->old != NULL && write->fresh != NULL)
		config_restart_needed(write->old, write->fresh, &names);
	if (write->is_new)
		buf_add_c(out, "  systemctl restart iwebmsg\n");
	else if (buf_str(&names).len > 0)
		buf_addf(out, "  systemctl restart iwebmsg    (for %.*s)\n",
		    STR_ARG(buf_str(&names)));
	else
		buf_add_c(out, "  systemctl reload iwebmsg\n");
}
