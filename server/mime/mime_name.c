#include "mime/mime_name.h"

#include "base/buf.h"
#include "base/limits.h"

#define NAME_CHARS      150u /* of the 255 that NTFS takes */
#define NAME_BYTES      200u /* of the 255 that Unix takes: " (2)", too */
#define EXTENSION_BYTES 12u

static bool
is_path_sign(uint32_t c)
{
	return c < 0x80 && c != 0 && strchr("/\\:*?\"<>|", (int)c) != NULL;
}

/*
 * Not seen, or turning what is seen around: "gnp.exe" behind U+202E reads
 * "exe.png" (UAX #9; the controls of Unicode's category Cf, and separators).
 */
static bool
is_unseen(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad ||
	       c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0x3164 || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* Other spaces than U+0020 could hide an extension far to the right. */
static bool
is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	       c == 0x3000 || c == 0x2800;
}

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

struct str
mime_name_stem(struct str name, struct str *out_extension)
{
	size_t dot = name.len;

	*out_extension = STR("");
	while (dot > 0 && is_letter_or_digit(name.ptr[dot - 1]))
		dot--;
	if (dot < 2 || dot == name.len || name.ptr[dot - 1] != '.' ||
	    name.len - dot > EXTENSION_BYTES)
		return name;
	*out_extension = str_slice(name, dot - 1, name.len);
	return str_slice(name, 0, dot - 1);
}

/* Signs one by one: runs of spaces become one, what is unsafe "_". */
static void
add_safe(struct buf *out, struct str name)
{
	size_t at = 0;
	bool was_space = true;

	while (at < name.len) {
		uint32_t c = text_next(name, &at);

		if (is_space(c)) {
			if (!was_space)
				buf_add_byte(out, ' ');
			was_space = true;
		} else if (!is_unseen(c)) {
			buf_add_utf8(out, is_path_sign(c) ? '_' : c);
			was_space = false;
		}
	}
}

/* Spaces and dots at the end: Windows drops them. A dot in front hides. */
static struct str
trim(struct str name)
{
	while (name.len > 0 &&
	       (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '.'))
		name.len--;
	while (name.len > 0 && (name.ptr[0] == ' ' || name.ptr[0] == '.'))
		name = str_slice(name, 1, name.len);
	return name;
}

/* CON, NUL, COM1 and so on, whatever follows the first dot. */
static bool
is_reserved(struct str name)
{
	static const char *const words[] = {
	    "con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt"};
	struct str rest = name;
	struct str base = str_trim(str_cut(&rest, '.'));

	for (size_t i = 0; i < 6; i++)
		if (str_eq_nocase(base, str_c(words[i])))
			return true;
	for (size_t i = 6; i < 8; i++) {
		struct str tail = str_slice(base, 3, base.len);

		if (!str_starts_nocase(base, str_c(words[i])))
			continue;
		/* Superscript digits count, too (U+00B9, U+00B2, U+00B3). */
		if ((tail.len == 1 && tail.ptr[0] >= '0' &&
		        tail.ptr[0] <= '9') ||
		    str_eq(tail, STR("\xc2\xb9")) ||
		    str_eq(tail, STR("\xc2\xb2")) ||
		    str_eq(tail, STR("\xc2\xb3")))
			return true;
	}
	return false;
}

/* Of whole characters, so many that the extension has room behind it. */
static struct str
cut_stem(struct str stem, size_t extension_bytes)
{
	size_t chars = extension_bytes;
	size_t at = 0;
	size_t end = 0;

	while (at < stem.len && chars < NAME_CHARS &&
	       at + extension_bytes <= NAME_BYTES) {
		end = at;
		(void)text_next(stem, &at);
		chars++;
	}
	if (at + extension_bytes <= NAME_BYTES)
		end = at;
	return trim(str_slice(stem, 0, end));
}

/* A declared name "data" of a PNG becomes "data.png". */
static struct str
extension_for(
    struct str extension, const struct mime_type *type, struct arena *arena)
{
	struct str parts[2] = {STR("."), str_c(type->extension)};

	if (extension.len > 0 || parts[1].len == 0)
		return extension;
	return str_join(arena, parts, 2);
}

struct text
mime_name_file(
    struct arena *arena, struct text name, const struct mime_type *type)
{
	struct buf safe;
	struct str extension;
	struct str stem;
	struct str parts[3] = {STR(""), STR(""), STR("")};

	buf_init_arena(&safe, arena, LIMIT_HEADER_BYTES);
	/* What is longer than this is cut anyway. */
	add_safe(&safe, str_slice(name.s, 0, LIMIT_HEADER_BYTES / 4));
	if (name.s.len > LIMIT_HEADER_BYTES / 4) {
		(void)mime_name_stem(name.s, &extension);
		buf_add(&safe, extension);
	}
	stem = mime_name_stem(trim(buf_str(&safe)), &extension);
	extension = extension_for(extension, type, arena);
	stem = cut_stem(stem, extension.len);
	if (stem.len == 0)
		stem = STR("attachment");
	if (is_reserved(stem))
		parts[0] = STR("_");
	parts[1] = stem;
	parts[2] = extension;
	return text_line(arena, str_join(arena, parts, 3));
}

struct text
mime_name_message(struct arena *arena, struct text subject)
{
	struct text line = text_line(arena, subject.s);
	struct str parts[2] = {line.s, STR(".eml")};

	if (text_is_empty(line))
		parts[0] = STR("message");
	return mime_name_file(arena,
	    text_line(arena, str_join(arena, parts, 2)),
	    mime_type_named(STR("message/rfc822"), STR("")));
}

/* ---- each name once ---- */

struct mime_name_taken {
	struct str name;
	unsigned next; /* number of the next one like it */
};

static struct mime_name_taken *
find_taken(const struct mime_names *names, struct str name)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_eq_nocase(names->list[i].name, name))
			return &names->list[i];
	return NULL;
}

static struct str
numbered(struct mime_names *names, struct mime_name_taken *same)
{
	struct str extension;
	struct str stem = mime_name_stem(same->name, &extension);
	struct str name;

	do {
		name = str_printf(names->arena, "%.*s (%u)%.*s", STR_ARG(stem),
		    same->next, STR_ARG(extension));
		same->next++;
	} while (name.len > 0 && find_taken(names, name) != NULL);
	return name;
}

struct text
mime_names_add(struct mime_names *names, struct text name)
{
	struct mime_name_taken *same = find_taken(names, name.s);
	struct str chosen = same == NULL ? name.s : numbered(names, same);

	names->list = arena_grow(names->arena, names->list, names->count,
	    &names->capacity, sizeof(names->list[0]));
	if (names->list == NULL) {
		names->count = 0;
		return name;
	}
	names->list[names->count] = (struct mime_name_taken){chosen, 2};
	names->count++;
	return (struct text){chosen};
}

struct str
mime_name_disposition(struct arena *arena, bool is_inline, struct text name)
{
	struct buf line;
	size_t at = 0;

	buf_init_arena(&line, arena, LIMIT_HEADER_BYTES);
	buf_add_c(&line,
	    is_inline ? "inline; filename=\"" : "attachment; filename=\"");
	/* RFC 6266, appendix D: no "%", which some take for an escape. */
	while (at < name.s.len) {
		uint32_t c = text_next(name.s, &at);
		bool is_plain =
		    c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '%';

		buf_add_byte(&line, is_plain ? (char)c : '_');
	}
	buf_add_c(&line, "\"; filename*=UTF-8''");
	buf_add_percent(&line, name.s);
	return buf_str(&line);
}
