#include "mime/mime_guard.h"

#include "base/limits.h"

/*
 * GMime parses the address fields of each attached message at once, nested
 * groups ("g:g:g:…") by recursion: 50,000 overflow 8 MB of stack. Comments
 * it reads in a loop. Parts cost it about 1.5 KB each.
 */
#define GROUPS_MAX       200u
#define COMMENTS_MAX     5000u
#define DELIMITERS_MAX   ((size_t)LIMIT_MIME_PARTS * 10)
#define HEADER_BYTES_MAX ((size_t)256 << 10)

static const char *const address_fields[] = {"from", "to", "cc", "bcc",
    "sender", "reply-to", "resent-", "disposition-notification-to", "errors-to",
    "return-receipt-to"};

struct counts {
	size_t groups; /* of the field that is being read */
	size_t comments;
	size_t delimiters; /* lines that may divide parts */
	size_t boundaries; /* "boundary=" */
	bool is_address;
};

static bool
has_boundary(struct str line)
{
	return str_find_byte(line, '=', 0) < line.len &&
	       str_find_nocase(line, STR("boundary"), 0) < line.len;
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

static void
count_marks(struct counts *counts, struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		counts->groups += line.ptr[i] == ':';
		counts->comments += line.ptr[i] == '(';
	}
}

static bool
look_at(struct counts *counts, struct str line)
{
	bool is_folded =
	    line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

	if (!is_folded) {
		counts->groups = 0;
		counts->comments = 0;
		counts->is_address = is_address_field(line);
	}
	if (counts->is_address)
		count_marks(counts, line);
	counts->delimiters += is_delimiter(line);
	counts->boundaries += has_boundary(line);
	return counts->groups <= GROUPS_MAX &&
	       counts->comments <= COMMENTS_MAX &&
	       counts->delimiters <= DELIMITERS_MAX &&
	       counts->boundaries <= LIMIT_MIME_PARTS;
}

/* The first block of lines up to an empty one must not be endless. */
static bool
has_sane_header(struct str bytes)
{
	size_t lf = str_find(bytes, STR("\n\n"), 0);
	size_t crlf = str_find(bytes, STR("\n\r\n"), 0);

	return (lf < crlf ? lf : crlf) <= HEADER_BYTES_MAX;
}

bool
mime_guard_is_safe(struct str bytes)
{
	struct counts counts = {0};
	size_t at = 0;

	if (!has_sane_header(bytes))
		return false;
	while (at < bytes.len) {
		size_t end = str_find_byte(bytes, '\n', at);
		if (!look_at(&counts, str_slice(bytes, at, end)))
			return false;
		at = end + 1;
	}
	return true;
}
