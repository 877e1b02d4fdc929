#include "page/page_blocks.h"

#include "base/tr.h"
#include "page/page_message.h"
#include "page/page_time.h"

#define BLOCKS_PEOPLE_MAX 10u
#define BLOCKS_FILES_MAX  100u

bool
page_shows_html(
    const struct page_reading *reading, const struct mime_choice *choice)
{
	bool plain = reading->show.prefer_plain;

	return choice->html != NULL && (!plain || choice->plain == NULL);
}

/* ---- what rows share ---------------------------------------------------- */

enum err_code
blocks_failed(struct blocks *in, struct view *row, enum err_code rc)
{
	/* Of this part only: the rest of the message can be read. */
	if (rc != ERR_LIMIT && rc != ERR_MAIL && rc != ERR_NOT_FOUND)
		return rc;
	in->has_text = true; /* said in its place */
	view_bool(row, "part_failed", true);
	view_word(row, "failed_words",
	    in->err != NULL ? in->err->message : tr("It could not be read."));
	return ERR_OK;
}

bool
blocks_may_read(struct blocks *in, const struct mime_part *part)
{
	bool is_first = in->texts_left == BLOCKS_TEXTS_MAX;

	if (in->texts_left == 0 || (part->bytes > in->bytes_left && !is_first))
		return false;
	in->texts_left--;
	in->bytes_left -=
	    part->bytes < in->bytes_left ? part->bytes : in->bytes_left;
	return true;
}

