#include "mime/html_height.h"
#include "mime/mime_enriched.h"
#include "mime/mime_inner.h"
#include "mime/mime_pgp.h"
#include "mime/mime_uu.h"
#include "page/page_blocks.h"
#include "page/page_body.h"

#define STRUCTURE_MAX   60u               /* parts listed under a notice */
#define TNEF_HTML_BYTES ((size_t)1 << 20) /* made plain text */

struct text
blocks_type(struct arena *arena, const struct mime_part *part)
{
	struct str type[3] = {part->type, STR("/"), part->subtype};

	return text_line(arena, str_join(arena, type, 3));
}

/* ---- formatted text ----------------------------------------------------- */

/* So much of a text is looked at for its height. */
#define TEXT_LOOK_BYTES ((size_t)128 << 10)

/* What did not come along with the message is long. */
static void
text_view_height(
    struct blocks *in, struct view *row, const struct mime_part *part)
{
	struct html_height height = {HTML_HEIGHT_STEPS, HTML_HEIGHT_STEPS};

	if (part->content.len > 0)
		height = html_height_of(
		    mime_decode_transfer(in->req->arena, part->encoding,
		        part->content, TEXT_LOOK_BYTES),
		    in->reading->show.remote);
	view_u64(row, "wide_step", height.wide);
	view_u64(row, "narrow_step", height.narrow);
}

/* The page that is printed has the text in it; others have a frame for it. */
static enum err_code
text_view_html(
    struct blocks *in, struct view *row, const struct mime_part *part)
{
	const struct page_reading *reading = in->reading;
	struct page_body body = {.id = &reading->id,
	    .message = &reading->message,
	    .part = part,
	    .show = &reading->show};
	struct page_body_text text;
	enum err_code rc;

	in->has_frame = true;
	in->has_text = true;
	/* Each frame is a request, and a reading of the message. */
	if (in->texts_left == 0)
		return blocks_failed(in, row,
		    err_set(in->err, ERR_LIMIT,
		        "This message has very many parts; not all of them are "
		        "shown.",
		        NULL));
	in->texts_left--;
	view_bool(row, "is_frame", true);
	view_bool(row, "is_lazy", in->depth > 0);
	if (!reading->show.is_print) {
		struct view_url url = page_frame_url(in->req, reading, part);
		view_set_url(row, "frame_url", url);
		text_view_height(in, row, part);
		return ERR_OK;
	}
	rc = page_body_clean(in->req, &body, &text, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	view_html(row, "print_html", text.html.body);
	view_bool(row, "text_cut", text.is_cut || text.html.is_truncated);
	return ERR_OK;
}

/* ---- plain text --------------------------------------------------------- */

/* The text without the files that are written into it. */
static struct text
text_without_files(
    struct blocks *in, struct view *row, struct text text, bool *out_has_some)
{
	struct mime_uu file;
	struct buf out;
	size_t at = 0;

	*out_has_some = false;
	if (!mime_uu_next(text.s, 0, &file))
		return text;
	buf_init_arena(&out, in->req->arena, text.s.len + 1);
	do {
		view_bool(row, file.is_yenc ? "has_yenc" : "has_uu", true);
		buf_add(&out, str_slice(text.s, at, file.start));
		at = file.end;
	} while (mime_uu_next(text.s, at, &file));
	buf_add(&out, str_slice(text.s, at, text.s.len));
	if (out.failed != ERR_OK)
		return text;
	*out_has_some = true;
	return (struct text){buf_str(&out)};
}

static void
text_view_plain(struct blocks *in, struct view *row, struct text text)
{
	struct mime_pgp pgp = mime_pgp_read(in->req->arena, text);
	bool has_files = false;

	view_bool(row, "is_plain_text", true);
	view_bool(row, "has_pgp_signed", pgp.is_signed);
	view_bool(row, "has_pgp_encrypted", pgp.is_encrypted);
	text = text_without_files(in, row, pgp.text, &has_files);
	/* Of the message itself the page says so, once. */
	view_bool(row, "is_blank",
	    in->depth > 0 && str_trim(text.s).len == 0 && !has_files &&
	        !pgp.is_encrypted);
	in->has_text |= has_files || pgp.is_encrypted;
	blocks_view_plain(in, row, text);
}

static enum err_code
text_read_plain(
    struct blocks *in, struct view *row, const struct mime_part *part)
{
	struct text text;
	enum err_code rc = blocks_read_text(in, row, part, &text);

	if (rc != ERR_OK || text.s.ptr == NULL)
		return rc;
	if (str_eq_nocase(part->subtype, STR("enriched")) ||
	    str_eq_nocase(part->subtype, STR("richtext")))
		text = mime_enriched_to_text(in->req->arena, text);
	if (in->depth == 0 && str_trim(text.s).len > 0)
		in->has_own_text = true;
	text_view_plain(in, row, text);
	return ERR_OK;
}

enum err_code
blocks_text(struct blocks *in, const struct mime_block *block)
{
	struct mime_choice choice = {
	    .plain = block->plain, .html = block->html};
	bool shows_html = page_shows_html(in->reading, &choice);
	struct view *row;

	in->has_html |= block->html != NULL;
	in->has_plain |= block->plain != NULL;
	in->has_choice |= block->html != NULL && block->plain != NULL;
	if (block->is_more_html && in->reading->show.prefer_plain)
		return ERR_OK;
	/* Nothing in it: no more than its sender's program's habit. */
	if (block->part->bytes == 0 && !block->is_file)
		return ERR_OK;
	row = view_list_add(in->list);
	view_bool(row, "is_text", true);
	view_text(row, "text_name",
	    block->is_file ? block->part->name : (struct text){0});
	if (shows_html) {
		in->has_own_text |= in->depth == 0;
		return text_view_html(in, row, block->html);
	}
	return text_read_plain(in, row, block->plain);
}

/* winmail.dat: its text, where the message has no other. */
enum err_code
blocks_tnef(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);
	struct mime_inners inners = {0};
	struct text text;
	struct str bytes;
	enum err_code rc;

