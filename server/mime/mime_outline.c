#include "mime/mime_outline.h"

#include "base/limits.h"
#include "mime/mime_outline_part.h"

/* Blocks of one message: more are files only. */
#define BLOCKS_MAX 500u

struct list {
	const struct mime_part **parts;
	size_t count;
	size_t capacity;
};

struct outliner {
	struct arena *arena;
	struct mime_outline out;
	size_t block_capacity;
	struct list files;
	struct list images;
	struct outline_how how;
};

static void
list_add(struct outliner *in, struct list *list, const struct mime_part *part)
{
	list->parts = arena_grow(in->arena, list->parts, list->count,
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	    &list->capacity, sizeof(list->parts[0]));
	if (list->parts == NULL) {
		list->count = 0;
		return;
	}
	list->parts[list->count] = part;
	list->count++;
}

static struct mime_block *
block_add(struct outliner *in, struct mime_block block)
{
	struct mime_outline *out = &in->out;

	if (out->count >= BLOCKS_MAX) {
		out->is_cut = true;
		return NULL;
	}
	out->blocks = arena_grow(in->arena, out->blocks, out->count,
	    &in->block_capacity, sizeof(out->blocks[0]));
	if (out->blocks == NULL) {
		out->count = 0;
		return NULL;
	}
	out->blocks[out->count] = block;
	out->count++;
	return &out->blocks[out->count - 1];
}

/* ---- the walk ---- */

static void walk(
    struct outliner *in, const struct mime_part *part, unsigned depth);

static void
walk_leaf(struct outliner *in, const struct mime_part *part)
{
	bool is_html = outline_part_is(part, "text", "html");
	bool is_file = !text_is_empty(part->name);
	enum mime_block_kind kind = MIME_BLOCK_TEXT;

	if (outline_part_card(&in->how, part, &kind)) {
		list_add(in, &in->files, part);
		(void)block_add(
		    in, (struct mime_block){.kind = kind, .part = part});
		return;
	}
	if (!outline_part_is_text(&in->how, part) ||
	    block_add(in, (struct mime_block){.kind = MIME_BLOCK_TEXT,
	                      .part = part,
	                      .plain = is_html ? NULL : part,
	                      .html = is_html ? part : NULL,
	                      .is_file = is_file}) == NULL)
		is_file = true;
	if (is_file)
		list_add(in, &in->files, part);
}

static void
walk_all(struct outliner *in, const struct mime_part *part, unsigned depth)
{
	for (size_t i = 0; i < part->part_count; i++)
		walk(in, &part->parts[i], depth + 1);
}

/* Reports: the machine's words, which we can explain, before its text. */
static void
walk_report(struct outliner *in, const struct mime_part *part, unsigned depth)
{
	size_t first = part->part_count > 1 ? 1 : part->part_count;

	for (size_t i = first; i < part->part_count && i < 2; i++)
		walk(in, &part->parts[i], depth + 1);
	for (size_t i = 0; i < part->part_count; i++) {
		if (i != first)
			walk(in, &part->parts[i], depth + 1);
	}
}

/* RFC 1847, 2.1: what is signed, then the signature. */
static void
walk_signed(struct outliner *in, const struct mime_part *part, unsigned depth)
{
	(void)block_add(
	    in, (struct mime_block){.kind = MIME_BLOCK_SIGNED, .part = part});
	walk_all(in, part, depth);
}

/* Nothing in there is text, whatever it says. */
static void
walk_encrypted(struct outliner *in, const struct mime_part *part)
{
	(void)block_add(in,
	    (struct mime_block){.kind = MIME_BLOCK_ENCRYPTED, .part = part});
	for (size_t i = 0; i < part->part_count; i++)
		list_add(in, &in->files, &part->parts[i]);
}

/*
 * RFC 2387: the root is the part that "start" names, else the first; images
 * that HTML can name by their Content-ID are shown within it, all other
 * parts are files.
 */
static const struct mime_part *
related_root(const struct outliner *in, const struct mime_part *part)
{
	struct str start = str_trim(mime_outline_param(part, STR("start")));

	if (str_starts(start, STR("<")) && str_ends(start, STR(">")))
		start = str_slice(start, 1, start.len - 1);
	for (size_t i = 0; i < part->part_count && start.len > 0; i++) {
		if (str_eq(part->parts[i].content_id.s, start))
			return &part->parts[i];
	}
	/* A style sheet or an image in front is a mistake. */
	for (size_t i = 0; i < part->part_count; i++) {
		if (outline_part_is(&part->parts[i], "multipart", NULL) ||
		    outline_part_is_text(&in->how, &part->parts[i]))
			return &part->parts[i];
	}
	return part->part_count > 0 ? &part->parts[0] : NULL;
}