enum err_code
blocks_read_text(struct blocks *in, struct view *row,
    const struct mime_part *part, struct text *out)
{
	bool is_cut = false;
	enum err_code rc;

	*out = (struct text){{NULL, 0}};
	if (!blocks_may_read(in, part)) {
		in->has_text = true;
		view_bool(row, "is_left_out", true);
		view_set_url(row, "left_out_url",
		    page_part_url(in->req, &in->reading->id, part, false));
		return ERR_OK;
	}
	rc = mail_part_text(&in->mail, &in->reading->id, part,
	    in->reading->show.charset, out, &is_cut, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	view_bool(row, "text_cut", is_cut);
	/* Read, if empty: not what was left out. */
	if (out->s.ptr == NULL)
		*out = TEXT("");
	return ERR_OK;
}

enum err_code
blocks_bytes(struct blocks *in, const struct mime_part *part, size_t max_bytes,
    struct str *out)
{
	*out = (struct str){0};
	if (!blocks_may_read(in, part))
		return err_set(in->err, ERR_LIMIT,
		    "This message has very many or very large parts; not all "
		    "of them are shown.",
		    NULL);
	return mail_part_bytes(
	    &in->mail, &in->reading->id, part, max_bytes, out, in->err);
}

static struct view_url
blocks_mail_url(void *ctx, struct str address)
{
	const struct view_url_param none[] = {{NULL, {0}}};
	struct blocks *in = ctx;

	if (in->req->session->expire_views &&
	    in->mail_links++ >= MESSAGE_WRITE_MAX)
		return view_url_local(in->req->arena, "/compose", none);
	return message_write_url(in->req, "to", address);
}

void
blocks_view_plain(struct blocks *in, struct view *row, struct text text)
{
	struct view_plain how = {.folds = !in->reading->show.is_print,
	    .max_bytes = in->html_left,
	    .mail_url = blocks_mail_url,
	    .ctx = in};
	bool is_cut = false;
	struct html html =
	    view_plain_shown(in->req->arena, text, &how, &is_cut);

	in->html_left -=
	    html.s.len < in->html_left ? html.s.len : in->html_left;
	view_html(row, "plain_body", html);
	if (is_cut)
		view_bool(row, "text_cut", true);
	if (str_trim(text.s).len > 0)
		in->has_text = true;
}

/* ---- attached messages -------------------------------------------------- */

struct text
blocks_people(struct arena *arena, const struct mime_addresses *people)
{
	struct buf out;

	buf_init_arena(&out, arena, (size_t)16 << 10);
	for (size_t i = 0; i < people->count && i < BLOCKS_PEOPLE_MAX; i++) {
		const struct mime_address *one = &people->list[i];
		bool has_name = !text_is_empty(one->name);

		if (i > 0)
			buf_add_c(&out, page_comma());
		buf_add(&out, text_shorten(arena, one->name, 100).s);
		if (text_is_empty(one->address))
			continue;
		buf_add(&out, has_name ? STR(" <") : STR(""));
		buf_add(&out, text_shorten(arena, one->address, 250).s);
		buf_add(&out, has_name ? STR(">") : STR(""));
	}
	if (people->count > BLOCKS_PEOPLE_MAX)
		buf_addf(&out, tr(" and %zu more"),
		    people->count - BLOCKS_PEOPLE_MAX);
	return text_line(arena, buf_str(&out));
}

struct text
blocks_when(struct request *req, int64_t unix_s)
{
	struct arena *arena = req->arena;
	int offset = page_time_offset_minutes(req, unix_s);
	struct text date = page_time_long(req, unix_s);
	int minutes = offset < 0 ? -offset : offset;

	return text_line(
	    arena, str_printf(arena, "%.*s (UTC%c%02d:%02d)", STR_ARG(date.s),
	               offset < 0 ? '-' : '+', minutes / 60, minutes % 60));
}

/* Without a header (nobody told us): its name, or what it is called. */
static void
inner_view_header(
    struct blocks *in, const struct mime_part *part, struct view *row)
{
	struct arena *arena = in->req->arena;
	const struct mime_header *header = part->message;
	struct text subject = header != NULL ? header->subject
	                      : !text_is_empty(part->description)
	                          ? part->description
	                          : part->name;

	view_text(row, "inner_subject", subject);
	view_bool(row, "has_inner_subject", !text_is_empty(subject));
	if (header == NULL)
		return;
	view_text(row, "inner_from", blocks_people(arena, &header->from));
	view_text(row, "inner_to", blocks_people(arena, &header->to));
	view_text(row, "inner_cc", blocks_people(arena, &header->cc));
	if (header->date_s != 0)
		view_text(
		    row, "inner_date", blocks_when(in->req, header->date_s));
}

/* The files of an attached message; messages in it have links of their own. */
static void
message_view_files(struct blocks *in, const struct mime_outline *outline)
{
	struct view *row = view_list_add(in->list);
	struct view_list *files = view_list(row, "inner_files");
	const struct mime_choice *choice = &outline->choice;

	for (size_t i = 0; i < choice->attachment_count && i < BLOCKS_FILES_MAX;
	     i++) {
		const struct mime_part *part = choice->attachments[i];
		struct text name = text_is_empty(part->name)
		                       ? blocks_type(in->req->arena, part)
		                       : part->name;
		struct view *file;

		if (mime_outline_is_message(part))
			continue;
		file = view_list_add(files);
		view_text(file, "file_name", name);
		view_text(
		    file, "file_size", view_size(in->req->arena, part->bytes));
		view_set_url(file, "file_url",
		    page_part_url(in->req, &in->reading->id, part, false));
	}
}

/* What is deeper is shown alone, behind a link. */
static enum err_code
message_view_inside(
    struct blocks *in, const struct mime_part *part, struct view *row)
{
	struct mime_outline outline;
	enum err_code rc;

	if (part->part_count == 0) {
		view_bool(row, "is_inner_unknown", true);
		return ERR_OK;
	}
	if (in->depth >= BLOCKS_DEPTH_MAX || in->texts_left == 0) {
		view_bool(row, "is_inner_alone", true);
		return ERR_OK;
	}
	rc = mime_outline(&part->parts[0], in->req->arena, &outline, in->err);
	if (rc != ERR_OK)
		return rc;
	in->depth++;
	rc = blocks_outline(in, &outline);
	in->depth--;
	if (rc == ERR_OK)
		message_view_files(in, &outline);
	return rc;
}

static enum err_code
blocks_message(struct blocks *in, const struct mime_part *part)
{
	const struct page_reading *reading = in->reading;
	struct view *row = view_list_add(in->list);
	enum err_code rc;

	view_bool(row, "is_inner", true);
	/* What is forwarded without a word is what one came to read. */
	view_bool(row, "is_inner_open",
	    reading->show.is_print || (in->depth == 0 && !in->has_own_text));
	inner_view_header(in, part, row);
	if (part->part_count > 0)
		view_set_url(row, "inner_alone_url",
		    page_show_url(in->req, "/message", &reading->id,
		        &reading->show, "section", part->section));
	view_set_url(row, "inner_url",
	    page_part_url(in->req, &reading->id, part, false));
	rc = message_view_inside(in, part, row);
	view_bool(view_list_add(in->list), "is_inner_end", true);
	return rc;
}

/* ---- all blocks --------------------------------------------------------- */

static enum err_code
blocks_one(struct blocks *in, const struct mime_block *block)
{
	switch (block->kind) {
	case MIME_BLOCK_TEXT:
		return blocks_text(in, block);
	case MIME_BLOCK_CALENDAR:
		return blocks_calendar(in, block->part);
	case MIME_BLOCK_CONTACT:
		return blocks_contacts(in, block->part);
	case MIME_BLOCK_DELIVERY:
		return blocks_delivery(in, block->part);
	case MIME_BLOCK_RECEIPT:
		return blocks_receipt(in, block->part);
	case MIME_BLOCK_FEEDBACK:
		return blocks_feedback(in, block->part);
	case MIME_BLOCK_MESSAGE:
		return blocks_message(in, block->part);
	case MIME_BLOCK_HEADERS:
		return blocks_headers(in, block->part);
	case MIME_BLOCK_TNEF:
		return blocks_tnef(in, block->part);
	case MIME_BLOCK_PARTIAL:
		blocks_partial(in, block->part);
		return ERR_OK;
	case MIME_BLOCK_EXTERNAL:
		blocks_external(in, block->part);
		return ERR_OK;
	case MIME_BLOCK_SIGNED:
	case MIME_BLOCK_ENCRYPTED:
	default:
		blocks_seal(in, block);
		return ERR_OK;
	}
}

enum err_code
blocks_outline(struct blocks *in, const struct mime_outline *outline)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < outline->count && rc == ERR_OK; i++)
		rc = blocks_one(in, &outline->blocks[i]);
	if (outline->is_cut)
		view_bool(view_list_add(in->list), "is_outline_cut", true);
	return rc;
}