	view_bool(row, "is_tnef", true);
	if (in->has_tnef)
		return ERR_OK;
	in->has_tnef = true;
	rc = mail_part_bytes(&in->mail, &in->reading->id, part,
	    BLOCKS_TNEF_BYTES, &bytes, in->err);
	if (rc == ERR_OK)
		rc = mime_inner_list(
		    part, bytes, in->req->arena, &inners, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	view_bool(row, "is_tnef_broken", inners.is_broken);
	view_bool(row, "has_tnef_files", inners.count > 0);
	text = inners.text;
	if (text_is_empty(text) && inners.html.len > 0)
		text = mime_html_to_text(in->req->arena,
		    mime_decode_charset(in->req->arena, inners.html_charset,
		        str_slice(inners.html, 0, TNEF_HTML_BYTES))
		        .s);
	if (in->has_text || str_trim(text.s).len == 0)
		return ERR_OK;
	row = view_list_add(in->list);
	view_bool(row, "is_text", true);
	text_view_plain(in, row, text);
	return ERR_OK;
}

/* ---- notices ------------------------------------------------------------ */

static void
structure_add(struct blocks *in, struct view_list *list,
    const struct mime_part *part, unsigned depth, unsigned *left)
{
	struct view *row;

	if (*left == 0 || depth > 8)
		return;
	(*left)--;
	row = view_list_add(list);
	view_str(row, "part_number", part->section);
	view_text(row, "part_type", blocks_type(in->req->arena, part));
	view_text(row, "part_name", part->name);
	if (part->part_count == 0)
		view_text(
		    row, "part_size", view_size(in->req->arena, part->bytes));
	for (size_t i = 0; i < part->part_count; i++)
		structure_add(in, list, &part->parts[i], depth + 1, left);
}

static void
seal_view_kind(const struct mime_part *part, struct view *row)
{
	struct str protocol = mime_outline_param(part, STR("protocol"));
	bool is_pgp = str_starts_nocase(protocol, STR("application/pgp"));
	bool is_smime =
	    mime_outline_pkcs7(part) != MIME_PKCS7_NONE ||
	    str_find_nocase(protocol, STR("pkcs7"), 0) < protocol.len;

	for (size_t i = 0; i < part->part_count && !is_pgp && !is_smime; i++) {
		struct str subtype = part->parts[i].subtype;
		is_pgp = str_starts_nocase(subtype, STR("pgp-"));
		is_smime =
		    str_find_nocase(subtype, STR("pkcs7"), 0) < subtype.len;
	}
	view_bool(row, "is_pgp", is_pgp);
	view_bool(row, "is_smime", is_smime && !is_pgp);
}

void
blocks_seal(struct blocks *in, const struct mime_block *block)
{
	const struct mime_part *part = block->part;
	enum mime_pkcs7 pkcs7 = mime_outline_pkcs7(part);
	struct view *row = view_list_add(in->list);
	unsigned left = STRUCTURE_MAX;

	in->has_text = true;
	view_bool(row, "is_seal", true);
	view_bool(row, "is_signed",
	    block->kind == MIME_BLOCK_SIGNED && pkcs7 == MIME_PKCS7_NONE);
	view_bool(row, "is_wrapped", pkcs7 == MIME_PKCS7_SIGNED);
	view_bool(row, "is_compressed", pkcs7 == MIME_PKCS7_COMPRESSED);
	view_bool(row, "is_sealed", pkcs7 == MIME_PKCS7_UNKNOWN);
	view_bool(row, "is_encrypted",
	    block->kind == MIME_BLOCK_ENCRYPTED &&
	        (pkcs7 == MIME_PKCS7_NONE || pkcs7 == MIME_PKCS7_ENCRYPTED));
	seal_view_kind(part, row);
	structure_add(in, view_list(row, "structure"), part, 0, &left);
	view_set_url(row, "whole_url",
	    page_show_url(in->req, "/source", &in->reading->id,
	        &in->reading->show, "download", STR("1")));
}

void
blocks_partial(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);

	view_bool(row, "is_partial", true);
	view_str(row, "partial_number",
	    str_slice(mime_outline_param(part, STR("number")), 0, 10));
	view_str(row, "partial_total",
	    str_slice(mime_outline_param(part, STR("total")), 0, 10));
}

/* Where it lies may be a trap: it is named as text, never a link. */
void
blocks_external(struct blocks *in, const struct mime_part *part)
{
	static const char *const names[] = {
	    "access-type", "site", "directory", "name", "server", "url", NULL};
	struct view *row = view_list_add(in->list);
	struct view_list *list = view_list(row, "external_facts");

	view_bool(row, "is_external", true);
	for (size_t i = 0; names[i] != NULL; i++) {
		struct str value = mime_outline_param(part, str_c(names[i]));
		struct view *fact;

		if (value.len == 0)
			continue;
		fact = view_list_add(list);
		view_word(fact, "fact_name", names[i]);
		view_str(fact, "fact_value", str_slice(value, 0, 500));
	}
}