/* Some write the two forms of a text into "related" instead. */
static bool
is_alternative_in_fact(const struct mime_part *part)
{
	return part->part_count > 1 &&
	       outline_part_is(&part->parts[0], "text", "plain") &&
	       outline_part_is(&part->parts[1], "text", "html") &&
	       part->parts[0].disposition != MIME_ATTACHMENT &&
	       part->parts[1].disposition != MIME_ATTACHMENT &&
	       text_is_empty(part->parts[0].name) &&
	       text_is_empty(part->parts[1].name);
}

static bool
is_inline_image(const struct mime_part *part)
{
	return mime_is_safe_image(part) && !text_is_empty(part->content_id) &&
	       part->disposition != MIME_ATTACHMENT;
}

static bool
has_html_since(const struct outliner *in, size_t first)
{
	for (size_t i = first; i < in->out.count; i++) {
		if (in->out.blocks[i].html != NULL)
			return true;
	}
	return false;
}

static void
walk_related(struct outliner *in, const struct mime_part *part, unsigned depth)
{
	const struct mime_part *root = related_root(in, part);
	size_t before = in->out.count;
	enum mime_block_kind kind;

	if (root != NULL)
		walk(in, root, depth + 1);
	for (size_t i = 0; i < part->part_count; i++) {
		const struct mime_part *child = &part->parts[i];
		if (child == root)
			continue;
		if (outline_part_is(child, "multipart", NULL) ||
		    outline_part_card(&in->how, child, &kind))
			walk(in, child, depth + 1);
		else if (is_inline_image(child) && has_html_since(in, before))
			list_add(in, &in->images, child);
		else
			list_add(in, &in->files, child);
	}
}

/* ---- alternatives ---- */

/*
 * One form of the same: its texts are taken out of the blocks again, so that
 * the best plain and the best formatted form become one block.
 */
struct form {
	size_t first, count; /* blocks */
};

static bool
form_has(const struct outliner *in, struct form form, bool html)
{
	for (size_t i = form.first; i < form.first + form.count; i++) {
		const struct mime_block *block = &in->out.blocks[i];
		if (block->kind == MIME_BLOCK_TEXT &&
		    (html ? block->html : block->plain) != NULL)
			return true;
	}
	return false;
}

static bool
is_better_plain(const struct mime_part *now, const struct mime_part *then)
{
	return then == NULL || (outline_part_is(now, "text", "plain") &&
	                           !outline_part_is(then, "text", "plain"));
}

/*
 * Joins what the forms brought from block `first` on: cards and notices stay
 * as they are, in front; of texts the first plain one and the last form with
 * HTML remain (RFC 2046, 5.1.4).
 */
struct join {
	const struct mime_part *plain;
	struct form html; /* the last one that has HTML; count 0: none */
	struct mime_block *kept;
	size_t kept_count;
};

static void
join_keep(struct join *join, struct mime_block block)
{
	join->kept[join->kept_count] = block;
	join->kept_count++;
}

static void
join_cards(struct outliner *in, struct join *join, size_t first)
{
	for (size_t i = first; i < in->out.count; i++) {
		struct mime_block *block = &in->out.blocks[i];

		if (block->kind != MIME_BLOCK_TEXT)
			join_keep(join, *block);
		else if (block->plain != NULL && block->html != NULL &&
		         join->plain == NULL)
			join->plain = block->plain;
		else if (block->html == NULL &&
		         is_better_plain(block->plain, join->plain))
			join->plain = block->plain;
	}
}

static void
join_texts(struct outliner *in, struct join *join)
{
	const struct mime_part *plain = join->plain;

	for (size_t i = 0; i < join->html.count; i++) {
		struct mime_block block = in->out.blocks[join->html.first + i];

		if (block.kind != MIME_BLOCK_TEXT)
			continue;
		block.is_more_html =
		    plain == NULL && join->plain != NULL && block.html != NULL;
		if (block.html == NULL && join->plain != NULL) {
			/* Plain text between formatted pieces. */
			block.is_more_html = true;
		} else if (plain != NULL) {
			block.plain = plain;
			plain = NULL;
		}
		join_keep(join, block);
	}
	if (join->html.count == 0 && plain != NULL)
		join_keep(join, (struct mime_block){.kind = MIME_BLOCK_TEXT,
		                    .part = plain,
		                    .plain = plain});
}