/* Whose blocks: of the message, or of one that is attached to it. */
static enum err_code
blocks_root(struct blocks *in, struct str section, const struct mime_part **out)
{
	const struct mime_part *root = in->reading->message.root;
	const struct mime_part *part;

	*out = root;
	if (section.len == 0)
		return ERR_OK;
	part = mime_part_find(root, section);
	if (part == NULL || !mime_outline_is_message(part) ||
	    part->part_count == 0)
		return err_set(in->err, ERR_NOT_FOUND,
		    "This message has no such message in it.", NULL);
	*out = &part->parts[0];
	return ERR_OK;
}

/* Nothing to read, and nothing else that is shown in its place. */
static bool
blocks_are_empty(const struct blocks *in, const struct mime_outline *outline)
{
	for (size_t i = 0; i < outline->count; i++) {
		if (outline->blocks[i].kind != MIME_BLOCK_TEXT)
			return false;
	}
	return !in->has_text && !in->has_frame;
}

enum err_code
page_blocks(struct request *req, const struct page_reading *reading,
    struct str section, struct view *view, struct err *err)
{
	struct blocks in = {.req = req,
	    .reading = reading,
	    .mail = page_mail(req),
	    .view = view,
	    .list = view_list(view, "blocks"),
	    .err = err,
	    .texts_left = BLOCKS_TEXTS_MAX,
	    .bytes_left = BLOCKS_PART_BYTES,
	    .html_left = BLOCKS_HTML_BYTES};
	struct mime_outline outline = {0};
	const struct mime_part *root = NULL;
	enum err_code rc = blocks_root(&in, section, &root);

	if (rc == ERR_OK)
		rc = mime_outline(root, req->arena, &outline, err);
	if (rc == ERR_OK)
		rc = blocks_outline(&in, &outline);
	if (rc != ERR_OK)
		return rc;
	view_bool(view, "has_html", in.has_html);
	view_bool(view, "has_plain", in.has_plain);
	view_bool(view, "has_choice", in.has_choice);
	view_bool(view, "show_html", in.has_frame);
	view_bool(view, "is_incomplete", reading->message.is_incomplete);
	view_bool(view, "is_empty", blocks_are_empty(&in, &outline));
	return ERR_OK;
}
