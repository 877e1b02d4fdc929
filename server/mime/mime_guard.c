#include "mime/mime_guard.h"

/*
 * GMime parses the address fields of each attached message at once, nested
 * groups ("g:g:g:…") by recursion: 50,000 overflow 8 MB of stack; 4,000
 * addresses take it 0.1 s, twice as many four times as long. We read these
 * fields ourselves. A parameter of Content-Type costs it 80 bytes, a part
 * about 1.5 KB, a field 500 bytes; each line that begins with "--" it compares
 * with the boundaries of all multiparts around.
 */
#define ADDRESS_MARKS_MAX 200u
#define ADDRESS_BYTES_MAX ((size_t)8 << 10)
#define PARAMS_MAX        100u   /* of one field */
#define PARAMS_MANY       20000u /* of all; past it, PARAMS_FEW of each */
#define PARAMS_FEW        10u
#define DELIMITERS_PART   10u /* lines that may divide, for each part */
#define FIELDS_MAX        30000u
#define HEADERS_MAX       ((size_t)8 << 20) /* bytes of all headers */
#define COMPARES_MAX      (20u << 20)
#define SKIPS_MAX         5000u

static const char *const address_fields[] = {"from", "to", "cc", "bcc",
    "sender", "reply-to", "resent-", "disposition-notification-to", "errors-to",
    "return-receipt-to"};

struct looker {
	const struct mime_limits *limits;
	struct arena *arena;
	struct mime_guard *out;
	size_t capacity;
	/* Of the field that is being read. */
	size_t field_from;
	size_t marks; /* of groups, lists and comments; of parameters */
	bool is_address;
	bool is_content;
	bool is_past; /* the most parameters */
	/* Of the block of lines, up to an empty one or a delimiter. */
	size_t block_from;
	bool is_header;        /* it is a header, or may be one */
	bool is_behind_header; /* an empty line stands before it */
	bool has_message;      /* the header of a message part */
	/* Of the whole. */
	size_t fields;
	size_t params;
	size_t header_bytes;
	size_t delimiters;
	size_t boundaries; /* "boundary=" */
	size_t compares;
	bool has_digest;
};

static bool
has_boundary(struct str line)
{
	return str_find_byte(line, '=', 0) < line.len &&
	       str_find_nocase(line, STR("boundary"), 0) < line.len;
}

/* Of a part's type, comments aside: a header follows the empty line. */
static bool
has_message_type(struct str line)
{
	return str_find_nocase(line, STR("message"), 0) < line.len;
}

/* The parts of a digest are messages without saying so. */
static bool
has_digest_type(struct str line)
{
	return str_find_nocase(line, STR("digest"), 0) < line.len;
}

/* "--" and something: "-- " and rules of dashes divide nothing. */
static bool
is_delimiter(struct str line)
{
	size_t i = 2;

	if (!str_starts(line, STR("--")))
		return false;
	while (i < line.len && (line.ptr[i] == '-' || line.ptr[i] == ' ' ||
	                           line.ptr[i] == '\r'))
		i++;
	return i < line.len && line.ptr[2] != ' ';
}

static bool
is_address_field(struct str line)
{
	size_t colon = str_find_byte(str_slice(line, 0, 64), ':', 0);

	if (colon == 0 || colon >= line.len)
		return false;
	for (size_t i = 0; i < sizeof(address_fields) / sizeof(char *); i++) {
		if (str_starts_nocase(line, str_c(address_fields[i])))
			return true;
	}
	return false;
}

/* Leaves [from, to) out; joined with the last one where they touch. */
static void
skip(struct looker *looker, size_t from, size_t to)
{
	struct mime_guard *out = looker->out;
	struct mime_guard_skip *last =
	    out->skip_count == 0 ? NULL : &out->skips[out->skip_count - 1];

	if (last != NULL && last->to > from)
		from = last->to;
	if (from >= to)
		return;
	if (last != NULL && last->to == from) {
		out->skipped += to - from;
		last->to = to;
		return;
	}
	out->skips = arena_grow(looker->arena, out->skips, out->skip_count,
	    &looker->capacity, sizeof(out->skips[0]));
	if (out->skips == NULL || out->skip_count >= SKIPS_MAX) {
		if (out->skips == NULL) {
			out->skip_count = 0;
			out->skipped = 0;
		}
		out->is_cut = true;
		return;
	}
	out->skipped += to - from;
	out->skips[out->skip_count] = (struct mime_guard_skip){from, to};
	out->skip_count++;
}

static bool
is_content_field(struct str line)
{
	return str_starts_nocase(line, STR("content-"));
}

/* Does a header go on, or start, with this line? */
static bool
is_field(struct str line)
{
	size_t i = 0;

	while (i < line.len && line.ptr[i] > ' ' && line.ptr[i] != ':')
		i++;
	return i > 0 && i < line.len && str_find_byte(line, ':', i) < line.len;
}

static void
start_field(struct looker *looker, struct str line, size_t at)
{
	looker->field_from = at;
	looker->marks = 0;
	looker->is_past = false;
	looker->is_address = is_address_field(line);
	looker->is_content = is_content_field(line);
	looker->fields++;
}

static void
look_at_addresses(struct looker *looker, struct str line, size_t end)
{
	for (size_t i = 0; i < line.len; i++)
		looker->marks += line.ptr[i] == ':' || line.ptr[i] == '(' ||
		                 line.ptr[i] == ',' || line.ptr[i] == ';';
	if (looker->marks > ADDRESS_MARKS_MAX ||
	    end - looker->field_from > ADDRESS_BYTES_MAX)
		skip(looker, looker->field_from, end);
}

