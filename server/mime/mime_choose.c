#include "base/limits.h"
#include "mime/mime.h"
#include "mime/mime_outline.h"

/*
 * Which parts are the text of a message, and which are attachments. Nested
 * messages are attachments: their parts are not this message's.
 */

static bool
is_type(const struct mime_part *part, const char *type, const char *subtype)
{
	return str_eq_nocase(part->type, str_c(type)) &&
	       str_eq_nocase(part->subtype, str_c(subtype));
}

enum err_code
mime_choose(const struct mime_part *root, struct arena *arena,
    struct mime_choice *out, struct err *err)
{
	struct mime_outline outline;
	enum err_code rc = mime_outline(root, arena, &outline, err);

	*out = outline.choice;
	return rc;
}

/* ---- finding parts ---- */

typedef bool match_fn(const struct mime_part *part, struct str wanted);

static const struct mime_part *
find(const struct mime_part *part, match_fn *matches, struct str wanted,
    unsigned depth)
{
	if (part == NULL || depth > LIMIT_MIME_DEPTH)
		return NULL;
	if (matches(part, wanted))
		return part;
	for (size_t i = 0; i < part->part_count; i++) {
		const struct mime_part *found =
		    find(&part->parts[i], matches, wanted, depth + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static bool
has_section(const struct mime_part *part, struct str section)
{
	return str_eq(part->section, section);
}

static bool
has_cid(const struct mime_part *part, struct str content_id)
{
	return part->content_id.s.len > 0 &&
	       str_eq(part->content_id.s, content_id);
}

const struct mime_part *
mime_part_find(const struct mime_part *root, struct str section)
{
	return section.len == 0 ? NULL : find(root, has_section, section, 0);
}

const struct mime_part *
mime_part_by_cid(const struct mime_part *root, struct str content_id)
{
	return find(root, has_cid, content_id, 0);
}

bool
mime_is_safe_image(const struct mime_part *part)
{
	static const char *const subtypes[] = {
	    "png", "jpeg", "jpg", "pjpeg", "gif", "webp"};

	for (size_t i = 0; i < sizeof(subtypes) / sizeof(subtypes[0]); i++) {
		if (is_type(part, "image", subtypes[i]))
			return true;
	}
	return false;
}
