#include "base/limits.h"
#include "mime/mime.h"

/*
 * Which parts are the text of a message, and which are attachments. Nested
 * messages are attachments: their parts are not this message's.
 */

struct body {
	const struct mime_part *plain;
	const struct mime_part *html;
};

struct list {
	const struct mime_part **parts;
	size_t count;
	size_t capacity;
};

struct chooser {
	struct arena *arena;
	struct list attachments;
	struct list inline_images;
};

/* A text part with a name is shown only when nothing else is. */
enum pass {
	PASS_UNNAMED,
	PASS_NAMED
};

static bool
is_type(const struct mime_part *part, const char *type, const char *subtype)
{
	return str_eq_nocase(part->type, str_c(type)) &&
	       (subtype == NULL ||
	           str_eq_nocase(part->subtype, str_c(subtype)));
}

static void
list_add(
    struct chooser *chooser, struct list *list, const struct mime_part *part)
{
	list->parts = arena_grow(chooser->arena, list->parts, list->count,
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	    &list->capacity, sizeof(list->parts[0]));
	if (list->parts == NULL) {
		list->count = 0;
		return;
	}
	list->parts[list->count] = part;
	list->count++;
}

static bool
is_body(const struct mime_part *part, enum pass pass)
{
	return part->disposition != MIME_ATTACHMENT &&
	       (pass == PASS_NAMED || text_is_empty(part->name)) &&
	       (is_type(part, "text", "plain") ||
	           is_type(part, "text", "html"));
}

static void walk(struct chooser *chooser, const struct mime_part *part,
    enum pass pass, bool may_be_body, unsigned depth, struct body *body);

/* A later alternative is the better one (RFC 2046, 5.1.4). */
static void
walk_alternative(struct chooser *chooser, const struct mime_part *part,
    enum pass pass, bool may_be_body, unsigned depth, struct body *body)
{
	struct body best = {0};

	for (size_t i = 0; i < part->part_count; i++) {
		const struct mime_part *child = &part->parts[i];
		struct body found = {0};
		/* Text we do not show (enriched, AMP) is no attachment. */
		if (is_type(child, "text", NULL) && !is_body(child, pass) &&
		    !is_type(child, "text", "calendar") &&
		    child->disposition != MIME_ATTACHMENT &&
		    text_is_empty(child->name))
			continue;
		walk(chooser, child, pass, true, depth + 1, &found);
		if (best.plain == NULL)
			best.plain = found.plain;
		if (found.html != NULL)
			best.html = found.html;
	}
	if (may_be_body)
		*body = best;
	else if (best.html != NULL || best.plain != NULL)
		list_add(chooser, &chooser->attachments,
		    best.html != NULL ? best.html : best.plain);
}

static bool
is_inline_image(const struct mime_part *part)
{
	return mime_is_safe_image(part) && !text_is_empty(part->content_id) &&
	       part->disposition != MIME_ATTACHMENT;
}

/*
 * The root stands first (RFC 2387, 3.2, where "start" is not given); images
 * that the HTML can name by their Content-ID are shown within it.
 */
static void
walk_related(struct chooser *chooser, const struct mime_part *part,
    enum pass pass, bool may_be_body, unsigned depth, struct body *body)
{
	for (size_t i = 0; i < part->part_count; i++) {
		const struct mime_part *child = &part->parts[i];
		bool is_open =
		    may_be_body && body->html == NULL && body->plain == NULL;
		if (body->html != NULL && is_inline_image(child))
			list_add(chooser, &chooser->inline_images, child);
		else
			walk(chooser, child, pass, is_open, depth + 1, body);
	}
}

/* The first text is the body, in mixed, signed, report and unknown kinds. */
static void
walk_mixed(struct chooser *chooser, const struct mime_part *part,
    enum pass pass, bool may_be_body, unsigned depth, struct body *body)
{
	for (size_t i = 0; i < part->part_count; i++) {
		bool is_open =
		    may_be_body && body->html == NULL && body->plain == NULL;
		walk(chooser, &part->parts[i], pass, is_open, depth + 1, body);
	}
}

static void
walk(struct chooser *chooser, const struct mime_part *part, enum pass pass,
    bool may_be_body, unsigned depth, struct body *body)
{
	if (depth > LIMIT_MIME_DEPTH)
		return;
	if (is_type(part, "multipart", "alternative"))
		walk_alternative(chooser, part, pass, may_be_body, depth, body);
	else if (is_type(part, "multipart", "related"))
		walk_related(chooser, part, pass, may_be_body, depth, body);
	else if (is_type(part, "multipart", NULL))
		walk_mixed(chooser, part, pass, may_be_body, depth, body);
	else if (!may_be_body || !is_body(part, pass))
		list_add(chooser, &chooser->attachments, part);
	else if (is_type(part, "text", "html"))
		body->html = part;
	else
		body->plain = part;
}

static struct body
run(struct chooser *chooser, const struct mime_part *root, enum pass pass)
{
	struct body body = {0};

	chooser->attachments = (struct list){0};
	chooser->inline_images = (struct list){0};
	walk(chooser, root, pass, true, 0, &body);
	return body;
}

enum err_code
mime_choose(const struct mime_part *root, struct arena *arena,
    struct mime_choice *out, struct err *err)
{
	struct chooser chooser = {.arena = arena};
	struct body body = run(&chooser, root, PASS_UNNAMED);

	if (body.plain == NULL && body.html == NULL)
		body = run(&chooser, root, PASS_NAMED);
	*out = (struct mime_choice){.plain = body.plain,
	    .html = body.html,
	    .attachments = chooser.attachments.parts,
	    .attachment_count = chooser.attachments.count,
	    .inline_images = chooser.inline_images.parts,
	    .inline_image_count = chooser.inline_images.count};
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This message has too many parts.", "mime: choose");
	return ERR_OK;
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