/* The field stays, and its line feed, without parameters past the most. */
static void
look_at_params(struct looker *looker, struct str line, size_t at)
{
	bool is_past = looker->is_past;
	size_t most = looker->params > PARAMS_MANY ? PARAMS_FEW : PARAMS_MAX;

	for (size_t i = 0; i < line.len && !looker->is_past; i++) {
		if (line.ptr[i] != ';')
			continue;
		looker->marks++;
		looker->params++;
		looker->is_past = looker->marks > most;
		if (looker->is_past)
			skip(looker, at + i, at + line.len);
	}
	if (is_past) /* with the line feed before it */
		skip(looker, at - 1, at + line.len);
}

static void
start_block(struct looker *looker, size_t at, bool is_header)
{
	looker->block_from = at;
	looker->is_header = is_header;
	looker->is_behind_header = false;
	looker->has_message = false;
}

/* A line of what is a header or may be one; `end` is behind its line feed. */
static void
look_at_header(struct looker *looker, struct str line, size_t at, size_t end)
{
	bool is_folded = line.ptr[0] == ' ' || line.ptr[0] == '\t';
	size_t skipped = looker->out->skipped;

	if (!is_folded)
		start_field(looker, line, at);
	if (end - looker->block_from > looker->limits->header_bytes)
		skip(looker, at, end);
	else if (looker->is_address)
		look_at_addresses(looker, line, end);
	else if (looker->is_content)
		look_at_params(looker, line, at);
	if (looker->out->skipped == skipped)
		looker->header_bytes += end - at;
	looker->boundaries += has_boundary(line);
	looker->has_message = looker->has_message || has_message_type(line);
	looker->has_digest = looker->has_digest || has_digest_type(line);
}

static bool
is_too_much(const struct looker *looker)
{
	return looker->delimiters >
	           (size_t)looker->limits->parts * DELIMITERS_PART ||
	       looker->boundaries > looker->limits->parts ||
	       looker->compares > COMPARES_MAX || looker->fields > FIELDS_MAX ||
	       looker->header_bytes > HEADERS_MAX || looker->out->is_cut;
}

static void
look_at(struct looker *looker, struct str line, size_t at, size_t end)
{
	if (str_starts(line, STR("--"))) {
		looker->compares += looker->boundaries;
		looker->delimiters += is_delimiter(line);
		start_block(looker, end, true);
		return;
	}
	if (line.len == 0 || str_eq(line, STR("\r"))) {
		start_block(
		    looker, end, looker->has_message || looker->has_digest);
		looker->is_behind_header = true;
		return;
	}
	/* The text of a part, and not the header of a message in it. */
	if (looker->is_behind_header && at == looker->block_from &&
	    !is_field(line))
		looker->is_header = false;
	if (looker->is_header)
		look_at_header(looker, line, at, end);
}

/* What was left out behind the cut is not left out any more. */
static void
cut(struct mime_guard *out, size_t at)
{
	out->is_cut = true;
	out->end = at;
	while (out->skip_count > 0) {
		struct mime_guard_skip *last = &out->skips[out->skip_count - 1];
		if (last->to <= at)
			return;
		out->skipped -= last->to - last->from;
		if (last->from < at) {
			out->skipped += at - last->from;
			last->to = at;
			return;
		}
		out->skip_count--;
	}
}

void
mime_guard_look(struct str bytes, const struct mime_limits *limits,
    struct arena *arena, struct mime_guard *out)
{
	struct looker looker = {
	    .limits = limits, .arena = arena, .out = out, .is_header = true};
	size_t at = 0;

	*out = (struct mime_guard){.end = bytes.len};
	while (at < bytes.len) {
		size_t line_end = str_find_byte(bytes, '\n', at);
		size_t end = line_end < bytes.len ? line_end + 1 : bytes.len;
		look_at(&looker, str_slice(bytes, at, line_end), at, end);
		if (is_too_much(&looker)) {
			cut(out, at);
			return;
		}
		at = end;
	}
}

size_t
mime_guard_offset(const struct mime_guard *guard, size_t seen)
{
	for (size_t i = 0; i < guard->skip_count && seen > guard->skips[i].from;
	     i++)
		seen += guard->skips[i].to - guard->skips[i].from;
	return seen;
}

size_t
mime_guard_run(const struct mime_guard *guard, size_t offset)
{
	size_t to = guard->end;

	for (size_t i = guard->skip_count; i > 0; i--) {
		if (guard->skips[i - 1].from <= offset)
			break;
		to = guard->skips[i - 1].from;
	}
	return to - offset;
}

/* Is there nothing but one line break between the two? */
static bool
is_at_line_break(struct str bytes, size_t from, size_t to)
{
	struct str between = str_slice(bytes, from, to);

	return from <= to && (between.len == 0 || str_eq(between, STR("\n")) ||
	                         str_eq(between, STR("\r\n")));
}

size_t
mime_guard_end(const struct mime_guard *guard, struct str bytes, size_t seen)
{
	size_t end = mime_guard_offset(guard, seen);

	for (size_t i = 0; i < guard->skip_count; i++) {
		const struct mime_guard_skip *skip = &guard->skips[i];
		if (!is_at_line_break(bytes, end, skip->from))
			continue;
		end = skip->to;
		/* The last line break belongs to the delimiter behind it. */
		if (end > skip->from && bytes.ptr[end - 1] == '\n')
			end--;
		if (end > skip->from && bytes.ptr[end - 1] == '\r')
			end--;
		break;
	}
	return end;
}
