#include "page/page_files.h"

#include "base/tr.h"
/*
 * So much is fetched, when a message is opened, to see what is in it; of
 * larger ones the viewer tells.
 */
#define FILES_LOOK_BYTES ((size_t)4 << 20)
/* More than these are folded: the text is not far below them. */
#define FILES_OPEN_MAX 6u
/* Images up to this are their own small picture. */
#define FILES_THUMB_BYTES ((uint64_t)300 << 10)

static void
files_add(struct request *req, struct page_files *files, struct page_file file)
{
	files->list = arena_grow(req->arena, files->list, files->count,
	    &files->capacity, sizeof(files->list[0]));
	if (files->list == NULL) {
		files->count = 0;
		return;
	}
	files->list[files->count] = file;
	files->count++;
}

/* What is in a part; nothing when it cannot be read. */
static void
files_add_inners(struct request *req, const struct page_reading *reading,
    const struct mime_part *part, struct page_files *files)
{
	struct page_bundle bundle;

	if (part == NULL || part->bytes > files->look_bytes ||
	    !mime_inner_is_likely(part) ||
	    page_file_bundle(req, &reading->id, part, files->look_bytes,
	        &bundle, NULL) != ERR_OK)
		return;
	/* All of them together: there may be many. */
	files->look_bytes -= part->bytes;
	for (size_t i = 0; i < bundle.inners.count; i++)
		files_add(req, files,
		    page_file_of_inner(req->arena, &reading->id, &bundle, i));
}

static void
files_add_parts(struct request *req, const struct page_reading *reading,
    const struct mime_part *const *parts, size_t count,
    struct page_files *files)
{
	for (size_t i = 0; i < count; i++) {
		files_add(req, files,
		    page_file_of(req->arena, &reading->id, parts[i]));
		/* A text that is a file is not looked into. */
		if (mime_type_of(parts[i])->show != MIME_SHOW_TEXT)
			files_add_inners(req, reading, parts[i], files);
	}
}

static enum err_code
files_root(const struct page_reading *reading, struct str section,
    const struct mime_part **out, struct err *err)
{
	const struct mime_part *part;

	*out = reading->message.root;
	if (section.len == 0)
		return ERR_OK;
	part = mime_part_find(reading->message.root, section);
	if (part == NULL || !str_eq(part->type, STR("message")) ||
	    part->part_count == 0)
		return err_set(err, ERR_INPUT,
		    "This message has no such message attached.", NULL);
	*out = &part->parts[0];
	return ERR_OK;
}

enum err_code
page_files_list(struct request *req, const struct page_reading *reading,
    struct str section, struct page_files *out, struct err *err)
{
	const struct mime_part *root = NULL;
	struct mime_choice choice = {0};
	enum err_code rc = files_root(reading, section, &root, err);

	*out = (struct page_files){.look_bytes = FILES_LOOK_BYTES};
	if (rc == ERR_OK)
		rc = mime_choose(root, req->arena, &choice, err);
	if (rc != ERR_OK)
		return rc;
	files_add_parts(
	    req, reading, choice.attachments, choice.attachment_count, out);
	/* Images of the formatted text are files when it is not shown. */
	if (!page_shows_html(reading, &choice))
		files_add_parts(req, reading, choice.inline_images,
		    choice.inline_image_count, out);
	files_add_inners(req, reading, choice.plain, out);
	return ERR_OK;
}

/* ---- show ---- */

/* Of a JPEG the camera's own, else the image itself when it is small. */
static bool
files_has_thumb(const struct page_file *file)
{
	return file->type->show == MIME_SHOW_IMAGE &&
	       (file->bytes <= FILES_THUMB_BYTES ||
	           strcmp(file->type->type, "image/jpeg") == 0);
}

/* Where "View" leads: the browser shows it, or a page of ours does. */
static void
files_view_show(
    struct request *req, const struct page_file *file, struct view *row)
{
	enum mime_show show = file->type->show;
	bool is_own = show == MIME_SHOW_IMAGE || show == MIME_SHOW_PDF;
	bool is_bundle = !file->has_inner && file->part != NULL &&
	                 mime_inner_is_likely(file->part) &&
	                 show == MIME_SHOW_NOT;

	view_bool(row, "has_view", show != MIME_SHOW_NOT);
	view_bool(row, "has_content", is_bundle);
	if (show != MIME_SHOW_NOT || is_bundle)
		view_set_url(row, "view_url",
		    page_file_url(
		        req, is_own ? "/part" : "/view", file, is_own));
}

/* "PDF document"; what is not known is called as its sender calls it. */
static struct text
files_kind(struct request *req, const struct page_file *file)
{
	const struct mime_part *part = file->part;

	if (file->type->extension[0] != '\0' || file->has_inner ||
	    part == NULL || part->subtype.len == 0 ||
	    str_eq(part->subtype, STR("octet-stream")))
		return tr_text(file->type->words);
	return text_line(
	    req->arena, str_printf(req->arena, tr("%s of the type %.*s/%.*s"),
	                    tr(file->type->words), STR_ARG(part->type),
	                    STR_ARG(str_slice(part->subtype, 0, 60))));
}

void
page_files_view_row(
    struct request *req, const struct page_file *file, struct view *row)
{
	const char *icon = file->type->icon;

	view_text(row, "name", file->name);
	view_text(row, "size", view_size(req->arena, file->bytes));
	view_text(row, "kind", files_kind(req, file));
	view_str(row, "icon",
	    strcmp(icon, "clip") == 0 ? STR("clip")
	                              : str_printf(req->arena, "f-%s", icon));
	view_bool(row, "is_program", file->type->is_program);
	view_bool(row, "has_thumb", files_has_thumb(file));
	view_set_url(
	    row, "thumb_url", page_file_url(req, "/thumb", file, false));
	view_set_url(row, "url", page_file_url(req, "/part", file, false));
	files_view_show(req, file, row);
}

static struct view_url
files_zip_url(
    struct request *req, const struct page_reading *reading, struct str section)
{
	struct page_show bare = reading->show;

	bare.remote = false;
	return page_show_url(req, "/zip", &reading->id, &bare, "section",
	    section.len > 0 ? section : str_of(NULL, 0));
}

enum err_code
page_files(struct request *req, const struct page_reading *reading,
    struct str section, struct view *view, struct err *err)
{
	struct view_list *list = view_list(view, "attachments");
	struct page_files files;
	uint64_t bytes = 0;
	enum err_code rc = page_files_list(req, reading, section, &files, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < files.count; i++) {
		if (__builtin_add_overflow(bytes, files.list[i].bytes, &bytes))
			bytes = UINT64_MAX;
		page_files_view_row(req, &files.list[i], view_list_add(list));
	}
	view_bool(view, "has_attachments", files.count > 0);
	view_bool(view, "has_many", files.count > 1);
	view_bool(view, "files_folded", files.count > FILES_OPEN_MAX);
	view_u64(view, "attachment_count", files.count);
	view_text(view, "attachment_bytes", view_size(req->arena, bytes));
	view_set_url(view, "zip_url", files_zip_url(req, reading, section));
	return ERR_OK;
}
