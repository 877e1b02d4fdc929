#include "mail/imap_place.h"

/*
 * multipart-body = [preamble CRLF] dash-boundary *LWSP CRLF body-part
 *                  *(CRLF dash-boundary *LWSP CRLF body-part)
 *                  CRLF dash-boundary "--" *LWSP [CRLF epilogue]
 * body-part      = MIME-part-headers [CRLF *OCTET]      (RFC 2046, 5.1.1)
 */
#define PLACE_BOUNDARY_BYTES 200u

size_t
imap_place_header(struct str bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		size_t end = str_find_byte(bytes, '\n', at);
		size_t len = end - at;

		if (end == bytes.len)
			return end;
		if (len == 0 || (len == 1 && bytes.ptr[at] == '\r'))
			return end + 1;
		at = end + 1;
	}
	return at;
}

/* "--" boundary, then blanks or "--" up to the line's end. */
static bool
place_is_delimiter(
    struct str bytes, size_t at, struct str boundary, size_t *out_next)
{
	size_t end;

	if (bytes.len - at < boundary.len + 2 ||
	    memcmp(bytes.ptr + at, "--", 2) != 0 ||
	    memcmp(bytes.ptr + at + 2, boundary.ptr, boundary.len) != 0)
		return false;
	at += boundary.len + 2;
	end = str_find_byte(bytes, '\n', at);
	if (str_starts(str_slice(bytes, at, end), STR("--")))
		at += 2;
	if (str_trim(str_slice(bytes, at, end)).len > 0)
		return false;
	*out_next = end < bytes.len ? end + 1 : end;
	return true;
}

/* The next delimiter at or behind the line that starts at `at`. */
static bool
place_find_delimiter(
    struct str bytes, size_t at, struct str boundary, size_t *out_next)
{
	while (at < bytes.len) {
		if (place_is_delimiter(bytes, at, boundary, out_next))
			return true;
		at = str_find_byte(bytes, '\n', at);
		at += at < bytes.len;
	}
	return false;
}

/* Behind the line break at `at`, or false: none begins there. */
static bool
place_break(struct str bytes, size_t *at)
{
	if (*at > 0 && *at < bytes.len && bytes.ptr[*at] == '\n' &&
	    bytes.ptr[*at - 1] == '\r')
		return false;
	if (*at < bytes.len && bytes.ptr[*at] == '\r')
		(*at)++;
	if (*at >= bytes.len || bytes.ptr[*at] != '\n')
		return false;
	(*at)++;
	return true;
}

static struct str
place_boundary(const struct mime_part *part)
{
	for (size_t i = 0; i < part->param_count; i++) {
		if (str_eq_nocase(part->params[i].name, STR("boundary")) &&
		    part->params[i].value.len <= PLACE_BOUNDARY_BYTES)
			return part->params[i].value;
	}
	return (struct str){0};
}

static bool place_part(
    struct str bytes, size_t at, struct mime_part *part, size_t *out_end);

static void
place_forget(struct mime_part *part)
{
	part->content = (struct str){0};
	for (size_t i = 0; i < part->part_count; i++)
		place_forget(&part->parts[i]);
}

/* Of a part within a multipart: it ends before the next delimiter. */
static bool
place_child(struct str bytes, size_t *at, struct str boundary, size_t number,
    struct mime_part *part)
{
	size_t next;
	size_t end;

	if (number == 0 && !place_find_delimiter(bytes, *at, boundary, at))
		return false;
	*at += imap_place_header(str_slice(bytes, *at, bytes.len));
	if (!place_part(bytes, *at, part, &end))
		return false;
	if (str_eq(part->type, STR("multipart"))) {
		if (!place_find_delimiter(bytes, end, boundary, &next))
			return false;
	} else if (!place_break(bytes, &end) ||
	           !place_is_delimiter(bytes, end, boundary, &next)) {
		/* Not what the server's structure says: ask for it. */
		place_forget(part);
		return false;
	}
	*at = next;
	return true;
}

/* A leaf, or a message with what is in it. */
static bool
place_leaf(struct str bytes, size_t at, struct mime_part *part, size_t *out_end)
{
	size_t inner_end;

	if (at > bytes.len || part->bytes > bytes.len - at)
		return false;
	*out_end = at + (size_t)part->bytes;
	part->content = str_slice(bytes, at, *out_end);
	if (part->part_count == 1 && part->encoding == MIME_IDENTITY)
		(void)place_part(part->content,
		    imap_place_header(part->content), part->parts, &inner_end);
	return true;
}

/* Recurses as deep as the structure, which has its limit. */
static bool
place_part(struct str bytes, size_t at, struct mime_part *part, size_t *out_end)
{
	struct str boundary = place_boundary(part);

	if (!str_eq(part->type, STR("multipart")))
		return place_leaf(bytes, at, part, out_end);
	if (boundary.len == 0)
		return false;
	for (size_t i = 0; i < part->part_count; i++) {
		if (!place_child(bytes, &at, boundary, i, &part->parts[i]))
			return false;
	}
	*out_end = at;
	return part->part_count > 0;
}

void
imap_place_parts(struct mime_part *root, struct str body)
{
	size_t end;

	(void)place_part(body, 0, root, &end);
}