static void
walk_alternative(
    struct outliner *in, const struct mime_part *part, unsigned depth)
{
	size_t first = in->out.count;
	struct join join = {0};

	for (size_t i = 0; i < part->part_count; i++) {
		const struct mime_part *child = &part->parts[i];
		struct form form = {.first = in->out.count};
		/* Text we do not show (AMP) is no file. */
		if (outline_part_is(child, "text", NULL) &&
		    outline_part_is_odd(child) &&
		    !outline_part_is_calendar(&in->how, child) &&
		    !outline_part_is_contact(child) &&
		    child->disposition != MIME_ATTACHMENT &&
		    text_is_empty(child->name))
			continue;
		walk(in, child, depth + 1);
		form.count = in->out.count - form.first;
		if (form_has(in, form, true))
			join.html = form;
	}
	join.kept = ARENA_ARRAY(
	    in->arena, in->out.count - first + 1, struct mime_block);
	if (join.kept == NULL || in->out.blocks == NULL)
		return;
	join_cards(in, &join, first);
	join_texts(in, &join);
	in->out.count = first;
	for (size_t i = 0; i < join.kept_count; i++)
		(void)block_add(in, join.kept[i]);
}

static void
walk(struct outliner *in, const struct mime_part *part, unsigned depth)
{
	if (depth > LIMIT_MIME_DEPTH)
		in->out.is_cut = true;
	else if (outline_part_is(part, "multipart", "alternative") ||
	         (outline_part_is(part, "multipart", "related") &&
	             is_alternative_in_fact(part)))
		walk_alternative(in, part, depth);
	else if (outline_part_is(part, "multipart", "related"))
		walk_related(in, part, depth);
	else if (outline_part_is(part, "multipart", "signed"))
		walk_signed(in, part, depth);
	else if (outline_part_is(part, "multipart", "encrypted"))
		walk_encrypted(in, part);
	else if (outline_part_is(part, "multipart", "report"))
		walk_report(in, part, depth);
	else if (outline_part_is(part, "multipart", NULL))
		walk_all(in, part, depth);
	else
		walk_leaf(in, part);
}

/* ---- the whole ---- */

static bool
has_text_calendar(const struct mime_part *part, unsigned depth)
{
	if (depth > LIMIT_MIME_DEPTH || mime_outline_is_message(part))
		return false;
	if (outline_part_is(part, "text", "calendar"))
		return true;
	for (size_t i = 0; i < part->part_count; i++) {
		if (has_text_calendar(&part->parts[i], depth + 1))
			return true;
	}
	return false;
}

/* The text of the message: the first without a name, else the first. */
static void
choose_text(struct outliner *in)
{
	const struct mime_block *best = NULL;

	for (size_t i = 0; i < in->out.count; i++) {
		const struct mime_block *block = &in->out.blocks[i];
		if (block->kind == MIME_BLOCK_TEXT &&
		    (best == NULL || (best->is_file && !block->is_file)))
			best = block;
	}
	if (best == NULL)
		return;
	in->out.choice.plain = best->plain;
	in->out.choice.html = best->html;
}

static void
run(struct outliner *in, const struct mime_part *root, bool takes_named)
{
	struct arena *arena = in->arena;

	*in = (struct outliner){
	    .arena = arena, .how = {.takes_named = takes_named}};
	in->how.has_calendar = has_text_calendar(root, 0);
	walk(in, root, 0);
	choose_text(in);
}

enum err_code
mime_outline(const struct mime_part *root, struct arena *arena,
    struct mime_outline *out, struct err *err)
{
	struct outliner in = {.arena = arena};

	run(&in, root, false);
	if (in.out.choice.plain == NULL && in.out.choice.html == NULL)
		run(&in, root, true);
	*out = in.out;
	out->choice.attachments = in.files.parts;
	out->choice.attachment_count = in.files.count;
	out->choice.inline_images = in.images.parts;
	out->choice.inline_image_count = in.images.count;
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This message has too many parts.", "mime: outline");
	return ERR_OK;
}
